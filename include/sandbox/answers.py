"""
Which answers an account gets beyond the 999 and the File Summary: asked for one by one, as at a clearinghouse.

None unless asked for.
"""

from enum import StrEnum
from typing import Final

from include.claims.errors import BadSetting


class Answer(StrEnum):
    """A kind of answer."""

    TA1 = "ta1"  # a refused interchange is answered by a TA1 alone, and a repeated ISA13 is refused
    CLAIM_ACKNOWLEDGEMENT = "277ca"  # the clearinghouse's own, and the payers'
    EDI_STATUS = "edi-status"  # the payers' first answers as text
    REMITTANCE = "era"  # 835 and print report in a zip


EVERY_ANSWER: Final = frozenset(Answer)


def read_answers(words: str) -> frozenset[Answer]:
    """Return the kinds a list like `277ca,era` names, or all of them; raise BadSetting at an unknown one."""
    if words == "all":
        return EVERY_ANSWER
    try:
        return frozenset(Answer(word.strip()) for word in words.split(",") if word.strip())
    except ValueError as error:
        raise BadSetting(f"sandbox answers: all, or some of {', '.join(Answer)}") from error
