"""What is written is what was billed: both oracles accept it and reading it gives the claims back."""

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from include.claims.scrub import scrub
from include.x12.as_billed import as_billed
from include.x12.read_837p import read_837p
from include.x12.write_837p import write_837p
from tests.builders import TODAY, an_envelope
from tests.oracles import assert_both_accept
from tests.strategies import EXAMPLES, claims

pytestmark = [pytest.mark.pure, pytest.mark.slow]

# No shrinking: a validator's second a try makes it take longer than the suite may.
BOUNDED = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)


@BOUNDED
@given(st.lists(claims(), min_size=1, max_size=3), st.integers(1, 3))
def test_a_claim_that_passes_the_rules_is_accepted_and_reads_back(billed, claims_per_set):
    """Any claim the rules let go is sound to two strangers' validators, and the file gives it back."""
    assert () == tuple(fault for claim in billed for fault in scrub(claim, TODAY) if fault.blocks)
    numbered = [(number, f"CN{number:012d}", claim) for number, claim in enumerate(billed, start=1)]

    rendered = write_837p(an_envelope(subscriber_details_always=True, claims_per_set=claims_per_set), numbered)

    text = rendered.content.decode()
    assert_both_accept(text)
    read = list(read_837p([text]))
    assert [as_billed(claim) for claim in billed] == [one.claim for one in read]
    assert [number for _, number, _ in numbered] == [one.control_number for one in read]
    assert list(rendered.starts.values()) == [(one.set_number, one.segment) for one in read]
    assert [claim.total_charge for claim in billed] == [one.total_charge for one in read]


@BOUNDED
@given(claims())
def test_what_is_billed_is_stable(claim):
    """A claim already in the form a file can say is not changed again."""
    assert as_billed(claim) == as_billed(as_billed(claim))
