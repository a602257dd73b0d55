"""The overview: one row a clinic, and what needs a person first."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any, Final
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from fastapi.responses import Response

from include.delivery.clinic_table import Clinic, Mode
from include.delivery.cron import next_due
from include.delivery.figures import (
    WEEKS,
    FilingRisk,
    LastRun,
    Night,
    Verdicts,
    Week,
    aging,
    by_clinic,
    by_payer,
    filing_risk,
)
from include.delivery.file_hops import Hop
from include.delivery.standing import STAGES, Glance, all_together
from include.web.counted import clinic_of, glances_of
from include.web.csv_export import as_csv
from include.web.desk import AtDesk, Desk
from include.web.memory import KEPT_FOR
from include.web.pages import page
from include.web.pictures import HEIGHT, PLOT_HEIGHT, PLOT_WIDTH, WIDTH, days_trend, flow, rejection_trend

router: Final = APIRouter()

SHOWN: Final = 15
"""Payers and clinics a table of rates shows; the rest is counted below it."""

_NIGHT: Final = timedelta(hours=24)
"""The files of a night: those sealed so long before the newest one."""

QUEUE_OF: Final = {
    "held": "held",
    "ready": "ready",
    "in doubt": "doubt",
    "failed": "refused",
    "rejected": "rejected",
    "denied": "denied",
    "silent": "silent",
}
"""The work queue in which the claims of a stage are listed, where there is one."""

_QUEUES: Final = {
    "rejected": "Rejected, to be corrected",
    "denied": "Denied by the payer",
    "held": "Held, not sent",
    "doubt": "In doubt: did the file arrive?",
    "refused": "Refused as a file or set",
    "silent": "Silent past the deadline",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One clinic on the overview."""

    key: str
    name: str
    clinic: Clinic | None  # None: its row cannot be read
    glance: Glance
    last: LastRun | None
    next_at: datetime | None

    @property
    def mode(self) -> str:
        """What its deliveries are allowed to do."""
        return self.clinic.mode if self.clinic else "its row cannot be read"

    def cells(self, shown: Sequence[str]) -> Iterator[tuple[str, str, Hop]]:
        """Yield what is counted of it: the stages shown, and who is silent, each with its queue."""
        for name in shown:
            yield name, QUEUE_OF.get(name, ""), self.glance.stages[name]
        yield "silent", QUEUE_OF["silent"], self.glance.silent


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """One kind of thing that waits for a person."""

    queue: str
    words: str
    hop: Hop


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What is drawn for some minutes at a time."""

    weeks: list[Week]
    ages: Mapping[str, Hop]
    filing: list[FilingRisk]
    payers: list[Verdicts]
    clinics: list[Verdicts]


@router.get("/", include_in_schema=False)
def overview(request: Request, desk: AtDesk) -> Response:
    """Show where every clinic's claims stand, and what needs a person."""
    rows = rows_of(desk)
    total = all_together(row.glance for row in rows)
    drawn_at, figures = _figures(desk)
    return page(
        request,
        "overview.html",
        rows=rows,
        total=total,
        shown=[name for name in STAGES if total.stages[name].claims],
        attention=_attention(total),
        flow=flow(total.stages),
        size=(WIDTH, HEIGHT, PLOT_WIDTH, PLOT_HEIGHT),
        trends=(days_trend(figures.weeks), rejection_trend(figures.weeks)),
        figures=figures,
        drawn_at=drawn_at,
        kept_minutes=int(KEPT_FOR / timedelta(minutes=1)),
        night=_night(desk, rows),
        most=SHOWN,
        week_count=WEEKS,
    )


@router.get("/overview.csv", include_in_schema=False)
def as_file(desk: AtDesk) -> Response:
    """Return the overview's table: a row a clinic, claims and dollars of every stage."""
    counted = [*STAGES, "silent", "needs_person"]
    names = [column for name in counted for column in (f"{name}_claims", f"{name}_dollars")]
    head = ["clinic", "name", "mode", "last_run", "last_files", "next_run", *names]
    return as_csv("overview", [name.replace(" ", "_") for name in head], (list(_cells(row)) for row in rows_of(desk)))


def _cells(row: Row) -> Iterator[Any]:
    yield from (row.key, row.name, row.mode)
    yield row.last.sealed_at.isoformat() if row.last else ""
    yield row.last.files if row.last else ""
    yield row.next_at.isoformat() if row.next_at else ""
    for hop in (*row.glance.stages.values(), row.glance.silent, row.glance.needs_person):
        yield from (hop.claims, f"{hop.dollars:.2f}")


def rows_of(desk: Desk) -> list[Row]:
    """Return the clinics somebody may look at, those first that have most money waiting for a person."""
    own = {str(row["key"]): row for row in desk.clinic_rows if row["key"] in desk.clinics}
    clinics = {key: clinic_of(row) for key, row in own.items()}
    glances = glances_of(desk, own)
    last = desk.ports.ledger.console.last_runs(own)
    # Most clinics have one of a few schedules.
    next_at, now = cache(next_run), desk.ports.now()
    found = [
        Row(
            key=key,
            name=str(row["name"]),
            clinic=clinic,
            glance=glances[key],
            last=last.get(key),
            next_at=next_at(clinic.delivery_cron, clinic.timezone, now) if clinic and is_delivering(clinic) else None,
        )
        for (key, row), clinic in zip(own.items(), clinics.values(), strict=True)
    ]
    return sorted(found, key=lambda row: (-row.glance.needs_person.dollars, row.key))


def is_delivering(clinic: Clinic) -> bool:
    """Tell whether a clinic's claims go out by its schedule."""
    return clinic.mode is Mode.LIVE


def next_run(cron: str, timezone: str, now: datetime) -> datetime | None:
    """Return when a delivery is due next, in the clinic's own zone; None where none is."""
    return next_due(cron, ZoneInfo(timezone), now)


def _attention(total: Glance) -> list[Attention]:
    """Return what waits for a person, by kind, most money first."""
    hops = {
        **total.stages,
        "doubt": total.stages["in doubt"],
        "refused": total.stages["failed"],
        "silent": total.silent,
    }
    found = [Attention(queue=queue, words=words, hop=hops[queue]) for queue, words in _QUEUES.items()]
    return sorted((one for one in found if one.hop.claims), key=lambda one: -one.hop.dollars)


def _figures(desk: Desk) -> tuple[datetime, Figures]:
    ports, clinics = desk.ports, frozenset(desk.clinics)
    now, ledger = ports.now(), ports.ledger.console

    def draw() -> Figures:
        owed, verdicts = ledger.owed(clinics), ledger.verdicts(clinics)
        return Figures(
            weeks=ledger.weeks(clinics, now),
            ages=aging(owed, now.date()),
            filing=filing_risk(owed, ports.rule_book().payers, now.date()),
            payers=by_payer(verdicts),
            clinics=by_clinic(verdicts),
        )

    return desk.memory.drawn(clinics, now, draw)


def _night(desk: Desk, rows: list[Row]) -> Night | None:
    """Return the last night's files, and where their claims are by now; None where none has been sealed."""
    newest = max((row.last.sealed_at for row in rows if row.last), default=None)
    return None if newest is None else desk.ports.ledger.console.night(desk.clinics, newest - _NIGHT)
