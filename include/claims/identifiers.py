"""The numbers a claim is known by, how they are checked and how ours are made."""

import hashlib
import re
from datetime import date

# Crockford's alphabet: no I, L, O or U, so a number read out over the phone is heard right.
_ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"

PATIENT_CONTROL_NUMBER_LENGTH = 14
"""Item 26 of the form and both of Office Ally's text reports show 14 columns of CLM01."""

_SLUG = re.compile(r"[a-z][a-z0-9_]{0,39}")


def is_valid_npi(npi: str) -> bool:
    """Tell whether ten digits are a National Provider Identifier: Luhn over 80840 and the number."""
    if len(npi) != 10 or not npi.isascii() or not npi.isdigit() or npi[0] not in "12":
        return False
    # 24 is what the digits of the prefix 80840 add to the Luhn sum.
    doubled = sum(sum(divmod(2 * int(digit), 10)) for digit in npi[-2::-2])
    return (24 + doubled + sum(int(digit) for digit in npi[-1::-2])) % 10 == 0


def is_slug(text: str) -> bool:
    """Tell whether a key may stand in a DAG id, a metric and a log path: `[a-z][a-z0-9_]*`, at most 40."""
    return _SLUG.fullmatch(text) is not None


def patient_control_number(source: str, claim_key: str, number: int, usage: str = "P") -> str:
    """
    Return CLM01 of a claim's submission: 14 characters, never reused, the same for ever.

    Derived from source, claim key and submission number (and usage, so that a test copy has its own),
    because an answer to an old file must still find its claim in a restored ledger.
    """
    digest = hashlib.sha256(f"{usage}\x1f{source}\x1f{claim_key}\x1f{number}".encode()).digest()
    value = int.from_bytes(digest[:9])
    return "".join(_ALPHABET[value >> shift & 31] for shift in range(65, -1, -5))


def line_control_number(control_number: str, line: int) -> str:
    """Return REF*6R of a service line: the claim's number, L and the line's position from 1."""
    return f"{control_number}L{line:02d}"


def line_fingerprint(*, member_id: str, payer_id: str, billing_npi: str, on: date, procedure: str, session: str) -> str:
    """Return what makes a service line the same service, however it is billed: 32 hex digits, no PHI in clear."""
    parts = (member_id, payer_id, billing_npi, on.isoformat(), procedure, session)
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]


def own_number(text: str) -> int:
    """Return a large number that is the same for a text in every process, and looks like chance between texts."""
    return int.from_bytes(hashlib.sha256(text.encode()).digest()[:8])
