"""Claims an earlier process sent, one call each: as a record, and as the rows of a history."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

from include.claims.earlier import SentElsewhere, SentLine
from include.claims.facts import billed_lines
from include.claims.model import Claim
from include.delivery.history_columns import HISTORY_COLUMNS
from tests.builders import a_claim
from tests.contract_rows import rows_of

SENT_ON = date(2026, 3, 5)


def sent_elsewhere(claim: Claim | None = None, **changes: Any) -> SentElsewhere:
    """Return what a history tells of a claim that was sent on the day the builders' claims were released."""
    claim = claim or a_claim()
    lines = [
        SentLine(source_line_key=line.source_line_key, service_on=line.service_date, billed=billed)
        for line, billed in zip(claim.lines, billed_lines(claim), strict=True)
    ]
    sent = SentElsewhere(
        place="history.csv row 2",
        source=claim.source,
        claim_key=claim.key,
        control_number=f"old-{claim.key}",
        sent_on=SENT_ON,
        sent_before=datetime(2026, 3, 6, 8, tzinfo=UTC),
        payer_id=claim.payer.id,
        frequency=claim.frequency,
        total_charge=claim.total_charge,
        given_claim_number="",
        decision=None,
        decided_on=None,
        service_days=tuple(sorted({line.service_date for line in claim.lines})),
        lines=tuple(lines),
    )
    return replace(sent, **changes)


def history_rows(claims: Sequence[Claim], **changes: str) -> list[dict[str, str]]:
    """Return the rows of a history of these claims, with every column that is read."""
    return [
        {one.name: row.get(one.name, "") for one in HISTORY_COLUMNS}
        | {"control_number": f"old-{claim.key}", "sent_on": SENT_ON.isoformat(), "clinic_key": "", **changes}
        for claim in claims
        for row in rows_of(claim)
    ]
