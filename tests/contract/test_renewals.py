"""What was refused before it was read goes again once, on every ledger, whoever asks at the same time."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any

import pytest

from include.claims.model import CancelledClaim
from include.claims.states import Delivery, Event, FrontEnd, Work
from include.delivery.records import Kind, Refusal, Refused, RemoteFile, ResponseStatus
from tests.contract.night import BLOCKED, Night, an_answer, an_order, changed, claims

CUT: dict[str, Any] = {"codes": ("TA105 023",), "words": "the file ends too early"}


def always(_: Refused) -> bool:
    return True


def refuse(night: Night, batch_id: int, event: Event = Event.FILE_FAILED, *numbers: str) -> None:
    """Let the receiver refuse a batch, or some of its claims."""
    said = [an_answer(number, event, **CUT) for number in numbers or night.numbers(batch_id)]
    night.respond(batch_id, said)


def renew(night: Night, going: list[Refused] | None = None) -> list[str]:
    """Renew what was refused."""
    renewals = night.ledger.renewals
    return renewals.renew(renewals.refused("harbor") if going is None else going, always, night.now, why="it is quiet")


def test_a_failed_file_is_told_with_all_that_was_heard(night: Night):
    """One record a file: its claims, what each refusal says and when, and that nothing else was heard."""
    batch_id = night.sent(*claims(2))
    refuse(night, batch_id)

    [one] = night.ledger.renewals.refused()

    assert (batch_id, "", night.numbers(batch_id)) == (one.batch_id, one.set_number, list(one.control_numbers))
    assert ((Refusal(("TA105 023",), "the file ends too early"),), night.now) == (one.refusals, one.heard_at)
    assert ((), (), True) == (one.signs_of_life, one.unread, one.is_of_this_epoch)
    doubts = (one.is_contradicted, one.has_new_content, one.failed_before, one.may_live, one.is_cancelled)
    assert not any(doubts)


def test_a_renewed_file_goes_as_new_submissions(night: Night):
    """Its claims are READY under new numbers, the old submissions RENEWED and nobody's work; asked again, nothing."""
    batch_id = night.sent(*claims(2))
    refuse(night, batch_id)

    keys = renew(night)

    assert ["C-001", "C-002"] == sorted(keys)
    assert [] == night.ledger.renewals.refused()
    assert (Delivery.RENEWED, Work.NOBODY) == (night.line("C-001").delivery, night.line("C-001").work)
    (again,) = night.seal(an_order("run-2"))
    assert claims(2) == [item.claim for item in night.ledger.batches.claims(again)]
    assert not set(night.numbers(batch_id)) & set(night.numbers(again))


def test_a_refused_set_takes_no_other_claim_along(night: Night):
    """Of a file with one refused set only that set's claim goes; its neighbours' good answers are no sign of life."""
    batch_id = night.sent(*claims(3))
    first, second, third = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(first, Event.SET_ACCEPTED, 1), an_answer(third, Event.SET_ACCEPTED, 3)])
    refuse(night, batch_id, Event.SET_REFUSED, second)

    [one] = night.ledger.renewals.refused()

    assert ("0002", (second,), ()) == (one.set_number, one.control_numbers, one.signs_of_life)
    assert ["C-002"] == renew(night)


@pytest.mark.parametrize("event", [Event.SET_ACCEPTED, Event.PAID, Event.REJECTED_BY_PAYER, Event.CALLED_DUPLICATE])
@pytest.mark.parametrize("day", ["2026-03-05", "2026-03-07"], ids=["said before", "said after"])
def test_a_word_on_one_claim_is_a_sign_of_life_of_its_file(night: Night, event, day):
    """Whatever else was said of any claim of a failed file is told, by whatever day it gives itself."""
    batch_id = night.sent(*claims(2))
    refuse(night, batch_id)
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[1], event)], answered_on=day)

    assert {(event,)} == {one.signs_of_life for one in night.ledger.renewals.refused()}


def test_a_second_refusal_is_told_apart(night: Night):
    """A claim that failed before comes apart from those that failed for the first time in the same file."""
    refuse(night, night.sent(claims(2)[0]))
    renew(night)
    night.stage(claims(2)[1])
    again = night.sent(run_id="run-2")
    refuse(night, again)

    assert {False: 1, True: 1} == {
        one.failed_before: len(one.control_numbers) for one in night.ledger.renewals.refused()
    }


def test_what_the_source_did_since_is_told(night: Night):
    """New content, and that a claim was taken back, as the source says it last."""
    batch_id = night.sent(*claims(2))
    refuse(night, batch_id)
    night.stage(changed(claims(2)[0]), CancelledClaim(source="example_practice", key="C-002"))

    told = {one.control_numbers: one for one in night.ledger.renewals.refused()}

    first, second = night.numbers(batch_id)
    assert (True, False) == (told[first,].has_new_content, told[first,].is_cancelled)
    assert told[second,].is_cancelled


def test_a_restored_ledger_says_so(night: Night):
    """What was refused before a restore is of another epoch."""
    refuse(night, night.sent(*claims(1)))
    night.ledger.new_epoch("another", 0, "casey", night.now)

    assert [False] == [one.is_of_this_epoch for one in night.ledger.renewals.refused()]


@pytest.mark.parametrize(
    ("name", "status", "counts"),
    [
        ("FS_HCFA_443130028_IN_C.txt", ResponseStatus.QUARANTINED, True),
        ("FS_HCFA_443130028_IN_C.txt", ResponseStatus.FOREIGN, False),
        ("1234567890_HCFA_FULL.txt", ResponseStatus.UNKNOWN, False),
        ("1234567890_837P_000000001.log", ResponseStatus.UNKNOWN, True),
    ],
)
def test_an_answer_nobody_could_read_is_told(night: Night, name, status, counts):
    """A file that came since and could not be read may speak of the claims; one of another file does not."""
    refuse(night, night.sent(*claims(1)))
    file = RemoteFile(name=name, size=1, modified=1)
    response_id = night.ledger.responses.store("harbor", file, "9" * 64, night.now)
    night.ledger.responses.set_aside(response_id, status, "because", night.now)

    assert [(name,) if counts else ()] == [one.unread for one in night.ledger.renewals.refused()]


def test_a_copy_is_told_by_name_alone(night: Night):
    """A test file that failed is nobody's work; asked for by name it is told as what it is."""
    batch_id = night.rendered(*claims(1), kind=Kind.TEST)
    night.ledger.batches.sent(night.begin(batch_id), "acknowledged", night.now)
    refuse(night, batch_id)
    file_name = night.ledger.batches.get(batch_id).file_name

    assert [] == night.ledger.renewals.refused()
    assert ["test"] == [one.usage for one in night.ledger.renewals.refused(name=file_name)]
    assert ["test"] == [one.usage for one in night.ledger.renewals.refused(name=night.numbers(batch_id)[0])]


def test_it_is_asked_again_in_the_transaction(night: Night):
    """A good word that comes between the asking and the doing is seen: nothing is renewed."""
    batch_id = night.sent(*claims(2))
    refuse(night, batch_id)
    going = night.ledger.renewals.refused()
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.PAID)])

    def is_silent(one: Refused) -> bool:
        return not one.signs_of_life

    assert [] == night.ledger.renewals.renew(going, is_silent, night.now, why="it was quiet")
    assert 2 == len(night.lines())


def test_two_at_once_renew_it_once(night: Night):
    """Runs that ask at the same moment make one new submission a claim."""
    refuse(night, night.sent(*claims(20)))
    going = night.ledger.renewals.refused()

    with ThreadPoolExecutor(4) as pool:
        renewed = list(pool.map(lambda _: renew(night, going), range(4)))

    assert [0, 0, 0, 20] == sorted(map(len, renewed))
    assert 40 == len(night.lines())


@pytest.mark.parametrize("day", ["2026-03-05", "2026-03-07"], ids=["dated before", "dated after"])
def test_a_good_word_after_the_renewal_freezes_what_waits(night: Night, day):
    """The refused file lived after all: contradicted, and what waits in its place is held as a possible duplicate."""
    batch_id = night.sent(*claims(2))
    refuse(night, batch_id)
    renew(night)

    accepted = an_answer(night.numbers(batch_id)[0], Event.ACCEPTED_BY_CLEARINGHOUSE, 1)
    night.respond(batch_id, [accepted], answered_on=day)

    assert night.line("C-001").contradicted
    assert (Delivery.HELD, True) == (
        night.line("C-001", 2).delivery,
        "possible_dup" in night.line("C-001", 2).reasons[0],
    )
    assert Delivery.READY == night.line("C-002", 2).delivery


def test_a_good_word_after_both_went_calls_a_person_to_both(night: Night):
    """Two may be alive: both are contradicted, said once, and neither changes by itself any more."""
    batch_id = night.sent(*claims(1))
    refuse(night, batch_id)
    renew(night)
    again = night.sent(run_id="run-2")
    night.respond(again, [an_answer(night.numbers(again)[0], Event.ACCEPTED_BY_CLEARINGHOUSE)])

    for position in (1, 2):
        night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.ACCEPTED_BY_PAYER, position)])

    old, new = night.line("C-001"), night.line("C-001", 2)
    assert (True, True) == (old.contradicted, new.contradicted)
    assert (Delivery.SENT, FrontEnd.ACCEPTED_BY_CLEARINGHOUSE) == (new.delivery, new.front_end)
    assert [reason for reason in new.reasons if "possible duplicate" in reason] == list(new.reasons)
    assert 1 == len(new.reasons)


def test_a_late_refusal_of_what_was_renewed_changes_nothing(night: Night):
    """The same bad news again, from another report, is known."""
    batch_id = night.sent(*claims(1))
    refuse(night, batch_id, Event.SET_REFUSED)
    renew(night)

    refuse(night, batch_id)

    assert (Delivery.RENEWED, False, Work.NOBODY) == (
        night.line("C-001").delivery, night.line("C-001").contradicted, night.line("C-001").work,
    )  # fmt: skip
    assert Delivery.READY == night.line("C-001", 2).delivery


def test_a_held_successor_is_asked_about_too(night: Night):
    """A rule held the new submission; mended at the source, it still waits for a person once the old one answered."""
    batch_id = night.sent(*claims(1))
    refuse(night, batch_id)
    renew(night)
    [claim] = claims(1)
    night.stage(replace(claim, prior_authorization="A"), faults=[BLOCKED])
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.ACCEPTED_BY_CLEARINGHOUSE)])

    night.stage(replace(claim, prior_authorization="B"))

    assert Delivery.HELD == night.line("C-001", 2).delivery


def test_a_withdrawn_successor_does_not_slip_back(night: Night):
    """Taken back at the source, answered under its old number, wanted again: a person is asked first."""
    batch_id = night.sent(*claims(1))
    refuse(night, batch_id)
    renew(night)
    night.stage(CancelledClaim(source="example_practice", key="C-001"))
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.ACCEPTED_BY_CLEARINGHOUSE)])

    night.stage(*claims(1))

    assert Delivery.HELD == night.line("C-001", 2).delivery
