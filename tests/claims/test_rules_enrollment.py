"""What the payer has consented to holds or warns, and what nobody has written down never holds."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from include.claims.enrollment import Enrolled, ListedPayer, PayerHold, PayerList, State, What, by_payer_and_npi
from include.claims.facts import Facts
from include.claims.payer_profile import PayerProfile, Severity
from include.claims.rules_enrollment import RULES
from include.claims.scrub import scrub
from tests.builders import BILLING_NPI, OTHER_RENDERING_NPI, RENDERING_NPI, TODAY, a_claim, a_line, a_payer, a_provider
from tests.enrollment_rows import an_enrollment

pytestmark = pytest.mark.pure

PLAN = ListedPayer(id="99999", name="EXAMPLE HEALTH PLAN")
OTHER = ListedPayer(id="88888", name="EXAMPLE HEALTH PLAN OF IDAHO")
HOLD = PayerHold(key="recredentialing", payer_id="99999", ends_on=TODAY, reason="recredentialing")


def said(claim=None, *, enrollments=(), profile=None, **known):
    """Return what the rules on enrollment say of a claim: by rule, whether it blocks, and why."""
    facts = Facts(enrolled=Enrolled(enrollments=by_payer_and_npi(enrollments), **known))
    faults = scrub(claim or a_claim(), TODAY, facts=facts, rules=RULES, profile=profile or PayerProfile())
    return {fault.rule: (fault.blocks, fault.message) for fault in faults}


def listed(**changes):
    """Return what is known where the payer list has the claim's payer."""
    return {"payers": {"99999": replace(PLAN, **changes)}}


def test_nothing_is_asked_where_nothing_is_kept():
    """Without a payer list and enrollments every claim goes, without a word."""
    assert {} == said()


@pytest.mark.parametrize(
    ("state", "expected"),
    [
        (State.UNKNOWN, {"claims_enrollment_known": False}),
        (State.NOT_NEEDED, {}),
        (State.NEEDED, {"claims_enrollment": True}),
        (State.REQUESTED, {"claims_enrollment": True}),
        (State.APPROVED, {}),
        (State.REFUSED, {"claims_enrollment": True}),
    ],
)
def test_a_claim_goes_as_its_enrollment_stands(state, expected):
    """Needed and not approved holds, unknown warns."""
    found = said(enrollments=[an_enrollment(state=state, requested_on=date(2026, 2, 3))])

    assert expected == {rule: blocks for rule, (blocks, _) in found.items()}
    assert all("harbor_claims" in message for _, message in found.values())


def test_the_reason_says_since_when():
    """The biller sees the row and the day of the request."""
    (_, reason) = said(enrollments=[an_enrollment(state=State.REQUESTED, requested_on=date(2026, 2, 3))])[
        "claims_enrollment"
    ]

    assert "enrollment harbor_claims: it was requested on 2026-02-03 and is not approved yet" == reason


def test_an_enrollment_is_of_one_payer_and_provider():
    """Another's refusal holds nobody."""
    refused = an_enrollment(state=State.REFUSED)

    assert {} == said(enrollments=[replace(refused, payer_id="88888"), replace(refused, npi=RENDERING_NPI)])


def test_what_the_list_wants_and_nobody_wrote_down_warns():
    """A clinic that has been enrolled for years is not stopped by the first import of a list."""
    found = said(**listed(claims_need=True, remittances_need=True))

    assert {"claims_enrollment_known": False, "remittances_enrollment": False} == {
        rule: blocks for rule, (blocks, _) in found.items()
    }
    assert {} == said(**listed(claims_need=False, remittances_need=False))
    approved = [an_enrollment(), an_enrollment(what=What.REMITTANCES)]
    assert {} == said(enrollments=approved, **listed(claims_need=True, remittances_need=True))


def test_missing_remittances_warn_and_tell_who_gets_them():
    """A move from another clearinghouse is named."""
    asked = an_enrollment(
        what=What.REMITTANCES, state=State.REQUESTED, requested_on=TODAY, moves_from="Example Clearing"
    )

    ((blocks, reason),) = said(enrollments=[asked]).values()

    assert not blocks
    assert "until then it goes to Example Clearing" in reason


def test_an_unlisted_payer_is_held_with_near_names():
    """The list is asked where there is one; names of payers are shown, nothing of the patient."""
    claim = a_claim(payer=a_payer(id="12345", name="Example Health Plan"))

    blocks, reason = said(claim, whole_list=PayerList((PLAN, OTHER)))["payer_known"]

    assert blocks
    assert "near: 99999 (EXAMPLE HEALTH PLAN), 88888 (EXAMPLE HEALTH PLAN OF IDAHO)" in reason
    assert "TESTINA" not in reason
    assert {} == said(claim)
    assert {} == said(payers={"99999": PLAN}, whole_list=PayerList((PLAN, OTHER)))


@pytest.mark.parametrize(
    ("hold", "is_held"),
    [
        (HOLD, True),
        (replace(HOLD, ends_on=TODAY - timedelta(days=1)), False),
        (replace(HOLD, starts_on=TODAY + timedelta(days=1), ends_on=date(2026, 12, 15)), False),
        (replace(HOLD, payer_id="88888"), False),
        (replace(HOLD, payer_id="", npi=RENDERING_NPI), True),
        (replace(HOLD, payer_id="", npi=BILLING_NPI), True),
        (replace(HOLD, npi=OTHER_RENDERING_NPI), False),
    ],
)
def test_a_hold_is_with_payer_or_provider_until_its_last_day(hold, is_held):
    """Who bills and who renders count; where both are named, both must fit."""
    assert ({"payer_hold"} if is_held else set()) == said(holds=[hold]).keys()


def test_a_hold_says_until_when_and_why():
    """The reason is the clinic's own."""
    assert (True, f"hold recredentialing until {TODAY}: recredentialing") == said(holds=[HOLD])["payer_hold"]


CREDENTIALED = an_enrollment(key="sampler", npi=RENDERING_NPI, what=What.CREDENTIALING, effective_from=date(2026, 3, 3))


def test_who_rendered_was_credentialed_on_the_day_of_service():
    """Lines before the first day are named; a provider whose dates nobody keeps is not asked."""
    early, late = a_line(), a_line(source_line_key="L-2", service_date=date(2026, 3, 3))
    stranger = a_line(source_line_key="L-3", rendering=a_provider(npi=OTHER_RENDERING_NPI))

    found = said(a_claim(lines=(early, late, stranger)), enrollments=[CREDENTIALED])

    assert {"credentialed": (False, "line 1: who rendered it was not credentialed with the payer on that day")} == found


def test_without_a_rendering_provider_who_bills_must_be_credentialed():
    """As the guide has it."""
    own = replace(CREDENTIALED, npi=BILLING_NPI)

    assert {"credentialed"} == said(a_claim(rendering=None), enrollments=[own]).keys()
    assert {} == said(a_claim(), enrollments=[own])


def test_a_payers_profile_makes_a_warning_hold():
    """Whether missing credentials hold is the payer's profile's to say."""
    strict = PayerProfile(key="EXAMPLE", severity={"credentialed": Severity.BLOCK})

    assert said(enrollments=[CREDENTIALED], profile=strict)["credentialed"][0]
