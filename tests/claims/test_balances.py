"""What does not add up is found at the smallest scope, to the cent, and says what was expected."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from include.claims.balances import Balance, Imbalance, Scope, of_claim, of_payment
from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.remittance import (
    ClaimPayment,
    Payment,
    PaymentEnd,
    Procedure,
    ProviderAdjustment,
    ServicePayment,
)

pytestmark = pytest.mark.pure

D = Decimal


def off(group: str, amount: str) -> Adjustment:
    return Adjustment(group=AdjustmentGroup(group), reason="45", amount=D(amount))


def a_line(charge: str, paid: str, *adjustments: Adjustment, segment: int = 11) -> ServicePayment:
    return ServicePayment(Procedure("HC", "97153", ()), D(charge), D(paid), segment=segment, adjustments=adjustments)


def a_claim(charge: str, paid: str, *lines: ServicePayment, own: tuple[Adjustment, ...] = (), share: str = ""):
    return ClaimPayment(
        "CN1", "1", D(charge), D(paid), 10, D(share) if share else None, lines=lines, adjustments=own
    )  # fmt: skip


def a_payment(amount: str) -> Payment:
    return Payment(
        version="005010X221A1", interchange_number=42, set_number="0001", handling="I", amount=D(amount),
        credit_or_debit="C", method="ACH", paid_on=date(2026, 3, 20), trace="EFT1", originator="1512345678",
        originator_division="", produced_on=None, payer_name="EXAMPLE HEALTH PLAN", payer_ids=(),
        payee_npi="1003000126", payee_tax_id="", payee_ids=(), segment=3,
    )  # fmt: skip


def an_end(paid: str, *moved: str) -> PaymentEnd:
    adjustments = [
        ProviderAdjustment(
            provider_id="1003000126", fiscal_year_ends_on=date(2026, 12, 31), reason="WO", reference="", amount=D(one),
            segment=20,
        )
        for one in moved
    ]  # fmt: skip
    return PaymentEnd(
        set_number="0001", claims=1, lines=1, charged=D(0), paid=D(paid), broken_claims=0, fault="",
        provider_adjustments=tuple(adjustments), segment=21,
    )  # fmt: skip


def found(balance: Balance, scope: Scope, expected: str, said: str, segment: int) -> Imbalance:
    return Imbalance(balance=balance, scope=scope, expected=D(expected), found=D(said), segment=segment)


@pytest.mark.parametrize(
    "claim",
    [
        a_claim("240", "162", a_line("240", "162", off("CO", "48"), off("PR", "30")), share="30"),
        a_claim("-240", "-162", a_line("-240", "-162", off("CO", "-78"))),
        a_claim("240", "200", own=(off("CO", "40"),)),
        a_claim("240", "190", a_line("240", "200", off("CO", "40")), own=(off("OA", "10"),)),
        a_claim("240", "192", a_line("240", "162", off("CO", "78")), own=(off("OA", "-30"),)),
        a_claim("100", "60", a_line("100", "60", off("PR", "30")), own=(off("PR", "10"),), share="40")._replace(
            lines=(a_line("100", "70", off("PR", "30")),)
        ),
        a_claim("0", "0"),
    ],
)
def test_what_adds_up_is_not_mentioned(claim):
    """Lines, the claim's own adjustments, reversals, and claims without lines."""
    assert () == of_claim(claim)


def test_a_line_that_does_not_add_up_is_named():
    """The finding stands where the line does; the claim as a whole still adds up."""
    lines = (
        a_line("100", "80.00", off("CO", "20.01"), segment=12),
        a_line("100", "80.00", off("CO", "19.99"), segment=15),
    )

    assert (
        found(Balance.LINE_PAID, Scope.LINE, "79.99", "80", 12),
        found(Balance.LINE_PAID, Scope.LINE, "80.01", "80", 15),
    ) == of_claim(a_claim("200", "160", *lines))


def test_a_claim_that_does_not_add_up_is_named():
    """Its lines do: so they may be right and the claim wrong."""
    claim = a_claim("200", "150", a_line("200", "160", off("CO", "40")))

    assert (
        found(Balance.CLAIM_PAID, Scope.CLAIM, "160", "150", 10),
        found(Balance.PAID_FOR_LINES, Scope.CLAIM, "160", "150", 10),
    ) == of_claim(claim)


def test_charges_of_lines_must_be_the_claims():
    """A line that was left out shows."""
    claim = a_claim("300", "160", a_line("200", "160", off("CO", "40")), own=(off("CO", "100"),))

    assert (
        found(Balance.CHARGES_OF_LINES, Scope.CLAIM, "200", "300", 10),
        found(Balance.PAID_FOR_LINES, Scope.CLAIM, "60", "160", 10),
    ) == of_claim(claim)


def test_the_patients_share_only_warns():
    """Payers differ in what they count as the patient's, and no money moves by it."""
    (finding,) = of_claim(a_claim("240", "162", a_line("240", "162", off("CO", "48"), off("PR", "30")), share="20"))

    assert found(Balance.PATIENT_SHARE, Scope.CLAIM, "30", "20", 10) == finding
    assert finding.is_warning


@pytest.mark.parametrize(
    ("amount", "end"), [("90", an_end("90")), ("70", an_end("90", "20")), ("0", an_end("-5", "-5"))]
)
def test_a_payment_adds_up_with_what_concerns_the_provider(amount, end):
    """A positive provider adjustment lowers the payment, a negative one raises it."""
    assert () == of_payment(a_payment(amount), end)


def test_a_payment_that_does_not_add_up_is_named():
    """It stands at the payment's scope, with both amounts."""
    (finding,) = of_payment(a_payment("90"), an_end("90", "20"))

    assert found(Balance.PAYMENT_AMOUNT, Scope.PAYMENT, "70", "90", 3) == finding
    assert not finding.is_warning


@pytest.mark.parametrize("lack", [{"broken_claims": 1}, {"fault": "SE01 does not say the 12 segments"}])
def test_a_payment_that_was_not_read_whole_never_adds_up(lack):
    """Even where the amounts happen to agree."""
    assert [Balance.WHOLE] == [
        one.balance for one in of_payment(a_payment("90"), replace(an_end("90"), **lack))
    ]  # fmt: skip
