"""
How a value is written on the form, by the form's own instructions (NUCC): names, addresses, days, amounts.

What cannot be written comes out as a mark that no field may hold, so that the one look at a finished page finds it.
"""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from include.claims.parties import Address, OtherId, PersonName
from include.claims.plain_text import sanitise

UNWRITABLE: Final = "*"
"""Stands for an amount, a quantity or a pointer that the form cannot show."""

TAXONOMY: Final = "ZZ"
"""What the form calls a taxonomy code in items 24I and 33b, and a description in words in item 24."""

GAP: Final = "   "
"""Between two pieces of supplemental information (NUCC, item 24)."""

_PLAIN = re.compile(r"(?:[A-Z0-9'&/-]+(?: [A-Z0-9'&/-]+)*)?").fullmatch
_PUNCTUATION: Final = re.compile(r"[^A-Z0-9'&/-]+")
_HYPHENS_AND_BLANKS: Final = str.maketrans("", "", "- ")


def plain(text: str) -> str:
    """Return free text in capital letters and without punctuation; hyphen, apostrophe, `&` and `/` stay."""
    if _PLAIN(text):
        return text
    return _PUNCTUATION.sub(" ", sanitise(text)).strip()


def number(text: str) -> str:
    """Return an identifier without hyphens and blanks, as the form wants numbers; nothing else of it is altered."""
    return text if text.isalnum() else text.translate(_HYPHENS_AND_BLANKS)


def tagged(one: OtherId) -> str:
    """Return a number with the kind it is of before it, as items 32b and 33b have it."""
    return f"{one.kind}{number(one.value)}"


def name(who: PersonName) -> str:
    """Return LAST SUFFIX, FIRST, MIDDLE."""
    last = f"{plain(who.last)} {plain(who.suffix)}" if who.suffix else plain(who.last)
    return ", ".join(filter(None, (last.strip(), plain(who.first), plain(who.middle))))


def signed_name(who: PersonName) -> str:
    """Return FIRST MIDDLE LAST SUFFIX, as item 17 has it."""
    return _words(who.first, who.middle, who.last, who.suffix)


def organisation(last: str, first: str) -> str:
    """Return who bills: an organisation's name, or the first and last name of a person."""
    return _words(first, last) if first else plain(last)


def street(where: Address) -> str:
    """Return both lines of a street address on one."""
    return _words(where.street, where.street2) if where.street2 else plain(where.street)


def city(where: Address) -> str:
    """Return city, state and ZIP on one line."""
    return f"{plain(where.city)} {where.state} {postal_code(where.postal_code)}"


def postal_code(digits: str) -> str:
    """Return a ZIP, the four further digits after a hyphen."""
    return f"{digits[:5]}-{digits[5:]}" if len(digits) == 9 else digits


def _words(*texts: str) -> str:
    return " ".join(filter(None, map(plain, texts)))


# Remembered, as in the 837P: a night has few different days, rates and units.
@lru_cache(maxsize=4096)
def day(on: date | None) -> str:
    """Return a day with a year of four digits."""
    return "" if on is None else f"{on.month:02d} {on.day:02d} {on.year:04d}"


@lru_cache(maxsize=4096)
def short_day(on: date) -> str:
    """Return a day with a year of two digits, as item 24A has it."""
    return f"{on.month:02d} {on.day:02d} {on.year % 100:02d}"


@lru_cache(maxsize=4096)
def amount(value: Decimal) -> str:
    """Return dollars and cents without a point; what is negative or holds parts of a cent cannot be written."""
    if not value.is_finite() or value < 0:
        return UNWRITABLE
    text = f"{value:.2f}"
    return text.replace(".", " ") if Decimal(text) == value else UNWRITABLE


@lru_cache(maxsize=4096)
def units(value: Decimal) -> str:
    """Return units with a decimal point only where there is a fraction."""
    if not value.is_finite() or value < 0:
        return UNWRITABLE
    text = f"{value:f}"
    return text.rstrip("0").rstrip(".").removeprefix("0") or "0" if "." in text else text
