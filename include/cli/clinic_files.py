"""A CSV of a table that people keep, read and checked row by row: every fault at once, with row and column."""

import csv
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from include.claims.errors import BadFile
from include.delivery.kept_tables import COLUMNS, faults_of
from include.delivery.records import Table

Held = Mapping[Table, Mapping[str, Mapping[str, object]]]
"""What the ledger holds, by table and key."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicFile:
    """A file that was read: its rows to put, or what is wrong with it."""

    name: str
    table: Table
    rows: tuple[Mapping[str, str], ...]
    faults: tuple[str, ...]  # `clinics.csv row 3: column delivery_cron: ...`


def read_clinic_file(path: Path, table: str | None, held: Held) -> ClinicFile:
    """Read and check a file; raise BadFile only where it is no CSV of a table at all."""
    lines = _lines(path)
    header = [name.strip().lower() for name in lines[0][1]] if lines else []
    kind = Table(table) if table else recognised(path.name, header, tuple(held))
    faults = list(_header_faults(path.name, header, kind))
    rows: dict[str, Mapping[str, str]] = {}
    for number, cells in lines[1:] if not faults else ():
        place = f"{path.name} row {number}"
        if len(cells) != len(header):
            faults.append(f"{place}: {len(header)} cells expected, found {len(cells)}; quote cells that hold commas")
            continue
        row = {name: cell.strip() for name, cell in zip(header, cells, strict=True)}
        if row["key"] in rows:
            faults.append(f"{place}: column key: {row['key']!r} stands in the file twice")
        rows[row["key"]] = row
        # A file may hold some columns only; the others of a known row stay as they are.
        faults += [f"{place}: {fault}" for fault in faults_of(kind, {**held[kind].get(row["key"], {}), **row})]
    return ClinicFile(name=path.name, table=kind, rows=tuple(rows.values()), faults=tuple(faults))


def recognised(name: str, header: Sequence[str], tables: Sequence[Table]) -> Table:
    """Return which of the tables has these columns; raise BadFile where none or several have."""
    fitting = [table for table, columns in COLUMNS.items() if header and set(header) <= set(columns)]
    if fitting and not set(fitting) & set(tables):
        raise BadFile(f"{name}: these are {fitting[0]}, which another command imports; see ./courier --help")
    fitting = [table for table in fitting if table in tables]
    if not fitting:
        # One mistyped column must not hide which table it is.
        common = {table: len(set(header) & set(COLUMNS[table])) for table in tables}
        best = max(common.values())
        fitting = [table for table, count in common.items() if count == best and best > 1]
    if len(fitting) != 1:
        raise BadFile(f"{name}: the header tells no table; name it with --table {'|'.join(tables)}")
    return fitting[0]


def _header_faults(name: str, header: Sequence[str], table: Table) -> Iterator[str]:
    for column in sorted(set(header) - set(COLUMNS[table])):
        near = get_close_matches(column, COLUMNS[table], n=1)
        yield f"{name} row 1: column {column}: unknown" + (f"; did you mean {near[0]}?" if near else "")
    for column in sorted({column for column in header if header.count(column) > 1}):
        yield f"{name} row 1: column {column}: stands there twice"
    if "key" not in header:
        yield f"{name} row 1: column key: missing; a row is known by its key"


def _lines(path: Path) -> list[tuple[int, list[str]]]:
    """Return the rows that hold something, each with its number as a spreadsheet shows it."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(enumerate(csv.reader(file, strict=True), start=1))
    except OSError as error:
        raise BadFile(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}: the file is not UTF-8; save it as UTF-8") from error
    except csv.Error as error:
        raise BadFile(f"{path}: this is not CSV ({error})") from error
    return [(number, cells) for number, cells in rows if any(cell.strip() for cell in cells)]
