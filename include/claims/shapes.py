"""
The shapes a claim's values must have, and how a fault in them is said without repeating the value.

Sources: the guide 005010X222A1 for lengths and characters; the rules that use a shape cite theirs.
"""

import re
from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from include.claims.parties import Address, PersonName
from include.claims.plain_text import fold

POSTAL_BOX = re.compile(r"\b(?:P\.? ?O\.? ?(?:BOX|DRAWER)|POST(?:AL)? ?(?:OFFICE )?BOX|(?:LOCK|CALLER) ?BOX|PMB)\b")
NINE_DIGITS = re.compile(r"[0-9]{9}")
TEN_DIGITS = re.compile(r"[2-9][0-9]{9}")
FIVE_OR_NINE_DIGITS = re.compile(r"[0-9]{5}(?:[0-9]{4})?")
STATE = re.compile(r"[A-Z]{2}")
TAXONOMY = re.compile(r"[0-9A-Z]{9}X")
PROCEDURE = re.compile(r"(?=.*[0-9])[0-9A-Z]{5}")
MODIFIER = re.compile(r"[0-9A-Z]{2}")
DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
TWO_DIGITS = re.compile(r"[0-9]{2}")
_LETTER_OR_DIGIT = re.compile(r"[0-9A-Za-z]")

FILING_INDICATORS: Final = frozenset(
    "11 12 13 14 15 16 17 AM BL CH CI DS FI HM LM MA MB MC OF TV VA WC ZZ".split()  # noqa: SIM905 - a code list
)
CENT = Decimal("0.01")
MOST_MONEY = Decimal("99999999.99")
MOST_LINES = 50
MOST_DIAGNOSES = 12
MOST_FOUR = 4


def at_lines(positions: Iterable[int], what: str) -> str:
    """Return `lines 2, 5: what`, or nothing where there are none."""
    listed = ", ".join(str(position) for position in positions)
    return f"line{'s' if ',' in listed else ''} {listed}: {what}" if listed else ""


def name_fault(name: PersonName) -> str:
    """Return what is wrong with a person's name."""
    faults = []
    if not survives(name.last):
        faults.append("the last name is missing, or has no letter that can be sent")
    if not survives(name.first):
        faults.append("the first name is missing, or has no letter that can be sent")
    for part, text, longest in (
        ("last", name.last, 60),
        ("first", name.first, 35),
        ("middle", name.middle, 25),
        ("suffix", name.suffix, 10),
    ):
        if len(text) > longest or (not text.isascii() and len(fold(text)) > longest):
            faults.append(f"the {part} name is longer than {longest} characters")
    return "; ".join(faults)


def survives(text: str) -> bool:
    """Tell whether a name still holds a letter or digit once it is made plain."""
    return _LETTER_OR_DIGIT.search(text if text.isascii() else fold(text)) is not None


def address_fault(address: Address | None, postal_code: re.Pattern[str], digits: str) -> str:
    """Return what is wrong with an address whose ZIP code must match, as said in words by `digits`."""
    if address is None:
        return "the address is missing"
    faults = []
    if not survives(address.street):
        faults.append("the street is missing")
    if not survives(address.city) or len(address.city) < 2:
        faults.append("the city is missing")
    if STATE.fullmatch(address.state) is None:
        faults.append("the state is not two capital letters")
    if postal_code.fullmatch(address.postal_code) is None:
        faults.append(f"the ZIP code is not {digits}, without hyphen")
    if max(len(address.street), len(address.street2)) > 55 or len(address.city) > 30:
        faults.append("street or city is longer than 55 or 30 characters")
    return "; ".join(faults)
