"""
Who looked at which patient's data, and what they took away: a breach is answered from here, so nothing is left out.

A look is kept before anything is shown. What names no patient needs none.
"""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class Saw(StrEnum):
    """What was shown or taken away."""

    CLAIM = "the claim"
    FORM = "the form, as PDF"
    PROOF = "the proof of timely filing"
    SENT_FILE = "the file as it was sent"
    ANSWER = "a file that came back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """One look: at a claim, or at a file with many of them."""

    at: datetime
    who: str
    what: Saw
    claim_id: int | None = None
    batch_id: int | None = None
    response_id: int | None = None
