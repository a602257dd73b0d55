"""
What the ledger knows that a rule must ask: the same service billed before, who was where when, who is enrolled.

The use cases fill it for a chunk of claims at once; the rules only read. Keys of persons are hashes or the practice's
own keys, so nothing here is patient data.
"""

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final, NamedTuple

from include.claims.enrollment import NOTHING_KNOWN, Enrolled
from include.claims.identifiers import line_fingerprint
from include.claims.model import Claim, Frequency, ServiceLine
from include.claims.plain_text import fold

MOST_OF_A_DAY: Final = 200
"""Lines of one person's day. A key with more stands for several people, and comparing them all would take all night."""


class BilledLine(NamedTuple):
    """
    A service line as the rules over time compare it, of a claim that may be alive at a payer or goes out tonight.

    A tuple: a night makes and hashes several for every line it delivers, a frozen dataclass takes four times as long.
    """

    source: str
    claim_key: str  # the source's
    frequency: Frequency
    fingerprint: str
    patient_day: str
    technician_day: str  # blank where nobody says who was there
    authorization_use: str  # blank without an authorization
    procedure: str
    modifiers: str  # in the line's order, a blank between
    place_of_service: str
    rendering_npi: str
    units: Decimal
    charge: Decimal
    session: str  # the practice's session, else when it began; blank where neither is known
    started_at: str  # HHMM
    ended_at: str  # HHMM

    @property
    def has_times(self) -> bool:
        """Tell whether it is known when the service began and ended, on one day."""
        return bool(self.started_at) and self.started_at < self.ended_at

    def overlaps(self, other: "BilledLine") -> bool:
        """Tell whether both went on at one time."""
        is_timed = self.has_times and other.has_times
        return is_timed and self.started_at < other.ended_at and other.started_at < self.ended_at


def _nothing() -> Mapping[str, Sequence[BilledLine]]:
    return MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Other claims' lines, by what a rule asks for, and what payers have consented to."""

    by_fingerprint: Mapping[str, Sequence[BilledLine]] = field(default_factory=_nothing)
    by_patient_day: Mapping[str, Sequence[BilledLine]] = field(default_factory=_nothing)
    by_technician_day: Mapping[str, Sequence[BilledLine]] = field(default_factory=_nothing)
    crowded: frozenset[str] = frozenset()  # patients' and technicians' days with more lines than MOST_OF_A_DAY
    units_used: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))  # by authorization use
    enrolled: Enrolled = NOTHING_KNOWN
    are_known: bool = True  # False: nobody looked, so the rules over time cannot be asked


NO_FACTS: Final = Facts(are_known=False)
"""Nobody looked: a claim is scrubbed away from the ledger."""


def billed_lines(claim: Claim) -> Iterator[BilledLine]:
    """Yield the claim's lines as other claims' rules compare them, in order."""
    patient = patient_hash(claim)
    for line in claim.lines:
        rendering = line.rendering or claim.rendering
        yield BilledLine(
            source=claim.source,
            claim_key=claim.key,
            frequency=claim.frequency,
            fingerprint=fingerprint_of(claim, line),
            patient_day=day_key(patient, line.service_date),
            technician_day=technician_day(claim, line),
            authorization_use=authorization_use(claim, line),
            procedure=line.procedure,
            modifiers=" ".join(line.modifiers),
            place_of_service=line.place_of_service or claim.place_of_service,
            rendering_npi=rendering.npi if rendering else claim.billing.npi,
            units=line.units,
            charge=line.charge,
            session=line.session_id or line.started_at,
            started_at=line.started_at,
            ended_at=line.ended_at,
        )


def fingerprint_of(claim: Claim, line: ServiceLine) -> str:
    """Return what makes a service line the same service, however it is billed: 32 hex digits."""
    dependent = claim.dependent
    return line_fingerprint(
        member_id=member_key(claim.subscriber.member_id, patient_hash(claim) if dependent else ""),
        payer_id=claim.payer.id,
        billing_npi=claim.billing.npi,
        on=line.service_date,
        procedure=line.procedure,
        session=line.session_id or line.started_at,
    )


def member_key(member_id: str, dependent: str) -> str:
    """Return who is insured: brothers and sisters share their parent's member id, and often a day and a procedure."""
    return member_id + dependent


def patient_hash(claim: Claim) -> str:
    """Return 32 hex digits for the person treated, whoever insures them: name and birth date, not in clear."""
    patient = claim.patient
    return person_hash(patient.name.last, patient.name.first, patient.birth_date)


# Remembered: a patient comes several times a week.
@lru_cache(maxsize=4096)
def person_hash(last: str, first: str, born: date | None) -> str:
    """Return 32 hex digits for a person."""
    return hashlib.sha256(f"{fold(last)}\x1f{fold(first)}\x1f{born}".encode()).hexdigest()[:32]


def day_key(who: str, on: date) -> str:
    """Return somebody's day, `KEY|2026-03-02`; blank for nobody."""
    return f"{who}|{on.isoformat()}" if who else ""


def technician_day(claim: Claim, line: ServiceLine) -> str:
    """Return the day of who was with the patient, whose key is the practice's own."""
    return "" if line.performed_by is None else technician_key(claim.source, line.performed_by.key, line.service_date)


def technician_key(source: str, technician: str, on: date) -> str:
    """Return a technician's day, by the practice's own key; blank where nobody says who was there."""
    return day_key(f"{source}|{technician}", on) if technician else ""


def authorization_use(claim: Claim, line: ServiceLine) -> str:
    """Return what of which authorization a line uses up, `PAYER|NUMBER|PROCEDURE`."""
    return authorization_key(claim.payer.id, line.prior_authorization or claim.prior_authorization, line.procedure)


def authorization_key(payer_id: str, number: str, procedure: str) -> str:
    """Return an authorization's use, blank without an authorization."""
    return f"{payer_id}|{number}|{procedure}" if number else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherClaims:
    """What the ledger knows beside some claims: lines that may be alive, and units used up without these claims."""

    lines: tuple[BilledLine, ...] = ()
    crowded: frozenset[str] = frozenset()  # days of more lines than MOST_OF_A_DAY, which are not among these
    units_used: Mapping[str, Decimal] = field(default_factory=lambda: MappingProxyType({}))


def gathered(
    lines: Iterable[BilledLine], units_used: Mapping[str, Decimal], crowded: frozenset[str] = frozenset()
) -> Facts:
    """Return these lines as facts, each once, beside days that are known to be crowded."""
    by_fingerprint: dict[str, list[BilledLine]] = defaultdict(list)
    by_patient_day: dict[str, list[BilledLine]] = defaultdict(list)
    by_technician_day: dict[str, list[BilledLine]] = defaultdict(list)
    for line in dict.fromkeys(lines):
        by_fingerprint[line.fingerprint].append(line)
        by_patient_day[line.patient_day].append(line)
        by_technician_day[line.technician_day].append(line)
    by_technician_day.pop("", None)  # nobody's
    crowded = crowded.union(
        key for days in (by_patient_day, by_technician_day) for key, found in days.items() if len(found) > MOST_OF_A_DAY
    )
    return Facts(
        by_fingerprint=by_fingerprint,
        by_patient_day=by_patient_day,
        by_technician_day=by_technician_day,
        crowded=crowded,
        units_used=units_used,
    )
