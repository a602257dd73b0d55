"""A doubt settled by Airflow's task, with a real ledger and a real server; only Airflow's side is made here."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.providers.common.compat.sdk import DagRunTriggerException
from airflow.providers.standard.operators import hitl
from airflow.sdk import DAG
from airflow.sdk.exceptions import TaskAwaitingInput

from include.claims.errors import RetryLater
from include.claims.states import BatchStatus, Delivery
from include.delivery.doubt import it_arrived
from include.delivery.render import render
from include.delivery.upload import upload
from include.orchestration import doubt_dag
from include.orchestration.doubt_dag import (
    ARRIVED,
    DID_NOT_ARRIVE,
    KEEP_WAITING,
    WHY,
    SettleDoubt,
    ask_about_doubts,
    doubts_past_deadline,
)
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.night import ACCOUNT, NOW, PASSWORD, Night, some_claims, times_taken

ASKED = "asked"


class Case:
    """A file in doubt, and the task that asks about it; a test lets hours pass."""

    def __init__(self, night: Night, sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
        self.night, self.sandbox, self.monkeypatch = night, sandbox, monkeypatch
        self.hours = 0
        self.question: dict[str, object] = {}
        night.hold(some_claims(3))
        [self.batch_id] = night.collect().batch_ids
        render(self.batch_id, night.ports)
        self.break_off()

    @property
    def ports(self):
        """The world, some hours after the night."""
        return replace(self.night.ports, now=lambda: NOW + timedelta(hours=self.hours))

    def break_off(self) -> None:
        """Begin an upload that breaks, and let the part vanish."""
        self.sandbox.misbehave(Misbehaviour(cut_on_open=True))
        with pytest.raises(RetryLater):
            upload(self.batch_id, self.night.ports)
        self.sandbox.behave()
        for path in self.sandbox.inbound(ACCOUNT).iterdir():
            path.unlink()

    def run(self):
        """Run the task; return what it leaves, or that it asks."""
        return self._ends(lambda task: task.execute(self._context()))

    def answer(self, option: str, why: str = "the help desk looked"):
        """Answer the question as a person does."""
        event = {
            "chosen_options": [option],
            "params_input": {WHY: why},
            "responded_at": datetime.now(UTC),
            "responded_by_user": {"id": "1", "name": "robin"},
        }
        return self._ends(lambda task: task.execute_complete(self._context(), event))

    def _ends(self, run):
        try:
            return run(SettleDoubt(task_id="settle", batch_id=str(self.batch_id), patience=timedelta(days=1)))["status"]
        except TaskAwaitingInput:
            return ASKED

    def _context(self):
        instance = SimpleNamespace(id="1")
        return {"params": {"batch": self.batch_id, WHY: ""}, "ti": instance, "task_instance": instance}

    @property
    def body(self) -> str:
        """The last question's text."""
        return str(self.question["body"])

    def last(self):
        """Return what was said last of the first claim."""
        [story] = self.night.ports.ledger.report.stories("C-0")
        return story.incidents[-1]


@pytest.fixture(name="case")
def _case(tmp_path, ledger_url, monkeypatch):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        case = Case(Night.prepare(tmp_path, sandbox, url=ledger_url), sandbox, monkeypatch)
        monkeypatch.setattr(doubt_dag, "ports_for_task", lambda: case.ports)
        monkeypatch.setattr(hitl, "upsert_hitl_detail", lambda **asked: case.question.update(asked))
        yield case


def test_the_question_shows_what_is_known_and_what_is_not(case):
    """File, size, attempt, both folders, reports, and what each answer does; no patient."""
    assert ASKED == case.run()

    assert "acorn_aba: did CC000001.837P.txt arrive?" == case.question["subject"]
    for words in (
        "3 claims, $303.00",
        "bytes",
        "attempt 1 began on 2026-03-06 04:00 UTC, to acorn@",
        "inbound held no file of that name",
        "outbound held 0 files",
        "0 reports came since",
        "whether it has the whole of it",
        "it has until 2026-03-07 04:00 UTC",
    ):
        assert words in case.body, words
    person = some_claims(1)[0].subscriber
    assert not {person.name.last, person.member_id} & {*case.body.split()}


def test_it_arrived_is_kept_with_who_and_why(case):
    """The claims are sent and wait for their answers."""
    case.run()

    assert BatchStatus.SENT == case.answer(ARRIVED)

    assert "robin says it arrived: the help desk looked" == case.last().words
    assert Delivery.SENT is next(case.night.ports.ledger.report.claim_lines()).delivery


def test_it_did_not_arrive_is_believed_after_the_deadline(case):
    """Before it the question comes again with the reason; after it the claims go as new submissions, once."""
    case.run()
    assert ASKED == case.answer(DID_NOT_ARRIVE)
    assert "an answer may still come until 2026-03-07 04:00 UTC" in case.body

    case.hours = 30
    assert BatchStatus.NOT_ARRIVED == case.answer(DID_NOT_ARRIVE)

    assert {Delivery.NOT_ARRIVED, Delivery.READY} == {
        one.delivery for one in case.night.ports.ledger.report.claim_lines()
    }
    case.night.deliver("night-2")
    case.sandbox.wait_for_taken(1)
    assert {1} == set(times_taken(case.sandbox).values())


def test_an_answer_needs_a_reason(case):
    """One without is asked again, and nothing is recorded."""
    case.run()
    before = case.last()

    assert ASKED == case.answer(ARRIVED, why=" ")

    assert "field *why* is empty" in case.body
    assert before == case.last()


def test_keep_waiting_ends_the_run_and_asks_again_after_a_time(case):
    """The chase starts one run a file once its deadline is over, the same until somebody answered."""
    assert [] == doubts_past_deadline()
    case.hours = 25
    first = [{"trigger_run_id": f"batch_{case.batch_id}__1", "conf": {"batch": case.batch_id}}]
    assert first == doubts_past_deadline() == doubts_past_deadline()
    case.run()

    assert BatchStatus.BEGUN == case.answer(KEEP_WAITING)

    assert ("robin", "the help desk looked") == (case.last().who, case.last().words)
    assert [] == doubts_past_deadline()
    case.hours = 50
    assert [f"batch_{case.batch_id}__2"] == [one["trigger_run_id"] for one in doubts_past_deadline()]
    case.run()
    assert "robin kept waiting on 2026-03-07 05:00 UTC, until 2026-03-08 05:00 UTC: the help desk looked" in case.body


def test_a_report_settles_it_and_nobody_is_asked(case):
    """The file had arrived after all: the look takes the report that names it, and the run ends."""
    batch = case.night.ports.ledger.batches.get(case.batch_id)
    content = case.ports.vault.load(batch.payload_sha256)
    (case.sandbox.inbound(ACCOUNT) / batch.file_name).write_bytes(content)
    case.sandbox.wait_for_answers(ACCOUNT, 2)

    assert BatchStatus.ANSWERED == case.run()

    assert {} == case.question


def test_an_answer_that_comes_too_late_changes_nothing(case):
    """Somebody else has settled it while the question waited: the run ends, and the log says what was not done."""
    case.run()
    it_arrived(case.batch_id, "casey", "support called", case.ports)
    before = case.last()
    case.hours = 30

    assert BatchStatus.SENT == case.answer(DID_NOT_ARRIVE)
    assert BatchStatus.SENT == case.answer(KEEP_WAITING)

    assert before == case.last()


def test_a_part_that_lies_in_inbound_is_shown(case):
    """The upload is pointed to, and that nothing arrived is not believed."""
    batch = case.night.ports.ledger.batches.get(case.batch_id)
    (case.sandbox.inbound(ACCOUNT) / batch.file_name).write_bytes(b"ISA")
    case.hours = 30

    assert ASKED == case.run()
    assert f"inbound held 3 of its {batch.size:,} bytes" in case.body
    assert ASKED == case.answer(DID_NOT_ARRIVE)
    assert "lies in inbound" in case.body


def test_a_server_that_does_not_answer_keeps_nobody_from_being_asked(case):
    """The question says that it was not looked at, and the dangerous answer is refused until it is."""
    case.hours = 30
    case.sandbox.misbehave(Misbehaviour(cut_on_login=True))

    assert ASKED == case.run()
    assert "the server was not looked at on 2026-03-07 10:00 UTC" in case.body
    assert ASKED == case.answer(DID_NOT_ARRIVE)
    case.sandbox.behave()
    assert BatchStatus.NOT_ARRIVED == case.answer(DID_NOT_ARRIVE)


def test_the_chase_starts_the_run_by_its_name_and_batch(case):
    """What Airflow is asked for: this run, this batch, and nothing where the run is there already."""
    case.hours = 25
    with DAG("chase", schedule=None) as dag:
        ask_about_doubts()
    [wanted] = doubts_past_deadline()

    trigger = dag.get_task("ask_about_doubt").unmap({**wanted, "task_id": "ask_about_doubt"})
    with pytest.raises(DagRunTriggerException) as asked:
        trigger.execute({"ti": SimpleNamespace()})

    found = asked.value
    assert ("settle_doubt", f"batch_{case.batch_id}__1", {"batch": case.batch_id}) == (
        found.trigger_dag_id, found.dag_run_id, found.conf,
    )  # fmt: skip
    assert (None, True, False) == (found.logical_date, found.skip_when_already_exists, found.wait_for_completion)
