"""Every rule catches its fault, says where and what to do, and tells nothing of the patient."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from include.claims import rules_enrollment
from include.claims.facts import NO_FACTS, Facts
from include.claims.model import Fault
from include.claims.parties import PersonName
from include.claims.payer_profile import PayerProfile, Severity
from include.claims.rules_insured import payer_id_rule
from include.claims.scrub import NOT_CHECKED, RULES, scrub
from include.claims.scrutiny import INFERRED, PROFILE
from tests.builders import (
    NPI_WITH_A_BAD_CHECK_DIGIT,
    TODAY,
    a_billing_provider,
    a_claim,
    a_dependent_claim,
    a_line,
    a_payer,
    a_subscriber,
    lines,
    the_worked_example,
)
from tests.claims.rule_faults import FAULTS, WARNINGS, insured, served
from tests.scenarios import SCENARIOS

pytestmark = pytest.mark.pure


def names(faults: Iterable[Fault]) -> list[str]:
    """Return the rules of faults, without the one that lists what could not be asked."""
    return [fault.rule for fault in faults if fault.rule != NOT_CHECKED]


@pytest.mark.parametrize("claim", [a_claim(), a_dependent_claim(), the_worked_example(), a_claim(rendering=None)])
def test_a_sound_claim_has_no_fault(claim):
    """The builders' claims may go."""
    assert [] == names(scrub(claim, TODAY))


@pytest.mark.parametrize("name", sorted(SCENARIOS.keys() - {"everything"}))
def test_every_sample_may_go(name):
    """What is written out as a sample is a claim that the rules let go."""
    assert [] == [fault for fault in scrub(SCENARIOS[name](), TODAY) if fault.blocks]


@pytest.mark.parametrize(("rule", "claim"), FAULTS)
def test_a_rule_catches_its_fault_and_nothing_else_does(rule, claim):
    """One fault is reported once, by the rule that owns it, and blocks."""
    faults = scrub(claim, TODAY)

    assert [rule] == [fault.rule for fault in faults if fault.blocks]


@pytest.mark.parametrize(("rule", "claim"), WARNINGS)
def test_a_rule_that_warns_lets_the_claim_go(rule, claim):
    """A rule nobody published, or that only paper has, does not hold a claim."""
    faults = scrub(claim, TODAY)

    assert [rule] == names(faults)
    assert not any(fault.blocks for fault in faults)


def test_every_blocking_rule_is_tried():
    """A rule without a case is a rule nobody has seen work; what asks profiles or the ledger has files of its own."""
    own_files = {rule.name for rule in RULES if rule.source == PROFILE} | {"billed_twice"}
    own_files |= {rule.name for rule in rules_enrollment.RULES}

    assert {rule.name for rule in RULES if rule.blocks} - own_files == {name for name, _ in FAULTS}


def test_all_faults_come_out_in_one_pass():
    """A biller mends a claim once, in the order of the rule book."""
    bad = a_claim(
        billing=a_billing_provider(npi=NPI_WITH_A_BAD_CHECK_DIGIT),
        subscriber=a_subscriber(member_id=""),
        lines=(a_line(diagnosis_pointers=(5,)),),
    )

    assert ["member_id_present", "pointers_within_list", "billing_npi"] == names(scrub(bad, TODAY))


def test_lines_are_named_by_position():
    """The message says which lines."""
    bad = a_claim(lines=tuple(replace(line, procedure="x") for line in lines(3)))

    fault = scrub(bad, TODAY)[0]

    assert fault.message.startswith("lines 1, 2, 3: the procedure")


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_every_rule_says_where_what_and_who_says_so(rule):
    """Place, remedy and source are written, and what we inferred never blocks."""
    assert (rule.check.__doc__ or "").startswith("Check: ")
    assert rule.place
    assert rule.remedy
    assert rule.source
    assert not (rule.blocks and rule.source == INFERRED)


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

    assert () == scrub(a_claim(), TODAY, rules=strict)
    assert ["payer_id_shape"] == names(scrub(a_claim(payer=a_payer(id="ABC")), TODAY, rules=strict))


@pytest.mark.parametrize("charge", ["NaN", "Infinity", "-Infinity", "1E+30"])
def test_numbers_that_are_none_are_caught(charge):
    """A charge that is no amount is a fault, not a crash."""
    rules = names(scrub(served(charge=Decimal(charge)), TODAY))

    assert {"charge_amount", "total_positive"} == set(rules)


def test_a_claim_without_lines_or_diagnoses_is_caught():
    """Empty lists are faults."""
    rules = names(scrub(a_claim(lines=(), diagnoses=()), TODAY))

    assert {"line_count", "diagnosis_count", "total_positive"} == set(rules)


@pytest.mark.parametrize(
    ("severity", "expected"), [(Severity.BLOCK, [True]), (Severity.WARN, [False]), (Severity.OFF, [])]
)
@pytest.mark.parametrize("case", [FAULTS[0], WARNINGS[0]], ids=["a rule that blocks", "a rule that warns"])
def test_a_payer_may_raise_lower_or_silence_a_rule(case, severity, expected):
    """The profile's word counts, whatever the rule does by itself."""
    rule, claim = case
    profile = PayerProfile(key="EXAMPLE", severity={rule: severity})

    faults = scrub(claim, TODAY, profile=profile)

    assert expected == [fault.blocks for fault in faults if fault.rule == rule]


def test_what_could_not_be_asked_is_said_once():
    """Rules that lack facts are listed by what is missing, and the claim goes."""
    (fault,) = scrub(a_claim(), TODAY, facts=NO_FACTS)

    assert (NOT_CHECKED, False) == (fault.rule, fault.blocks)
    assert "authorized_days, authorized_units (no authorizations)" in fault.message
    assert "(no ledger)" in fault.message


def test_a_rule_turned_off_is_not_said_to_be_unasked():
    """Who silenced a rule does not want to hear that it lacks facts."""
    off = {rule.name: Severity.OFF for rule in RULES if rule.name.startswith("authorized")}

    faults = scrub(a_claim(), TODAY, profile=PayerProfile(key="EXAMPLE", severity=off), facts=Facts())

    assert not any("authorized" in fault.message for fault in faults)
