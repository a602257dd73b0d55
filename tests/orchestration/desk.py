"""
A desk at which a clinic is set up: Airflow's tasks run, questions are answered, and the shell is typed into.

A real ledger and a real server; only Airflow's own side is made here.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from airflow.providers.standard.operators import hitl
from airflow.sdk.exceptions import TaskAwaitingInput

from include.cli.__main__ import main
from include.delivery.onboard_acts import remember, verify
from include.delivery.records import Step
from include.delivery.render import render
from include.delivery.upload import upload
from include.orchestration import onboard_tasks
from include.orchestration.mailboxes import AirflowMailboxes
from include.orchestration.onboard_asks import DAY
from include.orchestration.onboard_tasks import OnboardingStep, collect_test_claims
from include.sandbox.payers import PayerList
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim
from tests.night import ACCOUNT, CLINIC, NOW, PASSWORD, Night, some_claims

NEW = {"mode": "onboarding", "live_since": "", "contact": "billing@example.org", "first_night_claims": "2"}
DONE = "done"


@dataclass
class Desk:
    """Runs a task as Airflow does, and answers what it asks as a person does."""

    night: Night
    sandbox: Sandbox
    monkeypatch: pytest.MonkeyPatch
    asked: dict[str, Any] = field(default_factory=dict)  # the last question
    open_runs: tuple[str, ...] = ()
    form: dict[str, Any] = field(default_factory=dict)  # what the run was started with, beside the clinic

    @property
    def ports(self) -> Any:
        """The world as a task has it: connections are read anew, and the night's run is an hour past."""
        return replace(self.night.ports, mailboxes=AirflowMailboxes(), now=lambda: NOW + timedelta(hours=1))

    def connect(self, **changes: Any) -> None:
        """Let Airflow have the mailbox's connection, with something else where asked for."""
        whole = {
            "conn_type": "sftp",
            "host": self.sandbox.host,
            "port": self.sandbox.port,
            "login": ACCOUNT,
            "password": PASSWORD,
            "extra": {"host_key": self.sandbox.host_key, "sandbox": True},
        }
        self.monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACORN", json.dumps({**whole, **changes}))

    def context(self, run_id: str = "manual__1") -> dict[str, Any]:
        """Return what Airflow gives a task."""
        run = SimpleNamespace(dag_id="onboard_clinic", run_id=run_id, triggering_user_name="casey")
        instance = SimpleNamespace(id="1", get_dr_count=self._count)
        params = {"clinic": CLINIC, DAY: None, **self.form}
        return {"dag_run": run, "params": params, "ti": instance, "task_instance": instance}

    def _count(self, _dag_id: str, *, run_ids: list[str], states: list[str]) -> int:
        return len({*run_ids} & {*self.open_runs}) if states == ["queued", "running"] else 0

    def run(self, step: Step) -> str:
        """Run a step; return how it stands, or the text of what it asks."""
        return self._stands(lambda: _task(step).execute(self.context()))

    def _stands(self, run: Callable[[], Any]) -> str:
        try:
            return str(run()["state"])
        except TaskAwaitingInput:
            return str(self.asked["body"])

    def answer(self, step: Step, option: str, **form: Any) -> str:
        """Answer what a step asked; return how it stands, or what it asks next."""
        event = {
            "chosen_options": [option],
            "params_input": form,
            "responded_at": datetime.now(UTC),
            "responded_by_user": {"id": "1", "name": "robin"},
        }
        return self._stands(lambda: _task(step).execute_complete(self.context(), event))

    def call(self, task: Any, run_id: str = "manual__1") -> Any:
        """Run a plain task in a run."""
        self.monkeypatch.setattr(onboard_tasks, "get_current_context", lambda: self.context(run_id))
        return task(CLINIC)

    def shell(self, *words: str) -> int:
        """Type a command of `./courier` for the same ledger and connections; return its exit status."""
        key = {"conn_type": "generic", "password": self.night.payload_key}
        self.monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_PAYLOAD_KEY", json.dumps(key))
        return main([*words, "--ledger", self.night.url])

    def word(self, step: Step) -> Any:
        """Return what the ledger has last of a step."""
        return [note for note in self.night.ports.ledger.onboarding.notes(CLINIC) if note.step is step][-1]

    def all_but_approved(self) -> None:
        """Go through every step before the last."""
        self.connect()
        verify(CLINIC, "casey", self.ports)
        self.night.hold(some_claims(5))
        [batch_id] = self.call(collect_test_claims)
        render(batch_id, self.ports)
        upload(batch_id, self.ports)
        self.night.until_settled(batch_id)
        remember(CLINIC, Step.HISTORY, self.ports, who="casey", note="none went before")


def _task(step: Step) -> OnboardingStep:
    return OnboardingStep(task_id="step", step=step, clinic_key=CLINIC, patience=timedelta(days=1))


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ledger_url: str) -> Iterator[Desk]:
    """Return the desk of a new clinic whose account the sandbox knows, with nothing done."""
    payers = PayerList(names={a_claim().payer.id: "EXAMPLE PAYER"})
    monkeypatch.delenv("AIRFLOW_CONN_SFTP_ACORN", raising=False)
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1, payers=payers) as sandbox:
        night = Night.prepare(tmp_path, sandbox, url=ledger_url, clinic=NEW, mailbox={"user_name": "a"})
        desk = Desk(night, sandbox, monkeypatch)
        monkeypatch.setattr(onboard_tasks, "ports_for_task", lambda: desk.ports)
        monkeypatch.setattr(hitl, "upsert_hitl_detail", lambda **asked: desk.asked.update(asked))
        yield desk
