"""
Which ledger this is, and what happens when it turns out to be older than the world: a new epoch.

How far the ledger had come is also kept outside it (`ports.Watermark`). A restored or cloned ledger is behind that, and
until a person begins a new epoch nothing leaves. After it nothing leaves by itself either: every clinic is paused, and
what was ready before is held, because the ledger may have forgotten that it went.
"""

from datetime import datetime

from sqlalchemy import Connection, func, insert, select, update

from include.adapters.ledger import submissions
from include.adapters.ledger.engine import Database
from include.adapters.ledger.holds import RESTORED
from include.adapters.ledger.tables import CLINIC, LEDGER, MAILBOX, MAILBOX_SEQUENCE, SUBMISSION
from include.claims.errors import LedgerRestored
from include.claims.states import Delivery, Usage
from include.delivery.clinic_table import Mode
from include.delivery.ports import LedgerIdentity

_JUMP = 1000
"""Numbers left free after the highest known one: more than any night uses."""


def identity(database: Database) -> LedgerIdentity:
    """Return which ledger this is, and how far it has come."""
    with database.read() as connection:
        row = connection.execute(select(LEDGER)).one()
        highest = connection.scalar(select(func.max(MAILBOX_SEQUENCE.c.last_number))) or 0
    return LedgerIdentity(instance_id=row.instance_id, epoch=row.epoch, highest_interchange_number=highest)


def expect(database: Database, instance_id: str, highest_number: int) -> None:
    """Raise LedgerRestored where this is another ledger, or one that is behind what was already sealed."""
    found = identity(database)
    if found.instance_id != instance_id:
        raise LedgerRestored(
            f"ledger {found.instance_id}: {instance_id} was expected; if this one takes its place, begin a new epoch:"
            " see docs/runbook.md"
        )
    if found.highest_interchange_number < highest_number:
        raise LedgerRestored(
            f"ledger {instance_id}: it knows of number {found.highest_interchange_number}, but {highest_number} was"
            " given out; it was restored from a backup. Nothing is sent until a person begins a new epoch: see"
            " docs/runbook.md"
        )


def new_epoch(database: Database, instance_id: str, at_least: int, who: str, now: datetime) -> LedgerIdentity:
    """Begin a new epoch: numbers jump, every clinic is paused, what was READY is held, old batches stay unsent."""
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
    return identity(database)


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
