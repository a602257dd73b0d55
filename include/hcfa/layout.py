"""
Where a form's characters fall: which grid, which margins, how more than six lines are totalled.

A clearinghouse maps a print image by position, so a layout is agreed with it once and frozen: it is a setting, and the
fields know nothing of it.
"""

from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from include.claims.errors import BadSetting
from include.hcfa.fields import FIELDS, Field

PAGE_LINES: Final = 66
"""Eleven inches, six lines to the inch."""


class Grid(StrEnum):
    """The two grids in circulation; they differ by a shift."""

    A = "A"
    NUCC = "NUCC"


class Totals(StrEnum):
    """What items 28 and 29 say where a claim takes more than one form."""

    EACH_PAGE = "each-page"  # its own, payments on the first (OpenEMR)
    LAST_PAGE = "last-page"  # the claim's, (CONT.) on the others (IHS)


SHIFT: Final = {Grid.A: (0, 0), Grid.NUCC: (2, 3)}
"""Lines and columns a grid lies below and to the right of grid A."""

PAGE_COLUMNS: Final = {Grid.A: 80, Grid.NUCC: 85}
"""The longest line; the NUCC grid uses 82 columns, and letter paper has 85."""


class Place(NamedTuple):
    """Where a field begins, counted from 0, and how wide it is."""

    line: int
    column: int
    width: int
    is_right: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """What a print image looks like; refused where a field would fall off the page."""

    grid: Grid = Grid.A
    top_margin: int = 0  # lines more, or fewer where negative
    left_margin: int = 0  # columns more, or fewer where negative
    totals: Totals = Totals.EACH_PAGE
    session_times: bool = False  # begin and end of each service in the shaded half of its line

    def __post_init__(self) -> None:
        """Refuse margins that push a field off the page."""
        for one in FIELDS:
            line, column = self.at(one)
            if not (1 <= line <= PAGE_LINES and 1 <= column <= self.columns + 1 - one.width):
                raise BadSetting(
                    f"layout: with top_margin {self.top_margin} and left_margin {self.left_margin} item {one.item} "
                    f"falls off the {PAGE_LINES} lines and {self.columns} columns of the page; choose smaller margins"
                )

    @property
    def columns(self) -> int:
        """The longest line of this grid."""
        return PAGE_COLUMNS[self.grid]

    def at(self, one: Field) -> tuple[int, int]:
        """Return line and column, from 1, at which a field begins."""
        if self.grid is Grid.NUCC and one.nucc is not None:
            line, column = one.nucc
        else:
            lines, columns = SHIFT[self.grid]
            line, column = one.line + lines, one.column + columns
        return line + self.top_margin, column + self.left_margin


GRID_A: Final = Layout()
PAPER: Final = Layout(grid=Grid.NUCC)
"""The NUCC grid counts from the paper's edges, so it is where the PDF draws."""


@lru_cache(maxsize=16)
def places(layout: Layout) -> dict[str, Place]:
    """Return the place of every field by name, line by line and from left to right."""
    found = [(*layout.at(one), one) for one in FIELDS]
    found.sort(key=lambda entry: entry[:2])
    return {one.name: Place(line - 1, column - 1, one.width, one.is_right) for line, column, one in found}
