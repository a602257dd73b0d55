"""Ledgers to test against: a SQLite file and a database on a real PostgreSQL server, each fresh for every test."""

import itertools
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography.fernet import Fernet
from sqlalchemy import select, update

from include.adapters.ledger import Ledger, migrate
from include.adapters.ledger.tables import BATCH, TRANSMISSION
from tests.machine import lacking, seconds_of

PAYLOAD_KEY = Fernet.generate_key().decode()
"""What a test's ledger encrypts patients' data with."""

_TEMPLATE = "migrated"
_NUMBERS = itertools.count(1)
_PORT = 5432
_START_WITHIN_SECONDS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class PostgresServer:
    """A PostgreSQL server of this test session, on a socket in a folder of its own."""

    sockets: Path
    pid: int
    port: int  # names the socket; where the server was asked to listen, machines reach it there

    def url(self, name: str) -> str:
        """Return the address of a database of this server."""
        return f"postgresql://courier@/{name}?host={self.sockets}&port={self.port}"

    @property
    def address(self) -> str:
        """Where another machine finds it."""
        return f"courier@127.0.0.1:{self.port}"

    def run(self, statement: str) -> None:
        """Run a statement that cannot stand in a transaction."""
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def ask(self, query: str, name: str = "postgres") -> list[tuple[Any, ...]]:
        """Return what a database of this server answers."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            return connection.execute(query.encode()).fetchall()

    @property
    def log(self) -> Path:
        """Where the server writes what it has to tell."""
        return self.sockets / "log"

    def seconds(self) -> float:
        """Return the CPU time that the server and its sessions have used, as Linux counts it."""
        server = Path(f"/proc/{self.pid}")
        living = (server / "task" / str(self.pid) / "children").read_text().split()
        # The server counts its sessions that have ended; those that live count for themselves.
        return seconds_of(self.pid) + sum(seconds_of(int(child), with_ended=False) for child in living)


def a_ledger(url: str) -> Ledger:
    """Return a ledger with the tests' key to the patients in it."""
    return Ledger(url, [PAYLOAD_KEY])


def let_a_day_pass(ledger: Ledger, batch_id: int) -> None:
    """Let a batch and its attempts be 25 hours older, so that whatever was to be waited for is over."""
    of_batch = ((BATCH.c.created_at, BATCH.c.id), (TRANSMISSION.c.begun_at, TRANSMISSION.c.batch_id))
    with ledger.database.write() as connection:
        for moment, key in of_batch:
            rows = select(moment.table.c.id, moment).where(key == batch_id)
            for row_id, at in connection.execute(rows).all():
                older = {moment.name: at - timedelta(hours=25)}
                connection.execute(update(moment.table).where(moment.table.c.id == row_id).values(older))


def find_postgresql() -> Path | None:
    """Return the folder of the newest PostgreSQL's programs, or None."""
    folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
    on_path = shutil.which("initdb")
    return folders[-1] if folders else Path(on_path).parent if on_path else None


def need_postgresql() -> Path:
    """Return the folder of PostgreSQL's programs; skip aloud where there is none, fail on CI."""
    programs = find_postgresql()
    if programs is None:
        lacking("no PostgreSQL server on this machine (looked in /usr/lib/postgresql and on the path)")
    return programs


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[PostgresServer]:
    """Start PostgreSQL in a temporary folder; skip aloud where there is none, fail on CI."""
    need_postgresql()
    with a_postgres_server() as server:
        server.run(f"CREATE DATABASE {_TEMPLATE}")
        migrate(server.url(_TEMPLATE))
        yield server


@contextmanager
def a_postgres_server(port: int | None = None) -> Iterator[PostgresServer]:
    """Start PostgreSQL in a temporary folder, on a port too where one is named; raise where this machine has none."""
    programs = find_postgresql()
    if programs is None:
        raise FileNotFoundError("no PostgreSQL server on this machine")
    # Not pytest's own folder: the server runs as another user, who may not enter it.
    with tempfile.TemporaryDirectory(prefix="courier-postgres-", ignore_cleanup_errors=True) as folder:
        yield from _serve(programs, Path(folder), port)


def make_cluster(programs: Path, home: Path) -> tuple[Path, str | None]:
    """Make the files of a server in a folder; return where they are, and the user who may serve them."""
    # PostgreSQL refuses to run as root.
    user = "postgres" if os.geteuid() == 0 else None
    if user:
        shutil.chown(home, user)
    home.chmod(0o755)
    data = home / "data"
    options = ("-U", "courier", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync")
    initdb = [str(programs / "initdb"), "-D", str(data), *options]
    subprocess.run(initdb, check=True, stdout=subprocess.DEVNULL, user=user, cwd=home)
    return data, user


def _serve(programs: Path, home: Path, port: int | None) -> Iterator[PostgresServer]:
    data, user = make_cluster(programs, home)
    settings = {
        "listen_addresses": "127.0.0.1" if port else "",
        "port": str(port or _PORT),
        "unix_socket_directories": str(home),
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "shared_buffers": "32MB",
        "log_min_messages": "fatal",
    }
    options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
    with (home / "log").open("w") as log:
        process = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data), *options], stderr=log, user=user, cwd=home
        )
        try:
            server = PostgresServer(sockets=home, pid=process.pid, port=port or _PORT)
            _wait_for(server, process)
            yield server
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(server: PostgresServer, process: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + _START_WITHIN_SECONDS
    while True:
        try:
            server.run("SELECT 1")
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise
            time.sleep(0.05)
        else:
            return


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a migrated SQLite ledger to copy."""
    path = tmp_path_factory.mktemp("ledger") / "template.db"
    migrate(f"sqlite:///{path}")
    return path


@pytest.fixture
def sqlite_url(sqlite_template: Path, tmp_path: Path) -> str:
    """Return the address of a fresh SQLite ledger."""
    path = tmp_path / "ledger.db"
    shutil.copy(sqlite_template, path)
    return f"sqlite:///{path}"


@pytest.fixture
def postgres_url(postgres_server: PostgresServer) -> Iterator[str]:
    """Return the address of a fresh PostgreSQL ledger."""
    name = f"ledger_{next(_NUMBERS)}"
    postgres_server.run(f"CREATE DATABASE {name} TEMPLATE {_TEMPLATE} STRATEGY file_copy")
    yield postgres_server.url(name)
    postgres_server.run(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def ledger_url(request: pytest.FixtureRequest) -> str:
    """Return the address of a fresh ledger, once on SQLite and once on PostgreSQL."""
    return str(request.getfixturevalue(f"{request.param}_url"))
