"""
A form for one row of the tables people keep: its fields, their hints, and what is wrong beside the cell that is wrong.

What a cell may hold is the tables' own business (`include.delivery.kept_tables`); here is only how it is asked for.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Annotated, Final

from fastapi import Depends, HTTPException, Request
from fastapi.responses import RedirectResponse, Response
from starlette.datastructures import FormData

from include.claims.enrollment import State, What
from include.claims.parties import TaxIdKind
from include.delivery.clinic_table import Mode
from include.delivery.edit import Edit, Edited, edit
from include.delivery.kept_tables import COLUMNS, thing
from include.delivery.payer_table import ENROLLMENT_COLUMNS
from include.delivery.records import Table
from include.hcfa.layout import Grid, Totals
from include.officeally.names import FileFormat
from include.web.desk import Desk
from include.web.pages import page

_CHOICES: Final[Mapping[str, Sequence[str]]] = {
    "mode": tuple(Mode),
    "format": tuple(FileFormat),
    "grid": tuple(Grid),
    "totals": tuple(Totals),
    "tax_id_kind": tuple(TaxIdKind),
    "profile": ("office_ally",),
    "what": tuple(What),
    "state": tuple(State),
}
_DAYS: Final = frozenset(
    {"live_since", "effective_from", "effective_to", "requested_on", "bank_changed_on", "starts_on", "ends_on"}
)
_HINTS: Final[Mapping[str, str]] = {
    "connection_id": "the Airflow connection",
    "source_connection_id": "the Airflow connection of the practice's claims",
    "timezone": "IANA name, such as America/New_York",
    "delivery_cron": "minute hour day month weekday, in the clinic's own zone; H: any, always the same",
    "response_cron": "minute hour day month weekday, in the clinic's own zone; H: any, always the same",
    "mode": "onboarding: nothing leaves; test: test files only",
    "live_since": "nights before it are refused",
    "contact": "the e-mail address the account was signed up with",
    "contact_phone": "ten digits",
    "phone": "ten digits, or blank",
    "postal_code": "nine digits, no hyphen",
    "street": "no PO box",
    "tax_id": "nine digits",
    "tax_id_kind": "EI: an employer's, SY: a person's",
    "taxonomy": "ten characters ending in X, or blank",
    "user_name": "of the account on the clearinghouse's website",
    "submitter_id": "usually the tax id",
    "lookback_days": "older claims raise an alarm instead of going; blank: 90",
    "claims_per_file": "blank: 1000",
    "answer_within_hours": "blank: 24",
    "oldest_batch_days": "a batch that never left and is older is given up; blank: 7",
    "first_night_claims": "the most its first live night sends; 0: all; blank: 20",
    "priority": "1 to 9, where many clinics' tasks wait the higher go first; blank: 5",
}
_LONGEST: Final = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One cell as a form asks for it."""

    name: str
    label: str
    value: str
    hint: str
    choices: Sequence[str]
    kind: str  # of the input
    faults: Sequence[str]
    is_fixed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RowForm:
    """A row to be changed, and where it goes."""

    table: Table
    shown: Mapping[str, str]  # as the ledger had it; empty: a new one
    fixed: Mapping[str, str]  # cells that this form does not change
    clinic_key: str  # whose setting up remembers the change
    action: str
    back: str  # after it is done

    @property
    def title(self) -> str:
        """What the form is of."""
        key = self.shown.get("key", "")
        return f"{thing(self.table).capitalize()} {key}" if key else f"New {thing(self.table)}"


def show(request: Request, form: RowForm, cells: Mapping[str, str] | None = None) -> Response:
    """Show a form, filled with the row or with what is suggested."""
    return _drawn(request, form, cells or form.shown, Edited(), 200)


async def sent(request: Request) -> FormData:
    """Read a form; what it asks for is done by the handler, in a thread: SQL would stop the whole server here."""
    return await request.form(max_fields=100)


Sent = Annotated[FormData, Depends(sent)]


def cells_of(sent: FormData, table: Table) -> tuple[Mapping[str, str], Mapping[str, str]]:
    """Return the row that a sent form was shown, and what was written into its fields."""
    cells = {name: str(sent[name]).strip() for name in COLUMNS[table] if name in sent}
    if any(len(cell) > _LONGEST for cell in cells.values()):
        raise HTTPException(422, f"a field holds more than {_LONGEST} characters")
    return _shown(str(sent.get("shown") or "{}"), table), cells


def _shown(text: str, table: Table) -> Mapping[str, str]:
    try:
        shown = json.loads(text)
    except (ValueError, RecursionError):
        shown = None
    if not isinstance(shown, dict) or not shown.keys() <= set(COLUMNS[table]):
        raise HTTPException(422, "the form does not say which row it was shown; open it again")
    return {name: str(cell) for name, cell in shown.items()}


def save(request: Request, desk: Desk, form: RowForm, cells: Mapping[str, str]) -> Response:
    """Change the row and go back, or show the form again with what is in the way."""
    asked = Edit(table=form.table, clinic_key=form.clinic_key, shown=form.shown, cells={**cells, **form.fixed})
    done = edit(asked, desk.viewer.name, desk.ports)
    if done.is_done:
        return RedirectResponse(request.scope.get("root_path", "").rstrip("/") + form.back, 303)
    return _drawn(request, form, {**form.shown, **cells}, done, 422 if done.faults else 409)


def _drawn(request: Request, form: RowForm, cells: Mapping[str, str], done: Edited, status: int) -> Response:
    # Somebody else's change has been told below: the next press is made knowing it.
    shown = done.now if done.meanwhile else form.shown
    return page(
        request,
        "row_form.html",
        status=status,
        form=form,
        fields=_fields(form, cells, done.faults),
        shown=json.dumps(dict(shown)),
        faults=done.faults,
        meanwhile=list(done.meanwhile),
        label=label,
    )


def _fields(form: RowForm, cells: Mapping[str, str], faults: Mapping[str, Sequence[str]]) -> list[Field]:
    return [
        Field(
            name=name,
            label=label(name),
            value=form.fixed.get(name, cells.get(name, "")),
            hint=ENROLLMENT_COLUMNS.get(name, "").replace("`", "")
            if form.table is Table.ENROLLMENT
            else _HINTS.get(name, ""),
            choices=_choices(form.table, name, cells.get(name, "")),
            kind=_kind(name, cells.get(name, "")),
            faults=faults.get(name, ()),
            is_fixed=name in form.fixed,
        )
        for name in COLUMNS[form.table]
    ]


def _choices(table: Table, name: str, value: str) -> Sequence[str]:
    if table is Table.BILLING_IDENTITY and name == "state":
        return ()  # of an address
    choices = _CHOICES.get(name, ())
    # What stands there is shown even where it is no word of the list.
    return choices if not choices or value in choices else (value, *choices)


def _kind(name: str, value: str) -> str:
    """Return the kind of input: a day's own hides what is no day."""
    try:
        return "date" if name in _DAYS and (not value or date.fromisoformat(value)) else "text"
    except ValueError:
        return "text"


def label(column: str) -> str:
    """Return a column's name as people read it."""
    words = column.replace("_", " ")
    for short in ("npi", "id"):
        words = " ".join(word.upper() if word == short else word for word in words.split())
    return words[0].upper() + words[1:]
