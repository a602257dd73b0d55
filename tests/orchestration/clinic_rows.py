"""Rows of the clinic table as people write them, and a table that holds them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from include.claims.errors import LedgerUnreachable
from include.delivery.clinic_table import Clinic, clinic_from_row
from include.delivery.records import Table

Row = Mapping[str, object]


def a_clinic_row(key: str = "acorn_aba", **changes: object) -> dict[str, object]:
    """Return a good row; name what differs."""
    row: dict[str, object] = {
        "key": key,
        "name": "Acorn Example Therapy",
        "mailbox_key": "acorn",
        "source_connection_id": "practice_demo",
        "timezone": "America/New_York",
        "delivery_cron": "30 22 * * *",
        "response_cron": "0 6 * * *",
        "mode": "live",
        "live_since": "2026-01-01",
    }
    return {**row, **changes}


def a_mailbox_row(key: str = "acorn", **changes: object) -> dict[str, object]:
    """Return a good row; name what differs."""
    row: dict[str, object] = {
        "key": key,
        "connection_id": f"sftp_{key}",
        "submitter_id": "000000001",
        "submitter_name": "ACORN EXAMPLE THERAPY",
        "contact_name": "BILLING DESK",
        "contact_phone": "2125550100",
    }
    return {**row, **changes}


def a_billing_row(clinic_key: str = "acorn_aba", **changes: object) -> dict[str, object]:
    """Return a good row; name what differs."""
    row: dict[str, object] = {
        "key": f"{clinic_key}_main"[:40],
        "clinic_key": clinic_key,
        "name": "ACORN EXAMPLE THERAPY",
        "npi": "1234567893",
        "tax_id": "000000001",
        "street": "1 EXAMPLE WAY",
        "city": "ALBANY",
        "state": "NY",
        "postal_code": "122010001",
    }
    return {**row, **changes}


@dataclass
class TablesInMemory:
    """A clinic table that a test writes by hand; it implements what the snapshot reads of `ClinicLedger`."""

    clinics: list[Row] = field(default_factory=list)
    mailboxes: list[Row] = field(default_factory=lambda: [a_mailbox_row()])
    identities: list[Row] | None = None
    number: int = 1
    is_down: bool = False
    keyed_reads: list[str] = field(default_factory=list)

    def revision(self) -> int:
        """Return the table's revision, unless the database is down."""
        if self.is_down:
            raise LedgerUnreachable("ledger: no answer")
        return self.number

    def rows(self, table: Table) -> Sequence[Row]:
        """Return the rows as they were written."""
        if table is Table.CLINIC:
            return self.clinics
        if table is Table.MAILBOX:
            return self.mailboxes
        if self.identities is not None:
            return self.identities
        return [a_billing_row(str(row["key"])) for row in self.clinics]

    def clinic(self, key: str) -> Clinic:
        """Return one clinic, and remember that it was asked for."""
        self.keyed_reads.append(key)
        return next(clinic_from_row(row) for row in self.clinics if key == row["key"])
