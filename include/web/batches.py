"""Files: all of them, newest first, and one with the keys that tie it together and where its claims are."""

from typing import Annotated, Final

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from include.delivery.records import Batch, BatchAsk
from include.web.desk import AtDesk, Desk
from include.web.pages import page

router: Final = APIRouter()

ROWS: Final = 50

Before = Annotated[int | None, Query(ge=1, le=2**53)]
Id = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/batches", include_in_schema=False)
def batches(request: Request, desk: AtDesk, before: Before = None) -> Response:
    """Show files, newest first."""
    ask = BatchAsk(clinic_keys=desk.clinics, before=before, limit=ROWS)
    return page(request, "batches.html", rows=desk.ports.ledger.console.batch_page(ask), full=ROWS)


@router.get("/batch/{batch_id}", include_in_schema=False)
def batch(request: Request, desk: AtDesk, batch_id: Id) -> Response:
    """Show one file."""
    return page(
        request, "batch.html", one=batch_of(desk, batch_id), summary=desk.ports.ledger.batches.summary(batch_id)
    )


def batch_of(desk: Desk, batch_id: int) -> Batch:
    """Return a file; refuse with 404 what is not there, or is of a clinic one may not look at."""
    found = desk.ports.ledger.console.batch_page(BatchAsk(clinic_keys=desk.clinics, batch_id=batch_id))
    if not found:
        raise HTTPException(404, f"batch {batch_id}: there is none of this id among the clinics you may look at")
    return found[0]
