from datetime import timedelta

import pytest

from include.claims.errors import BadSetting
from include.orchestration.pace import Pace, old_mailbox

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


def test_an_old_mailbox_is_visited_for_some_days():
    """A deployment says for how many; what is no number of days is refused."""
    assert timedelta(days=90) == old_mailbox({})
    assert timedelta(days=7) == old_mailbox({"COURIER_OLD_MAILBOX_DAYS": "7"})
    for wrong in ("-1", "a week", "731"):
        with pytest.raises(BadSetting, match="COURIER_OLD_MAILBOX_DAYS"):
            old_mailbox({"COURIER_OLD_MAILBOX_DAYS": wrong})
