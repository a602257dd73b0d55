"""
A SQLite ledger's backup and its way back; PostgreSQL's own programs do that for a ledger that lies there.

A backup is one file, taken while the ledger is in use, and never written over another. Bringing one back never destroys
what stands in its place: that is moved aside whole, with the log SQLite keeps beside it, which must not meet another
database's file.
"""

import os
import shutil
import sqlite3
from contextlib import closing
from datetime import datetime
from pathlib import Path
from typing import Final

from include.adapters.ledger.engine import Database, ledger_url, translated
from include.claims.errors import BadSetting

_BESIDE: Final = ("", "-wal", "-shm")
"""A SQLite database is these files."""

_POSTGRESQL: Final = (
    "is on PostgreSQL, whose own programs do this (pg_dump, pg_restore): docs/runbook.md, restore a backup"
)


def back_up(url: str, to: Path) -> int:
    """Write the ledger as it is now into a new file and return the file's size; the ledger may be in use."""
    database = Database(url)
    _file_of(url)
    try:
        # For its owner alone from the first byte on: it holds patients' data.
        os.close(os.open(to, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise BadSetting(f"backup {to}: {error.strerror}; name a new file in a folder that is there") from None
    autocommit = database.engine.connect().execution_options(isolation_level="AUTOCOMMIT")
    with translated(database.url), autocommit as connection:
        # Not inside a transaction: SQLite takes its own, which sees the ledger at one moment.
        connection.connection.dbapi_connection.execute("VACUUM INTO ?", [str(to)])  # type: ignore[union-attr]
    return to.stat().st_size


def backup_place(url: str, why: str, now: datetime) -> Path | None:
    """Return where beside a SQLite ledger a backup goes that the program takes by itself; None for PostgreSQL."""
    parsed = ledger_url(url)
    return Path(f"{parsed.database}.{why}-{now:%Y%m%dT%H%M%S}") if parsed.drivername == "sqlite" else None


def bring_back(url: str, backup: Path, now: datetime) -> Path | None:
    """Put a backup in the ledger's place and return where the ledger that stood there is now, if one did."""
    place = _file_of(url)
    _check(backup)
    aside = Path(f"{place}.replaced-{now:%Y%m%dT%H%M%S}")
    was_there = place.exists()
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    arriving = Path(f"{place}.arriving")
    shutil.copyfile(backup, arriving)
    arriving.chmod(0o600)
    for ending in _BESIDE:
        if Path(f"{place}{ending}").exists():
            Path(f"{place}{ending}").rename(f"{aside}{ending}")
    arriving.rename(place)
    return aside if was_there else None


def _file_of(url: str) -> Path:
    parsed = ledger_url(url)
    if parsed.drivername != "sqlite" or not parsed.database:
        raise BadSetting(f"the ledger {_POSTGRESQL}")
    return Path(parsed.database)


def _check(backup: Path) -> None:
    """Raise BadSetting where a file is no whole ledger."""
    if not backup.is_file():
        raise BadSetting(f"backup {backup}: there is no such file")
    try:
        with closing(sqlite3.connect(f"file:{backup}?mode=ro", uri=True)) as connection:
            whole = connection.execute("PRAGMA quick_check").fetchone()
            connection.execute("SELECT instance_id FROM ledger").fetchone()
    except sqlite3.DatabaseError as error:
        raise BadSetting(f"backup {backup}: it is no ledger ({error})") from None
    if whole != ("ok",):
        raise BadSetting(f"backup {backup}: SQLite finds it damaged; take an older one")
