"""Visits through the real triggerer: a worker only where there is work, and red where nobody can listen."""

from datetime import UTC, datetime
from typing import Any

import pytest

from include.claims.errors import LoginRefused

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(600), pytest.mark.xdist_group("nights")]

CLINIC = "placeholder_pines"
DAG = f"receive_responses__{CLINIC}"
TASK = "take_and_apply"


@pytest.fixture(autouse=True, scope="module")
def _listening(airflow):
    """Let the clinic's visits run, and see the one through that Airflow starts at once."""
    airflow.rest.unpause(DAG)
    airflow.until(lambda: bool(airflow.rest.runs(DAG)), f"{DAG} has a run")
    airflow.until_quiet(DAG)


def visit(airflow) -> dict[str, Any]:
    """Visit by hand and return how the task ended."""
    run_id = airflow.night(DAG)
    [task] = airflow.tasks(DAG, run_id, TASK)
    return {**task, "run": airflow.state(DAG, run_id), "log": airflow.rest.log(DAG, run_id, TASK)}


def test_a_worker_comes_only_where_something_is_new(airflow):
    """By hand a visit takes at once; the next ends in the triggerer as skipped, without a process, and says why."""
    outbound = airflow.stack.home / "sandbox" / "accounts" / CLINIC / "outbound"
    (outbound / "1234567890_HCFA_FULL_20260306.txt").write_bytes(b"?")

    first, second = visit(airflow), visit(airflow)

    assert ("success", "success") == (first["state"], first["run"])
    assert first["pid"]
    assert {item.name for item in airflow.ledger.report.set_aside() if item.mailbox_key == CLINIC}
    assert ("skipped", "success", None) == (second["state"], second["run"], second["pid"])
    assert "nothing is new" in second["log"]


def test_a_refused_login_is_red_and_is_not_repeated(airflow):
    """The first try fails and names account and remedy; the next visit is red too, without another login."""
    airflow.misbehave(CLINIC, refuse_logins=True)

    first = visit(airflow)
    airflow.behave()
    second = visit(airflow)

    for found in (first, second):
        assert ("failed", "failed", 1) == (found["state"], found["run"], found["try_number"])
        assert LoginRefused.__name__ in found["log"]
    assert "this login was refused before" in second["log"]
    [account] = [one.account for one in airflow.ledger.accounts.states() if one.account.startswith(CLINIC)]
    airflow.ledger.accounts.reset(account, "Operator Example", datetime.now(UTC))


def test_a_visit_outlives_its_triggerer(airflow):
    """A visit that waits for its account when the triggerer is killed goes on in the next one."""
    accounts = airflow.ledger.accounts
    [account] = [one.account for one in accounts.states() if one.account.startswith(CLINIC)]
    lease = accounts.acquire(account, "another", 120, "")
    run_id = airflow.start(DAG)
    airflow.until(
        lambda: [task["state"] for task in airflow.tasks(DAG, run_id, TASK)] == ["deferred"], "the visit waits"
    )

    airflow.stack.processes.kill("triggerer")
    accounts.release(lease)
    airflow.stack.start_component("triggerer")

    assert "success" == airflow.until_finished(DAG, run_id)
    assert ["skipped"] == [task["state"] for task in airflow.tasks(DAG, run_id, TASK)]
    airflow.until(airflow.rest.is_healthy, "Airflow is healthy")


def test_a_server_that_is_down_is_seen_and_holds_no_worker(airflow):
    """The try fails in the triggerer, Airflow shows that it will come again, and it does."""
    airflow.stack.processes.kill("sandbox")
    run_id = airflow.start(DAG)
    airflow.until(
        lambda: [task["state"] for task in airflow.tasks(DAG, run_id, TASK)] == ["up_for_retry"], "it is to come again"
    )
    assert "not seen" in airflow.rest.log(DAG, run_id, TASK)

    airflow.stack.start_sandbox()

    assert "success" == airflow.until_finished(DAG, run_id)
    [task] = airflow.tasks(DAG, run_id, TASK)
    assert ("skipped", None) == (task["state"], task["pid"])
