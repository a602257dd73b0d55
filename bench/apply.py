"""
Answers applied: a file of thousands of claims, from the bytes in the vault to the ledger's last commit.

Nobody else does this work, so there is no peer; the databases are each other's. Seconds are of CPU, those of the
PostgreSQL server's processes added to ours. Every round has a fresh copy of a ledger in which one batch was sent.
"""

import re
import resource
import shutil
import tempfile
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from itertools import count
from pathlib import Path

from cryptography.fernet import Fernet

from bench import Case, Elsewhere
from bench.remits import remittance
from bench.status import a_277ca
from include.adapters.ledger import Ledger, migrate
from include.adapters.mailboxes import ConnectionMailboxes
from include.adapters.practice_source import SqlClaimSource
from include.adapters.settings import Settings
from include.adapters.vault import LedgerVault
from include.cli.wiring import NoWatermark
from include.delivery.apply import apply_stored
from include.delivery.ports import Ports
from include.delivery.records import RemoteFile, Table
from tests.builders import BILLING_NPI, a_claim
from tests.contract.night import Night
from tests.databases import a_postgres_server
from tests.night import BILLING_ROW

TITLE = "Answers applied: read from the vault, told to the ledger, one transaction"

_ROUNDS = 3
_MAILBOX = "harbor"
_NUMBER = re.compile(r"CN(\d{12})")
_FILES = {
    "exampleuser_1026347812_HCFA_277ca_20260306.txt": a_277ca,
    "1026347812_ERA_835_5010_20260306.835": lambda size: "".join(remittance(size)),
}


class _Sqlite:
    """A folder of SQLite ledgers."""

    def __init__(self, home: ExitStack) -> None:
        self._home = Path(home.enter_context(tempfile.TemporaryDirectory(prefix="courier-bench-")))
        self._numbers = count(1)
        migrate(self.url("template"))

    def url(self, name: str) -> str:
        return f"sqlite:///{self._home / name}.db"

    def copy(self) -> str:
        name = f"ledger_{next(self._numbers)}"
        shutil.copy(self._home / "template.db", self._home / f"{name}.db")
        return self.url(name)

    def seconds(self) -> float:
        """Return the CPU time used up here."""
        return time.process_time()


class _Postgres:
    """A server of its own, whose processes' time counts."""

    def __init__(self, home: ExitStack) -> None:
        self._server = home.enter_context(a_postgres_server())
        self._numbers = count(1)
        self._server.run("CREATE DATABASE template")
        migrate(self.url("template"))

    def url(self, name: str) -> str:
        return self._server.url(name)

    def copy(self) -> str:
        name = f"ledger_{next(self._numbers)}"
        self._server.run(f"CREATE DATABASE {name} TEMPLATE template")
        return self.url(name)

    def seconds(self) -> float:
        """Return the CPU time used up here and by the server."""
        return time.process_time() + self._server.seconds()


def _apply(database: type[_Sqlite | _Postgres], file: str, size: int) -> Callable[[], object]:
    home = ExitStack()
    databases = database(home)
    key = Fernet.generate_key().decode()
    night = Night(Ledger(databases.url("template"), [key]))
    night.set_clinic(claims_per_file=str(size))
    night.ledger.clinics.put(Table.BILLING_IDENTITY, [{**BILLING_ROW, "clinic_key": _MAILBOX}])
    numbers = night.numbers(night.sent(*(a_claim(key=f"C-{number}") for number in range(size))))
    text = _said_of(numbers, _FILES[file](size)).encode()
    vault = LedgerVault(night.ledger.database, [key])
    night.ledger.responses.store(
        _MAILBOX, RemoteFile(name=file, size=len(text), modified=1), vault.store(text), night.now
    )

    def work() -> Elsewhere:
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        with home:
            seconds = min(_once(databases, key) for _ in range(_ROUNDS))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return Elsewhere(seconds=seconds, peak=peak, growth=peak - before)

    return work


def _said_of(numbers: Sequence[str], text: str) -> str:
    """Return an answer about invented numbers as one about ours, paid to us."""
    return _NUMBER.sub(lambda found: numbers[int(found[1])], text).replace("1003000126", BILLING_NPI)


def _once(databases: _Sqlite | _Postgres, key: str) -> float:
    ledger = Ledger(databases.copy(), [key])
    ports = Ports(
        ledger=ledger,
        vault=LedgerVault(ledger.database, [key]),
        mailboxes=ConnectionMailboxes(Settings(None, {}).connection),
        source=lambda _: SqlClaimSource("sqlite://", "none"),
        watermark=NoWatermark(),
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        sleep=time.sleep,
        holder="bench",
    )
    started = databases.seconds()
    done = apply_stored(_MAILBOX, ports)
    assert done.applied == 1, "the file was set aside"
    return databases.seconds() - started


CASES = tuple(
    Case(name=name, group=group, sizes=(5_000,), prepare=partial(_apply, database, file))
    for group, file in zip(("277CA, a claim each", "835, a claim of lines each"), _FILES, strict=True)
    for name, database in (("on PostgreSQL", _Postgres), ("on SQLite", _Sqlite))
)
