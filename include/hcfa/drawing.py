"""
What the form looks like: boxes, item numbers and labels of our own drawing, and where the text stands.

One description in points from the top left of letter paper; the PDF and the picture in docs/form.md both paint it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Final

from include.hcfa.fields import CLAIM, LINES_A_PAGE, SERVICE, Kind, Page
from include.hcfa.layout import PAPER, SHIFT, places

WIDTH: Final = 612
HEIGHT: Final = 792
COLUMN: Final = 7.2  # ten characters to the inch
LINE: Final = 12  # six lines to the inch
BASELINE: Final = 3  # of a line's text above the line's lower edge
DATA_SIZE: Final = 10.0
LABEL_SIZE: Final = 5.0
LABEL_INDENT: Final = 0.6


@dataclass(frozen=True, slots=True)
class Text:
    """A few words; x is where they begin, y their baseline."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True)
class Rule:
    """A straight line."""

    x1: float
    y1: float
    x2: float
    y2: float


@dataclass(frozen=True, slots=True)
class Area:
    """A tinted rectangle."""

    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class Background:
    """Everything on the form but the claim."""

    areas: tuple[Area, ...]
    rules: tuple[Rule, ...]
    labels: tuple[Text, ...]


@dataclass(frozen=True, slots=True)
class Box:
    """A labelled box: lines of grid A, both inside; edges in columns, a half being between two."""

    label: str
    first: int
    last: int
    left: float
    right: float


LEFT: Final = 0.5
MIDDLE: Final = 30.0
INSURED: Final = 49.5
RIGHT: Final = 80.5

BOXES: Final = (
    Box("1  Coverage", 7, 8, LEFT, INSURED),
    Box("1a  Insured's id", 7, 8, INSURED, RIGHT),
    Box("2  Patient: last, first, middle", 9, 10, LEFT, MIDDLE),
    Box("3  Patient's birth date and sex", 9, 10, MIDDLE, INSURED),
    Box("4  Insured: last, first, middle", 9, 10, INSURED, RIGHT),
    Box("5  Patient's street", 11, 12, LEFT, MIDDLE),
    Box("6  Patient is to the insured", 11, 12, MIDDLE, INSURED),
    Box("7  Insured's street", 11, 12, INSURED, RIGHT),
    Box("City", 13, 14, LEFT, 25.5),
    Box("State", 13, 14, 25.5, MIDDLE),
    Box("8  Reserved", 13, 16, MIDDLE, INSURED),
    Box("City", 13, 14, INSURED, 73.5),
    Box("State", 13, 14, 73.5, RIGHT),
    Box("ZIP", 15, 16, LEFT, 14.5),
    Box("Phone", 15, 16, 14.5, MIDDLE),
    Box("ZIP", 15, 16, INSURED, 64.0),
    Box("Phone", 15, 16, 64.0, RIGHT),
    Box("9  Other insured: last, first, middle", 17, 18, LEFT, MIDDLE),
    Box("10  The condition comes of", 17, 18, MIDDLE, INSURED),
    Box("11  Group number", 17, 18, INSURED, RIGHT),
    Box("9a  Other policy or group", 19, 20, LEFT, MIDDLE),
    Box("a  the work", 19, 20, MIDDLE, INSURED),
    Box("11a  Insured's birth date and sex", 19, 20, INSURED, RIGHT),
    Box("9b  Reserved", 21, 22, LEFT, MIDDLE),
    Box("b  a car accident", 21, 22, MIDDLE, INSURED),
    Box("11b  Other claim id", 21, 22, INSURED, RIGHT),
    Box("9c  Reserved", 23, 24, LEFT, MIDDLE),
    Box("c  another accident", 23, 24, MIDDLE, INSURED),
    Box("11c  Plan", 23, 24, INSURED, RIGHT),
    Box("9d  Other plan", 25, 26, LEFT, MIDDLE),
    Box("10d  Condition codes", 25, 26, MIDDLE, INSURED),
    Box("11d  Is there another plan?", 25, 26, INSURED, RIGHT),
    Box("12  Patient's signature: my records may be shown to have this paid", 27, 30, LEFT, INSURED),
    Box("13  Insured's signature: pay who bills", 27, 30, INSURED, RIGHT),
    Box("14  Onset or last period", 31, 32, LEFT, 29.5),
    Box("15  Other date", 31, 32, 29.5, INSURED),
    Box("16  Unable to work, from and until", 31, 32, INSURED, RIGHT),
    Box("17  Who referred, ordered or supervised", 33, 34, LEFT, 27.7),
    Box("17a", 33, 33, 27.7, INSURED),
    Box("17b", 34, 34, 27.7, INSURED),
    Box("18  In hospital, from and until", 33, 34, INSURED, RIGHT),
    Box("19  Further information", 35, 36, LEFT, INSURED),
    Box("20  Outside laboratory", 35, 36, INSURED, RIGHT),
    Box("21  Diagnoses", 37, 40, LEFT, INSURED),
    Box("22  Replaces or voids", 37, 38, INSURED, RIGHT),
    Box("23  Authorization", 39, 40, INSURED, RIGHT),
    Box("25  Tax id", 55, 56, LEFT, 22.3),
    Box("26  Account", 55, 56, 22.3, 37.3),
    Box("27  Accepts assignment?", 55, 56, 37.3, INSURED),
    Box("28  Total charge", 55, 56, INSURED, 61.0),
    Box("29  Paid", 55, 56, 61.0, 70.5),
    Box("30  Reserved", 55, 56, 70.5, RIGHT),
    Box("31  Provider's signature", 57, 61, LEFT, 22.3),
    Box("32  Where the service was given", 57, 60, 22.3, INSURED),
    Box("a", 61, 61, 22.3, 34.4),
    Box("b", 61, 61, 34.4, INSURED),
    Box("33  Who bills", 57, 60, INSURED, RIGHT),
    Box("a", 61, 61, INSURED, 61.4),
    Box("b", 61, 61, 61.4, RIGHT),
)

COLUMNS: Final = (
    ("24A  From, to", LEFT),
    ("B  Place", 18.5),
    ("C  Em.", 21.5),
    ("D  Procedure, modifiers", 24.5),
    ("E  Diagnoses", 44.4),
    ("F  Charge", INSURED),
    ("G  Units", 58.4),
    ("H", 62.4),
    ("I", 64.6),
    ("J  Who rendered", 67.2),
)
"""Of the service lines: label and left edge."""

MORE_LABELS: Final = (
    ("State", 21, 44.5),
    ("ICD", 37, 40.0),
    ("the payer's number of that claim", 37, 62.0),
)
"""Within a box: label, line of grid A and column."""

HEADING: Final = (41, 42)
SERVICES: Final = (43, 54)
SHADED_FROM: Final = 62.0
"""The shaded halves' text runs over the columns before it, so their edges are drawn below it only."""

CAPTION_ABOVE: Final = frozenset({"6", "25"})
"""Items whose boxes stand too close for captions beside them."""


def data(page: Page) -> Iterator[Text]:
    """Yield a page's texts where they stand on paper."""
    at = places(PAPER)
    for name, text in page.items():
        place = at[name]
        column = place.column + (place.width - len(text) if place.is_right else 0)
        yield Text(column * COLUMN, (place.line + 1) * LINE - BASELINE, text)


@cache
def background() -> Background:
    """Return the empty form."""
    return Background(
        tuple(_areas()), tuple(dict.fromkeys((*_box_rules(), *_service_rules(), *_money_rules()))), tuple(_labels())
    )


def _x(column: float) -> float:
    """Return the left edge of a column of grid A on paper."""
    return round((column - 1 + SHIFT[PAPER.grid][1]) * COLUMN, 2)


def _y(line: float) -> float:
    """Return the upper edge of a line of grid A on paper."""
    return round((line - 1 + SHIFT[PAPER.grid][0]) * LINE, 2)


def _areas() -> Iterator[Area]:
    for slot in range(LINES_A_PAGE):
        yield Area(_x(LEFT), _y(SERVICES[0] + 2 * slot), _x(RIGHT) - _x(LEFT), LINE)


def _box_rules() -> Iterator[Rule]:
    for one in (*BOXES, Box("", *HEADING, LEFT, RIGHT)):
        yield from _frame(_x(one.left), _y(one.first), _x(one.right), _y(one.last + 1))
    for field in CLAIM:
        if field.kind is Kind.BOX:
            left, top = _x(field.column) - 1, _y(field.line) + 2
            yield from _frame(left, top, left + 8, top + 8.5)


def _frame(left: float, top: float, right: float, bottom: float) -> Iterator[Rule]:
    yield Rule(left, top, right, top)
    yield Rule(left, bottom, right, bottom)
    yield Rule(left, top, left, bottom)
    yield Rule(right, top, right, bottom)


def _service_rules() -> Iterator[Rule]:
    first, last = SERVICES
    for line in range(first + 2, last + 2, 2):
        yield Rule(_x(LEFT), _y(line), _x(RIGHT), _y(line))
    for _, edge in COLUMNS:
        yield Rule(_x(edge), _y(HEADING[0]), _x(edge), _y(first))
        for line in range(first, last, 2):
            top = line if edge > SHADED_FROM else line + 1
            yield Rule(_x(edge), _y(top), _x(edge), _y(line + 2))
    yield Rule(_x(RIGHT), _y(first), _x(RIGHT), _y(last + 1))
    yield Rule(_x(LEFT), _y(first), _x(LEFT), _y(last + 1))


def _money_rules() -> Iterator[Rule]:
    """Yield the rule between dollars and cents of items 24F, 28 and 29."""
    for field in (*CLAIM, *SERVICE):
        if field.kind is Kind.AMOUNT:
            rule = _x(field.column + field.width - 2.5)
            lines = range(field.line, SERVICES[1] + 1, 2) if field in SERVICE else (field.line,)
            for line in lines:
                yield Rule(rule, _y(line) + 1, rule, _y(line + 1) - 1)


def _labels() -> Iterator[Text]:
    yield Text(_x(1), 30, "PROFESSIONAL CLAIM, the fields of the CMS-1500 (02/12). A copy to read, not the red form.")
    for one in BOXES:
        yield Text(_x(one.left) + LABEL_INDENT, _y(one.first) + LABEL_SIZE + 0.5, one.label)
    for label, line, column in (*MORE_LABELS, *((label, HEADING[0], edge) for label, edge in COLUMNS)):
        yield Text(_x(column) + LABEL_INDENT, _y(line) + LABEL_SIZE + 0.5, label)
    for slot in range(LINES_A_PAGE):
        yield Text(_x(LEFT) - 5, _y(SERVICES[0] + 2 * slot + 2) - BASELINE, str(slot + 1))
    yield from _captions()


def _captions() -> Iterator[Text]:
    for field in CLAIM:
        if field.caption and field.item in CAPTION_ABOVE:
            yield Text(_x(field.column) - 1.5, _y(field.line) - 1, field.caption)
        elif field.caption:
            yield Text(_x(field.column + 1) + 1.5, _y(field.line) + 8.5, field.caption)
        elif field.name.startswith("diagnosis_"):
            yield Text(_x(field.column) - 6, _y(field.line) + 9, field.item[2:])
