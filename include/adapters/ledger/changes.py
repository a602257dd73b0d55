"""
Which submissions changed, numbered in the order of commits: a reader who remembers the last number misses nothing.

A number that is taken while a transaction runs may become visible after a higher one, and whoever has read the higher
one would never look back. So a transaction only notes what it changes, and takes the numbers last of all, under a lock
that its commit releases. SQLite has one writer at a time and needs no lock.
"""

from collections.abc import Iterable
from typing import Final

from sqlalchemy import Connection, func, literal, select, text

from include.adapters.ledger.many import among, insert_once
from include.adapters.ledger.tables import SUBMISSION, SUBMISSION_CHANGE
from include.claims.states import Usage

_CHANGED: Final = "changed_submissions"
_LOCK: Final = 20_838
"""Any number will do, if it is the same for everyone who writes to a PostgreSQL ledger."""


def note_change(connection: Connection, submission_ids: Iterable[int]) -> None:
    """Note that this transaction changes what the status feed says of some submissions."""
    connection.info.setdefault(_CHANGED, set()).update(submission_ids)


def take_turn(connection: Connection) -> None:
    """Wait until everybody has committed who took a turn before; the turn ends with the transaction."""
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})


def number_changes(connection: Connection) -> None:
    """Give what this transaction has changed the next numbers; nothing may be written after it."""
    ids = sorted(connection.info.pop(_CHANGED, ()))
    if not ids:
        return
    take_turn(connection)
    last = connection.scalar(select(func.coalesce(func.max(SUBMISSION_CHANGE.c.change_id), 0))) or 0
    # Those that are live get the numbers after it.
    rows = select(
        SUBMISSION.c.id,
        literal(last) + func.row_number().over(order_by=SUBMISSION.c.id),
        func.current_timestamp(),
    ).where(among(SUBMISSION.c.id, ids), SUBMISSION.c.usage == Usage.LIVE.value)
    numbered = insert_once(connection, SUBMISSION_CHANGE).from_select(
        ["submission_id", "change_id", "changed_at"], rows
    )
    columns = {"change_id": numbered.excluded.change_id, "changed_at": numbered.excluded.changed_at}
    connection.execute(numbered.on_conflict_do_update(index_elements=["submission_id"], set_=columns))
