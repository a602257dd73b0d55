"""
The JSON API beside the pages: the same door, the same permissions, and a description that programs read.

Everything here needs no more than LOOK: keys, codes, counts, dollars, and no patient's data. A list is also a CSV file
(`format=csv`): then all of it from where it begins, not one page.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from enum import StrEnum
from typing import Annotated, Any, Final

from fastapi import APIRouter, Path, Query, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel

from include.claims.states import FINISHED, Adjudication, BatchStatus, Delivery, FrontEnd, Work
from include.delivery.enrollment_board import BoardRow
from include.delivery.file_hops import Hop
from include.delivery.records import BatchAsk, ClaimAsk
from include.web.api_models import (
    BatchDetail,
    Batches,
    BatchLine,
    Claim,
    Claims,
    ClaimStory,
    Clinic,
    Clinics,
    ClinicStanding,
    Enrollment,
    Enrollments,
    Overview,
    Problem,
    Queue,
    Queues,
    Stories,
    money,
)
from include.web.batches import batch_of
from include.web.claim import stories_named
from include.web.clinics import lines_of
from include.web.counted import glances_of, standings_of
from include.web.csv_export import as_csv
from include.web.desk import AtDesk, Desk
from include.web.enrollments import IsFiltered, ask_of, board_page, board_pages, cursor

PREFIX: Final = "/api/v1"

_REFUSED: Final[dict[int | str, dict[str, Any]]] = {
    401: {"model": Problem, "description": "Nobody is signed in"},
    403: {"model": Problem, "description": "It needs a permission that an Airflow admin grants"},
    422: {"model": Problem, "description": "A parameter means nothing"},
    503: {"model": Problem, "description": "The ledger is busy: try again in a minute"},
}
_NOT_FOUND: Final[dict[int | str, dict[str, Any]]] = {404: {"model": Problem, "description": "There is none"}}
_LIST: Final[dict[int | str, dict[str, Any]]] = {200: {"content": {"text/csv": {"schema": {"type": "string"}}}}}

router: Final = APIRouter(prefix=PREFIX, responses=_REFUSED)

_AT_ONCE: Final = 500
_LARGEST: Final = 2**63 - 1  # a database's number ends there


class Format(StrEnum):
    """How a list is answered."""

    JSON = "json"
    CSV = "csv"


Key = Annotated[str, Query(pattern=r"^[a-z0-9_]{0,40}$", description="a clinic's key; blank: all one may see")]
Id = Annotated[int, Query(ge=0, le=_LARGEST)]
Limit = Annotated[int, Query(ge=1, le=_AT_ONCE)]


@router.get("/openapi.json", include_in_schema=False)
def description(request: Request) -> Response:
    """Return what can be asked, and what is answered, as OpenAPI."""
    described = dict(request.app.openapi())
    root = request.scope.get("root_path", "").rstrip("/")
    return JSONResponse(described | ({"servers": [{"url": root}]} if root else {}))


@router.get("/clinics", response_model=Clinics, responses=_LIST)
def clinics(desk: AtDesk, format: Format = Format.JSON) -> Any:  # noqa: A002  # as the address names it
    """List the clinics with their checks."""
    found = [Clinic.of(line) for line in lines_of(desk)]
    return _file("clinics", Clinic, found) if format is Format.CSV else Clinics(clinics=found)


@router.get("/overview", response_model=Overview, responses=_LIST)
def overview(desk: AtDesk, format: Format = Format.JSON) -> Any:  # noqa: A002
    """Count each clinic's live claims by stage, in claims and dollars."""
    found = glances_of(desk, desk.clinics).values()
    glances = sorted(found, key=lambda one: (-one.needs_person.dollars, one.clinic_key))
    if format is Format.JSON:
        return Overview(clinics=[ClinicStanding.of(one) for one in glances])
    rows = (
        (one.clinic_key, name, hop.claims, hop.dollars)
        for one in glances
        for name, hop in {**one.stages, "needs a person": one.needs_person}.items()
    )
    return as_csv("overview", ("clinic", "stage", "claims", "dollars"), rows)


@router.get("/queues", response_model=Queues, responses=_LIST)
def queues(desk: AtDesk, clinic: Key = "", format: Format = Format.JSON) -> Any:  # noqa: A002
    """Count what waits for somebody, by what they have to do."""
    hops: dict[Work, Hop] = {}
    for one in standings_of(desk, _clinics(desk, clinic)):
        if one.work not in FINISHED | {Work.NOBODY}:
            hops.setdefault(one.work, Hop()).add(one.charge, one.claims)
    found = sorted(hops.items(), key=lambda item: (-item[1].dollars, item[0]))
    if format is Format.JSON:
        return Queues(queues=[Queue(work=work, waiting=money(hop)) for work, hop in found])
    return as_csv(
        "queues", ("work", "claims", "dollars"), ((str(work), hop.claims, hop.dollars) for work, hop in found)
    )


@router.get("/claims", response_model=Claims, responses=_LIST)
def claims(
    desk: AtDesk,
    *,
    clinic: Key = "",
    delivery: Delivery | None = None,
    work: Work | None = None,
    front_end: FrontEnd | None = None,
    adjudication: Adjudication | None = None,
    after: Id = 0,
    limit: Limit = 100,
    format: Format = Format.JSON,  # noqa: A002
) -> Any:
    """List live submissions and where they stand, a page at a time."""
    ask = ClaimAsk(
        clinic_keys=_clinics(desk, clinic),
        delivery=delivery or "",
        work=work or "",
        front_end=front_end or "",
        adjudication=adjudication or "",
        after=after,
        limit=limit,
    )
    if format is Format.CSV:
        return _file("claims", Claim, _all_claims(desk, replace(ask, limit=_AT_ONCE)))
    found = desk.ports.ledger.console.claim_page(ask)
    return Claims(claims=[Claim.of(line) for _, line in found], next=found[-1][0] if len(found) == limit else None)


@router.get("/claims/{name:path}", response_model=Stories, responses=_NOT_FOUND)
def claim(desk: AtDesk, name: Annotated[str, Path(pattern=r"^[^\x00-\x1f]{1,80}$")]) -> Stories:
    """Tell a claim's story by its control number, its key at the source, or a clearinghouse's or payer's number."""
    return Stories(claims=[ClaimStory.of(story) for story in stories_named(desk, name)])


@router.get("/batches", response_model=Batches, responses=_LIST)
def batches(
    desk: AtDesk,
    *,
    clinic: Key = "",
    status: BatchStatus | None = None,
    before: Annotated[int | None, Query(ge=0, le=_LARGEST)] = None,
    limit: Limit = 100,
    format: Format = Format.JSON,  # noqa: A002
) -> Any:
    """List batches, newest first, a page at a time."""
    ask = BatchAsk(clinic_keys=_clinics(desk, clinic), status=status or "", before=before, limit=limit)
    if format is Format.CSV:
        return _file("batches", BatchLine, _all_batches(desk, replace(ask, limit=_AT_ONCE)))
    found = desk.ports.ledger.console.batch_page(ask)
    return Batches(batches=[BatchLine.of(one) for one in found], next=found[-1].id if len(found) == limit else None)


@router.get("/batches/{batch_id}", response_model=BatchDetail, responses=_NOT_FOUND)
def batch(desk: AtDesk, batch_id: Annotated[int, Path(ge=0, le=_LARGEST)]) -> BatchDetail:
    """Tell what became of a batch."""
    return BatchDetail.with_summary(batch_of(desk, batch_id).batch, desk.ports.ledger.batches.summary(batch_id))


@router.get("/enrollments", response_model=Enrollments, responses=_LIST)
def enrollments(
    desk: AtDesk,
    asked: IsFiltered,
    limit: Limit = 100,
    format: Format = Format.JSON,  # noqa: A002
) -> Any:
    """List what payers were asked for; a page holds that many providers with a payer, each with all its records."""
    ask = replace(ask_of(desk, asked), limit=limit)
    if format is Format.CSV:
        every = (one for rows, names in board_pages(desk, replace(ask, limit=_AT_ONCE)) for one in _of(rows, names))
        return _file("enrollments", Enrollment, every)
    rows, names = board_page(desk, ask)
    return Enrollments(enrollments=list(_of(rows, names)), next=cursor(rows[-1].place) if len(rows) == limit else None)


def _of(rows: Iterable[BoardRow], names: Any) -> Iterator[Enrollment]:
    for row in rows:
        for what, cells in row.cells.items():
            yield from (Enrollment.of(row.place, names.get(row.place.payer_id, ""), what, cell) for cell in cells)


def _clinics(desk: Desk, clinic: str) -> set[str]:
    """Return the clinics asked for of those one may look at; of one that is another's, nothing."""
    return desk.clinics & {clinic} if clinic else desk.clinics


def _all_claims(desk: Desk, ask: ClaimAsk) -> Iterator[Claim]:
    while True:
        found = desk.ports.ledger.console.claim_page(ask)
        yield from (Claim.of(line) for _, line in found)
        if len(found) < ask.limit:
            return
        ask = replace(ask, after=found[-1][0])


def _all_batches(desk: Desk, ask: BatchAsk) -> Iterator[BatchLine]:
    while True:
        found = desk.ports.ledger.console.batch_page(ask)
        yield from (BatchLine.of(one) for one in found)
        if len(found) < ask.limit:
            return
        ask = replace(ask, before=found[-1].id)


def _file(name: str, model: type[BaseModel], rows: Iterable[BaseModel]) -> Response:
    """Return models as a file, a column a field."""
    columns: Sequence[str] = list(model.model_fields)
    return as_csv(name, columns, ([getattr(row, column) for column in columns] for row in rows))
