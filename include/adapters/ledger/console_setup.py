"""Enrollments as a board, and how far clinics are in their setting up. A part of `ports.ConsoleLedger` on SQL."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, and_, case, func, literal, or_, select, tuple_, union
from sqlalchemy.sql.selectable import Subquery

from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import among
from include.adapters.ledger.tables import BILLING_IDENTITY, ENROLLMENT, ONBOARDING, PAYER
from include.claims.enrollment import State, What
from include.delivery.clinic_table import Row
from include.delivery.onboard import STEPS
from include.delivery.records import BoardAsk, OnboardingNote, Place, Step

_IS_CREDENTIALING = ENROLLMENT.c.what == What.CREDENTIALING.value
_ITS_BILLER = and_(
    ~_IS_CREDENTIALING,
    ENROLLMENT.c.npi == BILLING_IDENTITY.c.npi,
    or_(ENROLLMENT.c.tax_id == "", ENROLLMENT.c.tax_id == BILLING_IDENTITY.c.tax_id),
)
_ITS_EMPLOYER = and_(_IS_CREDENTIALING, ENROLLMENT.c.tax_id != "", ENROLLMENT.c.tax_id == BILLING_IDENTITY.c.tax_id)
"""Who renders has another NPI than who bills: the tax id joins the two, where it was written down."""

_WITH_TAX_ID = (ENROLLMENT.c.npi, ENROLLMENT.c.tax_id)
_NOBODYS = case(
    (_IS_CREDENTIALING, ENROLLMENT.c.tax_id.not_in(select(BILLING_IDENTITY.c.tax_id))),
    (ENROLLMENT.c.tax_id == "", ENROLLMENT.c.npi.not_in(select(BILLING_IDENTITY.c.npi))),
    else_=tuple_(*_WITH_TAX_ID).not_in(select(BILLING_IDENTITY.c.npi, BILLING_IDENTITY.c.tax_id)),
)
"""No clinic is joined by either; asked of whole sets, since row by row it takes half a second."""


class ConsoleSetup:
    """The tables people keep, as the page shows them."""

    _database: Database

    def enrollment_places(self, ask: BoardAsk) -> list[Place]:
        """Return a page of the board of enrollments: by clinic, NPI and payer, after the place asked for."""
        places = _places(ask)
        query = select(places).order_by(*places.c).limit(ask.limit)
        if ask.after:
            query = query.where(tuple_(*places.c) > ask.after)
        with self._database.read() as connection:
            return [Place(*row) for row in connection.execute(query)]

    def enrollment_total(self, ask: BoardAsk) -> int:
        """Count all the places there are as it is asked for."""
        with self._database.read() as connection:
            return int(connection.execute(select(func.count()).select_from(_places(ask))).scalar_one())

    def enrollments_at(self, places: Sequence[Place]) -> list[Row]:
        """Return every record of these providers with these payers, unchecked."""
        asked = {(place.npi, place.payer_id) for place in places}
        query = select(ENROLLMENT).where(
            among(ENROLLMENT.c.npi, sorted({npi for npi, _ in asked})),
            among(ENROLLMENT.c.payer_id, sorted({payer_id for _, payer_id in asked})),
        )
        with self._database.read() as connection:
            rows = connection.execute(query.order_by(ENROLLMENT.c.key)).mappings().all()
        return [
            {str(name): cell for name, cell in row.items()} for row in rows if (row["npi"], row["payer_id"]) in asked
        ]

    def payer_names(self, payer_ids: Collection[str]) -> Mapping[str, str]:
        """Return what the payer list calls these payers; nothing of one it does not list."""
        query = select(PAYER.c.key, PAYER.c.name).where(among(PAYER.c.key, payer_ids))
        with self._database.read() as connection:
            return {row.key: row.name for row in connection.execute(query)}

    def setup_notes(self, clinic_keys: Collection[str]) -> Mapping[str, OnboardingNote]:
        """Return what was last said of each clinic's setting up."""
        last = (
            select(func.max(ONBOARDING.c.id))
            .where(among(ONBOARDING.c.clinic_key, clinic_keys), ONBOARDING.c.step.in_([step.value for step in STEPS]))
            .group_by(ONBOARDING.c.clinic_key)
        )
        with self._database.read() as connection:
            return {
                row.clinic_key: OnboardingNote(
                    step=Step(row.step), at=row.at, who=row.who, note=row.note, evidence=row.evidence
                )
                for row in connection.execute(select(ONBOARDING).where(ONBOARDING.c.id.in_(last)))
            }


def _places(ask: BoardAsk) -> Subquery:
    wanted = list(_wanted(ask))
    return union(*(query.where(*wanted) for query in _joined(ask))).subquery()


def _joined(ask: BoardAsk) -> Iterator[Select[Any]]:
    """Yield the places of clinics, each way an enrollment can be a clinic's, and those of nobody."""
    what = (ENROLLMENT.c.npi, ENROLLMENT.c.payer_id)
    for is_its in (_ITS_BILLER, _ITS_EMPLOYER):
        query = select(BILLING_IDENTITY.c.clinic_key, *what).join_from(ENROLLMENT, BILLING_IDENTITY, is_its)
        yield query.where(among(BILLING_IDENTITY.c.clinic_key, ask.clinic_keys))
    if ask.with_nobodys:
        yield select(literal("").label("clinic_key"), *what).where(_NOBODYS)


def _wanted(ask: BoardAsk) -> Iterator[ColumnElement[bool]]:
    if ask.payer_id:
        yield ENROLLMENT.c.payer_id == ask.payer_id
    if ask.states:
        # A blank cell means unknown.
        yield ENROLLMENT.c.state.in_([*ask.states, *([""] if State.UNKNOWN in ask.states else [])])
