"""Who was shown which claim's patient data, kept for whoever guards it."""

from datetime import datetime

from sqlalchemy import insert, select

from include.adapters.ledger.engine import Database
from include.adapters.ledger.tables import CLAIM, CLAIM_LOOK
from include.delivery.records import Look


class Looks:
    """The part of `ports.ConsoleLedger` that remembers looks."""

    _database: Database

    def looked(self, source: str, claim_key: str, who: str, what: str, now: datetime) -> None:
        """Record that somebody was shown a claim's patient data."""
        claim_id = select(CLAIM.c.id).where(CLAIM.c.source == source, CLAIM.c.key == claim_key).scalar_subquery()
        with self._database.write() as connection:
            connection.execute(insert(CLAIM_LOOK).values(claim_id=claim_id, who=who, what=what, at=now))

    def looks(self, source: str, claim_key: str) -> list[Look]:
        """Return who was shown a claim's patient data, the last one first."""
        query = (
            select(CLAIM_LOOK)
            .join(CLAIM, CLAIM.c.id == CLAIM_LOOK.c.claim_id)
            .where(CLAIM.c.source == source, CLAIM.c.key == claim_key)
            .order_by(CLAIM_LOOK.c.id.desc())
        )
        with self._database.read() as connection:
            return [Look(who=row.who, what=row.what, at=row.at) for row in connection.execute(query)]
