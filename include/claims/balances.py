"""
Whether a remittance adds up: by service line, by claim, by payment.

Money that does not add up is not posted, and only the smallest part that does not: so every finding says its scope
and where it stands. Nothing is rounded: a cent is a finding.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from itertools import chain
from operator import attrgetter

from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.remittance import ClaimPayment, Payment, PaymentEnd

_NOTHING = Decimal(0)
_amount, _charge, _paid = attrgetter("amount"), attrgetter("charge"), attrgetter("paid")


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
    by_line = [_total(line.adjustments) for line in claim.lines]
    own = _total(claim.adjustments)
    findings = [
        Imbalance(
            balance=Balance.LINE_PAID,
            scope=Scope.LINE,
            expected=line.charge - adjusted,
            found=line.paid,
            segment=line.segment,
        )
        for line, adjusted in zip(claim.lines, by_line, strict=True)
        if line.charge - adjusted != line.paid
    ]
    findings += [
        Imbalance(balance=balance, scope=Scope.CLAIM, expected=expected, found=found, segment=claim.segment)
        for balance, expected, found in _sums_of(claim, own, sum(by_line, own))
        if expected != found
    ]
    return tuple(findings)


def _sums_of(claim: ClaimPayment, own: Decimal, adjusted: Decimal) -> Iterator[tuple[Balance, Decimal, Decimal]]:
    yield Balance.CLAIM_PAID, claim.charge - adjusted, claim.paid
    if claim.lines:
        yield Balance.CHARGES_OF_LINES, sum(map(_charge, claim.lines), _NOTHING), claim.charge
        yield Balance.PAID_FOR_LINES, sum(map(_paid, claim.lines), _NOTHING) - own, claim.paid
    if claim.patient_responsibility is not None:
        yield Balance.PATIENT_SHARE, _patients(claim), claim.patient_responsibility


def _total(adjustments: Iterable[Adjustment]) -> Decimal:
    return sum(map(_amount, adjustments), _NOTHING)


def _patients(claim: ClaimPayment) -> Decimal:
    adjustments = chain(claim.adjustments, *[line.adjustments for line in claim.lines])
    return sum((one.amount for one in adjustments if one.group is AdjustmentGroup.PATIENT), _NOTHING)


def of_payment(payment: Payment, end: PaymentEnd) -> tuple[Imbalance, ...]:
    """Return what of a payment as a whole does not add up."""
    return tuple(_of_payment(payment, end))


def _of_payment(payment: Payment, end: PaymentEnd) -> Iterator[Imbalance]:
    moved = sum(map(_amount, end.provider_adjustments), _NOTHING)
    expected = end.paid - moved
    is_whole = not end.broken_claims and not end.fault
    for balance, holds in ((Balance.PAYMENT_AMOUNT, expected == payment.amount), (Balance.WHOLE, is_whole)):
        if not holds:
            yield Imbalance(
                balance=balance,
                scope=Scope.PAYMENT,
                expected=expected,
                found=payment.amount,
                segment=payment.segment,
            )
