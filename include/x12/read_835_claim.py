"""
The loops of an 835 about one claim, put together segment by segment: 2100 and its service lines 2110.

What is read is remembered by its text where many claims say the same: amounts, days, services and providers, never
patients.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final, TypeVar

from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.parties import OtherId
from include.claims.remittance import ClaimPayment, Procedure, ServicePayment, StatedAmount
from include.x12.read_elements import Unreadable
from include.x12.segments import Delimiters

MOST_LINES: Final = 999  # 2110
_ONE: Final = Decimal(1)
_LONGEST_NUMBER: Final = 20  # a sum of a million of them is exact
_GROUPS: Final = {str(group): group for group in AdjustmentGroup}
_DAYS: Final = frozenset({"232", "233", "050", "036", "472", "150", "151"})
_NOBODY: Final = [""] * 10

_MOST_REMEMBERED: Final = 1 << 13
_LONGEST_REMEMBERED: Final = 200  # characters; what somebody stuffs with a megabyte must not fill the memory

T = TypeVar("T")


class _Remembered(dict[str, T]):
    """
    What texts say, each read once: a file has few different rates, units and days, and says them over and over.

    A dictionary that forgets all when it is full answers in half the time of one that knows what was asked last.
    """

    def __init__(self, read: Callable[[str], T]) -> None:
        super().__init__()
        self._read = read

    def __missing__(self, text: str) -> T:
        found = self._read(text)
        if len(text) <= _LONGEST_REMEMBERED:
            if len(self) >= _MOST_REMEMBERED:
                self.clear()
            self[text] = found
        return found


def amount(text: str, place: str) -> Decimal:
    """Return an amount or a quantity; the place is the element's name for the message."""
    try:
        return _NUMBERS[text]
    except ArithmeticError:
        raise Unreadable(f"{place} is not a number") from None


def _number(text: str) -> Decimal:
    # Decimal reads more than X12 allows: exponents, blanks, infinity, other scripts' digits.
    if len(text) > _LONGEST_NUMBER or text.strip("0123456789.-"):
        raise InvalidOperation
    return Decimal(text)


_NUMBERS: Final = _Remembered(_number)


def day(text: str, place: str) -> date:
    """Return a day CCYYMMDD."""
    if len(text) == 8 and text.isascii() and text.isdigit():
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise Unreadable(f"{place} is not a date CCYYMMDD")


_Service = tuple[Procedure, Decimal, Decimal, str, Decimal, Procedure | None, Decimal | None]
"""The first fields of a ServicePayment."""


@lru_cache(maxsize=_MOST_REMEMBERED)
def _provider(kind: str, value: str) -> OtherId:
    return OtherId(kind=kind, value=value)


class _OpenLine:
    """A service line being read."""

    adjustments: tuple[Adjustment, ...] = ()
    amounts: tuple[StatedAmount, ...] = ()
    control_number = ""
    dtm_150: date | None = None
    dtm_151: date | None = None
    dtm_472: date | None = None
    ids: tuple[OtherId, ...] = ()
    remarks: tuple[str, ...] = ()

    def __init__(self, service: _Service, segment: int) -> None:
        self.service = service
        self.segment = segment

    def read(self) -> ServicePayment:
        # By position: names cost as much again, a million times.
        return ServicePayment(
            *self.service, self.segment, self.dtm_472 or self.dtm_150, self.dtm_151, self.adjustments,
            self.control_number, self.ids, self.amounts, self.remarks,
        )  # fmt: skip


class OpenClaim:
    """A claim being read. What stands in a line or in the claim alike goes to the line, where one is open."""

    adjustments: tuple[Adjustment, ...] = ()
    amounts: tuple[StatedAmount, ...] = ()
    control_number = ""  # a line's alone
    dtm_036: date | None = None
    dtm_050: date | None = None
    dtm_232: date | None = None
    dtm_233: date | None = None
    ids: tuple[OtherId, ...] = ()
    line: _OpenLine | None = None
    patient_responsibility: Decimal | None = None
    remarks: tuple[str, ...] = ()

    def __init__(self, clp: list[str], segment: int) -> None:
        """Begin with a CLP and where it stands; raise Unreadable for a bad one."""
        if len(clp) < 10:
            clp = clp + _NOBODY[len(clp) :]
        if not clp[1] or not clp[2]:
            raise Unreadable("CLP01 or CLP02 is missing")
        self.clp = clp
        self.charge = amount(clp[3], "CLP03")
        self.paid = amount(clp[4], "CLP04")
        if clp[5]:
            self.patient_responsibility = amount(clp[5], "CLP05")
        self.segment = segment
        self.lines: list[ServicePayment] = []
        self.names: dict[str, list[str]] = {}

    def read(self) -> ClaimPayment:
        """Return the claim as it was read."""
        self.end_line()
        clp, names = self.clp, self.names
        insured = names.get("IL") or names.get("QC") or _NOBODY
        next_payer, first_payer = names.get("TT", _NOBODY), names.get("PR", _NOBODY)
        rendering = names.get("82")
        return ClaimPayment(
            clp[1], clp[2], self.charge, self.paid, self.segment, self.patient_responsibility, clp[6], clp[7], clp[8],
            clp[9], self.adjustments, tuple(self.lines), self.remarks, self.amounts, self.dtm_232, self.dtm_233,
            self.dtm_050, self.dtm_036, _provider(rendering[8], rendering[9]) if rendering else None,
            self.ids, insured[9], "74" in names, names.get("74", _NOBODY)[9], next_payer[3], next_payer[9],
            first_payer[3], first_payer[9],
        )  # fmt: skip

    def end_line(self) -> None:
        """Keep the line that is open."""
        if self.line is not None:
            self.lines.append(self.line.read())


Take = Callable[[OpenClaim, str, int], None]


class _Segments:
    """
    What a segment does to the claim it stands in, under a file's separators.

    Its memories are made for each file's separators, because a memory that is asked by the text alone answers fastest.
    """

    def __init__(self, marks: Delimiters) -> None:
        self._element, self._component = marks.element, marks.component
        self._service = _Remembered(self._read_service)
        self._adjustments = _Remembered(self._read_adjustments)
        self._stated = _Remembered(self._read_stated)
        self._dated = _Remembered(self._read_dated)

    def svc(self, claim: OpenClaim, segment: str, number: int) -> None:
        claim.end_line()
        if len(claim.lines) >= MOST_LINES:
            raise Unreadable(f"a claim has {MOST_LINES} service lines at most")
        claim.line = _OpenLine(self._service[segment], number)

    def cas(self, claim: OpenClaim, segment: str, _number: int) -> None:
        (claim.line or claim).adjustments += self._adjustments[segment]

    def amt(self, claim: OpenClaim, segment: str, _number: int) -> None:
        (claim.line or claim).amounts += self._stated[segment]

    def dtm(self, claim: OpenClaim, segment: str, _number: int) -> None:
        name, day_read = self._dated[segment]
        if name:
            setattr(claim.line or claim, name, day_read)

    def ref(self, claim: OpenClaim, segment: str, _number: int) -> None:
        elements = self._filled(segment, 3)
        where = claim.line or claim
        if elements[1] == "6R":
            where.control_number = elements[2]
        elif elements[2]:
            where.ids += (OtherId(kind=elements[1], value=elements[2]),)

    def lq(self, claim: OpenClaim, segment: str, _number: int) -> None:
        _, kind, code = self._filled(segment, 3)[:3]
        if kind == "HE" and code:
            (claim.line or claim).remarks += (code,)

    def nm1(self, claim: OpenClaim, segment: str, _number: int) -> None:
        elements = self._filled(segment, 10)
        claim.names.setdefault(elements[1], elements)

    def moa(self, claim: OpenClaim, segment: str, _number: int) -> None:
        claim.remarks += tuple(code for code in segment.split(self._element)[3:8] if code)

    def mia(self, claim: OpenClaim, segment: str, _number: int) -> None:
        elements = segment.split(self._element)
        claim.remarks += tuple(code for code in (*elements[5:6], *elements[20:24]) if code)

    def _filled(self, segment: str, count: int) -> list[str]:
        """Return the elements of a segment, blank where they were not sent."""
        elements = segment.split(self._element)
        if len(elements) < count:
            elements += [""] * (count - len(elements))
        return elements

    def _read_service(self, svc: str) -> _Service:
        elements = self._filled(svc, 8)
        submitted, units, units_submitted = elements[6], elements[5], elements[7]
        return (
            self._procedure(elements[1], "SVC01"),
            amount(elements[2], "SVC02"),
            amount(elements[3], "SVC03"),
            elements[4],
            amount(units, "SVC05") if units else _ONE,
            self._procedure(submitted, "SVC06") if submitted else None,
            amount(units_submitted, "SVC07") if units_submitted else None,
        )

    def _procedure(self, composite: str, place: str) -> Procedure:
        qualifier, *rest = composite.split(self._component)
        if not qualifier or not rest or not rest[0]:
            raise Unreadable(f"{place} is not a qualifier and a code")
        return Procedure(qualifier, rest[0], tuple(modifier for modifier in rest[1:5] if modifier))

    def _read_adjustments(self, cas: str) -> tuple[Adjustment, ...]:
        """Return the triplets of a CAS, six at most."""
        _, group, *rest = self._filled(cas, 4)
        if group not in _GROUPS:
            raise Unreadable(f"CAS01 is none of {', '.join(_GROUPS)}")
        rest += ["", ""]
        triplets = zip(range(2, 20, 3), rest[::3], rest[1::3], rest[2::3], strict=False)
        return tuple(
            Adjustment(
                group=_GROUPS[group],
                reason=_present(reason, f"CAS{at:02d}"),
                amount=amount(value, f"CAS{at + 1:02d}"),
                quantity=amount(quantity, f"CAS{at + 2:02d}") if quantity else None,
            )
            for at, reason, value, quantity in triplets
            if reason or value or quantity
        )

    def _read_stated(self, amt: str) -> tuple[StatedAmount, ...]:
        elements = self._filled(amt, 3)
        return (StatedAmount(elements[1], amount(elements[2], "AMT02")),)

    def _read_dated(self, dtm: str) -> tuple[str, date | None]:
        """Return where a day is kept, and the day; nowhere where nobody asks for it."""
        elements = self._filled(dtm, 3)
        return (f"dtm_{elements[1]}", day(elements[2], "DTM02")) if elements[1] in _DAYS else ("", None)


def _present(text: str, place: str) -> str:
    if not text:
        raise Unreadable(f"{place} is missing")
    return text


@lru_cache
def takes_of(marks: Delimiters) -> dict[str, Take]:
    """Return what segments do to a claim, by their first four characters; what is not here says nothing we keep."""
    do = _Segments(marks)
    takes: dict[str, Take] = {
        "SVC": do.svc, "DTM": do.dtm, "CAS": do.cas, "REF": do.ref, "AMT": do.amt, "LQ": do.lq, "NM1": do.nm1,
        "MIA": do.mia, "MOA": do.moa,
    }  # fmt: skip
    # LQ alone has two letters, and counts only with HE behind it.
    return {f"{name}{marks.element}HE"[:4]: take for name, take in takes.items()}
