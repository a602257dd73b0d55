"""
One claim: why it is not paid, what to do, the form it is on, its money line by line, and all that happened to it.

Who may not see patients sees all of it but the form and what payers wrote. Who may is written down.
"""

import re
from typing import Final

from fastapi import APIRouter, HTTPException, Request
from fastapi.responses import Response

from include.delivery.acts import ACTS
from include.delivery.queues import Subject
from include.delivery.records import Chapter, Story
from include.delivery.story import in_order
from include.delivery.why import last_payment, money_by_line, newest, why_not_paid
from include.hcfa.form import pages
from include.hcfa.layout import PAPER
from include.hcfa.svg import write_svg
from include.web.desk import AtDesk, Desk
from include.web.pages import page
from include.web.viewer import May

router: Final = APIRouter()

_ITEM: Final = re.compile(r"item (\d{1,2}[a-zA-Z]?)")


@router.get("/claim", include_in_schema=False)
def claim(request: Request, desk: AtDesk, name: str) -> Response:
    """Show a claim by its control number, its key at the source, or a number of the clearinghouse's or payer's."""
    stories = stories_of(desk, name)
    if len(stories) > 1:
        return page(request, "claims.html", name=name, stories=[(story, newest(story)) for story in stories])
    [story] = stories
    ports, viewer = desk.ports, desk.viewer
    sees_patients = viewer.may(May.PATIENTS, story.clinic_key)
    if sees_patients:
        ports.ledger.console.looked(story.source, story.claim_key, viewer.name, "claim page", ports.now())
    chapter, paid = newest(story), last_payment(story)
    waiting = ports.ledger.console.named(Subject.CLAIM, [chapter.line.control_number])
    fitting = [act for act in ACTS.values() if act.subject is Subject.CLAIM and all(map(act.fits, waiting))]
    return page(
        request,
        "claim.html",
        story=story,
        chapter=chapter,
        answer=why_not_paid(story),
        paid=paid,
        lines=money_by_line(paid) if paid else [],
        incidents=list(in_order(story.incidents)),
        forms=forms_of(chapter) if sees_patients else [],
        sees_patients=sees_patients,
        acts=fitting if viewer.may(May.ACT, story.clinic_key) else [],
        looks=ports.ledger.console.looks(story.source, story.claim_key)[:20] if sees_patients else [],
    )


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


def forms_of(chapter: Chapter) -> list[str]:
    """Return the claim as CMS-1500 pages, what holds it marked on the boxes it concerns."""
    if chapter.claim is None:
        return []
    marked = {item for fault in chapter.held_by for item in _ITEM.findall(fault.place)}
    return [write_svg(one, style="", marked=marked) for one in pages(chapter.claim, chapter.line.control_number, PAPER)]
