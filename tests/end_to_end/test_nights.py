"""Nights through the real scheduler, over real SFTP, to a clearinghouse that keeps its own log of what it took."""

import sys
from datetime import UTC, datetime, timedelta

import pytest

from include.claims.states import FrontEnd

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900)]


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
        run["dag_run_id"] for run in airflow.rest.runs(dag_id) if airflow.tasks(dag_id, run["dag_run_id"], "upload")
    )
    before = airflow.times_taken()
    names = sorted({task["task_id"] for task in airflow.rest.tasks(dag_id, run_id)})

    for cleared in (None, *([name] for name in names)):
        airflow.rest.clear(dag_id, run_id, cleared, downstream=cleared is None)
        assert "success" == airflow.until_finished(dag_id, run_id)

    assert before == airflow.times_taken()


def test_a_backfill_sends_each_claim_once(airflow):
    """Three past days are backfilled, then again whatever they came to, and no claim goes twice."""
    dag_id = "deliver_claims__mockup_valley"
    airflow.rest.unpause(dag_id)
    today = datetime.now(UTC).date()
    dates = ("--from-date", str(today - timedelta(days=4)), "--to-date", str(today - timedelta(days=1)))
    command = (sys.executable, "-m", "airflow", "backfill", "create", "--dag-id", dag_id, *dates)

    airflow.stack.processes.run("backfill", *command)
    airflow.until_quiet(dag_id)
    airflow.night(dag_id)
    first = airflow.times_taken()
    airflow.stack.processes.run("backfill-again", *command, "--reprocess-behavior", "completed")
    airflow.until_quiet(dag_id)

    assert first == airflow.times_taken()
    assert {1} == set(first.values())
    assert [] == airflow.disagreements("mockup_valley")


def test_a_killed_upload_is_taken_once(airflow):
    """An upload killed in mid-write is finished by its retry: the file is completed, each claim is taken once."""
    dag_id = "deliver_claims__example_meadow"
    airflow.misbehave("example_meadow", stall_after=1000)
    airflow.rest.unpause(dag_id)
    airflow.until(lambda: airflow.lies_in_inbound("example_meadow"), "some bytes have left")
    run_id = airflow.rest.runs(dag_id)[-1]["dag_run_id"]

    airflow.misbehave("example_meadow")
    airflow.kill(dag_id, run_id, "upload")
    ended = airflow.until_finished(dag_id, run_id)
    airflow.night(dag_id)

    assert "success" == ended
    assert [] == airflow.disagreements("example_meadow")
    assert airflow.sent("example_meadow") > 0


def test_a_killed_scheduler_sends_nothing_twice(airflow):
    """A machine that dies in mid-write, scheduler, workers and all, leaves nothing that is sent twice or lost."""
    dag_id = "deliver_claims__demo_harbor"
    airflow.misbehave("demo_harbor", stall_after=1000)
    airflow.rest.unpause(dag_id)
    airflow.until(lambda: airflow.lies_in_inbound("demo_harbor"), "some bytes have left")

    airflow.stack.processes.kill("scheduler")
    airflow.misbehave("demo_harbor")
    airflow.stack.start_component("scheduler")
    airflow.until_quiet(dag_id)
    airflow.night(dag_id)

    assert [] == airflow.disagreements("demo_harbor")
    assert airflow.sent("demo_harbor") > 0


def test_what_a_person_must_mend_fails_at_the_first_try(airflow):
    """A form that contradicts itself is not tried again."""
    dag_id = airflow.unpause("sample_grove")

    run_id = airflow.night(dag_id, dry_run=True, test_file=True)

    [task] = airflow.tasks(dag_id, run_id, "collect_claims")
    assert ("failed", 1) == (task["state"], task["try_number"])


def test_a_server_that_is_down_is_tried_again(airflow):
    """An upload that finds no server is tried again and delivers when it is back."""
    dag_id = airflow.unpause("testing_tree")
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


def test_a_dry_run_sends_nothing(airflow):
    """A dry run renders copies and ends there; no claim changes."""
    dag_id = airflow.unpause("sample_grove")
    before = (airflow.times_taken(), list(airflow.ledger.report.claim_lines("sample_grove")))

    run_id = airflow.night(dag_id, dry_run=True)

    lines = [line for line in airflow.ledger.report.claim_lines("sample_grove") if line.usage == "live"]
    assert "success" == airflow.state(dag_id, run_id)
    assert before[0] == airflow.times_taken()
    assert [line for line in before[1] if line.usage == "live"] == lines


def test_no_patient_is_named_in_anything_airflow_wrote(airflow):
    """After all these nights no first name of the practice stands in a log, in XCom or anywhere in Airflow's home."""
    from include.sandbox.practice_people import FIRST_NAMES

    files = [path for folder in ("airflow", "log") for path in (airflow.stack.home / folder).rglob("*")]

    named = [
        (path.name, name)
        for path in files
        if path.is_file()
        for name in FIRST_NAMES
        if name.encode() in path.read_bytes().upper()
    ]

    assert [] == named
