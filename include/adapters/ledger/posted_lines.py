"""The lines of posted claims as their payers got them, out of what the ledger keeps: the claim, or a history."""

import json
from collections import defaultdict
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, select

from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.many import among
from include.adapters.ledger.tables import BATCH, CLAIM_REVISION, ITS_REVISION, SUBMISSION, SUBMISSION_LINE
from include.claims.documents import from_document
from include.claims.payer_profile_file import read_profiles
from include.claims.scrub import RuleBook
from include.delivery.posting_lines import BilledAs, SourceLine, billed_as
from include.delivery.render import PROFILES


def lines_as_billed(connection: Connection, submission_ids: Sequence[int]) -> dict[int, list[BilledAs]]:
    """Return the lines of submissions as their payers got them."""
    query = (
        select(SUBMISSION.c.id, SUBMISSION.c.control_number, SUBMISSION.c.batch_id, CLAIM_REVISION.c.document)
        .join(CLAIM_REVISION, ITS_REVISION)
        .where(among(SUBMISSION.c.id, submission_ids))
    )
    rows = connection.execute(query).all()
    profiles = _profiles(connection, rows)
    found = _told(connection, [row.id for row in rows if row.document is None])
    for row in rows:
        if row.document is not None:
            claim = from_document(row.document)
            wanted = _book(profiles.get(row.batch_id, "")).as_payer_wants(claim)
            found[row.id] = billed_as(claim, wanted, row.control_number)
    return found


def _profiles(connection: Connection, rows: Sequence[Any]) -> dict[int, str]:
    query = select(BATCH.c.id, BATCH.c.settings).where(among(BATCH.c.id, {row.batch_id for row in rows} - {None}))
    return {row.id: json.loads(row.settings).get(PROFILES, "") for row in connection.execute(query)}


@lru_cache(maxsize=8)
def _book(profiles: str) -> RuleBook:
    return RuleBook(payers=read_profiles(profiles))


def _told(connection: Connection, submission_ids: Sequence[int]) -> dict[int, list[BilledAs]]:
    """Return the lines of claims that another process sent, as a history told them."""
    found: dict[int, list[BilledAs]] = defaultdict(list)
    query = select(SUBMISSION_LINE).where(among(SUBMISSION_LINE.c.submission_id, submission_ids))
    for row in connection.execute(query.order_by(SUBMISSION_LINE.c.submission_id, SUBMISSION_LINE.c.position)):
        part = SourceLine(
            key=row.source_line_key,
            # A line without a session is told apart by when it began.
            session_id=row.session if row.session != row.started_at else "",
            charge=to_dollars(row.cents),
            units=Decimal(row.units),
        )
        found[row.submission_id].append(
            BilledAs(control_number="", procedure=row.procedure, on=row.service_on, parts=(part,))
        )
    return found
