"""The queues that list no claims: files in doubt, money that waits for a person, answers that were set aside."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, Final

from sqlalchemy import ColumnElement, Connection, Select, literal, or_, select, union_all

from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.events import who_of
from include.adapters.ledger.many import among
from include.adapters.ledger.money import WAITS
from include.adapters.ledger.queue_list import By, Places, QueueList
from include.adapters.ledger.report import IS_SET_ASIDE
from include.adapters.ledger.tables import BATCH, EVENT, PAYMENT, POSTING, RESPONSE, SUBMISSION
from include.claims.states import BatchStatus, Event, Usage
from include.delivery.doubt import SAYS_IT_ARRIVED
from include.delivery.queues import Ask, Last, Sort, Subject, Waiting
from include.delivery.records import Posted

_LONGEST_ID: Final = 18
"""Digits; more would not fit a column."""


def in_doubt(ask: Ask) -> QueueList:
    """Return the live files that began to leave, and that nobody has confirmed."""
    rows = select(BATCH).where(
        among(BATCH.c.clinic_key, ask.clinics),
        BATCH.c.status == BatchStatus.BEGUN.value,
        BATCH.c.usage == Usage.LIVE.value,
    )
    if ask.named:
        rows = rows.where(BATCH.c.file_name.startswith(ask.named, autoescape=True))
    by_id = By(BATCH.c.id)
    orders = {Sort.DOLLARS: (By(BATCH.c.total_cents, is_down=True), by_id), Sort.AGE: (by_id,)}
    return QueueList(rows=rows, cents=BATCH.c.total_cents, orders=orders, read=_read_batches)


def set_aside(ask: Ask) -> QueueList:
    """Return the answers that nobody could apply, or that were applied with a remark."""
    rows = select(RESPONSE).where(among(RESPONSE.c.mailbox_key, ask.mailboxes), IS_SET_ASIDE)
    if ask.named:
        rows = rows.where(RESPONSE.c.name.startswith(ask.named, autoescape=True))
    if ask.code:
        rows = rows.where(RESPONSE.c.status == ask.code)
    newest = (By(RESPONSE.c.id, is_down=True),)
    orders = {Sort.DOLLARS: newest, Sort.AGE: (By(RESPONSE.c.id),)}
    return QueueList(rows=rows, cents=literal(0), orders=orders, read=_read_answers)


def money(ask: Ask) -> QueueList:
    """Return the payments and postings that wait for a person."""
    rows = _money(
        [PAYMENT.c.status == Posted.QUARANTINED.value, PAYMENT.c.is_ours, *_asked_of_money(ask, PAYMENT.c.trace)],
        [POSTING.c.status.in_(WAITS), *_asked_of_money(ask, PAYMENT.c.trace, POSTING.c.control_number)],
    )
    one = rows.selected_columns
    if ask.code:
        rows = rows.where(one.status == ask.code)
    by_id = (By(one.payment_id), By(one.posting_id))
    orders = {
        Sort.DOLLARS: (By(one.cents, is_down=True), *by_id),
        Sort.AGE: (By(one.paid_on, read=date.fromisoformat), *by_id),
    }
    return QueueList(rows=rows, cents=one.cents, orders=orders, read=_read_money)


def named(connection: Connection, subject: Subject, ids: Collection[str]) -> list[Waiting]:
    """Return files, money or answers by what an act names them, however they stand."""
    parts = [_numbers(one) for one in ids]
    firsts = [one[0] for one in parts if len(one) == 1]
    if subject is Subject.FILE:
        return _all(connection, select(BATCH).where(among(BATCH.c.id, firsts)), _read_batches)
    if subject is Subject.ANSWER:
        return _all(connection, select(RESPONSE).where(among(RESPONSE.c.id, firsts)), _read_answers)
    postings = [one[1] for one in parts if len(one) == 2]  # payment and posting
    return _all(connection, _money([among(PAYMENT.c.id, firsts)], [among(POSTING.c.id, postings)]), _read_money)


def _numbers(name: str) -> list[int]:
    parts = name.split("-")
    is_sound = all(part.isascii() and part.isdigit() and len(part) <= _LONGEST_ID for part in parts)
    return [int(part) for part in parts] if is_sound else []


def _all(connection: Connection, query: Select[Any], read: Any) -> list[Waiting]:
    rows = connection.execute(query).all()
    found: list[Waiting] = read(connection, rows, [()] * len(rows))
    return found


def _asked_of_money(ask: Ask, *names: ColumnElement[str]) -> list[ColumnElement[bool]]:
    found = [among(RESPONSE.c.mailbox_key, ask.mailboxes)]
    if ask.payer:
        found.append(PAYMENT.c.payer_id == ask.payer)
    if ask.named:
        found.append(or_(*(name.startswith(ask.named, autoescape=True) for name in names)))
    return found


def _money(of_payments: Sequence[ColumnElement[bool]], of_postings: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Return payments as a whole and single postings, as one list."""
    alike = (
        RESPONSE.c.mailbox_key,
        RESPONSE.c.taken_at,
        PAYMENT.c.payer_name,
        PAYMENT.c.payer_id,
        PAYMENT.c.trace,
        PAYMENT.c.paid_on,
    )
    payments = (
        select(
            PAYMENT.c.id.label("payment_id"),
            literal(0).label("posting_id"),
            literal("").label("control_number"),
            PAYMENT.c.cents.label("cents"),
            PAYMENT.c.status,
            PAYMENT.c.reason,
            PAYMENT.c.decided_by,
            *alike,
        )
        .join(RESPONSE, RESPONSE.c.id == PAYMENT.c.response_id)
        .where(*of_payments)
    )
    postings = (
        select(
            POSTING.c.payment_id,
            POSTING.c.id,
            POSTING.c.control_number,
            POSTING.c.paid_cents,
            POSTING.c.status,
            POSTING.c.reason,
            POSTING.c.decided_by,
            *alike,
        )
        .join(PAYMENT, PAYMENT.c.id == POSTING.c.payment_id)
        .join(RESPONSE, RESPONSE.c.id == PAYMENT.c.response_id)
        .where(*of_postings)
    )
    return select(union_all(payments, postings).subquery())


def _read_batches(connection: Connection, rows: Sequence[Any], places: Places) -> list[Waiting]:
    said = _said_of(connection, [row.id for row in rows])
    return [
        Waiting(
            id=str(row.id),
            name=row.file_name,
            clinic_key=row.clinic_key,
            mailbox_key=row.mailbox_key,
            amount=to_dollars(row.total_cents),
            stands="IN DOUBT" if row.status == BatchStatus.BEGUN.value else row.status,
            reasons=(f"{row.claim_count} claims",),
            since=row.created_at,
            last=said.get(row.id) or Last(what=row.status),
            # Whoever kept waiting meanwhile has looked later than whoever says something now.
            seen=" ".join(filter(None, (row.status, str(said[row.id].at) if row.id in said else ""))),
            place=place,
        )
        for row, place in zip(rows, places, strict=True)
    ]


def _said_of(connection: Connection, batch_ids: Sequence[int]) -> dict[int, Last]:
    """Return what people said of files: it stands in an event of every claim, so that of the first is read."""
    keys = [f"{kind}:{batch_id}" for batch_id in batch_ids for kind in ("sent_by_look", "not_arrived")]
    is_word = or_(among(EVENT.c.dedupe, keys), EVENT.c.event == Event.KEPT_WAITING.value)
    query = (
        select(SUBMISSION.c.batch_id, EVENT)
        .join(EVENT, EVENT.c.submission_id == SUBMISSION.c.id)
        .where(among(SUBMISSION.c.batch_id, batch_ids), SUBMISSION.c.position == 1, is_word)
        .order_by(EVENT.c.id)
    )
    return {row[0]: _said(row) for row in connection.execute(query)}


def _said(row: Any) -> Last:
    # Who says that a file arrived says it in words; where a look found it, nobody does.
    who, says, _ = row.words.partition(SAYS_IT_ARRIVED)
    return Last(what=row.event, at=row.recorded_at, who=who_of(row) or (who if says else ""))


def _read_answers(_: Connection, rows: Sequence[Any], places: Places) -> list[Waiting]:
    return [
        Waiting(
            id=str(row.id),
            name=row.name,
            mailbox_key=row.mailbox_key,
            stands=row.status,
            reasons=(f"{row.status}: {row.reason}",) if row.reason else (),
            since=row.taken_at,
            last=Last(what=row.status, at=row.decided_at),
            seen=row.status,
            place=place,
        )
        for row, place in zip(rows, places, strict=True)
    ]


def _read_money(_: Connection, rows: Sequence[Any], places: Places) -> list[Waiting]:
    return [
        Waiting(
            id=f"{row.payment_id}-{row.posting_id}" if row.posting_id else str(row.payment_id),
            name=row.trace or f"payment {row.payment_id}",
            mailbox_key=row.mailbox_key,
            payer=row.payer_name,
            amount=to_dollars(row.cents),
            stands=row.status,
            work=row.control_number,
            reasons=(f"{row.status}: {row.reason}",) if row.reason else (),
            since=row.taken_at,
            last=Last(what=row.status, who=row.decided_by),
            seen=row.status,
            place=place,
        )
        for row, place in zip(rows, places, strict=True)
    ]
