"""
Many clinics in one running Airflow, their nights all begun at once: `.venv/bin/python -m bench.nights`.

Every clinic has three claims; the waits are those of production. Before the nights: what it costs to hold so many DAGs
for a minute in which nothing is due, and to read their files again. Exit status 0: every claim was taken once, every
run ended well, and nobody gave up waiting for a lock.
"""

import argparse
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final

from bench.one_airflow import LockMeter, an_airflow, begin_nights, show, wait_for_ends
from include.cli.processes import StackFailed, stop_on_signals
from tests.cluster.meter import Meter
from tests.cluster.on_postgres import StackOnPostgres

_DAGS_A_CLINIC: Final = 2
_IDLE_SECONDS: Final = 60
_READ_SECONDS: Final = 900
_PAGE: Final = 1000


def main() -> int:
    """Play them and print their figures."""
    parser = argparse.ArgumentParser(prog="bench.nights", description=__doc__)
    parser.add_argument("--clinics", type=int, default=1000)
    parser.add_argument("--slots", type=int, default=8, help="tasks that run at once")
    parser.add_argument("--sessions", type=int, default=32, help="slots of pool sftp")
    parser.add_argument("--only-dags", action="store_true", help="end before the nights")
    options = parser.parse_args()
    stop_on_signals()
    try:
        with an_airflow(options.clinics, options.slots, options.sessions, {}) as stack:
            let_dags_appear(stack)
            measure(stack, rest)
            measure(stack, read_again)
            return 0 if options.only_dags else play(stack)
    except StackFailed as failed:
        print(failed)
        return 1


def let_dags_appear(stack: StackOnPostgres) -> None:
    """Start an Airflow that knows no DAG, and print when it knew all."""
    stack.prepare_world(datetime.now(UTC))
    stack.prepare_airflow(stack.start_sandbox())
    stack.start_airflow()
    began, dags = time.monotonic(), _DAGS_A_CLINIC * len(stack.clinics)

    def are_there() -> bool:
        [(number,)] = stack.postgres.ask("SELECT count(*) FROM serialized_dag", "airflow")
        return bool(number >= dags)

    stack.processes.wait_until(are_there, "every clinic has its DAGs", _READ_SECONDS)
    print(f"  {dags} DAGs stood in Airflow {time.monotonic() - began:.0f} s after it was healthy", flush=True)


def measure(stack: StackOnPostgres, work: Callable[[StackOnPostgres], str]) -> None:
    """Print what each part costs meanwhile; the work says what it was."""
    with Meter(stack.sessions) as meter:
        meter.look()
        before, database, began = dict(meter.cpu), stack.postgres.seconds(), time.monotonic()
        what = work(stack)
        meter.look()
        spent = {part: seconds - before[part] for part, seconds in meter.cpu.items()}
        spent["PostgreSQL"] = stack.postgres.seconds() - database
        print(f"  {what}, {time.monotonic() - began:.0f} s; CPU s:", end=" ")
        print(", ".join(f"{part} {seconds:.1f}" for part, seconds in sorted(spent.items())))
        print(f"  memory {meter.peak_pss / 2**30:.1f} GiB, what is shared counted once", flush=True)


def rest(_: StackOnPostgres) -> str:
    """Let a minute pass."""
    time.sleep(_IDLE_SECONDS)
    return "nothing due, no file read again"


def read_again(stack: StackOnPostgres) -> str:
    """Have Airflow read all DAG files again, as *Reparse Dag* does, and wait until it has."""
    [(asked,)] = stack.postgres.ask("SELECT now()", "airflow")
    pages = range(0, _DAGS_A_CLINIC * len(stack.clinics) + _PAGE, _PAGE)
    dags = [dag for start in pages for dag in stack.rest.get(f"/dags?limit={_PAGE}&offset={start}")["dags"]]
    for token in {dag["fileloc"]: dag["file_token"] for dag in dags}.values():
        stack.rest._call("PUT", f"/api/v2/parseDagFile/{token}", {})  # noqa: SLF001  # nothing else asks for it

    def all_are() -> bool:
        return bool(stack.postgres.ask("SELECT min(last_parsed_time) FROM dag", "airflow")[0][0] > asked)

    stack.processes.wait_until(all_are, "every DAG was read again", _READ_SECONDS)
    return "every DAG file read again once"


def play(stack: StackOnPostgres) -> int:
    """Begin every night, wait for all ends; print what it took and return the exit status."""
    with LockMeter(stack.sessions, stack=stack) as meter:
        began = time.monotonic()
        nights = begin_nights(stack)
        print(f"  all nights were begun within {time.monotonic() - began:.0f} s", flush=True)
        wait_for_ends(stack)
        print(f"  and had ended within {time.monotonic() - began:.0f} s")
        meter.look()
    return show(stack, meter, nights, len(stack.clinics))


if __name__ == "__main__":
    sys.exit(main())
