"""Rows of the payer list, enrollments and holds: what is accepted, and every fault with its column."""

from datetime import date

import pytest

from include.claims.enrollment import Enrollment, ListedPayer, PayerHold, State, What
from include.delivery.payer_table import enrollment_from_row, hold_from_row, payer_from_row
from tests.builders import BILLING_NPI, NPI_WITH_A_BAD_CHECK_DIGIT
from tests.delivery.test_clinic_table import faults_of
from tests.enrollment_rows import an_enrollment, an_enrollment_row

pytestmark = pytest.mark.pure

HOLD_ROW = {"key": "audit", "payer_id": "99999", "ends_on": "2026-12-15", "reason": "recredentialing"}


def test_a_payer_row_is_a_payer():
    """What the list does not say is not known."""
    row = {"key": "SKUT0", "name": "Utah Medicaid", "claims_need_enrollment": "yes", "eligibility_id": "UTMCD"}

    expected = ListedPayer(id="SKUT0", name="Utah Medicaid", claims_need=True, eligibility_id="UTMCD")
    assert expected == payer_from_row(row)
    assert expected == payer_from_row({**row, "remittances_need_enrollment": "no"})


def test_an_enrollment_row_is_an_enrollment():
    """Every cell has its place."""
    full = {
        "tax_id": "731234567",
        "what": "remittances",
        "state": "requested",
        "requested_on": "2026-03-01",
        "requested_by": "Example",
        "effective_from": "2026-03-02",
        "effective_to": "2026-03-03",
        "moves_from": "Example Clearing",
        "note": "call back",
    }

    assert an_enrollment() == enrollment_from_row(an_enrollment_row())
    assert enrollment_from_row(an_enrollment_row(**full)) == Enrollment(
        key="harbor_claims",
        payer_id="99999",
        npi=BILLING_NPI,
        tax_id="731234567",
        what=What.REMITTANCES,
        state=State.REQUESTED,
        requested_on=date(2026, 3, 1),
        requested_by="Example",
        effective_from=date(2026, 3, 2),
        effective_to=date(2026, 3, 3),
        moves_from="Example Clearing",
        note="call back",
    )
    assert State.UNKNOWN is enrollment_from_row(an_enrollment_row(state="")).state


def test_a_hold_row_is_a_hold():
    """It ends, and says why."""
    expected = PayerHold(key="audit", payer_id="99999", ends_on=date(2026, 12, 15), reason="recredentialing")

    assert expected == hold_from_row(HOLD_ROW)
    assert BILLING_NPI == hold_from_row({**HOLD_ROW, "payer_id": "", "npi": BILLING_NPI}).npi


@pytest.mark.parametrize(
    ("read", "row", "columns"),
    [
        (payer_from_row, {"key": "utah medicaid"}, ["key", "name"]),
        (payer_from_row, {"key": "SKUT0", "name": "X", "claims_need_enrollment": "!"}, ["claims_need_enrollment"]),
        (payer_from_row, {"key": "SKUT0", "name": "X", "eligibility_id": "a-b"}, ["eligibility_id"]),
        (enrollment_from_row, {}, ["what", "key", "payer_id", "npi"]),
        (enrollment_from_row, an_enrollment_row(npi=NPI_WITH_A_BAD_CHECK_DIGIT), ["npi"]),
        (enrollment_from_row, an_enrollment_row(what="eligibility"), ["what"]),
        (enrollment_from_row, an_enrollment_row(state="asked"), ["state"]),
        (enrollment_from_row, an_enrollment_row(state="requested"), ["requested_on", "requested_by"]),
        (enrollment_from_row, an_enrollment_row(tax_id="73-1234567"), ["tax_id"]),
        (
            enrollment_from_row,
            an_enrollment_row(effective_from="2026-03-02", effective_to="2026-03-01"),
            ["effective_to"],
        ),
        (enrollment_from_row, an_enrollment_row(moves_from="Example Clearing"), ["moves_from"]),
        (enrollment_from_row, an_enrollment_row(bank_changed_on="2026-03-01"), ["bank_changed_on"]),
        (enrollment_from_row, an_enrollment_row(note="x" * 81), ["note"]),
        (hold_from_row, {**HOLD_ROW, "payer_id": ""}, ["payer_id"]),
        (hold_from_row, {**HOLD_ROW, "ends_on": ""}, ["ends_on"]),
        (hold_from_row, {**HOLD_ROW, "ends_on": "December"}, ["ends_on"]),
        (hold_from_row, {**HOLD_ROW, "reason": ""}, ["reason"]),
        (hold_from_row, {**HOLD_ROW, "starts_on": "2026-12-16"}, ["ends_on"]),
        (hold_from_row, {**HOLD_ROW, "colour": "red"}, ["colour"]),
    ],
)
def test_a_wrong_row_is_refused_with_its_columns(read, row, columns):
    """All of them at once."""
    assert columns == faults_of(read, row)
