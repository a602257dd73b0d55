"""A reader of other people finds the same claims, reasons, totals and balances in the same file."""

import re
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from include.claims.balances import Imbalance, of_claim, of_payment
from include.claims.coordination import Adjustment
from include.claims.remittance import ClaimPayment
from tests.oracles import oxedi_complaints, oxedi_tables, pyx12_complaints
from tests.remit_strategies import remittances
from tests.strategies import EXAMPLES
from tests.x12.remits import NAMES, payments, sample

pytestmark = pytest.mark.pure

NO_SHRINKING = [Phase.explicit, Phase.reuse, Phase.generate]
BOUNDED = settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=list(HealthCheck), phases=NO_SHRINKING)


def compared(text: str) -> dict[str, list[list[object]]]:
    """Return what both can say of a file, as we read it; segments counted from nought, as oxedi does."""
    found: dict[str, list[list[object]]] = {
        "payments": [],
        "claims": [],
        "services": [],
        "adjustments": [],
        "moved": [],
    }
    for payment, claims, end in payments(text):
        found["payments"].append([payment.trace, payment.amount, payment.method, payment.paid_on, payment.segment - 1])
        found["moved"] += [[one.provider_id, one.reason, one.reference, one.amount] for one in end.provider_adjustments]
        for claim in claims:
            found["claims"].append([
                claim.segment - 1, claim.control_number, claim.status, claim.charge, claim.paid,
                claim.patient_responsibility, claim.payer_claim_number, claim.first_day,
            ])  # fmt: skip
            found["services"] += [
                [line.segment - 1, line.procedure.qualifier, line.procedure.code, line.charge, line.paid,
                 line.units_paid, line.line_control_number, line.allowed]
                for line in claim.lines
            ]  # fmt: skip
            found["adjustments"] += [said(one) for one in all_adjustments(claim)]
    return {name: [[shown(value) for value in row] for row in rows] for name, rows in found.items()}


def all_adjustments(claim: ClaimPayment) -> list[Adjustment]:
    return [*claim.adjustments, *[one for line in claim.lines for one in line.adjustments]]


def said(one: Adjustment) -> list[object]:
    return [one.group, one.reason, one.amount, one.quantity]


def shown(value: object) -> str:
    """Write a value as oxedi prints it: amounts with two decimals, blank for nothing."""
    if value is None:
        return ""
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


COLUMNS = {
    "claims": "segment claim_id claim_status charge_amount payment_amount patient_responsibility "
    "payer_control_number statement_from",
    "services": "segment procedure_qualifier procedure_code charge_amount payment_amount units_paid "
    "line_item_control_number allowed_amount",
    "adjustments": "group_code reason_code amount quantity",
    "moved": "provider_id reason_code reference_id amount",
    "payments": "trace_number total_payment_amount payment_method payment_date segment",
}


def as_oxedi_says(text: str) -> dict[str, list[list[str]]]:
    tables = oxedi_tables(text)
    tables["moved"] = tables.pop("provider_adjustments")
    return {name: [[row[column] for column in COLUMNS[name].split()] for row in tables[name]] for name in COLUMNS}


def findings(text: str) -> list[Imbalance]:
    found: list[Imbalance] = []
    for payment, claims, end in payments(text):
        found += [finding for claim in claims for finding in of_claim(claim) if not finding.is_warning]
        found += of_payment(payment, end)
    return found


@pytest.mark.parametrize("name", NAMES)
def test_the_samples_read_alike(name):
    """Claims, lines, reasons, amounts and provider adjustments of the samples."""
    assert as_oxedi_says(sample(name)) == compared(sample(name))


@BOUNDED
@given(remittances())
def test_random_remittances_read_alike(text):
    """Whatever adds up is read alike by both, and both find that it adds up."""
    assert [] == oxedi_complaints(text)

    assert as_oxedi_says(text) == compared(text)
    assert [] == findings(text)


@settings(BOUNDED, max_examples=max(EXAMPLES // 5, 3))
@given(remittances())
def test_random_remittances_are_sound(text):
    """They are remittances to one who walks the guide's map."""
    assert [] == pyx12_complaints(text)


@BOUNDED
@given(remittances(), st.data())
def test_a_wrong_amount_is_found_by_both(text, data):
    """One amount changed anywhere: both say that it does not add up."""
    places = [one.span(1) for one in re.finditer(r"~(?:CLP\*\w+\*\d+\*|SVC\*[^*]+\*)(-?[\d.]+)\*", text)]
    start, end = data.draw(st.sampled_from(places))
    wrong = f"{text[:start]}{Decimal(text[start:end]) + Decimal('0.01')}{text[end:]}"

    assert oxedi_complaints(wrong)
    assert findings(wrong)
