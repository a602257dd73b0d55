"""Rows of `pending_claim_lines` as a CSV would hold them, one call each; the people come from the builders."""

import csv
from collections.abc import Sequence
from datetime import UTC, date, timedelta, timezone
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from include.claims.model import SourceClaim
from include.delivery.claim_source import ClaimRows
from include.delivery.clinic_table import BillingIdentity
from tests.builders import BILLING_NPI, RENDERING_NPI, a_billing_provider

CLINIC = "example_harbor"
SOURCE = "example_practice"

ANY_CELL = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(max_size=40),
    st.binary(max_size=8),
    st.decimals(),
    st.dates(),
    st.times(),
    st.datetimes(timezones=st.one_of(st.none(), st.just(UTC), st.just(timezone(timedelta(hours=14))))),
    st.lists(st.integers(), max_size=3),
)
"""Whatever a database may hold."""


def a_row(**changes: Any) -> dict[str, Any]:
    """Return the only row of a claim of a subscriber; it reads as `tests.builders.a_claim` but for its billing."""
    row = {
        "clinic_key": CLINIC,
        "source_claim_key": "C-1",
        "cancelled": "false",
        "line_count": "1",
        "claim_total": "240.00",
        "ready_at": "2026-03-05T18:30:00+00:00",
        "billing_npi": BILLING_NPI,
        "payer_id": "99999",
        "payer_name": "EXAMPLE HEALTH PLAN",
        "place_of_service": "11",
        "diagnosis_1": "F84.0",
        "prior_authorization": "AUTH778812",
        "patient_relationship": "18",
        "subscriber_member_id": "XYZ100200300",
        "group_number": "GRP00981",
        "subscriber_last_name": "EXAMPLE",
        "subscriber_first_name": "TESTINA",
        "subscriber_birth_date": "1988-07-15",
        "subscriber_sex": "F",
        "subscriber_street": "45 SAMPLE LN",
        "subscriber_city": "BEAVERTON",
        "subscriber_state": "OR",
        "subscriber_postal_code": "97005",
        "rendering_last_name": "SAMPLER",
        "rendering_first_name": "JORDAN",
        "rendering_npi": RENDERING_NPI,
        "rendering_taxonomy": "103K00000X",
        "source_line_key": "L-1",
        "service_date": "2026-03-02",
        "procedure": "97153",
        "modifier_1": "HM",
        "charge": "240.00",
        "units": "16",
        "diagnosis_pointers": "1",
    }
    return {**row, **changes}


def an_identity(
    *, effective_from: date | None = None, effective_to: date | None = None, **changes: Any
) -> BillingIdentity:
    """Return who bills for the clinic of `a_row`."""
    return BillingIdentity(
        key="example_harbor_main",
        clinic_key=CLINIC,
        provider=a_billing_provider(**changes),
        effective_from=effective_from,
        effective_to=effective_to,
    )


def assemble(*rows: dict[str, Any], identities: Sequence[BillingIdentity] | None = None) -> SourceClaim:
    """Return the claim that rows with the same columns make."""
    reader = ClaimRows(SOURCE, list(rows[0]), [an_identity()] if identities is None else identities)
    return reader.assemble([tuple(row.values()) for row in rows])


def csv_of(path: Path, *rows: dict[str, Any]) -> Path:
    """Write rows with the same columns as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path
