"""
Free text as an 837P may carry it.

X12 has no escape: a separator inside a name silently moves what follows to the next element. Names and addresses
are therefore made plain, as on every form a claim takes; identifiers are never altered, the rules refuse what they
may not hold.
"""

from include.claims.plain_text import sanitise

__all__ = ["sanitise"]
