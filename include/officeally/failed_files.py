"""
What cures a file that failed, by the words of its File Summary.

Office Ally publishes that a failed file made no claims and must be made anew (SUP-1, support article on failed files),
and none of its words for why. So the list is short and says how far each row is to be trusted; a person reads the rest,
and a row is added once its words were seen.
"""

import re
from enum import StrEnum
from typing import Final, NamedTuple

from include.x12.refusals import Cure


class Certainty(StrEnum):
    """How we know a failed file's words."""

    OBSERVED = "observed"  # in a report of Office Ally's
    DESCRIBED = "described"  # by a vendor, in its own words
    SANDBOX = "sandbox"  # our own clearinghouse says so


class FailedFile(NamedTuple):
    """Words of a failed file, and what cures it."""

    words: re.Pattern[str]
    cure: Cure
    certainty: Certainty


def _row(words: str, cure: Cure, certainty: Certainty) -> FailedFile:
    return FailedFile(re.compile(words, re.IGNORECASE), cure, certainty)


FAILED_FILES: Final = (
    _row(r"\bDUPLICATE\b|\bWAS USED BEFORE\b", Cure.LOOK, Certainty.SANDBOX),
    # A claim's date stood where the guide has none, and the whole file was refused.
    _row(r"\bUNKNOWN SEGMENT\b", Cure.CONTENT, Certainty.OBSERVED),
    # An account takes one format, and support switches it.
    _row(r"\bACCOUNT IS SET TO\b|\bNOT A PRINT IMAGE\b", Cure.SETTING, Certainty.DESCRIBED),
    _row(r"\bENDS BEFORE ITS IEA\b|\b(?:GE|IEA) DOES NOT AGREE WITH\b", Cure.AGAIN, Certainty.SANDBOX),
)
"""The first row that fits counts."""


def cure_of(words: str) -> Cure:
    """Return what cures a file that failed with these words; what no row knows is to be asked."""
    return next((row.cure for row in FAILED_FILES if row.words.search(words)), Cure.ASK)
