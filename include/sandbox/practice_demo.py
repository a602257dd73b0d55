"""
The files a demo starts from: the invented practice, its clinic table as CSV, and the sandbox's accounts and payers.

What a person would keep by hand in a real house; `./courier clinics import` reads the tables, the sandbox the rest.
"""

import csv
import json
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path

from include.sandbox.practice import Practice, make_practice
from include.sandbox.practice_people import CLINICS, EVERYBODY, NEWCOMER, PAYERS, DemoClinic

PRACTICE_CONNECTION = "practice_demo"
SANDBOX_PASSWORD = "sandbox-only"  # noqa: S105 - opens nothing but the sandbox on this machine
PHONE = "5035550100"

_LIVE_FOR = timedelta(days=30)


def make_demo(home: Path, now: datetime, *, claims_per_clinic: int = 14, password: str = SANDBOX_PASSWORD) -> Practice:
    """Write practice, tables, `newcomer/`, `accounts.json` and `payers.json` into a folder; return the practice."""
    home.mkdir(parents=True, exist_ok=True)
    practice = make_practice(home / "practice.db", now, claims_per_clinic=claims_per_clinic)
    write_tables(home, now)
    write_newcomer(home / "newcomer")
    write_sandbox(home, password)
    return practice


def write_tables(home: Path, now: datetime) -> None:
    """Write mailboxes.csv, billing_identities.csv and clinics.csv."""
    live_since = (now - _LIVE_FOR).date().isoformat()
    _write(home / "mailboxes.csv", [_mailbox(clinic) for clinic in _mailbox_owners()])
    _write(home / "billing_identities.csv", [_billing_identity(clinic) for clinic in CLINICS])
    _write(home / "clinics.csv", [_clinic(clinic, live_since) for clinic in CLINICS])


def write_newcomer(folder: Path) -> None:
    """Write the three rows of a clinic that is still to be set up."""
    folder.mkdir(exist_ok=True)
    setting_up = {"mode": "onboarding", "live_since": "", "first_night_claims": "3"}
    _write(folder / "mailboxes.csv", [{**_mailbox(NEWCOMER), "user_name": NEWCOMER.key}])
    _write(folder / "billing_identities.csv", [_billing_identity(NEWCOMER)])
    _write(folder / "clinics.csv", [{**_clinic(NEWCOMER, ""), **setting_up}])


def write_sandbox(home: Path, password: str = SANDBOX_PASSWORD) -> None:
    """Write the accounts and the payer list of the sandbox clearinghouse."""
    accounts = {clinic.mailbox: password for clinic in (*_mailbox_owners(), NEWCOMER)}
    npis = {clinic.key: clinic.npi for clinic in EVERYBODY}
    payers = {
        "payers": {payer.id: payer.name for payer in PAYERS if payer.is_known},
        "enrollment": {p.id: [npis[key] for key in p.enrolled] for p in PAYERS if p.enrolled is not None},
    }
    _write_json(home / "accounts.json", accounts)
    _write_json(home / "payers.json", payers)


def _mailbox_owners() -> list[DemoClinic]:
    """Return for each mailbox the clinic it is named after."""
    return [clinic for clinic in CLINICS if clinic.key == clinic.mailbox]


def _mailbox(clinic: DemoClinic) -> dict[str, str]:
    return {
        "key": clinic.mailbox,
        "connection_id": f"sftp_{clinic.mailbox}",
        "submitter_id": clinic.tax_id,
        "submitter_name": clinic.name,
        "contact_name": "BILLING DESK",
        "contact_phone": PHONE,
        "profile": "office_ally",
        "format": "837p",
    }


def _billing_identity(clinic: DemoClinic) -> dict[str, str]:
    return {
        "key": f"{clinic.key}_main",
        "clinic_key": clinic.key,
        "name": clinic.name,
        "npi": clinic.npi,
        "tax_id": clinic.tax_id,
        "tax_id_kind": "EI",
        "taxonomy": "103K00000X",
        "street": f"{clinic.number} EXAMPLE PARKWAY",
        "street2": "",
        "city": clinic.city,
        "state": clinic.state,
        "postal_code": clinic.postal_code,
        "phone": PHONE,
        "effective_from": "",
        "effective_to": "",
    }


def _clinic(clinic: DemoClinic, live_since: str) -> dict[str, str]:
    return {
        "key": clinic.key,
        "name": clinic.name,
        "mailbox_key": clinic.mailbox,
        "source_connection_id": PRACTICE_CONNECTION,
        "timezone": clinic.timezone,
        "delivery_cron": clinic.delivery_cron,
        "response_cron": "15 6,10,14,18 * * *",
        "mode": "live",
        "live_since": live_since,
        "contact": "billing@example.org",
        "claims_per_file": "1000",
        "answer_within_hours": "24",
        "lookback_days": "90",
        "oldest_batch_days": "7",
        "first_night_claims": "0",  # the demo has one night
        "priority": "5",
    }


def _write(path: Path, rows: Sequence[Mapping[str, str]]) -> None:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
