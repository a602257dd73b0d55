"""
The shapes a claim's values must have, and how a fault in them is said without repeating the value.

Sources: the guide 005010X222A1 for lengths and characters; the rules that use a shape cite theirs.
"""

import re
from collections.abc import Collection, Sequence
from datetime import date
from decimal import Decimal

from include.claims.circumstances import Attachment
from include.claims.code_lists import STATES
from include.claims.parties import Address, OtherId, PersonName
from include.claims.plain_text import fold, is_sendable

POSTAL_BOX = re.compile(r"\b(?:P\.? ?O\.? ?(?:BOX|DRAWER)|POST(?:AL)? ?(?:OFFICE )?BOX|(?:LOCK|CALLER) ?BOX|PMB)\b")
NINE_DIGITS = re.compile(r"[0-9]{9}")
TEN_DIGITS = re.compile(r"[2-9][0-9]{9}")
FIVE_OR_NINE_DIGITS = re.compile(r"[0-9]{5}(?:[0-9]{4})?")
TAXONOMY = re.compile(r"[0-9A-Z]{9}X")
PROCEDURE = re.compile(r"(?=.*[0-9])[0-9A-Z]{5}")
MODIFIER = re.compile(r"[0-9A-Z]{2}")
DIAGNOSIS = re.compile(r"[A-Z][0-9][0-9A-Z]{1,5}")
_LETTER_OR_DIGIT = re.compile(r"[0-9A-Za-z]")

CONDITION = re.compile(r"[0-9A-Z]{2,3}")
ELEVEN_DIGITS = re.compile(r"[0-9]{11}")
EARLIEST = date(1880, 1, 1)
"""No day of a claim lies before it."""
CENT = Decimal("0.01")
THOUSANDTH = Decimal("0.001")
MOST_MONEY = Decimal("99999999.99")
MOST_LINES = 50
MOST_DIAGNOSES = 12
MOST_FOUR = 4
MOST_ATTACHMENTS = 10
MOST_CONDITIONS = 24
MOST_OTHER_PAYERS = 10
LONGEST_TEXT = 80
LONGEST_NUMBER = 50


def at_lines(positions: Sequence[int], what: str) -> str:
    """Return `lines 2, 5: what`, or nothing where there are none."""
    if not positions:
        return ""
    listed = ", ".join(str(position) for position in positions)
    return f"line{'s' if ',' in listed else ''} {listed}: {what}"


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
        if is_longer(text, longest):
            faults.append(f"the {part} name is longer than {longest} characters")
    return "; ".join(faults)


def is_longer(text: str, most: int) -> bool:
    """Tell whether a text has more letters than there is room for, as it will be written: ß takes two."""
    return len(text) > most or (not text.isascii() and len(fold(text)) > most)


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
    if address.state not in STATES:
        faults.append("the state is not the two capital letters of a state")
    if postal_code.fullmatch(address.postal_code) is None:
        faults.append(f"the ZIP code is not {digits}, without hyphen")
    if is_longer(address.street, 55) or is_longer(address.street2, 55) or is_longer(address.city, 30):
        faults.append("street or city is longer than 55 or 30 characters")
    return "; ".join(faults)


def ids_fault(ids: Sequence[OtherId], kinds: Collection[str]) -> str:
    """Return what is wrong with the numbers somebody has beside the NPI, each kind given once at most."""
    if not ids:
        return ""
    if not {one.kind for one in ids} <= set(kinds) or len({one.kind for one in ids}) < len(ids):
        return f"the qualifier of a number is none of {', '.join(sorted(kinds))}, or stands twice"
    if not all(one.value and is_sendable(one.value) and len(one.value) <= LONGEST_NUMBER for one in ids):
        return "a number is missing, holds a character that cannot be sent or is longer than 50"
    return ""


def text_fault(text: str) -> str:
    """Return what is wrong with a few words to the payer."""
    if not survives(text):
        return "says nothing that can be sent"
    return "is longer than 80 characters" if is_longer(text, LONGEST_TEXT) else ""


def attachment_faults(
    place: str, papers: Sequence[Attachment], reports: Collection[str], transmissions: Collection[str]
) -> list[str]:
    """Return what is wrong with papers that belong to a claim or a line."""
    faults = []
    for number, paper in enumerate(papers, start=1):
        if paper.report not in reports or paper.transmission not in transmissions:
            faults.append(f"{place}attachment {number}: the report or the transmission is no code of PWK")
        if paper.transmission != "AA" and not paper.control_number:
            faults.append(f"{place}attachment {number}: comes apart from the claim and has no number to find it by")
        found = paper.control_number
        if found and not (is_sendable(found) and 2 <= len(found) <= LONGEST_NUMBER):
            faults.append(f"{place}attachment {number}: its number cannot be sent, or is not 2 to 50 long")
    return faults


def is_quantity(units: Decimal) -> bool:
    """Tell whether so many units can be sent: zero or more, below 100,000, thousandths at most."""
    return units.is_finite() and 0 <= units < 100_000 and units == units.quantize(THOUSANDTH)


def is_money(amount: Decimal) -> bool:
    """Tell whether an amount is dollars and cents, zero or more."""
    return amount.is_finite() and 0 <= amount <= MOST_MONEY and amount == amount.quantize(CENT)
