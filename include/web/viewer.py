"""
Who looks at the page, and what they may see and do.

The page has no users of its own: whoever serves it says who is there (`include.orchestration.console` asks Airflow).
What each kind of look or act needs is named here once, so that a page cannot forget to ask.
"""

from collections.abc import Collection
from enum import StrEnum
from typing import Protocol


class May(StrEnum):
    """What somebody may be allowed, from less to more."""

    LOOK = "look"  # counts, keys, codes, dollars: no patient
    PATIENTS = "see patients"  # claims as forms, files, what a payer wrote
    ACT = "act on claims"
    SET_UP = "set clinics up"  # the clinic table, enrollments, payers


class Viewer(Protocol):
    """Somebody who is signed in."""

    @property
    def name(self) -> str:
        """What they are called in the ledger."""

    def may(self, what: May, clinic_key: str = "") -> bool:
        """Tell whether they may do this for a clinic; blank: for the installation as a whole."""

    def clinics(self, keys: Collection[str]) -> set[str]:
        """Return those of some clinics they may look at."""
