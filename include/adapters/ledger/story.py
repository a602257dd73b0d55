"""A claim's whole history out of the ledger: its submissions, all that happened to them, and the money."""

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Connection, select, union

from include.adapters.ledger import holds
from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.tables import CLAIM, CLAIM_REVISION, EVENT, ITS_REVISION, PAYMENT, POSTING, SUBMISSION
from include.claims.documents import from_document
from include.claims.model import Frequency
from include.claims.states import Delivery, Event, Usage
from include.delivery.records import Chapter, ClaimLine, Incident, Paid, Posted, Story

_NAMED = (SUBMISSION.c.control_number, SUBMISSION.c.payer_claim_number, SUBMISSION.c.clearinghouse_claim_id)


def claim_ids(connection: Connection, name: str) -> list[int]:
    """Return the claims that a name may mean, in the order in which we first saw them."""
    if not name:
        return []
    by_number = (select(SUBMISSION.c.claim_id).where(column == name) for column in _NAMED)
    # A union, because each part has an index of its own; joined by `or` both tables would be read whole.
    return sorted(connection.scalars(union(select(CLAIM.c.id).where(CLAIM.c.key == name), *by_number)))


def story_of(connection: Connection, claim_id: int, lines: Sequence[ClaimLine]) -> Story:
    """Return a claim's history; `lines` says where each of its submissions stands."""
    of_claim = (
        select(SUBMISSION, CLAIM_REVISION.c.document)
        .join(CLAIM_REVISION, ITS_REVISION)
        .where(SUBMISSION.c.claim_id == claim_id)
        .order_by(SUBMISSION.c.id)
    )
    rows = {row.id: row for row in connection.execute(of_claim)}
    by_number = {line.control_number: line for line in lines}
    first = lines[0]
    return Story(
        clinic_key=first.clinic_key,
        source=first.source,
        claim_key=first.claim_key,
        chapters=tuple(_chapter(row, by_number[row.control_number]) for row in rows.values()),
        incidents=tuple(_incidents(connection, rows)),
        claim_id=claim_id,
    )


def _chapter(row: Any, line: ClaimLine) -> Chapter:
    return Chapter(
        line=line,
        label=_label(row),
        frequency=Frequency(row.frequency),
        asked_by=row.asked_by,
        replaces=row.replaces,
        clearinghouse_claim_id=row.clearinghouse_claim_id,
        payer_claim_number=row.payer_claim_number,
        claim=from_document(row.document) if row.document else None,
        held_by=holds.from_json(row.holds) if row.delivery == Delivery.HELD.value else (),
        batch_id=row.batch_id,
        position=row.position,
        set_number=row.set_number,
        first_segment=row.first_segment,
    )


def _label(submission: Any) -> str:
    return f"{'#' if submission.usage == Usage.LIVE.value else 'T'}{submission.number}"


def _incidents(connection: Connection, submissions: dict[int, Any]) -> list[Incident]:
    money = _money(connection, list(submissions))
    events = select(EVENT).where(EVENT.c.submission_id.in_(list(submissions))).order_by(EVENT.c.id)
    found = []
    for row in connection.execute(events):
        data = json.loads(row.data)
        found.append(
            Incident(
                label=_label(submissions[row.submission_id]),
                recorded_at=row.recorded_at,
                event=Event(row.event),
                answered_on=row.answered_on,
                file=row.file,
                position=row.position,
                codes=tuple(json.loads(row.codes)),
                words=row.words,
                payer_words=data.get("payer_words", ""),
                who=data.get("who", ""),
                money=tuple(money[row.submission_id, row.response_id, row.position]),
                response_id=row.response_id,
            )
        )
    return found


def _money(connection: Connection, submission_ids: Sequence[int]) -> dict[tuple[int, int | None, int], list[Paid]]:
    """Return what payments said, by submission and the place in the file that an event names too."""
    query = (
        select(POSTING, PAYMENT.c.response_id, PAYMENT.c.payer_name, PAYMENT.c.trace, PAYMENT.c.method)
        .add_columns(PAYMENT.c.paid_on)
        .join(PAYMENT, PAYMENT.c.id == POSTING.c.payment_id)
        .where(POSTING.c.submission_id.in_(submission_ids))
        .order_by(POSTING.c.id)
    )
    found: dict[tuple[int, int | None, int], list[Paid]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.submission_id, row.response_id, row.segment].append(
            Paid(
                payer_name=row.payer_name,
                trace=row.trace,
                method=row.method,
                paid_on=row.paid_on,
                decision=row.decision,
                charge=to_dollars(row.charge_cents),
                paid=to_dollars(row.paid_cents),
                patient=to_dollars(row.patient_cents),
                payer_claim_number=row.payer_claim_number,
                status=Posted(row.status),
                reason=row.reason,
                document=row.document,
            )
        )
    return found
