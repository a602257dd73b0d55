"""The ledger behind a real PgBouncer that gives every transaction another session: what a pool of its kind needs."""

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from include.adapters.ledger import migrate
from include.claims.states import Delivery, Event
from tests.contract.night import Night, an_answer, claims
from tests.databases import PostgresServer, a_ledger
from tests.machine import lacking

pytestmark = pytest.mark.postgres

_SETTINGS = """
[databases]
* = host={sockets} user=courier
[pgbouncer]
pool_mode = transaction
default_pool_size = 2
listen_addr =
unix_socket_dir = {home}
auth_type = any
logfile = {home}/log
"""


@pytest.fixture(scope="module")
def pool(postgres_server: PostgresServer) -> Iterator[Path]:
    """Start PgBouncer before the server; return the folder of its socket. Skip aloud without one, fail on CI."""
    program = shutil.which("pgbouncer") or shutil.which("/usr/sbin/pgbouncer")
    if program is None:
        lacking("no PgBouncer on this machine (make system-packages installs it on Debian)")
    with tempfile.TemporaryDirectory(prefix="courier-pool-") as folder:
        home, user = Path(folder), "postgres" if os.geteuid() == 0 else None  # it refuses to run as root
        (home / "pool.ini").write_text(_SETTINGS.format(sockets=postgres_server.sockets, home=home))
        home.chmod(0o755)
        if user:
            shutil.chown(home, user)
        process = subprocess.Popen([str(program), "-q", str(home / "pool.ini")], user=user, cwd=home)
        try:
            _wait_for(home / ".s.PGSQL.6432")
            yield home
        finally:
            process.terminate()
            process.wait(30)


def _wait_for(socket: Path) -> None:
    deadline = time.monotonic() + 30
    while not socket.exists():
        assert time.monotonic() < deadline, "PgBouncer does not listen"
        time.sleep(0.05)


@pytest.fixture
def pooled_url(pool, postgres_url) -> str:
    """Return the address of a fresh ledger by way of the pool."""
    name = postgres_url.partition("@/")[2].partition("?")[0]
    return f"postgresql://courier@/{name}?host={pool}&port=6432"


def test_a_night_goes_through_a_pool(pooled_url):
    """Migrated, staged, sealed, sent, answered and audited, over sessions that change with every transaction."""
    migrate(pooled_url)
    # Two programs whose transactions alternate in the same two sessions.
    first, second = Night(a_ledger(pooled_url)), Night(a_ledger(pooled_url))

    some, rounds = claims(24), 4
    for number in range(rounds):
        night = (first, second)[number % 2]
        batch = night.sent(*some[number::rounds], run_id=f"run-{number}")
        night.respond(batch, [an_answer(one, Event.SET_ACCEPTED) for one in night.numbers(batch)])
        second.files = first.files = number + 1

    assert {Delivery.SENT} == {line.delivery for line in first.lines()}
    assert not second.ledger.audit.verify().fault


def test_the_patience_for_a_lock_is_the_transactions_own(pool, pooled_url):
    """Thirty seconds in ours, and nothing of it is left in the session for who comes after."""
    database = a_ledger(pooled_url).database
    with database.read() as connection:
        assert "30s" == connection.exec_driver_sql("SHOW lock_timeout").scalar()

    with psycopg.connect(pooled_url) as stranger:
        found = stranger.execute("SHOW lock_timeout").fetchone()

    assert ("0",) == found


def test_no_statement_is_left_prepared_in_a_session(pooled_url):
    """One that is asked often in one transaction is asked again in another, whose session may know its name."""
    database = a_ledger(pooled_url).database

    for _ in range(4):
        with database.read() as connection:
            for number in range(12):
                assert (
                    number == connection.execute(text("SELECT CAST(:number AS integer)"), {"number": number}).scalar()
                )
