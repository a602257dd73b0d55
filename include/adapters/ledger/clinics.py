"""The clinic table as people keep it: loose text, checked when it is read. `ports.ClinicLedger` on SQL."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Connection, Select, exists, func, insert, or_, select, update
from sqlalchemy import Table as SqlTable

from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among, insert_many, insert_once
from include.adapters.ledger.onboarding import note_row
from include.adapters.ledger.tables import (
    BATCH,
    BILLING_IDENTITY,
    CLINIC,
    CLINIC_TABLE_REVISION,
    ENROLLMENT,
    MAILBOX,
    ONBOARDING,
    PAYER,
    PAYER_HOLD,
    SUBMISSION,
)
from include.claims.deadlines import GOES_NOWHERE
from include.claims.errors import BadSetting
from include.claims.states import DEAD_ON_DELIVERY, REJECTED, Adjudication, BatchStatus, Usage
from include.delivery.clinic_table import (
    BillingIdentity,
    Clinic,
    Mailbox,
    Row,
    billing_identity_from_row,
    clinic_from_row,
    mailbox_from_row,
)
from include.delivery.records import OnboardingNote, Table

_TABLES: Mapping[Table, SqlTable] = {
    Table.MAILBOX: MAILBOX,
    Table.BILLING_IDENTITY: BILLING_IDENTITY,
    Table.CLINIC: CLINIC,
    Table.PAYER: PAYER,
    Table.ENROLLMENT: ENROLLMENT,
    Table.HOLD: PAYER_HOLD,
}
_UNANSWERED = (BatchStatus.BEGUN.value, BatchStatus.SENT.value)
_LEFT = (*_UNANSWERED, BatchStatus.ANSWERED.value, BatchStatus.NOT_ARRIVED.value)
"""An answer may come to what a person called lost, too."""

_UNPAID = (
    SUBMISSION.c.batch_id == BATCH.c.id,
    SUBMISSION.c.usage == Usage.LIVE.value,
    SUBMISSION.c.delivery.not_in([state.value for state in DEAD_ON_DELIVERY | GOES_NOWHERE]),
    SUBMISSION.c.front_end.not_in([state.value for state in REJECTED]),
    SUBMISSION.c.adjudication.in_([Adjudication.NONE.value, Adjudication.REVERSED.value]),
)
"""The payer has not decided, or took its decision back."""

_LONGEST: Final = timedelta(days=730)
"""Nobody pays after two years; without an end a claim nobody closes would have its old account visited for ever."""


class Clinics:
    """The ledger's clinic table."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def clinic(self, key: str) -> Clinic:
        """Return one clinic; raise BadSetting where it is missing or wrong."""
        with self._database.read() as connection:
            return read_clinic(connection, key)

    def mailbox(self, key: str) -> Mailbox:
        """Return one mailbox; raise BadSetting where it is missing or wrong."""
        with self._database.read() as connection:
            return mailbox_from_row(_row(connection, MAILBOX, key))

    def billing_identities(self, clinic_key: str) -> list[BillingIdentity]:
        """Return who may bill for a clinic; raise BadSetting where a row is wrong."""
        query = select(BILLING_IDENTITY).where(BILLING_IDENTITY.c.clinic_key == clinic_key)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(BILLING_IDENTITY.c.key)).mappings().all()
        return [billing_identity_from_row(_loose(row)) for row in rows]

    def mailboxes_answering(self, clinic_key: str, now: datetime, quiet: timedelta) -> list[Mailbox]:
        """Return the clinic's own mailbox, then those it had before that may still answer."""
        with self._database.read() as connection:
            own = read_clinic(connection, clinic_key).mailbox_key
            others = sorted(connection.scalars(_former(clinic_key, own, now, quiet)))
            return [mailbox_from_row(_row(connection, MAILBOX, key)) for key in (own, *others)]

    def revision(self) -> int:
        """Return a number that rises with every change of the tables."""
        with self._database.read() as connection:
            return int(connection.execute(select(CLINIC_TABLE_REVISION.c.revision)).scalar_one())

    def rows(self, table: Table) -> list[Mapping[str, object]]:
        """Return every row of a table as it stands, unchecked, ordered by key."""
        kept = _TABLES[table]
        with self._database.read() as connection:
            rows = connection.execute(select(kept)).mappings().all()
        # Sorted here: databases do not agree on the order of text.
        return sorted((_loose(row) for row in rows), key=lambda row: str(row["key"]))

    def row(self, table: Table, key: str) -> Row | None:
        """Return one row as it stands, unchecked; None where there is none."""
        with self._database.read() as connection:
            row = connection.execute(_by_key(_TABLES[table], key)).mappings().one_or_none()
        return None if row is None else _loose(row)

    def put(self, table: Table, rows: Sequence[Mapping[str, object]]) -> tuple[int, int]:
        """Add and change rows by key in one transaction, remove none; return (added, changed)."""
        kept = _TABLES[table]
        blank = dict.fromkeys(_names(kept), "")
        cleaned: dict[str, dict[str, str]] = {}
        for row in (_clean(kept, row) for row in rows):
            cleaned[row["key"]] = {**cleaned.get(row["key"], {}), **row}
        with self._database.write() as connection:
            found = select(kept).where(among(kept.c.key, cleaned)).order_by(kept.c.key).with_for_update()
            old = {row["key"]: row for row in connection.execute(found).mappings()}
            new = [{**blank, **row} for key, row in cleaned.items() if key not in old]
            changed = [row for key, row in cleaned.items() if key in old and not row.items() <= old[key].items()]
            insert_many(connection, insert(kept), new)
            for row in changed:
                connection.execute(update(kept).where(kept.c.key == row["key"]).values(row))
        return len(new), len(changed)

    def change(self, table: Table, before: Row, after: Row, clinic_key: str, note: OnboardingNote) -> bool:
        """Change one row that still stands as it was shown, or add one where none was; keep the word of who did it."""
        kept = _TABLES[table]
        blank = dict.fromkeys(_names(kept), "")
        shown, wanted = ({**blank, **_clean(kept, row)} if row else {} for row in (before, after))
        with self._database.write() as connection:
            done = _replace(connection, kept, shown, wanted) if shown else _add(connection, kept, wanted)
            if done:
                connection.execute(insert(ONBOARDING), note_row(clinic_key, note))
        return done


def _replace(connection: Connection, table: SqlTable, before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    now = connection.execute(_by_key(table, after["key"]).with_for_update()).mappings().one_or_none()
    if now is None or dict(now) != before:
        return False
    connection.execute(update(table).where(table.c.key == after["key"]).values(after))
    return True


def _add(connection: Connection, table: SqlTable, row: Mapping[str, str]) -> bool:
    adding = insert_once(connection, table).values(row).on_conflict_do_nothing().returning(table.c.key)
    return connection.scalar(adding) is not None


def _former(clinic_key: str, own: str, now: datetime, quiet: timedelta) -> Select[tuple[str]]:
    """Ask for the other mailboxes whose files are unanswered, younger than `quiet`, or hold claims nobody decided."""
    return (
        select(BATCH.c.mailbox_key)
        .distinct()
        .where(
            BATCH.c.clinic_key == clinic_key,
            BATCH.c.mailbox_key != own,
            BATCH.c.status.in_(_LEFT),
            BATCH.c.created_at >= now - _LONGEST,
            or_(BATCH.c.status.in_(_UNANSWERED), BATCH.c.created_at >= now - quiet, exists().where(*_UNPAID)),
        )
    )


def read_clinic(connection: Connection, key: str) -> Clinic:
    """Return one clinic within a transaction, so that what is decided rests on the row as it is now."""
    return clinic_from_row(_row(connection, CLINIC, key))


def _by_key(table: SqlTable, key: str) -> Any:
    return select(table).where(table.c.key == key)


def _row(connection: Connection, table: SqlTable, key: str) -> dict[str, object]:
    row = connection.execute(_by_key(table, key)).mappings().one_or_none()
    if row is None:
        known = connection.scalar(select(func.count()).select_from(table))
        raise BadSetting(
            f"{table.name} {key!r}: no such row among {known}; add it with `./courier clinics import FILE.csv`"
        )
    return _loose(row)


def _loose(row: Mapping[Any, Any]) -> dict[str, object]:
    return {str(name): value for name, value in row.items()}


def _clean(table: SqlTable, row: Mapping[str, object]) -> dict[str, str]:
    unknown = sorted(row.keys() - _names(table))
    if unknown:
        raise BadSetting(f"table {table.name}: unknown column {', '.join(unknown)}")
    cells = {name: "" if value is None else str(value).strip() for name, value in row.items()}
    if not cells.get("key"):
        raise BadSetting(f"table {table.name}: a row has no key")
    return cells


def _names(table: SqlTable) -> set[str]:
    return {column.name for column in table.columns}
