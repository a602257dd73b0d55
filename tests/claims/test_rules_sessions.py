"""What one claim is beside the others: a service billed twice, an authorization used up, a person in two places."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from include.claims.facts import MOST_OF_A_DAY, Facts, authorization_use, billed_lines, gathered
from include.claims.model import Authorization, Frequency
from include.claims.parties import PersonName, Practitioner
from include.claims.payer_profile import DEFAULT, PayerProfile, Sessions
from include.claims.scrub import NOT_CHECKED, RULES, scrub
from tests.builders import (
    OTHER_RENDERING_NPI,
    TODAY,
    a_claim,
    a_dependent,
    a_dependent_claim,
    a_line,
    a_payer,
    a_provider,
    a_subscriber,
)

pytestmark = pytest.mark.pure

TECHNICIAN = Practitioner(key="T-1", credential="RBT")
ANALYST = Practitioner(key="A-1", credential="BCBA")
SOMEBODY_ELSE = a_subscriber(name=PersonName(last="OTHER", first="OLLIE"), member_id="XYZ555")


def at(started_at, ended_at, **changes):
    """Return a session of the technician on the second of March."""
    line = a_line(started_at=started_at, ended_at=ended_at, performed_by=TECHNICIAN)
    return replace(line, **changes)


def found(claim, *others, profile=DEFAULT, used=None):
    """Return the rules over time that fault a claim beside other claims."""
    facts = gathered((line for other in others for line in billed_lines(other)), used or {})
    faults = scrub(claim, TODAY, profile=profile, facts=facts)
    own = {rule.name for rule in RULES if rule.check.__module__.endswith("rules_sessions")}
    return [fault.rule for fault in faults if fault.rule in own]


@pytest.mark.parametrize(("sessions", "is_asked"), [(MOST_OF_A_DAY, True), (MOST_OF_A_DAY + 1, False)])
def test_a_technician_with_hundreds_of_sessions_a_day_is_no_one_person(sessions, is_asked):
    """A key that stands for several people cannot tell who was in two places, and says so."""
    others = [
        a_claim(key=f"C-{n}", subscriber=SOMEBODY_ELSE, lines=(at("0900", "1000", session_id=f"S-{n}"),))
        for n in range(sessions)
    ]
    facts = gathered((line for other in others for line in billed_lines(other)), {})

    faults = scrub(a_claim(lines=(at("0930", "1030"),)), TODAY, facts=facts)

    assert is_asked == any(fault.rule == "technician_overlap" for fault in faults)
    assert is_asked != any("technician key of one person" in fault.message for fault in faults)


def test_the_same_service_of_another_claim_blocks():
    """Same person, payer, day, procedure, modifiers, place, charge: it was billed before."""
    assert ["billed_twice"] == found(a_claim(), a_claim(key="C-9"))


def test_a_claim_is_no_duplicate_of_itself():
    """The ledger's own earlier submission of a claim is not another claim."""
    assert [] == found(a_claim(), a_claim())


@pytest.mark.parametrize(
    "other",
    [
        a_claim(key="C-9", lines=(a_line(modifiers=("HO",)),)),
        a_claim(key="C-9", lines=(a_line(charge=Decimal(200)),)),
        a_claim(key="C-9", place_of_service="12"),
        a_claim(key="C-9", rendering=a_provider(npi=OTHER_RENDERING_NPI)),
    ],
    ids=["modifiers", "charge", "place", "rendering"],
)
def test_nearly_the_same_service_warns(other):
    """A correction sent as a new claim looks so."""
    assert ["billed_alike"] == found(a_claim(), other)


@pytest.mark.parametrize(
    "other",
    [
        a_claim(key="C-9", payer=a_payer(id="88888")),
        a_claim(key="C-9", lines=(a_line(procedure="97155"),)),
        a_claim(key="C-9", lines=(a_line(service_date=date(2026, 3, 3)),)),
        a_claim(key="C-9", lines=(a_line(session_id="S-2"),)),
        a_claim(key="C-9", subscriber=SOMEBODY_ELSE),
    ],
    ids=["payer", "procedure", "day", "session", "person"],
)
def test_another_service_is_none_of_its_business(other):
    """What differs in what it is was not billed before."""
    assert [] == found(a_claim(), other)


def test_brothers_and_sisters_share_a_member_id_and_are_two_persons():
    """Two children of one parent, one day, one procedure: two services."""
    sister = a_dependent_claim(key="C-9", dependent=a_dependent(name=PersonName(last="EXAMPLE", first="TESTA")))

    assert [] == found(a_dependent_claim(), sister)


def test_a_void_frees_the_service():
    """Where the payer was told to forget the first claim, the service may be billed again."""
    void = a_claim(key="C-8", frequency=Frequency.VOID, payer_claim_number="ICN1")

    assert [] == found(a_claim(), a_claim(key="C-9"), void)


def test_a_replacement_bills_what_was_billed():
    """A replacement is the same service on purpose."""
    replacement = a_claim(frequency=Frequency.REPLACEMENT, payer_claim_number="ICN1")

    assert [] == found(replacement, a_claim(key="C-9"))


def authorized(**changes):
    """Return a claim whose authorization allows twenty units of 97153 in March."""
    allowed = Authorization(
        number="AUTH778812", starts_on=date(2026, 3, 1), ends_on=date(2026, 3, 31), procedure="97153", units=Decimal(20)
    )
    return a_claim(authorizations=(replace(allowed, **changes),))


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, []),
        ({"ends_on": date(2026, 3, 1)}, ["authorized_days"]),
        ({"procedure": "97155"}, ["authorized_days"]),
        ({"procedure": ""}, []),
        ({"units": Decimal(15)}, ["authorized_units"]),
        ({"units": None}, []),
    ],
)
def test_a_line_stays_within_its_authorization(changes, expected):
    """Day, procedure and units of the number that is billed."""
    assert expected == found(authorized(**changes))


def test_units_of_claims_sent_before_count():
    """Five used and sixteen billed are more than twenty."""
    claim = authorized()
    use = authorization_use(claim, claim.lines[0])

    assert [] == found(claim, used={use: Decimal(4)})
    assert ["authorized_units"] == found(claim, used={use: Decimal(5)})


def test_without_a_number_no_authorization_is_asked_for():
    """A payer that wants none is no gap in the facts."""
    (fault,) = scrub(a_claim(prior_authorization=""), TODAY, facts=Facts())

    assert (NOT_CHECKED, False) == (fault.rule, "authorized" in fault.message)


def test_a_technician_is_with_one_client_at_a_time():
    """Two clients, one technician, half an hour in common."""
    mine = a_claim(lines=(at("0900", "1000"),))
    theirs = a_claim(key="C-9", subscriber=SOMEBODY_ELSE, lines=(at("0930", "1030"),))
    later = a_claim(key="C-9", subscriber=SOMEBODY_ELSE, lines=(at("1000", "1030"),))

    assert ["technician_overlap"] == found(mine, theirs)
    assert [] == found(mine, later)


def test_a_group_has_several_clients():
    """A group code with another client is right, and with nobody else it is a group of one."""
    mine = a_claim(lines=(at("0900", "1000", procedure="97154"),))
    theirs = a_claim(key="C-9", subscriber=SOMEBODY_ELSE, lines=(at("0900", "1000", procedure="97154"),))

    assert [] == found(mine, theirs)
    assert ["group_of_one"] == found(mine)


def test_a_client_is_in_one_session_at_a_time():
    """Two one-to-one sessions of one client at one time, in one claim."""
    other = at("0930", "1030", source_line_key="L-2", performed_by=Practitioner(key="T-2", credential="RBT"))

    assert ["client_overlap"] == found(a_claim(lines=(at("0900", "1000"), other)))


def test_a_session_billed_to_the_next_payer_is_one_session():
    """The same session on the secondary's claim is not a second one."""
    mine = a_claim(lines=(at("0900", "1000", session_id="S-1"),))
    secondary = replace(mine, key="C-9", payer=a_payer(id="88888"))

    assert [] == found(mine, secondary)


def test_direction_beside_treatment_is_right_for_one_payer_and_wrong_for_another():
    """97155 while 97153 goes on: many payers allow the analyst to direct the technician, some deny it."""
    directed = at("0900", "1000", source_line_key="L-2", procedure="97155", performed_by=ANALYST)
    claim = a_claim(lines=(at("0900", "1000"), directed))
    strict = PayerProfile(key="EXAMPLE", sessions=Sessions(direction_may_overlap=False))

    assert [] == found(claim)
    assert ["client_overlap"] == found(claim, profile=strict)
