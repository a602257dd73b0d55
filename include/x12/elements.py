"""How amounts, days, names and addresses are written in an 837P; the loops are put together of these."""

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from functools import lru_cache

from include.claims.parties import Address, OtherId, PersonName
from include.x12.charset import sanitise

_EMPTY_TAIL = re.compile(r"\*+~")


def segment(*elements: str) -> str:
    """Return a segment with its terminator, empty elements at its end dropped."""
    return "*".join(elements).rstrip("*") + "~"


def trim(text: str) -> str:
    """Return segments without the empty elements at their ends."""
    return _EMPTY_TAIL.sub("~", text)


# Remembered: a night has few different rates, units and days, and writes each of them many thousand times.
@lru_cache(maxsize=4096)
def number(value: Decimal) -> str:
    """Return an amount or a quantity as X12 writes numbers: no exponent, no zeros it does not need."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text.startswith("0."):
        return text[1:]
    return text.replace("-0.", "-.", 1) if text.startswith("-0.") else text


def maybe_number(value: Decimal | None) -> str:
    """Return a number, or nothing where there is none."""
    return "" if value is None else number(value)


@lru_cache(maxsize=4096)
def day(on: date) -> str:
    """Return a day as CCYYMMDD."""
    return f"{on.year:04d}{on.month:02d}{on.day:02d}"


def period(first: date, last: date | None) -> str:
    """Return DTP02 and DTP03: one day as D8, several as RD8."""
    return f"D8*{day(first)}" if last is None else f"RD8*{day(first)}-{day(last)}"


def person(name: PersonName) -> str:
    """Return NM103 to NM107: last, first, middle, no prefix, suffix."""
    return f"{sanitise(name.last)}*{sanitise(name.first)}*{sanitise(name.middle)}**{sanitise(name.suffix)}"


def address(where: Address) -> str:
    """Return N3 and N4."""
    second = sanitise(where.street2)
    street = f"{sanitise(where.street)}*{second}" if second else sanitise(where.street)
    return f"N3*{street}~N4*{sanitise(where.city)}*{where.state}*{where.postal_code}~"


def maybe_address(where: Address | None) -> str:
    """Return N3 and N4, or nothing where there is no address."""
    return "" if where is None else address(where)


def references(ids: Iterable[OtherId]) -> str:
    """Return a REF for each number somebody has beside the NPI."""
    return "".join([f"REF*{one.kind}*{one.value}~" for one in ids])
