"""
Claims by their keys at the source, locked, and what is kept of their revisions.

Locked in one order, so that whoever stages them and whoever imports a history wait for each other.
"""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from include.adapters.ledger import holds
from include.adapters.ledger.columns import to_cents
from include.adapters.ledger.many import among
from include.adapters.ledger.staging import Seen
from include.adapters.ledger.tables import CLAIM
from include.claims.model import Frequency


def locked_claims(connection: Connection, keys: Iterable[tuple[str, str]]) -> dict[tuple[str, str], Any]:
    """Return the claims that are known by source and key, locked in one order everywhere."""
    by_source: dict[str, set[str]] = defaultdict(set)
    for source, key in keys:
        by_source[source].add(key)
    found: dict[tuple[str, str], Any] = {}
    for source, some in sorted(by_source.items()):
        query = select(CLAIM).where(CLAIM.c.source == source, among(CLAIM.c.key, some)).order_by(CLAIM.c.id)
        for row in connection.execute(query.with_for_update(key_share=True)):
            found[row.source, row.key] = row
    return found


def content_of(item: Seen) -> dict[str, Any]:
    """Return what a submission copies from the revision it carries."""
    claim = item.claim
    return {
        "revision": item.revision,
        "payer_id": claim.payer.id if claim else "",
        "ready_at": item.ready_at,
        "total_cents": to_cents(claim.total_charge) if claim else 0,
        "frequency": (claim.frequency if claim else Frequency.ORIGINAL).value,
    }


def revision_row(item: Seen, claim_id: int, now: datetime) -> dict[str, Any]:
    """Return what the source holds of a claim now, as a row."""
    days = sorted(line.service_date for line in item.claim.lines) if item.claim else []
    content = content_of(item)
    return {
        "claim_id": claim_id,
        "hash": content["revision"],
        "document": item.document,
        "payer_id": content["payer_id"],
        "responsibility": item.claim.responsibility.value if item.claim else "",
        "total_cents": content["total_cents"],
        "first_service_on": days[0] if days else None,
        "last_service_on": days[-1] if days else None,
        "others_decided_on": item.claim.others_decided_on if item.claim else None,
        "ready_at": item.ready_at,
        "faults": holds.to_json(item.faults),
        "seen_at": now,
    }
