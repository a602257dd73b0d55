"""The world as a shell command needs it: ports from `airflow_settings.yaml` and `AIRFLOW_CONN_*`, without Airflow."""

import argparse
import json
import os
import socket
import time
import uuid
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import cache, partial
from pathlib import Path

from include.adapters.code_lists import open_rule_book
from include.adapters.ledger import Ledger
from include.adapters.mailboxes import ConnectionMailboxes
from include.adapters.objects import Objects
from include.adapters.practice_source import open_source
from include.adapters.settings import Connection, Settings, database_url
from include.adapters.vault import LedgerVault
from include.claims.deadlines import Waits
from include.claims.errors import BadSetting
from include.claims.payer_profile import NO_PAYERS, PayerBook
from include.cli.airflow_connections import airflow_keeps
from include.delivery.ports import Ports
from include.delivery.records import LedgerIdentity
from include.delivery.renewal import Asked, told

LEDGER = "claims_ledger"
PAYLOAD_KEY = "claims_payload_key"
RULES = "claims_rules"
PAYLOADS = "claims_payloads"


def add_settings_options(command: argparse.ArgumentParser) -> None:
    """Add the options every command has that needs the ledger."""
    command.add_argument("--settings", type=Path, default=Path("airflow_settings.yaml"), help="connections, as Astro's")
    command.add_argument("--ledger", metavar="URL", help="the ledger's database, instead of connection claims_ledger")


def ledger_of(options: argparse.Namespace) -> Ledger:
    """Return the ledger a command's options name, with the keys to patients' data where there are any."""
    settings = settings_of(options)
    keys = payload_keys(settings) if settings.has(PAYLOAD_KEY) else ()
    return Ledger(ledger_url(options), keys, partial(payloads_outside, settings))


def refused_now(ledger: Ledger, clinic_key: str = "", *, name: str = "") -> list[str]:
    """Return what was refused before it was read, with what becomes of it, a sentence each."""
    asked = Asked(now=datetime.now(UTC), quiet=Waits.of(os.environ).quiet)
    return told(ledger.renewals.refused(clinic_key, name=name), asked)


def ledger_url(options: argparse.Namespace) -> str:
    """Return the ledger's address: the option, else the connection `claims_ledger`."""
    if options.ledger:
        return str(options.ledger)
    url = database_url(settings_of(options).connection(LEDGER))
    return url.render_as_string(hide_password=False)


def payload_keys(settings: Settings) -> list[str]:
    """Return the keys that stored files and patients' data are encrypted with, the first one first; perhaps none."""
    password = settings.connection(PAYLOAD_KEY, may_lack_values=True).password
    return [key.strip() for key in password.split(",") if key.strip()]


def payers_of(options: argparse.Namespace) -> PayerBook:
    """Return the payers' profiles of the folder behind `claims_rules`; without that connection there are none."""
    settings = settings_of(options)
    return open_rule_book(settings.connection(RULES)).payers if settings.has(RULES) else NO_PAYERS


def ports_of(options: argparse.Namespace) -> Ports:
    """Return the whole world for a command that visits a server."""
    settings = settings_of(options)
    return replace(looking_ports_of(options, mailbox_connections(settings)), vault=vault_of(options))


def vault_of(options: argparse.Namespace) -> LedgerVault:
    """Return the vault, with its keys and the place outside the ledger, if there is one."""
    settings = settings_of(options)
    settings.connection(PAYLOAD_KEY)  # raises where it is not whole
    database = ledger_of(options).database
    return LedgerVault(database, payload_keys(settings), outside=partial(payloads_outside, settings))


def payloads_outside(settings: Settings) -> Objects | None:
    """Return where stored files lie outside the ledger, opened as a task opens it; None without `claims_payloads`."""
    if not settings.has(PAYLOADS):
        return None
    # Here, because it starts Airflow, whose way to a store and its login this is.
    from include.orchestration.payloads import open_objects  # noqa: PLC0415

    return open_objects(settings.connection(PAYLOADS), settings)


def looking_ports_of(options: argparse.Namespace, find: Callable[[str], Connection]) -> Ports:
    """Return the world for a command that only looks into mailboxes, and therefore needs no key to any claim."""
    settings = settings_of(options)
    return Ports(
        ledger=ledger_of(options),
        vault=NoVault(),
        mailboxes=ConnectionMailboxes(find),
        source=lambda clinic: open_source(settings.connection(clinic.source_connection_id)),
        watermark=NoWatermark(),
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        sleep=time.sleep,
        quiet=Waits.of(os.environ).quiet,
        holder=f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}",
    )


def mailbox_connections(settings: Settings) -> Callable[[str], Connection]:
    """Return how a mailbox's connection is found: as the shell has it, else as Airflow has it; each is asked once."""

    @cache
    def find(connection_id: str) -> Connection:
        if settings.has(connection_id):
            return settings.connection(connection_id)
        found = airflow_keeps(connection_id).connection
        return found or settings.connection(connection_id)

    return find


class NoVault:
    """Who only looks stores and reads no file."""

    def store(self, content: bytes) -> str:
        """Refuse: there is no key."""
        raise BadSetting(f"{len(content)} bytes: this command has no payload key, and nothing is stored in clear")

    def load(self, sha256: str) -> bytes:
        """Refuse: there is no key."""
        raise BadSetting(f"payload {sha256}: this command has no payload key")


class NoWatermark:
    """A shell command seals nothing, so it has nothing to remember."""

    def check(self, look: Callable[[], LedgerIdentity]) -> None:
        """Know of no other ledger."""

    def raise_to(self, identity: LedgerIdentity) -> None:
        """Remember nothing."""


def settings_of(options: argparse.Namespace) -> Settings:
    """Return the connections the shell has: the settings file's and the environment's."""
    path = options.settings
    return Settings(path if path.exists() else None, {**_of_the_demo(os.environ), **os.environ})


def _of_the_demo(environ: Mapping[str, str]) -> dict[str, str]:
    """Return the key of the demo's ledger, which lies beside it."""
    path = Path(environ.get("COURIER_HOME") or ".courier") / "secrets.json"
    return {"COURIER_PAYLOAD_KEY": json.loads(path.read_text("utf-8"))["payload_key"]} if path.exists() else {}
