"""The ports a page asks for, over a test's ledger: nothing else of the world is here, and asking for it fails."""

import time
from typing import Any

from cryptography.fernet import Fernet

from include.adapters.vault import LedgerVault
from include.delivery.ports import Ports
from tests.contract.night import Night
from tests.night import GivenSource, KeptWatermark

PAYLOAD_KEY = Fernet.generate_key().decode()
"""One for all requests of a test: what one of them keeps, the next one reads."""


class NoMailboxes:
    """No server is visited."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"the page asked a server: {name}")


def world_of(night: Night) -> Ports:
    """Return the world of a night that has no server."""
    return Ports(
        ledger=night.ledger,
        vault=LedgerVault(night.ledger.database, [PAYLOAD_KEY]),
        mailboxes=NoMailboxes(),
        source=lambda _: GivenSource(),
        watermark=KeptWatermark(),
        now=lambda: night.now,
        monotonic=time.monotonic,
        sleep=time.sleep,
        holder="page",
    )
