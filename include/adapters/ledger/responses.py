"""Files that came back, and what they change: each applied in one transaction. `ports.ResponseLedger` on SQL."""

import json
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, update

from include.adapters.ledger import remittances
from include.adapters.ledger.aged import is_aged
from include.adapters.ledger.answers import (
    MAY_HAVE_GONE,
    Spoken,
    answered,
    decide,
    found_by,
    known_among,
    locked_response,
)
from include.adapters.ledger.batch_rows import BATCHES, batch_of, file_stem, locked_batch
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among, insert_once
from include.adapters.ledger.tables import BATCH, CLAIM_REVISION, ITS_REVISION, RESPONSE, SUBMISSION
from include.claims.documents import from_document
from include.claims.errors import NotAllowed
from include.claims.states import Event
from include.delivery.records import Answer, Batch, Reading, Remittance, RemoteFile, Response, ResponseStatus

_SHOWN = 5
"""Remarks that are kept of one file: the first ones say what is wrong with it."""

_SET_ASIDE = (ResponseStatus.FOREIGN.value, ResponseStatus.UNKNOWN.value, ResponseStatus.QUARANTINED.value)
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
        return self._record(mailbox_key, file, now, sha256=sha256, status=ResponseStatus.STORED.value)

    def refuse(self, mailbox_key: str, file: RemoteFile, reason: str, now: datetime) -> None:
        """Record a file that is left on the server as QUARANTINED, once; it counts as known from then on."""
        status = ResponseStatus.QUARANTINED.value
        self._record(mailbox_key, file, now, sha256="", status=status, reason=reason, decided_at=now)

    def _record(self, mailbox_key: str, file: RemoteFile, now: datetime, **cells: Any) -> int:
        named = {"mailbox_key": mailbox_key, "name": file.name, "size": file.size, "modified": file.modified}
        with self._database.write() as connection:
            kept = insert_once(connection, RESPONSE).values({**named, "taken_at": now, **cells})
            # The newest time is remembered, so that a file the server touched is not fetched every night.
            kept = kept.on_conflict_do_update(
                index_elements=["mailbox_key", "name", "size", "sha256"], set_={"modified": file.modified}
            )
            return int(connection.execute(kept.returning(RESPONSE.c.id)).scalar_one())

    def unapplied(self, mailbox_key: str) -> list[Response]:
        """Return the responses with status STORED or FOREIGN, oldest first."""
        here = RESPONSE.c.mailbox_key == mailbox_key, ~is_aged(RESPONSE.c.sha256)
        query = select(RESPONSE).where(*here, RESPONSE.c.status.in_(_OPEN))
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

    def batch_by_reference(self, mailbox_key: str, reference: str) -> Batch | None:
        """Return the batch whose BHT03 a 277CA names."""
        query = BATCHES.where(BATCH.c.mailbox_key == mailbox_key, BATCH.c.reference == reference)
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        return None if row is None else batch_of(row)

    def control_numbers_of(self, batch_id: int, npi: str, payer_id: str) -> Sequence[str]:
        """Return the CLM01s of a batch's claims that this NPI billed to this payer; blank means any."""
        query = (
            select(SUBMISSION.c.control_number, CLAIM_REVISION.c.document)
            .join(CLAIM_REVISION, ITS_REVISION)
            .where(SUBMISSION.c.batch_id == batch_id)
            .order_by(SUBMISSION.c.position)
        )
        if payer_id:
            query = query.where(SUBMISSION.c.payer_id == payer_id)
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [row.control_number for row in rows if npi in {"", from_document(row.document).billing.npi}]

    def control_numbers(self, batch_id: int) -> Mapping[str, Sequence[str]]:
        """Return the CLM01s of a batch by their ST02, in position order."""
        query = select(SUBMISSION.c.set_number, SUBMISSION.c.control_number).where(SUBMISSION.c.batch_id == batch_id)
        found: dict[str, list[str]] = defaultdict(list)
        with self._database.read() as connection:
            for row in connection.execute(query.order_by(SUBMISSION.c.position)):
                found[row.set_number].append(row.control_number)
        return dict(found)

    def may_have_gone(self, control_numbers: Collection[str]) -> Collection[str]:
        """Return those of these CLM01s that are held because the ledger was restored."""
        with self._database.read() as connection:
            return set(found_by(connection, among(SUBMISSION.c.control_number, control_numbers), MAY_HAVE_GONE))

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
            remarks = [_note(strangers, reading.batch_id), *reading.remarks[:_SHOWN]]
            decide(connection, response_id, status, "; ".join(filter(None, remarks)), now)
        return status

    def post(self, response_id: int, remittance: Remittance, now: datetime) -> ResponseStatus:
        """Record payments and what they say of each claim, once, in one transaction."""
        with self._database.write() as connection:
            return remittances.post(connection, response_id, remittance, now)

    def set_aside(self, response_id: int, status: ResponseStatus, reason: str, now: datetime) -> None:
        """Mark a response FOREIGN, UNKNOWN or QUARANTINED with the reason."""
        with self._database.write() as connection:
            locked_response(connection, response_id)
            decide(connection, response_id, status, reason, now)

    def read_again(self, response_id: int) -> None:
        """Let a person have a response read once more that was set aside; raise NotAllowed where it was applied."""
        again = update(RESPONSE).where(
            RESPONSE.c.id == response_id,
            RESPONSE.c.status.in_(_SET_ASIDE),
            # What was left on the server has no bytes here, and neither has what was let go.
            RESPONSE.c.sha256 != "",
            ~is_aged(RESPONSE.c.sha256),
        )
        with self._database.write() as connection:
            if not connection.execute(again.values(status=ResponseStatus.STORED.value, reason="")).rowcount:
                raise NotAllowed(
                    f"answer {response_id}: it was applied, was left on the server unread, or was let go for its age"
                )


def _response_of(row: Any) -> Response:
    return Response(
        id=row.id,
        mailbox_key=row.mailbox_key,
        name=row.name,
        sha256=row.sha256,
        taken_at=row.taken_at,
        status=ResponseStatus(row.status),
    )


def _spoken_of(connection: Connection, reading: Reading) -> dict[str, Spoken]:
    """Return the submissions a response may speak of: those of its batch, or those it names, wherever they went."""
    if reading.batch_id is None:
        return known_among(connection, {one.control_number for one in reading.answers})
    # Locked first, so that two answers to one file queue instead of counting each other's claims as open.
    locked_batch(connection, reading.batch_id)
    return found_by(connection, SUBMISSION.c.batch_id == reading.batch_id)


def _unaccounted(ids: Mapping[str, Spoken], reading: Reading) -> list[Answer]:
    """Return an answer for every submission that a final report on its file leaves out."""
    named = {answer.control_number for answer in reading.answers}
    words = "the clearinghouse's final report on the file does not name it"
    return [
        Answer(control_number=number, event=Event.UNACCOUNTED, position=0, words=words)
        for number in ids
        if number not in named
    ]


def _learn_file_ids(connection: Connection, batch_id: int, file_ids: Sequence[str]) -> None:
    before = connection.execute(select(BATCH.c.clearinghouse_file_ids).where(BATCH.c.id == batch_id)).scalar_one()
    learned = json.dumps(list(dict.fromkeys([*json.loads(before), *file_ids])))
    connection.execute(update(BATCH).where(BATCH.c.id == batch_id).values(clearinghouse_file_ids=learned))


def _note(strangers: Sequence[str], batch_id: int | None) -> str:
    if not strangers:
        return ""
    where = "not ours" if batch_id is None else f"not in batch {batch_id}"
    return f"names {len(strangers)} claims that are {where}: {', '.join(strangers[:_SHOWN])}"
