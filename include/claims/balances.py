"""
Whether a remittance adds up: by service line, by claim, by payment.

Money that does not add up is not posted, and only the smallest part that does not: so every finding says its scope
and where it stands. Nothing is rounded: a cent is a finding.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.remittance import ClaimPayment, Payment, PaymentEnd

_NOTHING = Decimal(0)
_PATIENT = AdjustmentGroup.PATIENT  # an enum's member is looked up slowly


class Scope(StrEnum):
    """How much of a payment a finding keeps from being posted."""

    LINE = "line"
    CLAIM = "claim"
    PAYMENT = "payment"


class Balance(StrEnum):
    """What must add up in a remittance."""

    LINE_PAID = "a line's charge less its adjustments is what was paid for it"  # SVC02 - CAS = SVC03
    CLAIM_PAID = "a claim's charge less all adjustments is what was paid for it"  # CLP03 - CAS = CLP04
    CHARGES_OF_LINES = "the charges of the lines are the claim's"  # SVC02 = CLP03
    PAID_FOR_LINES = (
        "what was paid for the lines less the claim's own adjustments is the claim's"  # SVC03 - own CAS = CLP04
    )
    PATIENT_SHARE = "the adjustments that the patient bears are the patient's responsibility"  # CAS PR = CLP05
    PAYMENT_AMOUNT = (
        "what was paid for the claims less the provider's adjustments is the payment"  # CLP04 - PLB = BPR02
    )
    WHOLE = "every claim and segment of the payment was read"


_WARNINGS = frozenset({Balance.PATIENT_SHARE})
"""Payers differ in what they count as the patient's; no money moves by it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Imbalance:
    """A sum that does not hold."""

    balance: Balance
    scope: Scope
    expected: Decimal  # what the parts come to
    found: Decimal  # what the file says
    segment: int  # where the found amount stands in the file

    @property
    def is_warning(self) -> bool:
        """Tell whether the money may be posted all the same."""
        return self.balance in _WARNINGS


def of_claim(claim: ClaimPayment) -> tuple[Imbalance, ...]:
    """Return what of a claim and its lines does not add up."""
    findings: list[Imbalance] = []
    charged = paid = left = patients = _NOTHING
    for line in claim.lines:
        expected = line.charge
        # Not by `_taken_off`: a million lines pass here, and a call costs as much as what it does.
        for one in line.adjustments:
            expected -= one.amount
            if one.group is _PATIENT:
                patients += one.amount
        if expected != line.paid:
            findings.append(_finding(Balance.LINE_PAID, Scope.LINE, expected, line.paid, line.segment))
        charged += line.charge
        paid += line.paid
        left += expected
    own, of_patient = _taken_off(claim.adjustments)
    at = claim.segment
    if (expected := claim.charge - own - (charged - left)) != claim.paid:
        findings.append(_finding(Balance.CLAIM_PAID, Scope.CLAIM, expected, claim.paid, at))
    if claim.lines and charged != claim.charge:
        findings.append(_finding(Balance.CHARGES_OF_LINES, Scope.CLAIM, charged, claim.charge, at))
    if claim.lines and (expected := paid - own) != claim.paid:
        findings.append(_finding(Balance.PAID_FOR_LINES, Scope.CLAIM, expected, claim.paid, at))
    share = claim.patient_responsibility
    if share is not None and (expected := patients + of_patient) != share:
        findings.append(_finding(Balance.PATIENT_SHARE, Scope.CLAIM, expected, share, at))
    return tuple(findings)


def _taken_off(adjustments: Iterable[Adjustment]) -> tuple[Decimal, Decimal]:
    """Return what adjustments come to, and what of it the patient bears."""
    total = patients = _NOTHING
    for one in adjustments:
        total += one.amount
        if one.group is _PATIENT:
            patients += one.amount
    return total, patients


def _finding(balance: Balance, scope: Scope, expected: Decimal, found: Decimal, segment: int) -> Imbalance:
    return Imbalance(balance=balance, scope=scope, expected=expected, found=found, segment=segment)


def of_payment(payment: Payment, end: PaymentEnd) -> tuple[Imbalance, ...]:
    """Return what of a payment as a whole does not add up."""
    expected = end.paid - sum((one.amount for one in end.provider_adjustments), _NOTHING)
    broken = [Balance.PAYMENT_AMOUNT] if expected != payment.amount else []
    if end.broken_claims or end.fault:
        broken.append(Balance.WHOLE)
    return tuple(_finding(balance, Scope.PAYMENT, expected, payment.amount, payment.segment) for balance in broken)
