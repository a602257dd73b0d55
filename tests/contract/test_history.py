"""What an earlier process sent is never sent from here, and whatever is said of it finds it, on every ledger."""

import json
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from include.claims.facts import billed_lines
from include.claims.model import CancelledClaim, Frequency, UnreadableClaim
from include.claims.states import Adjudication, Delivery, Event, FrontEnd, Work
from include.delivery.records import HistoryCounts, Posted, StageCounts
from tests import builders
from tests.contract.night import BLOCKED, NOW, Night, an_answer, an_order, changed, claims
from tests.contract.test_money import Books, a_payment_of, remitted
from tests.earlier import sent_elsewhere

CLAIM = builders.a_claim()


def told(night: Night, *sent, clinic_key: str = "harbor", dry_run: bool = False) -> HistoryCounts:
    """Tell the ledger what was sent."""
    return night.ledger.claims.sent_elsewhere(clinic_key, sent, NOW, dry_run=dry_run)


def rules(counts: HistoryCounts) -> list[str]:
    """Return the rules that refused something."""
    return [fault.rule for fault in counts.refused]


def test_what_was_sent_elsewhere_stands_as_sent(night: Night):
    """It is there under its old number, with the day it was sent, and waits for nothing to leave."""
    counts = told(night, sent_elsewhere(control_number="Old-1a", given_claim_number="ICN-7"))

    line = night.line("C-1")
    assert HistoryCounts(imported=1) == counts
    assert ("Old-1a", Delivery.SENT, FrontEnd.ACCEPTED_BY_CLEARINGHOUSE) == (
        line.control_number, line.delivery, line.front_end,
    )  # fmt: skip
    assert not line.contradicted
    assert "sent on 2026-03-05 by an earlier process" in night.incidents("C-1")[0].words


def test_a_history_told_twice_changes_nothing(night: Night):
    """The second time everything is known, and no event is added."""
    told(night, sent_elsewhere())
    before = night.incidents("C-1")

    counts = told(night, sent_elsewhere(place="again.csv row 9"))

    assert HistoryCounts(known=1) == counts
    assert before == night.incidents("C-1")


def test_a_dry_run_writes_nothing(night: Night):
    """It says what would be done."""
    night.stage(CLAIM)

    counts = told(night, sent_elsewhere(), sent_elsewhere(claims(1)[0]), dry_run=True)

    assert HistoryCounts(imported=2, kept_from_going=1) == counts
    assert [Delivery.READY] == [line.delivery for line in night.lines()]


def test_a_history_told_in_other_words_is_refused_and_named(night: Night):
    """Nothing is overwritten; the columns that differ are said."""
    told(night, sent_elsewhere())

    counts = told(night, sent_elsewhere(payer_id="88888", given_claim_number="ICN-7"))

    assert ["told_once"] == rules(counts)
    assert "payer_id, given_claim_number" in counts.refused[0].message
    assert "history.csv row 2, column control_number" == counts.refused[0].place
    assert "differs in its lines" in told(night, sent_elsewhere(lines=())).refused[0].message


def test_a_pending_claim_that_was_sent_is_recognised_and_not_sent(night: Night):
    """The source still holds it: it is recognised once, its content is known now, and no run takes it."""
    told(night, sent_elsewhere())

    first = night.stage(CLAIM, faults=[BLOCKED])
    second = night.stage(CLAIM)

    assert (StageCounts(recognised=1), StageCounts(unchanged=1)) == (first, second)
    assert [] == night.seal()
    assert [(Delivery.SENT, Work.NOBODY)] == [(line.delivery, line.work) for line in night.lines()]
    assert "not sent again" in night.incidents("C-1")[-1].words
    assert StageCounts(after_sent=1) == night.stage(changed(CLAIM))
    assert Work.REPLACEMENT_DUE is night.line("C-1").work


@pytest.mark.parametrize(
    "at_source",
    [
        pytest.param(replace(CLAIM, lines=builders.lines(2)), id="another total"),
        pytest.param(replace(CLAIM, payer=builders.a_payer(id="88888")), id="another payer"),
        pytest.param(replace(CLAIM, frequency=Frequency.VOID), id="another kind of bill"),
        pytest.param(replace(CLAIM, lines=(builders.a_line(service_date=date(2026, 3, 3)),)), id="another day"),
        pytest.param(replace(CLAIM, ready_at=NOW + timedelta(days=1)), id="released after it was sent"),
    ],
)
def test_a_correction_of_what_was_sent_needs_a_replacement(night: Night, at_source):
    """The source's claim is not what was sent: as for any sent claim a replacement is due, and nothing goes."""
    told(night, sent_elsewhere())

    assert StageCounts(after_sent=1) == night.stage(at_source)
    assert [] == night.seal()
    assert [(Delivery.SENT, Work.REPLACEMENT_DUE)] == [(line.delivery, line.work) for line in night.lines()]


def test_a_history_without_lines_recognises_by_what_it_has(night: Night):
    """Payer and total agree: that is all the old system knows."""
    told(night, sent_elsewhere(lines=()))

    assert StageCounts(recognised=1) == night.stage(CLAIM)


def test_what_cannot_be_read_is_not_sent_either(night: Night):
    """Rows that cannot be read say nothing about what was sent."""
    told(night, sent_elsewhere())
    unreadable = UnreadableClaim(source=CLAIM.source, key="C-1", ready_at=None, content_hash="x", faults=(BLOCKED,))

    assert StageCounts(unchanged=1) == night.stage(unreadable)
    assert [Delivery.SENT] == [line.delivery for line in night.lines()]


def test_what_the_source_takes_back_is_to_be_voided(night: Night):
    """It has gone, wherever from."""
    told(night, sent_elsewhere())

    night.stage(CancelledClaim(source=CLAIM.source, key="C-1"))

    assert Work.VOID_DUE is night.line("C-1").work


@pytest.mark.parametrize("faults", [[], [BLOCKED]])
def test_what_waits_here_is_kept_from_going(night: Night, faults):
    """It was collected before the history was told: it is withdrawn, and what was sent takes its place."""
    night.stage(CLAIM, faults=faults)

    counts = told(night, sent_elsewhere())

    assert HistoryCounts(imported=1, kept_from_going=1) == counts
    assert [Delivery.WITHDRAWN, Delivery.SENT] == [line.delivery for line in night.lines()]
    assert StageCounts(recognised=1) == night.stage(CLAIM)
    assert [] == night.seal()


def test_what_left_from_here_is_refused(night: Night):
    """Both processes may have sent it: nothing is written, a person looks."""
    night.sent(CLAIM)
    number = night.line("C-1").control_number

    counts = told(night, sent_elsewhere(), sent_elsewhere(claims(1)[0], control_number=number))

    assert ["sent_once", "control_number_free"] == rules(counts)
    assert number in counts.refused[0].message
    assert [Delivery.SENT] == [line.delivery for line in night.lines()]
    assert [] == night.ledger.report.stories("C-001")


def test_a_replacement_that_waits_does_not_hide_what_left(night: Night):
    """We sent the claim and wait to replace it: a history of it is refused all the same."""
    night.sent(CLAIM)
    number = night.line("C-1").control_number
    night.ledger.claims.send_again(
        number, Frequency.REPLACEMENT, payer_claim_number="ICN-1", who="pat", why="asked", now=NOW
    )

    assert ["sent_once"] == rules(told(night, sent_elsewhere()))
    assert [Delivery.SENT, Delivery.READY] == [line.delivery for line in night.lines()]


def test_a_number_names_one_claim(night: Night):
    """The same CLM01 for two claims, of one file or of two, is refused the second time."""
    one, other, third = (sent_elsewhere(claim, control_number="1001") for claim in claims(3))

    assert ["control_number_free"] == rules(told(night, one, other))
    assert ["control_number_free"] == rules(told(night, third))


def test_a_claim_of_another_clinic_is_refused(night: Night):
    """Claim keys are a source's, not a clinic's."""
    night.stage(CLAIM)

    assert ["claim_of_clinic"] == rules(told(night, sent_elsewhere(), clinic_key="elsewhere"))
    assert [Delivery.READY] == [line.delivery for line in night.lines()]


def test_a_claim_sent_twice_is_known_by_both_numbers(night: Night):
    """An original and its replacement: the last one counts, and going back in time is refused."""
    original = sent_elsewhere(control_number="A", sent_on=date(2026, 2, 1))
    replacement = sent_elsewhere(control_number="B", frequency=Frequency.REPLACEMENT)

    assert HistoryCounts(imported=2) == told(night, original, replacement)
    assert ["in_order_sent"] == rules(told(night, sent_elsewhere(control_number="C", sent_on=date(2026, 1, 1))))
    assert StageCounts(recognised=1) == night.stage(replace(CLAIM, frequency=Frequency.REPLACEMENT))
    assert ["A", "B"] == [line.control_number for line in night.lines()]


def test_the_same_service_is_not_billed_again_under_another_key(night: Night):
    """Its lines are known by their fingerprints, as those of any sent claim."""
    told(night, sent_elsewhere())

    (line,) = night.ledger.claims.others(list(billed_lines(replace(CLAIM, key="C-9")))).lines

    assert ("C-1", "97153") == (line.claim_key, line.procedure)


def test_an_answer_finds_it_by_its_old_number(night: Night):
    """It was rejected: corrected at the source it goes as a new original, once a person has looked."""
    told(night, sent_elsewhere())
    reading = [an_answer("old-C-1", Event.REJECTED_BY_CLEARINGHOUSE)]
    night.respond(None, reading, answered_on="2026-03-07")

    counts = night.stage(changed(replace(CLAIM, ready_at=NOW + timedelta(days=3))))

    assert StageCounts(resubmitted=1, held=1) == counts
    assert [Delivery.SENT, Delivery.HELD] == [line.delivery for line in night.lines()]
    assert FrontEnd.REJECTED_BY_CLEARINGHOUSE is night.line("C-1").front_end


def test_money_for_it_is_posted_with_our_claim_key(night: Night):
    """What came before the history was told waits unmatched, and is given to it."""
    books = Books(night)
    books.post(remitted(a_payment_of("old-C-1")))
    assert [(Posted.UNMATCHED, "old-C-1")] == books.waiting()

    told(night, sent_elsewhere())

    assert 1 == books.money.match_again(NOW)
    (row,) = books.money.feed(0, 10)
    assert ("C-1", "old-C-1", Decimal(200)) == (row.claim_key, row.control_number, row.paid)
    assert ["L-1"] == [part["source_line_key"] for part in json.loads(row.document)["lines"][0]["source_lines"]]
    assert Adjudication.PAID is night.line("C-1").adjudication


def test_clocks_run_over_it_until_the_payer_has_decided(night: Night):
    """Silence counts since the day it was sent, the filing limit from its first service; what is paid is settled."""
    paid = sent_elsewhere(claims(2)[1], decision=Event.PAID, decided_on=date(2026, 3, 5))
    told(night, sent_elsewhere(claims(1)[0]), paid)

    (waits,) = night.ledger.silence.unsettled()

    assert ("C-001", date(2026, 3, 2), True) == (waits.claim_key, waits.first_service_on, waits.moments.is_of_before)
    assert date(2026, 3, 5) == (waits.moments.delivery and waits.moments.delivery.date())
    assert Adjudication.PAID is night.line("C-002").adjudication


def test_it_is_never_sealed_beside_another_claim(night: Night):
    """A night with the same claim and a new one sends the new one alone."""
    told(night, sent_elsewhere())
    night.stage(CLAIM, *claims(1))

    (batch_id,) = night.seal(an_order())

    assert ["C-001"] == [item.claim.key for item in night.ledger.batches.claims(batch_id)]
