"""The queries a page costs: bounded, however many clinics and claims there are."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from sqlalchemy import event

from include.adapters.ledger import Ledger


@contextmanager
def counted(ledger: Ledger) -> Iterator[list[str]]:
    """Gather the statements that are run within; where a transaction begins and ends is none."""
    found: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
        if statement.lstrip().upper().startswith(("SELECT", "WITH", "INSERT", "UPDATE")):
            found.append(statement)

    event.listen(ledger.database.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(ledger.database.engine, "before_cursor_execute", note)
