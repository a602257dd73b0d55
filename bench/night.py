"""
A clinic's night up to the upload: read the practice, apply the rules, stage, seal, render and store, on SQLite.

No peer does the same work, so the first case is the night and the others are parts of it; what matters is that claims
a second do not fall, and memory does not rise, with the size of the night.
"""

import csv
import shutil
import sqlite3
import tempfile
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

from cryptography.fernet import Fernet

from bench import Case
from include.adapters.ledger import Ledger, migrate
from include.adapters.mailboxes import ConnectionMailboxes
from include.adapters.practice_source import SqlClaimSource
from include.adapters.settings import Connection
from include.adapters.vault import LedgerVault
from include.cli.wiring import NoWatermark
from include.delivery.collect import collect
from include.delivery.ports import Ports
from include.delivery.records import CLINIC_TABLES, Kind, RunKey, RunOrder
from include.delivery.render import render
from include.sandbox.practice import make_practice
from include.sandbox.practice_demo import write_tables
from tests.cluster.clinics import tell_patients_apart

TITLE = "A night of one clinic up to the upload: 4 lines a claim, SQLite ledger and SQLite practice"

CLINIC = "demo_harbor"
_CLINICS_WITH_CLAIMS = 5
_CLAIMS_A_TECHNICIAN = 15  # some five sessions a day each
_SIZES = (1_000, 10_000, 100_000)
_PINNED = {"host_key": "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJlbmNoYmVuY2hiZW5jaGJlbmNoYmVuY2hiZW5jaGJl"}


def _login(name: str) -> Connection:
    """Return a login that nobody tries: the night ends before the upload."""
    return Connection(id=name, type="sftp", host="sftp.example.org", login="bench", password="bench", extra=_PINNED)


class _Nights:
    """The same practice and ledger, made once, and a fresh copy of the ledger for every night."""

    def __init__(self, size: int, technicians: int | None = None) -> None:
        self._home = Path(tempfile.mkdtemp(prefix="courier-bench-"))
        self._now = datetime.now(UTC)
        self._runs = count(1)
        self._practice = self._home / "practice.db"
        make_practice(self._practice, self._now, claims_per_clinic=size // _CLINICS_WITH_CLAIMS, with_faults=False)
        with sqlite3.connect(self._practice) as practice:
            ours = f"case when rowid <= {size:d} then '{CLINIC}' else 'nobody' end"
            practice.execute(f"update claims set clinic_id = {ours}")
            who = technicians or size // _CLAIMS_A_TECHNICIAN
            practice.execute("update sessions set technician = 'T-' || (id % ?)", (who,))
            tell_patients_apart(practice)  # else strangers share a patient's day, more of them the larger the night
        self._template = self._home / "template.db"
        migrate(f"sqlite:///{self._template}")
        write_tables(self._home, self._now)
        clinics = Ledger(f"sqlite:///{self._template}").clinics
        for table in CLINIC_TABLES:
            clinics.put(table, _rows(self._home / f"{table.value}.csv"))

    def ports(self) -> Ports:
        """Return the world with a ledger that has seen nothing."""
        path = self._home / f"ledger-{next(self._runs)}.db"
        shutil.copy(self._template, path)
        key = Fernet.generate_key().decode()
        ledger = Ledger(f"sqlite:///{path}", [key])
        return Ports(
            ledger=ledger,
            vault=LedgerVault(ledger.database, [key]),
            mailboxes=ConnectionMailboxes(_login),
            source=lambda _: SqlClaimSource(f"sqlite:///{self._practice}", "practice_demo"),
            watermark=NoWatermark(),
            now=lambda: self._now,
            monotonic=time.monotonic,
            sleep=time.sleep,
            holder="bench",
        )

    def order(self) -> RunOrder:
        """Return what the night is asked to do."""
        key = RunKey(dag_id=f"deliver_claims__{CLINIC}", run_id="bench")
        return RunOrder(key=key, clinic_key=CLINIC, window_end=self._now, kind=Kind.LIVE)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [{**row, "claims_per_file": "5000"} if "claims_per_file" in row else row for row in csv.DictReader(file)]


def _whole_night(size: int, technicians: int | None = None) -> Callable[[], object]:
    nights = _Nights(size, technicians)

    def work() -> int:
        ports = nights.ports()
        batch_ids = collect(nights.order(), ports).batch_ids
        sizes = [render(batch_id, ports).size for batch_id in batch_ids]
        claims = sum(ports.ledger.batches.get(batch_id).claim_count for batch_id in batch_ids)
        assert claims == size, f"{claims} of {size} claims were batched"
        return sum(sizes)

    return work


def _collect_only(size: int) -> Callable[[], object]:
    nights = _Nights(size)
    return lambda: collect(nights.order(), nights.ports())


def _read_only(size: int) -> Callable[[], object]:
    nights = _Nights(size)

    def work() -> int:
        ports = nights.ports()
        clinic = ports.ledger.clinics.clinic(CLINIC)
        identities = ports.ledger.clinics.billing_identities(CLINIC)
        since = nights.order().window_end.replace(year=nights.order().window_end.year - 1)
        return _length(ports.source(clinic).pending(CLINIC, identities, since, nights.order().window_end))

    return work


def _length(items: Iterator[object]) -> int:
    return sum(1 for _ in items)


CASES = (
    Case(name="collect, scrub, seal, render, store", sizes=_SIZES, prepare=_whole_night),
    Case(name="  of that: collect, scrub, seal", sizes=_SIZES, prepare=_collect_only),
    Case(name="  of that: read the practice", sizes=_SIZES, prepare=_read_only),
    Case(name="the same, all given by nine technicians", sizes=_SIZES, prepare=partial(_whole_night, technicians=9)),
)
