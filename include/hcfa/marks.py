"""
Where on the drawn form a fault lies: the rules name items, and a person looks for a box.

A place names one item or several, `item 24I and 24J, 2310B REF`; what is wrong with some service lines says so.
"""

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Final

from include.hcfa.drawing import COLUMN, LINE, Area
from include.hcfa.fields import FIELDS, LINES_A_PAGE, Field
from include.hcfa.layout import PAPER, places

_ITEM: Final = re.compile(r"\b\d{1,2}[A-La-l]?\b")
_SERVICE: Final = "24"


@dataclass(frozen=True, slots=True, kw_only=True)
class BoxFault:
    """A fault that is to be shown where it lies, by its number in the list beside the form."""

    number: int
    place: str
    lines: frozenset[int] = frozenset()  # service lines of the claim, from 1; none: whichever there are
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mark:
    """A fault on one box of a page."""

    number: int
    area: Area
    words: str


def marks_of(faults: Collection[BoxFault], page: int, line_count: int) -> list[Mark]:
    """Return the marks of one page of a claim, counted from 1."""
    return [
        Mark(number=fault.number, area=area, words=fault.words)
        for fault in faults
        for area in _areas(fault, page, line_count)
    ]


def items_of(place: str) -> tuple[str, ...]:
    """Return the form's items that a place names; nothing where it is no place on the form."""
    named, _, _ = place.partition(",")
    return tuple(_ITEM.findall(named)) if named.startswith("item ") else ()


def _areas(fault: BoxFault, page: int, line_count: int) -> Iterator[Area]:
    here = _lines_of(page, line_count)
    for item in items_of(fault.place):
        if not item.startswith(_SERVICE):
            yield from _around(one for one in _fields(item) if not one.slot)
            continue
        for line in sorted(here & fault.lines) if fault.lines else sorted(here):
            slot = (line - 1) % LINES_A_PAGE + 1
            yield from _around(one for one in _fields(item) if one.slot == slot)


def _lines_of(page: int, line_count: int) -> set[int]:
    first = (page - 1) * LINES_A_PAGE + 1
    return set(range(first, min(first + LINES_A_PAGE - 1, line_count) + 1))


def _fields(item: str) -> list[Field]:
    """Return the fields of an item, else those of its parts: 21 has only 21A to 21L."""
    exact = [one for one in FIELDS if one.item.casefold() == item.casefold()]
    if exact and item != _SERVICE:
        return exact
    return [one for one in FIELDS if re.fullmatch(rf"{item}[A-La-l]?", one.item)]


def _around(fields: Iterator[Field]) -> Iterator[Area]:
    """Yield the box around some fields as paper has them."""
    found = [places(PAPER)[one.name] for one in fields]
    if not found:
        return
    left, top = min(one.column for one in found), min(one.line for one in found)
    right, bottom = max(one.column + one.width for one in found), max(one.line for one in found) + 1
    yield Area(round(left * COLUMN, 2), top * LINE, round((right - left) * COLUMN, 2), (bottom - top) * LINE)
