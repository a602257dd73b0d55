"""
The composition root: the use cases' ports, joined from Airflow connections when a task asks for them.

Nothing is built while this module is imported, and the adapters are imported where they are used: every parse of a
DAG file imports this module, and SQL and SSH would cost it more than the DAGs do.
"""

# ruff: noqa: PLC0415
import os
import socket
import time
import uuid
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from include.claims.deadlines import Waits
from include.claims.enrollment import Patience
from include.claims.scrub import NO_BOOK, RuleBook
from include.delivery.clinic_table import Clinic
from include.delivery.ports import ClaimSource, ClinicLedger, Ports
from include.orchestration.pace import PACE, old_mailbox

if TYPE_CHECKING:
    from include.adapters.ledger import Ledger
    from include.adapters.objects import Objects

LEDGER: Final = "claims_ledger"
PAYLOAD_KEY: Final = "claims_payload_key"
RULES: Final = "claims_rules"
PAYLOADS: Final = "claims_payloads"


def ports_for_task() -> Ports:
    """Return the world as a task needs it, by the connections Airflow has now."""
    from include.adapters.vault import LedgerVault
    from include.orchestration.mailboxes import AirflowMailboxes
    from include.orchestration.watermark import VariableWatermark

    keys, waits = _payload_keys(), Waits.of(os.environ)
    ledger = _ledger(_ledger_url(), *keys)
    return Ports(
        ledger=ledger,
        vault=LedgerVault(ledger.database, keys, outside=payloads_outside),
        mailboxes=AirflowMailboxes(),
        source=source_of,
        rule_book=rule_book,
        watermark=VariableWatermark(),
        now=lambda: datetime.now(UTC),
        monotonic=time.monotonic,
        sleep=time.sleep,
        waits=waits,
        quiet=waits.quiet,
        holder=f"{socket.gethostname()}:{os.getpid()}:{uuid.uuid4().hex[:8]}",
        lease_seconds=PACE.lease.total_seconds(),
        settle_seconds=PACE.settle.total_seconds(),
        patience=Patience.of(os.environ),
        old_mailbox=old_mailbox(os.environ),
    )


def clinic_table() -> ClinicLedger:
    """Return the clinic table alone: what a parse needs, without keys to anything else."""
    return _ledger(_ledger_url()).clinics


def source_of(clinic: Clinic) -> ClaimSource:
    """Return where a clinic's claims come from: the database or the folder behind its connection."""
    from include.adapters.practice_source import open_source
    from include.orchestration.connections import airflow_connection

    return open_source(airflow_connection(clinic.source_connection_id, wanted_by=f"clinic {clinic.key}"))


def rule_book() -> RuleBook:
    """Return the rules with the profiles and lists of the folder behind `claims_rules`; without it, the rules alone."""
    from include.adapters.code_lists import open_rule_book
    from include.orchestration.connections import optional_connection

    connection = optional_connection(RULES)
    return NO_BOOK if connection is None else open_rule_book(connection)


def payloads_outside() -> "Objects | None":
    """Return where stored files lie, by connection `claims_payloads`; without it they lie in the ledger's database."""
    from include.orchestration.connections import optional_connection
    from include.orchestration.payloads import open_objects

    connection = optional_connection(PAYLOADS)
    return None if connection is None else open_objects(connection)


@lru_cache(maxsize=2)
def _ledger(url: str, *keys: str) -> "Ledger":
    """Return the ledger, one for a process: it keeps no connection, and every new one asks its database who it is."""
    from include.adapters.ledger import Ledger

    return Ledger(url, keys, payloads_outside)


def _ledger_url() -> str:
    from include.adapters.settings import database_url
    from include.orchestration.connections import airflow_connection

    url = database_url(airflow_connection(LEDGER, wanted_by="every task"))
    return url.render_as_string(hide_password=False)


def _payload_keys() -> list[str]:
    from include.orchestration.connections import airflow_connection

    password = airflow_connection(PAYLOAD_KEY, wanted_by="the payload vault").password
    return [key.strip() for key in password.split(",") if key.strip()]
