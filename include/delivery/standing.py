"""
Where a clinic's claims stand, at a glance: counts and dollars of every stage, and what waits for a person.

A claim is counted once, by its newest live submission, and by the database, so that a page of three hundred clinics
costs a few queries. Holds no patient data.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from include.claims.deadlines import Waits
from include.claims.states import (
    FINISHED,
    REJECTED,
    SETTLED_AT_CLEARINGHOUSE,
    Adjudication,
    Delivery,
    FrontEnd,
    Work,
)
from include.delivery.file_hops import Hop


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How many of a clinic's claims stand alike, and how many of them have been silent for too long."""

    clinic_key: str
    delivery: Delivery
    front_end: FrontEnd
    adjudication: Adjudication
    work: Work
    contradicted: bool
    claims: int
    charge: Decimal
    silent: int = 0
    silent_charge: Decimal = Decimal(0)
    since: datetime | None = None  # when the one that has rested longest was last heard of


@dataclass(frozen=True, slots=True, kw_only=True)
class Late:
    """The moments before which nobody may have been heard of last: what is older is silent past its deadline."""

    by_stage: tuple[tuple[Delivery, FrontEnd, datetime], ...]
    answer: tuple[tuple[datetime, tuple[str, ...]], ...]  # each with the clinics that wait for an answer so long
    earlier: datetime  # of what an earlier process sent


_STAGE_WAITS: Final[tuple[tuple[Delivery, FrontEnd, str], ...]] = (
    (Delivery.READY, FrontEnd.NONE, "unsent"),
    (Delivery.BATCHED, FrontEnd.NONE, "unsent"),
    (Delivery.SENT, FrontEnd.RECEIVED, "verdict"),
    (Delivery.SENT, FrontEnd.PENDING, "verdict"),
    (Delivery.SENT, FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, "remittance"),
    (Delivery.SENT, FrontEnd.ACCEPTED_BY_PAYER, "remittance"),
    (Delivery.SENT, FrontEnd.MAILED_ON_PAPER, "remittance"),
    (Delivery.SENT, FrontEnd.INFORMATION_REQUESTED, "information"),
    (Delivery.SENT, FrontEnd.NOT_FOUND, "not_found"),
)
"""The clocks of `include.claims.deadlines` that an answer stops; what is in doubt or failed has columns of its own."""


def late_by(now: datetime, waits: Waits, answer_within: Mapping[str, timedelta]) -> Late:
    """Return since when silence is too long, to the hour, by the waits in force and each clinic's own."""
    hour = now.replace(minute=0, second=0, microsecond=0)
    clinics: dict[timedelta, list[str]] = defaultdict(list)
    for key, wait in sorted(answer_within.items()):
        clinics[wait].append(key)
    return Late(
        by_stage=tuple((sent, heard, hour - getattr(waits, wait)) for sent, heard, wait in _STAGE_WAITS),
        answer=tuple((hour - wait, tuple(keys)) for wait, keys in sorted(clinics.items())),
        earlier=hour - waits.earlier,
    )


_REFUSED: Final = REJECTED | {FrontEnd.CALLED_DUPLICATE}
_PAID: Final = frozenset({
    Adjudication.PAID, Adjudication.PAID_WITH_DENIED_LINES, Adjudication.PATIENT_RESPONSIBILITY,
})  # fmt: skip
_GIVEN_UP: Final = frozenset({Work.WRITTEN_OFF, Work.CLOSED})
_AGAIN_AT_PAYER: Final = frozenset({Adjudication.FORWARDED, Adjudication.REVERSED})


def _is_open(one: Standing) -> bool:
    return one.work not in _GIVEN_UP


def _sent(one: Standing) -> bool:
    return one.delivery is Delivery.SENT and one.adjudication is Adjudication.NONE and _is_open(one)


def _accepted(one: Standing) -> bool:
    return _sent(one) and one.front_end in SETTLED_AT_CLEARINGHOUSE - _REFUSED


STAGES: Final[dict[str, Callable[[Standing], bool]]] = {
    "held": lambda one: one.delivery is Delivery.HELD and _is_open(one),
    "ready": lambda one: one.delivery in {Delivery.READY, Delivery.BATCHED} and _is_open(one),
    "in doubt": lambda one: one.delivery in {Delivery.IN_DOUBT, Delivery.UNACCOUNTED} and _is_open(one),
    "failed": lambda one: one.delivery in {Delivery.SET_REFUSED, Delivery.FILE_FAILED} and _is_open(one),
    "awaiting": lambda one: _sent(one) and one.front_end not in SETTLED_AT_CLEARINGHOUSE,
    "rejected": lambda one: _sent(one) and one.front_end in _REFUSED,
    "accepted": lambda one: _accepted(one) or (one.adjudication in _AGAIN_AT_PAYER and _is_open(one)),
    "paid": lambda one: one.adjudication in _PAID,
    "denied": lambda one: one.adjudication is Adjudication.DENIED and _is_open(one),
    "given up": lambda one: not _is_open(one) and one.adjudication not in _PAID,
}  # fmt: skip
"""
The stages a claim is shown in, in the order in which it goes through them; no claim is in two.

Accepted is what the payer has still to decide. Given up is what a person wrote off or closed.
"""


def stage_of(one: Standing) -> str:
    """Return the stage claims are shown in; blank for what was withdrawn."""
    return next((name for name, is_there in STAGES.items() if is_there(one)), "")


@dataclass(slots=True)
class Glance:
    """One clinic's row."""

    clinic_key: str
    stages: dict[str, Hop] = field(default_factory=lambda: {name: Hop() for name in STAGES})
    since: dict[str, datetime] = field(default_factory=dict)  # by stage: when the oldest was last heard of
    silent: Hop = field(default_factory=Hop)
    needs_person: Hop = field(default_factory=Hop)
    contradicted: Hop = field(default_factory=Hop)

    def count(self, one: Standing) -> None:
        """Put claims where they stand."""
        if stage := stage_of(one):
            self.stages[stage].add(one.charge, one.claims)
            if one.since:
                self.since[stage] = min(one.since, self.since.get(stage, one.since))
        self.silent.add(one.silent_charge, one.silent)
        if one.work not in FINISHED | {Work.NOBODY}:
            self.needs_person.add(one.charge, one.claims)
        if one.contradicted and one.work not in FINISHED:
            self.contradicted.add(one.charge, one.claims)


def glance_of(clinic_key: str, standings: Iterable[Standing]) -> Glance:
    """Return one clinic's row, of all its claims or of some."""
    row = Glance(clinic_key)
    for one in standings:
        row.count(one)
    return row


def all_together(rows: Iterable[Glance]) -> Glance:
    """Return the row below all rows."""
    total = Glance("all")
    for row in rows:
        for name, hop in row.stages.items():
            total.stages[name].add(hop.dollars, hop.claims)
        for mine, its in (
            (total.silent, row.silent),
            (total.needs_person, row.needs_person),
            (total.contradicted, row.contradicted),
        ):
            mine.add(its.dollars, its.claims)
    return total
