"""
One claim: where it stands, why it is not paid, what to do about it, and everything that says so.

Whoever may not see patients sees the same page without them: no form, no names, no days, no words of payers.
"""

from dataclasses import dataclass
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Form, HTTPException, Query, Request
from fastapi.responses import RedirectResponse, Response
from markupsafe import Markup

from include.claims.errors import BadFile
from include.claims.model import Claim
from include.delivery.acts import ACTS, Act
from include.delivery.box_faults import Wrong, whats_wrong
from include.delivery.filing_proof import FilingProof, files_of, filing_proof
from include.delivery.filing_proof_pdf import write_filing_proof
from include.delivery.finding import Found
from include.delivery.looks import Look, Saw
from include.delivery.money_lines import decision_of
from include.delivery.plain_answer import newest, plain_answer
from include.delivery.queues import Subject, acts_on
from include.delivery.records import Chapter, Story
from include.delivery.render import as_sent
from include.delivery.story import KINDS, in_order
from include.hcfa.fields import BY_NAME, Page
from include.hcfa.form import pages
from include.hcfa.layout import PAPER
from include.hcfa.marks import Mark, marks_of
from include.hcfa.pdf import write_pdf
from include.hcfa.svg import inline_svg
from include.web.desk import AtDesk, Desk
from include.web.download import PDF, attachment
from include.web.pages import page
from include.web.viewer import May

router: Final = APIRouter()

MOST_FOUND: Final = 50
"""Claims that are listed for one name."""

Name = Annotated[str, Query(max_length=200)]
Sought = Annotated[str, Form(alias="name", max_length=200)]
_LOOKS_SHOWN: Final = 20


@router.get("/claim", include_in_schema=False)
def claim(request: Request, desk: AtDesk, name: Name) -> Response:
    """Show a claim by its control number, its key at the source, or a number of the clearinghouse's or payer's."""
    found = claims_named(desk, name)
    if len(found) > 1:
        return page(request, "claims.html", name=name, found=found[:MOST_FOUND], more=len(found) > MOST_FOUND)
    (one,) = found
    story = desk.ports.ledger.console.story(one.claim_id)
    return page(request, "claim.html", **_shown(desk, story, name))


@router.post("/find", include_in_schema=False)
def find(request: Request, desk: AtDesk, name: Sought) -> Response:
    """
    Lead to the claim of that name, typed by hand.

    By POST, since a person may type a patient's name, and addresses stand in the logs of whoever carries them. The
    address that follows holds only what the ledger knows as a claim's number or key.
    """
    claims_named(desk, name)
    root = request.scope.get("root_path", "").rstrip("/")
    return RedirectResponse(f"{root}/claim?{urlencode({'name': name.strip()})}", 303)


@router.get("/claim/form.pdf", include_in_schema=False)
def form(desk: AtDesk, name: Name) -> Response:
    """Hand out the claim's form as a PDF."""
    story, chapter = _one_of(desk, name)
    if chapter.claim is None:
        raise BadFile(f"claim {story.claim_key}: its rows could not be read, so there is no form; see why it is held")
    _looked(desk, story, Saw.FORM)
    number = chapter.line.control_number
    return attachment(write_pdf([(number, _billed(desk, chapter, chapter.claim))], PAPER), f"{number}.pdf", PDF)


@router.get("/claim/proof.pdf", include_in_schema=False)
def proof(desk: AtDesk, name: Name) -> Response:
    """Hand out the proof of timely filing as a PDF."""
    story, _ = _one_of(desk, name)
    told = _proof(desk, story)
    _looked(desk, story, Saw.PROOF)
    return attachment(write_filing_proof(told), f"timely_filing_{newest(story).line.control_number}.pdf", PDF)


def claims_named(desk: Desk, name: str) -> list[Found]:
    """Return the claims a name means; refuse with 404 what is not there, with 403 what is of another's clinic."""
    name = name.strip()
    if not name.isprintable():
        raise HTTPException(404, "no claim has this number or key")
    console = desk.ports.ledger.console
    found = console.find(name, desk.clinics, MOST_FOUND + 1)
    if found:
        return found
    for elsewhere in console.find(name, None, 1):
        desk.need(May.LOOK, elsewhere.clinic_key)
    raise HTTPException(404, f"{name}: no claim has this number or key")


def stories_named(desk: Desk, name: str) -> list[Story]:
    """Return the whole history of the claims a name means; refuse as `claims_named` does."""
    return [desk.ports.ledger.console.story(one.claim_id) for one in claims_named(desk, name)[:MOST_FOUND]]


def _one_of(desk: Desk, name: str) -> tuple[Story, Chapter]:
    """Return the claim and the submission that a name means, for somebody who may see its patient."""
    found = claims_named(desk, name)
    if len(found) > 1:
        raise HTTPException(422, f"{name}: several claims are called so; name one by its control number")
    (one,) = found
    desk.need(May.PATIENTS, one.clinic_key)
    story = desk.ports.ledger.console.story(one.claim_id)
    return story, _chapter_of(story, name)


def _chapter_of(story: Story, name: str) -> Chapter:
    """Return the submission of that control number, else the newest."""
    named = name.strip().upper()
    return next((one for one in story.chapters if one.line.control_number == named), newest(story))


def _looked(desk: Desk, story: Story, what: Saw) -> None:
    desk.ports.ledger.console.looked(
        Look(at=desk.ports.now(), who=desk.viewer.name, what=what, claim_id=story.claim_id)
    )


def _billed(desk: Desk, chapter: Chapter, claim: Claim) -> Claim:
    """Return what the payer gets: as its file has it, else as the payer's profile wants it now."""
    if chapter.batch_id is None:
        return desk.ports.rule_book().as_payer_wants(claim)
    return as_sent(desk.ports.ledger.batches.get(chapter.batch_id), claim)


def _proof(desk: Desk, story: Story) -> FilingProof:
    console = desk.ports.ledger.console
    files = {one: file for one in files_of(story) if (file := console.batch(one))}
    return filing_proof(story, files, desk.viewer.name, desk.ports.now())


def _shown(desk: Desk, story: Story, name: str) -> dict[str, Any]:
    """Return what the page says of a claim; the patient's part is kept in the ledger before it is drawn."""
    chapter, incidents = _chapter_of(story, name), list(in_order(story.incidents))
    wrong = whats_wrong(chapter, story.incidents)
    sees_patients = desk.viewer.may(May.PATIENTS, story.clinic_key)
    if sees_patients:
        _looked(desk, story, Saw.CLAIM)
    return {
        "story": story,
        "chapter": chapter,
        "is_newest": chapter is newest(story),
        "newest_number": newest(story).line.control_number,
        "answer": plain_answer(story),
        "wrong": wrong,
        "decisions": [(one, decision_of(paid)) for one in reversed(incidents) for paid in one.money],
        "incidents": incidents,
        "kinds": KINDS,
        "beside": [
            one for one in desk.ports.ledger.console.beside(story.claim_id) if one.found.clinic_key in desk.clinics
        ],
        "acts": _acts(desk, story) if desk.viewer.may(May.ACT, story.clinic_key) else [],
        "sees_patients": sees_patients,
        "sheets": _sheets(desk, chapter, wrong) if sees_patients else [],
        "looks": desk.ports.ledger.console.looks(story.claim_id, _LOOKS_SHOWN) if sees_patients else [],
    }


def _acts(desk: Desk, story: Story) -> list[Act]:
    """Return what may be done about a claim as its newest submission stands."""
    line = newest(story).line
    waiting = desk.ports.ledger.console.named(Subject.CLAIM, [line.control_number])
    return [act for name in acts_on(line) if all(map((act := ACTS[name]).fits, waiting))]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheet:
    """One page of the form, as a picture and as a list."""

    number: int
    picture: Markup
    boxes: list[tuple[str, str, str]]  # item, what it is, what it says


def _sheets(desk: Desk, chapter: Chapter, wrong: list[Wrong]) -> list[Sheet]:
    """Return the form's pages with what is wrong marked on its boxes; none where the claim could not be read."""
    if chapter.claim is None:
        return []
    billed = _billed(desk, chapter, chapter.claim)
    faults = [one.box for one in wrong if one.box]
    return [
        Sheet(
            number=number,
            picture=_picture(sheet, marks_of(faults, number, len(billed.lines)), chapter.line.control_number, number),
            boxes=_boxes(sheet),
        )
        for number, sheet in enumerate(pages(billed, chapter.line.control_number, PAPER), start=1)
    ]


def _picture(sheet: Page, marks: list[Mark], control_number: str, number: int) -> Markup:
    label = f"CMS-1500 of {control_number}, page {number}; the same as a list below"
    return Markup(inline_svg(sheet, marks, label=label))  # noqa: S704  # every word of it is escaped where it is written


def _boxes(sheet: Page) -> list[tuple[str, str, str]]:
    """Return what stands on a page, in the form's order."""
    return [
        (f"{field.item}, line {field.slot}" if field.slot else field.item, field.content, sheet[name])
        for name, field in BY_NAME.items()
        if name in sheet
    ]
