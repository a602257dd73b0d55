"""
Where stored files lie, in the database or outside as objects, and whether the two agree.

An object that no row names is harmless: somebody was killed between the object and its row, or a restored ledger has
forgotten it. A row whose object is gone is a loss, and only the store's versions or a copy bring it back.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import func, select

from include.adapters.ledger.engine import Database
from include.adapters.ledger.tables import PAYLOAD
from include.adapters.objects import Objects

IS_OUTSIDE: Final = PAYLOAD.c.content.is_(None)
"""Whether a row's bytes lie outside, as an object of its name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Lying:
    """How many stored files lie where."""

    inside: int
    inside_bytes: int
    outside: int
    lost: tuple[str, ...] = ()  # a row says that they lie outside, and they do not
    unnamed: tuple[str, ...] = ()  # objects that no row names


def look(database: Database, objects: Objects | None) -> Lying:
    """Compare rows with objects; where no place outside is known, count the rows."""
    # Listed first: what is stored meanwhile is then in a row that has its object.
    listed = set(objects.names()) if objects else set[str]()
    with database.read() as connection:
        inside = select(func.count(), func.coalesce(func.sum(func.length(PAYLOAD.c.content)), 0)).where(~IS_OUTSIDE)
        files, size = connection.execute(inside).one()
        named = set(connection.scalars(select(PAYLOAD.c.sha256).where(IS_OUTSIDE)))
    if objects is None:
        return Lying(inside=files, inside_bytes=size, outside=len(named))
    lost = sorted(name for name in named - listed if objects.changed_at(name) is None)
    return Lying(
        inside=files,
        inside_bytes=size,
        outside=len(named),
        lost=tuple(lost),
        unnamed=tuple(sorted(listed - named)),
    )


def sweep(database: Database, objects: Objects, before: datetime, told: Callable[[int], None] = lambda _: None) -> int:
    """Delete the objects that no row names and that were written before then; return how many."""
    swept = 0
    for number, name in enumerate(look(database, objects).unnamed, start=1):
        at = objects.changed_at(name)
        # In this order: who stores the same bytes writes their object anew before their row.
        if at is not None and at < before and not is_outside(database, name):
            objects.delete(name)
            swept += 1
        told(number)
    return swept


def is_outside(database: Database, name: str) -> bool:
    """Tell whether a row says of a payload that it lies outside."""
    with database.read() as connection:
        query = select(PAYLOAD.c.sha256).where(PAYLOAD.c.sha256 == name, IS_OUTSIDE)
        return connection.scalar(query) is not None
