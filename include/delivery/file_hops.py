"""
Where the claims of one file are, hop by hop: each hop divides all of them, so that none gets lost between two reports.

    batch = sets in the 999 = the clearinghouse's verdicts = the payers' answers = decisions + what is still open

A hop that leaves a claim out, or counts one twice, shows as a sum that is not the batch's.
"""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Protocol

from include.claims.states import (
    DEAD_ON_DELIVERY,
    GONE_ON,
    PASSED_CLEARINGHOUSE,
    REJECTED,
    Adjudication,
    Delivery,
    Event,
    FrontEnd,
)
from include.delivery.records import Batch


@dataclass(slots=True)
class Hop:
    """Claims and dollars at one place on the way."""

    claims: int = 0
    dollars: Decimal = Decimal(0)

    def add(self, charge: Decimal, claims: int = 1) -> None:
        """Count one more claim, or several with what they charge together."""
        self.claims += claims
        self.dollars += charge

    def __str__(self) -> str:
        return f"{self.claims} ${self.dollars:,.2f}"


class Stands(Protocol):
    """A claim, or several that stand alike, as the hops ask of it."""

    @property
    def delivery(self) -> Delivery: ...  # noqa: D102  # as a claim's line names them
    @property
    def front_end(self) -> FrontEnd: ...  # noqa: D102
    @property
    def adjudication(self) -> Adjudication: ...  # noqa: D102
    @property
    def set_answer(self) -> Event | None: ...  # noqa: D102
    @property
    def charge(self) -> Decimal: ...  # noqa: D102
    @property
    def paid(self) -> Decimal: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Alike:
    """Claims of one file that stand alike, counted by the database."""

    delivery: Delivery
    front_end: FrontEnd
    adjudication: Adjudication
    set_answer: Event | None  # what the 999 said of their sets
    charge: Decimal  # of all of them
    paid: Decimal  # of all of them
    claims: int


Test = Callable[[Stands], bool]

_F: Final = FrontEnd
_DUPLICATE: Final = frozenset({_F.CALLED_DUPLICATE})
_OF_PAYER: Final = PASSED_CLEARINGHOUSE - {_F.ACCEPTED_BY_CLEARINGHOUSE} - _DUPLICATE


def _at(front_ends: Collection[FrontEnd]) -> Test:
    return lambda line: line.delivery is Delivery.SENT and line.front_end in front_ends


def _is_decided(line: Stands) -> bool:
    return line.adjudication is not Adjudication.NONE


def _payer_spoke(line: Stands) -> bool:
    return _is_decided(line) or _at(_OF_PAYER)(line)


FILE_HOPS: Final[Mapping[str, Mapping[str, Test]]] = {
    "999": {
        "accepted": lambda line: line.set_answer is Event.SET_ACCEPTED,
        "refused": lambda line: line.set_answer is Event.SET_REFUSED,
        "not heard of": lambda line: line.set_answer is None,
    },
    "clearinghouse": {
        "accepted": _at(PASSED_CLEARINGHOUSE - _DUPLICATE),
        "rejected": _at({_F.REJECTED_BY_CLEARINGHOUSE}),
        "called duplicate": _at(_DUPLICATE),
        "pending": _at({_F.PENDING}),
        "awaited": _at({_F.NONE, _F.RECEIVED}),
        "unaccounted": lambda line: line.delivery is Delivery.UNACCOUNTED,
        "no claim made": lambda line: line.delivery in DEAD_ON_DELIVERY - {Delivery.UNACCOUNTED},
        "not sent": lambda line: line.delivery not in {Delivery.SENT, *DEAD_ON_DELIVERY},
    },
    "payers": {
        "answered": _payer_spoke,
        "silent": lambda line: not _payer_spoke(line) and _at({_F.ACCEPTED_BY_CLEARINGHOUSE})(line),
        "not reached": lambda line: not _payer_spoke(line) and not _at({_F.ACCEPTED_BY_CLEARINGHOUSE})(line),
    },
    "money": {
        "decided": _is_decided,
        "rejected": lambda line: not _is_decided(line) and line.front_end in REJECTED | _DUPLICATE,
        "gone on": lambda line: not _is_decided(line) and _has_gone_on(line),
        "open": lambda line: not (_is_decided(line) or line.front_end in REJECTED | _DUPLICATE or _has_gone_on(line)),
    },
}
"""Of each hop: its places, of which every claim of a file is at exactly one."""


def _has_gone_on(line: Stands) -> bool:
    return line.delivery in GONE_ON and line.front_end not in REJECTED | _DUPLICATE


@dataclass(slots=True)
class FileNight:
    """One file's claims, counted."""

    held: Hop = field(default_factory=Hop)  # what the ledger has of it
    hops: dict[str, dict[str, Hop]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(Hop)))
    paid: Decimal = Decimal(0)

    def count(self, line: Stands, claims: int = 1) -> None:
        """Put a claim, or several alike, where they stand in every hop."""
        self.held.add(line.charge, claims)
        self.paid += line.paid
        for hop, places in FILE_HOPS.items():
            for place, is_there in places.items():
                if is_there(line):
                    self.hops[hop][place].add(line.charge, claims)

    @property
    def is_open(self) -> bool:
        """Money of it is still waited for."""
        return "open" in self.hops["money"]

    def faults(self, batch: Batch) -> Iterator[str]:
        """Say where a hop is not the batch."""
        if (batch.claim_count, batch.total_charge) != (self.held.claims, self.held.dollars):
            sealed = f"{batch.claim_count} ${batch.total_charge:,.2f}"
            yield f"file {batch.file_name} was sealed with {sealed}, the ledger has {self.held}"
        for hop, places in self.hops.items():
            claims = sum(one.claims for one in places.values())
            if claims != self.held.claims:
                yield f"file {batch.file_name}: {claims} claims in hop {hop}, the ledger has {self.held.claims}"
        answers = self.hops["999"]
        if "not heard of" in answers and len(answers) > 1:
            yield f"file {batch.file_name}: its 999 says nothing of {answers['not heard of']}"

    def lines(self, batch: Batch) -> Iterator[str]:
        """Show the file, a hop a line; each adds up to the first line."""
        yield f"{batch.file_name}  {self.held}  {batch.status}"
        for hop in FILE_HOPS:
            terms = " + ".join(
                f"{self.hops[hop][place]} {place}" for place in FILE_HOPS[hop] if place in self.hops[hop]
            )
            paid = f"; paid ${self.paid:,.2f}" if hop == "money" and self.paid else ""
            yield f"  {hop:14} = {terms}{paid}"
