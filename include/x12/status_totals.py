"""
Whether a 277CA adds up: the counts and amounts it gives for a batch and a provider against the claims it lists below.

Statuses stand whatever the counts say; a disagreement means that claims were left out or told twice, and a person
should know. A level that lists nothing below it is not compared: levels may be left out under the one that refuses.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

from include.x12.claim_status import (
    Action,
    BatchAnswer,
    ClaimAnswer,
    ClaimVerdict,
    ProviderAnswer,
    Totals,
)
from include.x12.claim_status import Answer as Said

_REFUSES: Final = frozenset({ClaimVerdict.DUPLICATE, ClaimVerdict.REJECTED, ClaimVerdict.NOT_FOUND})
_NAMES: Final = {
    "accepted": "accepted claims",
    "rejected": "rejected claims",
    "accepted_amount": "dollars accepted",
    "rejected_amount": "dollars rejected",
}


@dataclass(slots=True)
class Counted:
    """A batch or a provider's claims, with what was counted below it."""

    whole: BatchAnswer | ProviderAnswer
    claims: int = 0
    sums: dict[str, Decimal] = field(default_factory=lambda: dict.fromkeys(_NAMES, Decimal(0)))
    has_amounts: bool = True  # every claim below says its charge
    is_open: bool = False  # some of what stands below is not told

    @property
    def reference(self) -> str:
        """What it is about: our BHT03 where it is a batch."""
        return self.whole.batch_reference if isinstance(self.whole, BatchAnswer) else self.whole.reference

    def add(self, claim: ClaimAnswer) -> None:
        """Count a claim that stands below."""
        side = "rejected" if _is_refused(claim) else "accepted"
        charge = next((status.amount for status in claim.statuses if status.amount is not None), None)
        self.claims += 1
        self.sums[side] += 1
        self.sums[f"{side}_amount"] += charge or 0
        self.has_amounts &= charge is not None

    def add_whole(self, provider: "Counted") -> None:
        """Count a provider none of whose claims is named: its own totals, where it has them, speak for them."""
        totals = provider.whole.totals
        self.is_open |= totals == Totals()
        self.claims += (totals.accepted or 0) + (totals.rejected or 0)
        for name in _NAMES:
            self.sums[name] += getattr(totals, name) or 0

    def faults(self) -> Iterator[str]:
        """Say what its totals and the claims below do not agree in."""
        what = "batch" if isinstance(self.whole, BatchAnswer) else "provider"
        for name, words in _NAMES.items():
            said, found = getattr(self.whole.totals, name), self.sums[name]
            is_told = self.claims and not self.is_open and (self.has_amounts or not name.endswith("_amount"))
            if is_told and said is not None and said != found:
                yield f"segment {self.whole.segment}: the {what} is said to have {said} {words}, {found} are listed"


class Tally:
    """A 277CA being counted as it is read."""

    def __init__(self) -> None:
        self.batches: list[Counted] = []
        self._providers: list[tuple[Counted | None, Counted]] = []  # the batch it stands in, and the provider
        self._batch: Counted | None = None
        self._provider: Counted | None = None

    def add(self, said: Said) -> None:
        """Take the next thing the answer says."""
        if isinstance(said, ClaimAnswer):
            for one in filter(None, (self._batch, self._provider)):
                one.add(said)
        elif isinstance(said, ProviderAnswer):
            self._provider = Counted(said)
            self._providers.append((self._batch, self._provider))
        else:
            self._batch = Counted(said) if isinstance(said, BatchAnswer) else None
            self._provider = None
            self.batches += filter(None, [self._batch])

    def faults(self) -> list[str]:
        """Say where totals and claims do not agree, once the answer has been read to its end."""
        for batch, provider in self._providers:
            if batch and not provider.claims:
                batch.add_whole(provider)
        return [fault for one in (*self.batches, *(one for _, one in self._providers)) for fault in one.faults()]


def _is_refused(claim: ClaimAnswer) -> bool:
    actions = {status.action for status in claim.statuses} - {None}
    return Action.REJECT in actions if actions else claim.verdict in _REFUSES
