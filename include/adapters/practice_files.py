"""
The practice's pending claims from CSV files: a file, or a drop folder that files are put into.

The columns are those of the view `pending_claim_lines`, everything as text. Files are read row by row, and a claim's
rows must follow each other. What the optional views would say stands in files beside: `claims.other_payers.csv`,
`claims.line_adjustments.csv` and `claims.authorizations.csv` beside `claims.csv`; these few rows are kept in memory.
"""

import csv
import sys
from collections import defaultdict
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from itertools import groupby, islice
from pathlib import Path

from include.adapters.practice_beside import RowsBeside, with_beside
from include.claims.errors import BadFile, BadSetting, SourceUnreachable
from include.claims.model import CancelledClaim, SourceClaim
from include.delivery.claim_beside import BesideRows, Placed
from include.delivery.claim_cells import CellRefused, reader_of
from include.delivery.claim_columns import BY_NAME
from include.delivery.claim_source import NO_KEY, ClaimRows, beside_reader
from include.delivery.clinic_table import BillingIdentity
from include.delivery.side_columns import SIDE_VIEWS

_read_moment = reader_of(BY_NAME["ready_at"])


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """A view or a file as it stands: its columns, and its rows with the place each was found at (blank in SQL)."""

    name: str
    columns: list[str]
    rows: Iterator[tuple[str, Sequence[object]]]
    beside: RowsBeside

    def column(self, name: str) -> int:
        """Return where a column stands."""
        return [column.strip().lower() for column in self.columns].index(name)


class CsvClaimSource:
    """
    CSV files with the columns of the contract: one file, or every `*.csv` of a drop folder.

    Where two files of a folder hold the same claim, the file whose name sorts last tells: name them by date. A file
    is to be put there under another ending and renamed when it is whole.
    """

    def __init__(self, path: Path, name: str = "") -> None:
        """Take the file or folder and the source's name (default: the file's)."""
        self.name = name or path.name
        self._path = path

    def pending(
        self, clinic_key: str, identities: Sequence[BillingIdentity], since: datetime, until: datetime
    ) -> Iterator[SourceClaim]:
        """Yield the clinic's pending claims with since <= ready_at < until, file by file."""
        for claim, moment in self._claims(clinic_key, identities, None):
            if moment is None or since <= moment < until:
                yield claim

    def by_key(
        self, clinic_key: str, identities: Sequence[BillingIdentity], keys: Sequence[str]
    ) -> Iterator[SourceClaim]:
        """Look up single claims again; what is missing is no longer pending."""
        for claim, _ in self._claims(clinic_key, identities, frozenset(keys)):
            yield claim

    def older(self, clinic_key: str, since: datetime) -> int:
        """Count the claims still pending from before `since`."""
        return sum(
            moment is not None and moment < since and not isinstance(claim, CancelledClaim)
            for claim, moment in self._claims(clinic_key, [], None)
        )

    def sheets(self, limit: int) -> Iterator[Sheet]:
        """Yield every file as it stands, unchecked: at most so many rows of each."""
        for path in self._files():
            columns, rows = placed_rows(path)
            beside = CsvBeside(self.name, path)
            yield Sheet(name=path.name, columns=columns, rows=islice(rows, limit), beside=beside)

    def strays(self) -> list[Path]:
        """Return the files that belong beside a file of claims which is not there."""
        beside = [path for path in self._path.glob("*.csv") if _is_beside(path)]
        return [path for path in beside if not any(path == _beside(main, path) for main in self._files())]

    def everything(
        self, identities_of: Callable[[str], Sequence[BillingIdentity]]
    ) -> Iterator[tuple[str, SourceClaim]]:
        """Yield every claim with its clinic's key, whatever its time."""
        for sheet in self.sheets(sys.maxsize):
            for clinic, claim, _ in self._read(sheet, identities_of, lambda _clinic, _key: True):
                yield clinic, claim

    def _claims(
        self, clinic_key: str, identities: Sequence[BillingIdentity], keys: Container[str] | None
    ) -> Iterator[tuple[SourceClaim, datetime | None]]:
        last = self._last_file_by_key()
        for sheet in self.sheets(sys.maxsize):

            def is_wanted(clinic: str, key: str, name: str = sheet.name) -> bool:
                return clinic == clinic_key and (keys is None or key in keys) and last.get(key, name) == name

            for _, claim, moment in self._read(sheet, lambda _clinic: identities, is_wanted):
                yield claim, moment

    def _read(
        self,
        sheet: Sheet,
        identities_of: Callable[[str], Sequence[BillingIdentity]],
        is_wanted: Callable[[str, str], bool],
    ) -> Iterator[tuple[str, SourceClaim, datetime | None]]:
        """Yield clinic, claim and `ready_at` of the claims of a file that are wanted by clinic and key."""

        @cache
        def reader_for(clinic: str) -> ClaimRows:
            return ClaimRows(self.name, sheet.columns, identities_of(clinic), sheet.beside.columns)

        known = ClaimRows(self.name, sheet.columns, [])
        at = sheet.column("ready_at")
        groups = ((key, list(group)) for key, group in groupby(sheet.rows, key=lambda row: known.key_of(row[1])))
        for key, rows, beside in with_beside(groups, sheet.beside):
            place, cells = rows[0]
            clinic = known.clinic_of(cells)
            if is_wanted(clinic, key):
                claim = reader_for(clinic).assemble([row for _, row in rows], place, beside)
                yield clinic, claim, moment_of(cells, at)

    def _last_file_by_key(self) -> dict[str, str]:
        """Return which file tells of a claim, where there are several files; the only part that grows with them."""
        if len(self._files()) < 2:
            return {}
        found: dict[str, str] = {}
        for sheet in self.sheets(sys.maxsize):
            reader = ClaimRows(self.name, sheet.columns, [])
            found.update((reader.key_of(row), sheet.name) for _, row in sheet.rows)
        return found

    def _files(self) -> list[Path]:
        if self._path.is_file():
            return [self._path]
        if not self._path.is_dir():
            raise BadSetting(f"source {self.name}: there is neither a file nor a folder {self._path}")
        return sorted(path for path in self._path.glob("*.csv") if not _is_beside(path))


class CsvBeside:
    """The files beside a file of claims."""

    def __init__(self, source: str, path: Path) -> None:
        """Read those that are there; raise BadSetting where their columns are wrong."""
        files = {name: path.with_suffix(view.suffix) for name, view in SIDE_VIEWS.items()}
        lines = {view: _lines(file) for view, file in files.items() if file.exists()}
        self.columns: Mapping[str, Sequence[str]] = {view: _header(files[view], rest) for view, rest in lines.items()}
        beside_reader(source, self.columns)
        self._rows: dict[str, dict[str, list[Placed]]] = defaultdict(dict)
        for view, rest in lines.items():
            at = [name.strip().lower() for name in self.columns[view]].index("source_claim_key")
            for number, cells in rest:
                key = (cells[at] if at < len(cells) else "") or NO_KEY
                self._rows[key].setdefault(view, []).append((f"{files[view].name} row {number}", cells))

    def rows_of(self, keys: Sequence[str]) -> Mapping[str, BesideRows]:
        """Return the rows of each of these claims that has any."""
        return {key: self._rows[key] for key in keys if key in self._rows}

    def orphans(self, known: Container[str]) -> Iterator[tuple[str, str, str]]:
        """Yield view, place and claim key of each row whose claim the file has not."""
        for key, views in self._rows.items():
            if key not in known:
                yield from ((view, place, key) for view, rows in views.items() for place, _ in rows)


def placed_rows(path: Path) -> tuple[list[str], Iterator[tuple[str, Sequence[object]]]]:
    """Return the columns of a file and its rows one by one, each with where it stands; raise BadFile where it is none.

    For files that are no claims waiting: what an earlier process sent.
    """
    lines = _lines(path)
    return _header(path, lines), ((f"{path.name} row {number}", cells) for number, cells in lines)


def _is_beside(path: Path) -> bool:
    return any(path.name.endswith(view.suffix) for view in SIDE_VIEWS.values())


def _beside(path: Path, other: Path) -> Path:
    """Return the file beside the claims that ends as the other does."""
    return path.with_suffix("".join(other.suffixes[-2:]))


def moment_of(row: Sequence[object], at: int) -> datetime | None:
    """Return the `ready_at` of a row, or None where it cannot be read."""
    try:
        return _read_moment(row[at]) if at < len(row) and row[at] not in {None, ""} else None
    except CellRefused:
        return None


def _header(path: Path, lines: Iterator[tuple[int, list[str]]]) -> list[str]:
    header = next(lines, None)
    if header is None:
        raise BadFile(f"{path}: the file is empty; the first line names the columns")
    return header[1]


def _lines(path: Path) -> Iterator[tuple[int, list[str]]]:
    number = 0
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            reader = csv.reader(file, strict=True)
            for number, cells in enumerate(reader, start=1):
                if cells:
                    yield number, cells
    except UnicodeDecodeError as error:
        raise BadFile(f"{path}, after row {number}: the file is not UTF-8; save it as UTF-8") from error
    except csv.Error as error:
        raise BadFile(f"{path}, after row {number}: this is not CSV ({error})") from error
    except OSError as error:
        raise SourceUnreachable(f"{path}: cannot be read ({error.strerror})") from error
