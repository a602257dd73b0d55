from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.coordination import Adjustment, AdjustmentGroup
from include.claims.errors import BadSetting
from include.claims.model import Claim, UnreadableClaim
from include.delivery.claim_source import ClaimRows
from include.delivery.side_columns import LINE_ADJUSTMENTS, OTHER_PAYERS
from tests.source_rows import ANY_CELL, SOURCE, a_row, an_identity

pytestmark = pytest.mark.pure


def a_payer_row(**changes):
    """Return the row of a primary payer that has paid 150 of 240 dollars."""
    row = {
        "source_claim_key": "C-1",
        "responsibility": "P",
        "payer_id": "88888",
        "payer_name": "EXAMPLE BLUE PLAN",
        "member_id": "ABC900800700",
        "insured_last_name": "EXAMPLE",
        "insured_first_name": "TESTINA",
        "paid": "150.00",
    }
    return {**row, **changes}


def an_adjustment_row(**changes):
    """Return the primary's word on the line: 90 dollars less by contract."""
    row = {
        "source_claim_key": "C-1",
        "source_line_key": "L-1",
        "payer_id": "88888",
        "paid": "150.00",
        "adjudicated_on": "2026-03-04",
        "procedure": "",
        "units": "",
        "adjustment_group": "CO",
        "adjustment_reason": "45",
        "adjustment_amount": "90.00",
    }
    return {**row, **changes}


def assembled(payers=(), adjustments=()):
    """Return the claim of `a_row` with these rows beside it."""
    tables = {OTHER_PAYERS.name: list(payers), LINE_ADJUSTMENTS.name: list(adjustments)}
    tables = {view: rows for view, rows in tables.items() if rows}
    row = a_row(responsibility="S")
    reader = ClaimRows(SOURCE, list(row), [an_identity()], {view: list(rows[0]) for view, rows in tables.items()})
    placed = {view: [("", tuple(one.values())) for one in rows] for view, rows in tables.items()}
    return reader.assemble([tuple(row.values())], beside=placed)


def read(payers=(), adjustments=()):
    """Return the claim, which must be sound."""
    claim = assembled(payers, adjustments)
    assert isinstance(claim, Claim), claim
    return claim


def faults_of(claim):
    """Return rules and places, the place without the claim."""
    assert isinstance(claim, UnreadableClaim)
    return [(fault.rule, fault.place.removeprefix("claim C-1, ")) for fault in claim.faults]


def test_a_line_says_as_billed_by_saying_nothing():
    """Where the payer decided on what was billed, the row need not repeat it."""
    claim = read([a_payer_row()], [an_adjustment_row()])

    [decision] = claim.lines[0].adjudications
    assert ("97153", ("HM",), Decimal(16)) == (decision.procedure, decision.modifiers, decision.units)
    assert (Decimal("150.00"), date(2026, 3, 4)) == (decision.paid, decision.adjudicated_on)


def test_a_line_without_a_reason_is_told():
    """A line paid in full has a decision and no adjustment."""
    blank = {"adjustment_group": "", "adjustment_reason": "", "adjustment_amount": ""}

    claim = read([a_payer_row()], [an_adjustment_row(paid="240.00", **blank)])

    [decision] = claim.lines[0].adjudications
    assert (Decimal("240.00"), ()) == (decision.paid, decision.adjustments)


def test_a_row_without_a_line_is_of_the_claim():
    """A payer may have cut the claim as a whole."""
    row = an_adjustment_row(source_line_key="", paid="", adjudicated_on="")

    claim = read([a_payer_row()], [row])

    [payer] = claim.other_payers
    assert (Adjustment(group=AdjustmentGroup.CONTRACT, reason="45", amount=Decimal("90.00")),) == payer.adjustments
    assert () == claim.lines[0].adjudications


def test_the_order_of_rows_changes_nothing():
    """A database gives rows in any order; the bill, and so its revision, must not hang on it."""
    payers = [a_payer_row(), a_payer_row(responsibility="T", payer_id="77777", paid="")]
    reasons = [an_adjustment_row(adjustment_reason=reason, adjustment_amount="30.00") for reason in ("45", "2", "A1")]

    assert read(payers, reasons) == read(payers[::-1], reasons[::-1])


def test_an_amount_may_raise_the_payment():
    """A reversed reason has a minus."""
    claim = read([a_payer_row()], [an_adjustment_row(adjustment_amount="-12.50")])

    assert Decimal("-12.50") == claim.lines[0].adjudications[0].adjustments[0].amount


@pytest.mark.parametrize(
    ("payers", "adjustments", "expected"),
    [
        (
            [a_payer_row(paid="$150")],
            [],
            ("column_type", "claim_other_payers (row 1 of the claim), column paid"),
        ),
        (
            [a_payer_row(), a_payer_row(responsibility="T")],
            [],
            ("payer_once", "claim_other_payers, column payer_id"),
        ),
        (
            [a_payer_row()],
            [an_adjustment_row(payer_id="77777")],
            ("payer_known", "claim_line_adjustments (row 1 of the claim), column payer_id"),
        ),
        (
            [a_payer_row()],
            [an_adjustment_row(source_line_key="L-9")],
            ("line_known", "claim_line_adjustments (row 1 of the claim), column source_line_key"),
        ),
        (
            [a_payer_row()],
            [an_adjustment_row(), an_adjustment_row()],
            ("adjustment_once", "claim_line_adjustments (row 2 of the claim), column adjustment_reason"),
        ),
        (
            [a_payer_row()],
            [an_adjustment_row(), an_adjustment_row(adjustment_reason="2", paid="1.00")],
            ("decisions_agree", "claim_line_adjustments (row 2 of the claim), column paid"),
        ),
        (
            [a_payer_row()],
            [an_adjustment_row(source_line_key="")],
            ("decision_of_a_line", "claim_line_adjustments (row 1 of the claim), column paid"),
        ),
        (
            [a_payer_row()],
            [an_adjustment_row(paid="", adjudicated_on="")],
            ("column_value_present", "claim_line_adjustments (row 1 of the claim), column paid"),
        ),
        (
            [a_payer_row()],
            [an_adjustment_row(adjudicated_on="")],
            ("columns_together", "claim_line_adjustments (row 1 of the claim), column adjudicated_on"),
        ),
        (
            [a_payer_row()],
            [an_adjustment_row(adjustment_amount="")],
            ("columns_together", "claim_line_adjustments (row 1 of the claim), column adjustment_amount"),
        ),
    ],
)
def test_a_wrong_row_beside_holds_its_claim(payers, adjustments, expected):
    """What is wrong in an optional view is named with view, row and column."""
    assert [expected] == faults_of(assembled(payers, adjustments))


def test_a_wrong_column_of_a_view_stops_the_source():
    """A column nobody knows is named with its view and the one that was probably meant."""
    with pytest.raises(BadSetting, match=r"claim_other_payers: column claim_numbr .* \(did you mean claim_number\?\)"):
        assembled([a_payer_row(claim_numbr="1")])


@given(column=st.sampled_from(list(an_adjustment_row())), cell=ANY_CELL)
def test_no_cell_beside_stops_the_source(column, cell):
    """Whatever a database holds in an optional view, the claim is read or held, and no other is lost."""
    claim = assembled([a_payer_row()], [an_adjustment_row(), an_adjustment_row(**{column: cell})])

    assert isinstance(claim, Claim) or (isinstance(claim, UnreadableClaim) and claim.faults)


def test_a_mended_row_beside_is_news():
    """A held claim is looked at again when a row beside it changes."""
    held = [assembled([a_payer_row(paid=paid)]) for paid in ("$1", "$2")]

    assert 2 == len({claim.content_hash for claim in held if isinstance(claim, UnreadableClaim)})
