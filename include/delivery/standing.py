"""
Where a clinic's claims stand, at a glance: counts and dollars of every stage, and what waits for a person.

Counted by the database, so that a page of three hundred clinics costs one query. Holds no patient data.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

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
    """How many of a clinic's live submissions stand alike."""

    clinic_key: str
    delivery: Delivery
    front_end: FrontEnd
    adjudication: Adjudication
    work: Work
    contradicted: bool
    claims: int
    charge: Decimal


def _decided(one: Standing) -> bool:
    return one.adjudication is not Adjudication.NONE


def _sent(one: Standing) -> bool:
    return one.delivery is Delivery.SENT and not _decided(one)


STAGES: Final[dict[str, Callable[[Standing], bool]]] = {
    "held": lambda one: one.delivery is Delivery.HELD,
    "ready": lambda one: one.delivery in {Delivery.READY, Delivery.BATCHED},
    "in doubt": lambda one: one.delivery in {Delivery.IN_DOUBT, Delivery.UNACCOUNTED},
    "failed": lambda one: one.delivery in {Delivery.SET_REFUSED, Delivery.FILE_FAILED},
    "awaiting": lambda one: _sent(one) and one.front_end not in SETTLED_AT_CLEARINGHOUSE,
    "rejected": lambda one: _sent(one) and one.front_end in REJECTED,
    "accepted": lambda one: _sent(one) and one.front_end in SETTLED_AT_CLEARINGHOUSE - REJECTED,
    "paid": lambda one: one.adjudication in {
        Adjudication.PAID, Adjudication.PAID_WITH_DENIED_LINES, Adjudication.PATIENT_RESPONSIBILITY,
    },
    "denied": lambda one: one.adjudication is Adjudication.DENIED,
}  # fmt: skip
"""The stages a claim is shown in, in the order in which it goes through them."""


@dataclass(slots=True)
class Glance:
    """One clinic's row."""

    clinic_key: str
    stages: dict[str, Hop] = field(default_factory=lambda: {name: Hop() for name in STAGES})
    needs_person: Hop = field(default_factory=Hop)


def clinics_at_a_glance(standings: Iterable[Standing]) -> list[Glance]:
    """Return a row a clinic, the one with the most money that waits for a person first."""
    rows: dict[str, Glance] = {}
    for one in standings:
        row = rows.setdefault(one.clinic_key, Glance(one.clinic_key))
        for name, is_there in STAGES.items():
            if is_there(one):
                row.stages[name].add(one.charge, one.claims)
        if one.work not in FINISHED | {Work.NOBODY}:
            row.needs_person.add(one.charge, one.claims)
    return sorted(rows.values(), key=lambda row: (-row.needs_person.dollars, row.clinic_key))
