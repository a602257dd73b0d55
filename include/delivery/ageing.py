"""
House-keeping: the bytes of files that were sent or received so long ago that nobody has to keep them any more.

HIPAA wants its records for six years (45 CFR 164.316); the default is a year more. What a file said stays for ever:
claims, answers, money, events, the file's name, hash and size. A file that speaks of anything open stays whole, however
old it is.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import Final

from include.claims.environment import whole_number
from include.delivery.ports import AgeingLedger
from include.delivery.records import OldFile

KEEP: Final = "COURIER_KEEP_DAYS"
SEVEN_YEARS: Final = 2557
LEAST: Final = 365
"""Days; less is a slip of the pen, and what has gone comes back from a backup alone."""

CHUNK: Final = 20
"""Files let go in one short transaction: whoever delivers meanwhile must not wait for it."""

_LONGEST: Final = 36_500


@dataclass(frozen=True, slots=True, kw_only=True)
class Aged:
    """What a round let go."""

    files: int = 0
    is_all: bool = True  # nothing more may go now


def keep_days(environment: Mapping[str, str]) -> int:
    """Return how many days an installation keeps files; raise BadSetting where that is no such number."""
    return whole_number(environment, KEEP, "days", least=LEAST, most=_LONGEST) or SEVEN_YEARS


def let_go(
    ledger: AgeingLedger, days: int, who: str, now: datetime, *, has_time: Callable[[], bool] = lambda: True
) -> Aged:
    """Let go what is older than that many days; ended anywhere, the next round goes on."""
    before = now - timedelta(days=days)
    ledger.finish()
    files = 0
    for some in _chunks(ledger.may_go(before)):
        if not has_time():
            return Aged(files=files, is_all=False)
        files += ledger.let_go([one.sha256 for one in some], before, who, now)
    return Aged(files=files)


def _chunks(files: Iterable[OldFile]) -> Iterator[list[OldFile]]:
    iterator = iter(files)
    while some := list(islice(iterator, CHUNK)):
        yield some
