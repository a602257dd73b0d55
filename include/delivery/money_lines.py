"""
What a payment says of a claim, line by line: charged, allowed, paid, owed by the patient, and why not all of it.

The document of a posting has no words; here its codes get them, and what can be done about each.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Final

from include.claims.coordination import AdjustmentGroup
from include.delivery.records import Paid
from include.x12.adjustment_codes import ADJUSTMENT_GROUPS, CLAIM_STATUSES, REASONS, REMARKS, meaning_of, words_of

_PATIENT: Final = AdjustmentGroup.PATIENT.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """One reason why not all was paid; a remark has no amount."""

    code: str  # `CO-45`, `M62`
    words: str
    bearer: str = ""  # who bears it, in words
    amount: Decimal | None = None
    remedy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class MoneyLine:
    """What became of one service line."""

    number: int  # in the remittance, from 1
    procedure: str
    modifiers: tuple[str, ...]
    day: str  # ISO; blank where the payer does not say
    charge: Decimal
    allowed: Decimal
    paid: Decimal
    patient: Decimal
    reasons: tuple[Reason, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Decision:
    """What one payment says of one submission."""

    paid: Paid
    decision: str  # in words
    lines: tuple[MoneyLine, ...]
    reasons: tuple[Reason, ...]  # of the claim as a whole

    def remedies(self) -> list[str]:
        """Return what can be done about it, each sentence once."""
        every = [*self.reasons, *(reason for line in self.lines for reason in line.reasons)]
        return list(dict.fromkeys(reason.remedy for reason in every if reason.remedy))


def decision_of(paid: Paid) -> Decision:
    """Return what a payment says of a claim, in words."""
    document = json.loads(paid.document)
    return Decision(
        paid=paid,
        decision=words_of(CLAIM_STATUSES, paid.decision),
        lines=tuple(_line(number, said) for number, said in enumerate(document.get("lines", ()), start=1)),
        reasons=tuple(reasons_of(document)),
    )


def reasons_of(said: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield the adjustments and remarks of a claim or a line, in words."""
    for one in said.get("adjustments", ()):
        meaning = meaning_of(REASONS, one["reason"])
        yield Reason(
            code=f"{one['group']}-{one['reason']}",
            words=meaning.words,
            bearer=words_of(ADJUSTMENT_GROUPS, one["group"]),
            amount=Decimal(one["amount"]),
            remedy=meaning.remedy,
        )
    for code in said.get("remarks", ()):
        meaning = meaning_of(REMARKS, code)
        yield Reason(code=code, words=meaning.words, remedy=meaning.remedy)


def _line(number: int, said: Mapping[str, Any]) -> MoneyLine:
    reasons = tuple(reasons_of(said))
    paid, patient = Decimal(said.get("paid") or 0), _owed_by_patient(reasons)
    return MoneyLine(
        number=number,
        procedure=said["procedure"].get("code", ""),
        modifiers=tuple(said["procedure"].get("modifiers", ())),
        day=said.get("first_day", ""),
        charge=Decimal(said.get("charge") or 0),
        # Where the payer does not say it: what it pays and what it leaves to the patient.
        allowed=Decimal(said.get("allowed") or paid + patient),
        paid=paid,
        patient=patient,
        reasons=reasons,
    )


def _owed_by_patient(reasons: Iterable[Reason]) -> Decimal:
    owed = (one.amount for one in reasons if one.amount is not None and one.code.startswith(f"{_PATIENT}-"))
    return sum(owed, Decimal(0))
