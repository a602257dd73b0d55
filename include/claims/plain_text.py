"""
The letters a claim can carry.

Claims travel in capital ASCII letters: a rule must know whether a name or an identifier survives that, and a
writer must see to it, so both ask here.
"""

import re
import unicodedata
from collections.abc import Collection

ALLOWED_MARKS = "!\"&'()+,-./;?=#"
"""X12's basic set without the separators `* : ~ ^`, and the number sign, which addresses use."""

_MARK = rf"[A-Z0-9{re.escape(ALLOWED_MARKS)}]"
_WORDS = rf"(?:{_MARK}+(?: {_MARK}+)*)?"
_PLAIN = re.compile(_WORDS)
is_plain = _PLAIN.fullmatch
"""Match a text that can be sent as it is; bare, because every name and address of a night is asked."""

_FORBIDDEN = re.compile(rf"[^A-Z0-9{re.escape(ALLOWED_MARKS)}]+")
_PLAIN_LINES = re.compile(rf"{_WORDS}(?:\n{_WORDS})*")

_NOT_DECOMPOSED = str.maketrans({
    "Æ": "AE", "æ": "AE", "Œ": "OE", "œ": "OE", "Ø": "O", "ø": "O", "Ł": "L", "ł": "L", "Đ": "D", "đ": "D",
    "Ð": "D", "ð": "D", "Þ": "TH", "þ": "TH", "ı": "I",
    "\N{LEFT SINGLE QUOTATION MARK}": "'", "\N{RIGHT SINGLE QUOTATION MARK}": "'",
    "\N{MODIFIER LETTER APOSTROPHE}": "'", "\N{LEFT DOUBLE QUOTATION MARK}": '"',
    "\N{RIGHT DOUBLE QUOTATION MARK}": '"', "\N{EN DASH}": "-", "\N{EM DASH}": "-", "\N{HYPHEN}": "-",
    "\N{NON-BREAKING HYPHEN}": "-",
})  # fmt: skip


def fold(text: str) -> str:
    """Return the text in capital ASCII letters: accents dropped, ligatures spelt out, other scripts left out."""
    if text.isascii():
        return text.upper()
    decomposed = unicodedata.normalize("NFKD", text.translate(_NOT_DECOMPOSED))
    # A letter of another script becomes a blank, so that the words around it stay apart.
    kept = (mark if mark.isascii() else " " for mark in decomposed.upper() if not unicodedata.combining(mark))
    return "".join(kept)


def sanitise(text: str) -> str:
    """Return a name or an address in capital letters, what may not be sent replaced by single blanks."""
    if not text or is_plain(text):
        return text
    return _FORBIDDEN.sub(" ", fold(text)).strip()


def is_sendable(text: str) -> bool:
    """Tell whether a text can be sent as it is: no separator, no lower case, no blank at an end or beside another."""
    return not text or is_plain(text) is not None


def are_sendable(texts: Collection[str]) -> bool:
    """Tell it of many texts in one look, which is what a night of a hundred thousand claims can afford."""
    lines = "\n".join(texts)
    return _PLAIN_LINES.fullmatch(lines) is not None and lines.count("\n") < max(len(texts), 1)
