"""
What happened to submissions, and what it adds up to: the only place that writes events and the cache of their fold.

Every caller records events and refolds in the same transaction, so the cached columns equal `states.fold` of the
events at every commit.
"""

import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, ScalarSelect, and_, func, insert, literal, select, update

from include.adapters.ledger.audit import note_written
from include.adapters.ledger.changes import note_change
from include.adapters.ledger.columns import Instant
from include.adapters.ledger.encrypted import OwnWords
from include.adapters.ledger.many import among, insert_and_tell, insert_once
from include.adapters.ledger.tables import EVENT, SUBMISSION
from include.claims.errors import ChangedMeanwhile
from include.claims.states import Event, Happened, Standing, Usage, fold


def event_row(
    submission_id: int,
    event: Event,
    now: datetime,
    *,
    words: str = "",
    codes: Sequence[str] = (),
    data: Mapping[str, Any] | None = None,
    batch_id: int | None = None,
    dedupe: str | None = None,
) -> dict[str, Any]:
    """Return an event of our own as a row; `dedupe` names what makes it the same event told twice."""
    return {
        "submission_id": submission_id,
        "event": event.value,
        "recorded_at": now,
        "answered_on": "",
        "file": "",
        "position": 0,
        "codes": json.dumps(codes) if codes else "[]",
        "words": _said(words, data),
        "data": json.dumps(data, sort_keys=True) if data else "{}",
        "response_id": None,
        "batch_id": batch_id,
        "dedupe": dedupe,
    }


def record(connection: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    """Keep events for ever; one that is known already stays as it is."""
    once = insert_once(connection, EVENT).on_conflict_do_nothing()
    note_written(connection, EVENT, insert_and_tell(connection, once, rows))


def _said(words: str, data: Mapping[str, Any] | None) -> str:
    """Return the words of an event, marked where a person chose them."""
    return OwnWords(words) if data and "who" in data else words


def record_for_batch(
    connection: Connection,
    batch_id: int,
    event: Event,
    now: datetime,
    *,
    dedupe: str,
    words: str = "",
    data: Mapping[str, Any] | None = None,
) -> None:
    """Record one event for every submission of a batch, without fetching them."""
    columns = ["submission_id", "event", "recorded_at", "words", "data", "batch_id", "dedupe"]
    rows = select(
        SUBMISSION.c.id,
        literal(event.value),
        literal(now, Instant()),
        literal(_said(words, data), EVENT.c.words.type),
        literal(json.dumps(data or {}, sort_keys=True), EVENT.c.data.type),
        literal(batch_id),
        literal(dedupe),
    ).where(SUBMISSION.c.batch_id == batch_id)
    statement = insert(EVENT).from_select(columns, rows, include_defaults=False).returning(EVENT.c.id)
    note_written(connection, EVENT, connection.scalars(statement))


def lock(connection: Connection, submission_ids: Iterable[int]) -> list[int]:
    """Lock submissions in one order everywhere, so that two transactions queue instead of blocking each other."""
    ids = sorted(set(submission_ids))
    locked = select(SUBMISSION.c.id).where(among(SUBMISSION.c.id, ids)).order_by(SUBMISSION.c.id)
    connection.execute(locked.with_for_update(key_share=True)).all()
    return ids


def newest_event(claim_id: ColumnElement[int] | int) -> ScalarSelect[int]:
    """Return the newest event of a claim's live submissions: a change of it means that something happened."""
    its_own = and_(_OF_CLAIM.c.claim_id == claim_id, _OF_CLAIM.c.usage == Usage.LIVE.value)
    query = select(func.max(EVENT.c.id)).join(_OF_CLAIM, _OF_CLAIM.c.id == EVENT.c.submission_id)
    return query.where(its_own).scalar_subquery()


def refuse_if_changed(connection: Connection, row: Any, seen: int | None) -> None:
    """Raise ChangedMeanwhile where a submission's claim has a newer event than the one a person has seen."""
    if seen is not None and connection.scalar(select(newest_event(row.claim_id))) != seen:
        raise ChangedMeanwhile(f"claim {row.control_number}: something happened to it since you looked")


_OF_CLAIM = SUBMISSION.alias("of_claim")


def ids_of_batch(connection: Connection, batch_id: int) -> list[int]:
    """Return the submissions of a batch."""
    return list(connection.scalars(select(SUBMISSION.c.id).where(SUBMISSION.c.batch_id == batch_id)))


def refold(connection: Connection, submission_ids: Iterable[int]) -> dict[int, Standing]:
    """Write what the events of these submissions add up to, and return it."""
    # Locked before the events are read: a fold of half the events must never overwrite a fold of all.
    standings = _folded(connection, lock(connection, submission_ids))
    by_standing: dict[Standing, list[int]] = defaultdict(list)
    for submission_id, standing in standings.items():
        by_standing[standing].append(submission_id)
    for standing, ids in by_standing.items():
        connection.execute(update(SUBMISSION).where(among(SUBMISSION.c.id, ids)).values(**cached(standing)))
    note_change(connection, standings)
    return standings


def cached(standing: Standing) -> dict[str, Any]:
    """Return a standing as the columns it is cached in."""
    return {
        "delivery": standing.delivery.value,
        "front_end": standing.front_end.value,
        "adjudication": standing.adjudication.value,
        "work": standing.work.value,
        "contradicted": standing.contradicted,
    }


def happened(row: Any) -> Happened:
    """Return an event's row as the fold needs it."""
    return Happened(_EVENTS[row.event], row.id, row.answered_on, row.file, row.position)


def who_of(row: Any) -> str:
    """Return who did what an event's row says; blank where no person did."""
    return str(json.loads(row.data).get("who", ""))


_EVENTS = {event.value: event for event in Event}


def _folded(connection: Connection, submission_ids: Sequence[int]) -> dict[int, Standing]:
    columns = (EVENT.c.submission_id, EVENT.c.event, EVENT.c.id, EVENT.c.answered_on, EVENT.c.file, EVENT.c.position)
    found: dict[int, list[Happened]] = defaultdict(list)
    for submission_id, event, *when in connection.execute(
        select(*columns).where(among(EVENT.c.submission_id, submission_ids))
    ):
        found[submission_id].append(Happened(_EVENTS[event], *when))
    return {submission_id: fold(events) for submission_id, events in found.items()}
