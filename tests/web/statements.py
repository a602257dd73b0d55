"""How many statements a page sends to the database."""

from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy import event

from include.adapters.ledger import Ledger


@contextmanager
def counted(ledger: Ledger) -> Iterator[list[str]]:
    """Return the statements that are sent meanwhile, reading and writing; what opens a connection is not counted."""
    sent: list[str] = []

    def note(*said: object) -> None:
        statement = str(said[2])
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE", "DELETE")):
            sent.append(statement)

    event.listen(ledger.database.engine, "before_cursor_execute", note)
    try:
        yield sent
    finally:
        event.remove(ledger.database.engine, "before_cursor_execute", note)
