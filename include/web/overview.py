"""The overview: one row a clinic, and what needs a person first."""

from typing import Final

from fastapi import APIRouter, Request
from fastapi.responses import Response

from include.delivery.standing import clinics_at_a_glance
from include.web.desk import AtDesk
from include.web.pages import page

router: Final = APIRouter()


@router.get("/", include_in_schema=False)
def overview(request: Request, desk: AtDesk) -> Response:
    """Show where every clinic's claims stand."""
    standings = desk.ports.ledger.console.standings(desk.clinics)
    return page(request, "overview.html", rows=clinics_at_a_glance(standings))
