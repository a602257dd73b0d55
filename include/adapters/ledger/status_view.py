"""The view `claim_status_feed` as the program reads it; `include.delivery.status_feed` says what it holds."""

from dataclasses import fields
from decimal import Decimal
from typing import Any, Final

from sqlalchemy import Boolean, column, table
from sqlalchemy.types import TypeEngine

from include.adapters.ledger.columns import Instant
from include.claims.model import Frequency
from include.claims.states import Adjudication, Delivery, FrontEnd, Work
from include.delivery.records import StatusRow
from include.delivery.status_feed import STATUS_COLUMNS, VIEW

# Instants and truth are read by their type, since SQLite keeps them as text and number.
_TYPES: Final[dict[str, TypeEngine[Any]]] = {"timestamp with time zone": Instant(), "boolean": Boolean()}
FEED: Final = table(VIEW, *(column(one.name, _TYPES.get(one.type)) for one in STATUS_COLUMNS))

_READ: Final[dict[str, Any]] = {
    "frequency": Frequency,
    "charge": Decimal,
    "paid": Decimal,
    "patient": Decimal,
    "delivery": Delivery,
    "front_end": FrontEnd,
    "adjudication": Adjudication,
    "work": Work,
    "file_name": lambda name: name or "",
}
_NAMES: Final = tuple(one.name for one in fields(StatusRow))


def status_row(row: Any) -> StatusRow:
    """Return a row of the view as the record the use cases know."""
    return StatusRow(**{name: _READ.get(name, _as_it_is)(getattr(row, name)) for name in _NAMES})


def _as_it_is(value: Any) -> Any:
    return value
