"""One clinic, and one of its runs: what a delivery DAG's tab and its runs' tab show."""

from datetime import datetime
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from include.delivery.clinic_table import Clinic, Mode
from include.delivery.onboard import State, StepState, onboarding
from include.web.counted import glances_of, late_of
from include.web.desk import AtDesk, Desk
from include.web.overview import QUEUE_OF, is_delivering, next_run
from include.web.pages import page
from include.web.viewer import May

router: Final = APIRouter()

RUNS: Final = 20
SILENT: Final = 20
HELD: Final = 20
"""The most a page lists of each; it says so where there is more."""

_DELIVER: Final = "deliver_claims__"
"""What the id of a delivery DAG begins with."""

_SETTING_UP: Final = frozenset({Mode.ONBOARDING, Mode.TEST})


@router.get("/clinic/{key}", include_in_schema=False)
def clinic(request: Request, desk: AtDesk, key: str) -> Response:
    """Show one clinic: where its claims stand, its last runs, who is silent, and how its login stands."""
    found = _clinic_of(desk, key)
    ledger = desk.ports.ledger.console
    runs = ledger.runs(key, RUNS)
    glance = glances_of(desk, {key})[key]
    return page(
        request,
        "clinic.html",
        clinic=found,
        glance=glance,
        runs=runs,
        silent=ledger.silent_claims(key, late_of(desk), SILENT),
        held=ledger.held_for(key, HELD),
        login=ledger.login(found.mailbox_key),
        next_at=_next_run(desk, found),
        step=_open_step(desk, found),
        dag=f"{_DELIVER}{key}",
        most=RUNS,
        queues=QUEUE_OF,
    )


@router.get("/run", include_in_schema=False)
def run(request: Request, desk: AtDesk, dag_id: str, run_id: str = "") -> Response:
    """Show what a run delivered and left out; without a run, the clinic of the DAG."""
    key = dag_id.rpartition("__")[2]
    if not run_id:
        return clinic(request, desk, key)
    found = _clinic_of(desk, key)
    ledger = desk.ports.ledger.console
    seen = next(iter(ledger.runs(key, 1, run_id)), None)
    glance = glances_of(desk, {key})[key]
    return page(
        request,
        "run.html",
        clinic=found,
        run=seen,
        run_id=run_id,
        dag_id=dag_id,
        is_delivery=dag_id.startswith(_DELIVER),
        held=ledger.held_for(key, HELD),
        glance=glance,
        next_at=_next_run(desk, found),
    )


def _clinic_of(desk: Desk, key: str) -> Clinic:
    """Return a clinic somebody may look at; 403 where they may not, 404 where there is none."""
    if key not in {row["key"] for row in desk.clinic_rows}:
        raise HTTPException(404, f"{key}: there is no such clinic")
    if key not in desk.clinics:
        desk.need(May.LOOK, key)
        raise HTTPException(403, f"{desk.viewer.name} may not look at clinic {key}")
    return desk.ports.ledger.clinics.clinic(key)


def _next_run(desk: Desk, found: Clinic) -> datetime | None:
    if not is_delivering(found):
        return None
    return next_run(found.delivery_cron, found.timezone, desk.ports.now())


def _open_step(desk: Desk, found: Clinic) -> StepState | None:
    """Return the step at which a clinic's setting up stands; None where it is done."""
    if found.mode not in _SETTING_UP:
        return None
    steps = onboarding(found.key, desk.ports)
    return next((one for one in steps if one.state not in {State.DONE, State.LATER}), None)
