"""Uploads of invented claims for the sandbox."""

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from include.claims.model import Claim
from include.x12.write_837p import write_837p
from tests.builders import a_claim, a_subscriber, an_envelope

NOW = datetime(2026, 3, 6, 9, 30, tzinfo=UTC)
LIVE_NAME = "CC000042.837P.txt"
TEST_NAME = "CC000042.OATEST.837P.txt"


def some_claims(count: int, first: int = 1) -> list[Claim]:
    """Return claims of that many invented people."""
    return [
        a_claim(key=f"C-{number}", subscriber=a_subscriber(member_id=f"XYZ{number:09d}"))
        for number in range(first, first + count)
    ]


def an_upload(*claims: Claim, first: int = 1, **envelope: Any) -> bytes:
    """Return a file of those claims, control numbers CN0001 and on, one ST a claim."""
    numbered = [(number, f"CN{number:04d}", claim) for number, claim in enumerate(claims or [a_claim()], start=first)]
    return write_837p(replace(an_envelope(), subscriber_details_always=True, **envelope), numbered).content
