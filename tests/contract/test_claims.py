"""What staging makes of the source's claims, on every ledger."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from include.claims.errors import BadSetting, NotAllowed
from include.claims.facts import MOST_OF_A_DAY, billed_lines
from include.claims.model import CancelledClaim, UnreadableClaim
from include.claims.parties import PersonName, Practitioner
from include.claims.states import Delivery, Event, Work
from include.delivery.records import StageCounts, Staged
from tests import builders
from tests.contract.night import BLOCKED, NOW, OTHER_BLOCKED, WARNED, Night, an_answer, an_order, changed, claims


def test_a_new_claim_is_ready(night: Night):
    """A claim without a blocking fault waits for a batch; a warning does not hold it."""
    counts = night.stage(builders.a_claim(), faults=[WARNED])

    assert StageCounts(new=1) == counts
    assert Delivery.READY == night.line("C-1").delivery
    assert builders.a_claim().total_charge == night.line("C-1").charge


def test_a_faulty_claim_is_held(night: Night):
    """A blocking fault holds the claim, with the rule's name as the reason."""
    counts = night.stage(builders.a_claim(), faults=[BLOCKED])

    assert StageCounts(new=1, held=1) == counts
    assert Delivery.HELD == night.line("C-1").delivery
    assert ("member_id_present: it is blank",) == night.line("C-1").reasons


def test_the_same_claim_again_changes_nothing(night: Night):
    """A night repeated finds every claim as it left it, held ones too."""
    night.stage(builders.a_claim(), faults=[BLOCKED])
    before = night.incidents("C-1")

    counts = night.stage(builders.a_claim(), faults=[BLOCKED])

    assert StageCounts(unchanged=1) == counts
    assert before == night.incidents("C-1")


@pytest.mark.parametrize(("more", "is_crowded"), [(0, False), (1, True)])
def test_a_day_of_too_many_lines_is_told_and_not_fetched(night: Night, more: int, is_crowded: bool):
    """What hundreds of lines share is no one person's day: none of them is fetched by it."""
    line = builders.a_line(started_at="0900", ended_at="1000", performed_by=Practitioner(key="T-1", credential="RBT"))
    # Another patient every time, so that the technician alone is crowded.
    people = [
        builders.a_subscriber(name=PersonName(last="EXAMPLE", first=f"N{number}"), member_id=f"XYZ{number}")
        for number in range(MOST_OF_A_DAY + more)
    ]
    night.stage(*(builders.a_claim(key=one.member_id, subscriber=one, lines=(line,)) for one in people))
    (own,) = billed_lines(builders.a_claim(key="C-new", lines=(line,)))

    known = night.ledger.claims.others([own])

    assert is_crowded == (own.technician_day in known.crowded)
    assert (0 if is_crowded else MOST_OF_A_DAY) == len(known.lines)


@pytest.mark.parametrize(
    ("rules", "work"),
    [
        (("member_id_present",), Work.SOURCE_MUST_CORRECT),
        (("claims_enrollment",), Work.ENROLLMENT_DUE),
        (("payer_hold",), Work.NOBODY),
        (("payer_hold", "claims_enrollment"), Work.ENROLLMENT_DUE),
        (("claims_enrollment", "member_id_present"), Work.SOURCE_MUST_CORRECT),
    ],
    ids=lambda value: " and ".join(value) if isinstance(value, tuple) else str(value),
)
def test_who_has_to_act_on_a_held_claim(night: Night, rules: tuple[str, ...], work: Work):
    """The source corrects what is wrong with the claim; what waits for a payer's consent is not its business."""
    night.stage(builders.a_claim(), faults=[replace(BLOCKED, rule=rule) for rule in rules])

    assert (Delivery.HELD, work) == (night.line("C-1").delivery, night.line("C-1").work)
    night.stage(builders.a_claim())
    assert (Delivery.READY, Work.NOBODY) == (night.line("C-1").delivery, night.line("C-1").work)


def test_an_unreadable_claim_is_held(night: Night):
    """A claim whose rows cannot be read is held with its faults, and goes once it is mended."""
    unreadable = UnreadableClaim(
        source="example_practice", key="C-1", ready_at=None, content_hash="abc", faults=(BLOCKED,)
    )
    night.stage(unreadable, faults=[BLOCKED])
    held = night.line("C-1")

    counts = night.stage(builders.a_claim())

    assert Delivery.HELD == held.delivery
    assert StageCounts(revised=1) == counts
    assert Delivery.READY == night.line("C-1").delivery


def test_a_held_claim_goes_when_its_rule_is_mended(night: Night):
    """The same content without its blocking fault is READY, and HELD again with another one."""
    night.stage(builders.a_claim(), faults=[BLOCKED])

    night.stage(builders.a_claim(), faults=[OTHER_BLOCKED])
    other = night.line("C-1")
    night.stage(builders.a_claim())

    assert ("npi_is_valid: wrong check digit",) == other.reasons
    assert Delivery.READY == night.line("C-1").delivery
    assert Work.NOBODY == night.line("C-1").work


def test_a_ready_claim_takes_new_content(night: Night):
    """What has not left takes the source's new content, under the same control number."""
    night.stage(builders.a_claim())
    number = night.line("C-1").control_number
    new = replace(builders.a_claim(), lines=builders.lines(3))

    counts = night.stage(new)

    assert StageCounts(revised=1) == counts
    assert (number, new.total_charge) == (night.line("C-1").control_number, night.line("C-1").charge)
    (batch_id,) = night.seal()
    assert [new] == [item.claim for item in night.ledger.batches.claims(batch_id)]


def test_a_change_after_it_left_is_told_once(night: Night):
    """A sent claim that changes at the source needs a replacement; each revision says so once."""
    night.sent(builders.a_claim())

    first = night.stage(changed(builders.a_claim()))
    again = night.stage(changed(builders.a_claim()))
    other = night.stage(changed(changed(builders.a_claim())))

    assert [1, 1, 1] == [counts.after_sent for counts in (first, again, other)]
    assert 2 == sum(one.event is Event.CHANGED_AT_SOURCE for one in night.incidents("C-1"))
    assert Work.REPLACEMENT_DUE == night.line("C-1").work
    assert 1 == len(night.lines())


def test_a_replacement_stays_due_after_a_good_answer(night: Night):
    """An acceptance of what was sent does not make up for what changed since, whichever came first."""
    batch_id = night.sent(*claims(2))
    first, second = night.numbers(batch_id)
    night.stage(changed(claims(2)[0]))

    accepted = Event.ACCEPTED_BY_CLEARINGHOUSE
    night.respond(batch_id, [an_answer(first, accepted, 1), an_answer(second, accepted, 2)])
    night.stage(changed(claims(2)[1]))

    assert [Work.REPLACEMENT_DUE] * 2 == [line.work for line in night.lines()]


def test_a_rejected_claim_that_changes_asks_a_person(night: Night):
    """After a rejection the changed claim is a new submission, held until a person says it was not mended elsewhere."""
    batch_id = night.sent(builders.a_claim())
    (number,) = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(number, Event.REJECTED_BY_CLEARINGHOUSE)])

    counts = night.stage(changed(builders.a_claim()))
    night.stage(changed(builders.a_claim()))

    assert StageCounts(resubmitted=1, held=1) == counts
    second = night.line("C-1", 2)
    assert Delivery.HELD == second.delivery
    assert second.reasons[0].startswith("confirm_not_corrected_at_clearinghouse")
    assert number != second.control_number
    night.ledger.claims.release(second.control_number, "casey", "not on the website", NOW)
    assert Delivery.READY == night.line("C-1", 2).delivery
    assert 1 == len(night.seal(an_order("run-2")))


def test_a_rejected_claim_that_stays_as_it_is_is_left_alone(night: Night):
    """The rejected content itself is never sent again."""
    batch_id = night.sent(builders.a_claim())
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.REJECTED_BY_CLEARINGHOUSE)])

    counts = night.stage(builders.a_claim())

    assert StageCounts(unchanged=1) == counts
    assert 1 == len(night.lines())


def test_a_person_cannot_release_what_a_rule_holds(night: Night):
    """A blocking rule is mended at the source; a READY claim needs no release."""
    night.stage(claims(2)[0], faults=[BLOCKED])
    night.stage(claims(2)[1])

    with pytest.raises(NotAllowed, match="member_id_present"):
        night.ledger.claims.release(night.line("C-001").control_number, "casey", "please", NOW)
    with pytest.raises(NotAllowed, match="READY"):
        night.ledger.claims.release(night.line("C-002").control_number, "casey", "please", NOW)
    with pytest.raises(NotAllowed, match="no submission"):
        night.ledger.claims.release("NOSUCHNUMBER00", "casey", "please", NOW)


def test_a_cancelled_claim_does_not_go(night: Night):
    """What the source takes back before it left is withdrawn, and READY again when it comes back."""
    night.stage(builders.a_claim())

    counts = night.stage(CancelledClaim(source="example_practice", key="C-1"))
    withdrawn = night.line("C-1").delivery
    nothing = night.seal(an_order("run-1"))
    night.stage(builders.a_claim())

    assert StageCounts(withdrawn=1) == counts
    assert (Delivery.WITHDRAWN, []) == (withdrawn, nothing)
    assert Delivery.READY == night.line("C-1").delivery


def test_a_cancelled_claim_that_left_is_told(night: Night):
    """What the source takes back after it left needs a void; one never seen before is nothing."""
    night.sent(builders.a_claim())

    counts = night.stage(CancelledClaim(source="example_practice", key="C-1"))
    nothing = night.stage(CancelledClaim(source="example_practice", key="C-99"))

    assert StageCounts(after_sent=1) == counts
    assert StageCounts(unchanged=1) == nothing
    assert Work.VOID_DUE == night.line("C-1").work


def test_what_is_no_longer_pending_is_withdrawn(night: Night):
    """READY and HELD claims that vanished from the source are withdrawn; sent ones are not touched."""
    night.sent(claims(3)[0])
    night.stage(claims(3)[1])
    night.stage(claims(3)[2], faults=[BLOCKED])
    ids = [ready.submission_id for ready in night.ledger.claims.ready("harbor", an_order())]

    count = night.ledger.claims.withdraw([*ids, 1], "no longer pending", NOW)

    assert 1 == count
    assert [Delivery.SENT, Delivery.WITHDRAWN, Delivery.HELD] == [line.delivery for line in night.lines()]


def test_ready_follows_the_order(night: Night):
    """An order sees READY claims before its window's end, of its payer and keys, oldest first."""
    first, second, third = claims(3)
    late = replace(third, ready_at=an_order().window_end)
    night.stage(second, replace(first, ready_at=first.ready_at - timedelta(hours=1)), late)

    def keys(**changes):
        order = replace(an_order(), **changes)
        return [ready.claim_key for ready in night.ledger.claims.ready("harbor", order)]

    assert ["C-001", "C-002"] == keys()
    assert ["C-002"] == keys(claim_keys=("C-002", "C-003"))
    assert [] == keys(payer_id="00000")
    assert ["C-001", "C-002", "C-003"] == keys(window_end=NOW)


def test_a_key_of_another_clinic_is_refused_and_the_rest_recorded(night: Night):
    """Two clinics cannot share a claim key in one source; the other claims of the chunk are recorded."""
    night.stage(claims(2)[0])
    chunk = [Staged(claim=claim, faults=()) for claim in claims(2)]

    with pytest.raises(BadSetting, match="C-001"):
        night.ledger.claims.stage("elsewhere", chunk, NOW)

    assert [("harbor", "C-001"), ("elsewhere", "C-002")] == sorted(
        ((line.clinic_key, line.claim_key) for line in night.lines()), key=lambda pair: pair[1]
    )


def test_twins_that_stage_at_once_record_each_claim_once(night: Night):
    """Two runs that stage the same claims at the same time leave one submission a claim."""
    chunk = [Staged(claim=claim, faults=()) for claim in claims(40)]
    counts: list[StageCounts] = []

    def stage(items):
        counts.append(night.ledger.claims.stage("harbor", items, NOW))

    threads = [threading.Thread(target=stage, args=(items,)) for items in (chunk, chunk[::-1], chunk[10:])]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert 40 == sum(one.new for one in counts)
    assert 70 == sum(one.unchanged for one in counts)
    assert 40 == len(night.lines())


def test_a_large_chunk_is_staged_whole(night: Night):
    """More claims than one look-up takes are staged in one transaction and read back page by page."""
    counts = night.stage(*claims(1203))

    assert StageCounts(new=1203) == counts
    assert [claim.key for claim in sorted(claims(1203), key=lambda one: one.key)] == [
        line.claim_key for line in night.lines()
    ]
