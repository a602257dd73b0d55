"""
Whether a failed file or a refused set goes again by itself: one table of what stops it, no database.

The first row that holds is the answer; where none holds it goes, once, under new control numbers. A word on a claim
that was refused before it was read is worth little until nothing else has been heard for a while; a claim sent twice
is worth less than nothing. So every row is a reason to leave it to a person, or to wait.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from include.claims.states import Usage
from include.delivery.records import Refusal, Refused
from include.officeally.failed_files import cure_of
from include.x12.refusals import ELEMENTS, Cure, cures_of

_SHOWN: Final = 5
"""Sets named in one sentence; a fault of the program is in all of a file."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """When it is asked, and what the ledger cannot know."""

    now: datetime
    quiet: timedelta
    is_rendered_otherwise: bool = False  # renderer, profile or settings would give other bytes by now


@dataclass(frozen=True, slots=True, kw_only=True)
class Stop:
    """One reason why it does not go."""

    name: str
    holds: Callable[[Refused, Asked], bool]
    words: str
    remedy: str
    yields: bool = False  # to a person who says that it must go


def faults_of(one: Refused) -> list[Cure]:
    """Return what cures each fault that its refusals name, each once."""
    return list(dict.fromkeys(cure for said in one.refusals for cure in _faults_in(said)))


def _faults_in(said: Refusal) -> list[Cure]:
    if all(code.partition(" ")[0] in ELEMENTS for code in said.codes):
        return cures_of(said.codes)
    return [cure_of(said.words)]  # a File Summary's codes are not published, its words are for people


def _has_a_fault_that_stays(one: Refused, asked: Asked) -> bool:
    is_another = one.has_new_content or asked.is_rendered_otherwise
    return not is_another and faults_of(one) != [Cure.AGAIN]


STOPS: Final = (
    Stop(
        name="test",
        holds=lambda one, _: one.usage is Usage.TEST,
        words="a test file never goes again",
        remedy="make another test file by hand",
    ),
    Stop(
        name="cancelled",
        holds=lambda one, _: one.is_cancelled,
        words="the source has taken it back",
        remedy="nothing to do: no claim was made of it",
    ),
    Stop(
        name="alive",
        holds=lambda one, _: bool(one.signs_of_life),
        words="something else was heard of it, so it may live at the clearinghouse",
        remedy="read its answers, and ask the clearinghouse's support which is true",
    ),
    Stop(
        name="contradicted",
        holds=lambda one, _: one.is_contradicted,
        words="its answers contradict each other",
        remedy="read them, and ask the clearinghouse's support which is true",
    ),
    Stop(
        name="another submission",
        holds=lambda one, _: one.may_live,
        words="another submission of the claim may be alive",
        remedy="wait for its answer",
    ),
    Stop(
        name="duplicate",
        holds=lambda one, _: Cure.LOOK in faults_of(one),
        words="the refusal says that an earlier copy arrived",
        remedy=Cure.LOOK.remedy,
    ),
    Stop(
        name="restored",
        holds=lambda one, _: not one.is_of_this_epoch,
        words="the ledger was restored since, and may have forgotten that it went again",
        remedy="look for it at the clearinghouse",
        yields=True,
    ),
    Stop(
        name="second time",
        holds=lambda one, _: one.failed_before,
        words="it was refused for the second time",
        remedy="find out why with the clearinghouse's support; the cure of the first time was none",
        yields=True,
    ),
    Stop(
        name="unread",
        holds=lambda one, _: bool(one.unread),
        words="an answer that came since could not be read, and may speak of it",
        remedy="read it (./courier report names it)",
        yields=True,
    ),
    Stop(
        name="fault",
        holds=_has_a_fault_that_stays,
        words="its fault would come again: it is not one of the wire or the envelope, and nothing has changed since",
        remedy="mend what the refusal names; once claim, settings, profile or program are changed it goes by itself",
        yields=True,
    ),
    Stop(
        name="quiet",
        holds=lambda one, asked: asked.now < one.heard_at + asked.quiet,
        words="something may still be heard of it",
        remedy="it goes by itself once nothing has been heard for long enough",
    ),
)  # fmt: skip


def stop_of(one: Refused, asked: Asked, *, by_person: bool = False) -> Stop | None:
    """Return why a refused file or set does not go again now; None: it goes."""
    return next((stop for stop in STOPS if not (by_person and stop.yields) and stop.holds(one, asked)), None)


def told(refused: Iterable[Refused], asked: Asked) -> list[str]:
    """Say what is wrong with each file or set and what becomes of it, as a biller reads it; sets alike at once."""
    alike: dict[tuple[str, str, str], list[Refused]] = defaultdict(list)
    for one in refused:
        why = "; ".join(f"{', '.join(said.codes)}: {said.words}".removeprefix(": ") for said in one.refusals)
        alike[one.file_name, why, _fate(one, asked)].append(one)
    return [f"{_place(name, some)}. {why}. {fate}" for (name, why, fate), some in alike.items()]


def _place(file_name: str, some: Sequence[Refused]) -> str:
    claims = sum(len(one.control_numbers) for one in some)
    numbers = sorted({one.set_number for one in some} - {""})
    more = f" and {len(numbers) - _SHOWN} more" if len(numbers) > _SHOWN else ""
    sets = f"set {', '.join(numbers[:_SHOWN])}{more} of " if numbers else ""
    return f"{sets}file {file_name} was refused, {claims} {'claims' if claims > 1 else 'claim'}"


def _fate(one: Refused, asked: Asked) -> str:
    stop = stop_of(one, asked)
    if stop is None:
        return "It goes again by itself with the clinic's next run, under new control numbers."
    if stop.name == "quiet":
        return f"It goes again by itself after {one.heard_at + asked.quiet:%Y-%m-%d %H:%M} UTC, if no more is heard."
    return f"It waits for a person: {stop.words}. To do: {stop.remedy}."
