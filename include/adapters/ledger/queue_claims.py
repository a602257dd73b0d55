"""The queues that list claims: by where they stand, and those of which an alarm has told."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Date, Select, case, exists, func, literal, or_, select

from include.adapters.ledger import holds
from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.events import who_of
from include.adapters.ledger.many import among
from include.adapters.ledger.queue_list import By, Places, QueueList
from include.adapters.ledger.report import BAD_NEWS, reasons_of
from include.adapters.ledger.tables import ALARM_TOLD, CLAIM, CLAIM_REVISION, EVENT, ITS_REVISION, SUBMISSION
from include.claims.deadlines import Clock
from include.claims.states import Adjudication, Delivery, FrontEnd, Usage
from include.delivery.queues import RELEASABLE, SILENT, Ask, Last, Queue, Sort, Subject, Waiting

_CLAIMS: Final = (
    select(SUBMISSION, CLAIM.c.key, CLAIM.c.first_seen_at, CLAIM_REVISION.c.first_service_on)
    .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
    .join(CLAIM_REVISION, ITS_REVISION)
    .where(SUBMISSION.c.usage == Usage.LIVE.value)
)
# Of a claim that could not be read no day is known: it stands before all others.
_SERVICE: Final = func.coalesce(CLAIM_REVISION.c.first_service_on, literal(date.min, Date()), type_=Date())
_BY_CLAIM: Final = By(SUBMISSION.c.id)
_ORDERS: Final = {
    Sort.DOLLARS: (By(SUBMISSION.c.total_cents, is_down=True), _BY_CLAIM),
    Sort.AGE: (_BY_CLAIM,),
    Sort.LIMIT: (By(_SERVICE, read=date.fromisoformat), _BY_CLAIM),
}

_AFTER_CLOCK: Final = case(*((ALARM_TOLD.c.key.startswith(f"{clock}:"), len(clock) + 2) for clock in Clock))
_TOLD: Final = (
    select(func.substr(ALARM_TOLD.c.key, _AFTER_CLOCK).label("control_number"))
    .where(_AFTER_CLOCK.is_not(None), ALARM_TOLD.c.acknowledged_by == "")
    .distinct()
    .subquery()
)
"""The claims of which an alarm has told that nobody has heard; its key is a clock and a control number."""


def claims(queue: Queue, ask: Ask) -> QueueList:
    """Return a list of claims by where they stand."""
    return _list(_CLAIMS.where(*_asked(ask), *_states(queue), *([_has_reason(queue, ask.code)] if ask.code else [])))


def silent(ask: Ask) -> QueueList:
    """Return the claims that are past a deadline."""
    rows = _CLAIMS.join(_TOLD, _TOLD.c.control_number == SUBMISSION.c.control_number).where(*_asked(ask))
    if ask.code:
        rows = rows.where(exists().where(ALARM_TOLD.c.key == literal(f"{ask.code}:") + SUBMISSION.c.control_number))
    return QueueList(rows=rows, cents=SUBMISSION.c.total_cents, orders=_ORDERS, read=_read_silent)


def named(connection: Connection, subject: Subject, control_numbers: Collection[str]) -> list[Waiting]:
    """Return claims by their control numbers, wherever they stand."""
    rows = connection.execute(_CLAIMS.where(among(SUBMISSION.c.control_number, control_numbers))).all()
    read = _read_silent if subject is Subject.ALARM else _read
    return read(connection, rows, [()] * len(rows))


def _list(rows: Select[Any]) -> QueueList:
    return QueueList(rows=rows, cents=SUBMISSION.c.total_cents, orders=_ORDERS, read=_read)


def _asked(ask: Ask) -> list[ColumnElement[bool]]:
    found = [among(SUBMISSION.c.clinic_key, ask.clinics)]
    if ask.payer:
        found.append(SUBMISSION.c.payer_id == ask.payer)
    if ask.named:
        names = (SUBMISSION.c.control_number, CLAIM.c.key)
        found.append(or_(*(name.startswith(ask.named, autoescape=True) for name in names)))
    return found


def _states(queue: Queue) -> list[ColumnElement[bool]]:
    axes: list[tuple[ColumnElement[str], Collection[Any], int]] = [
        (SUBMISSION.c.delivery, queue.deliveries, 0),
        (SUBMISSION.c.front_end, queue.front_ends, len(FrontEnd)),
        (SUBMISSION.c.adjudication, queue.adjudications, len(Adjudication)),
        (SUBMISSION.c.work, queue.works, 0),
    ]
    return [column.in_(sorted(one.value for one in states)) for column, states, whole in axes if len(states) != whole]


def _has_reason(queue: Queue, code: str) -> ColumnElement[bool]:
    # One or the other, never both joined by OR, which PostgreSQL would ask of every event.
    if queue.deliveries == {Delivery.HELD}:
        return SUBMISSION.c.holds.contains(f'"rule": "{code}"', autoescape=True)
    return exists().where(
        EVENT.c.submission_id == SUBMISSION.c.id,
        EVENT.c.event.in_(BAD_NEWS),
        or_(EVENT.c.codes.contains(f'"{code}"', autoescape=True), EVENT.c.event == code),
    )


def _read(connection: Connection, rows: Sequence[Any], places: Places) -> list[Waiting]:
    reasons = reasons_of(connection, rows)
    newest = _newest(connection, [row.claim_id for row in rows])
    return [
        _waiting(row, reasons[row.id], newest[row.claim_id], place) for row, place in zip(rows, places, strict=True)
    ]


def _waiting(row: Any, reasons: Sequence[str], newest: Any, place: tuple[str, ...]) -> Waiting:
    return Waiting(
        id=row.control_number,
        name=row.key,
        clinic_key=row.clinic_key,
        payer=row.payer_id,
        amount=to_dollars(row.total_cents),
        stands=_stands(row),
        work=RELEASABLE if _waits_for_a_word(row) else row.work,
        reasons=tuple(reasons),
        service_on=row.first_service_on,
        since=row.first_seen_at,
        last=Last(what=newest.event, at=newest.recorded_at, who=who_of(newest)),
        seen=str(newest.id),
        place=place,
    )


def _waits_for_a_word(row: Any) -> bool:
    """Tell whether a held submission is held by no rule, so that a person may let it go."""
    return row.delivery == Delivery.HELD.value and all(map(holds.is_for_a_person, holds.from_json(row.holds)))


def _stands(row: Any) -> str:
    """Return the farthest a submission has come."""
    if row.delivery != Delivery.SENT.value:
        return str(row.delivery)
    return next(str(state) for state in (row.adjudication, row.front_end, row.delivery) if state != "-")


def _newest(connection: Connection, claim_ids: Sequence[int]) -> dict[int, Any]:
    """Return the newest event of each claim's live submissions."""
    its = select(func.max(EVENT.c.id)).join(SUBMISSION, SUBMISSION.c.id == EVENT.c.submission_id)
    its = its.where(among(SUBMISSION.c.claim_id, claim_ids), SUBMISSION.c.usage == Usage.LIVE.value)
    query = select(EVENT, SUBMISSION.c.claim_id).join(SUBMISSION, SUBMISSION.c.id == EVENT.c.submission_id)
    query = query.where(EVENT.c.id.in_(its.group_by(SUBMISSION.c.claim_id)))
    return {row.claim_id: row for row in connection.execute(query)}


def _read_silent(connection: Connection, rows: Sequence[Any], places: Places) -> list[Waiting]:
    keys = {f"{clock}:{row.control_number}": (clock, row.control_number) for row in rows for clock in Clock}
    told: dict[str, list[tuple[Clock, Any]]] = defaultdict(list)
    for alarm in connection.execute(select(ALARM_TOLD).where(among(ALARM_TOLD.c.key, keys))):
        clock, number = keys[alarm.key]
        told[number].append((clock, alarm))
    return [_with_alarms(one, told[one.id]) for one in _read(connection, rows, places)]


def _with_alarms(one: Waiting, told: Sequence[tuple[Clock, Any]]) -> Waiting:
    """Return a claim with what alarms have told of it; heard is what somebody has heard all of."""
    unheard = [alarm for _, alarm in told if not alarm.acknowledged_by]
    if told and not unheard:
        last = Last(what="heard", who=told[0][1].acknowledged_by)
    else:
        last = Last(what="told", at=max((alarm.told_at for alarm in unheard), default=None))
    return replace(
        one,
        reasons=tuple(f"{clock}: {SILENT[clock]}, {alarm.level} % of the time is gone" for clock, alarm in told),
        last=last,
        seen=f"{last.what}-{len(told)}",
    )
