"""
What a visit costs that finds nothing new, by how `receive_responses` waits: in a real Airflow, at real SFTP servers.

`python -m bench.idle_visits` starts the demo's stack with invented clinics whose `outbound` stays empty, lets each way
visit every clinic once a minute, and prints CPU seconds by part of Airflow, over what the same parts use with all DAGs
paused; worker processes, and rows left in Airflow's database. Both are SQLite; the SFTP server's own time is left out.
"""

import argparse
import csv
import json
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import yaml

from include.cli.processes import _members, stop_on_signals
from include.cli.stack import PROJECT, QUICK, Stack
from include.sandbox.practice_demo import make_demo
from tests.machine import seconds_of
from tests.orchestration.clinic_rows import a_billing_row, a_clinic_row, a_mailbox_row

WAYS = {
    "worker": "cron, a worker for every visit",
    "green": "cron, look in the triggerer, ends there as success",
    "visit": "cron, look in the triggerer, ends there as skipped",
    "watcher": "asset watcher in the triggerer, no runs",
}
PARTS = ("scheduler", "triggerer", "dag-processor", "api-execution", "api-core")
PASSWORD = "sandbox-only"


def main() -> int:
    """Measure every way and print a table."""
    parser = argparse.ArgumentParser(prog="bench.idle_visits", description=__doc__)
    parser.add_argument("--clinics", type=int, default=20)
    parser.add_argument("--seconds", type=int, default=60, help="how long each way is measured")
    parser.add_argument("ways", nargs="*", metavar="WAY", help=f"of {', '.join(WAYS)}")
    options = parser.parse_args()
    stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="idle-visits-") as folder:
        home = Path(folder)
        keys = [f"clinic_{number:03d}" for number in range(options.clinics)]
        settings = write_world(home, keys)
        with Stack(home, pace=environment(home), settings=settings) as stack:
            stack.start(datetime.now(UTC))
            idle = measure(stack, options.seconds)
            head = [*PARTS, "CPU s", "workers", "rows"]
            print(f"{'':<52}{'visits':>7}" + "".join(f"{name:>14}" for name in head))
            print(f"{'all paused, CPU s a minute':<59}" + _cells(idle, 60 / idle.seconds), flush=True)
            for way in options.ways or WAYS:
                report(way, run_way(stack, way, keys, options.seconds), idle)
    return 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Measured:
    """What was used between two moments."""

    seconds: float
    visits: int
    workers: int
    cpu: Mapping[str, float]  # seconds, by part
    rows: Mapping[str, int]  # by table


def run_way(stack: Stack, way: str, keys: list[str], seconds: int) -> Measured:
    """Let one way visit all clinics, and measure it once it runs evenly."""
    file = stack.home / "dags" / f"{way}.py"
    file.write_text(f'"""An Airflow DAG a clinic."""\nfrom bench.idle_visits_dags import build\nbuild("{way}")\n')
    rest, dag_ids = stack.rest, [f"{way}__{key}" for key in keys]
    stack.processes.wait_until(lambda: set(dag_ids) <= rest.dag_ids(), f"the DAGs of {way} are there", 120)
    for dag_id in dag_ids:
        rest.unpause(dag_id)
    # A watcher begins at the first parse that finds its DAG unpaused.
    file.touch()
    time.sleep(90)
    found = measure(stack, seconds)
    for dag_id in dag_ids:
        rest._call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": True})  # noqa: SLF001  # nothing else here pauses
    file.unlink()
    time.sleep(20)
    return found


def measure(stack: Stack, seconds: int) -> Measured:
    """Measure what happens within so many seconds."""
    before, began = _state(stack), time.monotonic()
    time.sleep(seconds)
    after, elapsed = _state(stack), time.monotonic() - began
    return Measured(
        seconds=elapsed,
        visits=after["visits"] - before["visits"],
        workers=after["workers"] - before["workers"],
        cpu={part: after["cpu"][part] - before["cpu"][part] for part in PARTS},
        rows=Counter(after["rows"]) - Counter(before["rows"]),
    )


def _state(stack: Stack) -> dict[str, Any]:
    with closing(sqlite3.connect(stack.home / "airflow" / "airflow.db", timeout=30)) as airflow:
        tables = [name for (name,) in airflow.execute("select name from sqlite_master where type = 'table'")]
        rows = {name: airflow.execute(f'select count(*) from "{name}"').fetchone()[0] for name in tables}
        [(workers,)] = airflow.execute("select count(*) from task_instance where pid is not null")
    with closing(sqlite3.connect(stack.home / "ledger.db", timeout=30)) as ledger:
        [(visits,)] = ledger.execute("select coalesce(sum(token), 0) from account")
    running = stack.processes._running  # noqa: SLF001  # only this bench asks what a part has used
    cpu = {part: sum(map(seconds_of, _members(running[part].pid))) for part in PARTS}
    return {"rows": rows, "workers": workers, "visits": visits, "cpu": cpu}


def report(way: str, found: Measured, idle: Measured) -> None:
    """Print what one visit of a way costs over an Airflow that does nothing."""
    share = found.seconds / idle.seconds
    extra = {part: found.cpu[part] - idle.cpu[part] * share for part in PARTS}
    visits = found.visits or 1
    per_visit = Measured(seconds=found.seconds, visits=found.visits, workers=found.workers, cpu=extra, rows=found.rows)
    print(f"{WAYS[way]:<52}{found.visits:>7}" + _cells(per_visit, 1 / visits))
    print(
        "    rows a visit: " + ", ".join(f"{name} {count / visits:.1f}" for name, count in found.rows.items()),
        flush=True,
    )


def _cells(found: Measured, factor: float) -> str:
    figures = [*found.cpu.values(), sum(found.cpu.values()), found.workers, sum(found.rows.values())]
    return "".join(f"{figure * factor:>14.3f}" for figure in figures)


def environment(home: Path) -> dict[str, str]:
    """Return what the stack's processes are told besides: our DAGs, which are parsed once only."""
    (home / "dags").mkdir(parents=True)
    return {
        **QUICK,
        "AIRFLOW__CORE__DAGS_FOLDER": str(home / "dags"),
        "AIRFLOW__API__MAXIMUM_PAGE_LIMIT": "500",
        "AIRFLOW__DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "3600",
        "AIRFLOW__DAG_PROCESSOR__STALE_DAG_THRESHOLD": "7200",
    }


def write_world(home: Path, keys: list[str]) -> Path:
    """Write clinics, mailboxes, accounts and connections into a folder; return the settings file."""
    make_demo(home, datetime.now(UTC), claims_per_clinic=1)
    tables = {
        "mailboxes": [a_mailbox_row(key) for key in keys],
        "billing_identities": [a_billing_row(key) for key in keys],
        "clinics": [a_clinic_row(key, mailbox_key=key) for key in keys],
    }
    for name, rows in tables.items():
        with (home / f"{name}.csv").open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    (home / "accounts.json").write_text(json.dumps(dict.fromkeys(keys, PASSWORD)))
    settings = yaml.safe_load((PROJECT / "airflow_settings.yaml").read_text("utf-8"))
    connections = settings["airflow"]["connections"]
    template = next(one for one in connections if one["conn_type"] == "sftp")
    ours = [{**template, "conn_id": f"sftp_{key}", "conn_login": key} for key in keys]
    settings["airflow"]["connections"] = [one for one in connections if one["conn_type"] != "sftp"] + ours
    path = home / "settings.yaml"
    path.write_text(yaml.safe_dump(settings))
    return path


if __name__ == "__main__":
    sys.exit(main())
