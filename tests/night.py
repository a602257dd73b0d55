"""A small real world for one test: a ledger, a sandbox clearinghouse, a clinic and a source with given claims."""

import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from cryptography.fernet import Fernet

from include.adapters.ledger import Ledger, migrate
from include.adapters.ledger.audit_check import Verdict
from include.adapters.mailboxes import ConnectionMailboxes
from include.adapters.settings import Connection
from include.adapters.vault import LedgerVault
from include.claims.errors import InDoubt, LeaseHeld, RetryLater
from include.claims.model import Claim, SourceClaim
from include.claims.states import BatchStatus
from include.delivery.apply import apply_stored
from include.delivery.clinic_table import BillingIdentity
from include.delivery.collect import Collected, collect
from include.delivery.ports import Ports
from include.delivery.reconcile import close_batch
from include.delivery.records import BatchSummary, Kind, LedgerIdentity, RunKey, RunOrder, Table
from include.delivery.render import render
from include.delivery.take import take
from include.delivery.upload import upload
from include.sandbox.sandbox import Sandbox
from include.sandbox.taken import TakenClaim
from tests.builders import BILLING_NPI, a_claim, a_line
from tests.remotes import Remote

CLINIC = "acorn_aba"
ACCOUNT = "acorn"
PASSWORD = "invented-password"
NOW = datetime(2026, 3, 6, 4, 0, tzinfo=UTC)

MAILBOX_ROW = {
    "key": ACCOUNT,
    "connection_id": "sftp_acorn",
    "submitter_id": "731234567",
    "submitter_name": "ACORN ABA",
    "contact_name": "BILLING DESK",
    "contact_phone": "5035550100",
}
CLINIC_ROW = {
    "key": CLINIC,
    "name": "Acorn ABA",
    "mailbox_key": ACCOUNT,
    "source_connection_id": "practice",
    "timezone": "America/Los_Angeles",
    "delivery_cron": "0 20 * * *",
    "response_cron": "0 */4 * * *",
    "mode": "live",
    "live_since": "2026-01-01",
    "first_night_claims": "0",
}


BILLING_ROW = {
    "key": "acorn",
    "clinic_key": CLINIC,
    "name": "EXAMPLE HARBOR ABA LLC",
    "npi": BILLING_NPI,
    "tax_id": "731234567",
    "tax_id_kind": "EI",
    "taxonomy": "103K00000X",
    "street": "1200 EXAMPLE PKWY STE 210",
    "city": "PORTLAND",
    "state": "OR",
    "postal_code": "972010001",
    "phone": "5035550100",
}


class GivenSource:
    """A practice that holds the claims it was given."""

    name = "example_practice"

    def __init__(self, claims: Iterable[SourceClaim] = ()) -> None:
        self.claims = list(claims)
        self.asked_again: list[str] = []

    def pending(
        self, clinic_key: str, identities: Sequence[BillingIdentity], since: datetime, until: datetime
    ) -> Iterator[SourceClaim]:
        return (claim for claim in self.claims if since <= (getattr(claim, "ready_at", None) or since) < until)

    def by_key(
        self, clinic_key: str, identities: Sequence[BillingIdentity], keys: Sequence[str]
    ) -> Iterator[SourceClaim]:
        self.asked_again += keys
        return (claim for claim in self.claims if claim.key in keys)

    def older(self, clinic_key: str, since: datetime) -> int:
        return sum((getattr(claim, "ready_at", None) or since) < since for claim in self.claims)


class KeptWatermark:
    """Remembers in this process how far the ledger had come."""

    def __init__(self) -> None:
        self.known: LedgerIdentity | None = None

    def check(self, look: Callable[[], LedgerIdentity]) -> None:
        """Know of no restore."""

    def raise_to(self, identity: LedgerIdentity) -> None:
        self.known = identity


class Night:
    """One clinic and everything around it; `home` is enough for another process to join in."""

    def __init__(self, home: Path, **changes: Any) -> None:
        self.home = home
        config = json.loads((home / "night.json").read_text())
        self.url: str = config["url"]
        self.payload_key: str = config["payload_key"]
        self.source = GivenSource()
        connection = Connection(
            id="sftp_acorn",
            type="sftp",
            host=config["host"],
            port=config["port"],
            login=config["login"],
            password=config["password"],
            extra={"host_key": config["host_key"], "sandbox": config["is_sandbox"]},
        )
        ledger = Ledger(self.url, [self.payload_key])
        ports = Ports(
            ledger=ledger,
            vault=LedgerVault(ledger.database, [self.payload_key]),
            mailboxes=ConnectionMailboxes(lambda _: connection),
            source=lambda _: self.source,
            watermark=KeptWatermark(),
            now=lambda: NOW,
            monotonic=time.monotonic,
            sleep=time.sleep,
            holder=f"test:{time.monotonic_ns()}",
            lease_seconds=3.0,
            settle_seconds=0.1,
        )
        self.ports = replace(ports, **changes)

    @classmethod
    def prepare(
        cls,
        home: Path,
        sandbox: Sandbox | Remote,
        *,
        url: str = "",
        clinic: Mapping[str, str] = {},
        mailbox: Mapping[str, str] = {},
    ) -> "Night":
        """Write what a night needs to know, migrate a ledger and enter the clinic."""
        url = url or f"sqlite:///{home / 'ledger.db'}"
        config = {
            "url": url,
            "host": sandbox.host,
            "port": sandbox.port,
            "host_key": sandbox.host_key,
            # An account of another server is called something else.
            "login": getattr(sandbox, "login", ACCOUNT),
            "password": getattr(sandbox, "password", PASSWORD),
            "is_sandbox": getattr(sandbox, "is_sandbox", True),
            "payload_key": Fernet.generate_key().decode(),
        }
        (home / "night.json").write_text(json.dumps(config))
        migrate(url)
        night = cls(home)
        clinics = night.ports.ledger.clinics
        clinics.put(Table.MAILBOX, [{**MAILBOX_ROW, **mailbox}])
        clinics.put(Table.BILLING_IDENTITY, [BILLING_ROW])
        clinics.put(Table.CLINIC, [{**CLINIC_ROW, **clinic}])
        return night

    def audited(self) -> Verdict:
        """Follow the chain over events and looks."""
        return Ledger(self.url, [self.payload_key]).audit.verify()

    def hold(self, claims: Iterable[SourceClaim]) -> None:
        """Let the practice hold these claims."""
        self.source.claims = list(claims)

    def order(self, run_id: str, **changes: Any) -> RunOrder:
        """Return what a run of that id is asked to do."""
        order = RunOrder(
            key=RunKey(dag_id=f"deliver_claims__{CLINIC}", run_id=run_id),
            clinic_key=CLINIC,
            window_end=NOW,
            kind=Kind.LIVE,
        )
        return replace(order, **changes)

    def collect(self, run_id: str = "night-1", **changes: Any) -> Collected:
        """Collect as the run of that id."""
        return collect(self.order(run_id, **changes), self.ports)

    def deliver(self, run_id: str = "night-1") -> list[int]:
        """Collect, render and upload as one run does; return the batches."""
        batch_ids = self.collect(run_id).batch_ids
        for batch_id in batch_ids:
            render(batch_id, self.ports)
            upload(batch_id, self.ports)
        return batch_ids

    def receive(self) -> None:
        """Take what lies in outbound and apply it, after whoever is in the account."""
        end = time.monotonic() + 10
        while True:
            try:
                take(ACCOUNT, self.ports)
                break
            except LeaseHeld:
                if time.monotonic() > end:
                    raise
                time.sleep(0.2)
        apply_stored(ACCOUNT, self.ports)

    def until_sent(self, batch_id: int, *, within: float = 15.0) -> BatchStatus:
        """Upload again and again, as retries do, until the batch is sent or in doubt; return where it ends."""
        end = time.monotonic() + within
        while time.monotonic() < end:
            try:
                return upload(batch_id, self.ports).status
            except InDoubt:
                return BatchStatus.BEGUN
            except (LeaseHeld, RetryLater):
                time.sleep(0.2)
        raise AssertionError(f"batch {batch_id} was neither sent nor in doubt within {within} s")

    def until_settled(self, batch_id: int, *, within: float = 15.0) -> BatchSummary:
        """Receive until the batch's answers are complete, or no longer than that; return how it stands."""
        end = time.monotonic() + within
        while True:
            self.receive()
            summary = close_batch(batch_id, self.ports)
            if summary.is_settled or time.monotonic() > end:
                return summary
            time.sleep(0.2)

    def a_day_later(self) -> "Night":
        """Return the same night with a clock that is a day and more ahead."""
        later = Night(self.home, now=lambda: NOW + timedelta(hours=30))
        later.source = self.source
        return later


def some_claims(count: int) -> list[Claim]:
    """Return that many claims, no two of them the same bill."""
    return [
        a_claim(key=f"C-{n}", lines=(a_line(source_line_key=f"L-{n}", charge=Decimal(100 + n)),)) for n in range(count)
    ]


def times_taken(sandbox: Sandbox) -> Counter[str]:
    """
    Count how often each bill was taken, by the clearinghouse's log alone.

    By what is billed, not only by what we call it: a claim sent again under a new control number counts as well.
    """
    claims = taken_claims(sandbox)
    by_number = Counter(claim.control_number for claim in claims)
    assert {1} == set(by_number.values()) or not by_number
    return Counter(claim.content_sha256 for claim in claims)


def taken_claims(sandbox: Sandbox) -> list[TakenClaim]:
    """Return every live claim the clearinghouse took, by its own log alone."""
    return [
        claim
        for file in sandbox.taken()
        if file.complete and not file.failed and file.usage == "live"
        for claim in file.claims
    ]


def today() -> date:
    """Return the day of the night."""
    return NOW.date()
