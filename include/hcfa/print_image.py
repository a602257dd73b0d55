"""
Claims as a print image: the form as characters on a grid, the way type HCFA began.

Each form is 66 lines that end in CR LF, without blanks at their ends, and a form feed stands between forms. The same
claims and layout always give the same bytes.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from io import BytesIO
from typing import Final

from include.claims.errors import BadFile
from include.claims.model import Claim
from include.hcfa.faults import fits, refuse
from include.hcfa.fields import FIELDS, Page
from include.hcfa.form import pages
from include.hcfa.layout import PAGE_LINES, Layout, Place, places
from include.hcfa.unsaid import is_refused

RENDERER: Final = "print-image-1"
"""Changes whenever the same claims would give other bytes; a batch remembers which one made it."""

END_OF_LINE: Final = "\r\n"
FORM_FEED: Final = "\f"

_FROM_LEFT_TO_RIGHT: Final = {one.name: one.column for one in FIELDS}.__getitem__


@dataclass(frozen=True, slots=True)
class Printed:
    """A file's bytes, and at which form, counted from 1, each submission begins."""

    content: bytes
    starts: dict[int, int]


def write_print_image(claims: Iterable[tuple[int, str, Claim]], layout: Layout) -> Printed:
    """
    Return the forms that bill these claims, each given as submission id, patient control number and claim.

    Free text is made plain; what does not fit or cannot be said raises BadFile, which asking `form_faults` prevents.
    """
    at = places(layout)
    content = BytesIO()
    starts: dict[int, int] = {}
    forms = 0
    for submission_id, control_number, claim in claims:
        starts[submission_id] = forms + 1
        for page in checked_pages(claim, control_number, layout):
            content.write(
                f"{FORM_FEED if forms else ''}{END_OF_LINE.join(rows(page, at))}{END_OF_LINE}".encode("ascii")
            )
            forms += 1
    if not forms:
        raise BadFile("print image: no claim to write; a file holds at least one form")
    return Printed(content.getvalue(), starts)


def rows(page: Page, at: dict[str, Place]) -> list[str]:
    """Return a page's 66 lines; its texts are known to fit."""
    drawn = [""] * PAGE_LINES
    # A line is written from left to right, so its fields must come in the order of their columns.
    for name in sorted(page, key=_FROM_LEFT_TO_RIGHT):
        line, column, width, is_right = at[name]
        text = page[name]
        drawn[line] = drawn[line].ljust(column) + (text.rjust(width) if is_right else text)
    return drawn


def checked_pages(claim: Claim, control_number: str, layout: Layout) -> list[Page]:
    """Return a claim's pages, or raise BadFile where one of them must not be printed."""
    made = pages(claim, control_number, layout)
    if not control_number or is_refused(claim) or not all(map(fits, made)):
        refuse(claim, control_number, layout)
    return made
