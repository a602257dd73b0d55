"""
The one way to the ledger's database: short transactions, and every database error in the house's own words.

SQLite runs in WAL mode with `BEGIN IMMEDIATE` for writers, so that a transaction that will write never loses a race in
its middle; PostgreSQL takes row locks. Nothing is kept open between two calls, because a task may wait for an hour.
"""

import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cached_property
from typing import Any

from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, InterfaceError, OperationalError, StatementError

from include.adapters.keyring import Keyring
from include.adapters.ledger.audit import link
from include.adapters.ledger.changes import number_changes
from include.adapters.ledger.encrypted import hold_keys
from include.adapters.silent_engine import silent_engine
from include.claims.errors import BadSetting, ClaimsError, LedgerUnreachable

_PATIENCE_SECONDS = 30
"""How long a statement waits for another's lock before the task tries again later."""

_TRIES_TO_SWITCH = 50
"""A tenth of a second apart."""

_SCHEMA_IS_OLD = ("no such table", "no such column", "has no column named")
_UNDEFINED = frozenset({"42P01", "42703"})  # PostgreSQL: undefined_table, undefined_column


class Database:
    """The ledger's database; cheap to make, connects when first asked, safe to share between threads."""

    def __init__(self, url: str, keyring: Keyring | None = None) -> None:
        self.url = ledger_url(url)
        self._keyring = keyring or Keyring()
        self._lock = threading.Lock()

    @cached_property
    def engine(self) -> Engine:
        """The engine, made when first needed: a process that only forks must not carry a connection along."""
        engine = silent_engine(self.url, **_connect_args(self.url))
        hold_keys(engine.dialect, self._keyring)
        if engine.dialect.name == "sqlite":
            event.listen(engine, "connect", _prepare_sqlite)
            event.listen(engine, "begin", _begin_sqlite)
        else:
            event.listen(engine, "begin", _begin_postgresql)
        return engine

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """Open a short transaction that only reads."""
        with translated(self.url), self._engine().connect() as connection, connection.begin():
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """Open a short transaction that writes; it is committed whole or not at all."""
        writer = self._engine().execution_options(writes=True)
        with translated(self.url), writer.connect() as connection, connection.begin():
            yield connection
            link(connection)
            number_changes(connection)

    def _engine(self) -> Engine:
        with self._lock:
            return self.engine


def ledger_url(url: str) -> URL:
    """Return the address of a ledger; raise BadSetting where it is no SQLite file and no PostgreSQL database."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise BadSetting("the ledger's URL cannot be read; write sqlite:////path or postgresql://host/name") from None
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    if parsed.drivername != "sqlite":
        raise BadSetting(f"the ledger's URL: {parsed.drivername} is not supported; use sqlite or postgresql")
    if parsed.database in {None, "", ":memory:"}:
        raise BadSetting("the ledger's URL: a ledger in memory is forgotten; name a file: sqlite:////path")
    return parsed


@contextmanager
def translated(url: URL) -> Iterator[None]:
    """Turn a database error into one of ours: what a retry may cure, and what it may not."""
    try:
        with _unwrapped():
            yield
    except (OperationalError, InterfaceError) as error:
        _refuse_an_old_schema(error, url)
        raise LedgerUnreachable(f"ledger {_place(url)}: {_first_line(error)}; try again in a minute") from error
    except DBAPIError as error:
        _refuse_an_old_schema(error, url)
        if error.connection_invalidated:
            raise LedgerUnreachable(f"ledger {_place(url)}: the connection broke; try again in a minute") from error
        # A refused row stands in PostgreSQL's detail with all its values, so the original is not shown.
        name = getattr(getattr(error.orig, "diag", None), "constraint_name", None) or ""
        raise BadSetting(f"ledger {_place(url)}: a row was refused ({type(error).__name__} {name})".rstrip()) from None


@contextmanager
def _unwrapped() -> Iterator[None]:
    """Let an error of ours out that was raised while parameters were prepared: a key is missing."""
    try:
        yield
    except StatementError as error:
        if isinstance(error.orig, ClaimsError):
            raise error.orig from None
        raise


def _refuse_an_old_schema(error: DBAPIError, url: URL) -> None:
    state = getattr(error.orig, "sqlstate", None)
    if state in _UNDEFINED or any(sign in str(error.orig) for sign in _SCHEMA_IS_OLD):
        raise BadSetting(
            f"ledger {_place(url)}: its tables are missing or older than this program; run `./courier ledger migrate`"
        ) from error


def _place(url: URL) -> str:
    if url.drivername == "sqlite":
        return url.database or ""
    return f"{url.host or 'local socket'}:{url.port or 5432}/{url.database}"


def _first_line(error: DBAPIError) -> str:
    return (str(error.orig).splitlines() or [type(error).__name__])[0]


def _connect_args(url: URL) -> dict[str, Any]:
    if url.drivername == "sqlite":
        return {"timeout": _PATIENCE_SECONDS, "check_same_thread": False}
    # No prepared statements: behind a PgBouncer the next transaction meets those of another session.
    return {"connect_timeout": 10, "application_name": "claim-courier", "prepare_threshold": None}


def _prepare_sqlite(connection: Any, _record: object) -> None:
    # The driver must not begin transactions by itself: `BEGIN IMMEDIATE` is ours to say.
    connection.isolation_level = None
    cursor = connection.cursor()
    cursor.execute(f"PRAGMA busy_timeout = {_PATIENCE_SECONDS * 1000}")
    _switch_to_wal(cursor)
    # FULL, since a *begun* that a power cut forgets would be sent a second time.
    cursor.execute("PRAGMA synchronous = FULL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _switch_to_wal(cursor: Any) -> None:
    # SQLite answers "locked" at once, without its busy time, where two processes switch a new file at the same moment.
    for _ in range(_TRIES_TO_SWITCH):
        try:
            cursor.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError:
            time.sleep(0.1)
        else:
            return
    cursor.execute("PRAGMA journal_mode = WAL")


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get("writes", False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def _begin_postgresql(connection: Connection) -> None:
    # LOCAL, since behind a PgBouncer the session is another's as soon as the transaction ends.
    connection.exec_driver_sql(f"SET LOCAL lock_timeout = {_PATIENCE_SECONDS * 1000}")
