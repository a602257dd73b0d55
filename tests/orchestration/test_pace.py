from datetime import timedelta

import pytest

from include.claims.errors import BadSetting
from include.orchestration.pace import Pace

pytestmark = pytest.mark.pure


def test_a_night_waits_three_quarters_of_an_hour_unless_told():
    """The courtesy time is 45 minutes where the deployment sets none."""
    pace = Pace.of({})

    assert timedelta(minutes=45) == pace.courtesy


def test_every_wait_can_be_set():
    """A deployment sets a wait by its name, in seconds, and the others stay."""
    pace = Pace.of({"COURIER_LOOK_SECONDS": "1.5"})

    assert timedelta(seconds=1.5) == pace.look
    assert Pace().retry == pace.retry


@pytest.mark.parametrize("text", ["soon", "-1", "86401", "nan", "inf"])
def test_a_wait_that_is_no_number_of_seconds_is_refused(text):
    """A wait that cannot be meant is refused with the variable's name."""
    with pytest.raises(BadSetting, match="COURIER_RETRY_SECONDS"):
        Pace.of({"COURIER_RETRY_SECONDS": text})
