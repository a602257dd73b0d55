"""An envelope that exists can be sent."""

from datetime import datetime

import pytest

from include.claims.errors import BadSetting
from tests.builders import an_envelope

pytestmark = pytest.mark.pure


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"interchange_number": 0}, "ISA13"),
        ({"interchange_number": 1_000_000_000}, "ISA13"),
        ({"group_number": 0}, "GS06"),
        ({"reference": "B-1"}, "BHT03"),
        ({"sender_id": "1234567890123456"}, "sender_id"),
        ({"receiver_id": "33*897513"}, "receiver_id"),
        ({"sender_qualifier": "Z"}, "sender_qualifier"),
        ({"submitter_name": "Bright Harbor"}, "submitter_name"),
        ({"contact_name": ""}, "contact_name"),
        ({"submitter_name": "X" * 61}, "submitter_name: has 1 to 60"),
        ({"contact_phone": "555-0100"}, "PER04"),
        ({"usage": "X"}, "ISA15"),
        ({"claims_per_set": 0}, "claims_per_set"),
        ({"created_at": datetime(2026, 3, 6, 9, 15)}, "time zone"),  # noqa: DTZ001
    ],
)
def test_an_envelope_nobody_could_read_is_refused(changes, fault):
    """Every value that cannot stand in its element is named at once, before any claim is written."""
    with pytest.raises(BadSetting, match=fault):
        an_envelope(**changes)


def test_all_faults_are_named_at_once():
    """A person mends the settings once."""
    with pytest.raises(BadSetting, match=r"ISA13.*PER04"):
        an_envelope(interchange_number=0, contact_phone="")
