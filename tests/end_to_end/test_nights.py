"""Nights through the real scheduler, over real SFTP, to a clearinghouse that keeps its own log of what it took."""

from datetime import UTC, datetime, timedelta

import pytest

from include.claims.states import BatchStatus, Delivery, FrontEnd, Usage
from include.orchestration.chase_dag import DAG_ID as CHASE
from include.orchestration.doubt_dag import DAG_ID as DOUBT
from include.orchestration.doubt_dag import DID_NOT_ARRIVE, WHY
from tests.databases import let_a_day_pass

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900), pytest.mark.xdist_group("nights")]


def test_a_night_delivers_each_claim_once(airflow):
    """A clinic's claims are taken once, and the answers are applied by the time the run ends."""
    dag_id = airflow.unpause("sample_grove")

    airflow.night(dag_id)

    assert [] == airflow.disagreements("sample_grove")
    assert airflow.sent("sample_grove") > 0
    standing = {line.front_end for line in airflow.ledger.report.claim_lines("sample_grove")}
    assert FrontEnd.ACCEPTED_BY_CLEARINGHOUSE in standing


def test_a_night_with_nothing_pending_ends_after_collecting(airflow):
    """A clinic with nothing pending has a green run whose other tasks are skipped."""
    dag_id = airflow.unpause("placeholder_pines")

    run_id = airflow.night(dag_id)

    assert "success" == airflow.state(dag_id, run_id)
    assert {"skipped"} == {task["state"] for task in airflow.tasks(dag_id, run_id, "upload")} | {"skipped"}
    assert 0 == airflow.sent("placeholder_pines")


def test_clearing_a_finished_run_sends_nothing(airflow):
    """Clearing a finished run with downstream, or any single task of it, changes nothing at the clearinghouse."""
    dag_id = airflow.unpause("sample_grove")
    run_id = next(
        run["dag_run_id"]
        for run in airflow.rest.runs(dag_id)
        if any(task["state"] == "success" for task in airflow.tasks(dag_id, run["dag_run_id"], "upload"))
    )
    before = airflow.times_taken()
    names = sorted({task["task_id"] for task in airflow.rest.tasks(dag_id, run_id)})

    for cleared in (None, *([name] for name in names)):
        airflow.rest.clear(dag_id, run_id, cleared, downstream=cleared is None)
        assert "success" == airflow.until_finished(dag_id, run_id)

    assert all(task["try_number"] > 2 for task in airflow.rest.tasks(dag_id, run_id))
    assert before == airflow.times_taken()


def test_a_backfill_sends_each_claim_once(airflow):
    """Past days are backfilled, each sends what was ready then; backfilled again, whatever they came to, none does."""
    airflow.set_mode("testing_tree", "paused")
    dag_id = airflow.unpause("testing_tree")
    airflow.set_mode("testing_tree", "live")
    today = datetime.now(UTC).date()
    days = ("--from-date", str(today - timedelta(days=5)), "--to-date", str(today))

    # Airflow starts a backfill's runs side by side; one after the other, each finds what was ready on its own day.
    airflow.backfill(dag_id, *days, "--max-active-runs", "1")
    sent_by = airflow.runs_that_sent("testing_tree")
    airflow.night(dag_id)
    first = airflow.times_taken()
    airflow.backfill(dag_id, *days, "--reprocess-behavior", "completed")

    runs = airflow.days_backfilled(dag_id)
    assert len(set(sent_by.values())) >= 3
    released = airflow.released("testing_tree")
    assert {key: min(run for run in runs if run > released[key]) for key in sent_by} == sent_by
    assert first == airflow.times_taken()
    assert {1} == set(first.values())
    assert [] == airflow.disagreements("testing_tree")


def test_a_killed_upload_is_taken_once(airflow):
    """An upload killed in mid-write is completed by its retry, or in doubt until a report names it: taken once."""
    dag_id = "deliver_claims__mockup_valley"
    airflow.misbehave("mockup_valley", write_takes=12.0)
    airflow.rest.unpause(dag_id)
    airflow.until(lambda: airflow.lies_in_inbound("mockup_valley"), "the file is begun")
    run_id = airflow.rest.runs(dag_id)[-1]["dag_run_id"]

    airflow.kill(dag_id, run_id, "upload")
    airflow.behave()
    airflow.until_finished(dag_id, run_id)
    airflow.receive("mockup_valley")
    airflow.night(dag_id)

    assert [] == airflow.disagreements("mockup_valley")
    assert airflow.sent("mockup_valley") > 0


def test_a_killed_scheduler_sends_nothing_twice(airflow):
    """A machine that dies in mid-write, scheduler, workers and all, leaves nothing that is sent twice or lost."""
    dag_id = "deliver_claims__demo_harbor"
    airflow.misbehave("demo_harbor", write_takes=12.0)
    airflow.rest.unpause(dag_id)
    airflow.until(lambda: airflow.lies_in_inbound("demo_harbor"), "the file is begun")

    airflow.stack.processes.kill("scheduler")
    airflow.behave()
    airflow.stack.start_component("scheduler")
    airflow.until_quiet(dag_id)
    airflow.receive("demo_harbor")
    airflow.night(dag_id)

    assert [] == airflow.disagreements("demo_harbor")
    assert airflow.sent("demo_harbor") > 0


def test_what_a_person_must_mend_fails_at_the_first_try(airflow):
    """A form that contradicts itself is not tried again."""
    dag_id = airflow.unpause("sample_grove")

    run_id = airflow.night(dag_id, dry_run=True, test_file=True)

    [task] = airflow.tasks(dag_id, run_id, "collect_claims")
    assert ("failed", 1) == (task["state"], task["try_number"])


def test_before_a_clinic_delivers(airflow):
    """A paused clinic's night is skipped, a dry run renders and sends nothing, and neither changes a claim."""
    airflow.set_mode("example_meadow", "paused")
    dag_id = airflow.unpause("example_meadow")
    paused = airflow.night(dag_id)
    airflow.set_mode("example_meadow", "live")

    dry = airflow.night(dag_id, dry_run=True)

    assert ["skipped"] == [task["state"] for task in airflow.tasks(dag_id, paused, "collect_claims")]
    assert {"success"} == {task["state"] for task in airflow.tasks(dag_id, dry, "render_hcfa")}
    assert {"skipped"} == {task["state"] for task in airflow.tasks(dag_id, dry, "upload")}
    lines = [line for line in airflow.ledger.report.claim_lines("example_meadow") if line.usage is Usage.LIVE]
    assert {Delivery.READY, Delivery.HELD} >= {line.delivery for line in lines}
    assert 0 == airflow.sent("example_meadow")


def test_a_server_that_is_down_is_tried_again(airflow):
    """An upload that finds no server is tried again and delivers when it is back."""
    dag_id = airflow.unpause("example_meadow")
    airflow.stack.processes.kill("sandbox")
    run_id = airflow.start(dag_id, test_file=True)
    airflow.until(
        lambda: any(task["state"] == "up_for_retry" for task in airflow.tasks(dag_id, run_id, "upload")),
        "the upload is to be tried again",
    )

    airflow.stack.start_sandbox()
    ended = airflow.until_finished(dag_id, run_id)

    [task] = airflow.tasks(dag_id, run_id, "upload")
    assert ("success", "success") == (ended, task["state"])
    assert task["try_number"] > 1


def test_a_ledger_that_is_down_is_asked_again(airflow):
    """A task that finds no ledger is tried again, says which ledger it was, and goes on when it is back."""
    dag_id = airflow.unpause("placeholder_pines")
    with airflow.ledger_away():
        run_id = airflow.start(dag_id)
        airflow.until(
            lambda: any(task["state"] == "up_for_retry" for task in airflow.tasks(dag_id, run_id, "collect_claims")),
            "the collecting is to be tried again",
        )

    ended = airflow.until_finished(dag_id, run_id)

    [task] = airflow.tasks(dag_id, run_id, "collect_claims")
    assert ("success", "success") == (ended, task["state"])
    assert task["try_number"] > 1
    assert "LedgerUnreachable" in airflow.log(dag_id, run_id, "collect_claims", attempt=1)


def test_a_doubt_is_settled_by_a_person_in_airflow(airflow):
    """A file that vanished unread: a day later the chase has a person asked, whose word sends its claims once."""
    dag_id = airflow.unpause("example_meadow")
    before = airflow.sent("example_meadow")
    airflow.misbehave("example_meadow", cut_on_open=True)
    run_id = airflow.start(dag_id)
    airflow.until(
        lambda: any(task["state"] == "up_for_retry" for task in airflow.tasks(dag_id, run_id, "upload")),
        "the upload is to be tried again",
    )
    airflow.lose_what_lies("example_meadow")
    airflow.behave()
    assert "failed" == airflow.until_finished(dag_id, run_id)
    [doubted] = [
        batch for batch in airflow.ledger.report.batches("example_meadow") if BatchStatus.BEGUN is batch.status
    ]

    let_a_day_pass(airflow.ledger, doubted.id)
    airflow.rest.unpause(CHASE)
    airflow.night(CHASE)
    asked = f"batch_{doubted.id}__1"
    assert doubted.file_name in airflow.until_asked(DOUBT, asked, "settle")
    airflow.answer(DOUBT, asked, "settle", DID_NOT_ARRIVE, **{WHY: "the help desk has no such file"})
    assert "success" == airflow.until_finished(DOUBT, asked)

    assert before == airflow.sent("example_meadow")
    airflow.night(dag_id)
    assert before + doubted.claim_count == airflow.sent("example_meadow")
    assert [] == airflow.disagreements("example_meadow")
