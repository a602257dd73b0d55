"""
What a payer's word on a claim comes to, as one event: paid, paid in part, left to the patient, denied, passed on.

The payer's own status (CLP02) is not enough: many pay nothing under 1, and deny some lines of what they pay.
"""

from collections.abc import Iterable
from enum import Enum, auto
from typing import Final

from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.remittance import ClaimPayment, PayerDecision, ServicePayment
from include.claims.states import Event

_FORWARDED: Final = frozenset({
    PayerDecision.PRIMARY_FORWARDED, PayerDecision.SECONDARY_FORWARDED, PayerDecision.TERTIARY_FORWARDED,
    PayerDecision.NOT_OURS_FORWARDED,
})  # fmt: skip

EXPECTED_REASONS: Final = frozenset({"1", "2", "3", "23", "44", "45", "94", "131", "253"})
"""
CARCs of a claim that went as it should: the patient's share, the contract, what another payer paid, a discount.

Any other reason beside a payment of nothing is a denial. Ours, from the code list's own words; not published as a set.
"""


class Fate(Enum):
    """What became of one service line."""

    PAID = auto()
    LEFT_TO_PATIENT = auto()
    SETTLED = auto()  # nothing is paid and nothing is owed: another payer has paid enough
    DENIED = auto()


def decision_of(claim: ClaimPayment) -> Event | None:
    """Return what the payer decided; None where it decided nothing (a predetermination)."""
    match claim.status:
        case PayerDecision.REVERSAL:
            return Event.REVERSED
        case PayerDecision.PREDETERMINATION:
            return None
        case PayerDecision.DENIED:
            return Event.DENIED
        case status if status in _FORWARDED:
            return Event.FORWARDED
        case _:
            return _by_money(claim)


def fate_of(line: ServicePayment) -> Fate:
    """Return what became of a service line."""
    return Fate.PAID if line.paid else _unpaid(line.adjustments)


def denials(claim: ClaimPayment) -> tuple[str, ...]:
    """Return why something of a claim was not paid, as `CO-197` and `N54`, each once, in the file's order."""
    unpaid = [line for line in claim.lines if fate_of(line) is Fate.DENIED]
    reasons = [
        f"{one.group}-{one.reason}"
        for adjustments in (claim.adjustments, *[line.adjustments for line in unpaid])
        for one in adjustments
        if one.reason not in EXPECTED_REASONS
    ]
    remarks = [remark for line in unpaid for remark in line.remarks]
    return tuple(dict.fromkeys((*reasons, *(claim.remarks if reasons else ()), *remarks)))


def _by_money(claim: ClaimPayment) -> Event:
    fates = {fate_of(line) for line in claim.lines if line.charge} or {
        Fate.PAID if claim.paid else _unpaid(claim.adjustments)
    }
    if fates == {Fate.DENIED}:
        return Event.DENIED
    if Fate.DENIED in fates:
        return Event.PAID_WITH_DENIED_LINES
    return Event.LEFT_TO_PATIENT if Fate.PAID not in fates and Fate.LEFT_TO_PATIENT in fates else Event.PAID


def _unpaid(adjustments: Iterable[Adjustment]) -> Fate:
    given = [one for one in adjustments if one.amount]
    if not given or any(one.reason not in EXPECTED_REASONS for one in given):
        return Fate.DENIED
    return Fate.LEFT_TO_PATIENT if any(one.group is AdjustmentGroup.PATIENT for one in given) else Fate.SETTLED
