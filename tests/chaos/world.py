"""
The small world of one night: a practice, a clinic or two, a ledger, a clearinghouse, and the line between them.

Workers are made here, each as a process of its own would be: its own engine, its own session, its own name as a holder
of leases. What a worker needs to know stands in `world.json`, so that a real process may be one and be killed.
"""

import json
import sqlite3
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date, datetime, timedelta
from decimal import Decimal
from itertools import count
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, Self

from cryptography.fernet import Fernet

from include.adapters import sftp
from include.adapters.ledger import Ledger
from include.adapters.settings import Connection
from include.adapters.vault import LedgerVault
from include.claims.model import Claim
from include.claims.parties import PersonName
from include.delivery.clinic_table import Clinic
from include.delivery.ports import Ports
from include.delivery.records import Table
from include.sandbox.answers import Answer
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line, a_subscriber
from tests.chaos.moments import Trap, WatchedMailboxes, watch_ledger, watched_engine
from tests.chaos.proxy import Manners, Proxy
from tests.chaos.referee import Bill
from tests.night import BILLING_ROW, CLINIC_ROW, MAILBOX_ROW, NOW, GivenSource, KeptWatermark

ACCOUNTS: Final = ("acorn", "birch")
PASSWORDS: Final = ("invented-password", "another-invented-password")

PIECE: Final = 2_048
"""Bytes an SFTP write carries here, so that a file of some tens of claims takes many."""

LEASE_SECONDS: Final = 240.0
PATIENCE_WITH_SILENCE: Final = 0.4
"""Seconds a worker waits for a line that hangs; for any other, long enough that a busy machine is no fault."""


HABITS: Final = {
    "answer_twice": "answers come twice under other ids",
    "answer_backwards": "answers come out of order",
    "half_written_for": "answers lie half-written",
    "answer_after": "answers come late",
    "reads_incomplete_files": "the finished part of a cut file is taken",
}
"""What the clearinghouse does all night long, and how it is told."""


@dataclass(slots=True, kw_only=True)
class Login:
    """A mailbox's connection, as people keep it."""

    mailbox: str
    host: str
    port: int
    password: str
    host_key: str


class Office:
    """What every worker is given: where the ledger is, how to log in, and the time."""

    def __init__(self, home: Path) -> None:
        kept = json.loads((home / "world.json").read_text())
        self.home = home
        self.ledger_path = Path(kept["ledger"])
        self.payload_key: str = kept["payload_key"]
        self.logins = {login["mailbox"]: Login(**login) for login in kept["logins"]}
        self.time = datetime.fromisoformat(kept["time"])
        self.sources: dict[str, GivenSource] = {}
        self.watermark = KeptWatermark()
        self._engine = watched_engine(Ledger(f"sqlite:///{self.ledger_path}", [self.payload_key]))
        self._holders = count(1)
        sftp.CHUNK = PIECE  # type: ignore[misc]

    def keep(self) -> None:
        """Write down what another process needs."""
        kept = {
            "ledger": str(self.ledger_path),
            "payload_key": self.payload_key,
            "logins": [asdict(login) for login in self.logins.values()],
            "time": self.time.isoformat(),
        }
        (self.home / "world.json").write_text(json.dumps(kept))

    def worker(
        self, trap: Trap | None = None, *, patience: float = 20.0, clock: timedelta = timedelta(), hurry: float = 0.0
    ) -> Ports:
        """Return a new worker; `clock` is how wrong its clock goes, `hurry` how many seconds each look at it takes."""
        trap = trap or Trap()
        ledger = Ledger(f"sqlite:///{self.ledger_path}", [self.payload_key])
        watch_ledger(ledger, self._engine, trap)
        watch = count()
        return Ports(
            ledger=ledger,
            vault=LedgerVault(ledger.database, [self.payload_key]),
            mailboxes=WatchedMailboxes(self._connection, timeout=patience, trap=trap),
            source=self._source,
            watermark=self.watermark,
            now=lambda: self.time + clock,
            monotonic=lambda: time.monotonic() + hurry * next(watch),
            sleep=time.sleep,
            holder=f"worker {next(self._holders)}",
            lease_seconds=LEASE_SECONDS,
            settle_seconds=0.02,
        )

    def leases_run_out(self) -> None:
        """Let so much time pass in the database that whoever died in an account holds it no longer."""
        with closing(sqlite3.connect(self.ledger_path, timeout=30)) as connection, connection:
            connection.execute("UPDATE account SET expires_at = 0")

    def _source(self, clinic: Clinic) -> GivenSource:
        return self.sources[clinic.key]

    def _connection(self, connection_id: str) -> Connection:
        login = self.logins[connection_id.removeprefix("sftp_")]
        return Connection(
            id=connection_id,
            type="sftp",
            host=login.host,
            port=login.port,
            login=login.mailbox,
            password=login.password,
            extra={"host_key": login.host_key, "sandbox": True},
        )


class World(Office):
    """An office, the world around it, and what is done to both."""

    def __init__(self, home: Path, dice: Random, template: Path, impostor: Sandbox) -> None:
        self.dice = dice
        self.time = NOW  # the sandbox asks as soon as it runs
        self.impostor = impostor
        self.injected: Counter[str] = Counter()
        self.blows = 0  # traps that sprung and lines that broke
        self.habits = _habits(dice)
        accounts = ACCOUNTS[: dice.randint(1, 2)]
        self.clinics = {"acorn_aba": accounts[0]}
        if dice.random() < 0.6:
            self.clinics["birch_aba"] = dice.choice(accounts)
        self.mailboxes = sorted(set(self.clinics.values()))
        self._around = ExitStack()
        self.sandbox = self._around.enter_context(
            Sandbox(
                home / "sandbox",
                dict.fromkeys(accounts, PASSWORDS[0]),
                settle=dice.choice([0.06, 0.06, 0.2]),
                patience=60,
                answers=frozenset({Answer.CLAIM_ACKNOWLEDGEMENT} if dice.random() < 0.3 else ()),
                now=lambda: self.time,
            )
        )
        self.proxy = self._around.enter_context(Proxy(self.sandbox.port))
        (home / "ledger.db").write_bytes(template.read_bytes())
        self._write_down(home, accounts)
        super().__init__(home)
        self.bills = self._fill()
        self.sandbox.misbehave(self.habits)
        self.injected.update(f"all night: {words}" for name, words in HABITS.items() if getattr(self.habits, name))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._around.__exit__(kind, error, trace)

    @contextmanager
    def server(self, **wrong: Any) -> Iterator[None]:
        """Let the clearinghouse do wrong for a while, beside what it always does."""
        self.sandbox.misbehave(replace(self.habits, **wrong))
        try:
            yield
        finally:
            self.sandbox.misbehave(self.habits)

    @contextmanager
    def line(self, manners: Manners) -> Iterator[None]:
        """Let the line behave so for a while."""
        before = self.proxy.struck
        try:
            with self.proxy.behaving(manners):
                yield
        finally:
            self.blows += self.proxy.struck - before

    def size_of_a_file(self) -> int:
        """Return about how many bytes a file of this night has."""
        return 900 + 850 * min(self.per_file, max(len(bills) for bills in self.by_clinic.values()))

    def _write_down(self, home: Path, accounts: Sequence[str]) -> None:
        login = {"host": self.sandbox.host, "port": self.proxy.port, "host_key": self.sandbox.host_key}
        kept = {
            "ledger": str(home / "ledger.db"),
            "payload_key": Fernet.generate_key().decode(),
            "logins": [{"mailbox": name, "password": PASSWORDS[0], **login} for name in accounts],
            "time": NOW.isoformat(),
        }
        (home / "world.json").write_text(json.dumps(kept))

    def _fill(self) -> list[Bill]:
        """Enter the clinics and give their practices something to bill."""
        self.per_file = self.dice.choice([7, 12, 30])
        table = self.worker().ledger.clinics
        table.put(
            Table.MAILBOX, [{**MAILBOX_ROW, "key": one, "connection_id": f"sftp_{one}"} for one in self.mailboxes]
        )
        table.put(Table.BILLING_IDENTITY, [{**BILLING_ROW, "key": key, "clinic_key": key} for key in self.clinics])
        size = {"claims_per_file": str(self.per_file)}
        table.put(
            Table.CLINIC,
            [{**CLINIC_ROW, "key": key, "mailbox_key": mailbox, **size} for key, mailbox in self.clinics.items()],
        )
        self.by_clinic: dict[str, list[Bill]] = {}
        for clinic in self.clinics:
            self.by_clinic[clinic] = [_a_bill(clinic, n, self.dice) for n in range(self.dice.randint(6, 20))]
            self.sources[clinic] = GivenSource(map(_claim_of, self.by_clinic[clinic]))
        return [bill for bills in self.by_clinic.values() for bill in bills]


def _habits(dice: Random) -> Misbehaviour:
    """Return how the clearinghouse answers all night long."""
    return Misbehaviour(
        answer_twice=dice.random() < 0.3,
        answer_backwards=dice.random() < 0.5,
        half_written_for=dice.choice([0.0, 0.0, 0.03, 0.1]),
        answer_after=dice.choice([0.0, 0.0, 0.1]),
        reads_incomplete_files=dice.random() < 0.5,
    )


def _a_bill(clinic: str, number: int, dice: Random) -> Bill:
    return Bill(
        patient=f"EXAMPLE{clinic[0].upper()}{number} TESTINA",
        day=f"202603{dice.randint(1, 4):02d}",
        procedure=dice.choice(["97153", "97155", "97151"]),
        charge=Decimal(dice.randint(40, 900)),  # of a whole dollar no payer of the sandbox makes anything odd
        key=f"{clinic}-{number}",
    )


def _claim_of(bill: Bill) -> Claim:
    last, first = bill.patient.split()
    day = date(int(bill.day[:4]), int(bill.day[4:6]), int(bill.day[6:]))
    return a_claim(
        key=bill.key,
        subscriber=a_subscriber(name=PersonName(last=last, first=first), member_id=f"XYZ{last[7:]}"),
        lines=(
            a_line(source_line_key=f"{bill.key}-1", service_date=day, procedure=bill.procedure, charge=bill.charge),
        ),
    )
