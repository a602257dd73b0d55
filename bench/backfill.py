"""
A backfill of many clinics beside their nights, in a real Airflow: `.venv/bin/python -m bench.backfill`.

Every clinic has a claim from each of three past days and one for tonight. `airflow backfill create` runs for all
clinics, two at a time, while what is there already runs; then all their nights begin. Exit status 0: every claim was
taken once, every run ended well, and nobody gave up waiting for a lock.
"""

import argparse
import sqlite3
import sys
import time
from contextlib import closing
from datetime import UTC, date, datetime, timedelta
from typing import Final

from bench.one_airflow import LockMeter, an_airflow, begin_nights, show, wait_for_ends
from include.cli.demo import DELIVER, clinics_with_dags
from include.cli.processes import StackFailed, stop_on_signals
from include.cli.stack import QUICK
from tests.cluster.on_postgres import StackOnPostgres

PAST: Final = 3
"""Past days on which a clinic released a claim; it releases one more for tonight."""

PACE: Final = {
    **QUICK,
    "COURIER_COURTESY_SECONDS": "900",
    "COURIER_LOOK_SECONDS": "10",
    "COURIER_SLOWEST_LOOK_SECONDS": "60",
    "COURIER_ACCOUNT_SECONDS": "10",
}


def main() -> int:
    """Play it and print its figures."""
    parser = argparse.ArgumentParser(prog="bench.backfill", description=__doc__)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--clinics", type=int, default=100)
    parser.add_argument("--slots", type=int, default=8, help="tasks that run at once")
    parser.add_argument("--sessions", type=int, default=8, help="slots of pool sftp")
    parser.add_argument("--max-active-runs", type=int, default=1, help="days of a clinic at once; Airflow's is 10")
    options = parser.parse_args()
    stop_on_signals()
    try:
        with an_airflow(options.clinics, options.slots, options.sessions, PACE, claims=PAST + 1) as stack:
            print(f"  {options.days} days; {options.max_active_runs} day(s) of a clinic at once")
            print(f"  {', '.join(f'{name[8:].lower()} {seconds}' for name, seconds in PACE.items())}", flush=True)
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
        nights = begin_nights(stack)
        wait_for_ends(stack)
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


if __name__ == "__main__":
    sys.exit(main())
