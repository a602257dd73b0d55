"""
Bring a ledger's database to the tables this program knows; and back by one step, farther back leads a backup.

Alembic keeps its own `alembic_version` in the ledger's database, so it must not be Airflow's database. A new migration
is a file in `migrations/versions`; a test fails where the tables in `tables.py` and the migrations differ.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, text

from include.adapters.ledger.engine import Database, ledger_url, translated
from include.claims.errors import BadSetting

_MIGRATIONS = Path(__file__).parent / "migrations"
_LOCK = 20_837
"""Any number will do, if it is the same for everyone who migrates a PostgreSQL ledger."""


def migrate(url: str) -> str:
    """Create or upgrade the ledger's tables and return their revision; safe to call again, or twice at once."""
    _make_room(ledger_url(url))
    with _changing(url) as connection:
        command.upgrade(alembic_config(connection), "head")
    return revision_of(url)


def take_back(url: str) -> str:
    """Undo the newest migration, rows and all, and return the revision the tables are at then."""
    with _changing(url) as connection:
        config = alembic_config(connection)
        newest = MigrationContext.configure(connection).get_current_revision() or "none"
        script = ScriptDirectory.from_config(config).get_revision(newest) if newest != "none" else None
        if script is None or not hasattr(script.module, "downgrade"):
            raise BadSetting(f"ledger: revision {newest} has no way back; restore the backup that was taken before it")
        command.downgrade(config, "-1")
    return revision_of(url)


@contextmanager
def _changing(url: str) -> Iterator[Connection]:
    """Open the transaction in which the tables change; one at a time."""
    database = Database(url)
    # The translation is taken here, since DDL is not one of the ledger's short transactions.
    with (
        translated(database.url),
        database.engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        if connection.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _LOCK})
        yield connection


def revision_of(url: str) -> str:
    """Return the revision a ledger's tables are at; blank where there are none yet."""
    database = Database(url)
    if database.url.drivername == "sqlite" and not Path(database.url.database or "").exists():
        return ""
    with database.read() as connection:
        return MigrationContext.configure(connection).get_current_revision() or ""


def newest_revision() -> str:
    """Return the revision this program's tables are at."""
    config = Config()
    config.set_main_option("script_location", str(_MIGRATIONS).replace("%", "%%"))
    return ScriptDirectory.from_config(config).get_current_head() or ""


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
