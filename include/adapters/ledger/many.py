"""
Many rows in one statement: what makes a night of thousands of claims a matter of seconds.

SQLite takes parameters row after row at next to no cost; SQLAlchemy's preparing them cost more, so here they are
prepared a column at a time. PostgreSQL would answer each row, and its driver escapes lists slowly, so it gets all rows
as one JSON document.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Insert,
    Table,
    TableClause,
    TableValuedAlias,
    Text,
    Update,
    bindparam,
    cast,
    column,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.dialects.postgresql import JSON
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement

from include.adapters.ledger.encrypted import encrypter

Rows = Sequence[Mapping[str, Any]]
"""All of them name the same columns."""


class _Unrolled(FunctionElement[str]):
    """A JSON list as rows of text."""

    inherit_cache = True
    name = "unrolled"


@compiles(_Unrolled, "sqlite")
def _sqlite_unrolled(element: Any, compiler: Any, **how: Any) -> str:
    return f"json_each({compiler.process(element.clauses, **how)})"


@compiles(_Unrolled, "postgresql")
def _postgresql_unrolled(element: Any, compiler: Any, **how: Any) -> str:
    return f"json_array_elements_text(CAST({compiler.process(element.clauses, **how)} AS json))"


def rows_of(values: Iterable[str | int]) -> TableValuedAlias:
    """Return texts or numbers as a table with a column `value`, a text; one parameter, however many they are."""
    return _Unrolled(literal(json.dumps(list(values)), Text())).table_valued(column("value", Text))


def among(one: ColumnElement[Any], values: Iterable[str | int]) -> ColumnElement[bool]:
    """Return the condition that a column holds one of these texts or numbers; one parameter, as above."""
    return one.in_(select(cast(rows_of(values).c.value, one.type)))


def insert_once(connection: Connection, table: Table) -> sqlite.Insert | postgresql.Insert:
    """Return an INSERT that can say what to do about a row that is there already."""
    return (sqlite.insert if connection.dialect.name == "sqlite" else postgresql.insert)(table)


def insert_many(connection: Connection, statement: Insert, rows: Rows) -> None:
    """Insert many rows; the statement may say what to do about one that is there already."""
    if not rows:
        return
    if connection.dialect.name == "postgresql":
        connection.execute(_from_given(connection, statement, rows))
    else:
        _execute_each(connection, statement.inline(), rows)


def insert_and_tell(connection: Connection, statement: Insert, rows: Rows) -> list[int]:
    """Insert many rows as above, and return the ids of those that were not there already."""
    if not rows:
        return []
    key: ColumnElement[int] = statement.table.c.id
    if connection.dialect.name == "postgresql":
        return list(connection.scalars(_from_given(connection, statement, rows).returning(key)))
    # Its driver returns nothing of many rows; but nobody else writes meanwhile, and ids rise.
    before = connection.scalar(select(func.coalesce(func.max(key), 0)))
    _execute_each(connection, statement.inline(), rows)
    return list(connection.scalars(select(key).where(key > before)))


def update_each(connection: Connection, table: Table, rows: Rows) -> None:
    """Change many rows, each by its `id`, to what stands beside it."""
    if not rows:
        return
    names = [name for name in rows[0] if name != "id"]
    if connection.dialect.name == "postgresql":
        given = _given(connection, table, rows)
        connection.execute(
            update(table).where(table.c.id == given.c.id).values({name: given.c[name] for name in names})
        )
        return
    # A parameter may not be named as a column that it changes.
    changed = (
        update(table).where(table.c.id == bindparam("_id")).values({name: bindparam(f"_{name}") for name in names})
    )
    _execute_each(connection, changed, [{f"_{name}": value for name, value in row.items()} for row in rows])


def _from_given(connection: Connection, statement: Insert, rows: Rows) -> Insert:
    given = select(_given(connection, statement.table, rows))
    return statement.from_select(list(rows[0]), given, include_defaults=False)


def _given(connection: Connection, table: TableClause, rows: Rows) -> TableValuedAlias:
    """Return rows as a table, for PostgreSQL: one parameter, which it takes apart itself."""
    columns = [column(name, table.c[name].type) for name in rows[0]]
    encrypt = {name: found for name in rows[0] if (found := encrypter(table.c[name], connection.dialect))}
    safe = [{**row, **{name: one(row[name]) for name, one in encrypt.items()}} for row in rows] if encrypt else rows
    document = cast(literal(json.dumps(safe, default=_written), Text()), JSON)
    return func.json_to_recordset(document).table_valued(*columns).render_derived(with_types=True)


def _written(value: date) -> str:
    if isinstance(value, datetime) and value.tzinfo is None:
        raise ValueError("a time without a zone cannot be kept in the ledger")
    return value.isoformat()


def _execute_each(connection: Connection, statement: Insert | Update, rows: Rows) -> None:
    compiled = statement.compile(dialect=connection.dialect, column_keys=list(rows[0]))
    names = compiled.positiontup
    assert names is not None, "SQLite's parameters stand in order"
    in_order = zip(*(_prepared(compiled, name, rows) for name in names), strict=True)
    connection.exec_driver_sql(compiled.string, list(in_order))


def _prepared(compiled: SQLCompiler, name: str, rows: Rows) -> list[Any]:
    """Return a parameter of every row as the driver takes it."""
    constant = compiled.params[name]
    values = [row[name] for row in rows] if name in rows[0] else [constant] * len(rows)
    convert = compiled.binds[name].type.dialect_impl(compiled.dialect).bind_processor(compiled.dialect)
    # Remembered for this call: the same days and moments stand in most rows.
    return list(map(lru_cache(maxsize=None, typed=True)(convert), values)) if convert else values
