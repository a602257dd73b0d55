"""A batch as a row and as a record, and the compare-and-set on its status that everything else rests on."""

import json
from collections.abc import Collection
from typing import Any

from sqlalchemy import Connection, select, update

from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.tables import BATCH, DELIVERY_RUN
from include.claims.errors import BadSetting
from include.claims.states import BatchStatus, Usage
from include.delivery.records import Batch, Kind, RunKey

BATCHES = select(BATCH, DELIVERY_RUN.c.dag_id, DELIVERY_RUN.c.run_id).join(
    DELIVERY_RUN, DELIVERY_RUN.c.id == BATCH.c.delivery_run_id
)


def batch_of(row: Any) -> Batch:
    """Return a row of `BATCHES` as the record the use cases know."""
    return Batch(
        id=row.id,
        number=row.number,
        clinic_key=row.clinic_key,
        mailbox_key=row.mailbox_key,
        run=RunKey(dag_id=row.dag_id, run_id=row.run_id),
        kind=Kind(row.kind),
        usage=Usage(row.usage),
        file_name=row.file_name,
        interchange_number=row.interchange_number,
        group_number=row.group_number,
        reference=row.reference,
        created_at=row.created_at,
        settings=json.loads(row.settings),
        claim_count=row.claim_count,
        total_charge=to_dollars(row.total_cents),
        status=BatchStatus(row.status),
        payload_sha256=row.payload_sha256,
        size=row.size,
    )


def locked_batch(connection: Connection, batch_id: int) -> Any:
    """Return a batch's row, locked until the transaction ends."""
    query = select(BATCH).where(BATCH.c.id == batch_id).with_for_update(key_share=True)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise unknown_batch(batch_id)
    return row


def unknown_batch(batch_id: int) -> BadSetting:
    """Return the error for a batch id nobody gave out."""
    return BadSetting(f"batch {batch_id}: the ledger has none of that id; is this the ledger it was sealed in?")


def move(
    connection: Connection, batch_id: int, allowed: Collection[BatchStatus], to: BatchStatus, **changes: Any
) -> bool:
    """Set a batch's status where it is one of the allowed ones; False where it is not."""
    statement = update(BATCH).where(BATCH.c.id == batch_id, BATCH.c.status.in_([status.value for status in allowed]))
    return connection.execute(statement.values(status=to.value, **changes)).rowcount == 1


def file_stem(name: str) -> str:
    """Return a file name as reports compare it: without its extension, case folded."""
    return name.rsplit(".", 1)[0].casefold()
