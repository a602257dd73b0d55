"""What cures a refusal: only faults of the wire and the envelope are left behind by new control numbers."""

import pytest

from include.x12.acknowledgement_codes import GROUP_FAULTS, INTERCHANGE_NOTES, SET_FAULTS, GroupVerdict, SetVerdict
from include.x12.refusals import CURES, Cure, cures_of

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("codes", "cures"),
    [
        (["TA105 023"], [Cure.AGAIN]),
        (["TA105 025"], [Cure.LOOK]),
        (["TA105 006"], [Cure.SETTING]),
        (["AK901 R", "AK905 4"], [Cure.AGAIN]),
        (["IK501 R", "IK502 4"], [Cure.AGAIN]),
        (["IK501 R", "IK502 5", "IK304 8 SE", "IK403 4"], [Cure.AGAIN]),
        (["IK501 R", "IK502 5", "IK304 8 SV1", "IK403 7"], [Cure.CONTENT]),
        (["IK501 R", "IK502 4", "IK304 2 DTP"], [Cure.AGAIN, Cure.CONTENT]),
        (["IK501 R", "IK502 23"], [Cure.LOOK]),
        (["IK501 R", "IK304 8"], [Cure.CONTENT]),
        (["IK501 R"], []),
        (["IK501 R", "IK502 ZZ"], [Cure.ASK]),
        (["RC66"], [Cure.ASK]),
    ],
)
def test_each_fault_has_its_cure(codes, cures):
    """A code alone that names no fault has none, and one nobody knows is to be asked."""
    assert cures == cures_of(codes)


def test_every_known_code_has_its_row():
    """A code whose meaning we print is never cured by guess."""
    known = [
        *(f"TA105 {code}" for code in INTERCHANGE_NOTES),
        *(f"AK905 {code}" for code in GROUP_FAULTS),
        *(f"IK502 {code}" for code in SET_FAULTS),
        *(f"AK901 {verdict}" for verdict in GroupVerdict if verdict.is_refused),
        *(f"IK501 {verdict}" for verdict in SetVerdict if not verdict.is_accepted),
    ]

    assert set(known) == set(CURES)
