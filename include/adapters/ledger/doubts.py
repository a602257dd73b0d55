"""Files in doubt: what the ledger knows of each, and a person's word to keep waiting. `ports.DoubtLedger` on SQL."""

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Connection, func, literal, select, update

from include.adapters.ledger.batch_rows import BATCHES, batch_of, locked_batch
from include.adapters.ledger.engine import Database
from include.adapters.ledger.events import record_for_batch, who_of
from include.adapters.ledger.tables import ALARM_TOLD, BATCH, EVENT, LEDGER, RESPONSE, SUBMISSION
from include.adapters.ledger.transmissions import latest
from include.claims.deadlines import Clock
from include.claims.errors import NotAllowed
from include.claims.states import BatchStatus, Event, Usage
from include.delivery.records import Came, Doubt, ResponseStatus, Waited

KEPT_WAITING: Final = "kept_waiting"
"""How the key of such a word begins: the batch and the how-manieth follow."""


class Doubts:
    """The ledger's files in doubt."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def all(self) -> list[Doubt]:
        """Return the live files that began to leave and that nobody has confirmed, oldest first."""
        query = BATCHES.where(BATCH.c.status == BatchStatus.BEGUN.value, BATCH.c.usage == Usage.LIVE.value)
        with self._database.read() as connection:
            return [_doubt(connection, row) for row in connection.execute(query.order_by(BATCH.c.id)).all()]

    def of(self, batch_id: int) -> Doubt:
        """Return what is known of one; raise NotAllowed where it is not in doubt."""
        with self._database.read() as connection:
            row = connection.execute(BATCHES.where(BATCH.c.id == batch_id)).one_or_none()
            if row is None or row.status != BatchStatus.BEGUN.value:
                raise NotAllowed(_not_in_doubt(batch_id, row.status if row else "not here"))
            return _doubt(connection, row)

    def keep_waiting(self, batch_id: int, who: str, why: str, until: datetime, now: datetime) -> None:
        """Record that a person waits on, and quiet the alarms of the file's claims; NotAllowed if not in doubt."""
        with self._database.write() as connection:
            batch = locked_batch(connection, batch_id)
            if batch.status != BatchStatus.BEGUN.value:
                raise NotAllowed(_not_in_doubt(batch_id, batch.status))
            key = f"{KEPT_WAITING}:{batch_id}:{len(_waited(connection, batch_id)) + 1}"
            data = {"who": who, "until": until.isoformat()}
            record_for_batch(connection, batch_id, Event.KEPT_WAITING, now, dedupe=key, words=why, data=data)
            its = select(literal(f"{Clock.IN_DOUBT}:") + SUBMISSION.c.control_number)
            heard = update(ALARM_TOLD).where(ALARM_TOLD.c.key.in_(its.where(SUBMISSION.c.batch_id == batch_id)))
            connection.execute(heard.values(acknowledged_by=who))


def _not_in_doubt(batch_id: int, status: str) -> str:
    return f"batch {batch_id} is {status}, not in doubt: there is nothing to decide"


def _doubt(connection: Connection, row: Any) -> Doubt:
    last = latest(connection, row.id)
    # Without an attempt it is in doubt because the ledger was restored.
    restored_at = None if last else connection.scalar(select(LEDGER.c.epoch_began_at))
    begun_at = last.begun_at if last else restored_at or row.created_at
    return Doubt(
        batch=batch_of(row),
        begun_at=begun_at,
        attempts=last.attempt if last else 0,
        server=f"{last.login}@{last.host}:{last.port}" if last else "",
        stopped=last.evidence if last else row.status_reason,
        waited=tuple(_waited(connection, row.id)),
        came=tuple(_came(connection, row.mailbox_key, begun_at)),
    )


def _waited(connection: Connection, batch_id: int) -> Sequence[Waited]:
    """Return the words to keep waiting, oldest first: each stands at every claim of the file, and is read at one."""
    first = select(func.min(SUBMISSION.c.id)).where(SUBMISSION.c.batch_id == batch_id).scalar_subquery()
    query = select(EVENT).where(EVENT.c.submission_id == first, EVENT.c.event == Event.KEPT_WAITING.value)
    rows = connection.execute(query.where(EVENT.c.batch_id == batch_id).order_by(EVENT.c.id))
    return [
        Waited(who=who_of(row), why=row.words, at=row.recorded_at, until=datetime.fromisoformat(_data(row)["until"]))
        for row in rows
    ]


def _data(row: Any) -> dict[str, str]:
    found: dict[str, str] = json.loads(row.data)
    return found


def _came(connection: Connection, mailbox_key: str, since: datetime) -> Sequence[Came]:
    columns = (RESPONSE.c.name, RESPONSE.c.status, RESPONSE.c.taken_at)
    query = select(*columns).where(RESPONSE.c.mailbox_key == mailbox_key, RESPONSE.c.taken_at >= since)
    return [
        Came(name=row.name, status=ResponseStatus(row.status), at=row.taken_at)
        for row in connection.execute(query.order_by(RESPONSE.c.id))
    ]
