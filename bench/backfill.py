"""
A backfill of many clinics beside their nights, in a real Airflow: `.venv/bin/python -m bench.backfill`.

One machine, LocalExecutor, Airflow's database and the ledger on PostgreSQL, the sandbox as the clearinghouse. Every
clinic has a claim from each of three past days and one for tonight. `airflow backfill create` runs for all clinics, two
at a time, while what is there already runs; then all their nights begin. Exit status 0: every claim was taken once,
every run ended well, and nobody gave up waiting for a lock.
"""

import argparse
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final

from include.cli.demo import DELIVER, clinics_with_dags
from include.cli.processes import StackFailed, stop_on_signals
from include.cli.stack import QUICK
from include.sandbox.taken import read_taken
from tests.chaos.referee import judge
from tests.cluster.clinics import bills_of, clinics_of
from tests.cluster.meter import Meter
from tests.cluster.night import stuck
from tests.cluster.on_postgres import StackOnPostgres
from tests.databases import a_postgres_server
from tests.machine import free_port

PAST: Final = 3
"""Past days on which a clinic released a claim; it releases one more for tonight."""

PACE: Final = {
    **QUICK,
    "COURIER_COURTESY_SECONDS": "900",
    "COURIER_LOOK_SECONDS": "10",
    "COURIER_SLOWEST_LOOK_SECONDS": "60",
    "COURIER_ACCOUNT_SECONDS": "10",
}
TROUBLE: Final = re.compile(r"lock timeout|deadlock|LedgerUnreachable|database is locked", re.IGNORECASE)

_ENDS_WITHIN_SECONDS: Final = 7200.0
_RUNS: Final = """
    SELECT run_type, state, count(*), min(start_date),
        percentile_disc(0.5) WITHIN GROUP (ORDER BY end_date), max(end_date)
    FROM dag_run GROUP BY 1, 2 ORDER BY 1, 2
"""
_TASKS: Final = """
    SELECT regexp_replace(task_id, '^.*[.]', ''), state, count(*), sum((try_number > 1)::int)
    FROM task_instance WHERE state <> 'skipped' GROUP BY 1, 2 ORDER BY 1, 2
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


def main() -> int:
    """Play it and print its figures."""
    parser = argparse.ArgumentParser(prog="bench.backfill", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--clinics", type=int, default=100)
    parser.add_argument("--slots", type=int, default=8, help="tasks that run at once")
    parser.add_argument("--max-active-runs", type=int, default=1, help="days of a clinic at once; Airflow's is 10")
    options = parser.parse_args()
    stop_on_signals()
    with ExitStack() as around:
        home = Path(around.enter_context(tempfile.TemporaryDirectory(prefix="courier-backfill-")))
        postgres = around.enter_context(a_postgres_server(free_port()))
        # Its log names who waits for a lock for longer than a second, and every statement it refused.
        postgres.run("ALTER ROLE courier SET log_lock_waits = on")
        postgres.run("ALTER ROLE courier SET log_min_messages = error")
        stack = around.enter_context(
            StackOnPostgres(
                home / "home",
                pace={**PACE, "AIRFLOW__CORE__PARALLELISM": str(options.slots)},
                sandbox_options=("--patience", "20"),
                postgres=postgres,
                clinics=clinics_of(options.clinics),
                claims=PAST + 1,
            )
        )
        print(f"{options.days} days x {options.clinics} clinics, {len(stack.clinics) * stack.claims} claims")
        print(f"  LocalExecutor, {options.slots} tasks at once; {options.max_active_runs} day(s) of a clinic at once")
        print(f"  {', '.join(f'{name[8:].lower()} {seconds}' for name, seconds in PACE.items())}", flush=True)
        try:
            return play(stack, options.days, options.max_active_runs)
        except StackFailed as failed:
            print(failed)
            return 1


def play(stack: StackOnPostgres, days: int, at_once: int) -> int:
    """Backfill every clinic, begin every night, wait for all ends; print what it took and return the exit status."""
    now = datetime.now(UTC)
    first = now.date() - timedelta(days=days)
    stack.prepare_world(now)
    release(stack, first, days)
    stack.prepare_airflow(stack.start_sandbox())
    stack.start_airflow()
    clinics_with_dags(stack)
    with LockMeter(stack.sessions, stack=stack) as meter:
        began = time.monotonic()
        create_backfills(stack, first, now.date(), at_once)
        print(f"  backfills created within {time.monotonic() - began:.0f} s, two at a time", flush=True)
        nights = datetime.now(UTC)
        for clinic in stack.clinics:
            stack.rest.trigger(DELIVER + clinic)
        stack.processes.wait_until(lambda: has_ended(stack), "every run has ended", _ENDS_WITHIN_SECONDS)
        print(f"  all runs ended within {time.monotonic() - began:.0f} s")
        meter.look()
    return show(stack, meter, nights, (days + 1) * len(stack.clinics))


def release(stack: StackOnPostgres, first: date, days: int) -> None:
    """Let each clinic's claims but the last have been released on days of the backfill, spread over all of them."""
    clinics = len(stack.clinics)
    with closing(sqlite3.connect(stack.home / "practice.db")) as practice, practice:
        practice.execute("UPDATE sessions SET day = date(day, ?)", [f"-{days + 1} days"])
        # Claims were dealt out in turn: the first clinic has claim 1 and the first of every further round.
        for number in range(clinics * PAST):
            place, clinic = divmod(number, clinics)
            day = first + timedelta(days=(clinic + place * days // PAST) % days)
            released = datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat(timespec="seconds")
            practice.execute("UPDATE claims SET released_at = ? WHERE id = ?", [released, number + 1])


def create_backfills(stack: StackOnPostgres, first: date, last: date, at_once: int) -> None:
    """Run `airflow backfill create` for every clinic, as the runbook does."""
    keys = stack.home / "clinics.txt"
    keys.write_text("\n".join(stack.clinics))
    create = (sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", f"{DELIVER}CLINIC")
    dates = ("--from-date", str(first), "--to-date", str(last), "--max-active-runs", str(at_once))
    stack.processes.run("backfill create", "xargs", "-a", str(keys), "-P", "2", "-I", "CLINIC", *create, *dates)


def has_ended(stack: StackOnPostgres) -> bool:
    """Tell whether no run is left, after five seconds."""
    time.sleep(5)
    return not stack.postgres.ask("SELECT 1 FROM dag_run WHERE state IN ('queued', 'running') LIMIT 1", "airflow")


def show(stack: StackOnPostgres, meter: LockMeter, nights: datetime, expected: int) -> int:
    """Print what came of it; return 0 where nothing is wrong."""
    runs = stack.postgres.ask(_RUNS, "airflow")
    for kind, state, number, *moments in runs:
        began, half, ended = (f"{(moment - nights).total_seconds():+.0f} s" for moment in moments)
        print(f"  {number} runs {kind} {state}: from {began} to {ended} of the nights' beginning, half by {half}")
    for name, state, number, again in stack.postgres.ask(_TASKS, "airflow"):
        print(f"  {number:>6} tasks {name} {state}, {again} of them tried again")
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


if __name__ == "__main__":
    sys.exit(main())
