"""Looks at patients' data, kept for ever. A part of `ports.ConsoleLedger` on SQL."""

from dataclasses import asdict

from sqlalchemy import insert, or_, select

from include.adapters.ledger.audit import note_written
from include.adapters.ledger.engine import Database
from include.adapters.ledger.tables import CLAIM_LOOK, EVENT, SUBMISSION
from include.delivery.looks import Look, Saw


class Looks:
    """Who looked at what."""

    _database: Database

    def looked(self, look: Look) -> None:
        """Keep that somebody looked at patients' data."""
        with self._database.write() as connection:
            row = {**asdict(look), "what": look.what.value}
            note_written(connection, CLAIM_LOOK, connection.scalars(insert(CLAIM_LOOK).returning(CLAIM_LOOK.c.id), row))

    def looks(self, claim_id: int, limit: int) -> list[Look]:
        """Return the newest looks at a claim and at the files it stands in, newest first."""
        batches = select(SUBMISSION.c.batch_id).where(SUBMISSION.c.claim_id == claim_id)
        answers = (
            select(EVENT.c.response_id)
            .join(SUBMISSION, SUBMISSION.c.id == EVENT.c.submission_id)
            .where(SUBMISSION.c.claim_id == claim_id)
        )
        of_claim = or_(
            CLAIM_LOOK.c.claim_id == claim_id,
            CLAIM_LOOK.c.batch_id.in_(batches),
            CLAIM_LOOK.c.response_id.in_(answers),
        )
        query = select(CLAIM_LOOK).where(of_claim).order_by(CLAIM_LOOK.c.id.desc()).limit(limit)
        with self._database.read() as connection:
            return [
                Look(
                    at=row.at,
                    who=row.who,
                    what=Saw(row.what),
                    claim_id=row.claim_id,
                    batch_id=row.batch_id,
                    response_id=row.response_id,
                )
                for row in connection.execute(query)
            ]
