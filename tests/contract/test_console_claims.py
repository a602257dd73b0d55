"""Claims, files and looks as the Claims page asks for them, on every database."""

from dataclasses import replace
from decimal import Decimal

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from include.claims.coordination import OtherPayer, Responsibility
from include.claims.model import Frequency
from include.claims.parties import PersonName
from include.claims.states import Delivery, Event
from include.delivery.file_hops import FileNight
from include.delivery.looks import Look, Saw
from include.delivery.records import Staged, Table
from tests import builders
from tests.contract.night import CLINIC_ROW, NOW, Night, an_answer, claims

ALL = {"harbor"}


def by(name: str, night: Night, clinics=None):
    """Return the keys of the claims a name means."""
    return [one.claim_key for one in night.ledger.console.find(name, clinics, 10)]


def test_a_claim_is_found_by_each_of_its_numbers(night: Night):
    """Control number however it is written, source key, clearinghouse's and payer's number."""
    batch_id = night.sent(*claims(2))
    first, _ = night.numbers(batch_id)
    answer = an_answer(first, Event.ACCEPTED_BY_PAYER, clearinghouse_claim_id="CH-1", payer_claim_number="ICN-1")
    night.respond(batch_id, [answer])

    found = [by(name, night) for name in (first, first.lower(), "C-001", "CH-1", "ICN-1", "nothing")]

    assert [["C-001"]] * 5 + [[]] == found


def test_a_control_number_means_one_claim(night: Night):
    """A claim whose key is another's control number does not hide behind it."""
    (number,) = night.numbers(night.sent(*claims(1)))
    night.stage(builders.a_claim(key=number))

    assert ["C-001"] == by(number, night)


def test_a_key_of_two_practices_means_two_claims_and_each_clinic_sees_its_own(night: Night):
    """Newest first, and only of the clinics that are asked for."""
    night.ledger.clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": "meadow"}])
    night.stage(builders.a_claim(key="X-1"))
    other = builders.a_claim(key="X-1", source="another_practice")
    night.ledger.claims.stage("meadow", [Staged(claim=other, faults=())], NOW)

    found = night.ledger.console.find("X-1", None, 10)

    assert ["meadow", "harbor"] == [one.clinic_key for one in found]
    assert ["harbor"] == [one.clinic_key for one in night.ledger.console.find("X-1", ALL, 10)]


def test_a_secondary_claim_stands_beside_its_primary(night: Night):
    """The same services of one patient to another payer, each seen from the other."""
    primary = builders.a_claim(key="P-1")
    before = OtherPayer(
        responsibility=Responsibility.PRIMARY, insured=PersonName(last="EXAMPLE", first="TESTINA"), member_id="M1",
        payer_id="99999", payer_name="EXAMPLE HEALTH PLAN",
    )  # fmt: skip
    secondary = replace(
        builders.a_claim(key="S-1", payer=builders.a_payer(id="88888", name="SECOND PLAN")),
        responsibility=Responsibility.SECONDARY, other_payers=(before,),
    )  # fmt: skip
    night.stage(primary, secondary, builders.a_claim(key="O-1", subscriber=builders.a_subscriber(birth_date=None)))
    (first,), (second,) = (night.ledger.console.find(key, ALL, 2) for key in ("P-1", "S-1"))

    told = [
        [(one.found.claim_key, one.how) for one in night.ledger.console.beside(claim.claim_id)]
        for claim in (first, second)
    ]

    assert [("S-1", "the same services to the next payer, SECOND PLAN")] == told[0]
    assert [("P-1", "the same services to the payer before, EXAMPLE HEALTH PLAN")] == told[1]


def test_a_replacement_with_a_key_of_its_own_stands_beside_what_it_replaces(night: Night):
    """It names the payer's number of the other."""
    batch_id = night.sent(*claims(1))
    (number,) = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(number, Event.ACCEPTED_BY_PAYER, payer_claim_number="ICN-1")])
    night.stage(builders.a_claim(key="R-1", frequency=Frequency.REPLACEMENT, payer_claim_number="ICN-1"))
    (old,), (new,) = (night.ledger.console.find(key, ALL, 2) for key in ("C-001", "R-1"))

    assert ["replacement of this claim"] == [one.how for one in night.ledger.console.beside(old.claim_id)]
    assert ["this claim is its replacement"] == [one.how for one in night.ledger.console.beside(new.claim_id)]


def test_a_files_claims_are_counted_as_they_stand(night: Night):
    """Each file of a list, one without claims too."""
    first = night.sent(*claims(2))
    second = night.rendered(builders.a_claim(key="N-1"), run_id="run-2")

    standings = night.ledger.console.batch_standings([first, second, 99])

    assert [(Delivery.SENT, 2)] == [(one.delivery, one.claims) for one in standings[first]]
    assert [(Delivery.BATCHED, 1)] == [(one.delivery, one.claims) for one in standings[second]]
    assert [] == standings[99]


def test_a_file_is_told_with_its_sendings_claims_and_answers(night: Night):
    """Who was reached, which claims in which order, what came back and of how many."""
    batch_id = night.sent(*claims(3))
    numbers = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(one, Event.SET_ACCEPTED, 6) for one in numbers])
    night.respond(batch_id, [an_answer(numbers[0], Event.ACCEPTED_BY_CLEARINGHOUSE)])
    console = night.ledger.console

    file, answers = console.batch(batch_id), console.batch_answers(batch_id)

    assert file is not None
    (sending,) = file.sendings
    assert sending == file.sent
    assert ("sftp.example.test:22", "SHA256:example") == (sending.server, sending.key_fingerprint)
    assert numbers[1:] == [one.line.control_number for one in console.batch_claims(batch_id, 1, 5)]
    assert [{Event.SET_ACCEPTED: 3}, {Event.ACCEPTED_BY_CLEARINGHOUSE: 1}] == [one.said for one in answers]
    assert console.batch(10_000) is None


def test_a_files_claims_counted_together_are_its_claims_one_by_one(night: Night):
    """Each hop adds up to the file, as in the night report."""
    batch_id = night.sent(*claims(3))
    numbers = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(one, Event.SET_ACCEPTED, 6) for one in numbers])
    night.respond(batch_id, [an_answer(numbers[0], Event.REJECTED_BY_CLEARINGHOUSE)])
    together, one_by_one = FileNight(), FileNight()

    for alike in night.ledger.console.batch_hops(batch_id):
        together.count(alike, alike.claims)
    for line in night.lines():
        one_by_one.count(line)

    assert one_by_one == together
    assert (3, Decimal("720.00")) == (together.held.claims, together.held.dollars)


def test_an_answer_may_name_patients_of_every_clinic_of_its_mailbox(night: Night):
    """Those that have it now, those that sent by it before, those of its claims."""
    batch_id = night.sent(*claims(1))
    response_id = night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.SET_ACCEPTED)])
    night.ledger.clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": "meadow"}])
    night.set_clinic(mailbox_key="elsewhere")

    stored = night.ledger.console.answer(response_id)

    assert stored is not None
    assert {"harbor", "meadow"} == stored.clinics
    assert night.ledger.console.answer(10_000) is None


def test_looks_at_a_claim_and_its_files_are_told_newest_first(night: Night):
    """A file that holds the claim is a look at it; another claim's is none."""
    batch_id = night.sent(*claims(2))
    response_id = night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.SET_ACCEPTED)])
    first, second = (night.ledger.console.find(key, ALL, 2)[0].claim_id for key in ("C-001", "C-002"))
    looks = [
        Look(at=NOW, who="Billa", what=Saw.CLAIM, claim_id=first),
        Look(at=NOW, who="Billa", what=Saw.SENT_FILE, batch_id=batch_id),
        Look(at=NOW, who="Casey", what=Saw.ANSWER, response_id=response_id),
    ]

    for look in looks:
        night.ledger.console.looked(look)

    assert looks[::-1] == night.ledger.console.looks(first, 10)
    assert looks[2:] == night.ledger.console.looks(first, 1)
    assert [looks[1]] == night.ledger.console.looks(second, 10)


@pytest.mark.parametrize("statement", ["UPDATE claim_look SET who = 'nobody'", "DELETE FROM claim_look"])
def test_looks_are_kept_for_ever(night: Night, statement: str):
    """No statement changes or removes one, not even one typed by hand."""
    night.stage(*claims(1))
    (found,) = night.ledger.console.find("C-001", ALL, 2)
    night.ledger.console.looked(Look(at=NOW, who="Billa", what=Saw.CLAIM, claim_id=found.claim_id))

    with night.ledger.database.engine.connect() as connection, pytest.raises(DBAPIError, match="kept for ever"):
        connection.execute(text(statement))

    assert 1 == len(night.ledger.console.looks(found.claim_id, 10))
