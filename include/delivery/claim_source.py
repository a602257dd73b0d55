"""
Rows of the source into claims: the practice's words become ours here, and nowhere else.

What is wrong with the whole source (a column nobody knows) stops it; what is wrong with one claim holds that claim
alone, with every fault said at once, so that a person mends it in one go.
"""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from decimal import Decimal
from difflib import get_close_matches
from itertools import groupby
from operator import itemgetter
from typing import Any

from include.claims.errors import BadSetting
from include.claims.model import CancelledClaim, Fault, SourceClaim, UnreadableClaim
from include.claims.parties import BillingProvider
from include.delivery.claim_build import DIAGNOSES, Values, build_claim
from include.delivery.claim_cells import CellRefused, blank_of, reader_of, text_reader_of
from include.delivery.claim_columns import BY_NAME, COLUMNS, VIEW, Need, Scope
from include.delivery.clinic_table import BillingIdentity

Row = Sequence[Any]

NO_KEY = "(no key)"
"""The key of a claim, line or clinic whose rows do not say theirs: a claim is held under this name, not lost."""


class ClaimRows:
    """Reads the rows of one source, whose columns are known once; raises BadSetting where the columns are wrong."""

    def __init__(self, source: str, names: Sequence[str], identities: Sequence[BillingIdentity]) -> None:
        """Take the source's name, its column names in the rows' order, and who may bill for the clinic."""
        found = [name.strip().lower() for name in names]
        check_columns(source, found)
        self._source = source
        self._identities = identities
        at = {name: place for place, name in enumerate(found)}
        self._width = len(found)
        self._key = at["source_claim_key"]
        self._clinic = at["clinic_key"]
        self._line_key = at["source_line_key"]
        self._cells = {
            scope: [
                (c.name, at[c.name], text_reader_of(c), reader_of(c), c.need is Need.VALUE)
                for c in COLUMNS
                if c.name in at and c.scope is scope
            ]
            for scope in Scope
        }
        self._blank = {scope: {c.name: blank_of(c) for c in COLUMNS if c.scope is scope} for scope in Scope}
        self._by_name = sorted((name, place) for name, place in at.items())
        self._cells_of = {scope: itemgetter(*(cell[1] for cell in cells)) for scope, cells in self._cells.items()}

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

    def assemble(self, rows: Sequence[Row], place: str = "") -> SourceClaim:
        """Return the claim these rows make; `place` says where they stand, where that helps (`claims.csv row 12`)."""
        key = self.key_of(rows[0])
        where = f"claim {key}" + (f" ({place})" if place else "")
        faults: list[Fault] = []
        if any(len(row) != self._width for row in rows):
            widths = sorted({len(row) for row in rows})
            message = f"{self._width} cells expected, found {', '.join(map(str, widths))}"
            faults.append(_fault("row_shape", where, message, "quote cells that hold commas or line ends"))
            return self._unreadable(key, None, rows, faults)
        claim = self._read(Scope.CLAIM, rows[0], where, faults)
        disagreements = self._disagreements(rows, where)
        # What is taken back need not be whole: its lines may be gone already.
        if (
            claim["cancelled"]
            and key != NO_KEY
            and not any(fault.place.endswith(" cancelled") for fault in disagreements)
        ):
            return CancelledClaim(source=self._source, key=key)
        faults.extend(disagreements)
        lines = [self._read(Scope.LINE, row, where, faults) for row in rows]
        if not faults:
            faults.extend(_completeness(claim, lines, where))
            faults.extend(_diagnosis_gap(claim, where))
        billing = None if faults else self._billing(claim, lines, where, faults)
        if faults or billing is None:
            return self._unreadable(key, claim["ready_at"], rows, faults)
        return build_claim(self._source, key, claim, lines, billing)

    def _read(self, scope: Scope, row: Row, where: str, faults: list[Fault]) -> Values:
        values = self._blank[scope].copy()
        found = zip(self._cells[scope], self._cells_of[scope](row), strict=True)
        for (name, _, read_text, read, is_required), written in found:
            is_text = type(written) is str
            cell = written.strip() if is_text else written
            if cell is None or cell == "":
                if is_required:
                    faults.append(_empty(name, self._place(scope, row, where)))
                continue
            try:
                values[name] = read_text(cell) if is_text else read(cell)
            except CellRefused as refused:
                place = f"{self._place(scope, row, where)}, column {name}"
                faults.append(_fault(refused.rule, place, refused.message, refused.remedy))
        return values

    def _place(self, scope: Scope, row: Row, where: str) -> str:
        return where if scope is Scope.CLAIM else f"{where}, line {_text_of(row, self._line_key)}"

    def _disagreements(self, rows: Sequence[Row], where: str) -> list[Fault]:
        cells_of = self._cells_of[Scope.CLAIM]
        first = cells_of(rows[0])
        if all(cells_of(row) == first for row in rows[1:]):
            return []
        return [
            _fault(
                "claim_fields_agree",
                f"{where}, column {name}",
                "the rows of the claim do not say the same",
                "take the column from the claim, not from the line or a join that multiplies",
            )
            for name, place, *_ in self._cells[Scope.CLAIM]
            if any(row[place] != rows[0][place] for row in rows[1:])
        ]

    def _billing(
        self, claim: Values, lines: Sequence[Values], where: str, faults: list[Fault]
    ) -> BillingProvider | None:
        days = [line["service_date"] for line in lines]
        found = billing_identity(self._identities, claim["billing_npi"], min(days), max(days))
        if len(found) == 1:
            return found[0].provider
        faults.append(
            _fault(
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
        self, key: str, ready_at: datetime | None, rows: Sequence[Row], faults: list[Fault]
    ) -> UnreadableClaim:
        content = repr([[(name, _stable(row[at])) for name, at in self._by_name if at < len(row)] for row in rows])
        return UnreadableClaim(
            source=self._source,
            key=key,
            ready_at=ready_at,
            content_hash=hashlib.sha256(content.encode()).hexdigest()[:32],
            faults=tuple(faults),
        )


def check_columns(source: str, names: Sequence[str]) -> None:
    """Raise BadSetting that names every column the contract does not know, misses, or has twice."""
    missing = [c.name for c in COLUMNS if c.need is not Need.NOTHING and c.name not in names]
    faults = []
    for name in sorted(set(names) - BY_NAME.keys()):
        near = get_close_matches(name, [*missing, *BY_NAME], n=1)
        faults.append(f"column {name} is unknown" + (f" (did you mean {near[0]}?)" if near else ""))
    faults += [f"column {name} is missing" for name in missing]
    faults += [f"column {name} is there twice" for name in sorted({name for name in names if names.count(name) > 1})]
    if faults:
        raise BadSetting(f"source {source}, {VIEW}: {'; '.join(faults)}; docs/claim-source.md lists the columns")


def billing_identity(identities: Sequence[BillingIdentity], npi: str, first: date, last: date) -> list[BillingIdentity]:
    """Return the identities with that NPI that are in force from the first to the last date of service."""
    return [
        identity
        for identity in identities
        if identity.provider.npi == npi
        and (identity.effective_from is None or identity.effective_from <= first)
        and (identity.effective_to is None or last <= identity.effective_to)
    ]


def _text_of(row: Row, at: int) -> str:
    # As it stands, blanks included: the source is asked for the claim again by this very text.
    text = str(row[at]) if at < len(row) and row[at] is not None else ""
    return text if text.strip() else NO_KEY


def _fault(rule: str, place: str, message: str, remedy: str) -> Fault:
    return Fault(rule=rule, place=place, message=message, remedy=remedy)


def _empty(name: str, where: str) -> Fault:
    return _fault("column_value_present", f"{where}, column {name}", "is empty", "fill it; docs/claim-source.md")


def _stable(value: object) -> object:
    # The same moment must hash alike whatever zone the session shows it in.
    return value.timestamp() if isinstance(value, datetime) and value.tzinfo else value


def _completeness(claim: Values, lines: Sequence[Values], where: str) -> Iterator[Fault]:
    """Yield what is missing of a half-written claim, and line keys used twice."""
    wait = "wait until the practice has written the whole claim; it is read again at the next run"
    if len(lines) != claim["line_count"]:
        message = f"{len(lines)} rows found, line_count says {claim['line_count']}"
        yield _fault("claim_complete", f"{where}, column line_count", message, wait)
    total = sum((line["charge"] for line in lines), Decimal(0))
    if total != claim["claim_total"]:
        message = f"the charges add up to {total}, claim_total says {claim['claim_total']}"
        yield _fault("claim_complete", f"{where}, column claim_total", message, wait)
    if len({line["source_line_key"] for line in lines}) < len(lines):
        yield _fault(
            "line_keys_unique",
            f"{where}, column source_line_key",
            "two lines of the claim have the same key",
            "give each line its own key; look for a join that doubles rows",
        )


def _diagnosis_gap(claim: Values, where: str) -> Iterator[Fault]:
    # Closing the gap by itself would make the lines point to other diagnoses than the practice meant.
    filled = [number for number, name in enumerate(DIAGNOSES, start=1) if claim[name]]
    if filled and filled[-1] != len(filled):
        yield _fault(
            "diagnoses_without_gap",
            f"{where}, column diagnosis_{filled[-1]}",
            "a diagnosis before it is empty",
            "number the diagnoses from 1 without a gap; the pointers count them",
        )
