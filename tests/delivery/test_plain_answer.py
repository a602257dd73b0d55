"""Why a claim is not paid, in one sentence, for every state it can be in."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from itertools import product

import pytest

from include.claims.model import Frequency
from include.claims.states import Adjudication, Delivery, Event, FrontEnd, Usage, Work
from include.delivery.box_faults import BY_ENTITY, BY_REASON, BY_STATUS, whats_wrong
from include.delivery.plain_answer import AT_THE_FRONT, DECIDED, DUE, ON_ITS_WAY, Tone, plain_answer
from include.delivery.records import Chapter, ClaimLine, Incident, Paid, Posted, Story
from include.hcfa.marks import items_of
from include.x12.adjustment_codes import REASONS, REMARKS
from include.x12.claim_status_codes import ENTITIES, STATUSES
from tests import builders
from tests.contract.night import BLOCKED

pytestmark = pytest.mark.pure

NOW = datetime(2026, 3, 6, tzinfo=UTC)


def a_line(**changes) -> ClaimLine:
    """Return where a sent claim stands."""
    line = ClaimLine(
        clinic_key="harbor", source="s", claim_key="C-1", control_number="N1", usage=Usage.LIVE, delivery=Delivery.SENT,
        front_end=FrontEnd.NONE, work=Work.NOBODY, contradicted=False, reasons=(), charge=Decimal(240), file_name="f",
        run_id="r",
    )  # fmt: skip
    return replace(line, **changes)


def a_story(*incidents: Incident, holds=(), **line) -> Story:
    """Return the story of a claim that stands so."""
    chapter = Chapter(
        line=a_line(**line), label="#1", frequency=Frequency.ORIGINAL, asked_by="", replaces="",
        clearinghouse_claim_id="", payer_claim_number="", claim=builders.a_claim(), held_by=holds,
    )  # fmt: skip
    return Story(clinic_key="harbor", source="s", claim_key="C-1", chapters=(chapter,), incidents=incidents)


def an_incident(event: Event, *codes: str, words: str = "", money=()) -> Incident:
    """Return what happened."""
    return Incident(
        label="#1", recorded_at=NOW, event=event, answered_on="2026-03-06", file="f", position=1, codes=codes,
        words=words, payer_words="", who="", money=money,
    )  # fmt: skip


def a_payment(document: str, **changes) -> Paid:
    """Return what a payment said."""
    paid = Paid(
        payer_name="EXAMPLE HEALTH PLAN", trace="T", method="ACH", paid_on=date(2026, 3, 20), decision="1",
        charge=Decimal(240), paid=Decimal(0), patient=Decimal(0), payer_claim_number="", status=Posted.POSTED,
        reason="", document=document,
    )  # fmt: skip
    return replace(paid, **changes)


def test_every_state_has_its_sentence():
    """Nobody is left without an answer: each state of each axis, contradicted or not, whoever has to act."""
    states = product(Delivery, FrontEnd, Adjudication, Work, (False, True))
    for delivery, front_end, adjudication, work, contradicted in states:
        answer = plain_answer(
            a_story(
                delivery=delivery, front_end=front_end, adjudication=adjudication, work=work, contradicted=contradicted
            )
        )
        assert answer.why.endswith(".")
        assert "{" not in answer.why + "".join(answer.then)


def test_each_axis_is_a_whole_table():
    """SENT and `-` say nothing by themselves: the next axis does."""
    assert set(Delivery) - {Delivery.SENT} == set(ON_ITS_WAY)
    assert set(FrontEnd) == set(AT_THE_FRONT)
    assert set(Adjudication) - {Adjudication.NONE} == set(DECIDED)


def test_a_held_claim_says_what_holds_it_and_what_mends_it():
    """The rule's own words and remedy."""
    answer = plain_answer(a_story(delivery=Delivery.HELD, holds=(BLOCKED,)))

    assert (Tone.BAD, "It is not paid because it has not gone: it is blank.") == (answer.tone, answer.why)
    assert ("Fill it in.",) == answer.then


@pytest.mark.parametrize("work", [work for work in Work if work.value.endswith(" due")])
def test_what_is_due_is_told_first(work):
    """An enrollment, a replacement, a void: each is somebody's to do, however the claim stands."""
    assert DUE[work] == plain_answer(a_story(work=work)).then[0]


def test_a_rejection_is_placed_on_the_boxes_its_codes_are_about():
    """562 of the rendering provider is item 24J; a code about no box is listed without one."""
    story = a_story(
        an_incident(Event.REJECTED_BY_PAYER, "A7:562:82", "A7:21"), front_end=FrontEnd.REJECTED_BY_PAYER,
        work=Work.SOURCE_MUST_CORRECT,
    )  # fmt: skip

    wrong = whats_wrong(story.chapters[0], story.incidents)

    assert [("item 24J", True), ("", False)] == [(one.place, one.box is not None) for one in wrong]
    assert "NPI of the rendering provider" in plain_answer(story).why


def test_a_denied_line_is_named_with_its_reason_and_remedy():
    """Of a claim paid in part only what was not paid; the contract's rate is no fault."""
    document = """{"lines": [
        {"procedure": {"code": "97153"}, "charge": "120", "paid": "100",
         "adjustments": [{"group": "CO", "reason": "45", "amount": "20"}]},
        {"procedure": {"code": "97155"}, "charge": "120",
         "adjustments": [{"group": "CO", "reason": "197", "amount": "120"}], "remarks": ["M62"]}]}"""
    paid = a_payment(document, paid=Decimal(100))
    story = a_story(
        an_incident(Event.PAID_WITH_DENIED_LINES, "CO-197", "M62", money=(paid,)),
        adjudication=Adjudication.PAID_WITH_DENIED_LINES, work=Work.PERSON_MUST_DECIDE, paid=Decimal(100),
    )  # fmt: skip

    wrong = whats_wrong(story.chapters[0], story.incidents)
    answer = plain_answer(story)

    assert ["item 23, line 2", "item 23, line 2"] == [one.place for one in wrong]
    assert "CO-197: no authorization was asked for" in answer.why
    assert any("Look up the authorization" in one for one in answer.then)


def test_a_fault_of_some_lines_knows_them():
    """The rule says which lines in its message."""
    fault = replace(BLOCKED, place="item 24E, 2400 SV107", message="lines 2, 5: needs 1 to 4 pointers")

    (wrong,) = whats_wrong(a_story(delivery=Delivery.HELD, holds=(fault,)).chapters[0], [])

    assert wrong.box is not None
    assert {2, 5} == wrong.box.lines


def test_every_box_of_the_tables_is_on_the_form_and_every_code_is_known():
    """No code is placed that has no words, and no place is off the form."""
    assert all(items_of(place) for place in (*BY_STATUS.values(), *BY_ENTITY.values(), *BY_REASON.values()))
    assert BY_STATUS.keys() | {status for status, _ in BY_ENTITY} <= STATUSES.keys()
    assert {entity for _, entity in BY_ENTITY} <= ENTITIES.keys()
    assert BY_REASON.keys() <= REASONS.keys() | REMARKS.keys()
