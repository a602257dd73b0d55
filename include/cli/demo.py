"""
One night for every demo clinic, through a real Airflow and the sandbox clearinghouse, and the life of one claim.

Exit status 0 means one thing: the ledger and the sandbox's own log agree claim by claim. Run again, it sends nothing
that was taken before.
"""

import argparse
import os
import time
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from include.cli.agreement import disagreements, left_behind
from include.cli.airflow_rest import FINISHED, AirflowRest
from include.cli.demo_life import Life, tell
from include.cli.processes import StackFailed, stop_on_signals
from include.cli.stack import Stack
from include.delivery.clinic_table import Mode
from include.delivery.night_report import as_text, night_report
from include.delivery.records import Table
from include.delivery.story import as_text as as_page
from include.sandbox.taken import read_taken

DELIVER, RECEIVE = "deliver_claims__", "receive_responses__"
_NIGHT_SECONDS = 900.0
_BUSY = {
    "running": "",
    "deferred": "(waits without a worker)",
    "up_for_retry": "(to be tried again)",
    "failed": "FAILED",
}


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument(
        "--home", type=Path, default=Path(os.environ.get("COURIER_HOME") or ".courier"), help="where everything is kept"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Run the night and tell whether both sides agree."""
    stop_on_signals()
    began = time.monotonic()
    with Stack(options.home) as stack:
        try:
            deliver_a_night(stack)
        except KeyboardInterrupt:
            print("stopped; nothing is lost, run it again")
            return 130
        except StackFailed as failed:
            show(stack)
            raise failed from None
        status = show(stack)
    print(f"\nDone in {time.monotonic() - began:.0f} s. Everything lies in {stack.home}; make up shows it in Airflow.")
    return status


def deliver_a_night(stack: Stack) -> None:
    """Start everything, run every clinic once and receive what was answered."""
    say("preparing the practice, the ledger and the clearinghouse")
    stack.prepare_world(datetime.now(UTC))
    host_key = stack.start_sandbox()
    say("preparing Airflow")
    stack.prepare_airflow(host_key)
    say("starting Airflow")
    stack.start_airflow()
    clinics = clinics_with_dags(stack)
    say(f"Airflow is up; a night for {len(clinics)} clinics begins")
    fill(stack, clinics)


def fill(stack: Stack, clinics: Sequence[str]) -> None:
    """Run every clinic's night in an Airflow that is up, and receive what is answered."""
    run_all(stack, [DELIVER + key for key in clinics])
    say("the life of one claim")
    tell(_life(stack), say)
    say("receiving what else was answered")
    run_all(stack, [RECEIVE + key for key in clinics])


def _life(stack: Stack) -> Life:
    return Life(
        stack,
        deliver=lambda clinic: run_all(stack, [DELIVER + clinic]),
        receive=lambda clinic: run_all(stack, [RECEIVE + clinic]),
    )


def clinics_with_dags(stack: Stack) -> list[str]:
    """Return the clinics of the table once Airflow shows a DAG for each; raise StackFailed where a row was refused."""
    rest = stack.rest
    rows = stack.ledger().clinics.rows(Table.CLINIC)
    keys = [str(row["key"]) for row in rows if Mode(str(row["mode"])).has_dags]
    wanted = {prefix + key for key in keys for prefix in (DELIVER, RECEIVE)}

    def shown() -> bool:
        if errors := rest.import_errors():
            raise StackFailed("Airflow shows import errors:\n" + "\n".join(errors))
        return wanted <= rest.dag_ids()

    stack.processes.wait_until(shown, "every clinic has its DAGs", 120)
    return keys


def run_all(stack: Stack, dag_ids: Sequence[str]) -> None:
    """Unpause the DAGs, start one run of each by hand, and wait until all their runs are finished."""
    rest = stack.rest
    for dag_id in dag_ids:
        rest.unpause(dag_id)
        rest.trigger(dag_id)
    said: dict[str, str] = {}

    def finished() -> bool:
        open_runs = 0
        for dag_id in dag_ids:
            runs = rest.runs(dag_id)
            open_runs += sum(run["state"] not in FINISHED for run in runs)
            line = progress(rest, dag_id, runs)
            if line and said.get(dag_id) != line:
                said[dag_id] = line
                say(line)
        return open_runs == 0

    stack.processes.wait_until(finished, "every run is finished", _NIGHT_SECONDS)
    failed = [dag_id for dag_id in dag_ids for run in rest.runs(dag_id) if run["state"] == "failed"]
    if failed:
        raise StackFailed(f"runs failed: {', '.join(failed)}; `make up` shows their logs in Airflow")


def progress(rest: AirflowRest, dag_id: str, runs: Sequence[Mapping[str, Any]]) -> str:
    """Return one line on how far a clinic is, or nothing where it waits for its turn."""
    clinic = dag_id.partition("__")[2]
    under_way = [str(run["dag_run_id"]) for run in runs if run["state"] == "running"]
    if all(run["state"] in FINISHED for run in runs):
        return f"  {clinic:<24} {', '.join(sorted({str(run['state']) for run in runs}))}"
    tasks = [task for run_id in under_way for task in rest.tasks(dag_id, run_id) if task["state"] in _BUSY]
    steps = sorted({f"{str(task['task_id']).rpartition('.')[2]} {_BUSY[task['state']]}".strip() for task in tasks})
    return f"  {clinic:<24} {', '.join(steps)}" if steps else ""


def show(stack: Stack) -> int:
    """Print the night report and where both sides differ; return the exit status."""
    ledger = stack.ledger()
    clinics = {str(row["key"]): str(row["mailbox_key"]) for row in ledger.clinics.rows(Table.CLINIC)}
    for story in ledger.report.stories(_life(stack).key):
        print()
        print(as_page(story))
    print()
    print(as_text(night_report(ledger.report, clinics)))
    differences = [
        *left_behind(ledger.report.claim_lines()),
        *disagreements(ledger.report.claim_lines(), read_taken(stack.taken_log)),
    ]
    for line in _verdict(differences, stack):
        print(line)
    return 1 if differences else 0


def _verdict(differences: Sequence[str], stack: Stack) -> Iterator[str]:
    taken = [file for file in read_taken(stack.taken_log) if file.complete and not file.failed]
    claims = sum(len(file.claims) for file in taken)
    yield f"The clearinghouse's own log: {len(taken)} files, {claims} claims taken ({stack.taken_log})."
    if not differences:
        yield "The ledger and the log agree claim by claim: each was taken once, with the verdict the ledger has."
        return
    yield f"THEY DISAGREE on {len(differences)} claims:"
    yield from (f"  {line}" for line in differences)


def say(line: str) -> None:
    """Print one line of progress at once."""
    print(line, flush=True)
