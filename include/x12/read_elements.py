"""How amounts, days, codes and names are read from an 837P; a fault says where it is, never what stood there."""

import re
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from include.claims.parties import Address, OtherId, PersonName
from include.x12.claim_loops import Loop
from include.x12.interchange import Segment

_NUMBER: Final = re.compile(r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,8})?|\.[0-9]{1,8})")
_C = TypeVar("_C", bound=StrEnum)


class Unreadable(Exception):
    """A claim cannot be read; says where and why, never what stood there."""

    def __init__(self, message: str, segment: Segment | None = None) -> None:
        """Take what is wrong, and the segment at fault where it is not the CLM."""
        super().__init__(message)
        self.message = message
        self.segment = segment


def person(nm1: Segment) -> PersonName:
    """Return NM103 to NM107 as a name."""
    return PersonName(last=nm1.get(3), first=nm1.get(4), middle=nm1.get(5), suffix=nm1.get(7))


def address(loop: Loop) -> Address | None:
    """Return N3 and N4 as an address, or None where either is missing."""
    n3, n4 = loop.first("N3"), loop.first("N4")
    if n3 is None or n4 is None:
        return None
    return Address(street=n3.get(1), street2=n3.get(2), city=n4.get(1), state=n4.get(2), postal_code=n4.get(3))


def other_ids(loop: Loop, *kinds: str) -> tuple[OtherId, ...]:
    """Return the REFs of these kinds in the file's order."""
    found = [ref for kind in kinds for ref in loop.get(f"REF*{kind}", ())]
    found.sort(key=lambda ref: ref.number)
    return tuple(OtherId(kind=ref.get(1), value=ref.get(2)) for ref in found)


def code(kind: type[_C], value: str, segment: Segment, place: str) -> _C:
    """Return a code of a list."""
    try:
        return kind(value)
    except ValueError:
        raise Unreadable(f"{place} is none of {', '.join(kind)}", segment) from None


def day(segment: Segment, position: int) -> date:
    """Return the D8 date whose qualifier stands at the position."""
    first, last = period(segment, position)
    if last is not None:
        raise Unreadable(f"{segment.id}{position + 1:02d} is not one date CCYYMMDD", segment)
    return first


def maybe_day(loop: Loop, key: str, position: int) -> date | None:
    """Return the date of a segment that may be missing."""
    found = loop.first(key)
    return None if found is None else day(found, position)


def period(segment: Segment, position: int) -> tuple[date, date | None]:
    """Return the D8 date or the RD8 range whose qualifier stands at the position."""
    qualifier, text = segment.get(position), segment.get(position + 1)
    try:
        if qualifier == "D8":
            return _day(text), None
        first, mark, last = text.partition("-")
        if qualifier == "RD8" and mark:
            return _day(first), _day(last)
    except ValueError:
        pass
    raise Unreadable(f"{segment.id}{position + 1:02d} is not a date CCYYMMDD", segment)


def _day(text: str) -> date:
    if len(text) != 8 or not text.isdigit():
        raise ValueError
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))


def number(segment: Segment, position: int) -> Decimal:
    """Return an amount or a quantity."""
    text = segment.get(position)
    if _NUMBER.fullmatch(text) is None:
        raise Unreadable(f"{segment.id}{position:02d} is not a number", segment)
    return Decimal(text)


def amount(loop: Loop, qualifier: str) -> Decimal | None:
    """Return the amount of an AMT, or None where it was not sent."""
    found = loop.first(f"AMT*{qualifier}")
    return None if found is None else number(found, 2)
