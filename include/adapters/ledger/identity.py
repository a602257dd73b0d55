"""
Which ledger this is, and what happens when it turns out to be older than the world: a new epoch.

How far the ledger had come is also kept outside it (`ports.Watermark`). A restored or cloned ledger is behind that, and
until a person begins a new epoch nothing leaves. After it nothing leaves by itself either: every clinic is paused, and
what was ready before is held, and what was in a batch is in doubt, because the ledger may have forgotten that it went.
An answer that names it settles that, or a person does.
"""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from include.adapters.ledger import submissions
from include.adapters.ledger.batch_rows import move
from include.adapters.ledger.engine import Database
from include.adapters.ledger.events import ids_of_batch, record_for_batch, refold
from include.adapters.ledger.holds import RESTORED
from include.adapters.ledger.tables import BATCH, CLINIC, LEDGER, MAILBOX, MAILBOX_SEQUENCE, SUBMISSION, TRANSMISSION
from include.claims.states import BatchStatus, Delivery, Event, Usage
from include.delivery.clinic_table import Mode
from include.delivery.records import Kind, LedgerIdentity

_JUMP = 1000
"""Numbers left free after the highest known one: more than any night uses."""

_NEVER_BEGUN = (BatchStatus.SEALED, BatchStatus.RENDERED)
_IN_DOUBT = "the ledger was restored: it may have gone since the backup"


def identity(database: Database) -> LedgerIdentity:
    """Return which ledger this is, and how far it has come."""
    last = MAILBOX_SEQUENCE.c.last_number
    with database.read() as connection:
        row = connection.execute(select(LEDGER)).one()
        highest, given_out = connection.execute(select(func.max(last), func.sum(last))).one()
        attempts = connection.scalar(select(func.max(TRANSMISSION.c.id)))
    return LedgerIdentity(
        instance_id=row.instance_id,
        epoch=row.epoch,
        highest_interchange_number=int(highest or 0),
        numbers_given_out=int(given_out or 0),
        attempts=int(attempts or 0),
    )


def new_epoch(database: Database, instance_id: str, at_least: int, who: str, now: datetime) -> LedgerIdentity:
    """Begin a new epoch: numbers jump, every clinic is paused, what was READY is held, old batches are in doubt."""
    with database.write() as connection:
        begun = {"instance_id": instance_id, "epoch": LEDGER.c.epoch + 1, "epoch_began_at": now, "epoch_by": who}
        connection.execute(update(LEDGER).values(**begun))
        _jump(connection, at_least)
        delivering = CLINIC.c.mode.not_in([Mode.ARCHIVED.value, Mode.ONBOARDING.value])
        connection.execute(update(CLINIC).where(delivering).values(mode=Mode.PAUSED.value))
        live = SUBMISSION.c.usage == Usage.LIVE.value
        waiting = (Delivery.READY.value, Delivery.HELD.value)
        ids = list(connection.scalars(select(SUBMISSION.c.id).where(live, SUBMISSION.c.delivery.in_(waiting))))
        submissions.hold(connection, ids, RESTORED, now)
        _doubt_old_batches(connection, now)
    return identity(database)


def _doubt_old_batches(connection: Connection, now: datetime) -> None:
    """Put every live batch that never began in doubt: it may have gone, and the ledger forgot."""
    waiting = BATCH.c.status.in_([status.value for status in _NEVER_BEGUN]), BATCH.c.kind == Kind.LIVE.value
    for batch_id in connection.scalars(select(BATCH.c.id).where(*waiting).order_by(BATCH.c.id)).all():
        move(connection, batch_id, _NEVER_BEGUN, BatchStatus.BEGUN, status_reason=_IN_DOUBT)
        key = f"restored:{batch_id}"
        record_for_batch(connection, batch_id, Event.BEGUN, now, dedupe=key, words=_IN_DOUBT)
        refold(connection, ids_of_batch(connection, batch_id))


def _jump(connection: Connection, at_least: int) -> None:
    """Raise every mailbox's numbers past all that may have been given out."""
    last = {row.mailbox_key: row.last_number for row in connection.execute(select(MAILBOX_SEQUENCE))}
    for key in sorted({*connection.scalars(select(MAILBOX.c.key)), *last}):
        raised = max(at_least, last.get(key, 0)) + _JUMP
        if key in last:
            connection.execute(
                update(MAILBOX_SEQUENCE).where(MAILBOX_SEQUENCE.c.mailbox_key == key).values(last_number=raised)
            )
        else:
            connection.execute(insert(MAILBOX_SEQUENCE).values(mailbox_key=key, last_number=raised))
