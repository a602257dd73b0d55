"""
What the clearinghouse's own claim edits mean, and what cures each: by its code where that is known, else by its words.

Office Ally does not publish its codes. Those with a row were seen with their meaning; the report's own words stand
beside every code, and most name what is wrong, so a remedy is chosen by them. What no row knows is to be asked.
"""

import re
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple


class Edit(NamedTuple):
    """A reason why a claim was refused, in our words, and what to do about it."""

    words: str  # blank: the report's own say it
    remedy: str


_ENROLL: Final = "Enroll the provider with this payer for electronic claims, then send again"
_MEMBER: Final = "Check member id, name and birth date against the card and the payer's eligibility answer"
_ASK: Final = "Ask the clearinghouse's support what the code means, then correct the claim at the source"

EDITS: Final[Mapping[str, Edit]] = {  # observed
    "RC55": Edit("the payer has no enrollment of this provider for electronic claims", _ENROLL),
    "RC66": Edit("a service line points to no diagnosis", "Give every line its diagnosis at the source"),
    "RC77": Edit("the payer knows this provider by a number of its own, and the claim lacks it", _ENROLL),
}
"""By code."""

_BY_WORDS: Final = tuple(
    (re.compile(words, re.IGNORECASE), remedy)
    for words, remedy in (
        (r"\bDUPLICATE\b", "Do not send again: find the first claim's answer"),
        (r"\bENROLL", _ENROLL),
        (r"\bPAYER\b", "Correct the payer id at the source; it is the clearinghouse's own, from its payer list"),
        (r"\bADDRESS\b|\bZIP\b|\bCITY\b|\bSTREET\b", "Correct the address at the source"),
        (r"\bDIAGNOS|\bICD\b|\bPOINTER\b", "Correct the diagnosis at the source; it must be valid on the service date"),
        (
            r"\bNPI\b|\bTAXONOMY\b|\bTAX ID\b|\bPROVIDER\b",
            "Compare the provider's record with what the payer has on file",
        ),
        (r"\bMEMBER\b|\bINSURED\b|\bSUBSCRIBER\b|\bPATIENT\b|\bBIRTH\b|\bDOB\b", _MEMBER),
        (r"\bPROCEDURE\b|\bCPT\b|\bHCPCS\b|\bMODIFIER\b", "Check code and modifiers against the payer's billing guide"),
        (r"\bDATE\b|\bDOS\b", "Correct the dates at the source"),
        (r"\bCHARGE|\bAMOUNT\b|\bTOTAL\b|\bUNITS?\b", "Check that units, lines and total agree"),
    )
)
"""By the report's words; the first row that fits counts."""


def explained(codes: Iterable[str], errors: Mapping[str, str]) -> str:
    """Return why a claim was refused and what to do about it, each reason with its remedy, each once."""
    found = [_edit_of(code, errors.get(code, "")) for code in codes]
    return "; ".join(dict.fromkeys(f"{edit.words}. {edit.remedy}" for edit in found))


def _edit_of(code: str, words: str) -> Edit:
    known = EDITS.get(code)
    if known is not None:
        return known
    remedy = next((remedy for pattern, remedy in _BY_WORDS if pattern.search(words)), _ASK)
    return Edit(words or f"code {code}, which the report does not explain", remedy)
