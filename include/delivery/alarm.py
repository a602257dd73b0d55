"""
What of a silence people are told today: what is new, what is worse, and what was told days ago, is still so, and
nobody has acknowledged.

One message a run, whatever there is, so that nobody learns to look away; the page in the run's log has all of it.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from include.delivery.records import Told
from include.delivery.silence import SHOWN, Silence, line_of

AGAIN: Final = timedelta(days=3) - timedelta(hours=1)
"""After which a thing is told again; an hour less, since no run comes on the second."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """One message, and what to remember of it. Holds no patient data."""

    subject: str
    text: str
    told: Mapping[str, int]  # what it tells, by key, with its level; nothing: no message
    gone: frozenset[str]  # told before, and over


@dataclass(frozen=True, slots=True)
class _Item:
    key: str
    level: int  # per cent
    line: str


def alarm_of(found: Silence, told: Mapping[str, Told]) -> Alarm:
    """Return what is to be told of a silence, given what has been told."""
    items = list(_items(found))
    why = {item.key: reason for item in items if (reason := _why(item, told.get(item.key), found))}
    lines = [f"{why[item.key]}: {item.line}" for item in items if item.key in why]
    counts = {reason: sum(one == reason for one in why.values()) for reason in ("new", "worse", "again")}
    more = [f"and {len(lines) - SHOWN} more"] if len(lines) > SHOWN else []
    ending = "All of it: the log of chase_silent_claims in Airflow, or ./courier silent"
    return Alarm(
        subject="Claim Courier, silence: " + ", ".join(f"{count} {reason}" for reason, count in counts.items()),
        text="\n".join([*lines[:SHOWN], *more, "", ending]) + "\n",
        told={item.key: item.level for item in items if item.key in why},
        gone=frozenset(told.keys() - {item.key for item in items}),
    )


def _items(found: Silence) -> Iterator[_Item]:
    for quiet in found.watch:
        line = f"{quiet.severity.upper()}  {quiet.who}: {quiet.sentence}; {quiet.remedy}"
        yield _Item(f"{quiet.what}:{quiet.who}", 100, line)
    for one in found.claims:
        yield _Item(f"{one.clock}:{one.claim.control_number}", one.threshold, line_of(one, found.at).strip())


def _why(item: _Item, before: Told | None, found: Silence) -> str:
    if before is None:
        return "new"
    if item.level > before.level:
        return "worse"
    if before.acknowledged_by:
        return ""
    return "again" if found.at - before.at >= AGAIN else ""
