"""People are told once, again when it is worse, and again after three days; never more than one message a run."""

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from include.claims.deadlines import Waits, clocks_over
from include.claims.payer_profile import Filing, PayerProfile
from include.claims.states import Delivery
from include.delivery.alarm import Alarm, alarm_of
from include.delivery.records import Told
from include.delivery.silence import SHOWN, Quiet, Silence, Watch
from tests.claims.test_deadlines import START, a_waiting

pytestmark = pytest.mark.pure

PROFILE = PayerProfile(filing=Filing(original_days=90))
HELD = a_waiting(delivery=Delivery.HELD, charge=a_waiting().charge)
DAY = timedelta(days=1)


def told_on(now: datetime, told: dict[str, Told], *claims: str) -> Alarm:
    """Return the alarm of a day on which these held claims wait, and remember it."""
    waiting = [replace(HELD, control_number=number) for number in claims or ("P1",)]
    found = [clock for claim in waiting for clock in clocks_over(claim, now, Waits(), PROFILE) if clock.threshold]
    alarm = alarm_of(Silence(at=now, claims=found), told)
    told.update({key: Told(level=level, at=now) for key, level in alarm.told.items()})
    for key in alarm.gone:
        del told[key]
    return alarm


def test_a_finding_is_told_once_then_every_third_day_and_at_each_threshold():
    """From half of the filing limit to the day after its last, day by day."""
    told: dict[str, Told] = {}

    days = {day: told_on(START + day * DAY, told) for day in range(36, 92)}

    spoken = {day: alarm.subject.partition(": ")[2] for day, alarm in days.items() if alarm.told}
    assert 41 == min(spoken)
    assert "1 new, 0 worse, 0 again" == spoken[41]
    assert [41, 44, 47, 50, 53, 56, 59, 62, 65, 68, 71, 74, 77, 80, 83, 86, 87, 90] == sorted(spoken)
    assert [68, 87] == [day for day, said in spoken.items() if "1 worse" in said]


def test_what_is_over_is_forgotten_and_new_when_it_comes_again():
    """A claim that was settled and fell silent once more is news."""
    told: dict[str, Told] = {}
    told_on(START + 50 * DAY, told, "P1", "P2")

    assert {"filing:P2"} == told_on(START + 51 * DAY, told, "P1").gone
    assert {"filing:P2": 50} == told_on(START + 52 * DAY, told, "P1", "P2").told


def test_a_run_without_news_says_nothing():
    """The same silence a day later is no message."""
    told: dict[str, Told] = {}
    told_on(START + 50 * DAY, told)

    assert {} == told_on(START + 51 * DAY, told).told


def test_many_findings_are_one_short_message():
    """It lists so many and counts the rest, all of which count as told."""
    alarm = told_on(START + 95 * DAY, {}, *(f"P{number}" for number in range(SHOWN + 9)))

    assert SHOWN + 9 == len(alarm.told)
    assert SHOWN == alarm.text.count("new: harbor  P")
    assert "and 9 more" in alarm.text


def test_a_clinic_s_silence_is_told_like_a_claim_s():
    """With what to do, under a key of its own."""
    quiet = Quiet(
        who="harbor", what=Watch.RUN, severity=clocks_over(HELD, START + 95 * DAY, Waits(), PROFILE)[0].severity,
        sentence="no run", remedy="look",
    )  # fmt: skip

    alarm = alarm_of(Silence(at=START, watch=[quiet]), {})

    assert {"delivery:harbor": 100} == alarm.told
    assert "new: OVERDUE  harbor: no run; look" in alarm.text
