"""
Payments and what they say of each claim, posted once: `ports.ResponseLedger.post` on SQL.

A posting becomes visible to those who fetch it by a number that rises in the order of commits, so that a reader who
remembers the last one never misses another: the numbers are given out under a lock, last of all.
"""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, insert, or_, select, update

from include.adapters.ledger.answers import Spoken, answered, decide, known_among, locked_response
from include.adapters.ledger.changes import note_change
from include.adapters.ledger.columns import to_cents
from include.adapters.ledger.many import among, insert_many
from include.adapters.ledger.tables import BILLING_IDENTITY, LEDGER, PAYMENT, POSTING, PROVIDER_ADJUSTMENT
from include.claims.remittance import ProviderAdjustment
from include.delivery.records import (
    Answer,
    PaymentClosed,
    PaymentNotice,
    Posted,
    Posting,
    Remittance,
    ResponseStatus,
)

OF_PAYMENT = "its payment does not add up"
"""Why a posting waits that adds up by itself."""

_AT_ONCE = 500


@dataclass(slots=True)
class _Open:
    """A payment whose claims are being recorded."""

    id: int
    notice: PaymentNotice
    is_ours: bool
    claims: int = 0
    repeated: int = 0


def post(connection: Connection, response_id: int, remittance: Remittance, now: datetime) -> ResponseStatus:
    """Record a remittance and let the submissions it decides on follow."""
    response = locked_response(connection, response_id)
    statuses: set[Posted] = set()
    waiting: list[Posting] = []
    payment: _Open | None = None
    for part in remittance:
        if isinstance(part, PaymentNotice):
            payment = _opened(connection, response_id, part)
            continue
        assert payment is not None, "a remittance begins with its payment"
        if isinstance(part, Posting):
            waiting.append(part)
            if len(waiting) < _AT_ONCE:
                continue
        statuses |= _record(connection, response, payment, waiting, now)
        waiting.clear()
        if isinstance(part, PaymentClosed):
            _close(connection, payment, part)
    is_foreign = statuses == {Posted.FOREIGN}
    status = ResponseStatus.FOREIGN if is_foreign else ResponseStatus.APPLIED
    decide(connection, response_id, status, _note(statuses), now)
    return status


def _opened(connection: Connection, response_id: int, notice: PaymentNotice) -> _Open:
    is_ours = _is_ours(connection, notice)
    row = {
        "response_id": response_id,
        "segment": notice.segment,
        "identity": notice.identity,
        "payer_name": notice.payer_name,
        "payer_id": notice.payer_id,
        "payee_npi": notice.payee_npi,
        "payee_tax_id": notice.payee_tax_id,
        "is_ours": is_ours,
        "trace": notice.trace,
        "method": notice.method,
        "handling": notice.handling,
        "paid_on": notice.paid_on,
        "cents": to_cents(notice.amount),
        "claims_cents": 0,
        "provider_cents": 0,
        "status": Posted.QUARANTINED.value,  # until it is closed
    }
    payment_id = connection.execute(insert(PAYMENT).values(row).returning(PAYMENT.c.id)).scalar_one()
    return _Open(id=int(payment_id), notice=notice, is_ours=is_ours)


def _is_ours(connection: Connection, notice: PaymentNotice) -> bool:
    ours = or_(
        (BILLING_IDENTITY.c.npi == notice.payee_npi) & (BILLING_IDENTITY.c.npi != ""),
        (BILLING_IDENTITY.c.tax_id == notice.payee_tax_id) & (BILLING_IDENTITY.c.tax_id != ""),
    )
    return connection.execute(select(BILLING_IDENTITY.c.npi).where(ours).limit(1)).first() is not None


def _record(
    connection: Connection, response: Any, payment: _Open, postings: Sequence[Posting], now: datetime
) -> set[Posted]:
    """Record what a payment says of some claims; return what became of these postings."""
    if not postings:
        return set()
    ids = known_among(connection, {one.control_number for one in postings})
    before = _contents(connection, [one.key for one in postings])
    payment.claims += len(postings)
    rows, answers = [], []
    for posting in postings:
        if posting.content in before.get(posting.key, ()):
            payment.repeated += 1
            continue
        spoken = ids.get(posting.control_number)
        status, reason = _status(posting, payment, spoken, is_other=posting.key in before)
        rows.append(_row(posting, payment.id, spoken, status, reason))
        if spoken is not None and posting.event is not None:
            answers.append(_answer(posting, posting.event))
    insert_many(connection, insert(POSTING), rows)
    if answers:
        answered(connection, response, ids, answers, answered_on=payment.notice.paid_on.isoformat(), now=now)
    return {Posted(row["status"]) for row in rows} or {Posted.REPEATED}


def _contents(connection: Connection, keys: Sequence[str]) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in connection.execute(select(POSTING.c.key, POSTING.c.content).where(among(POSTING.c.key, keys))):
        found.setdefault(row.key, set()).add(row.content)
    return found


def _status(posting: Posting, payment: _Open, spoken: Spoken | None, *, is_other: bool) -> tuple[Posted, str]:
    if is_other:
        return Posted.CONFLICT, "this payment said something else of the claim before; a person decides which is right"
    if spoken is None:
        return (Posted.UNMATCHED, "no claim of ours has this number") if payment.is_ours else (Posted.FOREIGN, "")
    return (Posted.QUARANTINED, posting.fault) if posting.fault else (Posted.POSTED, "")


def _row(posting: Posting, payment_id: int, spoken: Spoken | None, status: Posted, reason: str) -> dict[str, Any]:
    return {
        "payment_id": payment_id,
        "submission_id": spoken and spoken.submission_id,
        "key": posting.key,
        "content": posting.content,
        "control_number": posting.control_number,
        "payer_claim_number": posting.payer_claim_number,
        "decision": posting.decision,
        "charge_cents": to_cents(posting.charge),
        "paid_cents": to_cents(posting.paid),
        "patient_cents": to_cents(posting.patient),
        "segment": posting.segment,
        "event": posting.event and posting.event.value,
        "codes": json.dumps(posting.codes),
        "words": posting.words,
        "fault": posting.fault,
        "status": status.value,
        "reason": reason,
        "document": posting.document,
    }


def _answer(posting: Posting, event: Any) -> Answer:
    return Answer(
        control_number=posting.control_number,
        event=event,
        position=posting.segment,
        codes=posting.codes,
        words=posting.words,
        payer_claim_number=posting.payer_claim_number,
    )


def _close(connection: Connection, payment: _Open, closed: PaymentClosed) -> None:
    """Say whether a payment adds up, by itself or with the other sets it came in, and release what does."""
    others = _others(connection, payment)
    taken = sum((one.amount for one in closed.provider_adjustments), Decimal(0))
    sums = {"claims_cents": to_cents(closed.claims_paid), "provider_cents": -to_cents(taken)}
    connection.execute(update(PAYMENT).where(PAYMENT.c.id == payment.id).values(**sums))
    is_told = any((row.claims_cents, row.provider_cents) == tuple(sums.values()) for row in others)
    if is_told and payment.repeated == payment.claims:
        _set_status(connection, payment.id, Posted.REPEATED, "this payment was told before")
        return
    known = [row.id for row in others]
    insert_many(connection, insert(PROVIDER_ADJUSTMENT), [
        {
            "payment_id": payment.id, "position": position, "provider_id": one.provider_id,
            "fiscal_year_ends_on": one.fiscal_year_ends_on, "reason": one.reason, "reference": one.reference,
            "cents": to_cents(one.amount),
        }
        for position, one in enumerate(_not_told(connection, known, closed.provider_adjustments), start=1)
    ])  # fmt: skip
    fault = closed.fault
    if closed.may_be_a_part and known and _adds_up_together(connection, payment):
        fault = ""
    fault = fault or _told_otherwise(connection, payment)
    if not fault:
        release(connection, [payment.id, *(row.id for row in others if row.status == Posted.QUARANTINED.value)])
    else:
        _set_status(connection, payment.id, Posted.QUARANTINED, fault)
        held = update(POSTING).where(POSTING.c.payment_id == payment.id, POSTING.c.status == Posted.POSTED.value)
        connection.execute(held.values(status=Posted.QUARANTINED.value, reason=OF_PAYMENT))


def _not_told(
    connection: Connection, known: Sequence[int], found: Sequence[ProviderAdjustment]
) -> list[ProviderAdjustment]:
    """Return the provider adjustments that the payment's other sets have not told."""
    columns = (PROVIDER_ADJUSTMENT.c.provider_id, PROVIDER_ADJUSTMENT.c.reason, PROVIDER_ADJUSTMENT.c.reference)
    query = select(*columns, PROVIDER_ADJUSTMENT.c.cents).where(PROVIDER_ADJUSTMENT.c.payment_id.in_(known))
    told = Counter(tuple(row) for row in connection.execute(query))
    fresh = []
    for one in found:
        what = (one.provider_id, one.reason, one.reference, to_cents(one.amount))
        if told[what]:
            told[what] -= 1
        else:
            fresh.append(one)
    return fresh


def _told_otherwise(connection: Connection, payment: _Open) -> str:
    """Return why a payment may be one we have, under another day or amount: its trace said the same of a claim."""
    if not payment.notice.trace:
        return ""
    this, that = POSTING.alias("this"), POSTING.alias("that")
    query = (
        select(func.count())
        .select_from(this)
        .join(that, (that.c.content == this.c.content) & (that.c.control_number == this.c.control_number))
        .join(PAYMENT, PAYMENT.c.id == that.c.payment_id)
        .where(
            this.c.payment_id == payment.id,
            PAYMENT.c.identity != payment.notice.identity,
            PAYMENT.c.trace == payment.notice.trace,
            PAYMENT.c.payer_id == payment.notice.payer_id,
        )
    )
    count = connection.scalar(query)
    return (
        f"trace {payment.notice.trace} said the same of {count} of its claims before, as another payment"
        if count
        else ""
    )


def _others(connection: Connection, payment: _Open) -> list[Any]:
    """Return the other sets in which the same payment came, those that only told it again left out."""
    query = select(PAYMENT.c.id, PAYMENT.c.claims_cents, PAYMENT.c.provider_cents, PAYMENT.c.status).where(
        PAYMENT.c.identity == payment.notice.identity,
        PAYMENT.c.id != payment.id,
        PAYMENT.c.status != Posted.REPEATED.value,
    )
    return list(connection.execute(query).all())


def _adds_up_together(connection: Connection, payment: _Open) -> bool:
    query = select(func.sum(PAYMENT.c.claims_cents + PAYMENT.c.provider_cents)).where(
        PAYMENT.c.identity == payment.notice.identity, PAYMENT.c.status != Posted.REPEATED.value
    )
    return int(connection.scalar(query) or 0) == to_cents(payment.notice.amount)


def release(connection: Connection, payment_ids: Sequence[int], who: str = "") -> None:
    """Let payments count, and give what of them may be posted the next numbers of the feed."""
    for payment_id in payment_ids:
        _set_status(connection, payment_id, Posted.POSTED, "", who)
        freed = update(POSTING).where(
            POSTING.c.payment_id == payment_id,
            POSTING.c.status == Posted.QUARANTINED.value,
            POSTING.c.reason == OF_PAYMENT,
        )
        connection.execute(freed.values(status=Posted.POSTED.value, reason="", decided_by=who))
        number(connection, payment_id)


def number(connection: Connection, payment_id: int) -> None:
    """Give a payment's postings their numbers in the feed."""
    # The row that says which ledger this is serves as the lock: whoever numbers waits for whoever did before.
    connection.execute(select(LEDGER.c.id).with_for_update()).all()
    last = int(connection.scalar(select(func.coalesce(func.max(POSTING.c.feed_id), 0))) or 0)
    fresh = select(
        POSTING.c.id, POSTING.c.submission_id, func.row_number().over(order_by=POSTING.c.id).label("place")
    ).where(POSTING.c.payment_id == payment_id, POSTING.c.status == Posted.POSTED.value, POSTING.c.feed_id.is_(None))
    placed = fresh.subquery()
    numbered = update(POSTING).where(POSTING.c.id == placed.c.id).values(feed_id=last + placed.c.place)
    note_change(connection, connection.scalars(numbered.returning(POSTING.c.submission_id)))


def _set_status(connection: Connection, payment_id: int, status: Posted, reason: str, who: str = "") -> None:
    changed = update(PAYMENT).where(PAYMENT.c.id == payment_id)
    connection.execute(changed.values(status=status.value, reason=reason, decided_by=who))


def _note(statuses: set[Posted]) -> str:
    odd = statuses - {Posted.POSTED, Posted.REPEATED}
    return f"some of its money is {', '.join(sorted(odd))}" if odd else ""
