"""
The tables people keep, and what is wrong with them: each row by itself, and what it names that is not there.

A CSV that is imported, the shell's checks and the forms of the Claims page ask here, so that all refuse the same rows
in the same words.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Final

from include.claims.enrollment import What
from include.delivery.clinic_table import (
    BILLING_IDENTITY_COLUMNS,
    CLINIC_COLUMNS,
    MAILBOX_COLUMNS,
    Mode,
    Row,
    RowRefused,
    billing_identity_from_row,
    clinic_from_row,
    mailbox_from_row,
)
from include.delivery.drain import as_words, still_open
from include.delivery.payer_table import (
    ENROLLMENT_COLUMNS,
    HOLD_COLUMNS,
    PAYER_COLUMNS,
    enrollment_from_row,
    hold_from_row,
    payer_from_row,
)
from include.delivery.ports import Ledger
from include.delivery.records import Table

COLUMNS: Final[Mapping[Table, tuple[str, ...]]] = {
    Table.MAILBOX: MAILBOX_COLUMNS,
    Table.BILLING_IDENTITY: BILLING_IDENTITY_COLUMNS,
    Table.CLINIC: CLINIC_COLUMNS,
    Table.PAYER: tuple(PAYER_COLUMNS),
    Table.ENROLLMENT: tuple(ENROLLMENT_COLUMNS),
    Table.HOLD: tuple(HOLD_COLUMNS),
}
_CHECKS: Final[Mapping[Table, Callable[[Row], object]]] = {
    Table.MAILBOX: mailbox_from_row,
    Table.BILLING_IDENTITY: billing_identity_from_row,
    Table.CLINIC: clinic_from_row,
    Table.PAYER: payer_from_row,
    Table.ENROLLMENT: enrollment_from_row,
    Table.HOLD: hold_from_row,
}
_THING: Final = {
    Table.MAILBOX: "mailbox",
    Table.BILLING_IDENTITY: "billing identity",
    Table.CLINIC: "clinic",
    Table.PAYER: "payer",
    Table.ENROLLMENT: "enrollment",
    Table.HOLD: "hold",
}

Rows = Mapping[Table, Sequence[Row]]


def faults_of(table: Table, row: Row) -> Sequence[str]:
    """Return what is wrong with a row, each as `column NAME: what is wrong`."""
    try:
        _CHECKS[table](row)
    except RowRefused as refused:
        return refused.faults
    return ()


def thing(table: Table) -> str:
    """Return what a row of the table is called."""
    return _THING[table]


def row_problems(rows: Rows) -> Iterator[str]:
    """Yield what is wrong within a row."""
    for table, some in rows.items():
        for row in some:
            yield from (f"{thing(table)} {row['key']}: {fault}" for fault in faults_of(table, row))


def delivering(clinics: Iterable[Row]) -> list[Row]:
    """Return the clinics that are to deliver; what is still being set up may lack something."""
    return [row for row in clinics if row["mode"] in {Mode.TEST, Mode.LIVE, Mode.PAUSED}]


def loose_ends(rows: Rows) -> Iterator[str]:
    """Yield what of the clinic table names something that is not there."""
    keys = {table: {row["key"] for row in some} for table, some in rows.items()}
    billing = {row["clinic_key"] for row in rows[Table.BILLING_IDENTITY]}
    for row in rows[Table.CLINIC]:
        if row["mailbox_key"] not in keys[Table.MAILBOX]:
            yield f"clinic {row['key']}: column mailbox_key: there is no mailbox {row['mailbox_key']!r}; import it"
    for row in delivering(rows[Table.CLINIC]):
        if row["key"] not in billing:
            yield f"clinic {row['key']}: nobody bills for it; add a row to billing_identities.csv"
    for row in rows[Table.BILLING_IDENTITY]:
        if row["clinic_key"] not in keys[Table.CLINIC]:
            yield f"billing identity {row['key']}: column clinic_key: there is no clinic {row['clinic_key']!r}"


def payers_loose_ends(rows: Rows, billing_npis: set[object]) -> Iterator[str]:
    """Yield what of enrollments and holds names a payer or a provider that is not there."""
    listed = {row["key"] for row in rows[Table.PAYER]}
    for table in (Table.ENROLLMENT, Table.HOLD):
        for row in rows[table]:
            if listed and row["payer_id"] not in {*listed, ""}:
                place = f"{thing(table)} {row['key']}: column payer_id"
                yield f"{place}: the payer list has no {row['payer_id']!r} for claims"
    for row in rows[Table.ENROLLMENT]:
        if row["what"] != What.CREDENTIALING and row["npi"] not in billing_npis:
            yield f"enrollment {row['key']}: column npi: no billing identity has {row['npi']!r}"


def is_archived_by(before: Row, after: Row) -> bool:
    """Tell whether a change of its row archives a clinic that was there."""
    return after.get("mode") == Mode.ARCHIVED and before.get("mode") not in {None, Mode.ARCHIVED}


def not_drained(clinic_key: str, ledger: Ledger) -> str:
    """Return why a clinic may not be archived yet: an archived one receives no answers; blank where it may."""
    open_now = still_open(clinic_key, ledger)
    return f"column mode: not archived while something is open: {as_words(open_now)}" if open_now else ""
