"""Which submissions may go: one query for those who ask and for those who seal."""

from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, and_, exists, not_, or_, select

from include.adapters.ledger.tables import CLAIM, SUBMISSION
from include.claims.model import Frequency
from include.claims.states import MAY_LIVE, REJECTED, Delivery, Usage
from include.delivery.records import RunOrder


def may_live(submission: FromClause) -> ColumnElement[bool]:
    """Return the condition that a submission may be alive at the clearinghouse or the payer."""
    return and_(
        submission.c.delivery.in_([state.value for state in MAY_LIVE]),
        submission.c.front_end.not_in([state.value for state in REJECTED]),
    )


def ready_query(clinic_key: str, order: RunOrder) -> Select[Any]:
    """Return the query for READY live submissions an order covers, oldest first; columns `id` and `claim_id`."""
    sibling = SUBMISSION.alias("sibling")
    # No original goes out while any answer to an earlier submission may say that it lives.
    lives = exists().where(
        sibling.c.claim_id == SUBMISSION.c.claim_id,
        sibling.c.usage == Usage.LIVE.value,
        sibling.c.id != SUBMISSION.c.id,
        may_live(sibling),
    )
    query = (
        select(SUBMISSION.c.id, SUBMISSION.c.claim_id)
        .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
        .where(
            SUBMISSION.c.clinic_key == clinic_key,
            SUBMISSION.c.usage == Usage.LIVE.value,
            SUBMISSION.c.delivery == Delivery.READY.value,
            not_(SUBMISSION.c.contradicted),
            SUBMISSION.c.ready_at < order.window_end,
            # A replacement and a void are of a claim that lives; a person has looked.
            or_(not_(lives), SUBMISSION.c.asked_by != "", SUBMISSION.c.frequency != Frequency.ORIGINAL.value),
        )
        .order_by(SUBMISSION.c.ready_at, SUBMISSION.c.id)
    )
    if order.payer_id:
        query = query.where(SUBMISSION.c.payer_id == order.payer_id)
    if order.claim_keys:
        query = query.where(CLAIM.c.key.in_(order.claim_keys))
    return query
