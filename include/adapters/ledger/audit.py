"""
The chain over events and looks: each transaction ends with a link that holds what it wrote, and the link before.

A row that is changed, removed or put in by hand afterwards no longer fits its link, and a link no longer fits the next
one. Digests are keyed, so that whoever may write to the database cannot make them anew, and nobody can try names until
one fits; the chain's key lies in the ledger, encrypted. They are of what a row says, not of how it is encrypted.
A link's number is taken last of all, under the lock by which changes are numbered: in the order of commits.
"""

import hmac
import json
import secrets
from collections.abc import Callable, Iterable, Iterator
from datetime import UTC, datetime
from hashlib import blake2b
from struct import Struct
from typing import Any, Final, NamedTuple

from sqlalchemy import Column, Connection, Table, insert, select, type_coerce, update
from sqlalchemy.types import NullType

from include.adapters.ledger.changes import take_turn
from include.adapters.ledger.encrypted import Encrypted, keyring_of
from include.adapters.ledger.many import among
from include.adapters.ledger.tables import AUDIT, AUDIT_LINK, CLAIM_LOOK, EVENT

CHAINED: Final = {table.name: table for table in (EVENT, CLAIM_LOOK)}
"""The tables whose rows are kept for ever."""

_WRITTEN: Final = "written_for_ever"
_HASH: Final = "sha256"
_MARK: Final = Struct(">Q16s")


class Mark(NamedTuple):
    """A row as its link knows it."""

    id: int
    digest: bytes


def note_written(connection: Connection, table: Table, ids: Iterable[int]) -> None:
    """Note that this transaction has written rows that are kept for ever."""
    connection.info.setdefault(_WRITTEN, {}).setdefault(table.name, []).extend(ids)


def link(connection: Connection) -> None:
    """Chain what this transaction has written of events and looks; nothing of either may be written after it."""
    written = {name: ids for name, ids in connection.info.pop(_WRITTEN, {}).items() if ids}
    if not written:
        return
    key = _key(connection)
    # Read back, since the database fills in defaults; and before the turn, which others wait for.
    marks = {name: pack(marks_of(connection, CHAINED[name], ids, key)) for name, ids in sorted(written.items())}
    take_turn(connection)
    for name, packed in marks.items():
        _append(connection, name, packed, key)


def marks_of(connection: Connection, table: Table, ids: Iterable[int], key: bytes) -> list[Mark]:
    """Return the marks of a table's rows as they are now."""
    # As they are stored, but decrypted: an answer writes thousands, and types that convert each value cost most of it.
    columns = sorted(table.columns, key=_is_encrypted)
    first = len(columns) - sum(map(_is_encrypted, columns))
    query = select(*(type_coerce(column, NullType()) for column in columns)).where(among(table.c.id, ids))
    digest, clear = _digester(key), keyring_of(connection.dialect).in_clear
    return [
        Mark(row[0], digest((*row[:first], *map(clear, row[first:]))))
        for row in connection.execute(query.order_by(table.c.id)).all()
    ]


def _is_encrypted(column: Column[Any]) -> bool:
    return isinstance(column.type, Encrypted)


def pack(marks: Iterable[Mark]) -> bytes:
    """Return marks as a link keeps them."""
    return b"".join([_MARK.pack(*mark) for mark in marks])


def unpack(packed: bytes) -> Iterator[Mark]:
    """Read back what `pack` wrote; what is left over of a link that was cut is no mark."""
    return (Mark(*mark) for mark in _MARK.iter_unpack(packed[: len(packed) // _MARK.size * _MARK.size]))


def hash_of(key: bytes, before: str, number: int, rows_of: str, packed: bytes) -> str:
    """Return the hash of a link."""
    return hmac.digest(key, f"{before} {number} {rows_of} ".encode() + packed, _HASH).hex()


def beginning(events_before: int, looks_before: int) -> str:
    """Return what stands for the link before the first one: from where on events and looks are chained."""
    return f"events after {events_before}, looks after {looks_before}"


def _digester(key: bytes) -> Callable[[tuple[Any, ...]], bytes]:
    """Return what makes the digest of a row's values, in order, so that none can pass into another column."""
    keyed = blake2b(key=key, digest_size=16)

    def digest(values: tuple[Any, ...]) -> bytes:
        fresh = keyed.copy()
        fresh.update(_written(values).encode())
        return fresh.digest()

    return digest


def _utc(moment: datetime) -> str:
    # SQLite keeps moments as text in UTC; PostgreSQL gives them in the zone of the session.
    return moment.astimezone(UTC).isoformat()


_written: Final = json.JSONEncoder(default=_utc).encode


def _key(connection: Connection) -> bytes:
    """Return the chain's key, made by whoever writes first."""
    query = select(AUDIT.c.key)
    found = connection.scalar(query)
    if not found:
        take_turn(connection)
        found = connection.scalar(query)
    if not found:
        found = secrets.token_hex(32)
        connection.execute(update(AUDIT).values(key=found))
    return bytes.fromhex(found)


def _append(connection: Connection, name: str, packed: bytes, key: bytes) -> None:
    last = connection.execute(select(AUDIT_LINK.c.id, AUDIT_LINK.c.hash).order_by(AUDIT_LINK.c.id.desc()).limit(1))
    row = last.one_or_none()
    number, before = (row.id, row.hash) if row else (0, _beginning(connection))
    values = {
        "id": number + 1,
        "rows_of": name,
        "marks": packed,
        "hash": hash_of(key, before, number + 1, name, packed),
    }
    connection.execute(insert(AUDIT_LINK).values(values))


def _beginning(connection: Connection) -> str:
    row = connection.execute(select(AUDIT)).one()
    return beginning(row.events_before, row.looks_before)
