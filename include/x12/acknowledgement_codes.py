"""
What the codes of TA1 and 999 mean, in our own short words.

Code numbers as in the 999's guide 005010X231A1 and X12's element lists 715 to 723 and I18; a code that is not
here is shown by its number, never guessed at.
"""

from collections.abc import Mapping
from enum import StrEnum
from typing import Final


class SetVerdict(StrEnum):
    """IK501: what became of a set, and so of every claim in it (005010X231A1)."""

    ACCEPTED = "A"
    ACCEPTED_WITH_ERRORS = "E"
    REFUSED_AUTHENTICATION = "M"
    REFUSED = "R"
    REFUSED_VALIDITY = "W"
    REFUSED_DECRYPTION = "X"

    @property
    def is_accepted(self) -> bool:
        """Noted errors do not stop a set: its claims go on."""
        return self is SetVerdict.ACCEPTED or self is SetVerdict.ACCEPTED_WITH_ERRORS


class GroupVerdict(StrEnum):
    """AK901: what became of a functional group (005010X231A1)."""

    ACCEPTED = "A"
    ACCEPTED_WITH_ERRORS = "E"
    PARTIALLY_ACCEPTED = "P"
    REFUSED_AUTHENTICATION = "M"
    REFUSED = "R"
    REFUSED_VALIDITY = "W"
    REFUSED_DECRYPTION = "X"

    @property
    def is_refused(self) -> bool:
        """Nothing of the group goes on."""
        return self not in {
            GroupVerdict.ACCEPTED,
            GroupVerdict.ACCEPTED_WITH_ERRORS,
            GroupVerdict.PARTIALLY_ACCEPTED,
        }


class InterchangeVerdict(StrEnum):
    """TA104: what became of a whole interchange."""

    ACCEPTED = "A"
    ACCEPTED_WITH_ERRORS = "E"
    REFUSED = "R"


SEGMENT_FAULTS: Final[Mapping[str, str]] = {  # IK304
    "1": "no such segment",
    "2": "segment not expected here",
    "3": "required segment missing",
    "4": "loop repeated too often",
    "5": "segment repeated too often",
    "6": "segment not part of this set",
    "7": "segment out of order",
    "8": "an element is wrong",
    "I4": "segment the guide does not use",
    "I6": "segment that another one calls for is missing",
    "I7": "loop repeated too seldom",
    "I8": "segment repeated too seldom",
    "I9": "segment that does not apply here",
}

ELEMENT_FAULTS: Final[Mapping[str, str]] = {  # IK403
    "1": "required element missing",
    "2": "element that another one calls for is missing",
    "3": "too many elements",
    "4": "too short",
    "5": "too long",
    "6": "character not allowed",
    "7": "code not in the list",
    "8": "not a date",
    "9": "not a time",
    "10": "may not stand beside another element",
    "12": "repeated too often",
    "13": "too many components",
    "I6": "code the guide does not use",
    "I9": "element that another one calls for is missing",
    "I10": "element the guide does not use",
    "I11": "repeated too seldom",
    "I12": "does not have the required shape",
    "I13": "element that does not apply here",
}

SET_FAULTS: Final[Mapping[str, str]] = {  # IK502 to IK506
    "1": "this kind of set is not taken",
    "2": "the set's end (SE) is missing",
    "3": "numbers of the set's head and end differ",
    "4": "the set's segment count is wrong",
    "5": "one or more segments are wrong",
    "6": "the set's identifier is missing or wrong",
    "7": "the set's number is missing or wrong",
    "18": "the set does not belong in this group",
    "19": "the set's guide version is not taken",
    "23": "the set's number is used twice",
    "I5": "the guide's rules are broken",
    "I6": "the guide version of the set is wrong",
}

GROUP_FAULTS: Final[Mapping[str, str]] = {  # AK905 to AK909
    "1": "this kind of group is not taken",
    "2": "the group's version is not taken",
    "3": "the group's end (GE) is missing",
    "4": "numbers of the group's head and end differ",
    "5": "the group's count of sets is wrong",
    "6": "the group's number breaks the syntax",
}

INTERCHANGE_NOTES: Final[Mapping[str, str]] = {  # TA105
    "000": "no error",
    "001": "numbers of the interchange's head and end differ",
    "002": "the standard is not taken",
    "003": "the version of the controls is not taken",
    "004": "the segment terminator is wrong",
    "005": "the sender's qualifier is not taken",
    "006": "the sender's id is not known",
    "007": "the receiver's qualifier is not taken",
    "008": "the receiver's id is not taken",
    "009": "the receiver is not known",
    "010": "the authorization's qualifier is wrong",
    "011": "the authorization is wrong",
    "012": "the security's qualifier is wrong",
    "013": "the security information is wrong",
    "014": "the interchange's date is wrong",
    "015": "the interchange's time is wrong",
    "016": "the standard's identifier is wrong",
    "017": "the interchange's version is not taken",
    "018": "the interchange's number is wrong",
    "019": "the request for an acknowledgement is wrong",
    "020": "the test mark is wrong",
    "021": "the count of groups is wrong",
    "022": "the control structure is wrong",
    "023": "the file ends too early",
    "024": "the content is wrong",
    "025": "the interchange's number was used before",
    "026": "the element separator is wrong",
    "027": "the component separator is wrong",
}


def words_for(codes: Mapping[str, str], code: str) -> str:
    """Return what a code means, or that it is not known here."""
    return codes.get(code, f"code {code}" if code.isalnum() and len(code) <= 3 else "an unreadable code")
