"""
Bring a ledger's database to the tables this program knows; forward only, because what was sent stays sent.

Alembic keeps its own `alembic_version` in the ledger's database, so it must not be Airflow's database. A new migration
is a file in `migrations/versions`; a test fails where the tables in `tables.py` and the migrations differ.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, text

from include.adapters.ledger.engine import Database, translated

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 20_837
"""Any number will do, if it is the same for everyone who migrates a PostgreSQL ledger."""


def migrate(url: str) -> str:
    """Create or upgrade the ledger's tables and return their revision; safe to call again, or twice at once."""
    database = Database(url)
    _make_room(database.url)
    # The translation is taken here, since DDL is not one of the ledger's short transactions.
    with translated(database.url), database.engine.connect().execution_options(writes=True) as connection:
        with connection.begin():
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
            command.upgrade(alembic_config(connection), "head")
        with connection.begin():
            return str(connection.scalar(text("SELECT version_num FROM alembic_version")))


def alembic_config(connection: Connection) -> Config:
    """Return Alembic's settings for an open connection; there is no ini file to forget."""
    # Alembic's own messages go to logging; it must not reconfigure it.
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    config.attributes["connection"] = connection
    return config


def _make_room(url: URL) -> None:
    """Create a SQLite ledger's file for its owner alone: it holds patients' data."""
    if url.drivername != "sqlite" or not url.database:
        return
    path = Path(url.database)
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
