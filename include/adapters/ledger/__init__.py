"""The claims ledger on SQLAlchemy: SQLite out of the box, PostgreSQL when it grows."""

from include.adapters.ledger.ledger import Ledger
from include.adapters.ledger.migration import migrate

__all__ = ["Ledger", "migrate"]
