"""Where payers contradict each other, one claim is right for the first and wrong for the second."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

import pytest

from include.claims.circumstances import Note
from include.claims.coordination import Responsibility
from include.claims.model import Frequency
from include.claims.parties import PersonName, Practitioner
from include.claims.payer_profile import (
    DEFAULT,
    Asked,
    CredentialModifier,
    Filing,
    Modifiers,
    PayerProfile,
    Rendering,
    Rounding,
    SameDay,
    Sessions,
    TechnicianWork,
    Telehealth,
    Units,
)
from include.claims.payer_wishes import as_payer_wants
from include.claims.scrub import NOT_CHECKED, RULES, scrub
from include.claims.scrutiny import PROFILE
from tests.builders import (
    OTHER_RENDERING_NPI,
    RENDERING_NPI,
    TODAY,
    a_billing_provider,
    a_claim,
    a_dependent_claim,
    a_line,
    a_provider,
    a_subscriber,
)
from tests.scenarios import a_referring_provider, secondary_after_primary

pytestmark = pytest.mark.pure

TECHNICIAN = Practitioner(
    key="T-1", credential="RBT", name=PersonName(last="HELPER", first="JO"), npi=OTHER_RENDERING_NPI
)
ANALYST = Practitioner(key="A-1", credential="BCBA", name=PersonName(last="OVERSEER", first="SAM"), npi=RENDERING_NPI)


def a_session(**changes):
    """Return 68 minutes by a technician under an analyst, from nine on, billed as five units."""
    session = a_line(
        units=Decimal(5), minutes=68, started_at="0900", ended_at="1008", performed_by=TECHNICIAN, supervised_by=ANALYST
    )
    return replace(session, **changes)


def sessions(*lines, **changes):
    """Return a claim of these lines, each with its own key."""
    return a_claim(lines=tuple(replace(one, source_line_key=f"L-{n}") for n, one in enumerate(lines)), **changes)


def payer(**changes):
    """Return a payer's profile."""
    return PayerProfile(key="EXAMPLE", **changes)


TWICE = sessions(a_session(note=Note(text="0900-1008")), a_session(note=Note(text="0900-1008")))
REMOTE = sessions(a_session(modifiers=("HM", "95")), place_of_service="10")

CASES = [
    # the claim, the payer that takes it, the payer that does not, the rule that says so
    (TWICE, payer(sessions=Sessions(same_day=SameDay.ONE_LINE_A_SESSION)),
     payer(sessions=Sessions(same_day=SameDay.ONE_LINE)), "same_day_lines"),
    (sessions(a_session()), payer(sessions=Sessions(same_day=SameDay.ONE_LINE)),
     payer(sessions=Sessions(same_day=SameDay.ONE_LINE_A_SESSION)), "same_day_lines"),
    (sessions(a_session()), payer(units=Units(rounding=Rounding.MIDPOINT)),
     payer(units=Units(rounding=Rounding.FULL)), "units_match_minutes"),
    (sessions(a_session()), payer(units=Units(rounding=Rounding.FULL, by_procedure={"97153": Rounding.UP_TO})),
     payer(units=Units(rounding=Rounding.UP_TO, by_procedure={"97153": Rounding.FULL})), "units_match_minutes"),
    (sessions(a_session(units=Decimal(33))), payer(), payer(units=Units(most_per_day="medicare")), "units_per_day"),
    (sessions(a_session()), payer(rendering=Rendering(technician_work=TechnicianWork.SUPERVISOR)),
     payer(rendering=Rendering(technician_work=TechnicianWork.TECHNICIAN)), "technician_rendering"),
    (sessions(a_session()),
     payer(modifiers=Modifiers(by_credential=(CredentialModifier(credential="RBT", modifier="HM"),))),
     payer(modifiers=Modifiers(by_credential=(
         CredentialModifier(credential="RBT", modifier=""), CredentialModifier(credential="NONE", modifier="HM"),
     ))), "credential_modifier"),
    (sessions(a_session(modifiers=("HN",))),
     payer(modifiers=Modifiers(by_credential=(
         CredentialModifier(credential="RBT", modifier="HN", procedures=("97153",)),
         CredentialModifier(credential="RBT", modifier="HM"),
     ))),
     payer(modifiers=Modifiers(by_credential=(CredentialModifier(credential="RBT", modifier="HM"),
                                              CredentialModifier(credential="BA", modifier="HN")))),
     "credential_modifier"),
    (REMOTE, payer(telehealth=Telehealth(modifier="95")), payer(telehealth=Telehealth(modifier="GT")),
     "telehealth_asked"),
    (REMOTE, payer(telehealth=Telehealth(accepted_places=("02", "10"))),
     payer(telehealth=Telehealth(accepted_places=("02",))), "telehealth_asked"),
    (a_claim(), payer(rendering=Rendering(taxonomy=Asked.REQUIRED)),
     payer(rendering=Rendering(taxonomy=Asked.LEFT_OUT)), "taxonomy_asked"),
    (a_claim(billing=a_billing_provider(taxonomy=""), rendering=a_provider(taxonomy="")),
     payer(rendering=Rendering(taxonomy=Asked.LEFT_OUT)), payer(rendering=Rendering(taxonomy=Asked.REQUIRED)),
     "taxonomy_asked"),
    (a_dependent_claim(), payer(subscriber_address_for_dependents=Asked.REQUIRED),
     payer(subscriber_address_for_dependents=Asked.LEFT_OUT), "subscriber_address_asked"),
    (a_claim(), payer(), payer(referring_provider_required=True), "referring_provider_asked"),
    (a_claim(), payer(filing=Filing(original_days=90)), payer(filing=Filing(original_days=3)), "filing_limit"),
    (a_claim(), payer(filing=Filing(original_days=90)), payer(filing=Filing(original_days=6)), "filing_warning"),
    (secondary_after_primary(), payer(filing=Filing(original_days=1, secondary_days=60)),
     payer(filing=Filing(original_days=90, secondary_days=1)), "filing_limit"),
]  # fmt: skip
"""Rows of section 4.3 of the domain facts, and what else a profile may ask."""


def found(claim, profile):
    """Return the rules of the payer that fault a claim."""
    own = {rule.name for rule in RULES if rule.source == PROFILE} | {"units_per_day"}
    return [fault.rule for fault in scrub(claim, TODAY, profile=profile) if fault.rule in own]


@pytest.mark.parametrize(
    ("claim", "takes", "denies", "rule"), CASES, ids=[f"{n} {one[3]}" for n, one in enumerate(CASES)]
)
def test_two_payers_judge_one_claim_differently(claim, takes, denies, rule):
    """What the first payer asks for, the second denies; a payer without a profile asks for nothing."""
    assert [] == found(claim, DEFAULT)
    assert [] == found(claim, takes)
    assert [rule] == found(claim, denies)


def test_every_rule_of_a_profile_is_tried():
    """A profile's rule without two payers that part over it is a rule nobody has seen work."""
    assert {rule.name for rule in RULES if rule.source == PROFILE} <= {rule for *_, rule in CASES}


@pytest.mark.parametrize(
    "profile",
    [
        payer(units=Units(rounding=Rounding.FULL, apply=True)),
        payer(rendering=Rendering(technician_work=TechnicianWork.TECHNICIAN, apply=True)),
        payer(
            modifiers=Modifiers(
                by_credential=(CredentialModifier(credential="RBT", modifier="HN"),
                               CredentialModifier(credential="BCBA", modifier="HM")),
                apply=True,
            )
        ),
        payer(sessions=Sessions(same_day=SameDay.ONE_LINE_A_SESSION, apply=True)),
        payer(rendering=Rendering(taxonomy=Asked.LEFT_OUT, apply=True)),
    ],
    ids=["rounding", "rendering", "modifiers", "sessions", "taxonomy"],
)  # fmt: skip
def test_what_a_profile_applies_its_own_rule_then_takes(profile):
    """The claim as the payer is to get it passes the rule that would fault it as the source has it."""
    claim = sessions(a_session())

    assert [] != found(claim, profile)
    assert [] == found(as_payer_wants(claim, profile), profile)


def test_merged_sessions_pass_the_payer_that_wants_one_line():
    """Two sessions that bill alike become one line, and nothing is billed twice."""
    profile = payer(sessions=Sessions(same_day=SameDay.ONE_LINE, apply=True))

    assert [] == found(as_payer_wants(TWICE, profile), profile)


@pytest.mark.parametrize(
    ("profile", "missing"),
    [
        (payer(units=Units(rounding=Rounding.FULL)), "units_match_minutes (no minutes)"),
        (payer(sessions=Sessions(same_day=SameDay.ONE_LINE_A_SESSION)), "same_day_lines (no session times)"),
        (payer(rendering=Rendering(technician_work=TechnicianWork.SUPERVISOR)), "technician_rendering (no technician)"),
        (
            payer(modifiers=Modifiers(by_credential=(CredentialModifier(credential="RBT", modifier="HM"),))),
            "credential_modifier (no technician)",
        ),
    ],
)
def test_a_rule_that_lacks_facts_says_so(profile, missing):
    """What the source does not tell never passes silently."""
    said = [fault.message for fault in scrub(a_claim(), TODAY, profile=profile) if fault.rule == NOT_CHECKED]

    assert [True] == [missing in message for message in said]


def test_a_supervisor_without_an_npi_cannot_be_compared():
    """The technician's work is the supervisor's, but nobody says who that is."""
    claim = sessions(a_session(supervised_by=replace(ANALYST, npi="")))
    profile = payer(rendering=Rendering(technician_work=TechnicianWork.SUPERVISOR))

    assert "technician_rendering (no supervisor NPI)" in scrub(claim, TODAY, profile=profile)[-1].message


def test_a_replacement_runs_on_another_clock():
    """Days since the service say nothing about a correction; when the payer decided is not on the claim."""
    claim = a_claim(frequency=Frequency.REPLACEMENT, payer_claim_number="ICN1")
    late = TODAY + timedelta(days=400)

    faults = scrub(claim, late, profile=payer(filing=Filing(original_days=90, corrected_days=180)))

    assert "filing_limit (no adjudication date of the replaced claim)" in faults[-1].message


def test_the_primarys_answer_starts_the_second_payers_clock():
    """A secondary claim without a date of the primary's answer cannot be judged."""
    claim = a_claim(responsibility=Responsibility.SECONDARY)

    faults = scrub(claim, TODAY, profile=payer(filing=Filing(secondary_days=60)))

    assert "filing_limit (no primary's date)" in faults[-1].message


def test_who_referred_satisfies_the_payer_that_asks():
    """The rule asks for a person, not for words."""
    claim = a_claim(referring=a_referring_provider())

    assert [] == found(claim, payer(referring_provider_required=True))


def test_a_subscriber_who_is_the_patient_always_has_an_address():
    """The payer's wish speaks of dependents only."""
    claim = a_claim(subscriber=a_subscriber())

    assert [] == found(claim, payer(subscriber_address_for_dependents=Asked.LEFT_OUT))
