"""One clinic's runs with their files, what no run has taken, who is silent, and how its login stands."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, func, select

from include.adapters.ledger import holds
from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.console_counts import ALIKE, COUNTED, is_silent, standing_of
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among
from include.adapters.ledger.silence import UNSETTLED
from include.adapters.ledger.tables import (
    ACCOUNT,
    BATCH,
    CLAIM,
    DELIVERY_RUN,
    DELIVERY_RUN_BATCH,
    SUBMISSION,
    SUBMISSION_CHANGE,
    TRANSMISSION,
)
from include.claims.states import BatchStatus, Delivery, FrontEnd, Usage
from include.delivery.figures import reconciled
from include.delivery.file_hops import Hop
from include.delivery.records import Kind, RunKey, RunOrder
from include.delivery.runs import HeldFor, Login, RunFile, SeenRun, SilentClaim
from include.delivery.standing import Late, Standing


class Runs:
    """The part of the page's ledger that looks back on one clinic."""

    _database: Database

    def runs(self, clinic_key: str, limit: int, run_id: str = "") -> list[SeenRun]:
        """Return a clinic's newest runs that sealed with their files, newest first; or the one of this id."""
        query = select(DELIVERY_RUN).where(DELIVERY_RUN.c.clinic_key == clinic_key)
        if run_id:
            query = query.where(DELIVERY_RUN.c.run_id == run_id)
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(DELIVERY_RUN.c.id.desc()).limit(limit)).all()
            files = _files(connection, [row.id for row in rows])
        return [SeenRun(order=_order(row), sealed_at=row.sealed_at, files=tuple(files[row.id])) for row in rows]

    def held_for(self, clinic_key: str, limit: int) -> list[HeldFor]:
        """Return the held claims of a clinic by reason, most money first."""
        query = (
            select(SUBMISSION.c.holds, *COUNTED)
            .where(
                SUBMISSION.c.clinic_key == clinic_key,
                SUBMISSION.c.usage == Usage.LIVE.value,
                SUBMISSION.c.delivery == Delivery.HELD.value,
            )
            .group_by(SUBMISSION.c.holds)
            .order_by(func.sum(SUBMISSION.c.total_cents).desc(), SUBMISSION.c.holds)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [
                HeldFor(reason=_reason(row.holds), claims=row.claims, charge=to_dollars(int(row.cents)))
                for row in connection.execute(query)
            ]

    def silent_claims(self, clinic_key: str, late: Late, limit: int) -> list[SilentClaim]:
        """Return the claims of a clinic that are silent past their deadline, most money first."""
        query = (
            select(SUBMISSION, CLAIM.c.key, SUBMISSION_CHANGE.c.changed_at)
            .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
            .join(SUBMISSION_CHANGE, SUBMISSION_CHANGE.c.submission_id == SUBMISSION.c.id)
            .where(SUBMISSION.c.clinic_key == clinic_key, *UNSETTLED, is_silent(late))
            .order_by(SUBMISSION.c.total_cents.desc(), SUBMISSION.c.id)
            .limit(limit)
        )
        with self._database.read() as connection:
            return [
                SilentClaim(
                    claim_key=row.key,
                    control_number=row.control_number,
                    payer_id=row.payer_id,
                    charge=to_dollars(row.total_cents),
                    delivery=Delivery(row.delivery),
                    front_end=FrontEnd(row.front_end),
                    since=row.changed_at,
                )
                for row in connection.execute(query)
            ]

    def login(self, mailbox_key: str) -> Login | None:
        """Return the account a mailbox's newest file went to; None where none went."""
        query = (
            select(ACCOUNT)
            .join(TRANSMISSION, TRANSMISSION.c.account == ACCOUNT.c.name)
            .join(BATCH, BATCH.c.id == TRANSMISSION.c.batch_id)
            .where(BATCH.c.mailbox_key == mailbox_key)
            .order_by(TRANSMISSION.c.id.desc())
            .limit(1)
        )
        with self._database.read() as connection:
            row = connection.execute(query).one_or_none()
        if row is None:
            return None
        return Login(
            account=row.name,
            visited_at=None if row.visited_at is None else datetime.fromtimestamp(row.visited_at, UTC),
            refused_at=row.breaker_at if row.breaker_credential else None,
            reason=row.breaker_reason,
        )


def _files(connection: Connection, run_ids: Sequence[int]) -> Mapping[int, list[RunFile]]:
    files: dict[int, list[RunFile]] = defaultdict(list)
    query = (
        select(BATCH, DELIVERY_RUN_BATCH.c.delivery_run_id.label("of_run"), DELIVERY_RUN_BATCH.c.adopted)
        .join(DELIVERY_RUN_BATCH, DELIVERY_RUN_BATCH.c.batch_id == BATCH.c.id)
        .where(among(DELIVERY_RUN_BATCH.c.delivery_run_id, run_ids))
        .order_by(DELIVERY_RUN_BATCH.c.delivery_run_id, DELIVERY_RUN_BATCH.c.position)
    )
    rows = connection.execute(query).all()
    standings = _standings(connection, [row.id for row in rows])
    for row in rows:
        files[row.of_run].append(
            RunFile(
                batch_id=row.id,
                file_name=row.file_name,
                kind=Kind(row.kind),
                status=BatchStatus(row.status),
                adopted=row.adopted,
                sealed=Hop(row.claim_count, to_dollars(row.total_cents)),
                stages=reconciled(standings[row.id]),
            )
        )
    return files


def _standings(connection: Connection, batch_ids: Sequence[int]) -> Mapping[int, list[Standing]]:
    found: dict[int, list[Standing]] = defaultdict(list)
    query = (
        select(SUBMISSION.c.batch_id, *ALIKE, *COUNTED)
        .where(among(SUBMISSION.c.batch_id, batch_ids))
        .group_by(SUBMISSION.c.batch_id, *ALIKE)
    )
    for row in connection.execute(query):
        found[row.batch_id].append(standing_of(row))
    return found


def _order(row: Any) -> RunOrder:
    """Return what a run was asked to do, as it sealed with it."""
    asked = json.loads(row.asked)
    return RunOrder(
        key=RunKey(dag_id=row.dag_id, run_id=row.run_id),
        clinic_key=row.clinic_key,
        window_end=datetime.fromisoformat(asked["window_end"]),
        kind=Kind(asked["kind"]),
        payer_id=asked["payer_id"],
        claim_keys=tuple(asked["claim_keys"]),
    )


def _reason(stored: str) -> str:
    faults = holds.from_json(stored)
    first, *others = [f"{fault.rule}: {fault.message}" for fault in faults] or ["no reason is kept"]
    return f"{first}; and {len(others)} more" if others else first
