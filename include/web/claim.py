"""One claim: where it stands, why, and what to do about it."""

from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from include.delivery.records import Story
from include.delivery.story import as_text
from include.web.desk import AtDesk, Desk
from include.web.pages import page
from include.web.viewer import May

router: Final = APIRouter()


@router.get("/claim", include_in_schema=False)
def claim(request: Request, desk: AtDesk, name: str) -> Response:
    """Show a claim by its control number, its key at the source, or a number of the clearinghouse's or payer's."""
    stories = stories_of(desk, name)
    return page(request, "claim.html", name=name, stories=[(story, as_text(story)) for story in stories])


def stories_of(desk: Desk, name: str) -> list[Story]:
    """Return the claims a name means; refuse with 404 what is not there, with 403 what is of another's clinic."""
    found = desk.ports.ledger.report.stories(name)
    if not found:
        raise HTTPException(404, f"{name}: no claim has this number or key")
    allowed = [story for story in found if story.clinic_key in desk.clinics]
    if not allowed:
        desk.need(May.LOOK, found[0].clinic_key)
        raise HTTPException(404, f"{name}: no claim has this number or key")
    return allowed
