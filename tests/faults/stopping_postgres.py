"""A PostgreSQL that can be stopped without a word to anybody, as a machine that loses power stops it."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests.databases import make_cluster


@dataclass(frozen=True, slots=True, kw_only=True)
class StoppingPostgres:
    """A server as it comes: what it called committed it has written, unlike the quick one of the other tests."""

    programs: Path
    home: Path
    data: Path
    user: str | None

    def url(self, name: str) -> str:
        """Return the address of a database."""
        return f"postgresql://courier@/{name}?host={self.home}"

    def start(self) -> None:
        """Start it, and wait until it has read its journal."""
        settings = f"-c listen_addresses='' -c unix_socket_directories={self.home} -c shared_buffers=32MB"
        self._control("-l", str(self.home / "log"), "-o", settings, "-w", "start")

    def stop_at_once(self) -> None:
        """Stop it: nothing is finished, nobody is told, and the next start reads the journal."""
        self._control("-m", "immediate", "stop")

    def copy(self, source: str, target: str) -> None:
        """Make a database anew as the copy of another."""
        with psycopg.connect(host=str(self.home), user="courier", dbname="postgres", autocommit=True) as connection:
            connection.execute(f"DROP DATABASE IF EXISTS {target} WITH (FORCE)".encode())
            connection.execute(f"CREATE DATABASE {target} TEMPLATE {source} STRATEGY file_copy".encode())

    def _control(self, *words: str) -> None:
        command = [str(self.programs / "pg_ctl"), "-D", str(self.data), "-s", *words]
        subprocess.run(command, check=True, user=self.user, cwd=self.home, stdout=subprocess.DEVNULL, timeout=60)


@contextmanager
def a_stopping_postgres(programs: Path) -> Iterator[StoppingPostgres]:
    """Start one in a folder of its own; none of it is left afterwards."""
    home = Path(tempfile.mkdtemp(prefix="courier-stopping-"))
    try:
        data, user = make_cluster(programs, home)
        server = StoppingPostgres(programs=programs, home=home, data=data, user=user)
        server.start()
        yield server
        server.stop_at_once()
    finally:
        shutil.rmtree(home, ignore_errors=True)
