"""
When a cron schedule was last due, and is next: what should have happened, and what will, without a scheduler.

Five numeric fields, as the clinic table takes them. Where day of month and day of week are both given, either will do.
In the table a field may say `H`: some number that stays the same for a clinic and differs between clinics.
"""

import re
from collections.abc import Iterable, Iterator
from datetime import date, datetime, time, timedelta
from functools import partial
from typing import Final
from zoneinfo import ZoneInfo

from include.claims.identifiers import own_number

_FARTHEST_DAYS: Final = 366 * 8
"""The twenty-ninth of February comes again after eight years at most."""


def spread(expression: str, key: str) -> str:
    """
    Return a schedule with every `H` replaced by the key's own number, so that a thousand clinics do not start at once.

    `H` is any number of its field, `H(0-29)` one of those, as in Jenkins. What is no such mark stays as it is.
    """
    fields = expression.split()
    if len(fields) != len(_BOUNDS):
        return expression
    return " ".join(_SPREAD.sub(partial(_own, place, key), field) for place, field in enumerate(fields))


_SPREAD: Final = re.compile(r"(?<!\w)H(?:\((\d+)-(\d+)\))?(?!\w)")


def _own(place: int, key: str, mark: re.Match[str]) -> str:
    low, high = _OWN[place]
    low, high = int(mark[1] or low), int(mark[2] or high)
    if low > high:
        return mark[0]
    # A number for each place: with one for both, all clinics of an hour would share a few of its minutes.
    return str(low + own_number(f"{place}:{key}") % (high - low + 1))


def last_due(expression: str, zone: ZoneInfo, before: datetime) -> datetime | None:
    """Return the last moment before another at which the schedule was due in its zone; None where it never is."""
    today = before.astimezone(zone).date()
    days = (today - timedelta(days=back) for back in range(_FARTHEST_DAYS))
    moments = _moments(expression, zone, days, latest_first=True)
    # By the moment, not by the wall: where clocks are set back an hour comes twice.
    return next((one for one in moments if one.timestamp() < before.timestamp()), None)


def next_due(expression: str, zone: ZoneInfo, after: datetime) -> datetime | None:
    """Return the first moment after another at which the schedule is due in its zone; None where it never is."""
    today = after.astimezone(zone).date()
    days = (today + timedelta(days=ahead) for ahead in range(_FARTHEST_DAYS))
    moments = _moments(expression, zone, days, latest_first=False)
    return next((one for one in moments if one.timestamp() > after.timestamp()), None)


def _moments(expression: str, zone: ZoneInfo, days: Iterable[date], *, latest_first: bool) -> Iterator[datetime]:
    """Yield when the schedule is due on these days."""
    minute, hour, day, month, weekday = (
        _values(field, low, high) for field, (low, high) in zip(expression.split(), _BOUNDS, strict=True)
    )
    times = sorted((time(at, past) for at in hour for past in minute), reverse=latest_first)
    days_given, weekdays_given = (field != "*" for field in (expression.split()[2], expression.split()[4]))
    for on in days:
        hits = on.day in day, on.isoweekday() % 7 in {one % 7 for one in weekday}
        if on.month in month and (any(hits) if days_given and weekdays_given else all(hits)):
            yield from (datetime.combine(on, at, zone) for at in times)


_BOUNDS: Final = ((0, 59), (0, 23), (1, 31), (1, 12), (0, 7))
_OWN: Final = ((0, 59), (0, 23), (1, 28), (1, 12), (0, 6))
"""What `H` may stand for: a day every month has, and each weekday once."""


def _values(field: str, low: int, high: int) -> set[int]:
    """Return the numbers a field stands for."""
    found: set[int] = set()
    for item in field.split(","):
        numbers, _, step = item.partition("/")
        first, _, last = (f"{low}-{high}" if numbers == "*" else numbers).partition("-")
        end = int(last) if last else high if step else int(first)
        found.update(range(int(first), end + 1, int(step or 1)))
    return found
