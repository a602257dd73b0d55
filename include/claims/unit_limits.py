"""
Medically unlikely edits: the most units of a procedure a payer expects in one day, by table and day of service.

CMS publishes them every quarter, one table for Medicare and one for Medicaid. What stands here was read second-hand
(ABA advocacy pages, not CMS's own file), so the rule that asks it only warns; mount CMS's file to replace it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final


@dataclass(frozen=True, slots=True, kw_only=True)
class UnitLimit:
    """One row of a table."""

    table: str  # medicare or medicaid
    procedure: str
    effective_from: date = date.min
    effective_to: date = date.max
    units: int


class UnitLimits:
    """The rows of both tables."""

    def __init__(self, rows: Iterable[UnitLimit]) -> None:
        """Take the rows; where two hold on a day the first counts."""
        self._rows: dict[tuple[str, str], list[UnitLimit]] = {}
        for row in rows:
            self._rows.setdefault((row.table, row.procedure), []).append(row)

    def most(self, table: str, procedure: str, on: date) -> int | None:
        """Return the most units of a day, or None where the table has none for it."""
        rows = self._rows.get((table, procedure), ())
        return next((row.units for row in rows if row.effective_from <= on <= row.effective_to), None)


_2020 = date(2020, 12, 31)
_2021 = date(2021, 1, 1)


def _medicare(procedure: str, units: int, before_2021: int | None = None) -> tuple[UnitLimit, ...]:
    now = UnitLimit(table="medicare", procedure=procedure, effective_from=_2021, units=units)
    if before_2021 is None:
        return (now,)
    return (UnitLimit(table="medicare", procedure=procedure, effective_to=_2020, units=before_2021), now)


AS_READ: Final = UnitLimits((
    *_medicare("97151", 8),
    *_medicare("97152", 16, before_2021=8),
    *_medicare("97153", 32),
    *_medicare("97154", 18, before_2021=12),
    *_medicare("97155", 24),
    *_medicare("97156", 16),
    *_medicare("97157", 16),
    *_medicare("97158", 16),
    *_medicare("0362T", 16, before_2021=8),
    # 0373T has no row: the sources disagree (24 or 32).
    UnitLimit(table="medicaid", procedure="97151", units=32),
))  # fmt: skip
