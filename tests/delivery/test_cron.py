"""The watchdog expects a run exactly when the scheduler starts one."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from croniter import croniter
from hypothesis import given, settings
from hypothesis import strategies as st

from include.delivery.clinic_table import cron_fault
from include.delivery.cron import last_due, next_due, spread
from tests.strategies import EXAMPLES

pytestmark = pytest.mark.pure

NEW_YORK = ZoneInfo("America/New_York")
NOON = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)  # a Friday


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("30 22 * * *", "2026-03-05T22:30:00-05:00"),
        ("0 */4 * * *", "2026-03-06T04:00:00-05:00"),
        ("0,30 6-7 * * 1-5", "2026-03-06T06:30:00-05:00"),
        ("0 6 * * 0", "2026-03-01T06:00:00-05:00"),
        ("0 6 * * 7", "2026-03-01T06:00:00-05:00"),
        ("0 6 1 * *", "2026-03-01T06:00:00-05:00"),
        ("0 6 4 * 1", "2026-03-04T06:00:00-05:00"),
        ("0 6 29 2 *", "2024-02-29T06:00:00-05:00"),
        ("0 7 * * *", "2026-03-05T07:00:00-05:00"),
    ],
)
def test_when_a_run_was_last_due(expression, due):
    """In the clinic's own zone, before the moment that asks and not at it."""
    assert datetime.fromisoformat(due) == last_due(expression, NEW_YORK, NOON)


@pytest.mark.parametrize(
    ("expression", "due"),
    [
        ("30 22 * * *", "2026-03-06T22:30:00-05:00"),
        ("0 7 * * *", "2026-03-07T07:00:00-05:00"),
        ("0 6 * * 0", "2026-03-08T06:00:00-04:00"),
        ("0 6 29 2 *", "2028-02-29T06:00:00-05:00"),
    ],
)
def test_when_a_run_is_next_due(expression, due):
    """In the clinic's own zone, after the moment that asks and not at it."""
    assert datetime.fromisoformat(due) == next_due(expression, NEW_YORK, NOON)


def test_a_day_that_never_comes():
    """The thirtieth of February is not waited for."""
    assert last_due("0 6 30 2 *", NEW_YORK, NOON) is None
    assert next_due("0 6 30 2 *", NEW_YORK, NOON) is None


def test_half_past_ten_is_that_in_summer_and_winter():
    """The night the clocks change is a night like any other."""
    morning = datetime(2026, 3, 9, 12, tzinfo=UTC)

    assert datetime(2026, 3, 9, 2, 30, tzinfo=UTC) == last_due("30 22 * * *", NEW_YORK, morning)
    before = last_due("30 22 * * *", NEW_YORK, morning - timedelta(days=1))
    assert datetime(2026, 3, 8, 3, 30, tzinfo=UTC) == before


def _field(low: int, high: int) -> st.SearchStrategy[str]:
    numbers = st.integers(low, high)
    # The scheduler takes a span from a number to itself for all numbers.
    span = st.tuples(numbers, numbers).filter(lambda two: two[0] < two[1]).map(lambda two: f"{two[0]}-{two[1]}")
    step = st.tuples(st.just("*") | span, st.integers(1, 7)).map(lambda two: f"{two[0]}/{two[1]}")
    return st.just("*") | st.lists(numbers.map(str) | span | step, min_size=1, max_size=2).map(",".join)


# Of day of month and day of week one is left open: where both are given Airflow's reader has whims of its own.
DAYS = st.tuples(_field(1, 28), _field(1, 12), st.just("*")) | st.tuples(st.just("*"), _field(1, 12), _field(0, 6))
EXPRESSIONS = st.tuples(_field(0, 59), _field(0, 23), DAYS).map(lambda parts: " ".join([*parts[:2], *parts[2]]))


@given(EXPRESSIONS, st.integers(0, 730 * 1440))
@settings(max_examples=EXAMPLES, deadline=None)
def test_the_scheduler_agrees(expression, minutes):
    """Whatever the clinic table takes, Airflow's own reader of cron says the same."""
    assert "" == cron_fault(expression)
    before = NOON + timedelta(minutes=minutes, seconds=1)

    expected = croniter(expression, before).get_prev(datetime)

    assert expected == last_due(expression, ZoneInfo("UTC"), before)
    assert croniter(expression, before).get_next(datetime) == next_due(expression, ZoneInfo("UTC"), before)


CLINICS = [f"clinic_{number}" for number in range(1000)]


def test_a_thousand_clinics_start_at_different_minutes():
    """`H` spreads them evenly: of 240 minutes none is left out, and none has a crowd."""
    starts = Counter(spread("H H(20-23) * * *", key) for key in CLINICS)

    assert len(starts) > 220
    assert max(starts.values()) < 20


def test_a_clinic_keeps_its_minute():
    """The same key has the same number in every process, whatever clinics come and go; schedules differ from it."""
    assert "5 22 * * *" == spread("H 22 * * *", "birch")
    assert {spread("H 22 * * *", "acorn_aba")} == {spread("H 22 * * *", "acorn_aba") for _ in range(3)}


@pytest.mark.parametrize("key", CLINICS[:40])
def test_what_stands_for_h_is_of_its_field(key):
    """A number of the field, or of the range that is given; the schedule is one that is due."""
    minute, _, *rest = (int(field) for field in spread("H(15-30) H H H H", key).split())

    assert 15 <= minute <= 30
    assert "" == cron_fault(spread("H(15-30) H H H H", key))
    assert rest[0] <= 28
    assert rest[2] <= 6


@pytest.mark.parametrize("expression", ["0 20 * * *", "X 22 * * *", "HH 22 * * *", "H(30-10) 22 * * *", "H 22", ""])
def test_what_is_no_h_stays(expression):
    """What a person mistyped is shown as they wrote it, with what is wrong."""
    assert expression == spread(expression, "acorn_aba")
