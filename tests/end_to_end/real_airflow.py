"""A running stack as an end-to-end test uses it: runs are started, waited for, cleared and killed by name."""

import json
import os
import signal
import sqlite3
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from include.adapters.ledger import Ledger
from include.claims.states import Delivery
from include.cli.agreement import disagreements
from include.cli.airflow_rest import FINISHED, AirflowRest
from include.cli.processes import StackFailed, _members
from include.cli.stack import Stack
from include.delivery.records import Table
from include.sandbox.taken import TakenFile, read_taken

NIGHT_SECONDS = 240.0
_READING_SECONDS = 3.0


@dataclass(slots=True)
class RealAirflow:
    """Everything a test asks of a running stack."""

    stack: Stack

    @property
    def rest(self) -> AirflowRest:
        """Airflow's API."""
        return self.stack.rest

    @property
    def ledger(self) -> Ledger:
        """The ledger the tasks use."""
        return self.stack.ledger()

    def unpause(self, clinic: str) -> str:
        """Let a clinic's nights run, see the one through that Airflow starts at once, and return the DAG's id."""
        dag_id = f"deliver_claims__{clinic}"
        self.rest.unpause(dag_id)
        self.until(lambda: bool(self.rest.runs(dag_id)), f"{dag_id} has a run")
        self.until_quiet(dag_id)
        return dag_id

    def start(self, dag_id: str, **conf: Any) -> str:
        """Start a run by hand and return its id."""
        return self.rest.trigger(dag_id, conf)

    def night(self, dag_id: str, **conf: Any) -> str:
        """Start a run by hand, wait for its end and return its id."""
        run_id = self.start(dag_id, **conf)
        self.until_finished(dag_id, run_id)
        return run_id

    def receive(self, clinic: str) -> None:
        """Let the clinic's receiving DAG take what has come, until nothing of the clinic is in doubt."""
        dag_id = f"receive_responses__{clinic}"
        self.rest.unpause(dag_id)
        self.until(lambda: bool(self.night(dag_id)) and not self.in_doubt(clinic), f"nothing of {clinic} is in doubt")

    def in_doubt(self, clinic: str) -> bool:
        """Tell whether a claim of the clinic may or may not have left."""
        return any(line.delivery is Delivery.IN_DOUBT for line in self.ledger.report.claim_lines(clinic))

    def state(self, dag_id: str, run_id: str) -> str:
        """Return a run's state."""
        return str(self.rest.run(dag_id, run_id)["state"])

    def tasks(self, dag_id: str, run_id: str, name: str) -> list[dict[str, Any]]:
        """Return the instances of a task by its short name."""
        return [task for task in self.rest.tasks(dag_id, run_id) if task["task_id"].rpartition(".")[2] == name]

    def until_asked(self, dag_id: str, run_id: str, name: str, words: str = "") -> str:
        """Wait until a task asks a person, its log saying why; return what the question shows."""

        def asks() -> bool:
            [task] = self.tasks(dag_id, run_id, name)
            if task["state"] in {"failed", "up_for_retry"}:
                raise StackFailed(f"{name} is {task['state']}:\n{self.log(dag_id, run_id, name, attempt=1)}")
            if task["state"] in {"upstream_failed", "skipped"}:
                raise StackFailed(f"{name} is {task['state']}")
            return task["state"] == "awaiting_input" and words in self.log(dag_id, run_id, name, attempt=1)

        self.until(asks, f"{name} asks")
        return str(self.rest.get(self._question(dag_id, run_id, name))["body"])

    def answer(self, dag_id: str, run_id: str, name: str, option: str, **form: str) -> None:
        """Answer as a person does in the UI."""
        # No person is quicker. What is answered before the scheduler has heard of the parking is lost, and asked anew.
        time.sleep(_READING_SECONDS)
        body = {"chosen_options": [option], "params_input": form}
        self.rest._call("PATCH", f"/api/v2{self._question(dag_id, run_id, name)}", body)

    def _question(self, dag_id: str, run_id: str, name: str) -> str:
        return f"/dags/{dag_id}/dagRuns/{quote(run_id)}/taskInstances/{name}/-1/hitlDetails"

    def keep_connection(self, connection_id: str, **fields: Any) -> None:
        """Add or change a connection, as Admin, Connections does; what is not named stays."""
        known = {one["connection_id"] for one in self.rest.get("/connections?limit=100")["connections"]}
        method, path = ("PATCH", f"/{connection_id}") if connection_id in known else ("POST", "")
        query = f"?{urlencode({'update_mask': list(fields)}, doseq=True)}" if path else ""
        body = {"connection_id": connection_id, "conn_type": "sftp", **fields}
        self.rest._call(method, f"/api/v2/connections{path}{query}", body)

    def restart(self, *components: str) -> None:
        """Kill parts of Airflow at once, and start them again."""
        for name in components:
            self.stack.processes.kill(name)
        for name in components:
            self.stack.start_component(name)
        self.until(self.rest.is_healthy, "Airflow is healthy")

    def until_finished(self, dag_id: str, run_id: str) -> str:
        """Wait for a run's end and return how it ended."""
        self.until(lambda: self.state(dag_id, run_id) in FINISHED, f"{dag_id} {run_id} is finished")
        return self.state(dag_id, run_id)

    def until_quiet(self, dag_id: str) -> None:
        """Wait until every run of a DAG is finished."""
        self.until(lambda: all(run["state"] in FINISHED for run in self.rest.runs(dag_id)), f"{dag_id} is quiet")

    def backfill(self, dag_id: str, *options: str) -> None:
        """Backfill a DAG from Airflow's own command line and wait until Airflow calls it complete."""
        command = (sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", dag_id, *options)
        # The command writes to Airflow's database itself; on SQLite it gives up half-way where the scheduler writes in
        # the same moment. Nothing runs now, so the others may hold still; where one held the lock, nothing was begun.
        for attempt in range(5):
            try:
                with self.others_still():
                    self.stack.processes.run("backfill", *command)
                break
            except StackFailed:
                if attempt == 4:
                    raise
        self.until_quiet(dag_id)
        path = f"/backfills?dag_id={dag_id}"
        self.until(
            lambda: all(backfill["completed_at"] for backfill in self.rest.get(path)["backfills"]), "it is complete"
        )

    @contextmanager
    def others_still(self) -> Iterator[None]:
        """Stop the scheduler, the DAG processor and the triggerer for a moment, as a debugger would."""
        running = self.stack.processes._running
        still = [pid for name in ("scheduler", "dag-processor", "triggerer") for pid in _members(running[name].pid)]
        for pid in still:
            os.kill(pid, signal.SIGSTOP)
        try:
            yield
        finally:
            for pid in still:
                os.kill(pid, signal.SIGCONT)

    def days_backfilled(self, dag_id: str) -> list[datetime]:
        """Return the days of a DAG's backfilled runs, as Airflow dates them."""
        runs = [run for run in self.rest.runs(dag_id) if run["run_type"] == "backfill"]
        return [datetime.fromisoformat(run["logical_date"]) for run in runs]

    def runs_that_sent(self, clinic: str) -> dict[str, datetime]:
        """Return the day of the backfilled run each claim of a clinic was sent by, by claim key."""
        lines = [line for line in self.ledger.report.claim_lines(clinic) if line.run_id.startswith("backfill__")]
        return {line.claim_key: datetime.fromisoformat(line.run_id.removeprefix("backfill__")) for line in lines}

    def released(self, clinic: str) -> dict[str, datetime]:
        """Return when the practice released each claim of a clinic."""
        with closing(sqlite3.connect(self.stack.home / "practice.db")) as practice:
            rows = practice.execute(
                "select claim_no, released_at from claims where clinic_id = ?", (clinic,)
            ).fetchall()
        return {key: datetime.fromisoformat(at) for key, at in rows}

    def until(self, so: Callable[[], bool], what: str) -> None:
        """Wait until something is so; fail with the name of the process that ended."""
        self.stack.processes.wait_until(so, what, NIGHT_SECONDS)

    def misbehave(self, account: str, **how: Any) -> None:
        """Let the clearinghouse do something wrong to one account."""
        self._mood.write_text(json.dumps({"accounts": [account], **how}))

    def behave(self) -> None:
        """Let the clearinghouse do everything right again."""
        self._mood.write_text("{}")

    @property
    def _mood(self) -> Path:
        return self.stack.home / "sandbox" / "misbehave.json"

    def set_mode(self, clinic: str, mode: str) -> None:
        """Change a clinic's mode in the clinic table, as an import would."""
        clinics = self.ledger.clinics
        [row] = [row for row in clinics.rows(Table.CLINIC) if clinic == row["key"]]
        clinics.put(Table.CLINIC, [{**row, "mode": mode}])

    def lose_what_lies(self, account: str) -> None:
        """Let what was put vanish from the account's inbound, unread and unreported."""
        for path in self._inbound(account).iterdir():
            path.unlink()

    def lies_in_inbound(self, account: str) -> bool:
        """Tell whether the account has a file that was begun and not taken away."""
        return any(self._inbound(account).iterdir())

    def _inbound(self, account: str) -> Path:
        return self.stack.home / "sandbox" / "accounts" / account / "inbound"

    def kill(self, dag_id: str, run_id: str, name: str) -> None:
        """Kill a running task at once, as a power cut would."""
        [task] = [task for task in self.tasks(dag_id, run_id, name) if task["state"] == "running"]
        os.kill(int(task["pid"]), signal.SIGKILL)

    @contextmanager
    def ledger_away(self) -> Iterator[None]:
        """Take the ledger's file away, with its journal, and put it back."""
        home, away = self.stack.home, self.stack.home / "away"
        away.mkdir(exist_ok=True)
        names = [path.name for path in home.glob("ledger.db*")]
        for name in names:
            (home / name).rename(away / name)
        # A folder in its place: SQLite would make a new, empty ledger where nothing lies.
        (home / "ledger.db").mkdir()
        try:
            yield
        finally:
            (home / "ledger.db").rmdir()
            for name in names:
                (away / name).rename(home / name)

    def log(self, dag_id: str, run_id: str, name: str, *, attempt: int) -> str:
        """Return what a task wrote at one of its tries."""
        folder = self.stack.home / "airflow" / "logs" / f"dag_id={dag_id}" / f"run_id={run_id}" / f"task_id={name}"
        return (folder / f"attempt={attempt}.log").read_text()

    def taken(self) -> list[TakenFile]:
        """Return what the clearinghouse took, by its own log alone."""
        return [file for file in read_taken(self.stack.taken_log) if file.complete and not file.failed]

    def times_taken(self) -> Counter[str]:
        """Return how often each claim was taken."""
        return Counter(claim.control_number for file in self.taken() for claim in file.claims)

    def disagreements(self, clinic: str) -> list[str]:
        """Return what the ledger and the clearinghouse's log say differently of a clinic's claims."""
        lines = list(self.ledger.report.claim_lines(clinic))
        ours = {line.control_number for line in lines}
        told = disagreements(lines, self.taken())
        return [line for line in told if "unknown to the ledger" not in line or any(number in line for number in ours)]

    def sent(self, clinic: str) -> int:
        """Return how many of a clinic's claims were taken."""
        times = self.times_taken()
        return sum(line.control_number in times for line in self.ledger.report.claim_lines(clinic))
