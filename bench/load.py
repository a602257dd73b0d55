"""
Too much at once, on SQLite and on PostgreSQL: `python -m bench.load [one] [many] [backlog]`.

One clinic with 50,000 pending claims; 300 clinics whose nights fall together, worked by many processes on the cores
there are, over real SFTP; a mailbox in which 5,000 answers lie. Each must end, without a lock that timed out and
without memory that grows with the work. Nobody else does this work: there is no peer.
"""

import argparse
import csv
import multiprocessing
import resource
import sqlite3
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path
from typing import Final

from cryptography.fernet import Fernet

from bench.status import a_277ca
from include.adapters.ledger import Ledger, migrate
from include.adapters.mailboxes import ConnectionMailboxes
from include.adapters.practice_source import SqlClaimSource
from include.adapters.settings import Connection
from include.adapters.vault import LedgerVault
from include.claims.errors import LedgerUnreachable, RetryLater
from include.cli.wiring import NoWatermark
from include.delivery.apply import apply_stored
from include.delivery.collect import collect
from include.delivery.ports import Ports
from include.delivery.records import CLINIC_TABLES, Kind, RunKey, RunOrder, Table
from include.delivery.render import render
from include.delivery.take import take
from include.delivery.upload import upload
from include.sandbox.practice import make_practice
from include.sandbox.practice_demo import write_tables
from include.sandbox.sandbox import Sandbox
from tests.builders import BILLING_NPI
from tests.databases import a_postgres_server

PENDING: Final = 50_000
CLINICS: Final = 300
CLAIMS_A_CLINIC: Final = 20
ANSWERS: Final = 5_000
PROCESSES: Final = 16
"""As many tasks as a small Airflow runs at once."""

_FIRST: Final = "demo_harbor"
_PASSWORD: Final = "invented-password"
_TRIES: Final = 20


@dataclass(frozen=True)
class World:
    """What a process needs to join in."""

    home: Path
    ledger_url: str
    payload_key: str
    host: str = ""
    port: int = 0
    host_key: str = ""

    def ports(self) -> Ports:
        """Return the world's ports."""
        ledger = Ledger(self.ledger_url, [self.payload_key])
        return Ports(
            ledger=ledger,
            vault=LedgerVault(ledger.database, [self.payload_key]),
            mailboxes=ConnectionMailboxes(self._connection),
            source=lambda _: SqlClaimSource(f"sqlite:///{self.home / 'practice.db'}", "practice_demo"),
            watermark=NoWatermark(),
            now=lambda: datetime.now(UTC),
            monotonic=time.monotonic,
            sleep=time.sleep,
            holder=f"load:{multiprocessing.current_process().pid}:{threading.get_ident()}",
            settle_seconds=0.2,
        )

    def _connection(self, connection_id: str) -> Connection:
        extra = {"host_key": self.host_key, "sandbox": True}
        return Connection(
            id=connection_id,
            type="sftp",
            host=self.host,
            port=self.port,
            login=connection_id.removeprefix("sftp_"),
            password=_PASSWORD,
            extra=extra,
        )


@dataclass(frozen=True)
class Worked:
    """What one piece of work came to."""

    claims: int = 0
    locked: int = 0  # times the ledger could not be had
    again: int = 0  # times anything else was tried again


def a_world(home: Path, url: str, keys: Sequence[str], claims_a_clinic: int) -> World:
    """Make a practice and a ledger with these clinics, each with its own mailbox."""
    now = datetime.now(UTC)
    total = claims_a_clinic * len(keys)
    make_practice(home / "practice.db", now, claims_per_clinic=-(-total // 5), with_faults=False)
    with closing(sqlite3.connect(home / "practice.db")) as practice, practice:
        (npi,) = practice.execute("select npi from clinics where id = ?", (_FIRST,)).fetchone()
        practice.executemany("insert or ignore into clinics values (?, ?, ?)", [(key, key, npi) for key in keys])
        practice.execute("delete from claims where id > ?", (total,))
        practice.executemany(
            "update claims set clinic_id = ? where id > ? and id <= ?",
            [(key, place * claims_a_clinic, (place + 1) * claims_a_clinic) for place, key in enumerate(keys)],
        )
        practice.execute("update sessions set technician = 'T-' || (id % ?)", (max(9, total // 15),))
    migrate(url)
    write_tables(home, now)
    for table in CLINIC_TABLES:
        with (home / f"{table.value}.csv").open(newline="") as file:
            row = next(one for one in csv.DictReader(file) if _FIRST in {one["key"], one.get("clinic_key")})
        Ledger(url).clinics.put(table, [_renamed(row, key, table) for key in keys])
    return World(home, url, Fernet.generate_key().decode())


def _renamed(row: dict[str, str], key: str, table: Table) -> dict[str, str]:
    own = {
        Table.MAILBOX: {"key": key, "connection_id": f"sftp_{key}"},
        Table.BILLING_IDENTITY: {"key": f"{key}_main", "clinic_key": key},
        Table.CLINIC: {"key": key, "mailbox_key": key, "claims_per_file": "5000"},
    }
    return row | own[table]


def _again(work: Callable[[], object]) -> Worked:
    """Do something as Airflow's retries would, and count what was tried again."""
    locked = again = 0
    for _ in range(_TRIES):
        try:
            work()
            return Worked(0, locked, again)
        except LedgerUnreachable:
            locked += 1
        except RetryLater:
            again += 1
            time.sleep(0.2)
    raise SystemExit(f"given up after {_TRIES} tries")


def a_night(world: World, clinic: str, *, sends: bool) -> Worked:
    """Collect, render and, where there is a server, upload a clinic's claims; each step is tried again by itself."""
    ports = world.ports()
    order = RunOrder(
        key=RunKey(dag_id=f"deliver_claims__{clinic}", run_id="load"),
        clinic_key=clinic,
        window_end=datetime.now(UTC),
        kind=Kind.LIVE,
    )
    batch_ids: list[int] = []
    done = [_again(lambda: batch_ids.extend(collect(order, ports).batch_ids))]
    for batch_id in batch_ids:
        done.append(_again(partial(render, batch_id, ports)))
        if sends:
            done.append(_again(partial(upload, batch_id, ports)))
    claims = sum(ports.ledger.batches.get(batch_id).claim_count for batch_id in batch_ids)
    return Worked(claims, sum(one.locked for one in done), sum(one.again for one in done))


def one_clinic(world: World, keys: Sequence[str], _: Sandbox) -> None:
    """Print how a clinic with 50,000 pending claims goes."""
    (clinic,) = keys
    with _measured(f"one clinic, {PENDING:,} pending claims, up to the upload") as told:
        done = a_night(world, clinic, sends=False)
        told(f"{done.claims:,} claims, {done.locked} locks timed out")
    assert done.claims == PENDING


def many_clinics(world: World, keys: Sequence[str], _: Sandbox) -> None:
    """Print how 300 nights go that fall together."""
    with (
        _measured(f"{len(keys)} clinics at once, {CLAIMS_A_CLINIC} claims each, {PROCESSES} processes, sent") as told,
        multiprocessing.get_context("spawn").Pool(PROCESSES, initializer=_quiet) as pool,
    ):
        done = pool.starmap(_a_sent_night, [(world, key) for key in keys], chunksize=1)
        claims = sum(one.claims for one in done)
        locked, again = sum(one.locked for one in done), sum(one.again for one in done)
        told(f"{claims:,} claims, {locked} locks timed out, {again} other things tried again")
    assert CLAIMS_A_CLINIC * len(keys) == claims


def _a_sent_night(world: World, key: str) -> Worked:
    return a_night(world, key, sends=True)


def _quiet() -> None:
    import warnings  # in the other process

    warnings.simplefilter("ignore")


def backlog(world: World, keys: Sequence[str], sandbox: Sandbox) -> None:
    """Print how 5,000 answers in one mailbox go, each about one claim of a sent batch."""
    (clinic,) = keys
    a_night(world, clinic, sends=True)
    ports = world.ports()
    lines = [line for line in ports.ledger.report.claim_lines(clinic) if line.file_name]
    text = a_277ca(1).replace("1003000126", BILLING_NPI)
    for number, line in enumerate(lines[:ANSWERS]):
        told_of = text.replace(f"CN{0:012d}", line.control_number)
        name = f"{clinic}_{1026000000 + number}_HCFA_277ca_20260306.txt"
        (sandbox.outbound(clinic) / name).write_text(told_of)
    with _measured(f"{ANSWERS:,} answers in one mailbox, taken and applied") as told:
        stored = applied = locked = 0
        while applied < ANSWERS:
            try:
                stored += take(clinic, ports).stored
                applied += apply_stored(clinic, ports).applied
            except LedgerUnreachable:
                locked += 1
            told(f"{stored:,} stored, {applied:,} applied, {locked} locks timed out")


class _measured:  # noqa: N801  # used as a function is
    """Print what a piece of work took: seconds on the clock and of CPU, and the memory it came to need."""

    def __init__(self, what: str) -> None:
        self._what, self._said = what, ""

    def __enter__(self) -> Callable[[str], None]:
        self._started, self._cpu, self._before = time.monotonic(), _cpu(), _peak()
        return self._say

    def _say(self, words: str) -> None:
        self._said = words

    def __exit__(self, *_: object) -> None:
        seconds = time.monotonic() - self._started
        print(
            f"{self._what}: {self._said}; {seconds:.0f} s, {_cpu() - self._cpu:.0f} s of CPU,"
            f" largest process {max(_peak(), _peak(resource.RUSAGE_CHILDREN)):.0f} MB ({self._before:.0f} before)",
            flush=True,
        )


def _cpu() -> float:
    uses = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(use.ru_utime + use.ru_stime for use in uses)


def _peak(who: int = resource.RUSAGE_SELF) -> float:
    return resource.getrusage(who).ru_maxrss / 1024


_KINDS: Final[Mapping[str, tuple[list[str], int, Callable[[World, Sequence[str], Sandbox], None]]]] = {
    "one": ([_FIRST], PENDING, one_clinic),
    "many": ([f"clinic_{number:03d}" for number in range(CLINICS)], CLAIMS_A_CLINIC, many_clinics),
    "backlog": ([_FIRST], ANSWERS, backlog),
}
"""By name: the clinics, the claims of each, and the work."""


def _databases(stack: ExitStack) -> Iterator[tuple[str, Callable[[Path], str]]]:
    """Yield the databases by name, each with how to get an empty one for a folder."""
    yield "SQLite", lambda home: f"sqlite:///{home / 'ledger.db'}"
    server = stack.enter_context(a_postgres_server())
    numbers = count(1)

    def postgres(_: Path) -> str:
        name = f"load_{next(numbers)}"
        server.run(f"CREATE DATABASE {name}")
        return server.url(name)

    yield "PostgreSQL", postgres


def main() -> int:
    """Run the loads named on the command line, or all, on both databases."""
    parser = argparse.ArgumentParser(prog="bench.load", description=__doc__)
    parser.add_argument("kinds", nargs="*", metavar="KIND", help=f"of {', '.join(_KINDS)}")
    options = parser.parse_args()
    with ExitStack() as stack:
        for name, url_of in _databases(stack):
            print(f"\n{name}\n", flush=True)
            for kind in options.kinds or _KINDS:
                keys, claims, work = _KINDS[kind]
                with tempfile.TemporaryDirectory(prefix="courier-load-") as home:
                    world = a_world(Path(home), url_of(Path(home)), keys, claims)
                    with Sandbox(world.home / "sandbox", dict.fromkeys(keys, _PASSWORD), settle=0.2) as sandbox:
                        world = replace(world, host=sandbox.host, port=sandbox.port, host_key=sandbox.host_key)
                        work(world, keys, sandbox)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
