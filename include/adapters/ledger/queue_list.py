"""
A queue as a query: counted, and read a page at a time by the database.

A page begins after the last row of the one before, so the tenth costs what the first does, and a row that comes or
goes meanwhile moves no other.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, func, or_, select

from include.adapters.ledger.columns import to_dollars
from include.delivery.file_hops import Hop
from include.delivery.queues import Sort, Waiting

Places = Sequence[tuple[str, ...]]
"""Of each row, where a next page would begin."""

Read = Callable[[Connection, Sequence[Any], Places], list[Waiting]]
"""Rows as what they stand for, in a bounded number of further queries."""


@dataclass(frozen=True, slots=True)
class By:
    """One thing a list is ordered by, and how its value is read back out of an address."""

    column: ColumnElement[Any]
    is_down: bool = False
    read: Callable[[str], Any] = int

    def beyond(self, value: Any) -> ColumnElement[bool]:
        """Return the condition that a row stands after this value."""
        beyond: ColumnElement[bool] = self.column < value if self.is_down else self.column > value
        return beyond

    @property
    def order(self) -> ColumnElement[Any]:
        """Return the column as a query is ordered by it."""
        return self.column.desc() if self.is_down else self.column.asc()


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueList:
    """A queue as a query."""

    rows: Select[Any]
    cents: ColumnElement[Any]
    orders: Mapping[Sort, tuple[By, ...]]
    read: Read

    def total(self, connection: Connection) -> Hop:
        """Count it."""
        inner = self.rows.with_only_columns(self.cents.label("cents")).subquery()
        count, cents = connection.execute(select(func.count(), func.coalesce(func.sum(inner.c.cents), 0))).one()
        return Hop(int(count), to_dollars(int(cents)))

    def page(self, connection: Connection, sort: Sort, after: tuple[str, ...], limit: int) -> list[Waiting]:
        """Return the rows after a place; raise ValueError where that is no place of this order."""
        order = self.orders.get(sort) or self.orders[Sort.DOLLARS]
        names = [f"place_{number}" for number in range(len(order))]
        query = self.rows.add_columns(*(by.column.label(name) for by, name in zip(order, names, strict=True)))
        if after:
            query = query.where(_beyond(order, after))
        rows = connection.execute(query.order_by(*(by.order for by in order)).limit(limit)).all()
        return self.read(connection, rows, [tuple(str(getattr(row, name)) for name in names) for row in rows])


def _beyond(order: Sequence[By], after: Sequence[str]) -> ColumnElement[bool]:
    values = [by.read(text) for by, text in zip(order, after, strict=True)]
    steps = []
    for number, (by, value) in enumerate(zip(order, values, strict=True)):
        alike = [one.column == known for one, known in zip(order[:number], values[:number], strict=True)]
        steps.append(and_(*alike, by.beyond(value)))
    return or_(*steps)
