"""
Other claims' lines for the rules over time: what of them may be alive at a payer, by the keys a line is kept with.

Six look-ups for a chunk of claims, each by an index. A day that hundreds of lines share is told as crowded and not
fetched, so that a chunk costs the same however many they are. A claim's own submissions count for its own rules
nowhere, so what the chunk's claims have used up of an authorization is left out here and added as they pass.
"""

from collections.abc import Collection, Iterator, Sequence
from decimal import Decimal
from typing import Final

from sqlalchemy import ColumnElement, Connection, and_, cast, func, not_, or_, select
from sqlalchemy.types import Numeric

from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.many import among, rows_of
from include.adapters.ledger.tables import CLAIM, SUBMISSION, SUBMISSION_LINE
from include.claims.facts import MOST_OF_A_DAY, BilledLine, OtherClaims
from include.claims.model import Frequency
from include.claims.states import REJECTED, Delivery, Usage

_GOES_OR_WENT = (Delivery.READY, Delivery.BATCHED, Delivery.IN_DOUBT, Delivery.SENT)
_ALIVE = and_(
    SUBMISSION.c.usage == Usage.LIVE.value,
    SUBMISSION.c.delivery.in_([state.value for state in _GOES_OR_WENT]),
    SUBMISSION.c.front_end.not_in([state.value for state in REJECTED]),
)
"""It goes with the next run, or may be at the clearinghouse or a payer."""

_LINES: Final = (
    # In the order of a BilledLine's fields.
    select(
        CLAIM.c.source, CLAIM.c.key, SUBMISSION.c.frequency, SUBMISSION_LINE.c.fingerprint,
        SUBMISSION_LINE.c.patient_day, SUBMISSION_LINE.c.technician_day, SUBMISSION_LINE.c.authorization_use,
        SUBMISSION_LINE.c.procedure, SUBMISSION_LINE.c.modifiers, SUBMISSION_LINE.c.place_of_service,
        SUBMISSION_LINE.c.rendering_npi, SUBMISSION_LINE.c.units, SUBMISSION_LINE.c.cents, SUBMISSION_LINE.c.session,
        SUBMISSION_LINE.c.started_at, SUBMISSION_LINE.c.ended_at,
    )
    .select_from(SUBMISSION_LINE)
    .join(SUBMISSION, SUBMISSION.c.id == SUBMISSION_LINE.c.submission_id)
    .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
    .where(_ALIVE)
)  # fmt: skip


def others(connection: Connection, own: Sequence[BilledLine]) -> OtherClaims:
    """Return the lines that share a service, a patient's or a technician's day with these, and units used."""
    timed = [line for line in own if line.has_times]
    lines = list(_sharing(connection, SUBMISSION_LINE.c.fingerprint, {line.fingerprint for line in own}))
    crowded: set[str] = set()
    for column, days in (
        (SUBMISSION_LINE.c.patient_day, {line.patient_day for line in timed}),
        (SUBMISSION_LINE.c.technician_day, {line.technician_day for line in timed} - {""}),
    ):
        full = set(_crowded(connection, column, days))
        lines += _sharing(connection, column, days - full)
        crowded |= full
    return OtherClaims(lines=tuple(lines), crowded=frozenset(crowded), units_used=dict(_units(connection, own)))


def _crowded(connection: Connection, column: ColumnElement[str], days: Collection[str]) -> Iterator[str]:
    """Yield the days with more lines than one person's can have; of none are more looked at than that."""
    day = rows_of(days)
    # Asked line by line: PostgreSQL would join all submissions, once for every day.
    is_alive = select(_ALIVE).where(SUBMISSION.c.id == SUBMISSION_LINE.c.submission_id).scalar_subquery()
    one_more = (
        select(SUBMISSION_LINE.c.position)
        .where(column == day.c.value, is_alive)
        .limit(1)
        .offset(MOST_OF_A_DAY)
        .correlate(day)
    )
    yield from connection.scalars(select(day.c.value).where(one_more.scalar_subquery().is_not(None)))


def _sharing(connection: Connection, column: ColumnElement[str], keys: Collection[str]) -> Iterator[BilledLine]:
    for row in connection.execute(_LINES.where(among(column, keys))):
        source, claim_key, frequency, *compared, units, cents, session, started_at, ended_at = row
        times = (session, started_at, ended_at)
        yield BilledLine._make(
            (source, claim_key, Frequency(frequency), *compared, Decimal(units), to_dollars(cents), *times)
        )


def _units(connection: Connection, own: Sequence[BilledLine]) -> Iterator[tuple[str, Decimal]]:
    """Yield the units used up, by authorization and procedure, not counting the claims these lines are of."""
    amount = func.sum(cast(SUBMISSION_LINE.c.units, Numeric(12, 2)))
    sources, keys = {line.source for line in own}, {line.claim_key for line in own}
    is_another = or_(not_(among(CLAIM.c.source, sources)), not_(among(CLAIM.c.key, keys)))
    uses = {line.authorization_use for line in own} - {""}
    query = (
        select(SUBMISSION_LINE.c.authorization_use, amount)
        .join(SUBMISSION, SUBMISSION.c.id == SUBMISSION_LINE.c.submission_id)
        .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
        .where(_ALIVE, among(SUBMISSION_LINE.c.authorization_use, uses), is_another)
        .group_by(SUBMISSION_LINE.c.authorization_use)
    )
    for use, units in connection.execute(query):
        yield use, Decimal(units)
