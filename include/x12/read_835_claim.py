"""
The loops of an 835 about one claim, put together segment by segment: 2100 and its service lines 2110.

What is read is remembered by its text where many claims say the same: amounts, days, services and providers, never
patients.
"""

from collections.abc import Callable
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Final

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

_remembered = lru_cache(maxsize=1 << 13)
"""A file has few different rates, units and days: most segments about money were read before, word for word."""


def amount(text: str, place: str) -> Decimal:
    """Return an amount or a quantity; the place is the element's name for the message."""
    # Decimal reads more than X12 allows: exponents, blanks, infinity, other scripts' digits.
    if len(text) <= _LONGEST_NUMBER and not text.strip("0123456789.-"):
        try:
            return Decimal(text)
        except InvalidOperation:
            pass
    raise Unreadable(f"{place} is not a number")


def day(text: str, place: str) -> date:
    """Return a day CCYYMMDD."""
    if len(text) == 8 and text.isascii() and text.isdigit():
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise Unreadable(f"{place} is not a date CCYYMMDD")


_Dated = tuple[str, date]
_Service = tuple[Procedure, Decimal, Decimal, str, Decimal, Procedure | None, Decimal | None]


@_remembered
def _service(svc: str, marks: Delimiters) -> _Service:
    """Return the first fields of a ServicePayment."""
    elements = _filled(svc, marks, 8)
    submitted, units, units_submitted = elements[6], elements[5], elements[7]
    return (
        _procedure(elements[1], "SVC01", marks),
        amount(elements[2], "SVC02"),
        amount(elements[3], "SVC03"),
        elements[4],
        amount(units, "SVC05") if units else _ONE,
        _procedure(submitted, "SVC06", marks) if submitted else None,
        amount(units_submitted, "SVC07") if units_submitted else None,
    )


def _procedure(composite: str, place: str, marks: Delimiters) -> Procedure:
    qualifier, *rest = composite.split(marks.component)
    if not qualifier or not rest or not rest[0]:
        raise Unreadable(f"{place} is not a qualifier and a code")
    return Procedure(qualifier, rest[0], tuple(modifier for modifier in rest[1:5] if modifier))


@_remembered
def _adjustments(cas: str, marks: Delimiters) -> tuple[Adjustment, ...]:
    """Return the triplets of a CAS, six at most."""
    _, group, *rest = _filled(cas, marks, 4)
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


def _present(text: str, place: str) -> str:
    if not text:
        raise Unreadable(f"{place} is missing")
    return text


@_remembered
def _stated(amt: str, marks: Delimiters) -> tuple[StatedAmount, ...]:
    elements = _filled(amt, marks, 3)
    return (StatedAmount(elements[1], amount(elements[2], "AMT02")),)


@_remembered
def _dated(dtm: str, marks: Delimiters) -> tuple[_Dated, ...]:
    elements = _filled(dtm, marks, 3)
    return ((elements[1], day(elements[2], "DTM02")),) if elements[1] in _DAYS else ()


@_remembered
def _provider(kind: str, value: str) -> OtherId:
    return OtherId(kind=kind, value=value)


def _filled(segment: str, marks: Delimiters, count: int) -> list[str]:
    """Return the elements of a segment, blank where they were not sent."""
    elements = segment.split(marks.element)
    if len(elements) < count:
        elements += [""] * (count - len(elements))
    return elements


class _OpenLine:
    """A service line being read."""

    adjustments: tuple[Adjustment, ...] = ()
    amounts: tuple[StatedAmount, ...] = ()
    control_number = ""
    days: tuple[_Dated, ...] = ()
    ids: tuple[OtherId, ...] = ()
    remarks: tuple[str, ...] = ()

    def __init__(self, service: _Service, segment: int) -> None:
        self.service = service
        self.segment = segment

    def read(self) -> ServicePayment:
        # By position: names cost as much again, a million times.
        day_of = dict(self.days).get
        return ServicePayment(
            *self.service, self.segment, day_of("472") or day_of("150"), day_of("151"), self.adjustments,
            self.control_number, self.ids, self.amounts, self.remarks,
        )  # fmt: skip


class OpenClaim:
    """A claim being read. What stands in a line or in the claim alike goes to the line, where one is open."""

    adjustments: tuple[Adjustment, ...] = ()
    amounts: tuple[StatedAmount, ...] = ()
    control_number = ""  # a line's alone
    days: tuple[_Dated, ...] = ()
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
        clp, names, day_of = self.clp, self.names, dict(self.days).get
        insured = names.get("IL") or names.get("QC") or _NOBODY
        next_payer, first_payer = names.get("TT", _NOBODY), names.get("PR", _NOBODY)
        rendering = names.get("82")
        return ClaimPayment(
            clp[1], clp[2], self.charge, self.paid, self.segment, self.patient_responsibility, clp[6], clp[7], clp[8],
            clp[9], self.adjustments, tuple(self.lines), self.remarks, self.amounts, day_of("232"), day_of("233"),
            day_of("050"), day_of("036"), _provider(rendering[8], rendering[9]) if rendering else None,
            self.ids, insured[9], "74" in names, names.get("74", _NOBODY)[9], next_payer[3], next_payer[9],
            first_payer[3], first_payer[9],
        )  # fmt: skip

    def end_line(self) -> None:
        """Keep the line that is open."""
        if self.line is not None:
            self.lines.append(self.line.read())


def _svc(claim: OpenClaim, svc: str, marks: Delimiters, number: int) -> None:
    claim.end_line()
    if len(claim.lines) >= MOST_LINES:
        raise Unreadable(f"a claim has {MOST_LINES} service lines at most")
    claim.line = _OpenLine(_service(svc, marks), number)


def _cas(claim: OpenClaim, cas: str, marks: Delimiters, _number: int) -> None:
    (claim.line or claim).adjustments += _adjustments(cas, marks)


def _amt(claim: OpenClaim, amt: str, marks: Delimiters, _number: int) -> None:
    (claim.line or claim).amounts += _stated(amt, marks)


def _dtm(claim: OpenClaim, dtm: str, marks: Delimiters, _number: int) -> None:
    (claim.line or claim).days += _dated(dtm, marks)


def _ref(claim: OpenClaim, ref: str, marks: Delimiters, _number: int) -> None:
    elements = _filled(ref, marks, 3)
    where = claim.line or claim
    if elements[1] == "6R":
        where.control_number = elements[2]
    elif elements[2]:
        where.ids += (OtherId(kind=elements[1], value=elements[2]),)


def _lq(claim: OpenClaim, lq: str, marks: Delimiters, _number: int) -> None:
    _, kind, code = _filled(lq, marks, 3)[:3]
    if kind == "HE" and code:
        (claim.line or claim).remarks += (code,)


def _nm1(claim: OpenClaim, nm1: str, marks: Delimiters, _number: int) -> None:
    elements = _filled(nm1, marks, 10)
    claim.names.setdefault(elements[1], elements)


def _moa(claim: OpenClaim, moa: str, marks: Delimiters, _number: int) -> None:
    claim.remarks += tuple(code for code in moa.split(marks.element)[3:8] if code)


def _mia(claim: OpenClaim, mia: str, marks: Delimiters, _number: int) -> None:
    elements = mia.split(marks.element)
    claim.remarks += tuple(code for code in (*elements[5:6], *elements[20:24]) if code)


Take = Callable[[OpenClaim, str, Delimiters, int], None]
_TAKES: Final[dict[str, Take]] = {
    "SVC": _svc, "DTM": _dtm, "CAS": _cas, "REF": _ref, "AMT": _amt, "LQ": _lq, "NM1": _nm1, "MIA": _mia, "MOA": _moa,
}  # fmt: skip
"""What a segment does to the claim it stands in; what is not here says nothing that is kept."""


@lru_cache
def takes_of(marks: Delimiters) -> dict[str, Take]:
    """Return what segments do to a claim, by their first four characters."""
    # LQ alone has two letters, and counts only with HE behind it.
    return {f"{name}{marks.element}HE"[:4]: take for name, take in _TAKES.items()}
