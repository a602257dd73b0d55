"""
Read a print image back: what each form says, field by field, and where the file leaves its layout.

A file is read as a mapper reads it, by position alone, so it proves that what was billed is what a stranger would see.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby

from include.claims.model import Fault
from include.hcfa.fields import Page
from include.hcfa.form import Form
from include.hcfa.layout import PAGE_LINES, Layout, Place, places
from include.hcfa.print_image import END_OF_LINE, FORM_FEED

_REMEDY = "write the file anew with the layout that was agreed"


@dataclass(frozen=True, slots=True)
class ReadForms:
    """The claims of a print image, and what of the file does not follow the layout."""

    forms: tuple[Form, ...]
    faults: tuple[Fault, ...]


def read_print_image(content: bytes, layout: Layout) -> ReadForms:
    """Return every claim's form; pages that follow each other with one control number are one claim."""
    text = content.decode("ascii", errors="replace")
    sheets = [sheet.split(END_OF_LINE) for sheet in text.split(FORM_FEED)]
    at = places(layout)
    pages = [_page(sheet, at) for sheet in sheets]
    faults = [fault for number, sheet in enumerate(sheets, 1) for fault in _faults(number, sheet, layout)]
    faults += [
        _fault("form_names_its_claim", number, "item 26 is blank")
        for number, page in enumerate(pages, 1)
        if "account" not in page
    ]
    return ReadForms(tuple(_joined(pages)), tuple(faults))


def _page(sheet: list[str], at: dict[str, Place]) -> Page:
    padded = sheet + [""] * PAGE_LINES
    found = {name: padded[line][column : column + width].strip() for name, (line, column, width, _) in at.items()}
    return {name: text for name, text in found.items() if text}


def _joined(found: Iterable[Page]) -> Iterator[Form]:
    for control_number, same in groupby(found, key=lambda page: page.get("account", "")):
        yield Form(control_number, tuple(same))


def _faults(number: int, sheet: list[str], layout: Layout) -> Iterator[Fault]:
    *lines, after = sheet
    if after:
        yield _fault("form_ends_its_lines", number, "the last line does not end in CR LF")
    if len(lines) > PAGE_LINES and len(lines) % PAGE_LINES == 0:
        yield _fault("form_feed_between_forms", number, f"{len(lines)} lines: a form feed is missing")
    elif len(lines) != PAGE_LINES:
        yield _fault("form_has_66_lines", number, f"{len(lines)} lines, a form has {PAGE_LINES}")
    for count, line in enumerate(lines, 1):
        if len(line) > layout.columns:
            yield _fault("form_fits_its_width", number, f"line {count} has {len(line)} columns of {layout.columns}")
    for count, column in _stray(lines, _covered(layout)):
        yield _fault("form_has_no_stray_ink", number, f"line {count}, column {column}: no field is there")


@lru_cache(maxsize=16)
def _covered(layout: Layout) -> dict[int, set[int]]:
    """Return the columns that fields cover, by line."""
    covered: dict[int, set[int]] = {}
    for line, column, width, _ in places(layout).values():
        covered.setdefault(line, set()).update(range(column, column + width))
    return covered


def _stray(lines: list[str], covered: dict[int, set[int]]) -> Iterator[tuple[int, int]]:
    """Yield line and column of the first character of each line that no field covers."""
    for number, text in enumerate(lines):
        here = covered.get(number, set())
        stray = next((column for column, mark in enumerate(text) if mark != " " and column not in here), None)
        if stray is not None:
            yield number + 1, stray + 1


def _fault(rule: str, number: int, message: str) -> Fault:
    return Fault(rule=rule, place=f"form {number}", message=message, remedy=_REMEDY)
