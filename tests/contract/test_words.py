"""What a person says of a claim that has left, and what becomes of the submission that follows."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from include.claims.errors import NotAllowed
from include.claims.model import CancelledClaim, Frequency
from include.claims.states import Delivery, Event, Work
from include.delivery.records import Kind
from tests import builders
from tests.contract.night import BLOCKED, NOW, Night, an_answer, an_order, changed

WHO: dict[str, Any] = {"who": "casey", "why": "called the payer, reference 12"}
ORIGINAL, REPLACEMENT, VOID = Frequency.ORIGINAL, Frequency.REPLACEMENT, Frequency.VOID


def decided(night: Night, event: Event = Event.DENIED, payer_claim_number: str = "") -> str:
    """Send one claim that is answered so; return its control number."""
    batch_id = night.sent(builders.a_claim())
    (number,) = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(number, event, payer_claim_number=payer_claim_number)])
    return number


def again(night: Night, number: str, frequency: Frequency, **words: Any) -> str:
    """Send a claim again as a person wants it."""
    return night.ledger.claims.send_again(number, frequency, **WHO, now=night.now, **words)


def test_a_replacement_goes_with_the_source_s_newest_and_the_payer_s_number(night: Night):
    """Beside a claim that lives; the old submission is done with, and the source's content is due no more."""
    number = decided(night, Event.PAID, payer_claim_number="ICN77")
    night.stage(changed(builders.a_claim()))
    assert Work.REPLACEMENT_DUE is night.line("C-1").work

    following = again(night, number, REPLACEMENT)
    night.stage(changed(builders.a_claim()))
    (batch_id,) = night.seal(an_order("run-2"))

    (sent,) = night.ledger.batches.claims(batch_id)
    assert following == sent.control_number != number
    assert replace(changed(builders.a_claim()), frequency=REPLACEMENT, payer_claim_number="ICN77") == sent.claim
    assert (Work.REPLACED, Work.NOBODY) == (night.line("C-1").work, night.line("C-1", 2).work)
    assert [following] == [one.control_number for one in night.ledger.silence.unsettled()]


def test_a_replacement_that_waits_takes_new_content_and_stays_one(night: Night):
    """The source may mend it once more before the night."""
    number = decided(night, payer_claim_number="ICN77")
    again(night, number, REPLACEMENT)
    night.stage(changed(builders.a_claim()))

    (batch_id,) = night.seal(an_order("run-2"))

    (sent,) = night.ledger.batches.claims(batch_id)
    assert replace(changed(builders.a_claim()), frequency=REPLACEMENT, payer_claim_number="ICN77") == sent.claim


def test_a_void_is_of_what_was_sent_and_goes_although_the_source_took_it_back(night: Night):
    """Neither the cancellation nor a change touches it."""
    number = decided(night, Event.PAID, payer_claim_number="ICN77")
    night.stage(CancelledClaim(source=builders.a_claim().source, key="C-1"))
    assert Work.VOID_DUE is night.line("C-1").work

    again(night, number, VOID)
    night.stage(CancelledClaim(source=builders.a_claim().source, key="C-1"))
    night.stage(changed(builders.a_claim()))
    (batch_id,) = night.seal(an_order("run-2"))

    (sent,) = night.ledger.batches.claims(batch_id)
    assert replace(builders.a_claim(), frequency=VOID, payer_claim_number="ICN77") == sent.claim
    assert Work.VOIDED is night.line("C-1").work


@pytest.mark.parametrize(
    "event", [Event.DENIED, Event.REJECTED_BY_PAYER, Event.REJECTED_BY_CLEARINGHOUSE, Event.UNACCOUNTED]
)
def test_a_dead_claim_goes_again_as_an_original_as_it_is(night: Night, event: Event):
    """An enrollment that was missing is mended elsewhere: nothing changes at the source."""
    again(night, decided(night, event), ORIGINAL)

    (batch_id,) = night.seal(an_order("run-2"))

    assert [builders.a_claim()] == [one.claim for one in night.ledger.batches.claims(batch_id)]


def test_what_the_source_holds_wrong_is_held_for_the_next_one_too(night: Night):
    """A person's word does not make a faulty claim sound."""
    number = decided(night, payer_claim_number="ICN77")
    night.stage(changed(builders.a_claim()), faults=[BLOCKED])

    again(night, number, REPLACEMENT)

    assert Delivery.HELD is night.line("C-1", 2).delivery
    assert [] == night.seal(an_order("run-2"))


@pytest.mark.parametrize(
    ("event", "frequency", "reason"),
    [
        (Event.ACCEPTED_BY_PAYER, ORIGINAL, "duplicate"),
        (Event.PAID, ORIGINAL, "duplicate"),
        (Event.DENIED, REPLACEMENT, "--number"),
        (Event.DENIED, VOID, "--number"),
        (Event.SET_REFUSED, ORIGINAL, "renew"),
    ],
)
def test_what_may_not_go_again_is_refused_and_nothing_changes(night: Night, event, frequency, reason):
    """An original beside a claim that may live; a replacement of a claim whose number nobody knows."""
    number = decided(night, event)
    before = night.lines()

    with pytest.raises(NotAllowed, match=reason):
        again(night, number, frequency)

    assert before == night.lines()


def test_a_payer_s_number_may_come_by_telephone(night: Night):
    """Where no file has told it."""
    again(night, decided(night), REPLACEMENT, payer_claim_number="ICN5")
    (batch_id,) = night.seal(an_order("run-2"))

    assert ["ICN5"] == [one.claim.payer_claim_number for one in night.ledger.batches.claims(batch_id)]


def test_only_the_newest_that_has_left_may_go_again(night: Night):
    """Said twice, it is done once; of what has not left nothing can be said."""
    number = decided(night, payer_claim_number="ICN77")
    following = again(night, number, REPLACEMENT)

    for one in (number, following, "P00000000"):
        with pytest.raises(NotAllowed):
            again(night, one, REPLACEMENT)

    assert 2 == len(night.lines())


def test_a_contradicted_claim_does_not_go_again(night: Night):
    """First somebody finds out which of its answers is true."""
    batch_id = night.sent(builders.a_claim())
    (number,) = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(number, Event.REJECTED_BY_CLEARINGHOUSE)])
    night.respond(batch_id, [an_answer(number, Event.PAID)])

    with pytest.raises(NotAllowed, match="contradict"):
        again(night, number, ORIGINAL)


@pytest.mark.parametrize("word", [Event.WRITTEN_OFF, Event.CLOSED])
def test_a_claim_that_is_closed_is_waited_for_no_more(night: Night, word: Event):
    """Until it is reopened; who and why are kept."""
    number = decided(night)
    assert 1 == len(list(night.ledger.silence.unsettled()))

    night.ledger.claims.say(number, word, **WHO, now=NOW)
    assert [] == list(night.ledger.silence.unsettled())
    night.ledger.claims.say(number, Event.REOPENED, **WHO, now=NOW)

    assert Work.PERSON_MUST_DECIDE is night.line("C-1").work
    assert 1 == len(list(night.ledger.silence.unsettled()))
    assert 2 == sum(one.who == "casey" for one in night.incidents("C-1"))


def test_an_appeal_has_a_clock_of_its_own(night: Night):
    """From the day it was said."""
    number = decided(night)
    night.later(days=3)

    night.ledger.claims.say(number, Event.APPEALED, **WHO, now=night.now)

    (one,) = night.ledger.silence.unsettled()
    assert one.is_appealed
    assert NOW + timedelta(days=3) == one.moments.appeal


def test_a_source_that_says_itself_that_it_replaces_is_believed(night: Night):
    """The same key with frequency 7 is the next submission, not a change that a person must look at."""
    decided(night, Event.PAID, payer_claim_number="ICN77")
    own = replace(changed(builders.a_claim()), frequency=REPLACEMENT, payer_claim_number="ICN77")

    counts = night.stage(own)
    night.stage(own)
    (batch_id,) = night.seal(an_order("run-2"))

    assert (1, 0) == (counts.resubmitted, counts.held)
    assert [own] == [one.claim for one in night.ledger.batches.claims(batch_id)]
    assert Work.REPLACED is night.line("C-1").work


def test_copies_for_a_test_file_are_told_apart(night: Night):
    """The first live submission and the first copy are both the first of their kind."""
    night.stage(builders.a_claim())
    night.seal(an_order("test-1", kind=Kind.TEST))

    (story,) = night.ledger.report.stories("C-1")

    assert ["#1", "T1"] == [chapter.label for chapter in story.chapters]
    assert {"#1", "T1"} == {one.label for one in story.incidents}
