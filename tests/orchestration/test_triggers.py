import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from airflow.triggers.base import TaskFailedEvent, TaskSkippedEvent, TriggerEvent

from include.claims.errors import HostKeyMismatch, LeaseHeld, LedgerUnreachable, LoginRefused, ServerUnreachable
from include.delivery.take import digest
from include.orchestration.triggers import AnswerTrigger, VisitTrigger
from tests.orchestration.ports_by_hand import PortsByHand, a_file, always


def a_trigger(*, seen: str = "", seconds: float = 30.0) -> AnswerTrigger:
    """Return a watch that looks without waiting."""
    until = (datetime.now(UTC) + timedelta(seconds=seconds)).isoformat()
    return AnswerTrigger(batch_id=7, mailbox_key="acorn", seen=seen, until=until, every=0.001, slowest=0.002)


def watched(trigger: AnswerTrigger, ports: PortsByHand) -> str:
    """Watch to the end and return why it ended."""
    return asyncio.run(trigger.watch(always(ports)))


def test_a_changed_listing_that_rests_ends_the_watch():
    """A file that is listed with the same size in two looks is there to be taken."""
    ports = PortsByHand(listings=[(), (a_file(),), (a_file(),)])

    assert "changed" == watched(a_trigger(seen=digest(())), ports)
    assert 3 == ports.looks


def test_a_file_that_still_grows_is_left_to_grow():
    """A listing that changes from look to look is watched until it rests."""
    ports = PortsByHand(listings=[(a_file(size=1),), (a_file(size=2),), (a_file(size=3),), (a_file(size=3),)])

    assert "changed" == watched(a_trigger(seen=digest(())), ports)
    assert 4 == ports.looks


def test_what_was_taken_before_ends_no_watch():
    """A listing nobody has changed since the last take is no news."""
    ports = PortsByHand(listings=[(a_file(),)], settled_after=5)

    assert "settled" == watched(a_trigger(seen=digest([a_file()])), ports)


def test_a_batch_another_taker_settled_needs_no_look():
    """Where another clinic's take brought the answer, the ledger alone ends the watch."""
    ports = PortsByHand(settled_after=0)

    assert "settled" == watched(a_trigger(), ports)


@pytest.mark.parametrize("error", [LeaseHeld("another"), ServerUnreachable("no route")])
def test_a_busy_world_ends_no_watch(error):
    """A held account and a server that is down are looked at again."""
    ports = PortsByHand(failures={1: error, 2: error}, listings=[(a_file(),)])

    assert "changed" == watched(a_trigger(), ports)
    assert ports.looks > 3


@pytest.mark.parametrize("error", [LoginRefused("refused"), HostKeyMismatch("another key")])
def test_what_a_person_must_mend_ends_the_watch_at_once(error):
    """A refused login and a strange host key are never tried again by the watch."""
    ports = PortsByHand(failures={1: error})

    assert "repair" == watched(a_trigger(), ports)
    assert 1 == ports.looks


def test_the_watch_ends_with_the_courtesy_time():
    """When the time is over the night goes on without the answer."""
    assert "time over" == watched(a_trigger(seen=digest(()), seconds=0.05), PortsByHand())


def test_the_triggerer_builds_the_same_watch_again():
    """What is stored of a watch is enough to go on with it in another process, and holds no patient data."""
    trigger = a_trigger(seen="abc")

    path, arguments = trigger.serialize()

    assert "include.orchestration.triggers.AnswerTrigger" == path
    assert (path, arguments) == AnswerTrigger(**arguments).serialize()


def visited(ports: PortsByHand) -> TriggerEvent:
    """Visit a clinic's mailboxes and return how it went on."""
    return asyncio.run(VisitTrigger(clinic_key="acorn_aba", every=0.001).visit(always(ports)))


def test_a_visit_without_news_ends_skipped():
    """What the ledger knows costs no worker; skipped, since a success would have the DAG file parsed once more."""
    ports = PortsByHand(listings=[(a_file(),)], taken=(a_file(),))

    assert isinstance(visited(ports), TaskSkippedEvent)
    assert 1 == ports.looks


@pytest.mark.parametrize("file", [a_file(), a_file(size=11), a_file(name="another.txt")])
def test_a_file_the_ledger_does_not_know_goes_to_a_worker(file):
    """A new name, and another content under a known one, are news."""
    ports = PortsByHand(listings=[(file,)], taken=(a_file(size=9),))

    assert TriggerEvent("news") == visited(ports)


@pytest.mark.parametrize("error", [LoginRefused("refused"), HostKeyMismatch("another key")])
def test_what_a_person_must_mend_goes_to_a_worker(error):
    """The task fails with its own words there, at its first try; the look is not repeated."""
    ports = PortsByHand(failures={1: error})

    assert TriggerEvent("repair") == visited(ports)
    assert 1 == ports.looks


@pytest.mark.parametrize("error", [ServerUnreachable("no route"), LedgerUnreachable("no answer")])
def test_a_busy_world_fails_the_try_without_a_worker(error):
    """Airflow shows the try as failed and comes again; a server that is down holds no worker."""
    assert isinstance(visited(PortsByHand(failures={1: error})), TaskFailedEvent)


def test_a_held_account_is_asked_for_again():
    """Clinics that share an account look one after the other; waiting costs no try."""
    ports = PortsByHand(failures={1: LeaseHeld("another"), 2: LeaseHeld("another")})

    assert isinstance(visited(ports), TaskSkippedEvent)
    assert 3 == ports.looks


class OldServerDown(PortsByHand):
    """A world whose old mailbox is on a server that does not answer."""

    def open(self, mailbox: Any):
        """Find no server, or the one that is there."""
        if mailbox.key == "old":
            raise ServerUnreachable("no route")
        return super().open(mailbox)


def test_news_in_one_mailbox_outweighs_a_fault_in_another():
    """A mailbox that cannot be seen keeps nothing waiting that lies in the clinic's other one."""
    world = OldServerDown(listings=[(a_file(),)], answering=("old", "new"))

    assert TriggerEvent("news") == visited(world)


def test_the_triggerer_builds_the_same_visit_again():
    """What the DAG stores of a visit is enough to make it in the triggerer."""
    trigger = VisitTrigger(clinic_key="acorn_aba", every=20.0)

    path, arguments = trigger.serialize()

    assert "include.orchestration.triggers.VisitTrigger" == path
    assert (path, arguments) == VisitTrigger(**arguments).serialize()
