"""Files: all of them, one with its whole life, and what was sent and came back, for whoever may take it away."""

from typing import Annotated, Final
from urllib.parse import urlencode

from fastapi import APIRouter, HTTPException, Path, Query, Request
from fastapi.responses import Response

from include.claims.states import BatchStatus
from include.delivery.batch_file import BatchFile, life_line, said_in_words
from include.delivery.file_hops import FILE_HOPS, FileNight
from include.delivery.looks import Look, Saw
from include.delivery.records import BatchAsk
from include.delivery.standing import glance_of
from include.web.desk import AtDesk, Desk
from include.web.download import attachment, check_size
from include.web.pages import page
from include.web.viewer import May

router: Final = APIRouter()

ROWS: Final = 50
"""Rows a page."""

Number = Annotated[int, Query(alias="page", ge=1, le=100_000)]
Id = Annotated[int, Path(ge=1, le=2**53)]


@router.get("/batches", include_in_schema=False)
def batches(
    request: Request,
    desk: AtDesk,
    clinic: str = "",
    status: str = "",
    before: Annotated[int | None, Query(le=2**53)] = None,
) -> Response:
    """Show files, newest first."""
    if clinic:
        desk.need(May.LOOK, clinic)
    if status and status not in set(BatchStatus):
        raise HTTPException(422, f"status {status}: a file is one of {', '.join(BatchStatus)}")
    keys = desk.clinics & {clinic} if clinic else desk.clinics
    console = desk.ports.ledger.console
    rows = console.batch_page(BatchAsk(clinic_keys=keys, status=status, before=before, limit=ROWS))
    standings = console.batch_standings([one.id for one in rows])
    return page(
        request,
        "batches.html",
        rows=[(one, glance_of(one.clinic_key, standings[one.id])) for one in rows],
        clinic=clinic,
        wanted=status,
        older=urlencode({"clinic": clinic, "status": status, "before": rows[-1].id}) if len(rows) == ROWS else "",
        clinics=sorted(desk.clinics),
        statuses=list(BatchStatus),
    )


@router.get("/batch/{batch_id}", include_in_schema=False)
def batch(request: Request, desk: AtDesk, batch_id: Id, number: Number = 1) -> Response:
    """Show one file: its life, the keys that tie it together, where its claims are, and what came back."""
    file = batch_of(desk, batch_id)
    console = desk.ports.ledger.console
    answers = console.batch_answers(batch_id)
    night = FileNight()
    for alike in console.batch_hops(batch_id):
        night.count(alike, alike.claims)
    return page(
        request, "batch.html",
        file=file, batch=file.batch, stops=life_line(file, answers), answers=answers, said=said_in_words,
        night=night, hops=FILE_HOPS, claims=console.batch_claims(batch_id, (number - 1) * ROWS, ROWS),
        number=number, last=_pages(night.held.claims),
        sees_patients=desk.viewer.may(May.PATIENTS, file.batch.clinic_key),
    )  # fmt: skip


@router.get("/batch/{batch_id}/file", include_in_schema=False)
def sent_file(desk: AtDesk, batch_id: Id) -> Response:
    """Hand out a file as it was sent."""
    sent = batch_of(desk, batch_id).batch
    desk.need(May.PATIENTS, sent.clinic_key)
    if not sent.payload_sha256:
        raise HTTPException(404, f"file {sent.file_name}: it has not been rendered")
    check_size(sent.file_name, sent.size)
    content = desk.ports.vault.load(sent.payload_sha256)
    desk.ports.ledger.console.looked(
        Look(at=desk.ports.now(), who=desk.viewer.name, what=Saw.SENT_FILE, batch_id=batch_id)
    )
    return attachment(content, sent.file_name)


@router.get("/answer/{answer_id}", include_in_schema=False)
def answer(desk: AtDesk, answer_id: Id) -> Response:
    """Hand out a file that came back; it may name patients of every clinic of its mailbox."""
    stored = desk.ports.ledger.console.answer(answer_id)
    if stored is None:
        raise HTTPException(404, f"answer {answer_id}: no file of that number came back")
    if not stored.clinics:  # nobody's that is known here: only who may see everybody
        desk.need(May.SET_UP)
        desk.need(May.PATIENTS)
    for clinic in sorted(stored.clinics):
        desk.need(May.PATIENTS, clinic)
    if not stored.sha256:
        raise HTTPException(404, f"file {stored.name}: it was left on the server")
    check_size(stored.name, stored.size)
    content = desk.ports.vault.load(stored.sha256)
    desk.ports.ledger.console.looked(
        Look(at=desk.ports.now(), who=desk.viewer.name, what=Saw.ANSWER, response_id=answer_id)
    )
    return attachment(content, stored.name)


def batch_of(desk: Desk, batch_id: int) -> BatchFile:
    """Return a file; refuse with 404 what is not there, or is of a clinic one may not look at."""
    found = desk.ports.ledger.console.batch(batch_id)
    if found is None or found.batch.clinic_key not in desk.clinics:
        raise HTTPException(404, f"batch {batch_id}: there is none of this number among the clinics you may look at")
    return found


def _pages(count: int) -> int:
    return max(1, -(-count // ROWS))
