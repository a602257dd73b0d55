"""
Code lists as people mount them: CSV with a header, checked row by row, taken whole or refused with the row named.

A list cut in half would hold every claim whose code stood in the other half, so no row is skipped.
"""

import csv
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import date
from typing import Final, TypeVar

from include.claims.errors import BadSetting
from include.claims.unit_limits import UnitLimit, UnitLimits

_T = TypeVar("_T")

PROCEDURES: Final = "procedures.csv"
TAXONOMIES: Final = "taxonomies.csv"
PAYER_IDS: Final = "payer_ids.csv"
UNIT_LIMITS: Final = "unit_limits.csv"
COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    PROCEDURES: ("code",),
    TAXONOMIES: ("code",),
    PAYER_IDS: ("id", "name"),
    UNIT_LIMITS: ("table", "procedure", "effective_from", "effective_to", "units"),
}
"""The columns each file must have; more may stand beside them."""


def read_codes(text: str, name: str) -> frozenset[str]:
    """Return the codes of `procedures.csv` or `taxonomies.csv`; raise BadSetting that names what is wrong."""
    return frozenset(_rows(text, name, lambda row: _filled(row["code"])))


def read_payer_ids(text: str) -> dict[str, str]:
    """Return the payers' names by the clearinghouse's id for claims."""
    return dict(_rows(text, PAYER_IDS, lambda row: (_filled(row["id"]), row["name"].strip())))


def read_unit_limits(text: str) -> UnitLimits:
    """Return medically unlikely edits; blank dates mean always."""
    return UnitLimits(_rows(text, UNIT_LIMITS, _unit_limit))


def _unit_limit(row: Mapping[str, str]) -> UnitLimit:
    if row["table"] not in {"medicare", "medicaid"}:
        raise ValueError("table is medicare or medicaid")
    return UnitLimit(
        table=row["table"],
        procedure=_filled(row["procedure"]),
        effective_from=date.fromisoformat(row["effective_from"]) if row["effective_from"] else date.min,
        effective_to=date.fromisoformat(row["effective_to"]) if row["effective_to"] else date.max,
        units=int(row["units"]),
    )


def _filled(value: str) -> str:
    if not value.strip():
        raise ValueError("a code is missing")
    return value.strip().upper()


def _rows(text: str, name: str, read: Callable[[Mapping[str, str]], _T]) -> Sequence[_T]:
    lines = csv.reader(text.lstrip("\ufeff").splitlines())
    header = [column.strip().lower() for column in next(lines, [])]
    missing = [column for column in COLUMNS[name] if column not in header]
    if missing:
        raise BadSetting(f"{name}: column {', '.join(missing)} is missing; the first line names the columns")
    return list(_read(lines, header, name, read))


def _read(
    lines: Iterator[list[str]], header: list[str], name: str, read: Callable[[Mapping[str, str]], _T]
) -> Iterator[_T]:
    for number, cells in enumerate(lines, start=2):
        if not cells:
            continue
        if len(cells) != len(header):
            raise BadSetting(f"{name} line {number}: {len(header)} cells expected, found {len(cells)}")
        try:
            yield read(dict(zip(header, cells, strict=True)))
        except ValueError as error:
            raise BadSetting(f"{name} line {number}: {error}; correct it, or take the row out") from None
