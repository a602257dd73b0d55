"""What answers change, exactly once, on every ledger."""

from dataclasses import replace

import pytest

from include.claims.errors import BadSetting
from include.claims.states import BatchStatus, Delivery, Event, FrontEnd, Work
from include.delivery.records import RemoteFile, ResponseStatus
from tests import builders
from tests.contract.night import NOW, Night, an_answer, an_order, claims, name_of

FILE = RemoteFile(name="12345_999.txt", size=100, modified=1_770_000_000)


def test_the_same_file_is_one_response(night: Night):
    """The same name, size and hash is one response; the newest time is what the next listing is compared with."""
    responses = night.ledger.responses
    first = responses.store("harbor", FILE, "a" * 64, NOW)

    again = responses.store("harbor", replace(FILE, modified=FILE.modified + 60), "a" * 64, NOW)
    other = responses.store("harbor", FILE, "b" * 64, NOW)

    assert first == again != other
    assert (FILE.name, FILE.size, FILE.modified + 60) in responses.known("harbor")
    assert set() == responses.known("elsewhere")
    assert [first, other] == [response.id for response in responses.unapplied("harbor")]


def test_verdicts_move_claims_and_close_the_batch(night: Night):
    """Accepted, rejected and pended claims stand so; the batch is ANSWERED when the last verdict is in."""
    batch_id = night.sent(*claims(3))
    first, second, third = night.numbers(batch_id)
    verdicts = [
        an_answer(first, Event.ACCEPTED_BY_CLEARINGHOUSE, 1, clearinghouse_claim_id="OA1"),
        replace(an_answer(second, Event.REJECTED_BY_CLEARINGHOUSE, 2), codes=("A3", "21")),
        an_answer(third, Event.PENDED_BY_CLEARINGHOUSE, 3),
    ]

    night.respond(batch_id, verdicts)
    status = night.ledger.batches.get(batch_id).status
    pending = night.ledger.batches.summary(batch_id)
    night.respond(batch_id, [an_answer(third, Event.ACCEPTED_BY_CLEARINGHOUSE)], answered_on="2026-03-07")

    assert (BatchStatus.SENT, 1, False) == (status, pending.awaiting, pending.is_settled)
    assert {FrontEnd.ACCEPTED_BY_CLEARINGHOUSE: 1, FrontEnd.REJECTED_BY_CLEARINGHOUSE: 1, FrontEnd.PENDING: 1} == dict(
        pending.by_front_end
    )
    assert BatchStatus.ANSWERED == night.ledger.batches.get(batch_id).status
    assert night.ledger.batches.summary(batch_id).is_settled
    rejected = night.line("C-002")
    assert (FrontEnd.REJECTED_BY_CLEARINGHOUSE, Work.SOURCE_MUST_CORRECT) == (rejected.front_end, rejected.work)
    assert ("A3,21: because",) == rejected.reasons


def test_a_response_applied_twice_changes_nothing(night: Night):
    """A worker killed after the commit applies the same response again without effect."""
    batch_id = night.sent(builders.a_claim())
    answers = [an_answer(night.numbers(batch_id)[0], Event.ACCEPTED_BY_CLEARINGHOUSE)]
    response_id = night.respond(batch_id, answers)
    history = night.ledger.report.history(night.line("C-1").control_number)

    night.respond(batch_id, answers, response_id=response_id)

    assert history == night.ledger.report.history(night.line("C-1").control_number)
    assert [] == night.ledger.responses.unapplied("harbor")


def test_the_same_answer_in_two_files_moves_nothing_twice(night: Night):
    """Two files that say the same are both kept, and the claim stands where the first put it."""
    batch_id = night.sent(builders.a_claim())
    answer = an_answer(night.numbers(batch_id)[0], Event.ACCEPTED_BY_CLEARINGHOUSE)

    night.respond(batch_id, [answer])
    night.respond(batch_id, [answer], answered_on="2026-03-08")

    line = night.line("C-1")
    assert (FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, False) == (line.front_end, line.contradicted)
    history = night.ledger.report.history(line.control_number)
    assert 2 == sum(event == Event.ACCEPTED_BY_CLEARINGHOUSE for _, event, _ in history)


def test_the_order_of_arrival_does_not_matter(night: Night):
    """Answers are folded by their own date: an older pending that arrives late moves nothing back."""
    batch_id = night.sent(builders.a_claim())
    (number,) = night.numbers(batch_id)

    night.respond(batch_id, [an_answer(number, Event.ACCEPTED_BY_CLEARINGHOUSE)], answered_on="2026-03-08")
    night.respond(batch_id, [an_answer(number, Event.PENDED_BY_CLEARINGHOUSE)], answered_on="2026-03-07")
    night.respond(batch_id, [an_answer(number, Event.SET_ACCEPTED)], answered_on="2026-03-06")

    assert (FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, False) == (night.line("C-1").front_end, night.line("C-1").contradicted)
    events = [event for _, event, _ in night.ledger.report.history(number)]
    assert [Event.SET_ACCEPTED, Event.PENDED_BY_CLEARINGHOUSE, Event.ACCEPTED_BY_CLEARINGHOUSE] == events[-3:]


def test_contradicting_verdicts_ask_a_person(night: Night):
    """A claim accepted and rejected stays where it was and a person looks."""
    batch_id = night.sent(builders.a_claim())
    (number,) = night.numbers(batch_id)

    night.respond(batch_id, [an_answer(number, Event.ACCEPTED_BY_CLEARINGHOUSE)])
    night.respond(batch_id, [an_answer(number, Event.REJECTED_BY_CLEARINGHOUSE)], answered_on="2026-03-09")

    line = night.line("C-1")
    assert (FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, True) == (line.front_end, line.contradicted)
    assert Work.PERSON_MUST_DECIDE == line.work
    assert 1 == night.ledger.batches.summary(batch_id).contradicted


def test_any_answer_takes_a_file_out_of_doubt(night: Night):
    """A report that names the file proves that it arrived, also while its transmission is still unended."""
    batch_id = night.rendered(builders.a_claim())
    transmission = night.begin(batch_id)

    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.SET_ACCEPTED)])
    received = night.line("C-1")
    status = night.ledger.batches.get(batch_id).status
    night.ledger.batches.sent(transmission, "acknowledged", NOW)

    assert (Delivery.SENT, FrontEnd.RECEIVED, BatchStatus.SENT) == (received.delivery, received.front_end, status)
    assert (Delivery.SENT, False) == (night.line("C-1").delivery, night.line("C-1").contradicted)


def test_what_a_final_report_leaves_out_is_unaccounted(night: Night):
    """A claim of the batch that the final report does not name asks a person; a better answer accounts for it."""
    batch_id = night.sent(*claims(2))
    first, second = night.numbers(batch_id)

    night.respond(batch_id, [an_answer(first, Event.ACCEPTED_BY_CLEARINGHOUSE)], is_final=True)
    missing = night.line("C-002")
    settled = night.ledger.batches.get(batch_id).status
    night.respond(batch_id, [an_answer(second, Event.ACCEPTED_BY_CLEARINGHOUSE)], answered_on="2026-03-07")

    assert (Delivery.UNACCOUNTED, Work.PERSON_MUST_DECIDE) == (missing.delivery, missing.work)
    assert "does not name it" in missing.reasons[0]
    assert BatchStatus.ANSWERED == settled
    assert (Delivery.SENT, Work.NOBODY) == (night.line("C-002").delivery, night.line("C-002").work)


def test_strangers_are_noted_and_the_rest_applies(night: Night):
    """Control numbers that are not in the batch are listed for a person; the others move."""
    batch_id = night.sent(builders.a_claim())
    (number,) = night.numbers(batch_id)
    accepted = Event.ACCEPTED_BY_CLEARINGHOUSE

    night.respond(batch_id, [an_answer(number, accepted, 1), an_answer("SOMEONEELSES00", accepted, 2)])

    assert FrontEnd.ACCEPTED_BY_CLEARINGHOUSE == night.line("C-1").front_end
    (noted,) = night.ledger.report.set_aside()
    assert ResponseStatus.APPLIED == noted.status
    assert "names 1 claims" in noted.reason
    assert "SOMEONEELSES00" in noted.reason


def test_a_response_is_set_aside_with_its_reason(night: Night):
    """A foreign file is looked at again, a quarantined one is not; people see both."""
    responses = night.ledger.responses
    foreign = responses.store("harbor", FILE, "a" * 64, NOW)
    broken = responses.store("harbor", replace(FILE, name="broken.txt"), "b" * 64, NOW)

    responses.set_aside(foreign, ResponseStatus.FOREIGN, "names no file of ours", NOW)
    responses.set_aside(broken, ResponseStatus.QUARANTINED, "segment 3: cut", NOW)

    assert [(foreign, ResponseStatus.FOREIGN)] == [(one.id, one.status) for one in responses.unapplied("harbor")]
    assert ["names no file of ours", "segment 3: cut"] == [one.reason for one in night.ledger.report.set_aside()]
    with pytest.raises(BadSetting, match="response 99"):
        responses.set_aside(99, ResponseStatus.FOREIGN, "", NOW)


def test_a_batch_is_found_by_its_numbers(night: Night):
    """A 999 finds its batch by GS06, and with an ISA13 only where both agree; another mailbox's does not count."""
    batch_id = night.sent(builders.a_claim())
    find = night.ledger.responses.batch_by_group

    assert [batch_id] * 2 == [one.id for one in (find("harbor", 1, None), find("harbor", 1, 1)) if one]
    assert [None, None, None] == [find("harbor", 1, 2), find("harbor", 2, None), find("elsewhere", 1, 1)]


@pytest.mark.parametrize("name", [name_of(1, an_order().kind.usage), "837p_000000001.TXT", "837P_000000001"])
def test_a_batch_is_found_by_its_file_name(night: Night, name: str):
    """Reports name our file in any case, with or without its extension."""
    batch_id = night.sent(builders.a_claim())

    found = night.ledger.responses.batch_by_file("harbor", name)

    assert night.ledger.batches.get(batch_id) == found


@pytest.mark.parametrize("name", ["837P_000000002.txt", "837P_000000001.edi", "837P_00000000", ""])
def test_other_file_names_find_nothing(night: Night, name: str):
    """A name that only resembles ours is foreign."""
    night.sent(builders.a_claim())

    assert night.ledger.responses.batch_by_file("harbor", name) is None


def test_a_claim_is_shown_with_what_the_999_said(night: Night):
    """Accepted, refused, or nothing; where both came the refusal is what a person must see."""
    batch_id = night.sent(*claims(4))
    first, second, third, _ = night.numbers(batch_id)
    accepted, refused = Event.SET_ACCEPTED, Event.SET_REFUSED
    night.respond(
        batch_id, [an_answer(first, accepted, 1), an_answer(second, refused, 2), an_answer(third, refused, 3)]
    )
    night.respond(batch_id, [an_answer(third, accepted, 3)])

    assert [accepted, refused, refused, None] == [line.set_answer for line in night.lines()]


def test_a_refused_set_and_a_failed_file_are_not_rejections(night: Night):
    """A refused set and a failed file are dead on delivery and ask a person; their front end stays as it was."""
    batch_id = night.sent(*claims(2))
    first, second = night.numbers(batch_id)

    night.respond(batch_id, [an_answer(first, Event.SET_REFUSED, 1), an_answer(second, Event.FILE_FAILED, 2)])

    stands = [(line.delivery, line.front_end) for line in night.lines()]
    assert [(Delivery.SET_REFUSED, FrontEnd.NONE), (Delivery.FILE_FAILED, FrontEnd.NONE)] == stands
    assert BatchStatus.ANSWERED == night.ledger.batches.get(batch_id).status
