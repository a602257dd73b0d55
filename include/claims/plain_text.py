"""
Names and addresses in the letters a claim can carry.

Claims travel in capital ASCII letters: a rule must know whether a name survives that, and a writer must do it,
so both ask here.
"""

import unicodedata

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
