"""Files that came back, and what they change: each applied in one transaction. `ports.ResponseLedger` on SQL."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, select, update

from include.adapters.ledger import submissions
from include.adapters.ledger.batch_rows import BATCHES, batch_of, file_stem, locked_batch, move
from include.adapters.ledger.batches import give_up, summary_of
from include.adapters.ledger.engine import Database
from include.adapters.ledger.events import chunks, execute_many, insert_once, record, refold
from include.adapters.ledger.holds import POSSIBLE_DUPLICATE
from include.adapters.ledger.tables import BATCH, RESPONSE, SUBMISSION
from include.claims.errors import BadSetting
from include.claims.states import BatchStatus, Delivery, Event, Standing, Usage
from include.delivery.records import Answer, Batch, Reading, RemoteFile, Response, ResponseStatus

_LEARNED = ("clearinghouse_claim_id", "payer_claim_number")
"""Numbers that others give to a claim, as answers and submissions both name them."""


class Spoken(NamedTuple):
    """A submission that an answer may speak of."""

    submission_id: int
    batch_id: int


_OPEN = (ResponseStatus.STORED.value, ResponseStatus.FOREIGN.value)


class Responses:
    """The ledger's responses."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def known(self, mailbox_key: str) -> set[tuple[str, int, int]]:
        """Return (name, size, modified) of every file taken from the mailbox."""
        query = select(RESPONSE.c.name, RESPONSE.c.size, RESPONSE.c.modified)
        with self._database.read() as connection:
            rows = connection.execute(query.where(RESPONSE.c.mailbox_key == mailbox_key)).all()
        return {(row.name, row.size, row.modified) for row in rows}

    def store(self, mailbox_key: str, file: RemoteFile, sha256: str, now: datetime) -> int:
        """Record a raw file; the same name, size and hash is one response, whose id is returned again."""
        row = {
            "mailbox_key": mailbox_key,
            "name": file.name,
            "size": file.size,
            "modified": file.modified,
            "sha256": sha256,
            "taken_at": now,
            "status": ResponseStatus.STORED.value,
        }
        with self._database.write() as connection:
            kept = insert_once(connection, RESPONSE).values(row)
            # The newest time is remembered, so that a file the server touched is not fetched every night.
            kept = kept.on_conflict_do_update(
                index_elements=["mailbox_key", "name", "size", "sha256"], set_={"modified": file.modified}
            )
            return int(connection.execute(kept.returning(RESPONSE.c.id)).scalar_one())

    def unapplied(self, mailbox_key: str) -> list[Response]:
        """Return the responses with status STORED or FOREIGN, oldest first."""
        query = select(RESPONSE).where(RESPONSE.c.mailbox_key == mailbox_key, RESPONSE.c.status.in_(_OPEN))
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(RESPONSE.c.taken_at, RESPONSE.c.id)).all()
        return [_response_of(row) for row in rows]

    def batch_by_group(self, mailbox_key: str, group_number: int, interchange_number: int | None) -> Batch | None:
        """Return the batch a 999 or TA1 answers."""
        query = BATCHES.where(BATCH.c.mailbox_key == mailbox_key, BATCH.c.group_number == group_number)
        if interchange_number is not None:
            query = query.where(BATCH.c.interchange_number == interchange_number)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else batch_of(row)

    def batch_by_file(self, mailbox_key: str, file_name: str) -> Batch | None:
        """Return the batch of an uploaded file name, exact and case-insensitive, with or without extension."""
        name = file_name.casefold()
        query = BATCHES.where(BATCH.c.mailbox_key == mailbox_key, BATCH.c.file_stem.in_([name, file_stem(name)]))
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        for row in rows:
            if name in {row.file_name.casefold(), row.file_stem}:
                return batch_of(row)
        return None

    def control_numbers(self, batch_id: int) -> Mapping[str, Sequence[str]]:
        """Return the CLM01s of a batch by their ST02, in position order."""
        query = select(SUBMISSION.c.set_number, SUBMISSION.c.control_number).where(SUBMISSION.c.batch_id == batch_id)
        found: dict[str, list[str]] = defaultdict(list)
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(SUBMISSION.c.position)):
                found[row.set_number].append(row.control_number)
        return dict(found)

    def apply(self, response_id: int, reading: Reading, now: datetime) -> ResponseStatus:
        """Record the answers as events, move the submissions, close batches where settled: one transaction, once."""
        with self._database.write() as connection:
            response = locked_response(connection, response_id)
            ids = _spoken_of(connection, reading)
            ours = [answer for answer in reading.answers if answer.control_number in ids]
            strangers = [one.control_number for one in reading.answers if one.control_number not in ids]
            if reading.is_final:
                ours.extend(_unaccounted(ids, reading))
            status = ResponseStatus.APPLIED if ours or reading.batch_id is not None else ResponseStatus.FOREIGN
            if ours:
                answered(connection, response, ids, ours, answered_on=reading.answered_on, now=now)
            if reading.batch_id is not None:
                _learn_file_ids(connection, reading.batch_id, reading.clearinghouse_file_ids)
            decide(connection, response_id, status, _note(strangers, reading.batch_id), now)
        return status

    def set_aside(self, response_id: int, status: ResponseStatus, reason: str, now: datetime) -> None:
        """Mark a response FOREIGN, UNKNOWN or QUARANTINED with the reason."""
        with self._database.write() as connection:
            locked_response(connection, response_id)
            decide(connection, response_id, status, reason, now)


def _response_of(row: Any) -> Response:
    return Response(
        id=row.id,
        mailbox_key=row.mailbox_key,
        name=row.name,
        sha256=row.sha256,
        taken_at=row.taken_at,
        status=ResponseStatus(row.status),
    )


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
    rows = [_answer_row(ids[one.control_number], one, response, answered_on, now) for one in answers]
    record(connection, rows)
    _learn_numbers(connection, ids, answers)
    standings = refold(connection, [ids[number].submission_id for number in {one.control_number for one in answers}])
    for batch_id in sorted({ids[one.control_number].batch_id for one in answers}):
        _move_batch(connection, batch_id)
    _freeze_successors(connection, standings, now)


def locked_response(connection: Connection, response_id: int) -> Any:
    """Return a response's row, locked until the transaction ends."""
    query = select(RESPONSE).where(RESPONSE.c.id == response_id).with_for_update(key_share=True)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise BadSetting(f"response {response_id}: the ledger has none of that id")
    return row


def _spoken_of(connection: Connection, reading: Reading) -> dict[str, Spoken]:
    """Return the submissions a response may speak of: those of its batch, or those it names, wherever they went."""
    if reading.batch_id is None:
        return known_among(connection, {one.control_number for one in reading.answers})
    # Locked first, so that two answers to one file queue instead of counting each other's claims as open.
    locked_batch(connection, reading.batch_id)
    return _found(connection, SUBMISSION.c.batch_id == reading.batch_id)


def known_among(connection: Connection, control_numbers: Collection[str]) -> dict[str, Spoken]:
    """Return the submissions that left under one of these numbers."""
    found: dict[str, Spoken] = {}
    for some in chunks(sorted(control_numbers)):
        found |= _found(connection, SUBMISSION.c.control_number.in_(some), SUBMISSION.c.batch_id.is_not(None))
    return found


def _found(connection: Connection, *conditions: ColumnElement[bool]) -> dict[str, Spoken]:
    query = select(SUBMISSION.c.control_number, SUBMISSION.c.id, SUBMISSION.c.batch_id).where(*conditions)
    return {row.control_number: Spoken(row.id, row.batch_id) for row in connection.execute(query)}


def _unaccounted(ids: Mapping[str, Spoken], reading: Reading) -> list[Answer]:
    """Return an answer for every submission that a final report on its file leaves out."""
    named = {answer.control_number for answer in reading.answers}
    words = "the clearinghouse's final report on the file does not name it"
    return [
        Answer(control_number=number, event=Event.UNACCOUNTED, position=0, words=words)
        for number in ids
        if number not in named
    ]


def _answer_row(spoken: Spoken, answer: Answer, response: Any, answered_on: str, now: datetime) -> dict[str, Any]:
    learned = {name: getattr(answer, name) for name in _LEARNED if getattr(answer, name)}
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
        rows = [
            {"submission": ids[answer.control_number].submission_id, "learned": getattr(answer, name)}
            for answer in answers
            if getattr(answer, name)
        ]
        learned = update(SUBMISSION).where(SUBMISSION.c.id == bindparam("submission"))
        execute_many(connection, learned.values({name: bindparam("learned")}), rows)


def _learn_file_ids(connection: Connection, batch_id: int, file_ids: Sequence[str]) -> None:
    before = connection.execute(select(BATCH.c.clearinghouse_file_ids).where(BATCH.c.id == batch_id)).scalar_one()
    learned = json.dumps(list(dict.fromkeys([*json.loads(before), *file_ids])))
    connection.execute(update(BATCH).where(BATCH.c.id == batch_id).values(clearinghouse_file_ids=learned))


def _move_batch(connection: Connection, batch_id: int) -> None:
    """Let the batch follow its submissions: an answer proves that the file was there, all answers close it."""
    batch = locked_batch(connection, batch_id)
    summary = summary_of(connection, batch_id, batch.file_name, BatchStatus(batch.status))
    if set(summary.by_delivery) - {Delivery.BATCHED, Delivery.IN_DOUBT}:
        move(connection, batch_id, [BatchStatus.BEGUN], BatchStatus.SENT)
    if summary.is_settled:
        move(connection, batch_id, [BatchStatus.SENT], BatchStatus.ANSWERED)


def _freeze_successors(connection: Connection, standings: Mapping[int, Standing], now: datetime) -> None:
    """Hold what was to go again in place of a submission that was answered after all: a possible duplicate."""
    contradicted = [one for one, standing in standings.items() if standing.contradicted]
    if not contradicted:
        return
    older, newer = SUBMISSION.alias("older"), SUBMISSION.alias("newer")
    following = (
        select(newer.c.id, newer.c.batch_id)
        .join(older, (older.c.claim_id == newer.c.claim_id) & (older.c.number < newer.c.number))
        .where(
            newer.c.usage == Usage.LIVE.value,
            older.c.usage == Usage.LIVE.value,
            newer.c.delivery.in_([Delivery.READY.value, Delivery.BATCHED.value]),
        )
    )
    found = [row for some in chunks(contradicted) for row in connection.execute(following.where(older.c.id.in_(some)))]
    reason = "an earlier submission of one of its claims was answered after all"
    # The whole batch is given up: its other claims go with the next run, under new numbers.
    for batch_id in sorted({row.batch_id for row in found if row.batch_id is not None}):
        give_up(connection, batch_id, reason, now)
    still_here = select(SUBMISSION.c.id).where(SUBMISSION.c.delivery == Delivery.READY.value)
    for some in chunks([row.id for row in found]):
        ready = list(connection.scalars(still_here.where(SUBMISSION.c.id.in_(some))))
        submissions.hold(connection, ready, POSSIBLE_DUPLICATE, now)


def _note(strangers: Sequence[str], batch_id: int | None) -> str:
    if not strangers:
        return ""
    where = "not ours" if batch_id is None else f"not in batch {batch_id}"
    return f"names {len(strangers)} claims that are {where}: {', '.join(strangers[:5])}"


def decide(connection: Connection, response_id: int, status: ResponseStatus, reason: str, now: datetime) -> None:
    """Write down what became of a response."""
    decided = update(RESPONSE).where(RESPONSE.c.id == response_id)
    connection.execute(decided.values(status=status.value, reason=reason, decided_at=now))
