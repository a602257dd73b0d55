"""
What cures a refused interchange, group or set: which faults the same claims under new control numbers leave behind.

An allow-list. A fault of the wire or of the envelope is not in the claims, so they may go as they are; every other
fault repeats itself until somebody mends what it names. What the codes mean is X12's (lists I18, 716, 718, 720 and the
999's guide, 005010X231A1) and certain; what cures them is our inference from what our writer cannot get wrong: it
counts its own segments and takes its numbers from one place, so a wrong count was made on the way.
"""

from collections.abc import Iterable, Mapping
from enum import Enum
from typing import Final


class Cure(Enum):
    """What brings a refused file right, and what to do about it."""

    AGAIN = "Damaged on its way, or its numbers were not taken: the same claims under new numbers cure it"
    SETTING = "Compare the mailbox's row and the account's set-up at the clearinghouse with what its support says"
    CONTENT = "Correct at the source what is named; where the source is right, report it: the program wrote it wrong"
    LOOK = "Do not send again: an earlier copy arrived; look for its answer"
    ASK = "Ask the clearinghouse's support what it means, with the name of our file"

    @property
    def remedy(self) -> str:
        """What to do, in a sentence."""
        return self.value


ELEMENTS: Final = frozenset({"TA105", "AK901", "AK905", "IK501", "IK502", "IK304", "IK403"})
"""Where a code of a TA1 or 999 stands, as an answer keeps it before the code: `IK502 4`."""

_ENVELOPE: Final = frozenset({"ISA", "GS", "ST", "SE", "GE", "IEA"})


def _each(element: str, cures: Mapping[Cure | None, str]) -> dict[str, Cure | None]:
    return {f"{element} {code}": cure for cure, codes in cures.items() for code in codes.split()}


CURES: Final[Mapping[str, Cure | None]] = {
    **_each("TA105", {
        # Ends that differ, separators, number, date and time, counts, structure, an early end.
        Cure.AGAIN: "001 004 014 015 018 021 022 023 026 027",
        Cure.SETTING: "002 003 005 006 007 008 009 010 011 012 013 016 017 019 020",
        Cure.LOOK: "025",
        Cure.ASK: "024",
        None: "000",
    }),
    **_each("AK901", {None: "R", Cure.SETTING: "M W X"}),
    **_each("AK905", {Cure.AGAIN: "3 4 5 6", Cure.SETTING: "1 2"}),
    **_each("IK501", {None: "R", Cure.SETTING: "M W X"}),
    # 5 and I5 say that segments are wrong; which ones, IK3 says.
    **_each("IK502", {Cure.AGAIN: "2 3 4 7", Cure.SETTING: "1 6 18 19 I6", Cure.LOOK: "23", None: "5 I5"}),
}  # fmt: skip
"""By code as an answer keeps it; None says that the code alone names no fault. What is not here is nobody's guess."""


def cures_of(codes: Iterable[str]) -> list[Cure]:
    """Return what cures each fault that these codes of a TA1 or 999 name, each once."""
    return list(dict.fromkeys(cure for code in codes if (cure := _cure_of(code)) is not None))


def _cure_of(code: str) -> Cure | None:
    element, _, rest = code.partition(" ")
    if element == "IK304":  # `IK304 8 SV1`: the code and its segment
        return Cure.AGAIN if rest.partition(" ")[2] in _ENVELOPE else Cure.CONTENT
    if element == "IK403":
        return None  # the segment it stands in is named beside it
    return CURES.get(code, Cure.ASK)
