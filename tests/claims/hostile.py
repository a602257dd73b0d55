"""
A sound claim with one field made hostile: every field of the model in turn, with all that its type can hold.

What types rule out (a sex that is none, a date that is text) is the claim source's to refuse, and tried there.
"""

from collections.abc import Iterator, Sequence
from dataclasses import fields, is_dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from include.claims.model import Claim
from tests.builders import TODAY

TEXTS: Final = (
    "",
    " ",
    "A*B",
    "A~B",
    "A:B",
    "A^B",
    "a\x00b\x07",
    "A\r\nB\tC",
    "  Two  blanks ",
    "lower case",
    "É",
    "Zoë Ñandú-Łukasz",
    "ß" * 60,
    "李小龙",
    "\N{GRINNING FACE}",
    "A\N{ZERO WIDTH SPACE}\N{RIGHT-TO-LEFT OVERRIDE}B",
    "\ud800",
    "X",
    "X" * 200,
    "-7",
    "PO BOX 12",
)
NUMBERS: Final = tuple(
    map(Decimal, ("-1", "-0.00", "0", "0.005", "1E-9", "1.10", "1E+2", "99999999.99", "1E+9", "1E+30", "NaN", "-Inf"))
)
COUNTS: Final = (-1, 0, 3, 13, 10**12)
DAYS: Final = (date.min, date(1879, 12, 31), date(2020, 2, 29), TODAY, TODAY + timedelta(days=1), date.max)

Place = tuple[str | int, ...]
"""The way to a field: names of fields, and positions in what is given more than once."""


def places(value: Any, above: Place = ()) -> Iterator[tuple[Place, Any]]:
    """Yield every field that holds text, a number or a day, and what it holds."""
    if is_dataclass(value):
        for one in fields(value):
            yield from places(getattr(value, one.name), (*above, one.name))
    elif isinstance(value, tuple):
        for position, one in enumerate(value):
            yield from places(one, (*above, position))
    elif not isinstance(value, Enum | bool | datetime | None):
        yield above, value


def hostile_to(value: Any) -> Sequence[Any]:
    """Return what a field of this type can hold beside what is right."""
    kinds: dict[type, Sequence[Any]] = {str: TEXTS, Decimal: NUMBERS, int: COUNTS, date: DAYS}
    return kinds[type(value)]


def changed(value: Any, place: Place, to: Any) -> Any:
    """Return the claim (or a part of it) with another value in one place."""
    if not place:
        return to
    here, *deeper = place
    if isinstance(value, tuple):
        return tuple(changed(one, tuple(deeper), to) if n == here else one for n, one in enumerate(value))
    assert isinstance(here, str)
    return replace(value, **{here: changed(getattr(value, here), tuple(deeper), to)})


def with_one_hostile_field(claim: Claim) -> Iterator[tuple[Place, Any, Claim]]:
    """Yield the claim once for each field and each value that does not belong there."""
    for place, right in places(claim):
        for wrong in hostile_to(right):
            yield place, wrong, changed(claim, place, wrong)
