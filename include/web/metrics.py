"""
Counts and ages for Prometheus: the overview's numbers, so that an alarm can be raised where a house's others are.

Whoever scrapes signs in as people do, and gets the clinics they may look at. Holds no patient data.
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from fastapi import APIRouter
from fastapi.responses import Response

from include.web.desk import AtDesk
from include.web.overview import Row, rows_of

router: Final = APIRouter()

_HELP: Final = {
    "courier_claims": "Claims by clinic and stage, each once.",
    "courier_claims_dollars": "What they charge.",
    "courier_oldest_seconds": "Since the claim of a stage that has rested longest was last heard of.",
    "courier_silent_claims": "Claims nobody has answered by their deadline.",
    "courier_needs_person_claims": "Claims that wait for a person.",
    "courier_last_run_seconds": "Since the newest live run sealed.",
}


@router.get("/metrics", include_in_schema=False)
def metrics(desk: AtDesk) -> Response:
    """Return the counts in Prometheus's text format."""
    rows, now = rows_of(desk), desk.ports.now()
    samples: dict[str, list[str]] = {name: [] for name in _HELP}
    for row in rows:
        for name, labels, value in _samples(row, now):
            samples[name].append(f"{name}{{{_labels(labels)}}} {value}")
    lines = [
        line
        for name, words in _HELP.items()
        for line in (f"# HELP {name} {words}", f"# TYPE {name} gauge", *samples[name])
    ]
    return Response("\n".join(lines) + "\n", media_type="text/plain; version=0.0.4; charset=utf-8")


def _samples(row: Row, now: datetime) -> Iterator[tuple[str, dict[str, str], str]]:
    glance, clinic = row.glance, {"clinic": row.key}
    for stage, hop in glance.stages.items():
        labels = clinic | {"stage": stage}
        yield "courier_claims", labels, str(hop.claims)
        yield "courier_claims_dollars", labels, f"{hop.dollars:.2f}"
        if since := glance.since.get(stage):
            yield "courier_oldest_seconds", labels, f"{(now - since).total_seconds():.0f}"
    yield "courier_silent_claims", clinic, str(glance.silent.claims)
    yield "courier_needs_person_claims", clinic, str(glance.needs_person.claims)
    if row.last:
        yield "courier_last_run_seconds", clinic, f"{(now - row.last.sealed_at).total_seconds():.0f}"


def _labels(labels: dict[str, str]) -> str:
    return ",".join(f'{name}="{_escaped(value)}"' for name, value in labels.items())


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
