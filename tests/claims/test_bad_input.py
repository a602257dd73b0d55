"""Whatever a source sends ends as a named fault or as a right file: nothing crashes, nothing is cut, nothing moves."""

import re
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims import circumstances, coordination, model, parties
from include.claims.model import Claim
from include.claims.parties import PersonName
from include.claims.scrub import scrub
from include.hcfa.faults import form_faults
from include.hcfa.form import as_printed
from include.hcfa.layout import GRID_A
from include.hcfa.print_image import write_print_image
from include.hcfa.read_print_image import read_print_image
from include.x12.as_billed import as_billed
from include.x12.read_837p import read_837p
from include.x12.write_837p import write_837p
from tests.builders import TODAY, a_claim, a_line, an_address, an_envelope, lines, the_worked_example
from tests.claims.hostile import places, with_one_hostile_field
from tests.claims.rule_faults import billed, cared, insured, served
from tests.oracles import pyx12_complaints
from tests.scenarios import (
    SCENARIOS,
    a_facility,
    a_full_form,
    a_supervising_provider,
    everything,
    secondary_after_primary,
)
from tests.x12.test_round_trip import BOUNDED

ENVELOPE = an_envelope(subscriber_details_always=True)
ON_PAPER = (
    replace(a_full_form(), lines=a_full_form().lines[:1]),
    replace(secondary_after_primary(), facility=a_facility(), supervising=a_supervising_provider()),
    the_worked_example(),
)


def blocking(claim: Claim) -> set[str]:
    """Return the names of the rules that hold a claim back."""
    return {fault.rule for fault in scrub(claim, TODAY) if fault.blocks}


def sent(claim: Claim) -> str:
    """Return the 837P of one claim."""
    return write_837p(ENVELOPE, [(1, "CN1", claim)]).content.decode()


NAMED = [
    ("a member id with a separator", insured(member_id="XYZ*1"), "member_id_characters"),
    ("a member id in lower case", insured(member_id="xyz1"), "member_id_characters"),
    ("a name of 200 characters", insured(name=PersonName(last="X" * 200, first="TESTINA")), "subscriber_name"),
    ("a name of nothing but an emoji", insured(name=PersonName(last="😀", first="TESTINA")), "subscriber_name"),
    ("a name of nothing but controls", insured(name=PersonName(last="\x00\x07", first="TESTINA")), "subscriber_name"),
    ("an empty last name", insured(name=PersonName(last="", first="TESTINA")), "subscriber_name"),
    ("a charge with three decimals", served(charge=Decimal("240.005")), "charge_amount"),
    ("a negative charge", a_claim(lines=(a_line(), a_line(source_line_key="L-2", charge=Decimal(-1)))),
     "charge_amount"),
    ("a claim that bills nothing", served(charge=Decimal(0)), "total_positive"),
    ("a charge too large to send", served(charge=Decimal("1E+9")), "charge_amount"),
    ("51 lines", a_claim(lines=lines(51)), "line_count"),
    ("13 diagnoses", a_claim(diagnoses=tuple(f"F{n}" for n in range(80, 93))), "diagnosis_count"),
    ("5 modifiers", served(modifiers=("HM", "HN", "HO", "U1", "U2")), "modifier_shape"),
    ("a modifier in lower case", served(modifiers=("hm",)), "modifier_shape"),
    ("a diagnosis in lower case", a_claim(diagnoses=("f840",)), "diagnosis_shape"),
    ("a service in the future", served(service_date=TODAY + timedelta(days=1)), "service_date_not_in_future"),
    ("a service before birth", cared(birth_date=date(2026, 3, 3)), "service_date_after_birth"),
    ("a birth in the future", insured(birth_date=TODAY + timedelta(days=1)), "subscriber_birth_date"),
    ("a post office box that bills", billed(address=an_address(street="PO Box 9", postal_code="972010001")),
     "billing_street_not_a_box"),
    ("a billing ZIP code of 5 digits", billed(address=an_address()), "billing_address"),
    ("unit 0", served(units=Decimal(0)), "units_positive"),
    ("two lines with one key", a_claim(lines=(a_line(), a_line())), "line_keys_distinct"),
]  # fmt: skip

MENDED = [
    ("separators", "O*Br:i~a^n", "O BR I A N"),
    ("accents", "Núñez-Østergård", "NUNEZ-OSTERGARD"),
    ("an emoji", "Ann😀", "ANN"),
    ("controls", "An\x00n\r\nLee\t", "AN N LEE"),
    ("lower case", "o'brien", "O'BRIEN"),
    ("another alphabet beside Latin", "Li 李", "LI"),
]


@pytest.mark.pure
@pytest.mark.parametrize(("claim", "rule"), [pytest.param(claim, rule, id=what) for what, claim, rule in NAMED])
def test_a_fault_is_named(claim, rule):
    """What cannot be sent as it is meant is held, by the rule a biller would look for."""
    assert rule in blocking(claim)


@pytest.mark.pure
@pytest.mark.parametrize(("typed", "written"), [pytest.param(*pair, id=what) for what, *pair in MENDED])
def test_a_name_is_made_plain(typed, written):
    """Free text goes in capital Latin letters, and nothing behind it moves."""
    claim = insured(name=PersonName(last=typed, first="TESTINA"))

    assert set() == blocking(claim)
    assert f"~NM1*IL*1*{written}*TESTINA****MI*XYZ100200300~" in sent(claim)


@pytest.mark.pure
def test_empty_and_missing_are_told_apart_from_blank():
    """An id of blanks is missing; an address that was never given is a fault of its own."""
    assert {"member_id_present"} == blocking(insured(member_id="  "))
    assert {"subscriber_address"} == blocking(insured(address=None))
    assert {"subscriber_address"} == blocking(insured(address=an_address(street="", city="")))


DAMAGED = (everything(), SCENARIOS["a_person_who_bills"]())

NOT_DAMAGED = {
    "Claim.ready_at": "no part of the bill",
    "ServiceLine.minutes": "no part of the bill; its own rules ask it",
}
"""What the claims that are damaged do not hold, and why."""


@pytest.mark.pure
def test_every_field_of_the_model_is_damaged():
    """The claims that are damaged hold each text, number and day of a bill at least once."""
    reached = {part for claim in DAMAGED for place, _ in places(claim) for part in place}
    asked_only = {model.Authorization, model.Fault, model.LinePart, model.UnreadableClaim, parties.Practitioner}
    parts = [
        thing
        for module in (model, parties, circumstances, coordination)
        for thing in vars(module).values()
        if isinstance(thing, type)
        and is_dataclass(thing)
        and thing.__module__ == module.__name__
        and thing not in asked_only
    ]

    left = {
        f"{part.__name__}.{one.name}"
        for part in parts
        for one in fields(part)
        if one.name not in reached and re.search("str|Decimal|date|int", str(one.type))
    }

    assert set(NOT_DAMAGED) == left


@pytest.mark.parametrize("sound", DAMAGED, ids=["everything", "a person who bills"])
def test_one_hostile_field_is_held_or_reads_back(sound):
    """Whichever field is damaged, the claim is held, or its file says what was billed."""
    wrong = []
    for place, value, claim in with_one_hostile_field(sound):
        if blocking(claim):
            continue
        (read,) = read_837p([sent(claim)])
        if read.claim != as_billed(claim):
            wrong.append((place, value))

    assert [] == wrong


@pytest.mark.parametrize("sound", ON_PAPER, ids=["a full form", "to a second payer", "a child"])
def test_one_hostile_field_is_refused_on_paper_or_reads_back(sound):
    """Whichever field is damaged, the form is refused, or its print image says what was billed."""
    wrong = []
    for place, value, claim in with_one_hostile_field(sound):
        if blocking(claim) or any(fault.blocks for fault in form_faults(claim, "CN1", GRID_A)):
            continue
        read = read_print_image(write_print_image([(1, "CN1", claim)], GRID_A).content, GRID_A)
        if read.faults or list(read.forms) != [as_printed(claim, "CN1", GRID_A)]:
            wrong.append((place, value))

    assert [] == wrong


hostile_claims = st.deferred(
    lambda: st.sampled_from([claim for sound in DAMAGED for _, _, claim in with_one_hostile_field(sound)])
)


@pytest.mark.slow
@BOUNDED
@given(hostile_claims)
def test_what_is_let_go_is_accepted_by_a_stranger(claim):
    """Whichever field is damaged, what the rules let go is sound to a validator we did not write."""
    assert blocking(claim) or [] == pyx12_complaints(sent(claim))
