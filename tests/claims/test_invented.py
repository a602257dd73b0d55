"""What is invented for a test file: plainly nobody, and sound by every rule and validator."""

import pytest

from include.claims.invented import INVENTED
from include.claims.scrub import scrub
from include.x12.write_837p import write_837p
from tests.builders import TODAY, a_billing_provider, an_envelope, invented
from tests.oracles import assert_both_accept

pytestmark = pytest.mark.pure


def test_the_people_are_visibly_invented():
    """Nobody takes them for patients, and no two of them are one."""
    claims = invented()

    assert {"Example"} == {claim.subscriber.name.last for claim in claims}
    assert all(claim.subscriber.name.first.startswith("Test") for claim in claims)
    assert all(claim.subscriber.member_id.startswith("TEST") for claim in claims)
    assert 5 == len({(claim.subscriber.name, claim.subscriber.member_id) for claim in claims})


def test_they_are_told_by_their_source_and_key():
    """Wherever only the key is shown it says what it is."""
    assert {INVENTED} == {claim.source for claim in invented()}
    assert [f"harbor-invented-{number}" for number in range(1, 6)] == [claim.key for claim in invented()]


def test_who_bills_is_the_clinic():
    """Name, NPI, tax id and address are its own, and the people live in its town."""
    clinic = a_billing_provider()

    assert {clinic.npi} == {claim.billing.npi for claim in invented()}
    places = {(a.city, a.state, a.postal_code) for claim in invented() if (a := claim.subscriber.address)}
    assert {(clinic.address.city, clinic.address.state, clinic.address.postal_code)} == places


def test_the_rules_let_them_go():
    """No rule has anything against them but those that lack facts."""
    faults = [fault for claim in invented() for fault in scrub(claim, TODAY) if fault.rule != "not_checked"]

    assert [] == faults


def test_validators_of_other_people_accept_them():
    """pyx12 and x12sdk have nothing against their file."""
    numbered = ((at, f"T{at:013d}", claim) for at, claim in enumerate(invented(), start=1))

    assert_both_accept(write_837p(an_envelope(), numbered).content.decode())
