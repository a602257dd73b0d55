import json
from dataclasses import fields, replace
from datetime import date
from decimal import Decimal

import pytest

from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.remittance import ClaimPayment, Procedure, ServicePayment, StatedAmount
from include.cli.feeds_page import CLAIM_SAID, LINE_SAID, SOURCE_LINE_SAID, feeds_page
from include.delivery.posting_lines import billed_as, with_source_lines
from include.delivery.records import FeedRow
from include.delivery.remittances import document_of
from tests.builders import a_claim, a_line

pytestmark = pytest.mark.pure

TAKEN_OFF = (Adjustment(group=AdjustmentGroup.CONTRACT, reason="45", amount=Decimal(40), quantity=Decimal(2)),)
DAY = date(2026, 3, 2)
EVERYTHING = ClaimPayment(
    control_number="CN0001", status="1", charge=Decimal(240), paid=Decimal(160), segment=1, frequency="1",
    patient_responsibility=Decimal(1), adjustments=TAKEN_OFF, remarks=("MA01",), forwarded_to="B", pays_first="A",
    identity_corrected=True,
    lines=(
        ServicePayment(
            procedure=Procedure("HC", "97153", ("HM",)), submitted=Procedure("HC", "97153", ()), charge=Decimal(240),
            paid=Decimal(200), units_paid=Decimal(16), first_day=DAY, last_day=DAY, adjustments=TAKEN_OFF,
            line_control_number="CN0001L01", amounts=(StatedAmount("B6", Decimal(200)),), remarks=("N1",),
        ),
    ),
)  # fmt: skip


def names(rows):
    """Return the documented names of some fields."""
    return {name for name, _ in rows}


def test_every_field_of_a_posting_is_documented():
    """What a posting can say and what the page says it says are the same names."""
    claim = replace(a_claim(), lines=(a_line(session_id="S-1"),))

    said = json.loads(with_source_lines(document_of(EVERYTHING), billed_as(claim, claim, "CN0001")))

    [line] = said["lines"]
    [part] = line["source_lines"]
    assert names(CLAIM_SAID) == said.keys()
    assert names(LINE_SAID) == line.keys()
    assert names(SOURCE_LINE_SAID) == part.keys()
    for thing in (line, part):
        assert [{"group", "reason", "amount", "quantity"}] == [one.keys() for one in thing["adjustments"]]


def test_every_column_of_the_posting_feed_is_documented():
    """A field that FeedRow learns makes the page fail until it is described."""
    page = feeds_page()

    assert [] == [one.name for one in fields(FeedRow) if one.name != "document" and f"| `{one.name}` |" not in page]
