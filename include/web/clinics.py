"""Clinics: the table with its checks, a clinic's rows to be changed, and its connection to be tried."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response

from include.claims.errors import ClaimsError
from include.delivery.clinic_board import IN_SETUP, ClinicLine, clinic_lines, next_runs, problems_of
from include.delivery.clinic_table import Mode, Row, mailbox_from_row
from include.delivery.connection_test import PAUSE, SEEN, last_try, try_connection
from include.delivery.edit import owners
from include.delivery.kept_tables import COLUMNS, Rows, faults_of
from include.delivery.onboard import onboarding
from include.delivery.records import CLINIC_TABLES, Step, Table
from include.web.csv_export import as_csv
from include.web.desk import AtDesk, Desk
from include.web.enrollments import PLAIN
from include.web.pages import page
from include.web.row_form import RowForm, Sent, cells_of, label, save, show
from include.web.viewer import May

router: Final = APIRouter()

_COLUMNS: Final = (
    "clinic", "name", "mode", "mailbox", "bills_as", "next_delivery", "next_response", "setup", "problems",
)  # fmt: skip
_FOR_SETUP_ONLY: Final = frozenset({"tax_id", "submitter_id"})
"""A person's tax id is their social security number."""

_CHANGES_SHOWN: Final = 10


@router.get("/clinics", include_in_schema=False)
def clinics(
    request: Request,
    desk: AtDesk,
    find: Annotated[str, Query(pattern=PLAIN)] = "",
    mode: Annotated[str, Query(pattern=PLAIN)] = "",
) -> Response:
    """Show the table, what is wrong with it first."""
    lines = [line for line in lines_of(desk) if _is_asked_for(line, find, mode)]
    return page(request, "clinics.html", lines=lines, find=find, mode=mode, modes=tuple(Mode))


@router.get("/clinics.csv", include_in_schema=False)
def as_file(
    desk: AtDesk,
    find: Annotated[str, Query(pattern=PLAIN)] = "",
    mode: Annotated[str, Query(pattern=PLAIN)] = "",
) -> Response:
    """Give the table as a file, with the same filter."""
    lines = [line for line in lines_of(desk) if _is_asked_for(line, find, mode)]
    cells = (
        (
            one.key, one.name, one.mode, one.mailbox_key, one.billing, one.next_delivery, one.next_response, one.setup,
            one.problems,
        )
        for one in lines
    )  # fmt: skip
    return as_csv("clinics", _COLUMNS, cells)


def lines_of(desk: Desk) -> list[ClinicLine]:
    """Return the clinics somebody may look at: five queries, however many they are."""
    ledger = desk.ports.ledger
    rows: dict[Table, list[Row]] = {table: ledger.clinics.rows(table) for table in CLINIC_TABLES}
    rows[Table.CLINIC] = [row for row in rows[Table.CLINIC] if row["key"] in desk.clinics]
    in_setup = [str(row["key"]) for row in rows[Table.CLINIC] if (row["mode"] or Mode.ONBOARDING) in IN_SETUP]
    return list(clinic_lines(rows, ledger.console.setup_notes(in_setup), desk.ports.now()))


def _is_asked_for(line: ClinicLine, find: str, mode: str) -> bool:
    return mode in {"", line.mode} and find.strip().casefold() in f"{line.key} {line.name}".casefold()


@router.get("/clinics/{key}", include_in_schema=False)
def clinic(request: Request, desk: AtDesk, key: str) -> Response:
    """Show a clinic's rows, what is wrong with them, and how its connection is."""
    rows = _rows_of(desk, key)
    row = rows[Table.CLINIC][0]
    notes = desk.ports.ledger.onboarding.notes(key)
    tried, now = last_try(notes), desk.ports.now()
    is_in_setup = (row["mode"] or Mode.ONBOARDING) in IN_SETUP
    return page(
        request,
        "clinic_rows.html",
        row=row,
        rows=list(_shown(desk, rows)),
        runs=next_runs(row, now),
        problems=problems_of(rows),
        connection=_connection_of(desk, rows),
        tried=tried,
        is_seen=tried is not None and tried.evidence == SEEN,
        must_wait=tried is not None and now - tried.at < PAUSE,
        steps=onboarding(key, desk.ports) if is_in_setup else [],
        changes=[note for note in reversed(notes) if note.step is Step.CHANGED][:_CHANGES_SHOWN],
        may_set_up=desk.viewer.may(May.SET_UP, key),
        label=label,
    )


@router.post("/clinics/{key}/connection", include_in_schema=False)
def tried(request: Request, desk: AtDesk, key: str) -> Response:
    """Log in once, look into both folders, write nothing; the page then says what came of it."""
    row = _rows_of(desk, key)[Table.CLINIC][0]
    _need_all(desk, key, {"key": row["mailbox_key"]})
    try_connection(key, desk.viewer.name, desk.ports)
    root = request.scope.get("root_path", "").rstrip("/")
    return RedirectResponse(f"{root}/clinics/{key}#connection", 303)


@router.get("/clinics/{key}/billing_identities", include_in_schema=False)
def new_identity(request: Request, desk: AtDesk, key: str) -> Response:
    """Show an empty form for who else bills."""
    return show(request, _new_identity(desk, key))


@router.post("/clinics/{key}/billing_identities", include_in_schema=False)
def identity_added(request: Request, desk: AtDesk, key: str, form_sent: Sent) -> Response:
    """Add who else bills."""
    form = _new_identity(desk, key)
    return save(request, desk, form, cells_of(form_sent, form.table)[1])


@router.get("/clinics/{key}/{table}/{name}", include_in_schema=False)
def change(request: Request, desk: AtDesk, key: str, table: Table, name: str) -> Response:
    """Show the form of one of a clinic's rows."""
    return show(request, _form(desk, key, table, name))


@router.post("/clinics/{key}/{table}/{name}", include_in_schema=False)
def changed(request: Request, desk: AtDesk, key: str, table: Table, name: str, *, form_sent: Sent) -> Response:
    """Change one of a clinic's rows."""
    form = _form(desk, key, table, name)
    shown, cells = cells_of(form_sent, table)
    if table is Table.CLINIC and cells.get("mailbox_key", form.shown["mailbox_key"]) != form.shown["mailbox_key"]:
        # Whose account it is has a say in who else sends by it.
        _need_all(desk, key, {"key": cells["mailbox_key"]})
    return save(request, desk, replace(form, shown=shown), cells)


def _new_identity(desk: Desk, key: str) -> RowForm:
    _rows_of(desk, key)
    desk.need(May.SET_UP, key)
    place = f"/clinics/{key}"
    return RowForm(
        table=Table.BILLING_IDENTITY,
        shown={},
        fixed={"clinic_key": key},
        clinic_key=key,
        action=f"{place}/billing_identities",
        back=place,
    )


def _form(desk: Desk, key: str, table: Table, name: str) -> RowForm:
    rows = _rows_of(desk, key)
    row = next((row for row in rows.get(table, ()) if row["key"] == name), None)
    if row is None:
        raise HTTPException(404, f"clinic {key} has no {name} among its {table}")
    desk.need(May.SET_UP, key)
    if table is Table.MAILBOX:
        _need_all(desk, key, row)
    place = f"/clinics/{key}"
    fixed = {"key": name, **({"clinic_key": key} if table is Table.BILLING_IDENTITY else {})}
    return RowForm(
        table=table,
        shown={column: str(cell) for column, cell in row.items()},
        fixed=fixed,
        clinic_key=key,
        action=f"{place}/{table}/{name}",
        back=place,
    )


def _need_all(desk: Desk, key: str, mailbox: Row) -> None:
    """Refuse who may not set up every clinic that shares a mailbox."""
    for one in sorted({key, *owners(Table.MAILBOX, mailbox, desk.ports.ledger)}):
        desk.need(May.SET_UP, one)


def _rows_of(desk: Desk, key: str) -> Rows:
    """Return a clinic's rows, its mailbox and who bills for it; refuse with 404 or 403."""
    clinics = desk.ports.ledger.clinics
    own = clinics.row(Table.CLINIC, key)
    if own is None:
        raise HTTPException(404, f"clinic {key}: there is none of this key")
    if key not in desk.clinics:
        desk.need(May.LOOK, key)
        raise HTTPException(404, f"clinic {key}: there is none of this key")
    mailbox = clinics.row(Table.MAILBOX, str(own["mailbox_key"]))
    return {
        Table.CLINIC: [own],
        Table.MAILBOX: [mailbox] if mailbox else [],
        Table.BILLING_IDENTITY: [row for row in clinics.rows(Table.BILLING_IDENTITY) if row["clinic_key"] == key],
    }


@dataclass(frozen=True, slots=True)
class Shown:
    """A row as the page shows it."""

    table: Table
    key: str
    cells: Mapping[str, object]


def _shown(desk: Desk, rows: Rows) -> Iterator[Shown]:
    may_set_up = desk.viewer.may(May.SET_UP, str(rows[Table.CLINIC][0]["key"]))
    for table, some in rows.items():
        for row in some:
            names = [name for name in COLUMNS[table] if may_set_up or name not in _FOR_SETUP_ONLY]
            yield Shown(table, str(row["key"]), {name: row[name] for name in names if row[name]})


@dataclass(frozen=True, slots=True)
class Connection:
    """Whom a clinic's mailbox talks to, and what keeps it from that."""

    account: str
    key_fingerprint: str
    problem: str


def _connection_of(desk: Desk, rows: Rows) -> Connection:
    """Return how a clinic's connection stands, without connecting."""
    sound = [row for row in rows[Table.MAILBOX] if not faults_of(Table.MAILBOX, row)]
    if not sound:
        return Connection("", "", "its mailbox's row is missing or wrong")
    try:
        identity = desk.ports.mailboxes.identity(mailbox_from_row(sound[0]))
    except ClaimsError as wrong:
        return Connection("", "", str(wrong))
    states = desk.ports.ledger.accounts.states()
    refused = (one.reason for one in states if one.account == identity.account and one.refused_at)
    return Connection(identity.account, identity.key_fingerprint, next(refused, ""))
