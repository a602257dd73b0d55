"""Payments on their way to the practice's books, and what of them waits for a person. `ports.MoneyLedger` on SQL."""

import json
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import Connection, func, select, update

from include.adapters.ledger.answers import HAS_LEFT, Spoken, answered, known_among
from include.adapters.ledger.columns import to_cents, to_dollars
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import insert_once
from include.adapters.ledger.posted_lines import lines_as_billed
from include.adapters.ledger.remittances import OF_PAYMENT, number, release
from include.adapters.ledger.tables import (
    CLAIM,
    PAYMENT,
    POSTING,
    POSTING_READER,
    PROVIDER_ADJUSTMENT,
    RESPONSE,
    SUBMISSION,
)
from include.claims.errors import NotAllowed
from include.claims.states import Event
from include.delivery.posting_lines import BilledAs, with_source_lines
from include.delivery.records import Answer, Deposit, FeedRow, OpenMoney, Posted, ProviderBalance

WAITS = (Posted.QUARANTINED.value, Posted.UNMATCHED.value, Posted.CONFLICT.value)
_NOBODY_KNOWS = (Posted.UNMATCHED.value, Posted.FOREIGN.value)


class Money:
    """The ledger's payments."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def feed(self, after: int, limit: int) -> list[FeedRow]:
        """Return the next postings by rising id; whoever has seen an id has seen all before it."""
        query = (
            select(POSTING, PAYMENT, CLAIM.c.source, CLAIM.c.key.label("claim_key"), SUBMISSION.c.clinic_key, RESPONSE)
            .join(PAYMENT, PAYMENT.c.id == POSTING.c.payment_id)
            .join(RESPONSE, RESPONSE.c.id == PAYMENT.c.response_id)
            .join(SUBMISSION, SUBMISSION.c.id == POSTING.c.submission_id)
            .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
            .where(POSTING.c.feed_id > after)
            .order_by(POSTING.c.feed_id)
            .limit(limit)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
            lines = lines_as_billed(connection, [row.submission_id for row in rows])
        return [_feed_row(row, lines.get(row.submission_id, ())) for row in rows]

    def acknowledge(self, reader: str, posting_id: int, now: datetime) -> None:
        """Remember how far a reader has come; raise NotAllowed where it would go back."""
        with self._database.write() as connection:
            before = _acknowledged(connection, reader)
            last = connection.scalar(select(func.coalesce(func.max(POSTING.c.feed_id), 0))) or 0
            if not before <= posting_id <= last:
                raise NotAllowed(f"reader {reader}: {posting_id} is not between {before}, its last, and {last}, ours")
            row = {"name": reader, "acknowledged_id": posting_id, "acknowledged_at": now}
            kept = insert_once(connection, POSTING_READER).values(row)
            connection.execute(kept.on_conflict_do_update(index_elements=["name"], set_=row))

    def acknowledged(self, reader: str) -> int:
        """Return the last posting a reader acknowledged, 0 where it never did."""
        with self._database.read() as connection:
            return _acknowledged(connection, reader)

    def open(self) -> list[OpenMoney]:
        """Return the payments and postings that wait for a person, oldest first."""
        payments = select(PAYMENT).where(PAYMENT.c.status == Posted.QUARANTINED.value, PAYMENT.c.is_ours)
        postings = (
            select(POSTING, PAYMENT.c.payer_name, PAYMENT.c.trace, PAYMENT.c.paid_on)
            .join(PAYMENT, PAYMENT.c.id == POSTING.c.payment_id)
            .where(POSTING.c.status.in_(WAITS))
        )
        with self._database.read() as connection:
            found = [
                _open_money(row, payment_id=row.id, posting_id=None, control_number="", cents=row.cents)
                for row in connection.execute(payments)
            ]
            found += [
                _open_money(
                    row, payment_id=row.payment_id, posting_id=row.id, control_number=row.control_number,
                    cents=row.paid_cents,
                )
                for row in connection.execute(postings)
            ]  # fmt: skip
        return sorted(found, key=lambda one: (one.paid_on, one.payment_id, one.posting_id or 0))

    def accept(self, payment_id: int, posting_id: int | None, who: str, why: str) -> None:
        """Let a person accept what does not add up, or the newer of two words on a claim; raise NotAllowed else."""
        by = f"{who}: {why}"
        with self._database.write() as connection:
            if posting_id is None:
                status = connection.scalar(select(PAYMENT.c.status).where(PAYMENT.c.id == payment_id))
                if status != Posted.QUARANTINED.value:
                    raise NotAllowed(
                        f"payment {payment_id} is {status or 'not known'}; only a quarantined one is accepted"
                    )
                release(connection, [payment_id], by)
                return
            row = _posting(connection, posting_id)
            if row.payment_id != payment_id or row.status not in {Posted.QUARANTINED.value, Posted.CONFLICT.value}:
                raise NotAllowed(f"posting {posting_id} is {row.status} in payment {row.payment_id}: nothing to accept")
            _post_one(connection, row, row.submission_id, by)

    def match(self, posting_id: int, control_number: str, who: str, now: datetime) -> None:
        """Let a person say which claim of ours an unmatched posting is of; raise NotAllowed else."""
        with self._database.write() as connection:
            row = _posting(connection, posting_id)
            spoken = known_among(connection, [control_number]).get(control_number)
            if row.status not in _NOBODY_KNOWS or spoken is None:
                raise NotAllowed(f"posting {posting_id} is {row.status}, claim {control_number} must have been sent")
            _give(connection, row, spoken, control_number, now, who=who)

    def match_again(self, now: datetime) -> int:
        """Give unmatched postings to claims that have become known since; return how many."""
        # By the join, since an account that others share has many postings nobody will ever know.
        query = (
            select(POSTING)
            .join(SUBMISSION, SUBMISSION.c.control_number == POSTING.c.control_number)
            .where(POSTING.c.status.in_(_NOBODY_KNOWS), HAS_LEFT)
            .order_by(POSTING.c.id)
        )
        with self._database.write() as connection:
            found = connection.execute(query).all()
            known = known_among(connection, {row.control_number for row in found})
            for row in found:
                _give(connection, row, known[row.control_number], row.control_number, now)
        return len(found)

    def deposits(self) -> list[Deposit]:
        """Return the payments that move money, by day and payer."""
        query = select(PAYMENT).where(
            PAYMENT.c.is_ours, PAYMENT.c.cents != 0, PAYMENT.c.status != Posted.REPEATED.value
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(PAYMENT.c.paid_on, PAYMENT.c.payer_name, PAYMENT.c.id)).all()
        # Sets of one payment share an identity: the bank saw it once.
        return [_deposit(row) for row in {row.identity: row for row in rows}.values()]

    def provider_balances(self) -> list[ProviderBalance]:
        """Return what payers added and took beside claims, unsettled first."""
        by = (PAYMENT.c.payer_id, PAYMENT.c.payee_npi, PROVIDER_ADJUSTMENT.c.reason, PROVIDER_ADJUSTMENT.c.reference)
        of_claim = (
            select(SUBMISSION.c.payer_claim_number, CLAIM.c.source, CLAIM.c.key)
            .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
            .where(SUBMISSION.c.payer_claim_number != "")
            .distinct()
            .subquery()
        )
        totals = (
            select(
                *by,
                # Payers spell their names as they like.
                func.max(PAYMENT.c.payer_name).label("payer_name"),
                func.sum(PROVIDER_ADJUSTMENT.c.cents).label("cents"),
                func.count().label("times"),
                func.min(PAYMENT.c.paid_on).label("first_on"),
                func.max(PAYMENT.c.paid_on).label("last_on"),
            )
            .join(PAYMENT, PAYMENT.c.id == PROVIDER_ADJUSTMENT.c.payment_id)
            .where(PAYMENT.c.is_ours, PAYMENT.c.status == Posted.POSTED.value)
            .group_by(*by)
            .subquery()
        )
        query = select(totals, of_claim.c.source, of_claim.c.key).outerjoin(
            of_claim, of_claim.c.payer_claim_number == totals.c.reference
        )
        with self._database.read() as connection:
            found = [_provider_balance(row) for row in connection.execute(query)]
        return sorted(found, key=lambda one: (one.state in {"settled", "for good"}, one.last_on, one.reference))

    def seen_at_bank(self, trace: str, amount: Decimal, on: date) -> bool:
        """Note that the bank got a payment; False where no open payment of ours has that trace."""
        seen = update(PAYMENT).where(PAYMENT.c.trace == trace, PAYMENT.c.is_ours, PAYMENT.c.deposited_on.is_(None))
        with self._database.write() as connection:
            result = connection.execute(seen.values(deposited_on=on, deposited_cents=to_cents(amount)))
            return result.rowcount > 0


def _acknowledged(connection: Connection, reader: str) -> int:
    query = select(POSTING_READER.c.acknowledged_id).where(POSTING_READER.c.name == reader)
    return int(connection.scalar(query) or 0)


def _posting(connection: Connection, posting_id: int) -> Any:
    row = connection.execute(select(POSTING).where(POSTING.c.id == posting_id).with_for_update()).one_or_none()
    if row is None:
        raise NotAllowed(f"posting {posting_id}: the ledger has none of that id")
    return row


def _post_one(connection: Connection, row: Any, submission_id: int | None, who: str) -> None:
    """Put one posting in the feed, where its payment is; else it waits for its payment."""
    payment = connection.scalar(select(PAYMENT.c.status).where(PAYMENT.c.id == row.payment_id))
    is_released = payment == Posted.POSTED.value and submission_id is not None
    status, reason = (Posted.POSTED, "") if is_released else (Posted.QUARANTINED, OF_PAYMENT)
    changed = update(POSTING).where(POSTING.c.id == row.id)
    connection.execute(changed.values(status=status.value, reason=reason, decided_by=who, submission_id=submission_id))
    number(connection, row.payment_id)


def _give(
    connection: Connection, row: Any, spoken: Spoken, control_number: str, now: datetime, *, who: str = ""
) -> None:
    """Let a posting be of this submission: what it decides is an answer, and its money goes on."""
    query = select(RESPONSE, PAYMENT.c.paid_on).join(PAYMENT, PAYMENT.c.response_id == RESPONSE.c.id)
    response = connection.execute(query.where(PAYMENT.c.id == row.payment_id)).one()
    if row.event:
        answer = Answer(
            control_number=control_number,
            event=Event(row.event),
            position=row.segment,
            codes=tuple(json.loads(row.codes)),
            words=row.words,
            payer_claim_number=row.payer_claim_number,
        )
        ids = {control_number: spoken}
        answered(connection, response, ids, [answer], answered_on=response.paid_on.isoformat(), now=now)
    if row.fault:
        held = {"status": Posted.QUARANTINED.value, "reason": row.fault, "submission_id": spoken.submission_id}
        connection.execute(update(POSTING).where(POSTING.c.id == row.id).values(**held, decided_by=who))
    else:
        _post_one(connection, row, spoken.submission_id, who)


def _feed_row(row: Any, lines: Sequence[BilledAs]) -> FeedRow:
    return FeedRow(
        posting_id=row.feed_id,
        source=row.source,
        claim_key=row.claim_key,
        clinic_key=row.clinic_key,
        control_number=row.control_number,
        payer_name=row.payer_name,
        payer_id=row.payer_id,
        payer_claim_number=row.payer_claim_number,
        trace=row.trace,
        method=row.method,
        paid_on=row.paid_on,
        decision=row.decision,
        charge=to_dollars(row.charge_cents),
        paid=to_dollars(row.paid_cents),
        patient=to_dollars(row.patient_cents),
        document=with_source_lines(row.document, lines),
        response_sha256=row.sha256,
    )


def _open_money(row: Any, *, payment_id: int, posting_id: int | None, control_number: str, cents: int) -> OpenMoney:
    return OpenMoney(
        posting_id=posting_id,
        payment_id=payment_id,
        status=Posted(row.status),
        reason=row.reason,
        control_number=control_number,
        paid=to_dollars(cents),
        payer_name=row.payer_name,
        trace=row.trace,
        paid_on=row.paid_on,
    )


def _provider_balance(row: Any) -> ProviderBalance:
    return ProviderBalance(
        payer_name=row.payer_name,
        payee_npi=row.payee_npi,
        reason=row.reason,
        reference=row.reference,
        # A PLB amount lowers the payment.
        amount=-to_dollars(row.cents),
        times=row.times,
        first_on=row.first_on,
        last_on=row.last_on,
        source=row.source or "",
        claim_key=row.key or "",
    )


def _deposit(row: Any) -> Deposit:
    return Deposit(
        payer_name=row.payer_name,
        payee_npi=row.payee_npi,
        trace=row.trace,
        method=row.method,
        paid_on=row.paid_on,
        amount=to_dollars(row.cents),
        seen_on=row.deposited_on,
        seen_amount=None if row.deposited_cents is None else to_dollars(row.deposited_cents),
    )
