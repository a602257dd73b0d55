"""The counts and amounts of a 277CA against the claims it lists."""

import pytest

from include.x12.read_277 import read_277
from include.x12.status_totals import Tally
from tests.builders import BILLING_NPI
from tests.x12.status_scenarios import SCENARIOS, acknowledgement

pytestmark = pytest.mark.pure

RECEIVER = ("HL*2*1*21*1", "NM1*41*2*EXAMPLE SOFTWARE INC*****46*731234567", "TRN*2*000000042")
PROVIDER = ("HL*3*2*19*1", f"NM1*85*2*EXAMPLE ABA CLINIC*****XX*{BILLING_NPI}", "TRN*1*0")
GOOD = ("HL*4*3*PT", "TRN*2*CN0001", "STC*A2:20*20260307*WQ*240")
BAD = ("HL*5*3*PT", "TRN*2*CN0002", "STC*A7:562:85*20260307*U*360")
OF_BATCH = ("QTY*90*1", "QTY*AA*1", "AMT*YU*240", "AMT*YY*360")
OF_PROVIDER = ("QTY*QA*1", "QTY*QC*1", "AMT*YU*240", "AMT*YY*360")


def faults(*segments: str) -> list[str]:
    """Return what does not add up in a 277CA of these segments."""
    tally = Tally()
    for said in read_277([acknowledgement(*segments)]):
        tally.add(said)
    return tally.faults()


def test_an_answer_that_adds_up_has_no_fault():
    """Accepted and rejected, claims and dollars, at both levels."""
    assert [] == faults(*RECEIVER, *OF_BATCH, *PROVIDER, *OF_PROVIDER, *GOOD, *BAD)


@pytest.mark.parametrize(
    ("right", "wrong", "said"),
    [
        ("QTY*90*1", "QTY*90*2", "the batch is said to have 2 accepted claims, 1 are listed"),
        ("QTY*AA*1", "QTY*AA*0", "the batch is said to have 0 rejected claims, 1 are listed"),
        ("AMT*YU*240", "AMT*YU*250", "the batch is said to have 250 dollars accepted, 240 are listed"),
        ("AMT*YY*360", "AMT*YY*361", "the batch is said to have 361 dollars rejected, 360 are listed"),
    ],
)
def test_a_batch_that_does_not_add_up_says_where(right, wrong, said):
    """The segment its loop begins with, what is said and what was found."""
    [fault] = faults(*RECEIVER, *(wrong if one == right else one for one in OF_BATCH), *PROVIDER, *GOOD, *BAD)

    assert fault.endswith(said)
    assert fault.startswith("segment ")


def test_a_provider_has_totals_of_its_own():
    """A claim left out below a provider is seen although the batch gives no totals."""
    [claims, dollars] = faults(*RECEIVER, *PROVIDER, *OF_PROVIDER, *GOOD)

    assert "the provider is said to have 1 rejected claims, 0 are listed" in claims
    assert "the provider is said to have 360 dollars rejected, 0 are listed" in dollars


def test_claims_refused_with_their_provider_count_for_the_batch():
    """A provider refused as a whole names no claim: its own totals speak for them."""
    refused = ("HL*6*2*19*0", "NM1*85*2*ANOTHER CLINIC*****XX*1333444556", "TRN*1*0", "STC*A3:24:85**U*360")
    below = (*PROVIDER, *GOOD, *refused)

    assert [] == faults(*RECEIVER, *OF_BATCH, *below, "QTY*QC*1", "AMT*YY*360")
    assert 2 == len(faults(*RECEIVER, *OF_BATCH, *below, "QTY*QC*2", "AMT*YY*400"))
    assert [] == faults(*RECEIVER, *OF_BATCH, *below)  # nobody says how many


def test_a_claim_without_its_charge_leaves_the_amounts_open():
    """What cannot be added is not compared; the counts still are."""
    assert [] == faults(*RECEIVER, *OF_BATCH, *PROVIDER, *OF_PROVIDER, "HL*4*3*PT", "TRN*2*CN1", "STC*A2:20**WQ", *BAD)


@pytest.mark.parametrize("name", SCENARIOS)
def test_no_scenario_is_blamed_for_nothing(name):
    """Answers that leave levels or totals out, as the guides allow, have no fault."""
    tally = Tally()
    for said in read_277([SCENARIOS[name]()]):
        tally.add(said)

    assert [] == tally.faults()
