"""
Which submissions changed, numbered in the order of commits: a reader who remembers the last number misses nothing.

A number that is taken while a transaction runs may become visible after a higher one, and whoever has read the higher
one would never look back. So a transaction only notes what it changes, and takes the numbers last of all, under a lock
that its commit releases. SQLite has one writer at a time and needs no lock.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import Connection, func, literal, select, text
from sqlalchemy.dialects import postgresql, sqlite

from include.adapters.ledger.tables import SUBMISSION, SUBMISSION_CHANGE
from include.claims.states import Usage

_CHANGED: Final = "changed_submissions"
_LOCK: Final = 20_838
"""Any number will do, if it is the same for everyone who writes to a PostgreSQL ledger."""
_AT_ONCE: Final = 5_000


def note_change(connection: Connection, submission_ids: Iterable[int]) -> None:
    """Note that this transaction changes what the status feed says of some submissions."""
    connection.info.setdefault(_CHANGED, set()).update(submission_ids)


def number_changes(connection: Connection) -> None:
    """Give what this transaction has changed the next numbers; nothing may be written after it."""
    ids = sorted(connection.info.pop(_CHANGED, ()))
    if not ids:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
    last = connection.scalar(select(func.coalesce(func.max(SUBMISSION_CHANGE.c.change_id), 0))) or 0
    for start in range(0, len(ids), _AT_ONCE):
        last += _number(connection, ids[start : start + _AT_ONCE], last)


def _number(connection: Connection, submission_ids: Sequence[int], last: int) -> int:
    """Give those of these submissions that are live the numbers after `last`; return how many."""
    rows = select(
        SUBMISSION.c.id,
        literal(last) + func.row_number().over(order_by=SUBMISSION.c.id),
        func.current_timestamp(),
    ).where(SUBMISSION.c.id.in_(submission_ids), SUBMISSION.c.usage == Usage.LIVE.value)
    new = (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(SUBMISSION_CHANGE)
    numbered = new.from_select(["submission_id", "change_id", "changed_at"], rows)
    columns = {"change_id": numbered.excluded.change_id, "changed_at": numbered.excluded.changed_at}
    return connection.execute(numbered.on_conflict_do_update(index_elements=["submission_id"], set_=columns)).rowcount
