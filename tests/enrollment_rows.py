"""Enrollments with the builders' payer and clinic, as records and as rows."""

from dataclasses import replace
from typing import Any

from include.claims.enrollment import Enrollment, State, What
from tests.builders import BILLING_NPI


def an_enrollment(**changes: Any) -> Enrollment:
    """Return the builders' clinic, approved for claims with the builders' payer."""
    approved = Enrollment(
        key="harbor_claims", payer_id="99999", npi=BILLING_NPI, what=What.CLAIMS, state=State.APPROVED
    )
    return replace(approved, **changes)


def an_enrollment_row(**changes: str) -> dict[str, str]:
    """Return the same as people write it."""
    row = {"key": "harbor_claims", "payer_id": "99999", "npi": BILLING_NPI, "what": "claims", "state": "approved"}
    return {**row, **changes}
