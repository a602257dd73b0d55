"""
One running Airflow with many clinics on one machine, and what it took until all its runs had ended.

LocalExecutor, Airflow's database and the ledger on PostgreSQL, the sandbox as the clearinghouse, an account a clinic.
"""

import re
import tempfile
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from include.cli.demo import DELIVER
from include.sandbox.taken import read_taken
from tests.chaos.referee import judge
from tests.cluster.clinics import CLAIMS, bills_of, clinics_of
from tests.cluster.meter import Meter
from tests.cluster.night import stuck
from tests.cluster.on_postgres import StackOnPostgres
from tests.databases import a_postgres_server
from tests.machine import free_port

TROUBLE: Final = re.compile(r"lock timeout|deadlock|LedgerUnreachable|database is locked", re.IGNORECASE)
_ENDS_WITHIN_SECONDS: Final = 9000.0
_OPEN: Final = "SELECT 1 FROM dag_run WHERE state IN ('queued', 'running') LIMIT 1"
_RUNS: Final = """
    SELECT run_type, state, count(*), min(start_date),
        percentile_disc(0.5) WITHIN GROUP (ORDER BY end_date), max(end_date)
    FROM dag_run GROUP BY 1, 2 ORDER BY 1, 2
"""
_TASKS: Final = """
    SELECT regexp_replace(task_id, '^.*[.]', ''), state, count(*), sum((try_number > 1)::int),
        percentile_disc(0.5) WITHIN GROUP (ORDER BY end_date), max(end_date)
    FROM task_instance WHERE state <> 'skipped' GROUP BY 1, 2 ORDER BY 6
"""
_WAITING: Final = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
_DEADLOCKS: Final = "SELECT datname, deadlocks FROM pg_stat_database WHERE datname IN ('airflow', 'ledger')"


@dataclass
class LockMeter(Meter):
    """Counts, at every look, the sessions of PostgreSQL that wait for a lock."""

    stack: StackOnPostgres = field(kw_only=True)
    waiting: list[int] = field(default_factory=list)

    def look(self) -> None:
        """Take down what all have used, and how many wait."""
        super().look()
        [(number,)] = self.stack.postgres.ask(_WAITING)
        self.waiting.append(number)


@contextmanager
def an_airflow(
    clinics: int, slots: int, sessions: int, pace: Mapping[str, str], claims: int = CLAIMS
) -> Iterator[StackOnPostgres]:
    """Give a stack that is not started yet: clinics with so many claims each; tasks and, of them, sessions at once."""
    with ExitStack() as around:
        home = Path(around.enter_context(tempfile.TemporaryDirectory(prefix="courier-bench-")))
        postgres = around.enter_context(a_postgres_server(free_port()))
        # Its log names who waits for a lock for longer than a second, and every statement it refused.
        postgres.run("ALTER ROLE courier SET log_lock_waits = on")
        postgres.run("ALTER ROLE courier SET log_min_messages = error")
        stack = StackOnPostgres(
            home / "home",
            pace={**pace, "AIRFLOW__CORE__PARALLELISM": str(slots)},
            sandbox_options=("--patience", "20"),
            postgres=postgres,
            clinics=clinics_of(clinics),
            claims=claims,
            sftp_sessions=sessions,
        )
        print(
            f"{clinics} clinics, {clinics * claims} claims; LocalExecutor, {slots} tasks at once, pool sftp {sessions}",
            flush=True,
        )
        yield around.enter_context(stack)


def begin_nights(stack: StackOnPostgres) -> datetime:
    """Start the night of every clinic, and return when the first began."""
    began = datetime.now(UTC)
    for clinic in stack.clinics:
        stack.rest.trigger(DELIVER + clinic)
    return began


def wait_for_ends(stack: StackOnPostgres) -> None:
    """Wait until no run is left, looking every five seconds."""

    def have_ended() -> bool:
        time.sleep(5)
        return not stack.postgres.ask(_OPEN, "airflow")

    stack.processes.wait_until(have_ended, "every run has ended", _ENDS_WITHIN_SECONDS)


def show(stack: StackOnPostgres, meter: LockMeter, nights: datetime, expected: int) -> int:
    """Print what came of it; return 0 where nothing is wrong."""
    runs = stack.postgres.ask(_RUNS, "airflow")
    for kind, state, number, *moments in runs:
        began, half, ended = after(nights, moments)
        print(f"  {number} runs {kind} {state}: from {began} to {ended} of the nights' beginning, half by {half}")
    for name, state, number, again, *moments in stack.postgres.ask(_TASKS, "airflow"):
        half, ended = after(nights, moments)
        print(f"  {number:>6} tasks {name} {state}, {again} of them tried again; half by {half}, all by {ended}")
    for part, seconds in sorted(meter.cpu.items(), key=lambda item: -item[1]):
        print(f"  {seconds:>8.1f} CPU s  {part}")
    print(f"  {stack.postgres.seconds():>8.1f} CPU s  PostgreSQL (since it began)")
    print(f"  memory at its peak {meter.peak_pss / 2**30:.1f} GiB, what is shared counted once")
    gave_up = show_locks(stack, meter)
    verdict = judge(bills_of(stack.home / "practice.db"), stack.taken_log.parent)
    left = [line for told in stuck(stack).values() for line in told]
    files = sum(1 for _ in read_taken(stack.taken_log))
    print(f"  {files} files taken; lost {len(verdict.lost)}, sent twice {len(verdict.twice)}, stuck {len(left)}")
    for line in (*verdict.lost, *verdict.twice, *left):
        print(f"    {line}")
    ended_well = {"success"} == {state for _, state, *_ in runs} and expected == sum(
        number for _, _, number, *_ in runs
    )
    return 0 if ended_well and verdict.is_clean and not left and not gave_up else 1


def after(nights: datetime, moments: Iterable[datetime]) -> Iterator[str]:
    """Yield how long after the nights' beginning each moment was."""
    return (f"{(moment - nights).total_seconds():+.0f} s" for moment in moments)


def show_locks(stack: StackOnPostgres, meter: LockMeter) -> int:
    """Print who waited for locks and who gave up; return how many gave up."""
    log = stack.postgres.log.read_text("utf-8", "replace")
    deadlocks = dict(stack.postgres.ask(_DEADLOCKS))
    found = Counter(trouble(stack))
    seen, most = sum(map(bool, meter.waiting)), max(meter.waiting)
    print(f"  locks: {seen} of {len(meter.waiting)} looks saw a session wait, {most} at most")
    print(f"  {log.count('still waiting for')} waits longer than 1 s; deadlocks {deadlocks}")
    print(f"  named in a log: {dict(found) or 'nothing'}")
    for message, number in Counter(re.findall(r"ERROR:  (.*)", log)).most_common(5):
        print(f"    PostgreSQL refused {number} times: {message[:90]}")
    return found.total() + sum(deadlocks.values())


def trouble(stack: StackOnPostgres) -> Iterator[str]:
    """Yield what the logs of PostgreSQL, of Airflow's parts and of tasks say of locks nobody got."""
    logs = (stack.postgres.log, *(stack.home / "log").glob("*.log"), *(stack.home / "airflow" / "logs").rglob("*.log"))
    for path in logs:
        with path.open(encoding="utf-8", errors="replace") as lines:
            yield from (f"{match[0].lower()}, {path.name}" for line in lines for match in TROUBLE.finditer(line))
