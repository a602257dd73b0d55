"""How an STC, an amount and a day are read from a 277; a fault says where it stands, never what stood there."""

import re
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import Final

from include.claims.errors import BadFile
from include.x12.claim_status import Action, Status, StatusCode
from include.x12.interchange import Segment

_AMOUNT: Final = re.compile(r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,8})?|\.[0-9]{1,8})")
_ACTIONS: Final = {action.value: action for action in Action}


def status_of(segment: Segment) -> Status:
    """Return what one STC says."""
    elements = segment.elements
    count = len(elements)
    mark = segment.delimiters.component
    action = elements[3] if count > 3 else ""
    if action and action not in _ACTIONS:
        raise BadFile(f"segment {segment.number}: STC03 is none of {', '.join(_ACTIONS)}")
    return Status(
        codes=_codes(mark, segment.get(1)) if count <= 10 else _codes(mark, elements[1], *elements[10:12]),
        effective_on=day_in(segment, 2),
        action=_ACTIONS.get(action),
        amount=amount_in(segment, 4),
        payer_words=elements[12] if count > 12 else "",
    )


def amount_in(segment: Segment, position: int) -> Decimal | None:
    """Return an amount, or None where it was not sent."""
    text = segment.get(position)
    if not text:
        return None
    try:
        return _amount(text)
    except ValueError:
        raise BadFile(f"segment {segment.number}: {segment.id}{position:02d} is not an amount") from None


def day_in(segment: Segment, position: int) -> date | None:
    """Return a day CCYYMMDD, or None where it was not sent."""
    text = segment.get(position)
    if not text:
        return None
    try:
        return _day(text)
    except ValueError:
        raise BadFile(f"segment {segment.number}: {segment.id}{position:02d} is not a date CCYYMMDD") from None


def period_in(segment: Segment, position: int) -> tuple[date, date | None]:
    """Return the D8 day or the RD8 range whose qualifier stands at the position; None where it is one day."""
    text = segment.get(position + 1)
    try:
        if segment.get(position) == "D8":
            return _day(text), None
        first, mark, last = text.partition("-")
        if segment.get(position) == "RD8" and mark:
            return _day(first), _day(last)
    except ValueError:
        pass
    raise BadFile(f"segment {segment.number}: {segment.id}{position + 1:02d} is not a date CCYYMMDD") from None


# Remembered: an answer has few different codes, rates and days, and says each of them many thousand times.
@lru_cache(maxsize=4096)
def _codes(mark: str, *composites: str) -> tuple[StatusCode, ...]:
    parts = [(*composite.split(mark), "", "")[:3] for composite in composites if composite]
    return tuple(StatusCode(category=category, status=status, entity=entity) for category, status, entity in parts)


@lru_cache(maxsize=4096)
def _amount(text: str) -> Decimal:
    if _AMOUNT.fullmatch(text) is None:
        raise ValueError
    return Decimal(text)


@lru_cache(maxsize=4096)
def _day(text: str) -> date:
    if len(text) != 8 or not (text.isascii() and text.isdigit()):
        raise ValueError
    return date(int(text[:4]), int(text[4:6]), int(text[6:]))
