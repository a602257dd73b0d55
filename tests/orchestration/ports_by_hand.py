"""Ports whose ledger answers what a test tells it to; only what the orchestration itself asks for."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

from include.claims.states import BatchStatus, Delivery, FrontEnd
from include.delivery.records import BatchSummary, Kind, RemoteFile


def a_summary(**changes: Any) -> BatchSummary:
    """Return a batch of one claim that still waits for its answer."""
    summary: dict[str, Any] = {
        "batch_id": 7,
        "file_name": "CC000007.837P.txt",
        "status": BatchStatus.SENT,
        "by_delivery": {Delivery.SENT: 1},
        "by_front_end": {FrontEnd.NONE: 1},
        "contradicted": 0,
        "awaiting": 1,
    }
    return BatchSummary(**{**summary, **changes})


def a_file(name: str = "FS_HCFA_123456789_IN_C.txt", size: int = 10) -> RemoteFile:
    """Return a response as a server lists it."""
    return RemoteFile(name=name, size=size, modified=1)


@dataclass
class PortsByHand:
    """A world in which one batch waits; `listings` are what the looks see, the last one again and again."""

    listings: list[Sequence[RemoteFile]] = field(default_factory=lambda: [()])
    settled_after: int = 1000  # looks
    failures: dict[int, Exception] = field(default_factory=dict)  # by look
    answering: tuple[str, ...] = ("acorn",)
    taken: tuple[RemoteFile, ...] = ()
    looks: int = 0
    lease_seconds: float = 60.0
    holder: str = "test"
    old_mailbox: timedelta = timedelta(days=90)

    @property
    def ledger(self) -> Any:
        """Everything the session and the watch ask of a ledger is answered here."""
        return self

    batches = clinics = accounts = mailboxes = responses = ledger

    def summary(self, _batch_id: int) -> BatchSummary:
        self.looks += 1
        if self.looks > self.settled_after:
            return a_summary(awaiting=0)
        return a_summary()

    def get(self, batch_id: int) -> Any:
        return SimpleNamespace(id=batch_id, mailbox_key="acorn", kind=Kind.LIVE)

    def mailboxes_answering(self, *_: Any) -> Any:
        self.looks += 1
        return [SimpleNamespace(key=key) for key in self.answering]

    def known(self, _mailbox_key: str) -> set[tuple[str, int, int]]:
        return {(file.name, file.size, file.modified) for file in self.taken}

    def unapplied(self, _mailbox_key: str) -> Sequence[Any]:
        return ()

    def mailbox(self, key: str) -> Any:
        return SimpleNamespace(key=key)

    def identity(self, _mailbox: Any) -> Any:
        return self

    account = "acorn@example:22"

    def credential(self, _mailbox: Any) -> str:
        return "c"

    def acquire(self, *_: Any) -> Any:
        if error := self.failures.get(self.looks):
            raise error
        return "lease"

    def release(self, _lease: Any) -> None:
        """Forget it."""

    def trip(self, *_: Any) -> None:
        """Open the breaker."""

    @contextmanager
    def open(self, _mailbox: Any) -> Iterator[Any]:
        yield self

    def list_outbound(self) -> Sequence[RemoteFile]:
        return self.listings[min(self.looks, len(self.listings)) - 1]

    def monotonic(self) -> float:
        return 0.0

    def now(self) -> datetime:
        return datetime(2026, 3, 6, tzinfo=UTC)


def always(ports: PortsByHand) -> Callable[[], Any]:
    """Return what builds the ports for every look."""
    return lambda: ports
