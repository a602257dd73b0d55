"""Items 14, 15, 16 and 18: which of a claim's dates stands where; two items take one date each of many kinds."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from include.claims.circumstances import DateKind
from include.claims.model import Claim
from include.hcfa import wording

ACCIDENT: Final = "439"
"""DTP01 and item 15: the day of the accident."""

ONSET: Final = (DateKind.ONSET, DateKind.LAST_MENSTRUAL_PERIOD)
OTHER: Final = (
    DateKind.INITIAL_TREATMENT,
    DateKind.LAST_SEEN,
    DateKind.ACUTE_MANIFESTATION,
    DateKind.LAST_XRAY,
    DateKind.PRESCRIPTION,
    DateKind.ASSUMED_CARE,
    DateKind.RELINQUISHED_CARE,
    DateKind.FIRST_CONTACT,
)
NOWHERE: Final = (DateKind.LAST_WORKED, DateKind.RETURN_TO_WORK, DateKind.REPRICER_RECEIVED)
"""Dates without an item."""

_ALONE: Final = {
    "unable_from": DateKind.DISABILITY_BEGINS,
    "unable_until": DateKind.DISABILITY_ENDS,
    "hospital_from": DateKind.ADMISSION,
    "hospital_until": DateKind.DISCHARGE,
}


def onset_dates(claim: Claim) -> list[tuple[str, date]]:
    """Return kind and day of what could stand in item 14; the first does."""
    return _of(claim, ONSET)


def other_dates(claim: Claim) -> list[tuple[str, date]]:
    """Return kind and day of what could stand in item 15; the first does, and an accident's day is the first."""
    on = None if claim.accident is None else claim.accident.on
    return ([] if on is None else [(ACCIDENT, on)]) + _of(claim, OTHER)


def has_two_leaves(claim: Claim) -> bool:
    """Tell whether item 16 is said twice: as a period, and by its begin or end; the period stands there."""
    kinds = {one.kind for one in claim.dates}
    return DateKind.DISABILITY in kinds and not kinds.isdisjoint({DateKind.DISABILITY_BEGINS, DateKind.DISABILITY_ENDS})


def dates(claim: Claim) -> dict[str, str]:
    """Return items 14, 15, 16 and 18."""
    found = {one.kind: one for one in claim.dates}
    page = {name: wording.day(found[kind].on) for name, kind in _ALONE.items() if kind in found}
    if DateKind.DISABILITY in found:
        period = found[DateKind.DISABILITY]
        page |= {"unable_from": wording.day(period.on), "unable_until": wording.day(period.until)}
    for kind, on in onset_dates(claim)[:1]:
        page |= {"onset_kind": kind, "onset_date": wording.day(on)}
    for kind, on in other_dates(claim)[:1]:
        page |= {"other_date_kind": kind, "other_date": wording.day(on)}
    return page


def _of(claim: Claim, kinds: Sequence[DateKind]) -> list[tuple[str, date]]:
    days = {one.kind: one.on for one in claim.dates}
    return [(str(kind), days[kind]) for kind in kinds if kind in days]
