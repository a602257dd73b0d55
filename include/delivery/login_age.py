"""
Since when a mailbox's login is what it is: a mark of it is kept wherever it was entered or seen, and no secret.

Airflow tells nobody when a password was changed, and some accounts want a new one every few months.
"""

from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from include.claims.environment import whole_number
from include.delivery.records import OnboardingNote, Step

DAYS: Final = "COURIER_PASSWORD_DAYS"


def mark_of(credential: str) -> str:
    """Return the beginning of a login's fingerprint: enough to see a change, too little to try passwords against."""
    return credential[:8]


def login_since(notes: Iterable[OnboardingNote], mark: str = "") -> datetime | None:
    """Return since when the newest login is known; None where none was told, or where it is not the one of `mark`."""
    since, newest = None, ""
    for note in notes:
        if note.step not in {Step.CREDENTIALS, Step.CONNECTION} or not note.evidence:
            continue
        told = note.evidence.rsplit(" ", 1)[-1]
        if told != newest:
            since, newest = note.at, told
    return since if mark in {"", newest} else None


def longest_life(environment: Mapping[str, str]) -> timedelta | None:
    """Return after how many days a password is to be changed; None where the installation asks for no reminder."""
    days = whole_number(environment, DAYS, "days", least=1, most=3650)
    return None if days is None else timedelta(days=days)
