"""Files, their claims, and what came back for them. A part of `ports.ConsoleLedger` on SQL."""

import json
from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Select, case, func, select

from include.adapters.ledger.batch_rows import BATCHES, batch_of
from include.adapters.ledger.columns import Instant, to_dollars
from include.adapters.ledger.console_counts import ALIKE, COUNTED, standing_of
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among
from include.adapters.ledger.report import LINES, lines_of
from include.adapters.ledger.tables import (
    BATCH,
    CLAIM_REVISION,
    CLINIC,
    EVENT,
    ITS_REVISION,
    PAYLOAD,
    PAYLOAD_AGED,
    POSTING,
    RESPONSE,
    SUBMISSION,
    TRANSMISSION,
)
from include.claims.states import Adjudication, Delivery, Event, FrontEnd
from include.delivery.batch_file import AnswerFile, BatchFile, PlacedClaim, Sending, StoredAnswer
from include.delivery.file_hops import Alike
from include.delivery.records import Posted, ResponseStatus
from include.delivery.standing import Standing


class BatchReads:
    """Files, as people ask about them."""

    _database: Database

    def batch_standings(self, batch_ids: Collection[int]) -> dict[int, list[Standing]]:
        """Return how many claims of each file stand alike."""
        query = (
            select(SUBMISSION.c.batch_id, *ALIKE, *COUNTED)
            .where(among(SUBMISSION.c.batch_id, batch_ids))
            .group_by(SUBMISSION.c.batch_id, *ALIKE)
        )
        found: dict[int, list[Standing]] = {one: [] for one in batch_ids}
        with self._database.read() as connection:
            for row in connection.execute(query):
                found[row.batch_id].append(standing_of(row))
        return found

    def batch(self, batch_id: int) -> BatchFile | None:
        """Return a file with all that was done with it; None where there is none of that id."""
        with self._database.read() as connection:
            row = connection.execute(_FILES.where(BATCH.c.id == batch_id)).one_or_none()
            if row is None:
                return None
            sendings = select(TRANSMISSION).where(TRANSMISSION.c.batch_id == batch_id).order_by(TRANSMISSION.c.attempt)
            first, last = connection.execute(_collected(batch_id)).one()
            return BatchFile(
                batch=batch_of(row),
                reason=row.status_reason,
                collected_from=first,
                collected_until=last,
                rendered_at=row.stored_at,
                aged_at=row.aged_at,
                clearinghouse_file_ids=tuple(json.loads(row.clearinghouse_file_ids)),
                sendings=tuple(_sending(one) for one in connection.execute(sendings)),
            )

    def batch_claims(self, batch_id: int, skip: int, limit: int) -> list[PlacedClaim]:
        """Return a part of a file's claims, in the file's order."""
        query = LINES.where(SUBMISSION.c.batch_id == batch_id).order_by(SUBMISSION.c.position)
        with self._database.read() as connection:
            rows = connection.execute(query.offset(skip).limit(limit)).all()
            lines = lines_of(connection, rows)
        return [
            PlacedClaim(position=row.position, set_number=row.set_number, line=line)
            for row, line in zip(rows, lines, strict=True)
        ]

    def batch_hops(self, batch_id: int) -> list[Alike]:
        """Return how many claims of a file stand alike."""
        with self._database.read() as connection:
            rows = connection.execute(_alike_of_file(batch_id)).all()
        return [
            Alike(
                delivery=Delivery(row.delivery),
                front_end=FrontEnd(row.front_end),
                adjudication=Adjudication(row.adjudication),
                set_answer=Event(row.set_answer) if row.set_answer else None,
                charge=to_dollars(int(row.cents)),
                paid=to_dollars(int(row.paid)),
                claims=row.claims,
            )
            for row in rows
        ]

    def batch_answers(self, batch_id: int) -> list[AnswerFile]:
        """Return the files that came back and speak of a file's claims, oldest first."""
        query = (
            select(
                EVENT.c.response_id,
                EVENT.c.event,
                func.min(EVENT.c.answered_on).label("answered_on"),
                func.count(EVENT.c.submission_id.distinct()).label("claims"),
            )
            .join(SUBMISSION, SUBMISSION.c.id == EVENT.c.submission_id)
            .where(SUBMISSION.c.batch_id == batch_id, EVENT.c.response_id.is_not(None))
            .group_by(EVENT.c.response_id, EVENT.c.event)
            .order_by(EVENT.c.response_id, EVENT.c.event)
        )
        with self._database.read() as connection:
            said: dict[int, list[Any]] = defaultdict(list)
            for row in connection.execute(query):
                said[row.response_id].append(row)
            of_file = select(RESPONSE).where(among(RESPONSE.c.id, said)).order_by(RESPONSE.c.taken_at, RESPONSE.c.id)
            return [_answer(row, said[row.id]) for row in connection.execute(of_file)]

    def answer(self, response_id: int) -> StoredAnswer | None:
        """Return a file that came back, with every clinic whose patients it may name; None where there is none."""
        spoken_of = (
            select(SUBMISSION.c.clinic_key)
            .join(EVENT, EVENT.c.submission_id == SUBMISSION.c.id)
            .where(EVENT.c.response_id == response_id)
        )
        with self._database.read() as connection:
            row = connection.execute(select(RESPONSE).where(RESPONSE.c.id == response_id)).one_or_none()
            if row is None:
                return None
            now = select(CLINIC.c.key).where(CLINIC.c.mailbox_key == row.mailbox_key)
            before = select(BATCH.c.clinic_key).where(BATCH.c.mailbox_key == row.mailbox_key)
            clinics = frozenset(connection.scalars(now.union(before, spoken_of)))
        return StoredAnswer(id=row.id, name=row.name, sha256=row.sha256, size=row.size, clinics=clinics)


_FILES = (
    BATCHES.outerjoin(PAYLOAD, PAYLOAD.c.sha256 == BATCH.c.payload_sha256)
    .outerjoin(PAYLOAD_AGED, (PAYLOAD_AGED.c.sha256 == BATCH.c.payload_sha256) & PAYLOAD.c.sha256.is_(None))
    .add_columns(
        func.coalesce(PAYLOAD.c.stored_at, PAYLOAD_AGED.c.stored_at, type_=Instant()).label("stored_at"),
        PAYLOAD_AGED.c.aged_at,
    )
)


def _collected(batch_id: int) -> Select[Any]:
    """Return when the first and the last claim of a file were seen as they stand in it."""
    seen = select(func.min(CLAIM_REVISION.c.seen_at), func.max(CLAIM_REVISION.c.seen_at))
    return seen.select_from(SUBMISSION).join(CLAIM_REVISION, ITS_REVISION).where(SUBMISSION.c.batch_id == batch_id)


def _alike_of_file(batch_id: int) -> Select[Any]:
    of_batch = select(SUBMISSION.c.id).where(SUBMISSION.c.batch_id == batch_id)
    sets = (
        # By name the refusal is the greater, and it counts where several came.
        select(EVENT.c.submission_id, func.max(EVENT.c.event).label("set_answer"))
        .where(
            EVENT.c.submission_id.in_(of_batch),
            EVENT.c.event.in_([Event.SET_ACCEPTED.value, Event.SET_REFUSED.value]),
        )
        .group_by(EVENT.c.submission_id)
        .subquery()
    )
    posted = (
        select(
            POSTING.c.submission_id,
            func.sum(case((POSTING.c.status == Posted.POSTED.value, POSTING.c.paid_cents), else_=0)).label("paid"),
        )
        .where(POSTING.c.submission_id.in_(of_batch))
        .group_by(POSTING.c.submission_id)
        .subquery()
    )
    stands = (SUBMISSION.c.delivery, SUBMISSION.c.front_end, SUBMISSION.c.adjudication, sets.c.set_answer)
    return (
        select(
            *stands,
            func.count().label("claims"),
            func.sum(SUBMISSION.c.total_cents).label("cents"),
            func.sum(func.coalesce(posted.c.paid, 0)).label("paid"),
        )
        .outerjoin(sets, sets.c.submission_id == SUBMISSION.c.id)
        .outerjoin(posted, posted.c.submission_id == SUBMISSION.c.id)
        .where(SUBMISSION.c.batch_id == batch_id)
        .group_by(*stands)
    )


def _sending(row: Any) -> Sending:
    return Sending(
        id=row.id,
        attempt=row.attempt,
        state=row.state,
        begun_at=row.begun_at,
        ended_at=row.ended_at,
        server=f"{row.host}:{row.port}",
        login=row.login,
        key_fingerprint=row.key_fingerprint,
        evidence=row.evidence,
    )


def _answer(row: Any, said: Sequence[Any]) -> AnswerFile:
    return AnswerFile(
        id=row.id,
        name=row.name,
        status=ResponseStatus(row.status),
        reason=row.reason,
        taken_at=row.taken_at,
        answered_on=min(one.answered_on for one in said),
        sha256=row.sha256,
        size=row.size,
        said={Event(one.event): one.claims for one in said},
    )
