"""
The clinic table as a small file beside Airflow, so that parsing a DAG file costs little and cannot fail.

Every task start parses its DAG file again. One clinic a line, sorted by key, with the key in front: a task
finds its own line without reading the others as JSON. The first line tells the table's revision and which rows
were refused. A row that went bad leaves the clinic's last good line where it was.

The snapshot gives a DAG its shape only; every decision about claims is taken from the ledger's own row.
"""

import json
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol, TypeVar

from include.claims.errors import BadSetting
from include.delivery.clinic_table import (
    Clinic,
    Row,
    billing_identity_from_row,
    clinic_from_row,
    mailbox_from_row,
)
from include.delivery.records import Table

FILE_NAME = "clinics.jsonl"

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Snapshot:
    """What the last reading of the clinic table found."""

    revision: int
    faults: tuple[str, ...]  # one for every refused row: table, key, column, rule
    rows: Mapping[str, Row]  # the last good row by clinic key, as the table has it

    def clinics(self, keys: Iterable[str] | None = None) -> Iterator[Clinic]:
        """Return the clinics, or those of these keys, in the order of their keys."""
        for key in sorted(self.rows if keys is None else keys):
            # A last good row that a newer program refuses is told as a fault; it must not cost the others.
            with suppress(BadSetting):
                yield clinic_from_row(self.rows[key])


def read_snapshot(folder: Path) -> Snapshot | None:
    """Return the last good snapshot, or None where there is none yet or another layout wrote it."""
    try:
        lines = (folder / FILE_NAME).read_text("utf-8").splitlines()
        head = json.loads(lines[0])
        rows = [json.loads(line) for line in lines[1:]]
        return Snapshot(
            revision=int(head["revision"]),
            faults=tuple(head["faults"]),
            rows={row["key"]: row["row"] for row in rows},
        )
    except (FileNotFoundError, NotADirectoryError, IndexError, KeyError, TypeError, ValueError):
        return None


def read_clinic(folder: Path, key: str) -> Clinic | None:
    """Return one clinic of the snapshot; what it costs hardly grows with the number of clinics."""
    start = _line_start(key)
    try:
        with (folder / FILE_NAME).open(encoding="utf-8") as lines:
            line = next((line for line in lines if line.startswith(start)), None)
    except (FileNotFoundError, NotADirectoryError):
        return None
    if line is None:
        return None
    try:
        return clinic_from_row(json.loads(line)["row"])
    except (BadSetting, KeyError, ValueError):
        return None


class ClinicRows(Protocol):
    """What the snapshot reads of the ledger."""

    def revision(self) -> int:
        """Return a number that rises with every change of the tables."""

    def rows(self, table: Table) -> Sequence[Row]:
        """Return every row of a table as it stands, unchecked."""


def refresh_snapshot(folder: Path, table: ClinicRows) -> Snapshot:
    """Read the clinic table, keep the last good row of each clinic whose row is wrong, and return what holds now."""
    before = read_snapshot(folder)
    revision = table.revision()
    mailboxes, mailbox_faults = _checked(table.rows(Table.MAILBOX), mailbox_from_row)
    bills, bill_faults = _checked(table.rows(Table.BILLING_IDENTITY), billing_identity_from_row)
    billing = {identity.clinic_key for identity in bills.values()}
    faults: list[str] = [*mailbox_faults.values(), *bill_faults.values()]
    broken_billing = _clinics_of(table.rows(Table.BILLING_IDENTITY), bill_faults)
    good: dict[str, Row] = {}
    for row in table.rows(Table.CLINIC):
        key = str(row.get("key", ""))
        fault = _fault(row, known_mailboxes=mailboxes, billing=billing - broken_billing)
        if not fault:
            good[key] = _plain(row)
            continue
        faults.append(fault)
        if before is not None and key in before.rows:
            good[key] = before.rows[key]
    snapshot = Snapshot(revision=revision, faults=tuple(sorted(faults)), rows=good)
    _write(folder, snapshot)
    return snapshot


def _fault(row: Row, *, known_mailboxes: Mapping[str, object], billing: set[str]) -> str:
    try:
        clinic = clinic_from_row(row)
    except BadSetting as error:
        return str(error)
    if clinic.mailbox_key not in known_mailboxes:
        return f"clinic {clinic.key}: column mailbox_key: no good row in table mailboxes has key {clinic.mailbox_key}"
    if clinic.key not in billing:
        return f"clinic {clinic.key}: column key: it has no good row in table billing_identities, or a bad one"
    return ""


def _checked(rows: Sequence[Row], read: Callable[[Row], T]) -> tuple[dict[str, T], dict[str, str]]:
    good: dict[str, T] = {}
    faults: dict[str, str] = {}
    for row in rows:
        key = str(row.get("key", ""))
        try:
            good[key] = read(row)
        except BadSetting as error:
            faults[key] = str(error)
    return good, faults


def _clinics_of(rows: Sequence[Row], faults: Mapping[str, str]) -> set[str]:
    return {str(row.get("clinic_key", "")) for row in rows if str(row.get("key", "")) in faults}


def _plain(row: Row) -> dict[str, Any]:
    # Drivers give dates and integers of their own; the text the table's people wrote is what a row is checked from.
    return {name: "" if value is None else str(value) for name, value in sorted(row.items())}


def _line_start(key: str) -> str:
    return json.dumps({"key": key}, separators=(",", ":"))[:-1] + ","


def _write(folder: Path, snapshot: Snapshot) -> None:
    head = {"revision": snapshot.revision, "faults": list(snapshot.faults)}
    lines = [head, *({"key": key, "row": snapshot.rows[key]} for key in sorted(snapshot.rows))]
    text = "".join(json.dumps(line, separators=(",", ":")) + "\n" for line in lines)
    target = folder / FILE_NAME
    if target.exists() and target.read_text("utf-8") == text:
        return
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    # Two DAG files are parsed at once; each writes a file of its own and the rename is atomic.
    handle, name = tempfile.mkstemp(dir=folder, prefix=f"{FILE_NAME}.")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    Path(name).replace(target)
