"""
Encrypt the ledger's columns with the first key: what lies in clear since before, and what another key encrypted.

A few hundred rows a transaction, found by how they are stored, so whoever stops it anywhere just starts it again.
Nothing a row says changes: the chain over events holds before, between and after.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from sqlalchemy import (
    Column,
    ColumnElement,
    Connection,
    Dialect,
    Text,
    and_,
    bindparam,
    or_,
    select,
    tuple_,
    type_coerce,
    update,
)

from include.adapters.keyring import ENCRYPTED
from include.adapters.ledger.encrypted import Encrypted, EncryptedWhereOwn, OwnWords, encrypted_columns, keyring_of
from include.adapters.ledger.engine import Database
from include.adapters.ledger.holds import HELD_BY_PERSON
from include.adapters.ledger.tables import BATCH, EVENT, METADATA
from include.claims.states import WORDS, BatchStatus, Event
from include.delivery.doubt import SAYS_IT_ARRIVED

_AT_ONCE: Final = 500

_OWN: Final[dict[Column[Any], ColumnElement[bool]]] = {
    EVENT.c.words: or_(
        EVENT.c.event.in_([event.value for event in (*WORDS, Event.RELEASED, Event.NOT_ARRIVED, Event.RENEWED)]),
        EVENT.c.codes.contains(f'"{HELD_BY_PERSON}"', autoescape=True),
        and_(EVENT.c.event == Event.SENT.value, type_coerce(EVENT.c.words, Text).contains(SAYS_IT_ARRIVED)),
    ),
    BATCH.c.status_reason: BATCH.c.status == BatchStatus.NOT_ARRIVED.value,
}
"""Where a column of our words and people's may hold the latter in clear since before."""


def rotate(database: Database) -> Iterator[tuple[str, int]]:
    """Encrypt all that the first key has not encrypted; yield column and rows so far after every transaction."""
    done = 0
    for column in encrypted_columns(METADATA):
        for rows in _rotate_column(database, column):
            done += rows
            yield str(column), rows
    if done:
        wipe(database)


def _rotate_column(database: Database, column: Column[Any]) -> Iterator[int]:
    key = list(column.table.primary_key.columns)
    place: ColumnElement[bool] | None = None
    while True:
        with database.write() as connection:
            dialect = connection.dialect
            is_old = _is_old(column, keyring_of(dialect).mark)
            query = select(*key, type_coerce(column, Text).label("stored")).where(is_old)
            query = query if place is None else query.where(place)
            rows = connection.execute(query.order_by(*key).limit(_AT_ONCE).with_for_update()).all()
            _store(connection, column, key, [(*row[:-1], _again(row.stored, column.type, dialect)) for row in rows])
        if not rows:
            return
        place = tuple_(*key) > tuple_(*rows[-1][:-1])
        yield len(rows)


def _is_old(column: Column[Any], mark: str) -> ColumnElement[bool]:
    """Return the condition that the first key, whose mark this is, has not encrypted what it should have."""
    stored, kind = type_coerce(column, Text), column.type
    assert isinstance(kind, Encrypted), "only encrypted columns are asked"
    is_old = kind.is_old(stored, mark)
    if not isinstance(kind, EncryptedWhereOwn):
        return is_old
    return and_(is_old, or_(_OWN[column], stored.startswith(ENCRYPTED, autoescape=True)))


def _again(stored: str, kind: Any, dialect: Dialect) -> str:
    fresh: str = kind.process_bind_param(OwnWords(kind.process_result_value(stored, dialect)), dialect)
    return fresh


def _store(connection: Connection, column: Column[Any], key: Sequence[Column[Any]], rows: Sequence[Any]) -> None:
    if not rows:
        return
    is_it = and_(*(one == bindparam(f"_{one.name}") for one in key))
    changed = update(column.table).where(is_it).values({column.name: bindparam("_text", type_=Text())})
    names = [*(f"_{one.name}" for one in key), "_text"]
    connection.execute(changed, [dict(zip(names, row, strict=True)) for row in rows])


def wipe(database: Database) -> None:
    """Write a SQLite ledger's file anew: rows that were changed leave their old bytes in it."""
    if database.engine.dialect.name != "sqlite":
        return  # PostgreSQL's own vacuum does it in time
    connection = database.engine.raw_connection()
    try:
        for statement in ("VACUUM", "PRAGMA wal_checkpoint(TRUNCATE)"):
            connection.cursor().execute(statement).fetchall()
    finally:
        connection.close()
