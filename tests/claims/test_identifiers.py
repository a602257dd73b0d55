"""Numbers of claims: checked as published, made once, the same for ever."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.identifiers import (
    is_slug,
    is_valid_npi,
    line_control_number,
    line_fingerprint,
    patient_control_number,
)
from tests.builders import BILLING_NPI, NPI_WITH_A_BAD_CHECK_DIGIT, RENDERING_NPI

pytestmark = pytest.mark.pure


@pytest.mark.parametrize("npi", ["1234567893", BILLING_NPI, RENDERING_NPI])
def test_an_npi_with_a_right_check_digit_is_valid(npi):
    """The published example 1234567893 passes Luhn over 80840 and the number."""
    assert is_valid_npi(npi)


@pytest.mark.parametrize(
    "npi",
    [NPI_WITH_A_BAD_CHECK_DIGIT, "", "123456789", "12345678930", "3234567892", "123456789X", "１２３４５６７８９３"],
)
def test_anything_else_is_not(npi):
    """Wrong digit, length, first digit or script."""
    assert not is_valid_npi(npi)


@given(st.integers(0, 9), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(position, step):
    """The check digit catches any single wrong digit."""
    digits = [int(digit) for digit in BILLING_NPI]
    digits[position] = (digits[position] + step) % 10

    assert not is_valid_npi("".join(map(str, digits)))


@pytest.mark.parametrize(
    ("key", "fits"),
    [("bright_harbor_2", True), ("", False), ("2x", False), ("Big", False), ("a" * 41, False), ("a-b", False)],
)
def test_a_key_may_stand_in_a_dag_id(key, fits):
    """A letter, then letters, digits or underscores, lower case, at most 40."""
    assert fits is is_slug(key)


def test_a_control_number_never_changes():
    """An answer to an old file still finds its claim: this number is written in files that left."""
    assert "50XF38XFH30DEQ" == patient_control_number("example_practice", "C-1", 1)


@given(st.text(), st.text(), st.integers(1, 9999), st.sampled_from("PT"))
def test_a_control_number_fits_everywhere(source, key, number, usage):
    """14 of A-Z 0-9: what the form and the clearinghouse's reports show."""
    made = patient_control_number(source, key, number, usage)

    assert 14 == len(made)
    assert made.isascii()
    assert made.isalnum()
    assert made == made.upper()


@given(st.lists(st.tuples(st.text(), st.text(), st.integers(1, 99), st.sampled_from("PT")), unique=True))
def test_control_numbers_differ(submissions):
    """Another source, key, submission or usage has another number."""
    assert len(submissions) == len({patient_control_number(*one) for one in submissions})


def test_a_line_number_names_claim_and_line():
    """REF*6R is the claim's number, L and the position."""
    assert "BH260306000017L02" == line_control_number("BH260306000017", 2)
    assert 17 == len(line_control_number("X" * 14, 50))


def test_a_fingerprint_shows_nothing_of_the_patient():
    """The same service has the same fingerprint; the member id cannot be read in it."""
    service = {"member_id": "XYZ100200300", "payer_id": "99999", "billing_npi": BILLING_NPI, "procedure": "97153"}

    first = line_fingerprint(**service, on=date(2026, 3, 2), session="S-1")

    assert first == line_fingerprint(**service, on=date(2026, 3, 2), session="S-1")
    assert first != line_fingerprint(**service, on=date(2026, 3, 2), session="S-2")
    assert 32 == len(first)
    assert "XYZ" not in first
