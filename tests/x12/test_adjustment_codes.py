"""Codes of a remittance are said in plain words, and never guessed at."""

import pytest

from include.claims.coordination import AdjustmentGroup
from include.claims.remittance import PayerDecision
from include.x12.adjustment_codes import (
    ADJUSTMENT_GROUPS,
    CLAIM_STATUSES,
    PROVIDER_REASONS,
    REASONS,
    REMARKS,
    meaning_of,
    words_of,
)

pytestmark = pytest.mark.pure


def test_every_decision_and_group_has_words():
    """What the reader knows by name can be shown."""
    assert set(PayerDecision) == set(CLAIM_STATUSES)
    assert set(AdjustmentGroup) == set(ADJUSTMENT_GROUPS)


def test_the_common_codes_are_known():
    """All provider reasons of the guide, and the reasons and remarks that ABA clinics meet most."""
    assert 41 == len(PROVIDER_REASONS)
    assert 60 <= len(REASONS)
    assert 40 <= len(REMARKS)
    assert {"16", "18", "22", "29", "45", "197", "198"} <= set(REASONS)


def test_a_code_nobody_knows_is_shown_by_its_number():
    """New codes appear three times a year; what is no code is not repeated."""
    assert "code 999" == meaning_of(REASONS, "999").words
    assert "an unreadable code" == words_of(CLAIM_STATUSES, "EXAMPLE, TESTINA")


def test_a_remedy_says_what_to_do():
    """A biller reads the next step beside the reason."""
    assert "no authorization was asked for" == meaning_of(REASONS, "197").words
    assert meaning_of(REASONS, "197").remedy
    assert not meaning_of(REASONS, "253").remedy
