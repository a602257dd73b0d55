"""Invented claims in a test file, on every ledger: answered as copies are, and never a claim to be paid."""

from dataclasses import replace

import pytest
from sqlalchemy import func, select

from include.adapters.ledger.tables import SUBMISSION_LINE
from include.claims.errors import NotAllowed
from include.claims.facts import billed_lines
from include.claims.invented import INVENTED
from include.claims.model import Frequency
from include.claims.states import BatchStatus, Delivery, Event, FrontEnd, Usage
from include.delivery.records import Kind, Staged
from tests import builders
from tests.contract.night import NOW, Night, an_answer, an_order, claims, name_of

TEST = an_order(kind=Kind.TEST)


def sources(night: Night, batch_id: int) -> list[str]:
    """Return whose each claim of a file is, in order."""
    return [item.claim.source for item in night.ledger.batches.claims(batch_id)]


def a_sent_test(night: Night) -> int:
    """Send a test file of two copies and three inventions; return its batch."""
    batch_id = night.rendered(*claims(2), kind=Kind.TEST)
    night.ledger.batches.sent(night.begin(batch_id), "acknowledged", NOW)
    return batch_id


@pytest.mark.parametrize(("own", "total"), [(0, 5), (1, 5), (4, 5), (5, 5), (6, 6)])
def test_a_test_file_is_filled_up_to_five(night: Night, own: int, total: int):
    """Copies come first; what is lacking to five is invented, and nothing more."""
    night.stage(*claims(own))

    (batch_id,) = night.seal(TEST)

    assert ["example_practice"] * own + [INVENTED] * (total - own) == sources(night, batch_id)
    batch = night.ledger.batches.get(batch_id)
    assert (total, Usage.TEST) == (batch.claim_count, batch.usage)
    assert sum(item.claim.total_charge for item in night.ledger.batches.claims(batch_id)) == batch.total_charge


def test_the_run_asked_again_has_the_same_file(night: Night):
    """What was invented is sealed with the run, once."""
    night.stage(*claims(2))

    assert night.seal(TEST) == night.seal(TEST)
    assert 3 == sum(line.source == INVENTED for line in night.lines())


def test_the_next_file_has_numbers_of_its_own(night: Night):
    """The same few people go again, with new control numbers and the content of the day."""
    (first,) = night.seal(an_order("run-1", kind=Kind.TEST))
    night.later(days=1)
    (second,) = night.seal(an_order("run-2", kind=Kind.TEST))

    assert 10 == len({*night.numbers(first), *night.numbers(second)})
    (story,) = night.ledger.report.stories("harbor-invented-1")
    assert (INVENTED, ["T1", "T2"]) == (story.source, [chapter.label for chapter in story.chapters])


@pytest.mark.parametrize("per_file", ["1", "3", "98", "1000"])
def test_a_test_is_one_file(night: Night, per_file: str):
    """A clinic's small files leave no rest of one or two claims: a test has five to a hundred, in one file."""
    night.set_clinic(claims_per_file=per_file)
    night.stage(*claims(120))

    (batch_id,) = night.seal(TEST)

    assert min(max(int(per_file), 5), 100) == night.ledger.batches.get(batch_id).claim_count


def test_too_small_a_file_is_refused(night: Night):
    """Without enough to fill it up nothing is sealed, and the run may be started anew."""
    night.stage(*claims(2))
    clinic = night.ledger.clinics.clinic("harbor")

    with pytest.raises(NotAllowed, match="4 claims for a test file, 5 to 100"):
        night.ledger.batches.seal(TEST, clinic, NOW, name_of=name_of, settings={}, invented=night.invented()[:2])

    assert night.ledger.batches.sealed(TEST.key) is None
    assert {Delivery.READY} == {line.delivery for line in night.lines()}


def test_an_order_without_anything_seals_nothing(night: Night):
    """No claim and nothing invented is no file, as on any night."""
    clinic = night.ledger.clinics.clinic("harbor")

    assert [] == night.ledger.batches.seal(TEST, clinic, NOW, name_of=name_of, settings={})


@pytest.mark.parametrize("kind", [Kind.LIVE, Kind.DRY])
def test_no_other_file_takes_them(night: Night, kind: Kind):
    """Where they do not belong the whole run is refused."""
    night.stage(*claims(2))
    clinic = night.ledger.clinics.clinic("harbor")

    with pytest.raises(NotAllowed, match="no invented claims"):
        night.ledger.batches.seal(
            an_order(kind=kind), clinic, NOW, name_of=name_of, settings={}, invented=night.invented()
        )


def test_only_what_is_invented_fills_up(night: Night):
    """A claim of the practice does not slip into a test file that way."""
    clinic = night.ledger.clinics.clinic("harbor")
    real = [Staged(claim=claim, faults=()) for claim in claims(5)]

    with pytest.raises(NotAllowed, match="C-001"):
        night.ledger.batches.seal(TEST, clinic, NOW, name_of=name_of, settings={}, invented=real)


def test_none_of_them_is_ready_afterwards(night: Night):
    """Sealed, given up or unfinished: no live run finds anything of them."""
    (sealed,) = night.seal(an_order("run-1", kind=Kind.TEST))
    (given_up,) = night.seal(an_order("run-2", kind=Kind.TEST))
    night.ledger.batches.give_up(given_up, "example", NOW)

    assert [] == list(night.ledger.claims.ready("harbor", an_order()))
    assert [] == night.seal(an_order("run-3"))
    assert BatchStatus.SEALED is night.ledger.batches.get(sealed).status
    assert {Delivery.BATCHED, Delivery.WITHDRAWN} == {line.delivery for line in night.lines()}
    assert {Usage.TEST} == {line.usage for line in night.lines()}


def test_a_source_cannot_bring_one(night: Night):
    """Whoever names a practice's source so is refused: nothing invented becomes a claim to be paid."""
    night.seal(TEST)

    with pytest.raises(NotAllowed, match="harbor-invented-1: it is invented"):
        night.stage(replace(claims(1)[0], source=INVENTED, key="harbor-invented-1"))

    assert {Usage.TEST} == {line.usage for line in night.lines()}


def test_a_person_cannot_send_one_again(night: Night):
    """It is of a test file, and nothing is owed on it."""
    number = night.numbers(a_sent_test(night))[-1]

    with pytest.raises(NotAllowed, match="of a test file"):
        night.ledger.claims.send_again(number, Frequency.ORIGINAL, who="casey", why="example", now=NOW)


def test_one_that_did_not_arrive_stays_away(night: Night):
    """A test file that a person voids makes no new submission of what was invented."""
    batch_id = night.rendered(kind=Kind.TEST)
    night.ledger.batches.broken(night.begin(batch_id), "cut", NOW)
    night.later(hours=25)

    assert 0 == night.ledger.batches.did_not_arrive(batch_id, "casey", "support says so", night.now)
    assert {Delivery.NOT_ARRIVED} == {line.delivery for line in night.lines()}


def test_they_occupy_no_line(night: Night):
    """A claim that bills the same services is nobody's second one."""
    a_sent_test(night)
    lines = [line for claim in builders.invented() for line in billed_lines(claim)]

    assert () == night.ledger.claims.others(lines).lines
    with night.ledger.database.read() as connection:
        assert 4 == connection.scalar(select(func.count()).select_from(SUBMISSION_LINE))  # two claims, two copies


def test_nobody_waits_for_them(night: Night):
    """They are no unsettled claims, and the practice's feed does not tell of them."""
    a_sent_test(night)

    assert {"C-001", "C-002"} == {one.claim_key for one in night.ledger.silence.unsettled()}
    assert {"C-001", "C-002"} == {row.claim_key for row in night.ledger.report.status_feed(0, 100)}


def test_their_answers_are_applied(night: Night):
    """The reports of the file settle it with them in it, one by one."""
    batch_id = a_sent_test(night)
    *accepted, refused = night.numbers(batch_id)

    answers = [an_answer(one, Event.ACCEPTED_BY_CLEARINGHOUSE, at) for at, one in enumerate(accepted, start=1)]
    night.respond(batch_id, [*answers, an_answer(refused, Event.REJECTED_BY_CLEARINGHOUSE, 5)], is_final=True)

    summary = night.ledger.batches.summary(batch_id)
    assert summary.is_settled
    assert BatchStatus.ANSWERED is night.ledger.batches.get(batch_id).status
    expected = {FrontEnd.ACCEPTED_BY_CLEARINGHOUSE: 4, FrontEnd.REJECTED_BY_CLEARINGHOUSE: 1}
    assert expected == {state: count for state, count in summary.by_front_end.items() if count}
