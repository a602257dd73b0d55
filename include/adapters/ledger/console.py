"""What the Claims page reads, counted by the database. `ports.ConsoleLedger` on SQL."""

from collections.abc import Collection

from sqlalchemy import func, select

from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.console_batches import BatchReads
from include.adapters.ledger.console_claims import ClaimReads
from include.adapters.ledger.console_looks import Looks
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among
from include.adapters.ledger.tables import SUBMISSION
from include.claims.states import Adjudication, Delivery, FrontEnd, Usage, Work
from include.delivery.standing import Standing

_ALIKE = (
    SUBMISSION.c.clinic_key,
    SUBMISSION.c.delivery,
    SUBMISSION.c.front_end,
    SUBMISSION.c.adjudication,
    SUBMISSION.c.work,
    SUBMISSION.c.contradicted,
)


class Console(ClaimReads, BatchReads, Looks):
    """The ledger, counted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def standings(self, clinic_keys: Collection[str]) -> list[Standing]:
        """Return how many live submissions of some clinics stand alike."""
        query = (
            select(*_ALIKE, func.count().label("claims"), func.sum(SUBMISSION.c.total_cents).label("cents"))
            .where(among(SUBMISSION.c.clinic_key, clinic_keys), SUBMISSION.c.usage == Usage.LIVE.value)
            .group_by(*_ALIKE)
        )
        with self._database.read() as connection:
            rows = connection.execute(query).all()
        return [
            Standing(
                clinic_key=row.clinic_key,
                delivery=Delivery(row.delivery),
                front_end=FrontEnd(row.front_end),
                adjudication=Adjudication(row.adjudication),
                work=Work(row.work),
                contradicted=row.contradicted,
                claims=row.claims,
                charge=to_dollars(int(row.cents)),
            )
            for row in rows
        ]
