"""What people are shown: claims with where they stand, batches, files set aside, histories. `ports.ReportLedger`."""

import json
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, func, or_, select, tuple_

from include.adapters.ledger import holds
from include.adapters.ledger.batch_rows import BATCHES, batch_of
from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.engine import Database
from include.adapters.ledger.status_view import FEED, status_row
from include.adapters.ledger.story import claim_ids, story_of
from include.adapters.ledger.tables import BATCH, CLAIM, DELIVERY_RUN, EVENT, POSTING, RESPONSE, SUBMISSION
from include.claims.states import Adjudication, Delivery, Event, FrontEnd, Usage, Work
from include.delivery.records import Batch, ClaimLine, Posted, ResponseStatus, SetAside, StatusRow, Story

_PAGE = 500
BAD_NEWS = (
    Event.REJECTED_BY_CLEARINGHOUSE.value,
    Event.REJECTED_BY_PAYER.value,
    Event.INFORMATION_REQUESTED.value,
    Event.NOT_FOUND.value,
    Event.CALLED_DUPLICATE.value,
    Event.UNCLEAR.value,
    Event.DENIED.value,
    Event.PAID_WITH_DENIED_LINES.value,
    Event.SET_REFUSED.value,
    Event.FILE_FAILED.value,
    Event.UNACCOUNTED.value,
    Event.NOT_ARRIVED.value,
    Event.RIVALLED.value,
)
"""What is said as the reason; the view `claim_status_feed` names the same events."""
IS_SET_ASIDE = or_(
    RESPONSE.c.status.in_(
        [ResponseStatus.FOREIGN.value, ResponseStatus.UNKNOWN.value, ResponseStatus.QUARANTINED.value]
    ),
    RESPONSE.c.reason != "",
)
"""A file that came back and was not applied, or was applied with a remark."""

_ORDER = (SUBMISSION.c.clinic_key, CLAIM.c.key, SUBMISSION.c.usage, SUBMISSION.c.number, SUBMISSION.c.id)

LINES = (
    select(SUBMISSION, CLAIM.c.source, CLAIM.c.key, BATCH.c.file_name, DELIVERY_RUN.c.run_id)
    .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
    .outerjoin(BATCH, BATCH.c.id == SUBMISSION.c.batch_id)
    .outerjoin(DELIVERY_RUN, DELIVERY_RUN.c.id == BATCH.c.delivery_run_id)
)
"""Submissions with all that a line of them says but what was answered and paid."""


class Report:
    """The ledger, to be read."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def claim_lines(self, clinic_key: str = "", control_number: str = "") -> Iterator[ClaimLine]:
        """Stream submissions with where they stand, by clinic and key; blank means all."""
        wanted = {SUBMISSION.c.clinic_key: clinic_key, SUBMISSION.c.control_number: control_number}
        return self._lines(*(column == value for column, value in wanted.items() if value))

    def _lines(self, *conditions: ColumnElement[bool]) -> Iterator[ClaimLine]:
        query = LINES.where(*conditions).order_by(*_ORDER).limit(_PAGE)
        page = query
        while True:
            with self._database.read() as connection:
                rows = connection.execute(page).all()
                lines = lines_of(connection, rows)
            yield from lines
            if len(rows) < _PAGE:
                return
            last = rows[-1]
            page = query.where(tuple_(*_ORDER) > (last.clinic_key, last.key, last.usage, last.number, last.id))

    def batches(self, clinic_key: str = "") -> list[Batch]:
        """Return batches by clinic and number; blank means all."""
        query = BATCHES.order_by(BATCH.c.clinic_key, BATCH.c.mailbox_key, BATCH.c.number)
        if clinic_key:
            query = query.where(BATCH.c.clinic_key == clinic_key)
        with self._database.read() as connection:
            return [batch_of(row) for row in connection.execute(query)]

    def status_feed(self, after: int, limit: int, clinic_key: str = "") -> list[StatusRow]:
        """Return the live submissions that changed last after a change, by rising change; blank means all clinics."""
        query = select(FEED).where(FEED.c.change_id > after).order_by(FEED.c.change_id).limit(limit)
        if clinic_key:
            query = query.where(FEED.c.clinic_key == clinic_key)
        with self._database.read() as connection:
            return [status_row(row) for row in connection.execute(query)]

    def set_aside(self) -> list[SetAside]:
        """Return the responses a person should look at: not applied, or applied with a remark."""
        query = select(RESPONSE).where(IS_SET_ASIDE)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(RESPONSE.c.taken_at, RESPONSE.c.id)).all()
        return [
            SetAside(mailbox_key=row.mailbox_key, name=row.name, status=ResponseStatus(row.status), reason=row.reason)
            for row in rows
        ]

    def stories(self, name: str) -> list[Story]:
        """Return the whole history of the claims that a control number, a source key or another's number means."""
        with self._database.read() as connection:
            ids = claim_ids(connection, name)
        return [self.story(claim_id) for claim_id in ids]

    def story(self, claim_id: int) -> Story:
        """Return the whole history of one claim."""
        lines = list(self._lines(SUBMISSION.c.claim_id == claim_id))
        with self._database.read() as connection:
            return story_of(connection, claim_id, lines)


def lines_of(connection: Connection, rows: Sequence[Any]) -> list[ClaimLine]:
    """Return rows of `LINES` as people are shown them, with what was said and paid."""
    reasons, sets, paid = reasons_of(connection, rows), _set_answers(connection, rows), _paid(connection, rows)
    return [_line_of(row, reasons[row.id], sets.get(row.id), paid.get(row.id, 0)) for row in rows]


def _line_of(row: Any, reasons: Sequence[str], set_answer: Event | None, paid_cents: int) -> ClaimLine:
    return ClaimLine(
        clinic_key=row.clinic_key,
        source=row.source,
        claim_key=row.key,
        control_number=row.control_number,
        usage=Usage(row.usage),
        delivery=Delivery(row.delivery),
        front_end=FrontEnd(row.front_end),
        adjudication=Adjudication(row.adjudication),
        work=Work(row.work),
        contradicted=row.contradicted,
        reasons=tuple(reasons),
        charge=to_dollars(row.total_cents),
        file_name=row.file_name or "",
        run_id=row.run_id or "",
        set_answer=set_answer,
        paid=to_dollars(paid_cents),
    )


def _set_answers(connection: Connection, rows: Sequence[Any]) -> dict[int, Event]:
    """Return what a 999 said of each submission's set; a refusal counts where several came."""
    query = select(EVENT.c.submission_id, EVENT.c.event).where(
        EVENT.c.submission_id.in_([row.id for row in rows]),
        EVENT.c.event.in_([Event.SET_ACCEPTED.value, Event.SET_REFUSED.value]),
    )
    # By name the acceptance comes first, so the refusal is what stays.
    return {row.submission_id: Event(row.event) for row in connection.execute(query.order_by(EVENT.c.event))}


def _paid(connection: Connection, rows: Sequence[Any]) -> dict[int, int]:
    """Return the cents that were posted for each submission."""
    query = (
        select(POSTING.c.submission_id, func.sum(POSTING.c.paid_cents).label("cents"))
        .where(POSTING.c.submission_id.in_([row.id for row in rows]), POSTING.c.status == Posted.POSTED.value)
        .group_by(POSTING.c.submission_id)
    )
    return {row.submission_id: int(row.cents) for row in connection.execute(query)}


def reasons_of(connection: Connection, rows: Sequence[Any]) -> dict[int, list[str]]:
    """Return why each submission is held, rejected or lost, as `code: words`."""
    found: dict[int, list[str]] = defaultdict(list)
    answered = []
    for row in rows:
        if row.delivery == Delivery.HELD.value:
            found[row.id] = [f"{fault.rule}: {fault.message}" for fault in holds.from_json(row.holds)]
        elif row.delivery != Delivery.READY.value:
            answered.append(row.id)
    query = select(EVENT).where(EVENT.c.submission_id.in_(answered), EVENT.c.event.in_(BAD_NEWS))
    for event in connection.execute(query.order_by(EVENT.c.id)):
        reason = _said(event)
        if reason not in found[event.submission_id]:
            found[event.submission_id].append(reason)
    return found


def _said(event: Any) -> str:
    codes = ",".join(json.loads(event.codes)) or event.event
    return f"{codes}: {event.words}" if event.words else codes
