"""Claims found by their numbers, and what belongs beside them. A part of `ports.ConsoleLedger` on SQL."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, or_, select

from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among
from include.adapters.ledger.report import Report
from include.adapters.ledger.tables import CLAIM, CLAIM_REVISION, ITS_REVISION, SUBMISSION, SUBMISSION_LINE
from include.claims.documents import from_document
from include.claims.states import Adjudication, Delivery, FrontEnd, Usage, Work
from include.delivery.finding import Beside, Found, how_beside
from include.delivery.records import Story

_NEIGHBOURS = 50
"""Claims of one patient's days that are looked at; a key with more stands for several people."""


class ClaimReads:
    """Claims, by any of their numbers."""

    _database: Database

    def find(self, name: str, clinic_keys: Collection[str] | None, limit: int) -> list[Found]:
        """Return the claims that a number or key may mean, newest first; None: of every clinic."""
        with self._database.read() as connection:
            ids = _ids(connection, _is_control_number(name), clinic_keys, limit)
            ids = ids or _ids(connection, _is_another_number(name), clinic_keys, limit)
            return [_found(row) for row in _newest(connection, ids)]

    def story(self, claim_id: int) -> Story:
        """Return the whole history of one claim."""
        return Report(self._database).story(claim_id)

    def beside(self, claim_id: int) -> list[Beside]:
        """Return the claims that replace, void or continue a claim, or that it does."""
        with self._database.read() as connection:
            near = _on_the_same_days(connection, claim_id)
            rows = _newest(connection, [claim_id, *near])
            numbers = _payer_numbers(connection, [claim_id, *near])
        claims = {row.claim_id: from_document(row.document) for row in rows if row.document}
        if claim_id not in claims:
            return []
        told = (
            (row, how_beside(claims[claim_id], numbers[claim_id], claims[row.claim_id], numbers[row.claim_id]))
            for row in rows
            if row.claim_id in near and row.claim_id in claims
        )
        return [Beside(found=_found(row), how=how) for row, how in told if how]


def _is_control_number(name: str) -> ColumnElement[bool]:
    return SUBMISSION.c.control_number.in_({name, name.upper()})


def _is_another_number(name: str) -> ColumnElement[bool]:
    # Each table by its own indexes: one OR over both would read them whole.
    by_number = select(SUBMISSION.c.claim_id).where(
        or_(SUBMISSION.c.payer_claim_number == name, SUBMISSION.c.clearinghouse_claim_id == name)
    )
    by_key = select(CLAIM.c.id).where(CLAIM.c.key == name)
    return SUBMISSION.c.claim_id.in_(by_number.union(by_key))


def _ids(
    connection: Connection, condition: ColumnElement[bool], clinic_keys: Collection[str] | None, limit: int
) -> list[int]:
    query = select(SUBMISSION.c.claim_id).where(condition).distinct()
    if clinic_keys is not None:
        query = query.where(among(SUBMISSION.c.clinic_key, clinic_keys))
    return list(connection.scalars(query.order_by(SUBMISSION.c.claim_id.desc()).limit(limit)))


def _newest(connection: Connection, claim_ids: Sequence[int]) -> list[Any]:
    """Return the newest live submission of each claim, else its newest test copy, in the order of the ids."""
    query = (
        select(SUBMISSION, CLAIM.c.source, CLAIM.c.key, CLAIM_REVISION.c.document)
        .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
        .join(CLAIM_REVISION, ITS_REVISION)
        .where(among(SUBMISSION.c.claim_id, claim_ids))
        # Copies for test files first, then the live ones: the last of each claim is kept.
        .order_by(SUBMISSION.c.usage.desc(), SUBMISSION.c.number)
    )
    newest = {row.claim_id: row for row in connection.execute(query)}
    return [newest[one] for one in claim_ids if one in newest]


def _on_the_same_days(connection: Connection, claim_id: int) -> list[int]:
    """Return other claims of the patient's same days."""
    of_claim = (
        select(SUBMISSION_LINE.c.patient_day)
        .join(SUBMISSION, SUBMISSION.c.id == SUBMISSION_LINE.c.submission_id)
        .where(SUBMISSION.c.claim_id == claim_id, SUBMISSION_LINE.c.patient_day != "")
    )
    clinic = select(CLAIM.c.clinic_key).where(CLAIM.c.id == claim_id).scalar_subquery()
    query = (
        select(SUBMISSION.c.claim_id)
        .join(SUBMISSION_LINE, SUBMISSION_LINE.c.submission_id == SUBMISSION.c.id)
        .where(
            SUBMISSION_LINE.c.patient_day.in_(of_claim),
            SUBMISSION.c.claim_id != claim_id,
            SUBMISSION.c.clinic_key == clinic,
        )
        .distinct()
    )
    return list(connection.scalars(query.order_by(SUBMISSION.c.claim_id).limit(_NEIGHBOURS)))


def _payer_numbers(connection: Connection, claim_ids: Sequence[int]) -> dict[int, set[str]]:
    """Return what the payer calls each claim, all its submissions together."""
    query = select(SUBMISSION.c.claim_id, SUBMISSION.c.payer_claim_number)
    found: dict[int, set[str]] = {one: set() for one in claim_ids}
    for row in connection.execute(query.where(among(SUBMISSION.c.claim_id, claim_ids))):
        found[row.claim_id] |= {row.payer_claim_number} - {""}
    return found


def _found(row: Any) -> Found:
    return Found(
        claim_id=row.claim_id,
        clinic_key=row.clinic_key,
        source=row.source,
        claim_key=row.key,
        control_number=row.control_number,
        usage=Usage(row.usage),
        delivery=Delivery(row.delivery),
        front_end=FrontEnd(row.front_end),
        adjudication=Adjudication(row.adjudication),
        work=Work(row.work),
        charge=to_dollars(row.total_cents),
    )
