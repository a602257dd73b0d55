"""
What the sandbox's payers remember: claims they decided, bills they know, money they still want back.

It is what makes a second bill a duplicate, a replacement a reversal with a new payment, and an overpayment a smaller
payment next time.
"""

import zlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from include.sandbox.contract import (
    HALF,
    ZERO,
    Forwarded,
    Payment,
    adjudicate,
    cents,
    deny_unknown_original,
    pay_second,
)
from include.sandbox.fates import Fate, Stage
from include.sandbox.remittance import ProviderAdjustment, Remittance
from include.sandbox.upload import Party

_VOID: Final = "8"
_AFTERWARDS: Final = frozenset({"7", _VOID})  # CLM05-3


@dataclass(frozen=True, slots=True)
class Till:
    """Whose money it is: one 835 each a day."""

    account: str
    payer_id: str
    payee_npi: str


class PayerMemory:
    """Decides claims in the order they fall due, and settles a day's payments."""

    def __init__(self) -> None:
        self._decided: dict[str, Payment] = {}  # those in force, by the payer's claim number
        self._bills: set[str] = set()
        self._owed: defaultdict[Till, list[ProviderAdjustment]] = defaultdict(list)
        self._carried: dict[Till, ProviderAdjustment] = {}

    def decide(self, forwarded: Forwarded, stage: Stage) -> list[Payment]:
        """Return what the payment of a day says of a claim; a reversal stands before what replaces it."""
        if stage is Stage.ADJUDICATE:
            return self._decide(forwarded)
        decided = self._decided.get(forwarded.payer_claim_number)
        if decided is None:  # replaced or voided since
            return []
        if stage is Stage.SECOND_PAYER:
            return [pay_second(decided)]
        if forwarded.fate is Fate.TAKEN_BACK:
            return self._again(decided, replace(adjudicate(forwarded, rate=HALF), number=f"{decided.number}A1"))
        self._owed[till_of(decided)].append(ProviderAdjustment("WO", decided.number, cents(decided.paid * HALF)))
        return []

    def settle(self, till: Till, payments: Sequence[Payment], paid_on: date) -> Remittance:
        """Return the day's remittance: never below zero, what is missing is carried to the next (FB)."""
        claim = payments[0].forwarded.claim
        trace = f"EFT{paid_on:%y%m%d}{zlib.crc32(repr(till).encode()) % 10**8:08d}"
        carried = self._carried.pop(till, None)
        adjustments = [
            *(ProviderAdjustment("L6", one.number, -one.interest) for one in payments if one.interest),
            *([carried] if carried else []),
            *self._owed.pop(till, []),
        ]
        remittance = Remittance(
            account=till.account,
            payer=payments[0].payer,
            payee=Party(id=till.payee_npi, last=claim.billing.last),
            tax_id=claim.tax_id,
            paid_on=paid_on,
            trace=trace,
            payments=tuple(payments),
            adjustments=tuple(adjustments),
        )
        if remittance.amount >= ZERO:
            return remittance
        self._carried[till] = ProviderAdjustment("FB", trace, -remittance.amount)
        forward = ProviderAdjustment("FB", trace, remittance.amount)
        return replace(remittance, adjustments=(*adjustments, forward))

    def _decide(self, forwarded: Forwarded) -> list[Payment]:
        claim = forwarded.claim
        if claim.frequency in _AFTERWARDS:
            original = self._decided.get(claim.original_reference)
            if original is None or original.payer.id != claim.payer.id:
                return [deny_unknown_original(forwarded)]
            return self._again(original, None if claim.frequency == _VOID else adjudicate(forwarded, forwarded.fate))
        is_known = claim.content_sha256 in self._bills
        self._bills.add(claim.content_sha256)
        payment = adjudicate(forwarded, Fate.DENIED_DUPLICATE if is_known else forwarded.fate)
        self._decided[payment.number] = payment
        return [payment]

    def _again(self, original: Payment, corrected: Payment | None) -> list[Payment]:
        del self._decided[original.number]
        if corrected is None:
            return [original.reversed()]
        corrected = replace(corrected, replaces=original.number)
        self._decided[corrected.number] = corrected
        return [original.reversed(), corrected]


def till_of(payment: Payment) -> Till:
    """Return whose money a payment is."""
    return Till(payment.forwarded.account, payment.payer.id, payment.forwarded.claim.billing.id)
