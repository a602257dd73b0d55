"""Files that came back, and what they change: each applied in one transaction. `ports.ResponseLedger` on SQL."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select, update

from include.adapters.ledger import submissions
from include.adapters.ledger.batch_rows import BATCHES, batch_of, file_stem, locked_batch, move
from include.adapters.ledger.batches import give_up, summary_of
from include.adapters.ledger.engine import Database
from include.adapters.ledger.events import chunks, insert_once, record, refold
from include.adapters.ledger.holds import POSSIBLE_DUPLICATE
from include.adapters.ledger.tables import BATCH, RESPONSE, SUBMISSION
from include.claims.errors import BadSetting
from include.claims.states import BatchStatus, Delivery, Event, Standing, Usage
from include.delivery.records import Answer, Batch, Reading, RemoteFile, Response, ResponseStatus

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

    def apply(self, response_id: int, reading: Reading, now: datetime) -> None:
        """Record the answers as events, move the submissions, close the batch where settled: one transaction, once."""
        with self._database.write() as connection:
            response = _locked_response(connection, response_id)
            batch = locked_batch(connection, reading.batch_id)
            ids = _ids_by_control_number(connection, batch.id)
            ours = [answer for answer in reading.answers if answer.control_number in ids]
            if reading.is_final:
                ours.extend(_unaccounted(ids, reading))
            record(connection, [_answer_row(ids[one.control_number], one, response, reading, now) for one in ours])
            _learn_claim_ids(connection, ids, ours)
            standings = refold(connection, ids.values())
            _move_batch(connection, batch, reading, standings)
            _freeze_successors(connection, standings, now)
            strangers = [one.control_number for one in reading.answers if one.control_number not in ids]
            _decide(connection, response_id, ResponseStatus.APPLIED, _note(strangers, batch), now)

    def set_aside(self, response_id: int, status: ResponseStatus, reason: str, now: datetime) -> None:
        """Mark a response FOREIGN, UNKNOWN or QUARANTINED with the reason."""
        with self._database.write() as connection:
            _locked_response(connection, response_id)
            _decide(connection, response_id, status, reason, now)


def _response_of(row: Any) -> Response:
    return Response(
        id=row.id,
        mailbox_key=row.mailbox_key,
        name=row.name,
        sha256=row.sha256,
        taken_at=row.taken_at,
        status=ResponseStatus(row.status),
    )


def _locked_response(connection: Connection, response_id: int) -> Any:
    query = select(RESPONSE).where(RESPONSE.c.id == response_id).with_for_update(key_share=True)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise BadSetting(f"response {response_id}: the ledger has none of that id")
    return row


def _ids_by_control_number(connection: Connection, batch_id: int) -> dict[str, int]:
    query = select(SUBMISSION.c.control_number, SUBMISSION.c.id).where(SUBMISSION.c.batch_id == batch_id)
    return {row.control_number: row.id for row in connection.execute(query)}


def _unaccounted(ids: Mapping[str, int], reading: Reading) -> list[Answer]:
    """Return an answer for every submission that a final report on its file leaves out."""
    named = {answer.control_number for answer in reading.answers}
    words = "the clearinghouse's final report on the file does not name it"
    return [
        Answer(control_number=number, event=Event.UNACCOUNTED, position=0, words=words)
        for number in ids
        if number not in named
    ]


def _answer_row(submission_id: int, answer: Answer, response: Any, reading: Reading, now: datetime) -> dict[str, Any]:
    claim_id = answer.clearinghouse_claim_id
    return {
        "submission_id": submission_id,
        "event": answer.event.value,
        "recorded_at": now,
        "answered_on": reading.answered_on,
        "file": response.name,
        "position": answer.position,
        "codes": json.dumps(answer.codes),
        "words": answer.words,
        "data": json.dumps({"clearinghouse_claim_id": claim_id}) if claim_id else "{}",
        "response_id": response.id,
        "batch_id": reading.batch_id,
        "dedupe": f"response:{response.id}:{answer.position}:{answer.event}",
    }


def _learn_claim_ids(connection: Connection, ids: Mapping[str, int], answers: Sequence[Answer]) -> None:
    rows = [
        {"submission": ids[answer.control_number], "learned": answer.clearinghouse_claim_id}
        for answer in answers
        if answer.clearinghouse_claim_id
    ]
    if rows:
        learned = update(SUBMISSION).where(SUBMISSION.c.id == bindparam("submission"))
        connection.execute(learned.values(clearinghouse_claim_id=bindparam("learned")), rows)


def _move_batch(connection: Connection, batch: Any, reading: Reading, standings: Mapping[int, Standing]) -> None:
    """Let the batch follow its submissions: an answer proves that the file was there, all answers close it."""
    known = json.loads(batch.clearinghouse_file_ids)
    file_ids = list(dict.fromkeys([*known, *reading.clearinghouse_file_ids]))
    connection.execute(update(BATCH).where(BATCH.c.id == batch.id).values(clearinghouse_file_ids=json.dumps(file_ids)))
    if any(standing.delivery not in {Delivery.BATCHED, Delivery.IN_DOUBT} for standing in standings.values()):
        move(connection, batch.id, [BatchStatus.BEGUN], BatchStatus.SENT)
    if summary_of(connection, batch.id, batch.file_name, BatchStatus(batch.status)).is_settled:
        move(connection, batch.id, [BatchStatus.SENT], BatchStatus.ANSWERED)


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


def _note(strangers: Sequence[str], batch: Any) -> str:
    if not strangers:
        return ""
    some = ", ".join(strangers[:5])
    return f"names {len(strangers)} claims that are not in batch {batch.id}, file {batch.file_name}: {some}"


def _decide(connection: Connection, response_id: int, status: ResponseStatus, reason: str, now: datetime) -> None:
    decided = update(RESPONSE).where(RESPONSE.c.id == response_id)
    connection.execute(decided.values(status=status.value, reason=reason, decided_at=now))
