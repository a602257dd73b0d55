"""What a response says of submissions: kept as events, followed by the submissions, their numbers and their batches."""

import json
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, or_, select, update

from include.adapters.ledger import submissions
from include.adapters.ledger.batch_rows import locked_batch, move
from include.adapters.ledger.batches import give_up, summary_of
from include.adapters.ledger.events import event_row, lock, record, refold
from include.adapters.ledger.holds import POSSIBLE_DUPLICATE, STORED_RESTORED
from include.adapters.ledger.many import among, update_each
from include.adapters.ledger.tables import RESPONSE, SUBMISSION
from include.claims.errors import BadSetting
from include.claims.states import REJECTED, BatchStatus, Delivery, Event, Standing, Usage
from include.delivery.records import Answer, ResponseStatus

_NOT_BEGUN = (Delivery.READY.value, Delivery.HELD.value, Delivery.BATCHED.value)
_MAY_LIVE = (Delivery.IN_DOUBT.value, Delivery.SENT.value, Delivery.UNACCOUNTED.value)
_STILL_MOVES = (BatchStatus.BEGUN.value, BatchStatus.SENT.value)
_RIVALLED = (
    "possible duplicate: an earlier submission of the claim was answered after all; read its answers, and void one of"
    " the two at the payer where both live"
)
_LEARNED = ("clearinghouse_claim_id", "payer_claim_number")
"""Numbers that others give to a claim, as answers and submissions both name them."""


class Spoken(NamedTuple):
    """A submission that an answer may speak of."""

    submission_id: int
    batch_id: int | None  # None: an earlier process sent it


MAY_HAVE_GONE = and_(
    SUBMISSION.c.usage == Usage.LIVE.value,
    SUBMISSION.c.delivery == Delivery.HELD.value,
    SUBMISSION.c.holds.contains(STORED_RESTORED, autoescape=True),
)
"""A restored ledger holds it, because it may have gone before."""

HAS_LEFT = or_(SUBMISSION.c.batch_id.is_not(None), SUBMISSION.c.delivery == Delivery.SENT.value, MAY_HAVE_GONE)
"""It went in a batch of ours, an earlier process sent it, or it may have gone: answers may speak of it."""

_PROVED = "an answer names it: it went before the ledger was restored"


def answered(
    connection: Connection,
    response: Any,
    ids: Mapping[str, Spoken],
    answers: Sequence[Answer],
    *,
    answered_on: str,
    now: datetime,
) -> None:
    """Record what a response says of submissions of ours, and let them and their batches follow."""
    _went_before_the_restore(connection, {ids[one.control_number].submission_id for one in answers}, now)
    rows = [_answer_row(ids[one.control_number], one, response, answered_on, now) for one in answers]
    record(connection, rows)
    _learn_numbers(connection, ids, answers)
    standings = refold(connection, [ids[number].submission_id for number in {one.control_number for one in answers}])
    for batch_id in sorted({batch for one in answers if (batch := ids[one.control_number].batch_id) is not None}):
        _move_batch(connection, batch_id)
    _freeze_successors(connection, standings, now)


def _went_before_the_restore(connection: Connection, submission_ids: Collection[int], now: datetime) -> None:
    """Take an answer to what a restored ledger holds as the proof that it went; it is held no more."""
    held = select(SUBMISSION.c.id).where(among(SUBMISSION.c.id, submission_ids), MAY_HAVE_GONE)
    went = lock(connection, connection.scalars(held))
    key = "sent_before_restore"
    record(connection, [event_row(one, Event.SENT, now, words=_PROVED, dedupe=key) for one in went])
    update_each(connection, SUBMISSION, [{"id": one, "holds": "[]"} for one in went])


def known_among(connection: Connection, control_numbers: Collection[str]) -> dict[str, Spoken]:
    """Return the submissions that left under one of these numbers."""
    return found_by(connection, among(SUBMISSION.c.control_number, control_numbers), HAS_LEFT)


def found_by(connection: Connection, *conditions: ColumnElement[bool]) -> dict[str, Spoken]:
    """Return the submissions that fulfil the conditions, by control number."""
    query = select(SUBMISSION.c.control_number, SUBMISSION.c.id, SUBMISSION.c.batch_id).where(*conditions)
    return {row.control_number: Spoken(row.id, row.batch_id) for row in connection.execute(query)}


def _answer_row(spoken: Spoken, answer: Answer, response: Any, answered_on: str, now: datetime) -> dict[str, Any]:
    learned = {name: getattr(answer, name) for name in (*_LEARNED, "payer_words") if getattr(answer, name)}
    return {
        "submission_id": spoken.submission_id,
        "event": answer.event.value,
        "recorded_at": now,
        "answered_on": answer.answered_on or answered_on,
        "file": response.name,
        "position": answer.position,
        "codes": json.dumps(answer.codes),
        "words": answer.words,
        "data": json.dumps(learned) if learned else "{}",
        "response_id": response.id,
        "batch_id": spoken.batch_id,
        "dedupe": f"response:{response.id}:{answer.position}:{answer.event}",
    }


def _learn_numbers(connection: Connection, ids: Mapping[str, Spoken], answers: Sequence[Answer]) -> None:
    for name in _LEARNED:
        # The last word on a submission counts.
        learned = {
            ids[answer.control_number].submission_id: getattr(answer, name)
            for answer in answers
            if getattr(answer, name)
        }
        update_each(connection, SUBMISSION, [{"id": one, name: value} for one, value in learned.items()])


def _move_batch(connection: Connection, batch_id: int) -> None:
    """Let the batch follow its submissions: an answer proves that the file was there, all answers close it."""
    batch = locked_batch(connection, batch_id)
    if batch.status not in _STILL_MOVES:
        return  # what payers say for weeks afterwards changes nothing here, and a batch is thousands of rows
    summary = summary_of(connection, batch_id, batch.file_name, BatchStatus(batch.status))
    if set(summary.by_delivery) - {Delivery.BATCHED, Delivery.IN_DOUBT}:
        move(connection, batch_id, [BatchStatus.BEGUN], BatchStatus.SENT)
    if summary.is_settled:
        move(connection, batch_id, [BatchStatus.SENT], BatchStatus.ANSWERED)


def _freeze_successors(connection: Connection, standings: Mapping[int, Standing], now: datetime) -> None:
    """Stop what goes or went in place of a submission that was answered after all: a possible duplicate."""
    contradicted = [one for one, standing in standings.items() if standing.contradicted]
    if not contradicted:
        return
    older, newer = SUBMISSION.alias("older"), SUBMISSION.alias("newer")
    following = (
        select(newer.c.id, newer.c.batch_id, newer.c.delivery)
        .join(older, (older.c.claim_id == newer.c.claim_id) & (older.c.number < newer.c.number))
        .where(
            newer.c.usage == Usage.LIVE.value,
            older.c.usage == Usage.LIVE.value,
            newer.c.delivery.in_([*_NOT_BEGUN, *_MAY_LIVE]),
            newer.c.front_end.not_in([state.value for state in REJECTED]),
        )
    )
    rows = connection.execute(following.where(among(older.c.id, contradicted))).all()
    found = [row for row in rows if row.delivery in _NOT_BEGUN]
    _tell_rivals(connection, [row.id for row in rows if row.delivery not in _NOT_BEGUN], now)
    reason = "an earlier submission of one of its claims was answered after all"
    # The whole batch is given up: its other claims go with the next run, under new numbers.
    for batch_id in sorted({row.batch_id for row in found if row.batch_id is not None}):
        give_up(connection, batch_id, reason, now)
    still_here = select(SUBMISSION.c.id).where(SUBMISSION.c.delivery.in_([Delivery.READY.value, Delivery.HELD.value]))
    waiting = list(connection.scalars(still_here.where(among(SUBMISSION.c.id, [row.id for row in found]))))
    submissions.hold(connection, waiting, POSSIBLE_DUPLICATE, now)


def _tell_rivals(connection: Connection, ids: Sequence[int], now: datetime) -> None:
    """Mark what has gone already: both may be alive, and a person must look at both."""
    record(connection, [event_row(one, Event.RIVALLED, now, words=_RIVALLED, dedupe="rivalled") for one in set(ids)])
    refold(connection, ids)


def locked_response(connection: Connection, response_id: int) -> Any:
    """Return a response's row, locked until the transaction ends."""
    query = select(RESPONSE).where(RESPONSE.c.id == response_id).with_for_update(key_share=True)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise BadSetting(f"response {response_id}: the ledger has none of that id")
    return row


def decide(connection: Connection, response_id: int, status: ResponseStatus, reason: str, now: datetime) -> None:
    """Write down what became of a response."""
    decided = update(RESPONSE).where(RESPONSE.c.id == response_id)
    connection.execute(decided.values(status=status.value, reason=reason, decided_at=now))
