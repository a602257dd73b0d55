"""Which queue a claim stands in: exactly one, wherever it is, if it needs a person."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import product

from include.claims.deadlines import Clock
from include.claims.states import FINISHED, Adjudication, Delivery, FrontEnd, Work
from include.delivery.acts import ACTS
from include.delivery.queues import QUEUES, SILENT, Subject, acts_on, clinics_by_mailbox, totals
from include.delivery.standing import Standing

CLAIM_QUEUES = [one for one in QUEUES.values() if one.subject is Subject.CLAIM]


def standings() -> Iterator[Standing]:
    """Yield every way in which a claim could stand."""
    for delivery, front_end, adjudication, work in product(Delivery, FrontEnd, Adjudication, Work):
        yield Standing(
            clinic_key="harbor", delivery=delivery, front_end=front_end, adjudication=adjudication, work=work,
            contradicted=False, claims=1, charge=Decimal(1),
        )  # fmt: skip


def test_no_claim_stands_in_two_queues():
    """Whoever works one off has not seen it in another."""
    assert {0, 1} == {sum(queue.holds(one) for queue in CLAIM_QUEUES) for one in standings()}


def test_every_claim_that_needs_somebody_stands_in_one():
    """What the overview counts as waiting for a person is found here."""
    waiting = [one for one in standings() if one.work not in FINISHED | {Work.NOBODY}]

    assert all(any(queue.holds(one) for queue in CLAIM_QUEUES if queue.needs_person) for one in waiting)


def test_a_finished_claim_that_has_left_stands_in_none():
    """Written off, closed, replaced or voided, it is worked off."""
    done = [one for one in standings() if one.work in FINISHED and one.delivery is Delivery.SENT]

    assert not any(queue.holds(one) for one in done for queue in CLAIM_QUEUES)


def test_totals_count_claims_and_dollars():
    """Each list of claims, empty ones too."""
    held = [one for one in standings() if one.delivery is Delivery.HELD]

    found = totals(held)

    assert len(held) == found["held"].claims == found["held"].dollars
    assert {queue.name for queue in CLAIM_QUEUES} == found.keys()


def test_every_act_a_queue_offers_is_one_and_on_what_it_lists():
    """A silent claim is a claim; nothing else is two things."""
    for queue in QUEUES.values():
        for name in queue.acts:
            fits = {queue.subject, Subject.CLAIM} if queue.subject is Subject.ALARM else {queue.subject}
            assert ACTS[name].subject in fits, (queue.name, name)


def test_a_claim_offers_the_acts_of_its_queue_and_else_what_may_still_be_said():
    """A paid claim may be replaced or voided, a written-off one opened again, one on its way left alone."""
    sent = a_sent_claim()

    assert QUEUES["held"].acts == acts_on(replace(sent, delivery=Delivery.HELD))
    assert QUEUES["denied"].acts == acts_on(
        replace(sent, adjudication=Adjudication.DENIED, work=Work.PERSON_MUST_DECIDE)
    )
    assert {"replacement", "void"} < set(acts_on(replace(sent, adjudication=Adjudication.PAID)))
    assert ("open",) == acts_on(replace(sent, work=Work.WRITTEN_OFF))
    assert () == acts_on(replace(sent, delivery=Delivery.BATCHED))


def a_sent_claim() -> Standing:
    """Return a claim that nobody has answered."""
    first = (Delivery.SENT, FrontEnd.NONE, Adjudication.NONE, Work.NOBODY)
    return next(one for one in standings() if first == (one.delivery, one.front_end, one.adjudication, one.work))


def test_every_clock_has_a_few_words():
    """A silent claim says what it waits for."""
    assert set(Clock) == SILENT.keys()


def test_a_mailbox_shows_to_who_sees_all_its_clinics():
    """What lies in it may be of any; one that its clinics have left shows to who sees every clinic."""
    clinics = [{"key": key, "mailbox_key": box} for key, box in (("a", "shared"), ("b", "shared"), ("c", "own"))]
    boxes = [{"key": key} for key in ("shared", "own", "old")]

    assert {"own": {"c"}} == clinics_by_mailbox(clinics, boxes, {"a", "c"})
    assert {"shared", "own", "old"} == clinics_by_mailbox(clinics, boxes, {"a", "b", "c"}).keys()
