"""Every rule catches its fault, says where and what to do, and tells nothing of the patient."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal

import pytest

from include.claims.model import Frequency
from include.claims.parties import PersonName
from include.claims.scrub import RULES, payer_id_rule, scrub
from tests.builders import (
    NPI_WITH_A_BAD_CHECK_DIGIT,
    TODAY,
    a_billing_provider,
    a_claim,
    a_dependent,
    a_dependent_claim,
    a_line,
    a_payer,
    a_provider,
    a_subscriber,
    an_address,
    lines,
    the_worked_example,
)

pytestmark = pytest.mark.pure

NOBODY = PersonName(last="", first="")
BILLING_ADDRESS = a_billing_provider().address


def billed(**changes):
    """Return a claim whose billing provider is changed."""
    return a_claim(billing=a_billing_provider(**changes))


def insured(**changes):
    """Return a claim whose subscriber is changed."""
    return a_claim(subscriber=a_subscriber(**changes))


def cared(**changes):
    """Return a claim whose dependent is changed."""
    return a_dependent_claim(dependent=a_dependent(**changes))


def served(**changes):
    """Return a claim whose only line is changed."""
    return a_claim(lines=(a_line(**changes),))


FAULTS = [
    ("member_id_present", insured(member_id="")),
    ("member_id_present", insured(member_id="  ")),
    ("member_id_characters", insured(member_id="XYZ*1")),
    ("member_id_characters", insured(member_id="xyz1")),
    ("member_id_characters", insured(member_id="XYZ1 ")),
    ("member_id_characters", insured(member_id="X")),
    ("subscriber_name", insured(name=NOBODY)),
    ("subscriber_name", insured(name=PersonName(last="李", first="TESTINA"))),
    ("subscriber_name", insured(name=PersonName(last="X" * 61, first="TESTINA"))),
    ("subscriber_name", insured(name=PersonName(last="ß" * 31, first="TESTINA"))),
    ("subscriber_birth_date", insured(birth_date=None)),
    ("subscriber_birth_date", a_dependent_claim(subscriber=a_subscriber(birth_date=TODAY + timedelta(days=1)))),
    ("subscriber_address", insured(address=None)),
    ("subscriber_address", insured(address=an_address(street=""))),
    ("subscriber_address", insured(address=an_address(postal_code="97005-1234"))),
    ("subscriber_address", insured(address=an_address(state="Or"))),
    ("subscriber_address", insured(address=an_address(city="X" * 31))),
    ("group_number_characters", insured(group_number="G~1")),
    ("dependent_name", cared(name=NOBODY)),
    ("dependent_birth_date", cared(birth_date=None)),
    ("dependent_address", cared(address=None)),
    ("payer_name", a_claim(payer=a_payer(name=""))),
    ("payer_id_shape", a_claim(payer=a_payer(id="12"))),
    ("payer_id_shape", a_claim(payer=a_payer(id="example plan"))),
    ("filing_indicator", a_claim(payer=a_payer(filing_indicator="XX"))),
    ("diagnosis_count", a_claim(diagnoses=tuple(f"F{n}" for n in range(80, 93)))),
    ("diagnosis_shape", a_claim(diagnoses=("F84.0",))),
    ("diagnosis_shape", a_claim(diagnoses=("f840",))),
    ("diagnoses_distinct", a_claim(diagnoses=("F840", "F840"))),
    ("frequency_supported", a_claim(frequency=Frequency.REPLACEMENT)),
    ("frequency_supported", a_claim(frequency=Frequency.VOID)),
    ("authorization_characters", a_claim(prior_authorization="A:1")),
    ("line_count", a_claim(lines=lines(51))),
    ("line_keys_distinct", a_claim(lines=(a_line(), a_line()))),
    ("service_date_not_in_future", served(service_date=TODAY + timedelta(days=1))),
    ("service_date_after_birth", cared(birth_date=date(2026, 3, 3))),
    ("place_of_service_shape", a_claim(place_of_service="office")),
    ("place_of_service_shape", served(place_of_service="1")),
    ("procedure_shape", served(procedure="9715")),
    ("procedure_shape", served(procedure="ABCDE")),
    ("modifier_shape", served(modifiers=("H",))),
    ("modifier_shape", served(modifiers=("HM", "HN", "HO", "U1", "U2"))),
    ("pointers_within_list", served(diagnosis_pointers=(2,))),
    ("pointers_within_list", served(diagnosis_pointers=(0,))),
    ("pointers_within_list", served(diagnosis_pointers=())),
    ("pointers_distinct", served(diagnosis_pointers=(1, 1))),
    ("charge_amount", a_claim(lines=(a_line(), a_line(source_line_key="L-2", charge=Decimal(-1))))),
    ("charge_amount", served(charge=Decimal("240.005"))),
    ("units_positive", served(units=Decimal(0))),
    ("units_positive", served(units=Decimal("NaN"))),
    ("rendering_npi", a_claim(rendering=a_provider(npi=NPI_WITH_A_BAD_CHECK_DIGIT))),
    ("rendering_name", a_claim(rendering=a_provider(name=NOBODY))),
    ("tax_id", billed(tax_id="73-1234567")),
    ("claim_codes", a_claim(accepts_assignment="X")),
    ("total_positive", served(charge=Decimal(0))),
    ("billing_name", billed(name="")),
    ("billing_npi", billed(npi=NPI_WITH_A_BAD_CHECK_DIGIT)),
    ("billing_npi", billed(npi="")),
    ("billing_address", billed(address=replace(BILLING_ADDRESS, postal_code="97201"))),
    ("billing_street_not_a_box", billed(address=replace(BILLING_ADDRESS, street="P.O. Box 12"))),
    ("billing_street_not_a_box", billed(address=replace(BILLING_ADDRESS, street2="po box 12"))),
    ("billing_street_not_a_box", billed(address=replace(BILLING_ADDRESS, street="12 MAIN ST PMB 4"))),
    ("billing_phone", billed(phone="555-0100")),
    ("taxonomy_shape", billed(taxonomy="103K")),
]


@pytest.mark.parametrize("claim", [a_claim(), a_dependent_claim(), the_worked_example(), a_claim(rendering=None)])
def test_a_sound_claim_has_no_fault(claim):
    """The builders' claims may go."""
    assert () == scrub(claim, TODAY)


@pytest.mark.parametrize(("rule", "claim"), FAULTS)
def test_a_rule_catches_its_fault_and_nothing_else_does(rule, claim):
    """One fault is reported once, by the rule that owns it, and blocks."""
    faults = scrub(claim, TODAY)

    assert [rule] == [fault.rule for fault in faults if fault.blocks]


def test_a_modifier_listed_twice_only_warns():
    """A rule nobody published does not hold a claim."""
    (fault,) = scrub(served(modifiers=("HM", "HM")), TODAY)

    assert ("modifiers_distinct", False) == (fault.rule, fault.blocks)


def test_every_blocking_rule_is_tried():
    """A rule without a case here is a rule nobody has seen work."""
    assert {rule.name for rule in RULES if rule.blocks} == {name for name, _ in FAULTS}


def test_all_faults_come_out_in_one_pass():
    """A biller mends a claim once, in the order of the form."""
    bad = a_claim(
        billing=a_billing_provider(npi=NPI_WITH_A_BAD_CHECK_DIGIT),
        subscriber=a_subscriber(member_id=""),
        lines=(a_line(diagnosis_pointers=(5,)),),
    )

    assert ["member_id_present", "pointers_within_list", "billing_npi"] == [f.rule for f in scrub(bad, TODAY)]


def test_lines_are_named_by_position():
    """The message says which lines."""
    bad = a_claim(lines=tuple(replace(line, procedure="x") for line in lines(3)))

    (fault,) = scrub(bad, TODAY)

    assert fault.message.startswith("lines 1, 2, 3: the procedure")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_says_where_what_and_who_says_so(rule):
    """Place, remedy and source are written, and only what is published blocks."""
    assert rule.place
    assert rule.remedy
    assert rule.source
    assert rule.blocks is (rule.source != "inferred")


def test_rule_names_are_unique():
    """A hold is known by its rule's name."""
    assert len(RULES) == len({rule.name for rule in RULES})


def test_no_fault_repeats_what_stood_there():
    """Names, dates and ids of the patient never reach a message."""
    marked = insured(member_id="marked*1", name=PersonName(last="", first="MARKEDNAME"), birth_date=date(2999, 1, 2))

    said = repr(scrub(marked, TODAY)).lower()

    assert not any(mark in said for mark in ("marked", "2999"))


def test_the_shape_of_payer_ids_is_a_setting():
    """Another clearinghouse brings its own shape."""
    strict = [payer_id_rule("[A-Z0-9]{5}")]

    assert () == scrub(a_claim(), TODAY, strict)
    assert ["payer_id_shape"] == [fault.rule for fault in scrub(a_claim(payer=a_payer(id="ABC")), TODAY, strict)]


@pytest.mark.parametrize("charge", ["NaN", "Infinity", "-Infinity", "1E+30"])
def test_numbers_that_are_none_are_caught(charge):
    """A charge that is no amount is a fault, not a crash."""
    rules = {fault.rule for fault in scrub(served(charge=Decimal(charge)), TODAY)}

    assert {"charge_amount", "total_positive"} == rules


def test_a_claim_without_lines_or_diagnoses_is_caught():
    """Empty lists are faults."""
    rules = {fault.rule for fault in scrub(a_claim(lines=(), diagnoses=()), TODAY)}

    assert {"line_count", "diagnosis_count", "total_positive"} == rules
