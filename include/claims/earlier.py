"""
A claim that an earlier process sent, as far as the old system still knows it, and whether a claim of the source is it.

At cutover the source may still hold claims as pending that have gone. Nobody kept their whole content, so they are
compared by what a history tells: payer, kind of bill, total, and the lines where it has them.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from include.claims.facts import BilledLine
from include.claims.model import Claim, Frequency
from include.claims.states import Event

EARLIER: Final = "earlier:"
"""How the revision begins of a claim whose content only an earlier process knew."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SentLine:
    """A service line of it."""

    source_line_key: str  # blank where the old system has none
    service_on: date
    billed: BilledLine

    @property
    def told(self) -> str:
        """What was told of it."""
        line = self.billed
        what = (line.procedure, line.modifiers, f"{line.charge:.2f}", f"{line.units.normalize():f}", line.session)
        return "\x1e".join((self.source_line_key, self.service_on.isoformat(), *what, line.fingerprint))


@dataclass(frozen=True, slots=True, kw_only=True)
class SentElsewhere:
    """A claim that an earlier process sent. Holds no patient data."""

    place: str  # `history.csv row 12`
    source: str
    claim_key: str
    control_number: str  # CLM01, the earlier process's
    sent_on: date
    sent_before: datetime  # the end of that day, where the clinic is
    payer_id: str
    frequency: Frequency
    total_charge: Decimal
    given_claim_number: str  # by the payer; blank where it is not known
    decision: Event | None  # the payer's, where it has decided
    decided_on: date | None
    service_days: tuple[date, ...]
    lines: tuple[SentLine, ...]  # none: the old system does not know them

    @property
    def revision(self) -> str:
        """What can be compared of it, as a revision that no claim of a source has."""
        services = [(line.service_on, line.billed.procedure, line.billed.charge) for line in self.lines]
        return _revision(self.payer_id, self.frequency, self.total_charge, services)

    @property
    def told(self) -> dict[str, str]:
        """What was told of it, by column, so that a history told again in other words is noticed."""
        return {
            "sent_on": self.sent_on.isoformat(),
            "payer_id": self.payer_id,
            "claim_total": str(self.total_charge),
            "frequency": self.frequency,
            "given_claim_number": self.given_claim_number,
            "decision": self.decision or "",
            "decided_on": str(self.decided_on or ""),
            "service_date": " ".join(map(str, self.service_days)),
            "its lines": _digest(line.told for line in self.lines) if self.lines else "",
        }


def is_told_only(revision: str) -> bool:
    """Tell whether a submission's content is known only as a history told it."""
    return revision.startswith(EARLIER)


def is_what_was_sent(claim: Claim, revision: str, sent_before: datetime | None) -> bool:
    """Tell whether the source's claim bills what a history told, and was not released anew after it went."""
    if sent_before is not None and claim.ready_at >= sent_before:
        return False
    services = [(line.service_date, line.procedure, line.charge) for line in claim.lines]
    return revision in {_revision(claim.payer.id, claim.frequency, claim.total_charge, some) for some in (services, [])}


def _revision(payer_id: str, frequency: str, total: Decimal, services: Iterable[tuple[date, str, Decimal]]) -> str:
    lines = sorted(f"{on} {procedure} {charge:.2f}" for on, procedure, charge in services)
    return EARLIER + _digest((payer_id, frequency, f"{total:.2f}", *lines))


def _digest(parts: Iterable[str]) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
