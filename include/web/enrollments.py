"""Enrollments: what each payer was asked for, by whom, how that stands and since when; and whom to wait with."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response

from include.claims.enrollment import PayerHold, State, What
from include.delivery.clinic_table import Row
from include.delivery.edit import owners, row_of
from include.delivery.enrollment_board import WAITING, BoardRow, board
from include.delivery.kept_tables import faults_of
from include.delivery.payer_table import hold_from_row
from include.delivery.records import BoardAsk, Place, Table
from include.web.csv_export import as_csv
from include.web.desk import AtDesk, Desk
from include.web.pages import page
from include.web.row_form import RowForm, Sent, cells_of, save, show
from include.web.viewer import May

router: Final = APIRouter()

OPEN: Final = "open"
_CHOICES: Final = (OPEN, *State)
_AT_ONCE: Final = 500
_COLUMNS: Final = (
    "clinic", "npi", "payer_id", "payer", "what", "enrollment", "state", "days", "remarks", "note",
)  # fmt: skip
PLAIN: Final = r"^[^\x00-\x1f]{0,80}$"
"""Text of an address: PostgreSQL refuses a character that is none."""

_STATE: Final = f"^({'|'.join(_CHOICES)})?$"
_PLACE: Final = r"^([^\x00-\x1f~]{0,80}~[^\x00-\x1f~]{0,80}~[^\x00-\x1f~]{0,80})?$"


@dataclass(frozen=True, slots=True)
class Filtered:
    """What of the board somebody asks to see."""

    clinic: str
    state: str
    payer: str
    after: str


def filtered(
    clinic: Annotated[str, Query(pattern=PLAIN)] = "",
    state: Annotated[str, Query(pattern=_STATE)] = "",
    payer: Annotated[str, Query(pattern=PLAIN)] = "",
    after: Annotated[str, Query(pattern=_PLACE)] = "",
) -> Filtered:
    """Read it from the address."""
    return Filtered(clinic, state, payer.strip().upper(), after)


IsFiltered = Annotated[Filtered, Depends(filtered)]


@router.get("/enrollments", include_in_schema=False)
def enrollments(request: Request, desk: AtDesk, asked: IsFiltered) -> Response:
    """Show the board, a page at a time."""
    ask = ask_of(desk, asked)
    rows, names = board_page(desk, ask)
    return page(
        request,
        "enrollments.html",
        rows=rows,
        names=names,
        asked=asked,
        total=desk.ports.ledger.console.enrollment_total(ask),
        next=cursor(rows[-1].place) if len(rows) == ask.limit else "",
        holds=list(_holds(desk)),
        clinics=sorted(desk.clinics),
        choices=_CHOICES,
        whats=tuple(What),
        may_set_up=desk.viewer.may(May.SET_UP),
    )


@router.get("/enrollments.csv", include_in_schema=False)
def as_file(desk: AtDesk, asked: IsFiltered) -> Response:
    """Give the board as a file, with the same filter, all pages of it."""
    ask = replace(ask_of(desk, asked), limit=_AT_ONCE)
    return as_csv("enrollments", _COLUMNS, _lines(desk, ask))


@router.get("/enrollments/{key}", include_in_schema=False)
def change(request: Request, desk: AtDesk, key: str) -> Response:
    """Show the form of one enrollment."""
    form = _form(desk, key)
    _need(desk, form.shown)
    return show(request, form)


@router.post("/enrollments/{key}", include_in_schema=False)
def changed(request: Request, desk: AtDesk, key: str, form_sent: Sent) -> Response:
    """Change one enrollment."""
    shown, cells = cells_of(form_sent, Table.ENROLLMENT)
    form = _form(desk, key)
    _need(desk, form.shown, {**form.shown, **cells})
    return save(request, desk, replace(form, shown=shown), cells)


@router.get("/new-enrollment", include_in_schema=False)
def new(request: Request, desk: AtDesk) -> Response:
    """Show an empty form, with what the address suggests."""
    desk.need(May.SET_UP)
    known = ("npi", "payer_id", "what", "tax_id")
    return show(request, _NEW, {name: request.query_params.get(name, "") for name in known})


@router.post("/new-enrollment", include_in_schema=False)
def added(request: Request, desk: AtDesk, form_sent: Sent) -> Response:
    """Add an enrollment."""
    _, cells = cells_of(form_sent, Table.ENROLLMENT)
    clinic_key = _need(desk, cells)
    return save(request, desk, replace(_NEW, clinic_key=clinic_key), cells)


_NEW: Final = RowForm(
    table=Table.ENROLLMENT, shown={}, fixed={}, clinic_key="", action="/new-enrollment", back="/enrollments"
)


def _form(desk: Desk, key: str) -> RowForm:
    row = row_of(Table.ENROLLMENT, key, desk.ports.ledger)
    if not row:
        raise HTTPException(404, f"enrollment {key}: there is none of this key")
    clinic_keys = sorted(owners(Table.ENROLLMENT, row, desk.ports.ledger))
    back = f"/enrollments?clinic={clinic_keys[0]}" if clinic_keys else "/enrollments"
    return RowForm(
        table=Table.ENROLLMENT,
        shown=row,
        fixed={"key": key},
        clinic_key=clinic_keys[0] if clinic_keys else "",
        action=f"/enrollments/{key}",
        back=back,
    )


def _need(desk: Desk, *rows: Row) -> str:
    """Refuse who may not set up every clinic these rows are about; return one of them, blank where there is none."""
    clinic_keys = sorted({key for row in rows for key in owners(Table.ENROLLMENT, row, desk.ports.ledger)})
    for key in clinic_keys or [""]:
        desk.need(May.SET_UP, key)
    return clinic_keys[0] if clinic_keys else ""


def ask_of(desk: Desk, asked: Filtered) -> BoardAsk:
    """Return what of the board somebody asks for and may see."""
    states = WAITING if asked.state == OPEN else (State(asked.state),) if asked.state else ()
    return BoardAsk(
        clinic_keys=desk.clinics & {asked.clinic} if asked.clinic else desk.clinics,
        with_nobodys=not asked.clinic and desk.viewer.may(May.SET_UP),
        payer_id=asked.payer,
        states=states,
        after=place_of(asked.after),
    )


def board_page(desk: Desk, ask: BoardAsk) -> tuple[list[BoardRow], Mapping[str, str]]:
    """Return a page of the board, and what its payers are called: three queries, however long it is."""
    console = desk.ports.ledger.console
    places = console.enrollment_places(ask)
    rows = board(places, console.enrollments_at(places), desk.ports.now().date(), desk.ports.patience)
    return rows, console.payer_names({place.payer_id for place in places})


def board_pages(desk: Desk, ask: BoardAsk) -> Iterator[tuple[list[BoardRow], Mapping[str, str]]]:
    """Yield page after page."""
    while True:
        rows, names = board_page(desk, ask)
        yield rows, names
        if len(rows) < ask.limit:
            return
        ask = replace(ask, after=rows[-1].place)


def cursor(place: Place) -> str:
    """Return a place as an address names it."""
    return "~".join(place)


def place_of(text: str) -> Place | None:
    """Return the place an address names."""
    return Place(*text.split("~")) if text else None


def _lines(desk: Desk, ask: BoardAsk) -> Iterator[Sequence[Any]]:
    for rows, names in board_pages(desk, ask):
        for row in rows:
            yield from _of_row(row, names)


def _of_row(row: BoardRow, names: Mapping[str, str]) -> Iterable[Sequence[Any]]:
    for what, cells in row.cells.items():
        for cell in cells:
            payer = names.get(row.place.payer_id, "")
            yield (*row.place, payer, str(what), cell.key, cell.state, cell.days, cell.remarks, cell.note)


def _holds(desk: Desk) -> Iterator[PayerHold]:
    """Yield the holds in force: with a payer for everybody, with a provider for who may look at its clinic."""
    ledger, today = desk.ports.ledger, desk.ports.now().date()
    own = {row["npi"] for row in ledger.clinics.rows(Table.BILLING_IDENTITY) if row["clinic_key"] in desk.clinics}
    for row in ledger.clinics.rows(Table.HOLD):
        if faults_of(Table.HOLD, row) or not (not row["npi"] or row["npi"] in own or desk.viewer.may(May.SET_UP)):
            continue
        hold = hold_from_row(row)
        if hold.is_in_force(today):
            yield hold
