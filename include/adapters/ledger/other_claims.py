"""
Other claims' lines for the rules over time: what of them may be alive at a payer, by the keys a line is kept with.

Four look-ups for a chunk of claims, each by an index. A claim's own submissions count for its own rules nowhere, so
what the chunk's claims have used up of an authorization is left out here and added as they pass.
"""

from collections.abc import Iterable, Iterator, Sequence
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, cast, func, or_, select
from sqlalchemy.types import Numeric

from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.events import chunks
from include.adapters.ledger.submissions import COMPARED
from include.adapters.ledger.tables import CLAIM, SUBMISSION, SUBMISSION_LINE
from include.claims.facts import BilledLine, OtherClaims
from include.claims.model import Frequency
from include.claims.states import REJECTED, Delivery, Usage

_GOES_OR_WENT = (Delivery.READY, Delivery.BATCHED, Delivery.IN_DOUBT, Delivery.SENT)
_ALIVE = and_(
    SUBMISSION.c.usage == Usage.LIVE.value,
    SUBMISSION.c.delivery.in_([state.value for state in _GOES_OR_WENT]),
    SUBMISSION.c.front_end.not_in([state.value for state in REJECTED]),
)
"""It goes with the next run, or may be at the clearinghouse or a payer."""

_LINES = (
    select(SUBMISSION_LINE, SUBMISSION.c.frequency, CLAIM.c.source, CLAIM.c.key)
    .join(SUBMISSION, SUBMISSION.c.id == SUBMISSION_LINE.c.submission_id)
    .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
    .where(_ALIVE)
)


def others(connection: Connection, own: Sequence[BilledLine]) -> OtherClaims:
    """Return the lines that share a service, a patient's or a technician's day with these, and units used."""
    found = {
        (row.submission_id, row.position): _billed(row)
        for column, keys in (
            (SUBMISSION_LINE.c.fingerprint, {line.fingerprint for line in own}),
            (SUBMISSION_LINE.c.patient_day, {line.patient_day for line in own if line.has_times}),
            (SUBMISSION_LINE.c.technician_day, {line.technician_day for line in own if line.has_times}),
        )
        for row in _rows(connection, column, keys - {""})
    }
    return OtherClaims(lines=tuple(found.values()), units_used=dict(_units(connection, own)))


def _rows(connection: Connection, column: ColumnElement[str], keys: Iterable[str]) -> Iterator[Any]:
    for some in chunks(sorted(keys)):
        yield from connection.execute(_LINES.where(column.in_(some)))


def _billed(row: Any) -> BilledLine:
    return BilledLine(
        source=row.source,
        claim_key=row.key,
        frequency=Frequency(row.frequency),
        procedure=row.procedure,
        units=Decimal(row.units),
        charge=to_dollars(row.cents),
        **{name: getattr(row, name) for name in COMPARED},
    )


def _units(connection: Connection, own: Sequence[BilledLine]) -> Iterator[tuple[str, Decimal]]:
    """Yield the units used up, by authorization and procedure, not counting the claims these lines are of."""
    amount = func.sum(cast(SUBMISSION_LINE.c.units, Numeric(12, 2)))
    is_another = or_(
        CLAIM.c.source.not_in({line.source for line in own}), CLAIM.c.key.not_in({line.claim_key for line in own})
    )
    for some in chunks(sorted({line.authorization_use for line in own} - {""})):
        query = (
            select(SUBMISSION_LINE.c.authorization_use, amount)
            .join(SUBMISSION, SUBMISSION.c.id == SUBMISSION_LINE.c.submission_id)
            .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
            .where(_ALIVE, SUBMISSION_LINE.c.authorization_use.in_(some), is_another)
            .group_by(SUBMISSION_LINE.c.authorization_use)
        )
        for use, units in connection.execute(query):
            yield use, Decimal(units)
