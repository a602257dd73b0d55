"""
Counts and ages for Prometheus: the overview's numbers, so that an alarm can be raised where a house's others are.

Whoever scrapes signs in as people do, and gets the clinics they may look at. Holds no patient data.
"""

from collections.abc import Collection, Iterator, Mapping
from datetime import datetime
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from include.delivery.figures import filing_risk
from include.delivery.silence import Watch, missed
from include.delivery.standstill import standstills
from include.web.desk import AtDesk, Desk
from include.web.overview import Row, rows_of

router: Final = APIRouter()

Sample = tuple[str, dict[str, str], str]

_HELP: Final = {
    "courier_claims": "Claims by clinic and stage, each once.",
    "courier_claims_dollars": "What they charge.",
    "courier_oldest_seconds": "Since the claim of a stage that has rested longest was last heard of.",
    "courier_silent_claims": "Claims nobody has answered by their deadline.",
    "courier_needs_person_claims": "Claims that wait for a person.",
    "courier_contradicted_claims": "Claims of which answers say two things that cannot both be true.",
    "courier_last_run_seconds": "Since the newest live run sealed.",
    "courier_last_visit_seconds": "Since the clinic's mailbox was last visited; nothing before its first file.",
    "courier_late_seconds": "Since a live clinic's run or visit was due that has not come two hours later; 0: none.",
    "courier_login_refused": "1 while the clinic's login is refused: nothing is sent or fetched.",
    "courier_filing_claims": "Claims of all clinics without proof at the payer, by what is left of the filing limit.",
}


@router.get("/metrics", include_in_schema=False)
def metrics(desk: AtDesk) -> Response:
    """Return the counts in Prometheus's text format."""
    samples: dict[str, list[str]] = {name: [] for name in _HELP}
    for name, labels, value in _samples(desk):
        samples[name].append(f"{name}{{{_labels(labels)}}} {value}")
    lines = [
        line
        for name, words in _HELP.items()
        for line in (f"# HELP {name} {words}", f"# TYPE {name} gauge", *samples[name])
    ]
    return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")


def _samples(desk: Desk) -> Iterator[Sample]:
    ledger, now = desk.ports.ledger, desk.ports.now()
    _, visits = desk.memory.drawn("visits", now, ledger.silence.visits)
    refused = {key for one in standstills(ledger) for key in one.clinics}
    for row in rows_of(desk):
        yield from _counts(row, now)
        yield from _punctuality(row, visits, now)
        yield "courier_login_refused", {"clinic": row.key}, str(int(row.key in refused))
    yield from _filing(desk, now)


def _counts(row: Row, now: datetime) -> Iterator[Sample]:
    glance, clinic = row.glance, {"clinic": row.key}
    for stage, hop in glance.stages.items():
        labels = clinic | {"stage": stage}
        yield "courier_claims", labels, str(hop.claims)
        yield "courier_claims_dollars", labels, f"{hop.dollars:.2f}"
        if since := glance.since.get(stage):
            yield "courier_oldest_seconds", labels, _seconds(since, now)
    yield "courier_silent_claims", clinic, str(glance.silent.claims)
    yield "courier_needs_person_claims", clinic, str(glance.needs_person.claims)
    yield "courier_contradicted_claims", clinic, str(glance.contradicted.claims)


def _punctuality(row: Row, visits: Mapping[str, datetime | None], now: datetime) -> Iterator[Sample]:
    """Yield since when a clinic's runs and visits were, and since when one is missing; only of a row that is read."""
    run, labels = row.last.sealed_at if row.last else None, {"clinic": row.key}
    if run:
        yield "courier_last_run_seconds", labels, _seconds(run, now)
    if row.clinic is None:
        return
    mailbox = row.clinic.mailbox_key
    visit = visits.get(mailbox)
    if visit:
        yield "courier_last_visit_seconds", labels, _seconds(visit, now)
    late = {Watch.RUN: missed(row.clinic.delivery_cron, row.clinic, run, now)}
    if mailbox in visits:
        late[Watch.VISIT] = missed(row.clinic.response_cron, row.clinic, visit, now)
    for what, due in late.items():
        yield "courier_late_seconds", labels | {"what": what}, _seconds(due, now) if due else "0"


def _filing(desk: Desk, now: datetime) -> Iterator[Sample]:
    clinics: Collection[str] = frozenset(desk.clinics)

    def count() -> dict[str, int]:
        risks = filing_risk(desk.ports.ledger.console.owed(clinics), desk.ports.rule_book().payers, now.date())
        return {
            "over": sum(one.over.claims for one in risks),
            "week": sum(one.week.claims for one in risks),
            "month": sum(one.month.claims for one in risks),
        }

    _, counted = desk.memory.drawn(("filing", clinics), now, count)
    for left, number in counted.items():
        yield "courier_filing_claims", {"left": left}, str(number)


def _seconds(since: datetime, now: datetime) -> str:
    # The database's clock may be a moment ahead of ours.
    return f"{max(0.0, (now - since).total_seconds()):.0f}"


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
