"""
Free text as an 837P may carry it.

X12 has no escape: a separator inside a name silently moves what follows to the next element. Names and addresses
are therefore made plain here; identifiers are never altered, the rules refuse what they may not hold.
"""

import re
from collections.abc import Collection

from include.claims.plain_text import fold

ALLOWED_MARKS = "!\"&'()+,-./;?=#"
"""X12's basic set without the separators `* : ~ ^`, and the number sign, which addresses use."""

_MARK = rf"[A-Z0-9{re.escape(ALLOWED_MARKS)}]"
_WORDS = rf"(?:{_MARK}+(?: {_MARK}+)*)?"
_PLAIN = re.compile(_WORDS)
_PLAIN_LINES = re.compile(rf"{_WORDS}(?:\n{_WORDS})*")
_FORBIDDEN = re.compile(rf"[^A-Z0-9{re.escape(ALLOWED_MARKS)}]+")


def sanitise(text: str) -> str:
    """Return a name or an address in capital letters, what may not be sent replaced by single blanks."""
    if not text or _PLAIN.fullmatch(text):
        return text
    return _FORBIDDEN.sub(" ", fold(text)).strip()


def is_sendable(identifier: str) -> bool:
    """Tell whether an identifier can be sent as it is: no separator, no lower case, no blank at an end."""
    return _PLAIN.fullmatch(identifier) is not None


def are_sendable(identifiers: Collection[str]) -> bool:
    """Tell it of many identifiers in one look, which is what a claim of a hundred thousand can afford."""
    lines = "\n".join(identifiers)
    return _PLAIN_LINES.fullmatch(lines) is not None and lines.count("\n") < max(len(identifiers), 1)
