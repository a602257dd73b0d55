"""What a payer's word comes to, whatever status it gives."""

from decimal import Decimal

import pytest

from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.decisions import decision_of, denials
from include.claims.remittance import ClaimPayment, Procedure, ServicePayment
from include.claims.states import Event

pytestmark = pytest.mark.pure

CO, PR, OA = AdjustmentGroup.CONTRACT, AdjustmentGroup.PATIENT, AdjustmentGroup.OTHER


def a_service(paid, *adjustments, remarks=()):
    """Return a line of 120 dollars of which so much was paid."""
    return ServicePayment(
        procedure=Procedure("HC", "97153", ("HM",)),
        charge=Decimal(120),
        paid=Decimal(paid),
        segment=9,
        remarks=remarks,
        adjustments=tuple(Adjustment(group=group, reason=code, amount=Decimal(of)) for group, code, of in adjustments),
    )


def decided(*lines, status="1"):
    """Return what a payer makes of a claim with these lines."""
    paid = sum((line.paid for line in lines), Decimal(0))
    charge = Decimal(120) * len(lines)
    return ClaimPayment(control_number="CN1", status=status, charge=charge, paid=paid, segment=8, lines=lines)


PAID = a_service(80, (CO, "45", 40))
DEDUCTIBLE = a_service(0, (CO, "45", 40), (PR, "1", 80))
NO_AUTHORIZATION = a_service(0, (CO, "197", 120), remarks=("M62",))
NOT_COVERED = a_service(0, (PR, "96", 120))
PAID_BY_ANOTHER = a_service(0, (OA, "23", 120))


@pytest.mark.parametrize(
    ("claim", "event"),
    [
        (decided(PAID), Event.PAID),
        (decided(PAID, PAID_BY_ANOTHER), Event.PAID),
        (decided(PAID_BY_ANOTHER, status="2"), Event.PAID),
        (decided(PAID, NO_AUTHORIZATION), Event.PAID_WITH_DENIED_LINES),
        (decided(DEDUCTIBLE, NO_AUTHORIZATION), Event.PAID_WITH_DENIED_LINES),
        (decided(DEDUCTIBLE), Event.LEFT_TO_PATIENT),
        (decided(PAID, DEDUCTIBLE), Event.PAID),
        (decided(NO_AUTHORIZATION), Event.DENIED),
        (decided(NOT_COVERED), Event.DENIED),
        (decided(DEDUCTIBLE, status="4"), Event.DENIED),
        (decided(PAID, status="19"), Event.FORWARDED),
        (decided(status="23"), Event.FORWARDED),
        (decided(PAID, status="22"), Event.REVERSED),
        (decided(PAID, status="25"), None),
        (decided(a_service(0)), Event.DENIED),
    ],
)
def test_the_money_says_what_the_status_hides(claim, event):
    """A payer that denies lines under status 1, or pays nothing, is understood."""
    assert event is decision_of(claim)


def test_a_claim_without_lines_is_decided_by_its_own_adjustments():
    """Some payers adjust the claim as a whole."""
    whole = decided()._replace(charge=Decimal(120), adjustments=DEDUCTIBLE.adjustments)

    assert Event.LEFT_TO_PATIENT is decision_of(whole)


def test_the_reasons_of_a_denial_are_listed_once():
    """What was as expected is no reason; remarks stand beside the reasons they explain."""
    assert ("CO-197", "M62") == denials(decided(PAID, NO_AUTHORIZATION, NO_AUTHORIZATION))
    assert () == denials(decided(PAID, DEDUCTIBLE))
