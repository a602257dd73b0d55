"""
What happened to submissions, and what it adds up to: the only place that writes events and the cache of their fold.

Every caller records events and refolds in the same transaction, so the cached columns equal `states.fold` of the
events at every commit.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any, TypeVar

from sqlalchemy import Connection, Insert, Table, Update, insert, literal, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.compiler import SQLCompiler

from include.adapters.ledger.changes import note_change
from include.adapters.ledger.columns import Instant
from include.adapters.ledger.tables import EVENT, SUBMISSION
from include.claims.states import Event, Happened, Standing, fold

T = TypeVar("T")

LOOKUP = 500
"""Keys in one look-up; SQLite and PostgreSQL both take far more parameters than that makes."""


def chunks(items: Sequence[T], size: int = LOOKUP) -> Iterator[Sequence[T]]:
    """Cut a sequence into pieces a database takes in one statement."""
    for start in range(0, len(items), size):
        yield items[start : start + size]


def insert_once(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that can say what to do about a row that is there already."""
    return (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)


def execute_many(connection: Connection, statement: Insert | Update, rows: Sequence[Mapping[str, Any]]) -> None:
    """
    Execute an INSERT or UPDATE for many rows that name the same parameters.

    SQLAlchemy prepares the parameters row by row, which took longer than the database took to write them; here they
    are prepared a column at a time, and only where their type asks for it.
    """
    if not rows:
        return
    # Inline: nobody asks for the new ids, so PostgreSQL need not return them.
    compiled = statement.inline().compile(dialect=connection.dialect, column_keys=list(rows[0]))
    names = compiled.positiontup or list(compiled.params)
    in_order = zip(*(_column(compiled, name, rows) for name in names), strict=True)
    parameters: Any = (
        list(in_order) if compiled.positional else [dict(zip(names, row, strict=True)) for row in in_order]
    )
    connection.exec_driver_sql(compiled.string, parameters)


def _column(compiled: SQLCompiler, name: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    """Return a parameter of every row as the driver takes it."""
    constant = compiled.params[name]
    column = [row[name] for row in rows] if name in rows[0] else [constant] * len(rows)
    convert = compiled.binds[name].type.dialect_impl(compiled.dialect).bind_processor(compiled.dialect)
    # Remembered for this call: the same days and moments stand in most rows.
    return list(map(cache(convert), column)) if convert else column


def event_row(
    submission_id: int,
    event: Event,
    now: datetime,
    *,
    words: str = "",
    codes: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    batch_id: int | None = None,
    dedupe: str | None = None,
) -> dict[str, Any]:
    """Return an event of our own as a row; `dedupe` names what makes it the same event told twice."""
    return {
        "submission_id": submission_id,
        "event": event.value,
        "recorded_at": now,
        "answered_on": "",
        "file": "",
        "position": 0,
        "codes": json.dumps(codes) if codes else "[]",
        "words": words,
        "data": json.dumps(data, sort_keys=True) if data else "{}",
        "response_id": None,
        "batch_id": batch_id,
        "dedupe": dedupe,
    }


def record(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep events for ever; one that is known already stays as it is."""
    execute_many(connection, insert_once(connection, EVENT).on_conflict_do_nothing(), rows)


def record_for_batch(
    connection: Connection,
    batch_id: int,
    event: Event,
    now: datetime,
    *,
    dedupe: str,
    words: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Record one event for every submission of a batch, without fetching them."""
    columns = ["submission_id", "event", "recorded_at", "words", "data", "batch_id", "dedupe"]
    rows = select(
        SUBMISSION.c.id,
        literal(event.value),
        literal(now, Instant()),
        literal(words),
        literal(json.dumps(data or {}, sort_keys=True)),
        literal(batch_id),
        literal(dedupe),
    ).where(SUBMISSION.c.batch_id == batch_id)
    statement: Insert = insert(EVENT).from_select(columns, rows, include_defaults=False)
    connection.execute(statement)


def lock(connection: Connection, submission_ids: Iterable[int]) -> list[int]:
    """Lock submissions in one order everywhere, so that two transactions queue instead of blocking each other."""
    ids = sorted(set(submission_ids))
    for some in chunks(ids):
        locked = select(SUBMISSION.c.id).where(SUBMISSION.c.id.in_(some)).order_by(SUBMISSION.c.id)
        connection.execute(locked.with_for_update(key_share=True)).all()
    return ids


def ids_of_batch(connection: Connection, batch_id: int) -> list[int]:
    """Return the submissions of a batch."""
    return list(connection.scalars(select(SUBMISSION.c.id).where(SUBMISSION.c.batch_id == batch_id)))


def refold(connection: Connection, submission_ids: Iterable[int]) -> dict[int, Standing]:
    """Write what the events of these submissions add up to, and return it."""
    standings: dict[int, Standing] = {}
    # Locked before the events are read: a fold of half the events must never overwrite a fold of all.
    for some in chunks(lock(connection, submission_ids)):
        standings.update(_folded(connection, some))
    by_standing: dict[Standing, list[int]] = defaultdict(list)
    for submission_id, standing in standings.items():
        by_standing[standing].append(submission_id)
    for standing, ids in by_standing.items():
        for some in chunks(ids):
            connection.execute(update(SUBMISSION).where(SUBMISSION.c.id.in_(some)).values(**cached(standing)))
    note_change(connection, standings)
    return standings


def cached(standing: Standing) -> dict[str, Any]:
    """Return a standing as the columns it is cached in."""
    return {
        "delivery": standing.delivery.value,
        "front_end": standing.front_end.value,
        "adjudication": standing.adjudication.value,
        "work": standing.work.value,
        "contradicted": standing.contradicted,
    }


def happened(row: Any) -> Happened:
    """Return an event's row as the fold needs it."""
    return Happened(Event(row.event), row.id, row.answered_on, row.file, row.position)


def _folded(connection: Connection, submission_ids: Sequence[int]) -> dict[int, Standing]:
    found: dict[int, list[Any]] = defaultdict(list)
    columns = (EVENT.c.submission_id, EVENT.c.id, EVENT.c.event, EVENT.c.answered_on, EVENT.c.file, EVENT.c.position)
    for row in connection.execute(select(*columns).where(EVENT.c.submission_id.in_(submission_ids))):
        found[row.submission_id].append(row)
    # Most submissions of a batch have the same story; it is folded once.
    known: dict[tuple[tuple[str, str, str, int], ...], Standing] = {}
    standings = {}
    for submission_id, rows in found.items():
        rows.sort(key=_sequence)
        story = tuple((row.event, row.answered_on, row.file, row.position) for row in rows)
        standing = known.get(story)
        if standing is None:
            standing = known[story] = fold(happened(row) for row in rows)
        standings[submission_id] = standing
    return standings


def _sequence(row: Any) -> int:
    return int(row.id)
