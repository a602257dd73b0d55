"""
The optional views beside `pending_claim_lines`, asked for some claims at a time.

A night reads its claims as a stream; the rows beside them come by the hundred claims, so memory stays flat.
"""

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, Protocol, TypeVar

from sqlalchemy import ColumnClause, Select, column, inspect, select, table
from sqlalchemy import Connection as SqlConnection

from include.delivery.claim_beside import BesideRows, Placed
from include.delivery.claim_source import NO_ROWS
from include.delivery.side_columns import SIDE_VIEWS

CLAIMS_AT_ONCE = 500

T = TypeVar("T")
_key: ColumnClause[Any] = column("source_claim_key")


class RowsBeside(Protocol):
    """The optional views of a source, by claim."""

    @property
    def columns(self) -> Mapping[str, Sequence[str]]:
        """The columns of each view that is there."""

    def rows_of(self, keys: Sequence[str]) -> Mapping[str, BesideRows]:
        """Return the rows of each of these claims that has any."""

    def orphans(self, known: Container[str]) -> Iterator[tuple[str, str, str]]:
        """Yield view, place and claim key of each row whose claim the source has not; `known` are those it has."""


def with_beside(groups: Iterator[tuple[str, list[T]]], beside: RowsBeside) -> Iterator[tuple[str, list[T], BesideRows]]:
    """Yield claims with the rows that stand beside them; where there is no such view nothing is asked or kept."""
    if not beside.columns:
        yield from ((key, rows, NO_ROWS) for key, rows in groups)
        return
    while chunk := list(islice(groups, CLAIMS_AT_ONCE)):
        found = beside.rows_of([key for key, _ in chunk])
        yield from ((key, rows, found.get(key, NO_ROWS)) for key, rows in chunk)


class SqlBeside:
    """Views of a database, read through the connection that streams the claims."""

    def __init__(self, connection: SqlConnection) -> None:
        """Look which of the views are there."""
        found = inspect(connection)
        self._connection = connection
        self.columns: Mapping[str, Sequence[str]] = {
            view: [one["name"] for one in found.get_columns(view)] for view in SIDE_VIEWS if found.has_table(view)
        }

    def rows_of(self, keys: Sequence[str]) -> Mapping[str, BesideRows]:
        """Return the rows of each of these claims that has any."""
        found: dict[str, dict[str, list[Placed]]] = defaultdict(dict)
        for view, names in self.columns.items():
            at = [name.lower() for name in names].index(_key.name)
            for row in self._connection.execute(_everything(view, names).where(_key.in_(keys))):
                found[str(row[at])].setdefault(view, []).append(("", tuple(row)))
        return found

    def orphans(self, known: Container[str]) -> Iterator[tuple[str, str, str]]:
        """Yield view, place and claim key of each row whose claim the source has not."""
        for view in self.columns:
            query = select(_key).select_from(table(view)).distinct().order_by(_key)
            yield from ((view, "", str(key)) for (key,) in self._connection.execute(query) if str(key) not in known)


def _everything(view: str, names: Sequence[str]) -> Select[Any]:
    return select(*(column(name) for name in names)).select_from(table(view))
