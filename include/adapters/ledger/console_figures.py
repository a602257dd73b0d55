"""What the overview's pictures show: what is owed by day of service, verdicts by week, rates, and the night's files."""

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any, Final

from sqlalchemy import CTE, ColumnElement, Float, Select, and_, case, exists, func, literal, or_, select
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement

from include.adapters.ledger.columns import Instant, to_dollars
from include.adapters.ledger.console_counts import ALIKE, COUNTED, standing_of
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among
from include.adapters.ledger.silence import UNSETTLED
from include.adapters.ledger.tables import BATCH, CLAIM_REVISION, EVENT, ITS_REVISION, SUBMISSION
from include.claims.model import Frequency
from include.claims.states import (
    REJECTED,
    SETTLED_AT_CLEARINGHOUSE,
    Adjudication,
    BatchStatus,
    Delivery,
    Event,
    FrontEnd,
    Usage,
)
from include.delivery.figures import WEEKS, FileSeen, Night, Owed, Verdicts, Week, reconciled
from include.delivery.file_hops import Hop

_AT_PAYER: Final = (Event.RECEIVED_BY_PAYER.value, Event.ACCEPTED_BY_PAYER.value)
_VERDICTS: Final = (Event.ACCEPTED_BY_CLEARINGHOUSE.value, Event.REJECTED_BY_CLEARINGHOUSE.value)
_SET_ANSWERS: Final = (Event.SET_ACCEPTED.value, Event.SET_REFUSED.value)


class _Days(FunctionElement[float]):
    """A moment as days since some day long ago, so that moments can be subtracted on either database."""

    type = Float()
    inherit_cache = True
    name = "days"


@compiles(_Days, "sqlite")
def _sqlite_days(element: Any, compiler: Any, **how: Any) -> str:
    return f"julianday({compiler.process(element.clauses, **how)})"


@compiles(_Days, "postgresql")
def _postgresql_days(element: Any, compiler: Any, **how: Any) -> str:
    return f"CAST(extract(epoch FROM {compiler.process(element.clauses, **how)}) / 86400 AS double precision)"


class Figures:
    """The part of the page's ledger that sums over days, weeks and payers."""

    _database: Database

    def owed(self, clinic_keys: Collection[str]) -> list[Owed]:
        """Return what is not settled, by payer and day of first service."""
        filed = case((_is_filed(), 1), else_=0).label("filed")
        grouped = (SUBMISSION.c.payer_id, CLAIM_REVISION.c.first_service_on, CLAIM_REVISION.c.others_decided_on, filed)
        query = (
            select(*grouped, *COUNTED)
            .join(CLAIM_REVISION, ITS_REVISION)
            .where(among(SUBMISSION.c.clinic_key, clinic_keys), *UNSETTLED)
            .group_by(*grouped)
        )
        with self._database.read() as connection:
            return [
                Owed(
                    payer_id=row.payer_id,
                    service_on=row.first_service_on,
                    other_decided_on=row.others_decided_on,
                    is_at_payer=bool(row.filed),
                    claims=row.claims,
                    charge=to_dollars(int(row.cents)),
                )
                for row in connection.execute(query)
            ]

    def weeks(self, clinic_keys: Collection[str], until: datetime) -> list[Week]:
        """Return the clearinghouse's verdicts of the last weeks before a moment, by the week in which they came."""
        since = until - timedelta(weeks=WEEKS)
        first = (
            select(
                EVENT.c.submission_id,
                func.min(EVENT.c.recorded_at).label("at"),
                func.max(_one_if(EVENT.c.event == Event.REJECTED_BY_CLEARINGHOUSE.value)).label("rejected"),
            )
            .where(EVENT.c.event.in_(_VERDICTS), EVENT.c.recorded_at > since, EVENT.c.recorded_at <= until)
            .group_by(EVENT.c.submission_id)
            .subquery()
        )
        query = (
            select(
                func.floor((_Days(first.c.at) - _Days(literal(since, Instant()))) / 7).label("week"),
                func.count().label("answered"),
                func.sum(first.c.rejected).label("rejected"),
                func.sum(_Days(first.c.at) - _Days(BATCH.c.created_at)).label("days"),
            )
            .join(SUBMISSION, SUBMISSION.c.id == first.c.submission_id)
            .join(BATCH, BATCH.c.id == SUBMISSION.c.batch_id)
            .where(among(SUBMISSION.c.clinic_key, clinic_keys), SUBMISSION.c.usage == Usage.LIVE.value)
            .group_by("week")
        )
        with self._database.read() as connection:
            found = {min(int(row.week), WEEKS - 1): row for row in connection.execute(query)}
        starts = [since.date() + timedelta(weeks=number) for number in range(WEEKS)]
        return [_week(start, found.get(number)) for number, start in enumerate(starts)]

    def verdicts(self, clinic_keys: Collection[str]) -> list[Verdicts]:
        """Return what became of claims at first sight and in the end, by clinic and payer."""
        columns = SUBMISSION.c
        is_first = columns.number == 1
        heard = or_(
            columns.front_end.in_([state.value for state in SETTLED_AT_CLEARINGHOUSE]),
            columns.adjudication != Adjudication.NONE.value,
        )
        refused = columns.front_end.in_([state.value for state in (*REJECTED, FrontEnd.CALLED_DUPLICATE)])
        decided = columns.adjudication.not_in([Adjudication.NONE.value, Adjudication.FORWARDED.value])
        denied = columns.adjudication == Adjudication.DENIED.value
        query = (
            select(
                columns.clinic_key,
                columns.payer_id,
                func.sum(_one_if(and_(is_first, heard))).label("first"),
                func.sum(_one_if(and_(is_first, heard, ~refused))).label("first_passed"),
                func.sum(_one_if(decided)).label("decided"),
                func.sum(_one_if(denied)).label("denied"),
            )
            .where(among(columns.clinic_key, clinic_keys), columns.usage == Usage.LIVE.value)
            .group_by(columns.clinic_key, columns.payer_id)
        )
        with self._database.read() as connection:
            return [
                Verdicts(
                    clinic_key=row.clinic_key,
                    payer_id=row.payer_id,
                    first=int(row.first),
                    first_passed=int(row.first_passed),
                    decided=int(row.decided),
                    denied=int(row.denied),
                )
                for row in connection.execute(query)
            ]

    def night(self, clinic_keys: Collection[str], since: datetime) -> Night:
        """Return the live files sealed since then: how many, where their claims stand, and those that do not add up."""
        night = (
            select(BATCH.c.id)
            .where(
                among(BATCH.c.clinic_key, clinic_keys),
                BATCH.c.created_at >= since,
                BATCH.c.usage == Usage.LIVE.value,
                BATCH.c.status != BatchStatus.RELEASED.value,
            )
            .cte("night")
        )
        alike = [column for column in ALIKE if column is not SUBMISSION.c.clinic_key]
        standings = (
            select(literal("").label("clinic_key"), *alike, *COUNTED)
            .join(night, night.c.id == SUBMISSION.c.batch_id)
            .group_by(*alike)
        )
        with self._database.read() as connection:
            return Night(
                files=int(connection.scalar(select(func.count()).select_from(night)) or 0),
                places=reconciled(standing_of(row) for row in connection.execute(standings)),
                wrong=tuple(_file(row) for row in connection.execute(_wrong_files(night))),
            )


def _wrong_files(night: CTE) -> Select[Any]:
    """Return the files of which the ledger has other claims or dollars, or whose 999 names some and not all."""
    told = exists().where(EVENT.c.submission_id == SUBMISSION.c.id, EVENT.c.event.in_(_SET_ANSWERS))
    # Gathered by file first, so that a database looks once into each claim's events.
    one = (
        select(SUBMISSION.c.batch_id, SUBMISSION.c.total_cents, _one_if(told).label("answered"))
        .join(night, night.c.id == SUBMISSION.c.batch_id)
        .subquery()
    )
    found = (
        select(
            one.c.batch_id,
            func.count().label("claims"),
            func.sum(one.c.total_cents).label("cents"),
            func.sum(one.c.answered).label("answered"),
        )
        .group_by(one.c.batch_id)
        .subquery()
    )
    claims, cents, answered = (func.coalesce(found.c[name], 0) for name in ("claims", "cents", "answered"))
    named = [BATCH.c[name] for name in ("id", "file_name", "clinic_key", "claim_count", "total_cents")]
    return (
        select(*named, claims.label("claims"), cents.label("cents"), answered.label("answered"))
        .join(night, night.c.id == BATCH.c.id)
        .outerjoin(found, found.c.batch_id == BATCH.c.id)
        .where(or_(claims != BATCH.c.claim_count, cents != BATCH.c.total_cents, and_(answered > 0, answered < claims)))
        .order_by(BATCH.c.clinic_key, BATCH.c.id)
    )


def _is_filed() -> ColumnElement[bool]:
    """Return the condition under which no filing limit runs: the payer has it, or it is no original."""
    columns = SUBMISSION.c
    told = exists().where(EVENT.c.submission_id == columns.id, EVENT.c.event.in_(_AT_PAYER))
    is_sent = and_(columns.delivery == Delivery.SENT.value, columns.front_end.not_in([one.value for one in REJECTED]))
    return or_(
        columns.frequency != Frequency.ORIGINAL.value,
        columns.adjudication != Adjudication.NONE.value,
        and_(is_sent, columns.front_end != FrontEnd.NONE.value, told),
    )


def _one_if(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return case((condition, 1), else_=0)


def _week(starts_on: date, row: Any) -> Week:
    if row is None:
        return Week(starts_on=starts_on)
    return Week(starts_on=starts_on, answered=row.answered, rejected=int(row.rejected), days=float(row.days))


def _file(row: Any) -> FileSeen:
    return FileSeen(
        batch_id=row.id,
        file_name=row.file_name,
        clinic_key=row.clinic_key,
        sealed=Hop(row.claim_count, to_dollars(row.total_cents)),
        kept=Hop(row.claims, to_dollars(int(row.cents))),
        answered=int(row.answered),
    )
