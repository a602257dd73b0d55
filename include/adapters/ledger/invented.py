"""
Invented claims in a test file: kept as copies are, so that answers find them, and never as a claim to be paid.

They are the same few claims of a clinic each time, with the content of the day. Their lines are not kept: no rule over
time asks about somebody who does not exist.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection

from include.adapters.ledger import submissions
from include.adapters.ledger.claim_rows import content_of, locked_claims, revision_row
from include.adapters.ledger.many import insert_many, insert_once
from include.adapters.ledger.staging import Seen, seen
from include.adapters.ledger.tables import CLAIM, CLAIM_REVISION
from include.claims.errors import NotAllowed
from include.claims.invented import INVENTED
from include.claims.states import Usage
from include.delivery.records import Staged


def add(connection: Connection, clinic_key: str, staged: Sequence[Staged], now: datetime) -> list[int]:
    """Make the next test submission of each of these claims, and return their ids in order."""
    items = [seen(one) for one in staged]
    if real := [item.key for item in items if item.source != INVENTED]:
        raise NotAllowed(f"clinic {clinic_key}: {', '.join(real)}: not invented, so it is no filling for a test file")
    ids = _claims(connection, clinic_key, items, now)
    revisions = [revision_row(item, one, now) for item, one in zip(items, ids, strict=True)]
    insert_many(connection, insert_once(connection, CLAIM_REVISION).on_conflict_do_nothing(), revisions)
    numbers = submissions.highest_numbers(connection, ids, Usage.TEST)
    rows = [
        submissions.submission_row(
            claim_id=one,
            source=item.source,
            key=item.key,
            number=numbers.get(one, 0) + 1,
            usage=Usage.TEST,
            clinic_key=clinic_key,
            **content_of(item),
        )
        for item, one in zip(items, ids, strict=True)
    ]
    by_number = submissions.add(connection, rows, now)
    return [by_number[row["control_number"]] for row in rows]


def _claims(connection: Connection, clinic_key: str, items: Sequence[Seen], now: datetime) -> list[int]:
    """Return the ids of these claims, locked and with their newest revision; new ones are added."""
    rows = [
        {
            "source": item.source,
            "key": item.key,
            "clinic_key": clinic_key,
            "revision": item.revision,
            "first_seen_at": now,
        }
        for item in items
    ]
    upsert = insert_once(connection, CLAIM)
    newest = {"revision": upsert.excluded.revision}
    insert_many(connection, upsert.on_conflict_do_update(index_elements=["source", "key"], set_=newest), rows)
    claims = locked_claims(connection, [(item.source, item.key) for item in items])
    return [claims[item.source, item.key].id for item in items]
