"""Where payers contradict each other, two profiles give two bills, and nothing of the source is lost on the way."""

from dataclasses import replace
from decimal import Decimal

import pytest
from hypothesis import given, settings

from include.claims.parties import PersonName, Practitioner, Provider
from include.claims.payer_profile import (
    DEFAULT,
    Asked,
    CredentialModifier,
    Modifiers,
    PayerProfile,
    Rendering,
    Rounding,
    SameDay,
    Sessions,
    TechnicianWork,
    Units,
)
from include.claims.payer_wishes import as_payer_wants, expected_units
from tests.builders import OTHER_RENDERING_NPI, RENDERING_NPI, a_claim, a_dependent_claim, a_line, a_provider
from tests.strategies import EXAMPLES, claims

pytestmark = pytest.mark.pure

TECHNICIAN = Practitioner(
    key="T-1",
    credential="RBT",
    name=PersonName(last="HELPER", first="JO"),
    npi=OTHER_RENDERING_NPI,
    taxonomy="106S00000X",
)
ANALYST = Practitioner(
    key="A-1",
    credential="BCBA",
    name=PersonName(last="OVERSEER", first="SAM"),
    npi=RENDERING_NPI,
    taxonomy="103K00000X",
)


def two_sessions(**changes):
    """Return a claim with two sessions of a technician on one day, 70 and 38 minutes."""
    morning = a_line(
        units=Decimal(5), charge=Decimal("75.00"), minutes=70, session_id="S-1", started_at="0900", ended_at="1010",
        performed_by=TECHNICIAN, supervised_by=ANALYST, **changes,
    )  # fmt: skip
    evening = replace(
        morning, source_line_key="L-2", units=Decimal(3), charge=Decimal("45.00"), minutes=38, session_id="S-2",
        started_at="1600", ended_at="1638",
    )  # fmt: skip
    return a_claim(lines=(morning, evening))


@pytest.mark.parametrize(
    ("minutes", "midpoint", "full", "up_to"),
    [
        (1, 0, 0, 1), (7, 0, 0, 1), (8, 1, 0, 1), (14, 1, 0, 1), (15, 1, 1, 1), (22, 1, 1, 2), (23, 2, 1, 2),
        (29, 2, 1, 2), (37, 2, 2, 3), (38, 3, 2, 3), (52, 3, 3, 4), (53, 4, 3, 4), (67, 4, 4, 5),
    ],
)  # fmt: skip
def test_minutes_are_units_by_the_payers_own_rounding(minutes, midpoint, full, up_to):
    """CPT's midpoint, Michigan's full units and its `up to` units part ways over the same session."""
    assert (midpoint, full, up_to, None) == tuple(
        expected_units(minutes, rounding)
        for rounding in (Rounding.MIDPOINT, Rounding.FULL, Rounding.UP_TO, Rounding.AS_BILLED)
    )


def test_a_procedure_may_round_otherwise_and_have_longer_units():
    """An override by procedure counts, and so does a unit of an hour."""
    units = Units(
        rounding=Rounding.FULL, by_procedure={"97153": Rounding.UP_TO}, minutes_by_procedure={"97153": 60}, apply=True
    )

    billed = as_payer_wants(two_sessions(), PayerProfile(units=units))

    assert [Decimal(2), Decimal(1)] == [line.units for line in billed.lines]


def test_two_payers_count_the_same_session_differently():
    """With rounding applied each payer gets its units; charge and source line stay."""
    by_half = as_payer_wants(two_sessions(), PayerProfile(units=Units(rounding=Rounding.MIDPOINT, apply=True)))
    by_whole = as_payer_wants(two_sessions(), PayerProfile(units=Units(rounding=Rounding.FULL, apply=True)))

    assert [Decimal(5), Decimal(3)] == [line.units for line in by_half.lines]
    assert [Decimal(4), Decimal(2)] == [line.units for line in by_whole.lines]
    assert ["L-1"] == [part.source_line_key for part in by_whole.lines[0].parts]
    assert by_half.total_charge == by_whole.total_charge == Decimal("120.00")


def test_one_payer_wants_one_line_and_another_each_session_with_its_times():
    """The same day's sessions become one line for one payer, two lines with a note for the other."""
    merged = as_payer_wants(two_sessions(), PayerProfile(sessions=Sessions(same_day=SameDay.ONE_LINE, apply=True)))
    each = as_payer_wants(
        two_sessions(), PayerProfile(sessions=Sessions(same_day=SameDay.ONE_LINE_A_SESSION, apply=True))
    )

    (line,) = merged.lines
    assert (Decimal(8), Decimal("120.00"), 108) == (line.units, line.charge, line.minutes)
    assert ["L-1", "L-2"] == [part.source_line_key for part in line.parts]
    assert ["0900-1010", "1600-1638"] == [line.note.text for line in each.lines if line.note]


def test_lines_that_bill_something_else_are_not_merged():
    """Another modifier, place or renderer is another service."""
    first, second = two_sessions().lines
    wish = PayerProfile(sessions=Sessions(same_day=SameDay.ONE_LINE, apply=True))

    for other in (
        replace(second, modifiers=("HO",)),
        replace(second, place_of_service="12"),
        replace(second, rendering=a_provider(npi=OTHER_RENDERING_NPI)),
    ):
        claim = a_claim(lines=(first, other))
        assert claim.lines == as_payer_wants(claim, wish).lines


def test_one_payer_names_the_technician_and_another_the_supervisor():
    """Who rendered a technician's work is the payer's word, told once where all lines agree."""
    technician = as_payer_wants(
        two_sessions(), PayerProfile(rendering=Rendering(technician_work=TechnicianWork.TECHNICIAN, apply=True))
    )
    supervisor = as_payer_wants(
        two_sessions(), PayerProfile(rendering=Rendering(technician_work=TechnicianWork.SUPERVISOR, apply=True))
    )

    helper = PersonName(last="HELPER", first="JO")
    overseer = PersonName(last="OVERSEER", first="SAM")
    assert Provider(name=helper, npi=OTHER_RENDERING_NPI, taxonomy="106S00000X") == technician.rendering
    assert Provider(name=overseer, npi=RENDERING_NPI, taxonomy="103K00000X") == supervisor.rendering
    assert {None} == {line.rendering for line in technician.lines}


def test_an_analysts_own_line_keeps_its_renderer():
    """Only technicians' work is renamed; then each line says who rendered it."""
    first, second = two_sessions().lines
    claim = a_claim(lines=(first, replace(second, procedure="97155", performed_by=ANALYST)))

    billed = as_payer_wants(
        claim, PayerProfile(rendering=Rendering(technician_work=TechnicianWork.TECHNICIAN, apply=True))
    )

    assert claim.rendering == billed.rendering
    assert [OTHER_RENDERING_NPI, None] == [line.rendering.npi if line.rendering else None for line in billed.lines]


def test_one_payer_bills_technicians_with_hm_and_another_with_hn():
    """The modifier that stands for a credential is the payer's, and takes the place of another credential's."""
    everybody = (
        CredentialModifier(credential="RBT", modifier="HM"),
        CredentialModifier(credential="BCBA", modifier="HO"),
    )
    texan = (CredentialModifier(credential="RBT", modifier="HN", procedures=("97153",)), everybody[1], everybody[0])
    none = (CredentialModifier(credential="RBT", modifier=""), *everybody)
    claim = two_sessions(modifiers=("HO", "U1"))

    given = [
        as_payer_wants(claim, PayerProfile(modifiers=Modifiers(by_credential=rules, apply=True))).lines[0].modifiers
        for rules in (everybody, texan, none)
    ]

    assert [("HM", "U1"), ("HN", "U1"), ("U1",)] == given


def test_one_payer_wants_taxonomy_and_another_none():
    """Where a payer wants none, PRV is left out of billing and rendering."""
    left_out = as_payer_wants(a_claim(), PayerProfile(rendering=Rendering(taxonomy=Asked.LEFT_OUT, apply=True)))

    assert ("", "") == (left_out.billing.taxonomy, left_out.rendering and left_out.rendering.taxonomy)
    assert "103K00000X" == as_payer_wants(a_claim(), DEFAULT).billing.taxonomy


def test_one_payer_wants_the_subscribers_address_and_another_does_not():
    """It is left out of a dependent's claim only; a patient's own address is never."""
    guide = PayerProfile(subscriber_address_for_dependents=Asked.LEFT_OUT)

    assert as_payer_wants(a_dependent_claim(), guide).subscriber.address is None
    assert as_payer_wants(a_dependent_claim(), DEFAULT).subscriber.address is not None
    assert as_payer_wants(a_claim(), guide).subscriber.address is not None


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims())
def test_without_an_opt_in_the_claim_is_the_same_object(claim):
    """A profile that only checks changes nothing."""
    checks = PayerProfile(
        units=Units(rounding=Rounding.FULL),
        sessions=Sessions(same_day=SameDay.ONE_LINE),
        rendering=Rendering(technician_work=TechnicianWork.SUPERVISOR),
    )

    assert claim is as_payer_wants(claim, DEFAULT)
    assert claim is as_payer_wants(claim, checks)


@settings(max_examples=EXAMPLES, deadline=None)
@given(claims())
def test_whatever_is_applied_keeps_every_source_line_and_the_total(claim):
    """Merging and rounding lose neither a key nor a cent, and doing it again changes nothing."""
    wish = PayerProfile(
        units=Units(rounding=Rounding.MIDPOINT, apply=True), sessions=Sessions(same_day=SameDay.ONE_LINE, apply=True)
    )

    billed = as_payer_wants(claim, wish)

    keys = [
        key for line in billed.lines for key in [one.source_line_key for one in line.parts] or [line.source_line_key]
    ]
    assert sorted(line.source_line_key for line in claim.lines) == sorted(keys)
    assert claim.total_charge == billed.total_charge
    assert billed == as_payer_wants(claim, wish)
