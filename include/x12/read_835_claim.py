"""
The loops of an 835 about one claim, put together segment by segment: 2100 and its service lines 2110.

Whoever reads asks `OpenClaim.takes` what a segment does where it stands; what is not in there says nothing that we
keep. Amounts, days and services come back from memory: a file has few different ones and says each many thousand times.
"""

import re
from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.parties import OtherId
from include.claims.remittance import ClaimPayment, Procedure, ServicePayment, StatedAmount
from include.x12.read_elements import Unreadable

MOST_LINES: Final = 999  # 2110
_ONE: Final = Decimal(1)
_NUMBER: Final = re.compile(r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,8})?|\.[0-9]{1,8})")
_GROUPS: Final = {str(group): group for group in AdjustmentGroup}


@lru_cache(maxsize=1 << 14)
def amount(text: str, place: str) -> Decimal:
    """Return an amount or a quantity; the place is the element's name for the message."""
    if _NUMBER.fullmatch(text) is None:
        raise Unreadable(f"{place} is not a number")
    return Decimal(text)


@lru_cache(maxsize=4096)
def day(text: str, place: str) -> date:
    """Return a day CCYYMMDD."""
    if len(text) == 8 and text.isascii() and text.isdigit():
        try:
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
        except ValueError:
            pass
    raise Unreadable(f"{place} is not a date CCYYMMDD")


@lru_cache(maxsize=4096)
def _procedure(composite: str, mark: str) -> Procedure:
    qualifier, *rest = composite.split(mark)
    if not qualifier or not rest or not rest[0]:
        raise Unreadable("SVC: a service is a qualifier and a code")
    return Procedure(qualifier, rest[0], tuple(modifier for modifier in rest[1:5] if modifier))


@lru_cache(maxsize=1 << 14)
def _adjustment(group: str, reason: str, value: str, quantity: str) -> Adjustment:
    if group not in _GROUPS:
        raise Unreadable(f"CAS01 is none of {', '.join(_GROUPS)}")
    if not reason:
        raise Unreadable("CAS: an amount without a reason")
    return Adjustment(
        group=_GROUPS[group],
        reason=reason,
        amount=amount(value, "CAS: the amount of a reason"),
        quantity=amount(quantity, "CAS: the quantity of a reason") if quantity else None,
    )


def _adjustments(cas: list[str]) -> tuple[Adjustment, ...]:
    """Return the triplets of a CAS, six at most."""
    if len(cas) == 4:
        return (_adjustment(cas[1], cas[2], cas[3], ""),)
    if len(cas) < 4:
        raise Unreadable("CAS: a reason and an amount are missing")
    group, *rest = cas[1:]
    rest += ["", ""]
    triplets = zip(rest[::3], rest[1::3], rest[2::3], strict=False)
    return tuple([_adjustment(group, *triplet) for triplet in triplets if any(triplet)])


def _stated(amt: list[str]) -> tuple[StatedAmount, ...]:
    if len(amt) < 3:
        raise Unreadable("AMT02 is missing")
    return (StatedAmount(amt[1], amount(amt[2], "AMT02")),)


def _id(ref: list[str]) -> tuple[OtherId, ...]:
    return (OtherId(kind=ref[1], value=ref[2]),) if len(ref) > 2 and ref[2] else ()


class _OpenLine:
    """A service line being read: what its SVC says is looked at at once, so that a fault has its place."""

    __slots__ = (
        "adjustments", "amounts", "charge", "control_number", "first_day", "ids", "last_day", "paid", "procedure",
        "remarks", "revenue_code", "segment", "submitted", "units_paid", "units_submitted",
    )  # fmt: skip

    def __init__(self, svc: list[str], mark: str, segment: int) -> None:
        svc += [""] * (8 - len(svc))
        self.procedure = _procedure(svc[1], mark)
        self.charge = amount(svc[2], "SVC02")
        self.paid = amount(svc[3], "SVC03")
        self.segment = segment
        self.revenue_code = svc[4]
        self.units_paid = amount(svc[5], "SVC05") if svc[5] else _ONE
        self.submitted = _procedure(svc[6], mark) if svc[6] else None
        self.units_submitted = amount(svc[7], "SVC07") if svc[7] else None
        self.first_day: date | None = None
        self.last_day: date | None = None
        self.adjustments: tuple[Adjustment, ...] = ()
        self.control_number = ""
        self.ids: tuple[OtherId, ...] = ()
        self.amounts: tuple[StatedAmount, ...] = ()
        self.remarks: tuple[str, ...] = ()

    def read(self) -> ServicePayment:
        # By position: names cost as much again, a million times.
        return ServicePayment(
            self.procedure, self.charge, self.paid, self.segment, self.revenue_code, self.units_paid, self.submitted,
            self.units_submitted, self.first_day, self.last_day, self.adjustments, self.control_number, self.ids,
            self.amounts, self.remarks,
        )  # fmt: skip


class OpenClaim:
    """A claim being read."""

    __slots__ = (
        "adjustments", "amounts", "charge", "clp", "days", "ids", "line", "lines", "mark", "names", "paid",
        "patient_responsibility", "remarks", "segment", "takes",
    )  # fmt: skip

    def __init__(self, clp: list[str], mark: str, segment: int) -> None:
        """Begin with a CLP, the mark between components and where it stands; raise Unreadable for a bad CLP."""
        clp += [""] * (10 - len(clp))
        if not clp[1] or not clp[2]:
            raise Unreadable("CLP01 or CLP02 is missing")
        self.takes = _OF_CLAIM
        self.clp = clp
        self.charge = amount(clp[3], "CLP03")
        self.paid = amount(clp[4], "CLP04")
        self.patient_responsibility = amount(clp[5], "CLP05") if clp[5] else None
        self.mark = mark
        self.segment = segment
        self.line: _OpenLine | None = None
        self.lines: list[ServicePayment] = []
        self.adjustments: tuple[Adjustment, ...] = ()
        self.amounts: tuple[StatedAmount, ...] = ()
        self.ids: tuple[OtherId, ...] = ()
        self.remarks: tuple[str, ...] = ()
        self.days: dict[str, date] = {}
        self.names: dict[str, list[str]] = {}

    def read(self) -> ClaimPayment:
        """Return the claim as it was read."""
        if self.line is not None:
            self.lines.append(self.line.read())
        clp, names, day_of = self.clp, self.names, self.days.get
        insured = names.get("IL") or names.get("QC") or _NOBODY
        corrected, next_payer, first_payer = names.get("74"), names.get("TT", _NOBODY), names.get("PR", _NOBODY)
        rendering = names.get("82")
        return ClaimPayment(
            clp[1], clp[2], self.charge, self.paid, self.segment, self.patient_responsibility, clp[6], clp[7], clp[8],
            clp[9], self.adjustments, tuple(self.lines), self.remarks, self.amounts, day_of("232"), day_of("233"),
            day_of("050"), day_of("036"), OtherId(kind=rendering[8], value=rendering[9]) if rendering else None,
            self.ids, insured[9], corrected is not None, (corrected or _NOBODY)[9], next_payer[3], next_payer[9],
            first_payer[3], first_payer[9],
        )  # fmt: skip


_NOBODY: Final = [""] * 10


def _svc(claim: OpenClaim, svc: list[str], segment: int) -> None:
    if claim.line is not None:
        claim.lines.append(claim.line.read())
    if len(claim.lines) >= MOST_LINES:
        raise Unreadable(f"a claim has {MOST_LINES} service lines at most")
    claim.line = _OpenLine(svc, claim.mark, segment)
    claim.takes = _OF_LINE


def _claim_cas(claim: OpenClaim, cas: list[str], _segment: int) -> None:
    claim.adjustments += _adjustments(cas)


def _claim_amt(claim: OpenClaim, amt: list[str], _segment: int) -> None:
    claim.amounts += _stated(amt)


def _claim_ref(claim: OpenClaim, ref: list[str], _segment: int) -> None:
    claim.ids += _id(ref)


def _claim_dtm(claim: OpenClaim, dtm: list[str], _segment: int) -> None:
    if len(dtm) > 2 and dtm[1] in _CLAIM_DAYS:
        claim.days[dtm[1]] = day(dtm[2], "DTM02")


def _nm1(claim: OpenClaim, nm1: list[str], _segment: int) -> None:
    if len(nm1) > 1:
        nm1 += _NOBODY[len(nm1) :]
        claim.names.setdefault(nm1[1], nm1)


def _moa(claim: OpenClaim, moa: list[str], _segment: int) -> None:
    claim.remarks += tuple(code for code in moa[3:8] if code)


def _mia(claim: OpenClaim, mia: list[str], _segment: int) -> None:
    claim.remarks += tuple(code for code in (*mia[5:6], *mia[20:24]) if code)


def _line_cas(claim: OpenClaim, cas: list[str], _segment: int) -> None:
    _line_of(claim).adjustments += _adjustments(cas)


def _line_amt(claim: OpenClaim, amt: list[str], _segment: int) -> None:
    _line_of(claim).amounts += _stated(amt)


def _line_ref(claim: OpenClaim, ref: list[str], _segment: int) -> None:
    line = _line_of(claim)
    if len(ref) > 2 and ref[1] == "6R":
        line.control_number = ref[2]
    else:
        line.ids += _id(ref)


def _line_dtm(claim: OpenClaim, dtm: list[str], _segment: int) -> None:
    if len(dtm) < 3:
        return
    if dtm[1] == "472" or dtm[1] == "150":
        _line_of(claim).first_day = day(dtm[2], "DTM02")
    elif dtm[1] == "151":
        _line_of(claim).last_day = day(dtm[2], "DTM02")


def _lq(claim: OpenClaim, lq: list[str], _segment: int) -> None:
    if len(lq) > 2 and lq[1] == "HE":
        _line_of(claim).remarks += (lq[2],)


def _line_of(claim: OpenClaim) -> _OpenLine:
    assert claim.line is not None
    return claim.line


Takes = Mapping[str, Callable[[OpenClaim, list[str], int], None]]
_OF_CLAIM: Final[Takes] = {
    "SVC": _svc, "CAS": _claim_cas, "NM1": _nm1, "MIA": _mia, "MOA": _moa, "REF": _claim_ref, "DTM": _claim_dtm,
    "AMT": _claim_amt,
}  # fmt: skip
_OF_LINE: Final[Takes] = {
    "SVC": _svc, "DTM": _line_dtm, "CAS": _line_cas, "REF": _line_ref, "AMT": _line_amt, "LQ": _lq,
}  # fmt: skip
_CLAIM_DAYS: Final = frozenset({"232", "233", "050", "036"})
