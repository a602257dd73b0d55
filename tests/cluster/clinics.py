"""Clinics with an account each, as many as are named, and a practice with something to bill for all of them."""

import json
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any, Final

import yaml

from include.adapters.ledger import Ledger
from include.cli.stack import PROJECT
from include.delivery.records import Table
from include.sandbox.practice import make_practice
from include.sandbox.practice_demo import SANDBOX_PASSWORD
from include.sandbox.practice_people import EVERYBODY, invented_npi
from tests.chaos.referee import Bill
from tests.databases import PostgresServer
from tests.orchestration.clinic_rows import a_billing_row, a_clinic_row, a_mailbox_row

_KEY: Final = "clinic_%02d"


def clinics_of(number: int) -> tuple[str, ...]:
    """Return the keys of so many clinics."""
    return tuple(_KEY % one for one in range(number))


CLINICS: Final = clinics_of(50)
CLAIMS: Final = 3
"""Claims a clinic has to send."""


def write_world(
    home: Path, now: datetime, postgres: PostgresServer, clinics: Sequence[str], *, claims: int, sftp_sessions: int
) -> Path:
    """Write the practice, the clearinghouse's accounts and the settings file; return where that is."""
    needed = len(clinics) * claims
    make_practice(home / "practice.db", now, claims_per_clinic=_of_each_demo_clinic(needed), with_faults=False)
    with closing(sqlite3.connect(home / "practice.db")) as practice, practice:
        _deal_out(practice, clinics, needed)
    (home / "accounts.json").write_text(json.dumps(dict.fromkeys(clinics, SANDBOX_PASSWORD)))
    (home / "payers.json").write_text("{}")
    path = home / "settings.yaml"
    path.write_text(yaml.safe_dump(_settings(postgres, clinics, sftp_sessions)))
    return path


def fill_clinic_table(ledger: Ledger, clinics: Sequence[str]) -> None:
    """Enter the clinics, each with its mailbox and its billing identity."""
    table = ledger.clinics
    table.put(Table.MAILBOX, [a_mailbox_row(key) for key in clinics])
    billing = [a_billing_row(key, npi=npi, taxonomy="103K00000X") for key, npi in _with_npis(clinics)]
    table.put(Table.BILLING_IDENTITY, billing)
    table.put(Table.CLINIC, [a_clinic_row(key, mailbox_key=key) for key in clinics])


def bills_of(practice: Path) -> list[Bill]:
    """Return what the practice wants paid."""
    with closing(sqlite3.connect(practice)) as database:
        rows = database.execute(
            "select patient_last_name || ' ' || patient_first_name, replace(service_date, '-', ''), procedure, charge,"
            " source_claim_key || ' ' || source_line_key from pending_claim_lines"
        ).fetchall()
    return [Bill(patient, day, procedure, Decimal(charge), key) for patient, day, procedure, charge, key in rows]


def _with_npis(clinics: Sequence[str]) -> Iterator[tuple[str, str]]:
    yield from ((key, invented_npi(200 + number)) for number, key in enumerate(clinics))


def _of_each_demo_clinic(needed: int) -> int:
    """Return how many claims the demo's clinics need each, so that there are enough to deal out."""
    return -(-needed // sum(clinic.has_claims for clinic in EVERYBODY))


def tell_patients_apart(practice: sqlite3.Connection) -> None:
    """Give every patient, and who holds the policy, a name that no other has: the invented names are few."""
    letters = ", ".join(f"65 + {{0}} / {26**place} % 26" for place in range(4))
    for table, column, number in (("clients", "last_name", "id"), ("policies", "holder_last_name", "client_id")):
        practice.execute(f"update {table} set {column} = {column} || char({letters.format(number)})")


def _deal_out(practice: sqlite3.Connection, clinics: Sequence[str], needed: int) -> None:
    """Give the demo's claims to the clinics in turn."""
    rows = [(key, key.upper(), npi) for key, npi in _with_npis(clinics)]
    practice.executemany("insert into clinics values (?, ?, ?)", rows)
    practice.execute("delete from claims where id > ?", [needed])
    # One line a claim: the referee then counts bills and claim numbers alike.
    practice.execute(
        "delete from sessions where claim_id not in (select id from claims)"
        " or id not in (select min(id) from sessions group by claim_id)"
    )
    total = "select cents from sessions where sessions.claim_id = claims.id"
    practice.execute(f"update claims set session_count = 1, total_cents = ({total})")
    for table in ("claims", "clients"):
        practice.execute(f"update {table} set clinic_id = printf('{_KEY}', id % ?)", [len(clinics)])
    tell_patients_apart(practice)


def _settings(postgres: PostgresServer, clinics: Sequence[str], sftp_sessions: int) -> dict[str, Any]:
    """Return the demo's settings with a ledger on PostgreSQL and an account a clinic."""
    settings: dict[str, Any] = yaml.safe_load((PROJECT / "airflow_settings.yaml").read_text("utf-8"))
    demo = settings["airflow"]["connections"]
    settings["airflow"]["connections"] = list(_connections(demo, postgres, clinics))
    [pool] = settings["airflow"]["pools"]
    pool["pool_slot"] = sftp_sessions
    return settings


def _connections(
    demo: list[dict[str, Any]], postgres: PostgresServer, clinics: Sequence[str]
) -> Iterator[dict[str, Any]]:
    account = next(one for one in demo if one["conn_type"] == "sftp")
    yield from (one for one in demo if one["conn_type"] != "sftp" and one["conn_id"] != "claims_ledger")
    yield from ({**account, "conn_id": f"sftp_{key}", "conn_login": key} for key in clinics)
    yield {
        "conn_id": "claims_ledger",
        "conn_type": "postgres",
        "conn_host": "127.0.0.1",
        "conn_port": postgres.port,
        "conn_login": "courier",
        "conn_schema": "ledger",
    }
