"""
Free text as an 837P may carry it.

X12 has no escape: a separator inside a name silently moves what follows to the next element. Names and addresses
are therefore made plain here; identifiers are never altered, the rules refuse what they may not hold.
"""

import re

from include.claims.plain_text import ALLOWED_MARKS, fold, is_plain

_FORBIDDEN = re.compile(rf"[^A-Z0-9{re.escape(ALLOWED_MARKS)}]+")


def sanitise(text: str) -> str:
    """Return a name or an address in capital letters, what may not be sent replaced by single blanks."""
    if not text or is_plain(text):
        return text
    return _FORBIDDEN.sub(" ", fold(text)).strip()
