"""
A claim found by one of its numbers, and the claims that belong beside it.

The same key may stand in several practices' databases, so a number may mean several claims. Holds no patient data.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

from include.claims.coordination import Responsibility
from include.claims.model import Claim, Frequency
from include.claims.states import Adjudication, Delivery, FrontEnd, Usage, Work


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A claim by its newest submission that is to be paid, else by its newest test copy."""

    claim_id: int
    clinic_key: str
    source: str
    claim_key: str
    control_number: str
    usage: Usage
    delivery: Delivery
    front_end: FrontEnd
    adjudication: Adjudication
    work: Work
    charge: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Beside:
    """Another claim that belongs to one, and how."""

    found: Found
    how: str


def how_beside(own: Claim, own_numbers: Collection[str], other: Claim, other_numbers: Collection[str]) -> str:
    """Tell what another claim is to a claim, by what both say and by the payers' numbers; blank: nothing."""
    if other.payer_claim_number and other.payer_claim_number in own_numbers:
        return _OF_AN_EARLIER[other.frequency]
    if own.payer_claim_number and own.payer_claim_number in other_numbers:
        return f"this claim is its {_WORDS[own.frequency]}"
    if own.responsibility is other.responsibility or not _same_service(own, other):
        return ""
    if _turn(other) > _turn(own):
        return f"the same services to the next payer, {other.payer.name}"
    return f"the same services to the payer before, {other.payer.name}"


def _turn(claim: Claim) -> int:
    return _TURNS.index(claim.responsibility)


_TURNS: Final = tuple(Responsibility)
_WORDS: Final = {Frequency.ORIGINAL: "new original", Frequency.REPLACEMENT: "replacement", Frequency.VOID: "void"}
_OF_AN_EARLIER: Final = {frequency: f"{words} of this claim" for frequency, words in _WORDS.items()}


def _same_service(one: Claim, other: Claim) -> bool:
    """Tell whether both bill a service of one day: of one patient they are already."""
    return not _services(one).isdisjoint(_services(other))


def _services(claim: Claim) -> set[tuple[date, str]]:
    return {(line.service_date, line.procedure) for line in claim.lines}
