"""What has not been heard, as far as the ledger knows, and what was told about it. `ports.SilenceLedger` on SQL."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Connection, delete, exists, func, not_, select, update

from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.engine import Database
from include.adapters.ledger.events import happened
from include.adapters.ledger.many import among, insert_many, insert_once
from include.adapters.ledger.tables import (
    ACCOUNT,
    ALARM_TOLD,
    BATCH,
    CLAIM,
    CLAIM_REVISION,
    DELIVERY_RUN,
    DELIVERY_RUN_BATCH,
    EVENT,
    ITS_REVISION,
    RESPONSE,
    SUBMISSION,
    TRANSMISSION,
)
from include.claims.coordination import Responsibility
from include.claims.deadlines import GOES_NOWHERE, SETTLED, Moments, Unsettled, moments_of
from include.claims.model import Frequency
from include.claims.states import FINISHED, Adjudication, Delivery, FrontEnd, Happened, Usage, Work
from include.delivery.records import SealedRun, Told

_PAGE = 500
_LATER = SUBMISSION.alias("later")
NEWEST = (
    SUBMISSION.c.usage == Usage.LIVE.value,
    not_(
        exists().where(
            _LATER.c.claim_id == SUBMISSION.c.claim_id,
            _LATER.c.usage == SUBMISSION.c.usage,
            _LATER.c.number > SUBMISSION.c.number,
        )
    ),
)
"""What a claim is counted by: its live submission that no later one stands in for."""

UNSETTLED = (
    *NEWEST,  # what a claim's next submission is for is not waited for twice
    SUBMISSION.c.delivery.not_in([state.value for state in GOES_NOWHERE]),
    SUBMISSION.c.adjudication.not_in([state.value for state in SETTLED]),
    SUBMISSION.c.work.not_in([work.value for work in FINISHED]),
)
LIVE_RUN = '%"kind": "live"%'
"""As the order a run sealed with says it; a quote in any other cell of it would be escaped."""


class Silence:
    """The ledger, asked for what did not happen."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def unsettled(self, clinic_key: str = "") -> Iterator[Unsettled]:
        """Stream the newest live submission of every claim that is not settled; blank means every clinic."""
        last = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(_page(clinic_key, after=last)).all()
                moments = _moments(connection, [row.id for row in rows])
            for row in rows:
                yield _unsettled(row, moments[row.id])
            if len(rows) < _PAGE:
                return
            last = rows[-1].id

    def runs(self, since: datetime) -> list[SealedRun]:
        """Return the live runs sealed since then, oldest first, with the batches each one made itself."""
        made = func.count(DELIVERY_RUN_BATCH.c.batch_id).filter(not_(DELIVERY_RUN_BATCH.c.adopted))
        query = (
            select(DELIVERY_RUN.c.clinic_key, DELIVERY_RUN.c.sealed_at, made.label("batches"))
            .outerjoin(DELIVERY_RUN_BATCH, DELIVERY_RUN_BATCH.c.delivery_run_id == DELIVERY_RUN.c.id)
            .where(DELIVERY_RUN.c.sealed_at >= since, DELIVERY_RUN.c.asked.like(LIVE_RUN))
            .group_by(DELIVERY_RUN.c.id, DELIVERY_RUN.c.clinic_key, DELIVERY_RUN.c.sealed_at)
            .order_by(DELIVERY_RUN.c.sealed_at, DELIVERY_RUN.c.id)
        )
        with self._database.read() as connection:
            return [
                SealedRun(clinic_key=row.clinic_key, sealed_at=row.sealed_at, batches=row.batches)
                for row in connection.execute(query)
            ]

    def visits(self) -> dict[str, datetime | None]:
        """Return when each mailbox that ever sent a file was last visited, or last brought one; None: not known."""
        visited = (
            select(BATCH.c.mailbox_key, func.max(ACCOUNT.c.visited_at).label("at"))
            .join(TRANSMISSION, TRANSMISSION.c.batch_id == BATCH.c.id)
            .outerjoin(ACCOUNT, ACCOUNT.c.name == TRANSMISSION.c.account)
            .group_by(BATCH.c.mailbox_key)
        )
        brought = select(RESPONSE.c.mailbox_key, func.max(RESPONSE.c.taken_at).label("at")).group_by(
            RESPONSE.c.mailbox_key
        )
        with self._database.read() as connection:
            files = {row.mailbox_key: row.at for row in connection.execute(brought)}
            found = {row.mailbox_key: _at(row.at) for row in connection.execute(visited)}
        return {
            key: max((moment for moment in (at, files.get(key)) if moment), default=None) for key, at in found.items()
        }

    def told(self) -> dict[str, Told]:
        """Return what alarms have told, by key."""
        with self._database.read() as connection:
            return {
                row.key: Told(level=row.level, at=row.told_at, acknowledged_by=row.acknowledged_by)
                for row in connection.execute(select(ALARM_TOLD))
            }

    def remember(self, told: Mapping[str, int], gone: Collection[str], now: datetime) -> None:
        """Remember what was told now and how bad it was; forget what is over, so that it is new when it comes again."""
        rows = [
            {"key": key, "level": level, "told_at": now, "acknowledged_by": ""} for key, level in sorted(told.items())
        ]
        with self._database.write() as connection:
            kept = insert_once(connection, ALARM_TOLD)
            new = {name: kept.excluded[name] for name in ("level", "told_at", "acknowledged_by")}
            insert_many(connection, kept.on_conflict_do_update(index_elements=["key"], set_=new), rows)
            connection.execute(delete(ALARM_TOLD).where(among(ALARM_TOLD.c.key, gone)))

    def acknowledge(self, what: str, who: str) -> int:
        """Tell no more of a claim, clinic or account until it gets worse; return how many alarms that quiets."""
        ends_so = ALARM_TOLD.c.key.endswith(f":{what}", autoescape=True)
        with self._database.write() as connection:
            heard = update(ALARM_TOLD).where(ends_so).values(acknowledged_by=who)
            return int(connection.execute(heard).rowcount)


def _page(clinic_key: str, *, after: int) -> Any:
    query = (
        select(
            SUBMISSION,
            CLAIM.c.key,
            CLAIM_REVISION.c.first_service_on,
            CLAIM_REVISION.c.others_decided_on,
            CLAIM_REVISION.c.responsibility,
        )
        .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
        .join(CLAIM_REVISION, ITS_REVISION)
        .where(SUBMISSION.c.id > after, *UNSETTLED)
        .order_by(SUBMISSION.c.id)
        .limit(_PAGE)
    )
    return query.where(SUBMISSION.c.clinic_key == clinic_key) if clinic_key else query


def _moments(connection: Connection, submission_ids: Sequence[int]) -> Mapping[int, Moments]:
    found: dict[int, list[tuple[Happened, datetime]]] = defaultdict(list)
    names = ("submission_id", "id", "event", "answered_on", "file", "position", "recorded_at")
    query = select(*(EVENT.c[name] for name in names)).where(EVENT.c.submission_id.in_(submission_ids))
    for row in connection.execute(query):
        found[row.submission_id].append((happened(row), row.recorded_at))
    return {one: moments_of(found[one]) for one in submission_ids}


def _unsettled(row: Any, moments: Moments) -> Unsettled:
    return Unsettled(
        clinic_key=row.clinic_key,
        claim_key=row.key,
        control_number=row.control_number,
        payer_id=row.payer_id,
        charge=to_dollars(row.total_cents),
        is_original=row.frequency == Frequency.ORIGINAL.value,
        is_primary=row.responsibility in {"", Responsibility.PRIMARY.value},
        first_service_on=row.first_service_on,
        others_decided_on=row.others_decided_on,
        delivery=Delivery(row.delivery),
        front_end=FrontEnd(row.front_end),
        adjudication=Adjudication(row.adjudication),
        is_appealed=row.work == Work.APPEAL.value,
        moments=moments,
    )


def _at(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
