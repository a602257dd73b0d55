"""
Stored files that are old enough to go, and their going. `ports.AgeingLedger` on SQL.

Only the bytes go. What was sent and what came back stays named, with its hash and size, and so does all that it said.
A file stays while anything it speaks of is open; the same bytes under two names go once both may. Where they lie
outside the database, the rows go first and say that an object has still to be deleted, so that whoever is killed in
between leaves work for the next round, and never a row without its bytes.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, and_, delete, exists, literal, or_, select, update

from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among, insert_many, insert_once
from include.adapters.ledger.money import WAITS
from include.adapters.ledger.payloads import IS_OUTSIDE
from include.adapters.ledger.silence import NEWEST, UNSETTLED
from include.adapters.ledger.tables import BATCH, EVENT, PAYLOAD, PAYLOAD_AGED, PAYMENT, POSTING, RESPONSE, SUBMISSION
from include.adapters.objects import Outside, nowhere
from include.claims.errors import BadSetting
from include.claims.states import FINISHED, UNFINISHED, Usage, Work
from include.delivery.records import Kind, OldFile, Posted, ResponseStatus

_PAGE: Final = 50
"""Files looked at in one short transaction: what a remittance says of thousands of claims is asked for each."""

_OBJECTS: Final = 20
"""Objects deleted in one short transaction."""

_OWN: Final = SUBMISSION.alias("own")
_OPEN_WORK: Final = [work.value for work in Work if work not in FINISHED | {Work.NOBODY}]
_IS_OPEN: Final = exists().where(
    SUBMISSION.c.claim_id == _OWN.c.claim_id,
    or_(
        and_(*UNSETTLED),
        and_(*NEWEST, SUBMISSION.c.work.in_(_OPEN_WORK)),
        and_(
            SUBMISSION.c.usage == Usage.LIVE.value,
            SUBMISSION.c.contradicted,
            SUBMISSION.c.work.not_in([work.value for work in FINISHED]),
        ),
    ),
)
"""The claim of `own` waits for somebody: a payer, the source or a person."""

_BATCH: Final = BATCH.alias("kept_batch")
_RESPONSE: Final = RESPONSE.alias("kept_response")


class Ageing:
    """The ledger's old files."""

    def __init__(self, database: Database, outside: Outside = nowhere) -> None:
        self._database = database
        self._outside = outside

    def may_go(self, before: datetime) -> Iterator[OldFile]:
        """Stream the files sent or received before then whose bytes are here and speak of nothing that is open."""
        for query, number in ((_sent(before), BATCH.c.id), (_received(before), RESPONSE.c.id)):
            last = 0
            while True:
                with self._database.read() as connection:
                    rows = connection.execute(query.where(number > last).order_by(number).limit(_PAGE)).all()
                yield from (OldFile(name=row.name, sha256=row.sha256, size=row.size, at=row.at) for row in rows)
                if len(rows) < _PAGE:
                    break
                last = rows[-1].id

    def let_go(self, sha256s: Sequence[str], before: datetime, who: str, now: datetime) -> int:
        """Let these bytes go where they still may, and keep that they were here; return how many went."""
        gone = select(PAYLOAD.c.sha256, PAYLOAD.c.size, PAYLOAD.c.stored_at, IS_OUTSIDE.label("outside"))
        gone = gone.where(among(PAYLOAD.c.sha256, sha256s), _goes(PAYLOAD.c.sha256, before))
        with self._database.write() as connection:
            rows = [{**row, "aged_at": now, "aged_by": who} for row in connection.execute(gone).mappings()]
            kept = insert_once(connection, PAYLOAD_AGED)
            new = {name: kept.excluded[name] for name in ("aged_at", "aged_by", "outside")}
            insert_many(connection, kept.on_conflict_do_update(index_elements=["sha256"], set_=new), rows)
            connection.execute(delete(PAYLOAD).where(among(PAYLOAD.c.sha256, [row["sha256"] for row in rows])))
        self.finish()
        return len(rows)

    def finish(self) -> None:
        """Delete the objects of what was let go, those that an earlier round did not come to too."""
        while self._delete_some():
            pass

    def _delete_some(self) -> bool:
        aged = PAYLOAD_AGED.c
        left = select(aged.sha256).where(aged.outside, ~exists().where(PAYLOAD.c.sha256 == aged.sha256))
        with self._database.read() as connection:
            if connection.scalar(left.limit(1)) is None:
                return False
        if (objects := self._outside()) is None:
            raise BadSetting(
                "files that were let go lie outside the ledger, and connection claims_payloads, which says where, is"
                " not here; add it (docs/deploying.md)"
            )
        with self._database.write() as connection:
            # Locked until they are gone: whoever stores the same bytes again waits, and then puts them anew.
            names = list(connection.scalars(left.limit(_OBJECTS).with_for_update()))
            for name in names:
                objects.delete(name)
            connection.execute(update(PAYLOAD_AGED).where(among(aged.sha256, names)).values(outside=False))
        return bool(names)


def _sent(before: datetime) -> Select[Any]:
    sha256 = BATCH.c.payload_sha256
    columns = (BATCH.c.id, BATCH.c.file_name.label("name"), sha256.label("sha256"), BATCH.c.size)
    return select(*columns, BATCH.c.created_at.label("at")).where(BATCH.c.created_at < before, _may_go(sha256, before))


def _received(before: datetime) -> Select[Any]:
    sha256 = RESPONSE.c.sha256
    columns = (RESPONSE.c.id, RESPONSE.c.name, sha256, RESPONSE.c.size)
    return select(*columns, RESPONSE.c.taken_at.label("at")).where(
        RESPONSE.c.taken_at < before, _may_go(sha256, before)
    )


def _may_go(sha256: ColumnElement[Any], before: datetime) -> ColumnElement[bool]:
    return and_(exists().where(PAYLOAD.c.sha256 == sha256), _goes(sha256, before))


def _goes(sha256: ColumnElement[Any], before: datetime) -> ColumnElement[bool]:
    """Return the condition that no file with these bytes must stay."""
    of_batch = exists().where(_BATCH.c.payload_sha256 == sha256, _batch_stays(before))
    of_answer = exists().where(_RESPONSE.c.sha256 == sha256, _response_stays(before))
    return and_(~of_batch, ~of_answer)


def _batch_stays(before: datetime) -> ColumnElement[bool]:
    may_still_leave = and_(
        _BATCH.c.status.in_([status.value for status in UNFINISHED]), _BATCH.c.kind == Kind.LIVE.value
    )
    its_claims = exists().where(_OWN.c.batch_id == _BATCH.c.id, _IS_OPEN)
    return or_(_BATCH.c.created_at >= before, may_still_leave, its_claims)


def _response_stays(before: datetime) -> ColumnElement[bool]:
    spoken_of = (
        select(literal(1))
        .select_from(EVENT.join(_OWN, _OWN.c.id == EVENT.c.submission_id))
        .where(EVENT.c.response_id == _RESPONSE.c.id, _IS_OPEN)
        .exists()
    )
    money = PAYMENT.outerjoin(POSTING, POSTING.c.payment_id == PAYMENT.c.id)
    waits = or_(and_(PAYMENT.c.is_ours, PAYMENT.c.status == Posted.QUARANTINED.value), POSTING.c.status.in_(WAITS))
    money_waits = select(literal(1)).select_from(money).where(PAYMENT.c.response_id == _RESPONSE.c.id, waits).exists()
    paid_for = (
        select(literal(1))
        .select_from(
            PAYMENT.join(POSTING, POSTING.c.payment_id == PAYMENT.c.id).join(_OWN, _OWN.c.id == POSTING.c.submission_id)
        )
        .where(PAYMENT.c.response_id == _RESPONSE.c.id, _IS_OPEN)
        .exists()
    )
    is_unread = _RESPONSE.c.status == ResponseStatus.STORED.value
    return or_(_RESPONSE.c.taken_at >= before, is_unread, spoken_of, money_waits, paid_for)
