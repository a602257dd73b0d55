"""Lists of the ledger a page at a time, by id: what the JSON API reads. A part of `ports.ConsoleLedger` on SQL."""

from typing import Final

from sqlalchemy import false, true

from include.adapters.ledger.batch_rows import BATCHES, batch_of
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among
from include.adapters.ledger.report import LINES, lines_of
from include.adapters.ledger.tables import BATCH, SUBMISSION
from include.claims.states import Usage
from include.delivery.records import Batch, BatchAsk, ClaimAsk, ClaimLine

_FEW: Final = 10


class ConsolePages:
    """The ledger's claims and batches, in pages."""

    _database: Database

    def claim_page(self, ask: ClaimAsk) -> list[tuple[int, ClaimLine]]:
        """Return live submissions by rising id, each with its id, after the one asked for."""
        wanted = {
            SUBMISSION.c.delivery: ask.delivery,
            SUBMISSION.c.front_end: ask.front_end,
            SUBMISSION.c.adjudication: ask.adjudication,
            SUBMISSION.c.work: ask.work,
        }
        # Hidden from the index of clinics: by that one every claim of many clinics would be sorted for each page.
        is_by_clinic = ask.delivery or len(ask.clinic_keys) <= _FEW
        clinic_key = SUBMISSION.c.clinic_key if is_by_clinic else SUBMISSION.c.clinic_key.concat("")
        query = LINES.where(
            among(clinic_key, ask.clinic_keys),
            SUBMISSION.c.usage == Usage.LIVE.value,
            SUBMISSION.c.id > ask.after,
            *(column == value for column, value in wanted.items() if value),
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(SUBMISSION.c.id).limit(ask.limit)).all()
            lines = lines_of(connection, rows)
        return [(row.id, line) for row, line in zip(rows, lines, strict=True)]

    def batch_page(self, ask: BatchAsk) -> list[Batch]:
        """Return batches, newest first, before the one asked for."""
        query = BATCHES.where(
            among(BATCH.c.clinic_key, ask.clinic_keys) if ask.clinic_keys else false(),
            BATCH.c.status == ask.status if ask.status else true(),
            BATCH.c.id < ask.before if ask.before is not None else true(),
        )
        with self._database.read() as connection:
            return [batch_of(row) for row in connection.execute(query.order_by(BATCH.c.id.desc()).limit(ask.limit))]
