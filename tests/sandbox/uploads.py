"""Uploads of invented claims, and what an outside judge says of an answer."""

import io
import json
import logging
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pyx12.params
import pyx12.x12n_document

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


def pyx12_faults(text: str) -> list[str]:
    """Return what pyx12 holds against an X12 file: nothing where it accepts it."""
    logging.getLogger("pyx12").setLevel(logging.CRITICAL + 1)
    report = io.StringIO()
    if pyx12.x12n_document.x12n_document(pyx12.params.params(), io.StringIO(text), None, None, fd_json=report):
        return []
    return _texts(json.loads(report.getvalue()))


def _texts(found: Any) -> list[str]:
    if isinstance(found, list):
        return [text for item in found for text in _texts(item)]
    if isinstance(found, dict):
        own = [found["err_str"]] if "err_str" in found else []
        return own + [text for item in found.values() for text in _texts(item)]
    return []
