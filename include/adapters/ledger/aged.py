"""How a query knows a file whose bytes were let go; apart from their going, for whoever reads files asks it."""

from typing import Any

from sqlalchemy import ColumnElement, and_, exists

from include.adapters.ledger.tables import PAYLOAD, PAYLOAD_AGED


def is_aged(sha256: ColumnElement[Any]) -> ColumnElement[bool]:
    """Return the condition that these bytes were let go, and have not come again."""
    is_here = exists().where(PAYLOAD.c.sha256 == sha256)
    return and_(exists().where(PAYLOAD_AGED.c.sha256 == sha256), ~is_here)
