"""What a payer pays for a merged line is shared by its sessions: no cent is lost, made, or moved to another line."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.allocation import allocate, shares

pytestmark = pytest.mark.pure

CENT = Decimal("0.01")
cents = st.integers(-1_000_000, 1_000_000).map(lambda amount: Decimal(amount) / 100)
some_charges = st.lists(st.integers(0, 100_000).map(lambda amount: Decimal(amount) / 100), min_size=1, max_size=9)


def dollars(*amounts: str) -> list[Decimal]:
    """Return amounts."""
    return [Decimal(one) for one in amounts]


@given(cents, some_charges)
def test_an_amount_is_shared_to_the_cent(amount, charges):
    """The shares add up to the amount, each in whole cents and within one of its part."""
    found = shares(amount, charges)

    assert amount == sum(found)
    assert all(share == share.quantize(CENT) for share in found)
    total = sum(charges)
    exact = [amount * charge / total if total else amount / len(charges) for charge in charges]
    assert all(abs(share - near) <= CENT for share, near in zip(found, exact, strict=True))


@given(some_charges, st.lists(st.integers(0, 100), min_size=1, max_size=5), st.booleans())
def test_every_line_adds_up_for_itself(charges, parts, is_reversal):
    """Adjustments and payment of each line come to what it charged, and none is of the other sign."""
    sign = -1 if is_reversal else 1
    amounts = [sign * one for one in (*shares(sum(charges), [Decimal(part) for part in parts]), Decimal(0))]
    signed = [sign * one for one in charges]

    found = allocate(amounts, signed)

    assert amounts == [sum(row) for row in found]
    assert signed == [sum(column) for column in zip(*found, strict=True)]
    assert all(sign * share >= 0 for row in found for share in row)
    assert [Decimal(0)] * len(charges) == found[-1]


@given(some_charges, st.lists(cents, max_size=4))
def test_adjustments_of_both_signs_add_up_too(charges, adjustments):
    """A payer may take back more than was charged, and add a bonus: the sums hold all the same."""
    amounts = [*adjustments, sum(charges) - sum(adjustments)]

    found = allocate(amounts, charges)

    assert amounts == [sum(row) for row in found]
    assert charges == [sum(column) for column in zip(*found, strict=True)]


@given(some_charges, st.lists(cents, min_size=1, max_size=4))
def test_what_does_not_add_up_is_shared_all_the_same(charges, amounts):
    """A person accepted the difference: each amount is exact, and the difference stays visible by line."""
    assert amounts == [sum(row) for row in allocate(amounts, charges)]


def test_three_equal_sessions():
    """A third each; nothing is paid for any of them, though a third of a cent is lost twice."""
    found = allocate(dollars("50.00", "50.00", "0"), dollars("33.33", "33.33", "33.34"))

    assert [dollars("16.67", "16.66", "16.67"), dollars("16.66", "16.67", "16.67"), dollars("0", "0", "0")] == found
