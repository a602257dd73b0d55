"""The work queues: which there are, and one of them a page at a time; the same rows as CSV."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Annotated, Any, Final
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, HTTPException, Query, Request
from fastapi.responses import Response

from include.delivery.acts import ACTS, MOST
from include.delivery.file_hops import Hop
from include.delivery.queues import QUEUES, Ask, Queue, Sort, Subject, Waiting, totals
from include.web.counted import standings_of
from include.web.csv_export import as_csv
from include.web.desk import AtDesk, Desk
from include.web.pages import page
from include.web.viewer import May

router: Final = APIRouter()

_PLACE: Final = re.compile(r"-?[0-9]{1,18}|[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AT_ONCE: Final = 500
_MAILBOXES: Final = frozenset({Subject.MONEY, Subject.ANSWER})
"""What comes to a mailbox, which several clinics may share."""

COLUMNS: Final = (
    "id", "name", "clinic", "mailbox", "payer", "dollars", "stands", "work", "reasons", "first_service", "since",
    "last", "last_at", "last_by",
)  # fmt: skip

SORTS: Final[Mapping[Sort, str]] = {
    Sort.DOLLARS: "Most dollars first",
    Sort.AGE: "Longest here first",
    Sort.LIMIT: "Fewest days left first (oldest service)",
}

Text = Annotated[str, Query(max_length=80)]


@dataclass(frozen=True, slots=True, kw_only=True)
class Filters:
    """What of a queue is asked for, as its address says it."""

    clinic: Text = ""
    payer: Text = ""
    code: Text = ""
    q: Text = ""
    sort: Sort = Sort.DOLLARS
    after: Text = ""

    @property
    def kept(self) -> dict[str, str]:
        """What every address of this list carries on: all but the place, and nothing that is so anyway."""
        given = {"clinic": self.clinic, "payer": self.payer, "code": self.code, "q": self.q, "sort": self.sort.value}
        return {key: value for key, value in given.items() if value not in {"", Sort.DOLLARS}}


Filtered = Annotated[Filters, Depends()]


@router.get("/queues", include_in_schema=False)
def queues(request: Request, desk: AtDesk) -> Response:
    """Show which work there is, the most money at risk first."""
    console = desk.ports.ledger.console
    found: dict[str, Hop] = totals(standings_of(desk, desk.clinics))
    for queue in QUEUES.values():
        if queue.subject is not Subject.CLAIM:
            found[queue.name] = console.waiting_total(queue, _everything(desk, queue))
    due = [(queue, found[queue.name]) for queue in QUEUES.values() if queue.needs_person]
    due.sort(key=lambda one: (-one[1].dollars, -one[1].claims))
    waits = [(queue, found[queue.name]) for queue in QUEUES.values() if not queue.needs_person]
    return page(request, "queues.html", due=due, waits=waits, Subject=Subject)


@router.get("/queues/{name}.csv", include_in_schema=False)
def as_file(desk: AtDesk, name: str, asked: Filtered) -> Response:
    """Send all of a queue as it is filtered, a line a row."""
    queue = queue_named(name)
    ask = _ask(desk, queue, asked)
    return as_csv(queue.name, COLUMNS, _lines(desk, queue, replace(ask, limit=_AT_ONCE)))


@router.get("/queues/{name}", include_in_schema=False)
def queue_page(request: Request, desk: AtDesk, name: str, asked: Filtered) -> Response:
    """Show a page of a queue."""
    queue, console = queue_named(name), desk.ports.ledger.console
    ask = _ask(desk, queue, asked)
    try:
        rows = console.waiting(queue, replace(ask, limit=ask.limit + 1))
    except ValueError:
        raise HTTPException(422, "that is no place in this list; begin at its start") from None
    shown = rows[: ask.limit]
    following = urlencode(asked.kept | {"after": "~".join(shown[-1].place)}) if len(rows) > ask.limit else ""
    mine = acted_on(desk, shown)
    return page(
        request,
        "queue.html",
        queue=queue,
        total=console.waiting_total(queue, ask),
        rows=shown,
        mine=mine,
        acts=[ACTS[act] for act in queue.acts] if mine else [],
        asked=asked,
        filters=urlencode(asked.kept),
        following=following,
        clinics=sorted(desk.clinics),
        sorts={sort: SORTS[sort] for sort in queue.sorts},
        now=desk.ports.now(),
        most=MOST,
        Subject=Subject,
    )


def queue_named(name: str) -> Queue:
    """Return a queue; refuse with 404 what is none."""
    if name not in QUEUES:
        raise HTTPException(404, f"{name}: no such queue")
    return QUEUES[name]


def owners(desk: Desk, one: Waiting) -> set[str]:
    """Return the clinics that something may be of; none where nobody may see it here."""
    if one.clinic_key:
        return {one.clinic_key} & desk.clinics
    # Where its clinics have left a mailbox, whoever acts on it acts for the installation: the blank key.
    return set(desk.mailboxes[one.mailbox_key]) or {""} if one.mailbox_key in desk.mailboxes else set()


def acted_on(desk: Desk, rows: Sequence[Waiting]) -> set[str]:
    """Return the ids of those that this person may act on."""
    may: dict[str, bool] = {}
    mine = set()
    for one in rows:
        its = owners(desk, one)
        for clinic in its - may.keys():
            may[clinic] = desk.viewer.may(May.ACT, clinic)
        if its and all(may[clinic] for clinic in its):
            mine.add(one.id)
    return mine


def _everything(desk: Desk, queue: Queue) -> Ask:
    return Ask(clinics=desk.clinics, mailboxes=desk.mailboxes.keys() if queue.subject in _MAILBOXES else ())


def _ask(desk: Desk, queue: Queue, asked: Filters) -> Ask:
    """Return what is asked for, of what this person may look at."""
    ask = _everything(desk, queue)
    if asked.clinic:
        desk.need(May.LOOK, asked.clinic)
        mailboxes = [key for key, its in desk.mailboxes.items() if asked.clinic in its] if ask.mailboxes else ()
        ask = replace(ask, clinics=desk.clinics & {asked.clinic}, mailboxes=mailboxes)
    place = tuple(asked.after.split("~")) if asked.after else ()
    if not all(_PLACE.fullmatch(part) for part in place):
        raise HTTPException(422, "that is no place in this list; begin at its start")
    return replace(
        ask,
        payer=asked.payer.strip(),
        code=asked.code.strip(),
        named=asked.q.strip(),
        sort=asked.sort,
        after=place,
    )


def _lines(desk: Desk, queue: Queue, ask: Ask) -> Iterator[Sequence[Any]]:
    while True:
        rows = desk.ports.ledger.console.waiting(queue, ask)
        yield from (_cells(one) for one in rows)
        if len(rows) < ask.limit:
            return
        ask = replace(ask, after=rows[-1].place)


def _cells(one: Waiting) -> Sequence[Any]:
    return (
        one.id, one.name, one.clinic_key, one.mailbox_key, one.payer, one.amount, one.stands, one.work,
        "; ".join(one.reasons), one.service_on, one.since, one.last.what, one.last.at, one.last.who,
    )  # fmt: skip
