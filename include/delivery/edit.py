"""
One row of the tables people keep, changed by one person in a form: checked as an import checks it, told who did it.

The form says which row it was shown. Where the row is another by now nothing is changed, and the person is told what
somebody else has written meanwhile.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from include.delivery.clinic_table import Row
from include.delivery.kept_tables import faults_of, is_archived_by, not_drained, thing
from include.delivery.ports import Ledger, Ports
from include.delivery.records import OnboardingNote, Step, Table

_UNSAID: Final = frozenset({"tax_id", "submitter_id"})
"""A person's tax id is their social security number: a note says that it changed, not from what to what."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Edit:
    """What somebody wants a row to be."""

    table: Table
    clinic_key: str  # whose setting up remembers it; blank: nobody's
    shown: Mapping[str, str]  # the row as they saw it; empty: there was none
    cells: Mapping[str, str]  # what they wrote, the key with it

    @property
    def row(self) -> Mapping[str, str]:
        """The row as it would stand."""
        return {**self.shown, **self.cells}


@dataclass(frozen=True, slots=True)
class Meanwhile:
    """A cell that somebody else has changed since it was shown."""

    column: str
    shown: str
    now: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Edited:
    """What became of it: done, or why not."""

    faults: Mapping[str, Sequence[str]] = field(default_factory=dict)  # by column
    meanwhile: Sequence[Meanwhile] = ()
    now: Mapping[str, str] = field(default_factory=dict)  # the row as it stands, where somebody else changed it

    @property
    def is_done(self) -> bool:
        """Whether the row is now what was asked for."""
        return not self.faults and not self.meanwhile


def edit(asked: Edit, who: str, ports: Ports) -> Edited:
    """Change a row, or say which cells are wrong or what somebody else has written meanwhile."""
    ledger = ports.ledger
    faults = by_column([*faults_of(asked.table, asked.row), *_not_of_the_row(asked, ledger)])
    if faults:
        return Edited(faults=faults)
    note = OnboardingNote(step=Step.CHANGED, at=ports.now(), who=who, note=_said(asked))
    if ledger.clinics.change(asked.table, asked.shown, asked.row, asked.clinic_key, note):
        return Edited()
    now = row_of(asked.table, asked.row["key"], ledger)
    columns = [column for column in asked.row if asked.shown.get(column, "") != now.get(column, "")]
    return Edited(meanwhile=[Meanwhile(one, asked.shown.get(one, ""), now.get(one, "")) for one in columns], now=now)


def row_of(table: Table, key: str, ledger: Ledger) -> Mapping[str, str]:
    """Return a row as it stands, unchecked; nothing where there is none."""
    row = ledger.clinics.row(table, key) or {}
    return {name: str(cell) for name, cell in row.items()}


def by_column(faults: Sequence[str]) -> dict[str, list[str]]:
    """Return faults by the column they name."""
    found: dict[str, list[str]] = defaultdict(list)
    for fault in faults:
        column, _, words = fault.removeprefix("column ").partition(": ")
        found[column].append(words)
    return dict(found)


def _not_of_the_row(asked: Edit, ledger: Ledger) -> Iterator[str]:
    """Yield what is wrong that the row alone does not show."""
    for column, text in asked.cells.items():
        if not text.isprintable():
            yield f"column {column}: holds a character that cannot be seen"
    if asked.table is not Table.CLINIC:
        return
    row = asked.row
    if ledger.clinics.row(Table.MAILBOX, row["mailbox_key"]) is None:
        yield f"column mailbox_key: there is no mailbox {row['mailbox_key']!r}"
    if is_archived_by(asked.shown, row) and (why := not_drained(row["key"], ledger)):
        yield f"{why}; set it to paused, and archive it once nothing is"


def _said(asked: Edit) -> str:
    name = f"{thing(asked.table)} {asked.row['key']}"
    if not asked.shown:
        return f"{name}: added"
    changes = (
        column if column in _UNSAID else f"{column} {asked.shown.get(column, '')!r} → {cell!r}"
        for column, cell in asked.cells.items()
        if asked.shown.get(column, "") != cell
    )
    return f"{name}: {', '.join(changes) or 'as it was'}"


def owners(table: Table, row: Row, ledger: Ledger) -> set[str]:
    """Return the clinics whose claims a mailbox, an enrollment or a hold is about."""
    if table is Table.MAILBOX:
        return {str(one["key"]) for one in ledger.clinics.rows(Table.CLINIC) if one["mailbox_key"] == row["key"]}
    identities = ledger.clinics.rows(Table.BILLING_IDENTITY)
    fitting = (one for one in identities if row.get("npi") and _is_of(one, row))
    return {str(one["clinic_key"]) for one in fitting}


def _is_of(identity: Row, row: Row) -> bool:
    """Tell whether an identity bills what a row is about; who renders is known by the tax id it bills under."""
    tax_id = row.get("tax_id") or ""
    if row.get("what") == "credentialing":
        return bool(tax_id) and identity["tax_id"] == tax_id
    return identity["npi"] == row["npi"] and tax_id in {"", identity["tax_id"]}
