"""The ports a page asks for, over a test's ledger: nothing else of the world is here, and asking for it fails."""

import time
from typing import Any

from include.adapters.vault import LedgerVault
from include.claims.errors import BadSetting
from include.delivery.clinic_table import Mailbox
from include.delivery.ports import Ports
from include.delivery.records import ServerIdentity
from tests.contract.night import Night
from tests.databases import PAYLOAD_KEY
from tests.night import GivenSource, KeptWatermark


class NoMailboxes:
    """No server is visited, and no connection is there that names one."""

    def identity(self, mailbox: Mailbox) -> ServerIdentity:
        """Refuse as where Airflow has no such connection."""
        raise BadSetting(f"connection {mailbox.connection_id}: nowhere")

    def credential(self, mailbox: Mailbox) -> str:
        """Refuse likewise."""
        raise BadSetting(f"connection {mailbox.connection_id}: nowhere")

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
