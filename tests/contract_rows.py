"""A claim written as the rows of the contract that say it: what the reader must give back as the same claim."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from include.claims.circumstances import DateKind
from include.claims.coordination import OtherPayer
from include.claims.model import Claim, ServiceLine, SourceClaim
from include.delivery.claim_columns import COLUMNS, SELF
from include.delivery.claim_source import ClaimRows
from include.delivery.clinic_table import BillingIdentity
from include.delivery.column import Column, Scope
from include.delivery.side_columns import ADJUSTMENT_COLUMNS, AUTHORIZATION_COLUMNS, OTHER_PAYER_COLUMNS, SIDE_VIEWS
from tests.source_rows import CLINIC

Rows = list[dict[str, str]]


def rows_of(claim: Claim) -> Rows:
    """Return the claim's rows of `pending_claim_lines`, every column of the contract filled or blank."""
    claim_cells = {
        **cells(claim, (column for column in COLUMNS if column.scope is Scope.CLAIM)),
        "clinic_key": CLINIC,
        "source_claim_key": claim.key,
        "cancelled": "false",
        "line_count": str(len(claim.lines)),
        "claim_total": f"{claim.total_charge:.2f}",
        "billing_npi": claim.billing.npi,
    }
    if claim.dependent is None:
        claim_cells["patient_relationship"] = SELF
    line_columns = [column for column in COLUMNS if column.scope is Scope.LINE]
    return [
        {**claim_cells, **cells(line, line_columns), "line_number": str(number)}
        for number, line in enumerate(claim.lines, start=1)
    ]


def rows_beside(claim: Claim) -> dict[str, Rows]:
    """Return the claim's rows of the optional views, by view."""
    found = (
        [cells(payer, OTHER_PAYER_COLUMNS) for payer in claim.other_payers],
        [row for payer in claim.other_payers for row in _said_by(payer, claim.lines)],
        [cells(one, AUTHORIZATION_COLUMNS) for one in claim.authorizations],
    )
    return {
        view: [{**row, "source_claim_key": claim.key} for row in rows]
        for view, rows in zip(SIDE_VIEWS, found, strict=True)
        if rows
    }


def _said_by(payer: OtherPayer, lines: Sequence[ServiceLine]) -> Iterable[dict[str, str]]:
    for reason in payer.adjustments:
        yield {**_adjustment(None, reason), "payer_id": payer.payer_id}
    for line in lines:
        for decision in line.adjudications:
            if decision.payer_id == payer.payer_id:
                for one in decision.adjustments or (None,):
                    yield {**_adjustment(decision, one), "source_line_key": line.source_line_key}


def _adjustment(decision: Any, adjustment: Any) -> dict[str, str]:
    return cells(SimpleNamespace(decision=decision, adjustment=adjustment), ADJUSTMENT_COLUMNS)


def cells(thing: Any, columns: Iterable[Column]) -> dict[str, str]:
    """Return what stands where each column's path leads, as text."""
    return {column.name: _text(_at(thing, column.path)) for column in columns}


def _at(thing: Any, path: str) -> Any:
    for step in path.split(".") if path else ():
        if thing is None:
            return None
        if step in DateKind.__members__:
            thing = next((one for one in thing if one.kind is DateKind[step]), None)
        elif step.isdigit():
            thing = thing[int(step)] if int(step) < len(thing) else None
        else:
            thing = getattr(thing, step)
    return thing if path else None


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, tuple):
        return ",".join(map(str, value))
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, datetime):
        return value.isoformat()
    return f"{value:f}" if isinstance(value, Decimal) else str(value)


def read_back(claim: Claim) -> SourceClaim:
    """Return what the reader makes of the claim's own rows."""
    rows, beside = rows_of(claim), rows_beside(claim)
    identity = BillingIdentity(key="who_bills", clinic_key=CLINIC, provider=claim.billing)
    reader = ClaimRows(claim.source, list(rows[0]), [identity], {view: list(one[0]) for view, one in beside.items()})
    placed = {view: [("", tuple(row.values())) for row in found] for view, found in beside.items()}
    return reader.assemble([tuple(row.values()) for row in rows], beside=placed)
