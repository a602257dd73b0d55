"""
Rows of the source into claims: the practice's words become ours here, and nowhere else.

What is wrong with the whole source (a column nobody knows) stops it; what is wrong with one claim holds that claim
alone, with every fault said at once, so that a person mends it in one go.
"""

import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from itertools import groupby
from types import MappingProxyType
from typing import Final

from include.claims.errors import BadSetting
from include.claims.model import CancelledClaim, Claim, Fault, ServiceLine, SourceClaim, UnreadableClaim
from include.claims.parties import BillingProvider
from include.delivery.claim_beside import NOTHING_BESIDE, Beside, BesideReader, BesideRows
from include.delivery.claim_build import Values, maker_of
from include.delivery.claim_cells import is_storable
from include.delivery.claim_columns import COLUMNS, VIEW
from include.delivery.clinic_table import BillingIdentity
from include.delivery.column import Column, Need, Scope
from include.delivery.row_reader import Row, RowReader, fault
from include.delivery.side_columns import SIDE_VIEWS

NO_KEY = "(no key)"
"""The key of a claim, line or clinic whose rows do not say theirs: a claim is held under this name, not lost."""


NO_ROWS: Final[BesideRows] = MappingProxyType({})
_SCOPED = {scope: tuple(column for column in COLUMNS if column.scope is scope) for scope in Scope}
_DIAGNOSES = tuple(column.name for column in COLUMNS if column.path.startswith("diagnoses."))


class ClaimRows:
    """Reads the rows of one source, whose columns are known once; raises BadSetting where the columns are wrong."""

    def __init__(
        self,
        source: str,
        names: Sequence[str],
        identities: Sequence[BillingIdentity],
        beside: Mapping[str, Sequence[str]] = MappingProxyType({}),
    ) -> None:
        """Take the source's name, its column names in the rows' order, who may bill, the columns of optional views."""
        found = [name.strip().lower() for name in names]
        check_columns(source, found)
        self._source = source
        self._identities = identities
        at = {name: place for place, name in enumerate(found)}
        self._width = len(found)
        self._key, self._clinic, self._line_key = (
            at[f"{name}_key"] for name in ("source_claim", "clinic", "source_line")
        )
        self._at = at
        self._claim_reader = RowReader(_SCOPED[Scope.CLAIM], at)
        self._line_reader = RowReader(_SCOPED[Scope.LINE], at)
        self._claim_of = maker_of(Claim, _SCOPED[Scope.CLAIM], at)
        self._line_of = maker_of(ServiceLine, _SCOPED[Scope.LINE], at)
        self._beside = beside_reader(source, beside)

    def claims(self, rows: Iterable[Row]) -> Iterator[SourceClaim]:
        """Yield one claim for each run of rows with the same claim key."""
        for _, group in groupby(rows, key=self.key_of):
            yield self.assemble(list(group))

    def key_of(self, row: Row) -> str:
        """Return the claim key of a row as text."""
        return _text_of(row, self._key)

    def clinic_of(self, row: Row) -> str:
        """Return the clinic key of a row as text."""
        return _text_of(row, self._clinic)

    def assemble(self, rows: Sequence[Row], place: str = "", beside: BesideRows = NO_ROWS) -> SourceClaim:
        """
        Return the claim these rows make, with the rows of the optional views that belong to it.

        `place` says where the rows stand, where that helps (`claims.csv row 12`).
        """
        key = self.key_of(rows[0])
        where = f"claim {key}" + (f" ({place})" if place else "")
        faults: list[Fault] = []
        if any(len(row) != self._width for row in rows):
            widths = sorted({len(row) for row in rows})
            message = f"{self._width} cells expected, found {', '.join(map(str, widths))}"
            faults.append(fault("row_shape", where, message, "quote cells that hold commas or line ends"))
            return self._unreadable(key, None, rows, beside, faults)
        claim = self._claim_reader.read(rows[0], lambda: where, faults)
        disagreements = self._disagreements(rows, where)
        # What is taken back need not be whole: its lines may be gone already.
        if claim["cancelled"] and key != NO_KEY and not any(one.place.endswith(" cancelled") for one in disagreements):
            return CancelledClaim(source=self._source, key=key)
        faults.extend(disagreements)
        lines = [self._line_reader.read(row, lambda row=row: self._line_place(row, where), faults) for row in rows]  # type: ignore[misc]
        if not faults:
            faults.extend(_completeness(claim, lines, where))
            faults.extend(_diagnosis_gap(claim, where))
        billing = None if faults else self._billing(claim, lines, where, faults)
        said = self._beside.read(beside, lines, where, faults) if beside else NOTHING_BESIDE
        if faults or billing is None:
            return self._unreadable(key, claim["ready_at"], rows, beside, faults)
        return self._claim(key, billing, claim, lines, said)

    def _claim(
        self, key: str, billing: BillingProvider, claim: Values, lines: list[Values], said: Beside
    ) -> SourceClaim:
        lines.sort(key=_line_order)
        made: Claim = self._claim_of(
            claim,
            {
                "source": self._source,
                "key": key,
                "billing": billing,
                "other_payers": said.other_payers,
                "authorizations": said.authorizations,
                "lines": tuple(self._line(line, claim["place_of_service"], said) for line in lines),
            },
        )
        return made

    def _line(self, line: Values, claim_place: str, said: Beside) -> ServiceLine:
        if line["line_place_of_service"] == claim_place:
            line["line_place_of_service"] = ""
        given = {"adjudications": said.adjudications.get(line["source_line_key"], ())}
        made: ServiceLine = self._line_of(line, given)
        return made

    def _line_place(self, row: Row, where: str) -> str:
        return f"{where}, line {_text_of(row, self._line_key)}"

    def _disagreements(self, rows: Sequence[Row], where: str) -> list[Fault]:
        cells_of = self._claim_reader.cells_of
        first = cells_of(rows[0])
        if all(cells_of(row) == first for row in rows[1:]):
            return []
        return [
            fault(
                "claim_fields_agree",
                f"{where}, column {name}",
                "the rows of the claim do not say the same",
                "take the column from the claim, not from the line or a join that multiplies",
            )
            for name, *cells in zip(self._claim_reader.names, *map(cells_of, rows), strict=True)
            if any(cell != cells[0] for cell in cells)
        ]

    def _billing(
        self, claim: Values, lines: Sequence[Values], where: str, faults: list[Fault]
    ) -> BillingProvider | None:
        days = [line["service_date"] for line in lines]
        found = billing_identity(self._identities, claim["billing_npi"], min(days), max(days))
        if len(found) == 1:
            return found[0].provider
        faults.append(
            fault(
                "billing_identity_known",
                f"{where}, column billing_npi",
                "several billing identities of the clinic with this NPI are in force on the dates of service"
                if found
                else "no billing identity of the clinic with this NPI is in force on every date of service",
                "mend billing_identities.csv (npi, effective_from, effective_to) and import it, or the claim's NPI",
            )
        )
        return None

    def _unreadable(
        self, key: str, ready_at: datetime | None, rows: Sequence[Row], beside: BesideRows, faults: list[Fault]
    ) -> UnreadableClaim:
        by_name = sorted(self._at.items())
        content = [[(name, _stable(row[at])) for name, at in by_name if at < len(row)] for row in rows]
        more = [
            (view, [[_stable(cell) for cell in row] for _, row in placed]) for view, placed in sorted(beside.items())
        ]
        return UnreadableClaim(
            source=self._source,
            key=key,
            ready_at=ready_at,
            content_hash=hashlib.sha256(repr([*content, *more]).encode()).hexdigest()[:32],
            faults=tuple(faults),
        )


def check_columns(source: str, names: Sequence[str], view: str = VIEW, columns: Sequence[Column] = COLUMNS) -> None:
    """Raise BadSetting that names every column the contract does not know, misses, or has twice."""
    known = [column.name for column in columns]
    missing = [c.name for c in columns if c.need is not Need.NOTHING and c.name not in names]
    faults = []
    for name in sorted(set(names) - set(known)):
        near = get_close_matches(name, [*missing, *known], n=1)
        faults.append(f"column {name} is unknown" + (f" (did you mean {near[0]}?)" if near else ""))
    faults += [f"column {name} is missing" for name in missing]
    faults += [f"column {name} is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    if faults:
        raise BadSetting(f"source {source}, {view}: {'; '.join(faults)}; docs/claim-source.md lists the columns")


def beside_reader(source: str, beside: Mapping[str, Sequence[str]]) -> BesideReader:
    """Return the reader of the optional views that are there; raise BadSetting where their columns are wrong."""
    found = {view: [name.strip().lower() for name in names] for view, names in beside.items()}
    for view, names in found.items():
        check_columns(source, names, view, SIDE_VIEWS[view].columns)
    return BesideReader(found)


def _line_order(line: Values) -> tuple[int, date, str]:
    return (line["line_number"] or 0, line["service_date"], line["source_line_key"])


def billing_identity(identities: Sequence[BillingIdentity], npi: str, first: date, last: date) -> list[BillingIdentity]:
    """Return the identities with that NPI that are in force from the first to the last date of service."""
    return [
        identity
        for identity in identities
        if identity.provider.npi == npi and identity.is_in_force(first) and identity.is_in_force(last)
    ]


def _text_of(row: Row, at: int) -> str:
    # As it stands, blanks included: the source is asked for the claim again by this very text.
    text = str(row[at]) if at < len(row) and row[at] is not None else ""
    if not is_storable(text):
        return ascii(text)  # the claim is held for it, and a hold needs a name that can be kept
    return text if text.strip() else NO_KEY


def _stable(value: object) -> object:
    # The same moment must hash alike whatever zone the session shows it in.
    return value.timestamp() if isinstance(value, datetime) and value.tzinfo else value


def _completeness(claim: Values, lines: Sequence[Values], where: str) -> Iterator[Fault]:
    """Yield what is missing of a half-written claim, and line keys used twice."""
    wait = "wait until the practice has written the whole claim; it is read again at the next run"
    if len(lines) != claim["line_count"]:
        message = f"{len(lines)} rows found, line_count says {claim['line_count']}"
        yield fault("claim_complete", f"{where}, column line_count", message, wait)
    total = sum((line["charge"] for line in lines), Decimal(0))
    if total != claim["claim_total"]:
        message = f"the charges add up to {total}, claim_total says {claim['claim_total']}"
        yield fault("claim_complete", f"{where}, column claim_total", message, wait)
    if len({line["source_line_key"] for line in lines}) < len(lines):
        yield fault(
            "line_keys_unique",
            f"{where}, column source_line_key",
            "two lines of the claim have the same key",
            "give each line its own key; look for a join that doubles rows",
        )


def _diagnosis_gap(claim: Values, where: str) -> Iterator[Fault]:
    # Closing the gap by itself would make the lines point to other diagnoses than the practice meant.
    filled = [number for number, name in enumerate(_DIAGNOSES, start=1) if claim[name]]
    if filled and filled[-1] != len(filled):
        yield fault(
            "diagnoses_without_gap",
            f"{where}, column diagnosis_{filled[-1]}",
            "a diagnosis before it is empty",
            "number the diagnoses from 1 without a gap; the pointers count them",
        )
