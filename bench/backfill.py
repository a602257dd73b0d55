"""
A backfill of many clinics beside their nights, in a real Airflow: `python -m bench.backfill [--days 30] [--clinics 100]`.

One machine, LocalExecutor, Airflow's database and the ledger on PostgreSQL, the sandbox as the clearinghouse. Every
clinic has a claim from each of three past days and one for tonight. `airflow backfill create` runs for all clinics, two
at a time, while what is there already runs; then all their nights begin. Exit status 0: every claim was taken once,
every run ended well, nobody waited for a lock until the patience ended.
"""

import argparse
import re
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from contextlib import ExitStack, closing
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Final

from include.cli.demo import DELIVER, clinics_with_dags
from include.cli.processes import StackFailed, stop_on_signals
from include.cli.stack import QUICK
from include.sandbox.taken import read_taken
from tests.chaos.referee import judge
from tests.cluster.fifty import bills_of, clinics_of
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
    "COURIER_ACCOUNT_SECONDS": "10",
}
TROUBLE: Final = re.compile(r"lock timeout|deadlock|LedgerUnreachable|database is locked", re.IGNORECASE)
_ENDS_WITHIN_SECONDS: Final = 7200.0
_RUNS: Final = (
    "SELECT run_type, state, count(*), min(start_date), max(end_date) FROM dag_run GROUP BY 1, 2 ORDER BY 1, 2"
)
_TASKS: Final = """
    SELECT regexp_replace(task_id, '^.*[.]', '') AS task, state, count(*), sum((try_number > 1)::int)
    FROM task_instance WHERE state <> 'skipped' GROUP BY 1, 2 ORDER BY 1, 2
"""


@dataclass
class LockMeter(Meter):
    """Counts, at every look, the sessions of PostgreSQL that wait for a lock."""

    stack: StackOnPostgres = field(kw_only=True)
    waiting: list[int] = field(default_factory=list)

    def look(self) -> None:
        """Take down what all have used, and who waits."""
        super().look()
        [(number,)] = self.stack.postgres.ask("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'")
        self.waiting.append(number)


def main() -> int:
    """Play it and print its figures."""
    parser = argparse.ArgumentParser(prog="bench.backfill", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--clinics", type=int, default=100)
    parser.add_argument("--slots", type=int, default=8, help="tasks that run at once")
    parser.add_argument(
        "--side-by-side", type=int, default=10, help="days of a clinic at once; Airflow's default is 10"
    )
    options = parser.parse_args()
    stop_on_signals()
    with ExitStack() as around:
        home = Path(around.enter_context(tempfile.TemporaryDirectory(prefix="courier-backfill-")))
        postgres = around.enter_context(a_postgres_server(free_port()))
        # What waits for a lock for a second is told, and so is every refused statement.
        postgres.run("ALTER ROLE courier SET log_lock_waits = on")
        postgres.run("ALTER ROLE courier SET log_min_messages = error")
        stack = StackOnPostgres(
            home / "home",
            pace={**PACE, "AIRFLOW__CORE__PARALLELISM": str(options.slots)},
            sandbox_options=("--patience", "20"),
            postgres=postgres,
            clinics=clinics_of(options.clinics),
            claims=PAST + 1,
        )
        try:
            with stack:
                return play(stack, options.days, options.side_by_side)
        except StackFailed as failed:
            print(failed)
            return 1


def play(stack: StackOnPostgres, days: int, side_by_side: int) -> int:
    """Backfill every clinic, begin every night, wait for all ends; print what it took and return the exit status."""
    now = datetime.now(UTC)
    first = now.date() - timedelta(days=days)
    stack.prepare_world(now)
    release(stack.home / "practice.db", first, days, len(stack.clinics))
    stack.prepare_airflow(stack.start_sandbox())
    stack.start_airflow()
    clinics_with_dags(stack)
    processes = stack.processes
    with LockMeter(lambda: {name: one.pid for name, one in processes._running.items()}, stack=stack) as meter:
        began = time.monotonic()
        create_backfills(stack, first, now.date(), side_by_side)
        created = time.monotonic() - began
        nights = datetime.now(UTC)
        for clinic in stack.clinics:
            stack.rest.trigger(DELIVER + clinic)
        processes.wait_until(lambda: has_ended(stack), "every run has ended", _ENDS_WITHIN_SECONDS)
        ended = time.monotonic() - began
        meter.look()
    print(
        f"{days} days x {len(stack.clinics)} clinics; {stack.environment()['AIRFLOW__CORE__PARALLELISM']} slots,"
        f" {side_by_side} days of a clinic side by side, {', '.join(f'{k} {v}' for k, v in stack.pace.items())}"
    )
    print(f"  backfills created within {created:.0f} s, two at a time; all ended within {ended:.0f} s")
    return show(stack, meter, nights)


def release(practice: Path, first: date, days: int, clinics: int) -> None:
    """Let each clinic's claims but the last have been released on days of the backfill, spread over all of them."""
    with closing(sqlite3.connect(practice)) as database, database:
        database.execute("UPDATE sessions SET day = date(day, ?)", [f"-{days + 1} days"])
        for number in range(clinics * PAST):
            place, clinic = divmod(number, clinics)
            day = first + timedelta(days=(clinic + place * days // PAST) % days)
            released = datetime(day.year, day.month, day.day, tzinfo=UTC).isoformat(timespec="seconds")
            # Claims were dealt out in turn: claim 1 is the first clinic's, and so are those that follow a round later.
            database.execute(
                "UPDATE claims SET released_at = ? WHERE id % ? = ? AND (id - 1) / ? = ?",
                [released, clinics, clinic, clinics, place],
            )


def create_backfills(stack: StackOnPostgres, first: date, last: date, side_by_side: int) -> None:
    """Run `airflow backfill create` for every clinic, as the runbook does."""
    keys = stack.home / "clinics.txt"
    keys.write_text("\n".join(stack.clinics))
    create = (sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", f"{DELIVER}CLINIC")
    dates = ("--from-date", str(first), "--to-date", str(last), "--max-active-runs", str(side_by_side))
    stack.processes.run("backfill create", "xargs", "-a", str(keys), "-P", "2", "-I", "CLINIC", *create, *dates)


def has_ended(stack: StackOnPostgres) -> bool:
    """Tell whether no run is left, looking every five seconds."""
    time.sleep(5)
    [(open_runs,)] = ask_airflow(stack, "SELECT count(*) FROM dag_run WHERE state IN ('queued', 'running')")
    return open_runs == 0


def ask_airflow(stack: StackOnPostgres, query: str) -> list[tuple[Any, ...]]:
    """Ask Airflow's database."""
    return stack.postgres.ask(query, "airflow")


def show(stack: StackOnPostgres, meter: LockMeter, nights: datetime) -> int:
    """Print what came of it; return 0 where nothing is wrong."""
    runs = ask_airflow(stack, _RUNS)
    for kind, state, number, began, ended in runs:
        span = f"from {(began - nights).total_seconds():+.0f} s to {(ended - nights).total_seconds():+.0f} s"
        print(f"  runs: {number} {kind} {state}, {span} of the nights' beginning")
    for task, state, number, again in ask_airflow(stack, _TASKS):
        print(f"  tasks: {number} {task} {state}, {again} tried again")
    for part, seconds in sorted(meter.cpu.items(), key=lambda item: -item[1]):
        print(f"  {seconds:>8.1f} CPU s  {part}")
    print(f"  {stack.postgres.seconds():>8.1f} CPU s  PostgreSQL (since it began)")
    print(f"  memory at its peak {meter.peak_pss / 2**30:.1f} GiB, what is shared counted once")
    trouble = locks(stack, meter)
    verdict, left = judge(bills_of(stack.home / "practice.db"), stack.taken_log.parent), stuck(stack)
    files = len(list(read_taken(stack.taken_log)))
    print(
        f"  {files} files; lost {len(verdict.lost)}, sent twice {len(verdict.twice)}, stuck {sum(map(len, left.values()))}"
    )
    for line in (*verdict.lost, *verdict.twice, *(line for told in left.values() for line in told)):
        print(f"    {line}")
    is_clean = verdict.is_clean and not left and not trouble and {"success"} == {state for _, state, *_ in runs}
    return 0 if is_clean else 1


def locks(stack: StackOnPostgres, meter: LockMeter) -> int:
    """Print who waited for locks and who gave up; return how often somebody gave up."""
    deadlocks = dict(
        stack.postgres.ask("SELECT datname, deadlocks FROM pg_stat_database WHERE datname IN ('airflow', 'ledger')")
    )
    waits = stack.postgres.log.read_text("utf-8", "replace")
    found = Counter(
        f"{match[0].lower()} in {path.name}"
        for path in (
            stack.postgres.log,
            *(stack.home / "log").glob("*.log"),
            *(stack.home / "airflow" / "logs").rglob("*.log"),
        )
        for match in TROUBLE.finditer(path.read_text("utf-8", "replace"))
    )
    print(
        f"  locks: {len(meter.waiting)} looks, {sum(map(bool, meter.waiting))} saw a session wait, {max(meter.waiting)} at most;"
        f" {waits.count('still waiting for')} waited longer than 1 s; deadlocks {deadlocks}; in logs: {dict(found) or 'nothing'}"
    )
    for message, number in Counter(re.findall(r"ERROR:  (.*)", waits)).most_common(5):
        print(f"    PostgreSQL refused {number} times: {message[:100]}")
    return sum(found.values()) + sum(deadlocks.values())


if __name__ == "__main__":
    sys.exit(main())
