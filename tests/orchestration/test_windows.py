from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from include.claims.errors import BadSetting
from include.orchestration.windows import window_end

pytestmark = pytest.mark.pure

NEW_YORK = ZoneInfo("America/New_York")


def test_a_scheduled_run_ends_at_its_own_night():
    """A run of the schedule takes what was ready at its logical date, however late it is run."""
    night = datetime(2026, 11, 23, 22, 30, tzinfo=NEW_YORK)

    end = window_end(logical_date=night, run_after=night + timedelta(days=3))

    assert datetime(2026, 11, 24, 3, 30, tzinfo=UTC) == end


def test_a_manual_run_ends_when_it_is_started():
    """A run without a logical date takes what is ready when it is started."""
    started = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)

    assert started == window_end(logical_date=None, run_after=started)


@pytest.mark.parametrize(
    ("night", "hours"),
    [(datetime(2026, 3, 7, 22, 30, tzinfo=NEW_YORK), 23), (datetime(2026, 10, 31, 22, 30, tzinfo=NEW_YORK), 25)],
)
def test_a_night_over_a_clock_change_is_an_hour_shorter_or_longer(night, hours):
    """Two nights at the same local time leave no gap between their windows when the clocks change."""
    next_night = (night.replace(tzinfo=None) + timedelta(days=1)).replace(tzinfo=NEW_YORK)

    first = window_end(logical_date=night, run_after=night)
    second = window_end(logical_date=next_night, run_after=next_night)

    assert timedelta(hours=hours) == second - first


def test_the_hour_that_comes_twice_is_two_windows():
    """In autumn half past one comes twice, and the two are an hour apart."""
    first = window_end(logical_date=datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=0), run_after=datetime.now(UTC))
    second = window_end(logical_date=datetime(2026, 11, 1, 1, 30, tzinfo=NEW_YORK, fold=1), run_after=datetime.now(UTC))

    assert timedelta(hours=1) == second - first


def test_a_time_without_a_zone_is_refused():
    """A window never ends at a time that is a different moment in every zone."""
    with pytest.raises(BadSetting, match="without a zone"):
        window_end(logical_date=datetime(2026, 11, 23, 22, 30), run_after=datetime.now(UTC))  # noqa: DTZ001
