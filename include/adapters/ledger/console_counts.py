"""Where claims stand, a group of equal ones at a time, and which clinics' claims have moved since."""

from collections.abc import Collection, Iterable
from typing import Any, Final

from sqlalchemy import ColumnElement, and_, case, func, or_, select

from include.adapters.ledger.columns import to_dollars
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among
from include.adapters.ledger.silence import LIVE_RUN, NEWEST, UNSETTLED
from include.adapters.ledger.tables import BATCH, DELIVERY_RUN, DELIVERY_RUN_BATCH, SUBMISSION, SUBMISSION_CHANGE
from include.claims.states import Adjudication, Delivery, FrontEnd, Work
from include.delivery.figures import LastRun
from include.delivery.standing import Late, Standing

ALIKE: Final = (
    SUBMISSION.c.clinic_key,
    SUBMISSION.c.delivery,
    SUBMISSION.c.front_end,
    SUBMISSION.c.adjudication,
    SUBMISSION.c.work,
    SUBMISSION.c.contradicted,
)
COUNTED: Final = (func.count().label("claims"), func.sum(SUBMISSION.c.total_cents).label("cents"))


class Counts:
    """The part of the page's ledger that counts claims."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def changes(self, after: int) -> tuple[int, set[str]]:
        """Return the number of the last change of a live claim, and the clinics whose claims changed after another."""
        last = select(func.coalesce(func.max(SUBMISSION_CHANGE.c.change_id), 0))
        changed = (
            select(SUBMISSION.c.clinic_key)
            .join(SUBMISSION_CHANGE, SUBMISSION_CHANGE.c.submission_id == SUBMISSION.c.id)
            .where(SUBMISSION_CHANGE.c.change_id > after)
            .distinct()
        )
        with self._database.read() as connection:
            number = int(connection.scalar(last) or 0)
            # Read after the number: what comes between is counted once more, never left out.
            return number, set(connection.scalars(changed)) if number != after else set()

    def standings(self, clinic_keys: Collection[str], late: Late | None = None) -> list[Standing]:
        """Return how many claims of some clinics stand alike, each by its newest live submission."""
        is_late = case((and_(*UNSETTLED[len(NEWEST) :], is_silent(late)), 1), else_=0) if late else None
        silence = () if is_late is None else _silence(is_late)
        query = (
            select(*ALIKE, *COUNTED, func.min(SUBMISSION_CHANGE.c.changed_at).label("since"), *silence)
            .outerjoin(SUBMISSION_CHANGE, SUBMISSION_CHANGE.c.submission_id == SUBMISSION.c.id)
            .where(among(SUBMISSION.c.clinic_key, clinic_keys), *NEWEST)
            .group_by(*ALIKE)
        )
        with self._database.read() as connection:
            return [standing_of(row) for row in connection.execute(query)]

    def last_runs(self, clinic_keys: Collection[str]) -> dict[str, LastRun]:
        """Return the newest live run of each clinic that sealed, with what it made itself."""
        newest = (
            select(func.max(DELIVERY_RUN.c.id).label("id"))
            .where(among(DELIVERY_RUN.c.clinic_key, clinic_keys), DELIVERY_RUN.c.asked.like(LIVE_RUN))
            .group_by(DELIVERY_RUN.c.clinic_key)
            .subquery()
        )
        own = and_(DELIVERY_RUN_BATCH.c.delivery_run_id == DELIVERY_RUN.c.id, DELIVERY_RUN_BATCH.c.adopted.is_(False))
        named = [DELIVERY_RUN.c[name] for name in ("clinic_key", "sealed_at", "dag_id", "run_id")]
        query = (
            select(
                *named,
                func.count(BATCH.c.id).label("files"),
                func.coalesce(func.sum(BATCH.c.claim_count), 0).label("claims"),
                func.coalesce(func.sum(BATCH.c.total_cents), 0).label("cents"),
            )
            .join(newest, newest.c.id == DELIVERY_RUN.c.id)
            .outerjoin(DELIVERY_RUN_BATCH, own)
            .outerjoin(BATCH, BATCH.c.id == DELIVERY_RUN_BATCH.c.batch_id)
            .group_by(DELIVERY_RUN.c.id, *named)
        )
        with self._database.read() as connection:
            return {
                row.clinic_key: LastRun(
                    sealed_at=row.sealed_at,
                    dag_id=row.dag_id,
                    run_id=row.run_id,
                    files=row.files,
                    claims=int(row.claims),
                    charge=to_dollars(int(row.cents)),
                )
                for row in connection.execute(query)
            }


def is_silent(late: Late) -> ColumnElement[bool]:
    """Return the condition that nobody was heard of a claim by its deadline; `submission_change` must be joined."""
    heard, columns = SUBMISSION_CHANGE.c.changed_at, SUBMISSION.c
    undecided = columns.adjudication == Adjudication.NONE.value
    by_stage = [
        and_(undecided, columns.delivery == delivery.value, columns.front_end == front_end.value, heard <= moment)
        for delivery, front_end, moment in late.by_stage
    ]
    unanswered = and_(undecided, columns.delivery == Delivery.SENT.value, columns.front_end == FrontEnd.NONE.value)
    answer = [
        and_(unanswered, columns.batch_id.is_not(None), among(columns.clinic_key, keys), heard <= moment)
        for moment, keys in late.answer
    ]
    # What an earlier process sent is in no batch of ours.
    return or_(*by_stage, *answer, and_(unanswered, columns.batch_id.is_(None), heard <= late.earlier))


def _silence(is_late: ColumnElement[int]) -> Iterable[ColumnElement[Any]]:
    return (
        func.sum(is_late).label("silent"),
        func.sum(is_late * SUBMISSION.c.total_cents).label("silent_cents"),
    )


def standing_of(row: Any) -> Standing:
    """Return a group of equal claims as the page counts them."""
    given = row._mapping  # noqa: SLF001  # SQLAlchemy's own name for it
    return Standing(
        clinic_key=row.clinic_key,
        delivery=Delivery(row.delivery),
        front_end=FrontEnd(row.front_end),
        adjudication=Adjudication(row.adjudication),
        work=Work(row.work),
        contradicted=row.contradicted,
        claims=row.claims,
        charge=to_dollars(int(row.cents)),
        silent=int(given.get("silent") or 0),
        silent_charge=to_dollars(int(given.get("silent_cents") or 0)),
        since=given.get("since"),
    )
