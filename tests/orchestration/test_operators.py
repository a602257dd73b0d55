from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch

import pytest
from airflow.sdk.exceptions import TaskDeferred

from include.claims.errors import LeaseHeld, LoginRefused, ServerUnreachable
from include.claims.states import Delivery, FrontEnd
from include.delivery.take import Taken
from include.orchestration import operators
from include.orchestration.operators import AwaitAcknowledgement, ReceiveResponses, UploadBatch, counts_of
from include.orchestration.pace import PACE
from tests.orchestration.ports_by_hand import PortsByHand, a_summary


@contextmanager
def a_world(ports: PortsByHand, **calls: Any):
    """Let the operators find these ports and use cases; the real ones are tested without Airflow."""
    with (
        patch.object(operators, "ports_for_task", lambda: ports),
        patch.multiple(operators, **calls),
    ):
        yield


def raising(error: Exception):
    """Return a use case that always raises."""

    def call(*_: Any, **__: Any) -> None:
        raise error

    return call


def test_a_held_account_is_waited_for_without_a_try():
    """An upload that finds its account held is deferred and comes back to the same work."""
    task = UploadBatch(task_id="upload", batch_id=7)

    with a_world(PortsByHand(), upload=raising(LeaseHeld("another"))), pytest.raises(TaskDeferred) as deferred:
        task.execute({})

    assert "execute_again" == deferred.value.method_name
    assert "since" in deferred.value.kwargs


def test_an_account_that_stays_held_costs_a_try_in_the_end():
    """After two hours of waiting the lease is no longer taken for a busy neighbour."""
    task = UploadBatch(task_id="upload", batch_id=7)
    long_ago = (datetime.now(UTC) - PACE.account_patience - timedelta(minutes=1)).isoformat()

    with a_world(PortsByHand(), upload=raising(LeaseHeld("another"))), pytest.raises(LeaseHeld):
        task.execute_again({}, since=long_ago)


def test_a_server_that_is_down_is_left_to_the_retry_table():
    """Only a held account defers; a server that does not answer raises."""
    task = UploadBatch(task_id="upload", batch_id=7)

    with a_world(PortsByHand(), upload=raising(ServerUnreachable("no route"))), pytest.raises(ServerUnreachable):
        task.execute({})


def test_a_settled_batch_is_not_waited_for():
    """Where the verdict is complete nobody goes to the server again."""
    task = AwaitAcknowledgement(task_id="await", batch_id=7)

    with a_world(PortsByHand(settled_after=0), take_and_apply=raising(AssertionError("nobody should look"))):
        counts = task.execute({})

    assert 0 == counts["awaiting"]


def test_an_open_batch_is_watched_without_a_worker():
    """What has not come yet is watched from the listing that was taken last."""
    task = AwaitAcknowledgement(task_id="await", batch_id=7)
    taken = Taken(stored=0, still_growing=0, listing="abc")

    with a_world(PortsByHand(), take_and_apply=lambda *_: taken), pytest.raises(TaskDeferred) as deferred:
        task.execute({})

    assert "abc" == deferred.value.trigger.seen
    assert deferred.value.trigger.until == deferred.value.kwargs["until"]


def test_a_server_that_is_down_ends_no_night():
    """The file is delivered; a server that cannot be read now is watched on."""
    task = AwaitAcknowledgement(task_id="await", batch_id=7)

    with a_world(PortsByHand(), take_and_apply=raising(ServerUnreachable("down"))), pytest.raises(TaskDeferred):
        task.execute({})


def test_a_refused_login_ends_the_wait():
    """What a person must mend is raised, not watched."""
    task = AwaitAcknowledgement(task_id="await", batch_id=7)

    with a_world(PortsByHand(), take_and_apply=raising(LoginRefused("refused"))), pytest.raises(LoginRefused):
        task.execute({})


def test_the_night_ends_awaiting_answers():
    """When the courtesy time is over the task succeeds and says how many claims still wait."""
    task = AwaitAcknowledgement(task_id="await", batch_id=7)
    taken = Taken(stored=0, still_growing=0, listing="abc")

    with a_world(PortsByHand(), take_and_apply=lambda *_: taken):
        counts = task.resume({}, until=datetime.now(UTC).isoformat(), event="time over")

    assert 1 == counts["awaiting"]


def test_one_bad_mailbox_keeps_no_other_waiting():
    """Every mailbox is visited, then what a person must mend is raised first."""
    visited = []

    def take_and_apply(key: str, _ports: Any) -> Taken:
        visited.append(key)
        if key == "old":
            raise ServerUnreachable("down")
        if key == "locked":
            raise LoginRefused("refused")
        return Taken(stored=1, still_growing=0, listing="")

    with (
        a_world(PortsByHand(answering=("old", "locked", "new")), take_and_apply=take_and_apply),
        pytest.raises(LoginRefused),
    ):
        ReceiveResponses(task_id="take", clinic_key="acorn_aba").execute({})

    assert ["old", "locked", "new"] == visited


def test_what_goes_to_xcom_is_ids_and_counts():
    """A batch's counts name no claim and nobody."""
    summary = a_summary(
        by_delivery={Delivery.SENT: 3, Delivery.UNACCOUNTED: 1},
        by_front_end={FrontEnd.ACCEPTED_BY_CLEARINGHOUSE: 2, FrontEnd.REJECTED_BY_CLEARINGHOUSE: 1},
        awaiting=0,
    )

    counts = counts_of(summary)

    assert {"accepted": 2, "rejected": 1, "not_taken": 1, "awaiting": 0}.items() <= counts.items()
    assert {int, str} == {type(value) for value in counts.values()}
