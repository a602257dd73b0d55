"""
The 277CA (005010X214) and the 277 (005010X212): what became of claims, batch by batch, claim by claim.

Both have one shape and are read by one reader. It takes what the guides allow: statuses at any level, levels left out
below the one that refuses, several information sources and sets. Each level has a table of the segments it keeps; a
patient's NM1, with name and member id, stands in none.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from include.claims.errors import BadFile
from include.x12.claim_status import (
    Answer,
    AnswerHead,
    BatchAnswer,
    ClaimAnswer,
    LineAnswer,
    ProviderAnswer,
    Purpose,
    SourceKind,
    Status,
    Totals,
)
from include.x12.interchange import Segment, framed
from include.x12.read_status import amount_in, period_in, status_of


def read_277(chunks: Iterable[str]) -> Iterator[Answer]:
    """
    Yield who answers, and then each thing the answer says; raise BadFile with the place where the file is broken.

    An answer comes out before the counts behind it are known to be right: act on none until the last one came.
    """
    reading = _Reading()
    for segment in framed(chunks):
        take = reading.takes.get(segment.elements[0])
        if take is not None:
            take(reading, segment)
            if reading.done:
                yield from reading.done
                reading.done.clear()


_Code = TypeVar("_Code", bound=StrEnum)


def _code(kind: type[_Code], segment: Segment, position: int) -> _Code:
    try:
        return kind(segment.get(position))
    except ValueError:
        rule = f"{segment.id}{position:02d} is none of {', '.join(kind)}"
        raise BadFile(f"segment {segment.number}: {rule}") from None


@dataclass(slots=True)
class _Loop:
    """What is being read: a source, a 2200 of any level, or a line."""

    head: Segment
    statuses: list[Status] = field(default_factory=list)
    kept: dict[str, Segment] = field(default_factory=dict)  # by id and qualifier: REF1K, DTP472, QTY90
    lines: list[LineAnswer] = field(default_factory=list)

    def second(self, key: str) -> str:
        """Return the element after the qualifier."""
        found = self.kept.get(key)
        return "" if found is None else found.get(2)

    def period(self, key: str) -> tuple[date | None, date | None]:
        """Return the day or the days of a DTP."""
        found = self.kept.get(key)
        return (None, None) if found is None else period_in(found, 2)

    def count(self, key: str) -> int | None:
        """Return the number of a QTY."""
        found = self.kept.get(key)
        return None if found is None else found.whole_number(2)

    def amount(self, key: str) -> Decimal | None:
        """Return the amount of an AMT."""
        found = self.kept.get(key)
        return None if found is None else amount_in(found, 2)


class _Reading:
    """A 277 being put together: the file's numbers, the level, and the loops that are open in it."""

    def __init__(self) -> None:
        self.done: list[Answer] = []
        self.takes: _Takes = _FRAME
        self._answer_number = 0
        self._group: Segment | None = None
        self._set: Segment | None = None
        self._opening: Segment | None = None  # BHT
        self._level: _Level | None = None
        self._loop: _Loop | None = None
        self._line: _Loop | None = None
        self._receiver_id = ""
        self._npi = ""

    # --- the frame ---

    def isa(self, segment: Segment) -> None:
        self._answer_number = segment.whole_number(13)

    def gs(self, segment: Segment) -> None:
        self._group = segment

    def st(self, segment: Segment) -> None:
        if segment.get(1) != "277":
            raise BadFile(f"segment {segment.number}: ST01 is not 277, the set is of another kind")
        self._set = segment
        self._opening = self._level = None

    def bht(self, segment: Segment) -> None:
        self._opening = segment

    def hl(self, segment: Segment) -> None:
        level = _LEVELS.get(segment.get(3))
        if level is None:
            raise BadFile(f"segment {segment.number}: HL03 is none of {', '.join(_LEVELS)}")
        if self._opening is None:
            raise BadFile(f"segment {segment.number}: HL before the BHT")
        self._close(segment)
        if self._level is None and level is not _SOURCE:
            raise BadFile(f"segment {segment.number}: HL03 names another level before the one of who answers (20)")
        if level is _SOURCE or level is _RECEIVER:
            self._receiver_id = self._npi = ""
        elif level is _PROVIDER:
            self._npi = ""
        self._level = level
        self.takes = level.takes

    def se(self, segment: Segment) -> None:
        self._close(segment)
        if self._level is None:
            raise BadFile(f"segment {segment.number}: the set ends and nobody answered in it (no HL of level 20)")
        self._level = None
        self.takes = _FRAME

    # --- what a level says ---

    def source(self, segment: Segment) -> None:
        self._loop = _Loop(segment)

    def source_trace(self, segment: Segment) -> None:
        self._open_loop(segment).kept["TRN"] = segment

    def receiver(self, segment: Segment) -> None:
        self._receiver_id = segment.get(9)

    def provider(self, segment: Segment) -> None:
        if segment.get(8) == "XX":
            self._npi = segment.get(9)

    def trace(self, segment: Segment) -> None:
        self._close(segment)
        self._loop = _Loop(segment)

    def status_above_claims(self, segment: Segment) -> None:
        if self._loop is None:
            self._loop = _Loop(segment)
        self._loop.statuses.append(status_of(segment))

    def status(self, segment: Segment) -> None:
        (self._line or self._open_loop(segment)).statuses.append(status_of(segment))

    def keep(self, segment: Segment) -> None:
        (self._line or self._open_loop(segment)).kept[segment.elements[0] + segment.get(1)] = segment

    def service(self, segment: Segment) -> None:
        self._close_line(self._open_loop(segment))
        self._line = _Loop(segment)

    def _open_loop(self, segment: Segment) -> _Loop:
        if self._loop is None:
            first = "NM1" if self._level is _SOURCE else "TRN"
            raise BadFile(f"segment {segment.number}: {segment.id} before the {first} that says what it is about")
        return self._loop

    # --- what comes out ---

    def _close(self, segment: Segment) -> None:
        level, loop = self._level, self._loop
        if level is None:
            return
        if loop is not None:
            self.done.append(level.close(self, loop))
            self._loop = None
        elif level is _SOURCE:
            raise BadFile(f"segment {segment.number}: {segment.id} before the NM1 that says who answers")

    def _close_line(self, claim: _Loop) -> None:
        if self._line is not None:
            claim.lines.append(_line(self._line))
            self._line = None

    def head(self, loop: _Loop) -> Answer:
        group, opened, opening = self._group, self._set, self._opening
        assert group is not None
        assert opened is not None
        assert opening is not None
        return AnswerHead(
            answer_number=self._answer_number,
            answer_group=group.whole_number(6),
            set_number=opened.get(2),
            guide=opened.get(3) or group.get(8),
            reference=opening.get(3),
            purpose=_code(Purpose, opening, 6),
            answered_on=opening.get(4) + opening.get(5),
            source=_code(SourceKind, loop.head, 1),
            source_name=loop.head.get(3),
            source_id=loop.head.get(9),
            source_reference=loop.second("TRN"),
            received_on=loop.period("DTP050")[0],
            processed_on=loop.period("DTP009")[0],
        )

    def batch(self, loop: _Loop) -> Answer:
        return BatchAnswer(
            segment=loop.head.number,
            receiver_id=self._receiver_id,
            batch_reference=_trace_of(loop),
            statuses=tuple(loop.statuses),
            totals=_totals(loop, "QTY90", "QTYAA"),
        )

    def provider_claims(self, loop: _Loop) -> Answer:
        return ProviderAnswer(
            segment=loop.head.number,
            provider_npi=self._npi,
            reference=_trace_of(loop),
            statuses=tuple(loop.statuses),
            totals=_totals(loop, "QTYQA", "QTYQC"),
        )

    def claim(self, loop: _Loop) -> Answer:
        self._close_line(loop)
        trace = loop.head.get(2)
        first, last = loop.period("DTP472")
        return ClaimAnswer(
            segment=loop.head.number,
            control_number=loop.second("REFEJ") or trace,
            trace=trace,
            provider_npi=self._npi,
            statuses=tuple(loop.statuses),
            payer_claim_number=loop.second("REF1K"),
            clearinghouse_claim_id=loop.second("REFD9"),
            bill_type=loop.second("REFBLT"),
            voucher=loop.second("REFVV"),
            service_from=first,
            service_to=last,
            lines=tuple(loop.lines),
        )


def _line(loop: _Loop) -> LineAnswer:
    _qualifier, procedure, *modifiers = (*loop.head.parts(1), "")[:6]
    first, last = loop.period("DTP472")
    return LineAnswer(
        segment=loop.head.number,
        control_number=loop.second("REFFJ"),
        procedure=procedure,
        modifiers=tuple(filter(None, modifiers)),
        charge=amount_in(loop.head, 2),
        statuses=tuple(loop.statuses),
        service_from=first,
        service_to=last,
    )


def _trace_of(loop: _Loop) -> str:
    return loop.head.get(2) if loop.head.id == "TRN" else ""


def _totals(loop: _Loop, accepted: str, rejected: str) -> Totals:
    return Totals(
        accepted=loop.count(accepted),
        rejected=loop.count(rejected),
        accepted_amount=loop.amount("AMTYU"),
        rejected_amount=loop.amount("AMTYY"),
    )


_Take = Callable[[_Reading, Segment], None]
_Takes = Mapping[str, _Take]
_FRAME: Final[_Takes] = {
    "ISA": _Reading.isa, "GS": _Reading.gs, "ST": _Reading.st, "BHT": _Reading.bht, "HL": _Reading.hl,
    "SE": _Reading.se,
}  # fmt: skip
_ABOUT_CLAIMS: Final[_Takes] = {
    **_FRAME, "TRN": _Reading.trace, "STC": _Reading.status, "REF": _Reading.keep, "DTP": _Reading.keep,
    "SVC": _Reading.service,
}  # fmt: skip
_ABOVE_CLAIMS: Final[_Takes] = {
    **_FRAME, "TRN": _Reading.trace, "STC": _Reading.status_above_claims, "QTY": _Reading.keep, "AMT": _Reading.keep,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Level:
    """What is kept of a level, and what it makes of a loop."""

    takes: _Takes
    close: Callable[[_Reading, _Loop], Answer]


_SOURCE: Final = _Level(
    {**_FRAME, "NM1": _Reading.source, "TRN": _Reading.source_trace, "DTP": _Reading.keep}, _Reading.head
)
_RECEIVER: Final = _Level({**_ABOVE_CLAIMS, "NM1": _Reading.receiver}, _Reading.batch)
_PROVIDER: Final = _Level({**_ABOVE_CLAIMS, "NM1": _Reading.provider}, _Reading.provider_claims)
_PATIENT: Final = _Level(_ABOUT_CLAIMS, _Reading.claim)
_LEVELS: Final[Mapping[str, _Level]] = {  # HL03; patients are PT in a 277CA, 22 or 23 in a 277
    "20": _SOURCE,
    "21": _RECEIVER,
    "19": _PROVIDER,
    "PT": _PATIENT,
    "22": _PATIENT,
    "23": _PATIENT,
}
