"""An 837P and a print image of one claim say the same, field by field, each as a stranger reads it."""

from dataclasses import replace

import pytest
from hypothesis import assume, given

from include.claims.parties import OtherId
from include.hcfa.faults import form_faults
from include.hcfa.form import as_printed
from include.hcfa.layout import GRID_A
from include.hcfa.print_image import write_print_image
from include.hcfa.read_print_image import read_print_image
from include.x12.read_837p import read_837p
from include.x12.write_837p import write_837p
from tests.builders import a_billing_provider, a_claim, a_subscriber, an_envelope
from tests.hcfa.test_print_image import BOUNDED
from tests.scenarios import SCENARIOS, a_facility, secondary_after_primary, the_primary
from tests.strategies import claims_for_paper

pytestmark = pytest.mark.pure

CONTROL_NUMBER = "CN1"

ON_THE_FORM_ALONE = {
    "plan_name": "SBR04 stands only where there is no group number (guide, 2000B)",
    "other_plan_name": "SBR04 stands only where there is no group number (guide, 2320); 2330B has the payer's name",
    "facility_name": "2310C is left out where the place is the billing provider's address (guide, 2310C)",
    "facility_street": "as its name",
    "facility_city": "as its name",
    "facility_npi": "as its name",
    "facility_id": "as its name",
}
"""Fields a print image may say where the 837P does not, or says otherwise, and why."""

PRINTABLE = {
    name: make
    for name, make in SCENARIOS.items()
    if not any(fault.blocks for fault in form_faults(make(), CONTROL_NUMBER, GRID_A))
}


def from_837p(claim):
    """Return the form of what an 837P of this claim says."""
    envelope = an_envelope(subscriber_details_always=True)
    (read,) = read_837p([write_837p(envelope, [(1, CONTROL_NUMBER, claim)]).content.decode()])
    return as_printed(read.claim, read.control_number, GRID_A)


def from_print_image(claim):
    """Return the form that a print image of this claim shows."""
    read = read_print_image(write_print_image([(1, CONTROL_NUMBER, claim)], GRID_A).content, GRID_A)
    assert () == read.faults
    (form,) = read.forms
    return form


def differences(claim):
    """Return the fields in which the two differ, page by page."""
    sent, shown = from_837p(claim), from_print_image(claim)
    assert (sent.control_number, len(sent.pages)) == (shown.control_number, len(shown.pages))
    pairs = zip(sent.pages, shown.pages, strict=True)
    return {name for one, other in pairs for name in one | other if one.get(name) != other.get(name)}


@pytest.mark.parametrize("name", PRINTABLE)
def test_a_scenario_is_the_same_claim_in_both(name):
    """No field differs: who, what, when, how much and for whom are the same."""
    assert set() == differences(PRINTABLE[name]())


def test_every_scenario_but_everything_is_printable():
    """The scenario that holds all at once is refused, and no other."""
    assert {"everything"} == set(SCENARIOS) - set(PRINTABLE)


@BOUNDED
@given(claims_for_paper())
def test_any_claim_is_the_same_in_both(claim):
    """Whatever the rules let go and the form can carry is the same claim in both files."""
    assume(not any(fault.blocks for fault in form_faults(claim, CONTROL_NUMBER, GRID_A)))

    assert differences(claim) <= set(ON_THE_FORM_ALONE)


def test_what_only_the_form_says_is_named():
    """The fields that differ are those in the table, all of them, each in the case its reason names."""
    at_home = replace(
        a_facility(), address=a_billing_provider().address, other_ids=(OtherId(kind="LU", value="SITE4"),)
    )
    claim = replace(
        secondary_after_primary(),
        subscriber=a_subscriber(group_name="EXAMPLE WORKERS"),
        other_payers=(the_primary(group_name="EXAMPLE UNION"),),
        facility=at_home,
    )

    assert set(ON_THE_FORM_ALONE) == differences(claim)


def test_a_difference_is_seen():
    """Two claims that differ in one cent or one letter do not pass for one."""
    claim = a_claim()
    other = replace(claim, diagnoses=("F841",))

    assert from_837p(claim) != from_print_image(other)
