"""
The practice's pending claims from its database, streamed through a cursor on the server.

Any database SQLAlchemy reaches will do; it gives rows of the contract `pending_claim_lines`. The window is cut twice:
coarsely in SQL, by whole days and never too tight, then exactly here on the moments as read. So text with any offset,
`T` or blank between date and time, and fractions of seconds all compare right: no row is missed for how it is written.
"""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import (
    URL,
    ColumnClause,
    ColumnElement,
    DateTime,
    Engine,
    Select,
    and_,
    column,
    event,
    inspect,
    literal_column,
    or_,
    select,
    table,
)
from sqlalchemy import Connection as SqlConnection
from sqlalchemy.exc import DBAPIError, InterfaceError, NoSuchModuleError, OperationalError
from sqlalchemy.types import TypeEngine

from include.adapters.practice_beside import SqlBeside, with_beside
from include.adapters.practice_files import CsvClaimSource, Sheet, moment_of
from include.adapters.settings import Connection, database_url, parse_url
from include.adapters.silent_engine import silent_engine
from include.claims.errors import BadSetting, ClaimsError, SourceUnreachable
from include.claims.model import SourceClaim
from include.delivery.claim_cells import CellRefused, reader_of
from include.delivery.claim_columns import BY_NAME, VIEW
from include.delivery.claim_source import ClaimRows, check_columns
from include.delivery.clinic_table import BillingIdentity
from include.delivery.side_columns import SIDE_VIEWS

_ROWS_AT_ONCE = 1000
_KEYS_AT_ONCE = 500
_PATIENCE = 10
"""Seconds to wait for a PostgreSQL server, where the connection does not say otherwise."""

_A_DAY = timedelta(days=1)
_SQLITE_PASSING = {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN}
_key: ColumnClause[Any] = column("source_claim_key")
_clinic: ColumnClause[Any] = column("clinic_key")
_ready_at: ColumnClause[Any] = column("ready_at")
_cancelled: ColumnClause[Any] = column("cancelled")
_read_flag = reader_of(BY_NAME["cancelled"])


class SqlClaimSource:
    """The view `pending_claim_lines` of a practice database, read through a cursor on the server."""

    def __init__(self, url: URL | str, name: str) -> None:
        """Take where the database is and the source's name; nothing is opened yet."""
        self.name = name
        self._url = parse_url(url) if isinstance(url, str) else url

    def pending(
        self, clinic_key: str, identities: Sequence[BillingIdentity], since: datetime, until: datetime
    ) -> Iterator[SourceClaim]:
        """Stream the clinic's pending claims with since <= ready_at < until, ordered by claim."""
        with self._connect() as connection:
            ready_at = self._ready_at(connection)
            condition = or_(and_(ready_at.since(since), ready_at.before(until)), ready_at.is_unreadable())
            for claim, moment in self._claims(connection, identities, _clinic == clinic_key, condition):
                if moment is None or since <= moment < until:
                    yield claim

    def by_key(
        self, clinic_key: str, identities: Sequence[BillingIdentity], keys: Sequence[str]
    ) -> Iterator[SourceClaim]:
        """Look up single claims again; what is missing is no longer pending."""
        with self._connect() as connection:
            self._ready_at(connection)
            for start in range(0, len(keys), _KEYS_AT_ONCE):
                some = _key.in_(list(keys[start : start + _KEYS_AT_ONCE]))
                for claim, _ in self._claims(connection, identities, _clinic == clinic_key, some):
                    yield claim

    def older(self, clinic_key: str, since: datetime) -> int:
        """Count the claims still pending from before `since`."""
        with self._connect() as connection:
            conditions = (_clinic == clinic_key, self._ready_at(connection).before(since))
            query = select(_key, _ready_at, _cancelled).select_from(table(VIEW)).where(*conditions)
            rows = connection.execute(query.distinct().order_by(_key))
            return sum(
                any(
                    (moment := moment_of(row, 1)) is not None and moment < since and not _is_cancelled(row[2])
                    for row in group
                )
                for _, group in groupby(rows, key=itemgetter(0))
            )

    def sheets(self, limit: int) -> Iterator[Sheet]:
        """Yield the view as it stands, unchecked: at most so many rows, by claim key."""
        with self._connect() as connection:
            columns = [found["name"] for found in inspect(connection).get_columns(VIEW)]
            is_ordered = any(name.lower() == _key.name for name in columns)
            rows = connection.execute(_everything().limit(limit)) if is_ordered else ()
            yield Sheet(name=VIEW, columns=columns, rows=(("", row) for row in rows), beside=SqlBeside(connection))

    def _claims(
        self, connection: SqlConnection, identities: Sequence[BillingIdentity], *conditions: ColumnElement[bool]
    ) -> Iterator[tuple[SourceClaim, datetime | None]]:
        found = connection.execute(_everything().where(*conditions))
        names = list(found.keys())
        beside = SqlBeside(connection)
        reader = ClaimRows(self.name, names, identities, beside.columns)
        at = [name.lower() for name in names].index("ready_at")
        # Plain tuples: their cells are read several times, and SQLAlchemy's rows are slower to read.
        groups = ((key, list(group)) for key, group in groupby(map(tuple, found), key=reader.key_of))
        for _, rows, more in with_beside(groups, beside):
            yield reader.assemble(rows, beside=more), moment_of(rows[0], at)

    def _ready_at(self, connection: SqlConnection) -> "_ReadyAt":
        """Check the view's columns, before a query fails on one without saying so, and return how to ask for a time."""
        columns = {found["name"].lower(): found["type"] for found in inspect(connection).get_columns(VIEW)}
        check_columns(self.name, list(columns))
        return _ReadyAt(connection.dialect.name, columns["ready_at"])

    @contextmanager
    def _connect(self) -> Iterator[SqlConnection]:
        try:
            with self._engine().connect() as raw:
                connection = raw.execution_options(postgresql_readonly=True)
                if not inspect(connection).has_table(VIEW):
                    raise BadSetting(
                        f"source {self.name}: no view {VIEW} there; docs/claim-source.md says how to write it"
                    )
                yield connection.execution_options(stream_results=True, yield_per=_ROWS_AT_ONCE)
        except DBAPIError as error:
            raise self._translated(error) from (error if error.statement is None else None)

    def _translated(self, error: DBAPIError) -> ClaimsError:
        """Return our own error; once a query runs the database's words may quote a cell, so they go no further."""
        what = f"source {self.name}: the database did not answer {_code(error)}"
        if error.statement is None:
            words = str(error.orig).partition("\n")[0]
            is_refusal = any(
                sign in words for sign in ("authentication failed", "does not exist", "no pg_hba.conf entry")
            )
            kind = BadSetting if is_refusal else SourceUnreachable
            return kind(f"{what}: {words}; check the connection")
        if _is_passing(error):
            return SourceUnreachable(what)
        view = next((name for name in SIDE_VIEWS if name in error.statement), VIEW)
        return BadSetting(
            f"source {self.name}, {view}: the database cannot run the view {_code(error)};"
            " read all of the view there, by hand, to see why"
        )

    def _engine(self) -> Engine:
        url, options = self._url, {}
        if url.get_backend_name() == "sqlite":
            if not Path(url.database or "").is_file():
                raise BadSetting(f"source {self.name}: there is no file {url.database}")
            # Opened for reading only: SQLite would else create what is missing, and hold up the practice's writers.
            url = url.set(database=f"file:{quote(url.database or '')}").update_query_dict({"mode": "ro", "uri": "true"})
        elif url.get_backend_name() == "postgresql" and "connect_timeout" not in url.query:
            options = {"connect_timeout": _PATIENCE}
        try:
            engine = silent_engine(url, **options)
        except (NoSuchModuleError, ImportError) as error:
            raise BadSetting(f"source {self.name}: the database driver {url.drivername} is not installed") from error
        if url.get_backend_name() == "sqlite":
            event.listen(engine, "connect", _keep_what_is_no_text)
        return engine


def _keep_what_is_no_text(connection: sqlite3.Connection, _record: object) -> None:
    # SQLite stores any bytes as text: one cell that is not UTF-8 holds its claim and does not end the query.
    connection.text_factory = partial(str, encoding="utf-8", errors="surrogateescape")


class _ReadyAt:
    """Conditions on `ready_at` that never lose a row, whether the database keeps moments or their text."""

    def __init__(self, dialect: str, kind: TypeEngine[Any]) -> None:
        # SQLite keeps what it is given, whatever the column is declared as.
        self._is_text = dialect == "sqlite" or not isinstance(kind, DateTime)
        self._margin = timedelta(0) if isinstance(kind, DateTime) and kind.timezone else _A_DAY

    def before(self, until: datetime) -> ColumnElement[bool]:
        if self._is_text:
            # The local date in a text is at most a day away from that of UTC.
            return _ready_at < (until.astimezone(UTC) + 2 * _A_DAY).date().isoformat()
        return _ready_at < until + self._margin

    def since(self, since: datetime) -> ColumnElement[bool]:
        if self._is_text:
            return _ready_at >= (since.astimezone(UTC) - _A_DAY).date().isoformat()
        return _ready_at >= since - self._margin

    def is_unreadable(self) -> ColumnElement[bool]:
        return or_(_ready_at.is_(None), _ready_at.not_like("____-__-__%")) if self._is_text else _ready_at.is_(None)


def _everything() -> Select[Any]:
    return select(literal_column("*")).select_from(table(VIEW)).order_by(_key)


def _is_cancelled(value: object) -> bool:
    try:
        return bool(_read_flag(value))
    except CellRefused:
        return False


def _is_passing(error: DBAPIError) -> bool:
    """Tell a database that is away or busy from one that cannot do what is asked."""
    if error.connection_invalidated:
        return True
    original = error.orig
    if isinstance(original, sqlite3.Error):
        return getattr(original, "sqlite_errorcode", 0) & 0xFF in _SQLITE_PASSING
    return isinstance(error, (OperationalError, InterfaceError))


def _code(error: DBAPIError) -> str:
    original = error.orig
    code = getattr(original, "sqlstate", None) or getattr(original, "sqlite_errorname", None)
    return f"({type(original).__name__}{f', {code}' if code else ''})"


def open_source(connection: Connection) -> SqlClaimSource | CsvClaimSource:
    """
    Return the source an Airflow connection names: a folder of CSV files (type `fs`) or a database.

    The source's name is a part of every patient control number, so it must outlive a renamed connection: it is the
    extra's `source` where there is one, else the connection's id.
    """
    name = str(connection.extra.get("source") or connection.id)
    if connection.type != "fs":
        return SqlClaimSource(database_url(connection), name)
    path = connection.extra.get("path") or connection.host
    if not path:
        raise BadSetting(f'connection {connection.id}: a folder needs its path in the extra: {{"path": "/drop"}}')
    return CsvClaimSource(Path(path), name)
