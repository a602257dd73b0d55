"""Every clock starts, warns and runs out where its table says, and stops when the claim is settled."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from include.claims.deadlines import (
    STAGES,
    WORDS,
    Clock,
    Finding,
    Moments,
    Severity,
    Unsettled,
    Waits,
    clocks_over,
    moments_of,
)
from include.claims.errors import BadSetting
from include.claims.payer_profile import DEFAULT, AfterDenial, Denials, Filing, PayerProfile
from include.claims.states import Adjudication, Delivery, Event, FrontEnd, Happened

pytestmark = pytest.mark.pure

START = datetime(2026, 3, 6, 3, 0, tzinfo=UTC)
MOMENT = timedelta(seconds=1)
PROFILE = PayerProfile(filing=Filing(original_days=90, corrected_days=60, appeal_days=180))


def a_waiting(**changes: Any) -> Unsettled:
    """Return a claim that was sent and of which nothing was heard; every axis since START."""
    claim = Unsettled(
        clinic_key="harbor",
        claim_key="C-1",
        control_number="P000000000001",
        payer_id="99999",
        charge=Decimal("240.00"),
        is_original=True,
        is_primary=True,
        first_service_on=date(2026, 3, 2),
        delivery=Delivery.SENT,
        front_end=FrontEnd.NONE,
        adjudication=Adjudication.NONE,
        moments=Moments(delivery=START, front_end=START, adjudication=START),
    )
    return replace(claim, **changes)


def found(claim: Unsettled, now: datetime, profile: PayerProfile = DEFAULT) -> dict[Clock, Finding]:
    """Return the clocks that run over a claim."""
    return {one.clock: one for one in clocks_over(claim, now, Waits(), profile)}


ANSWERED = Moments(delivery=START, front_end=START, adjudication=START, is_answered=True)
AT_PAYER = replace(ANSWERED, is_at_payer=True)
OF_BEFORE = Moments(delivery=START, is_of_before=True)
STANDING: list[tuple[Clock, Unsettled]] = [
    (Clock.UNSENT, a_waiting(delivery=Delivery.READY)),
    (Clock.UNSENT, a_waiting(delivery=Delivery.BATCHED)),
    (Clock.ANSWER, a_waiting()),
    (Clock.VERDICT, a_waiting()),
    (Clock.VERDICT, a_waiting(front_end=FrontEnd.RECEIVED, moments=ANSWERED)),
    (Clock.VERDICT, a_waiting(front_end=FrontEnd.PENDING, moments=ANSWERED)),
    (Clock.EARLIER, a_waiting(moments=OF_BEFORE)),
    (Clock.PAYER, a_waiting(front_end=FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, moments=ANSWERED)),
    (Clock.REMITTANCE, a_waiting(front_end=FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, moments=AT_PAYER)),
    (Clock.REMITTANCE, a_waiting(front_end=FrontEnd.ACCEPTED_BY_PAYER, moments=AT_PAYER)),
    (Clock.REMITTANCE, a_waiting(front_end=FrontEnd.MAILED_ON_PAPER, moments=ANSWERED)),
    (Clock.INFORMATION, a_waiting(front_end=FrontEnd.INFORMATION_REQUESTED, moments=ANSWERED)),
    (Clock.NOT_FOUND, a_waiting(front_end=FrontEnd.NOT_FOUND, moments=ANSWERED)),
    (Clock.CORRECTION, a_waiting(adjudication=Adjudication.REVERSED, moments=ANSWERED)),
]


@pytest.mark.parametrize(("clock", "claim"), STANDING, ids=lambda one: one if isinstance(one, Clock) else "")
def test_an_answer_is_overdue_from_its_moment_on(clock, claim):
    """A second before it is a running clock, at the moment it is late: a warning where not everybody answers."""
    due = START + getattr(Waits(), clock)

    before, at = found(claim, due - MOMENT)[clock], found(claim, due)[clock]

    assert (Severity.RUNNING, 0) == (before.severity, before.threshold)
    assert before.share < 1
    late = Severity.WARNING if clock is Clock.PAYER else Severity.OVERDUE
    assert (late, 100, 1.0, due) == (at.severity, at.threshold, at.share, at.due)


def test_nobody_waits_here_for_reports_that_went_to_an_earlier_process():
    """The 999 and the File Summary of its files come to no mailbox of ours; the filing limit runs all the same."""
    assert {Clock.EARLIER, Clock.FILING} == set(found(a_waiting(moments=OF_BEFORE), START, PROFILE))


@pytest.mark.parametrize(
    ("clock", "delivery"),
    [
        (Clock.IN_DOUBT, Delivery.IN_DOUBT),
        (Clock.NOT_TAKEN, Delivery.UNACCOUNTED),
        (Clock.NOT_TAKEN, Delivery.SET_REFUSED),
        (Clock.NOT_TAKEN, Delivery.FILE_FAILED),
    ],
)
def test_what_may_be_lost_is_overdue_at_once(clock, delivery):
    """Nobody waits before looking at a file in doubt, or at a claim the clearinghouse does not have."""
    assert {clock: Severity.OVERDUE} == {
        one.clock: one.severity for one in found(a_waiting(delivery=delivery), START).values()
    }


@pytest.mark.parametrize("settled", [Adjudication.PAID, Adjudication.PATIENT_RESPONSIBILITY, Adjudication.FORWARDED])
@pytest.mark.parametrize("front_end", list(FrontEnd))
def test_a_settled_claim_is_waited_for_by_nobody(settled, front_end):
    """Once the payer has decided, no clock runs, wherever the front end left the claim."""
    claim = a_waiting(front_end=front_end, adjudication=settled, moments=ANSWERED)

    assert {} == found(claim, START + timedelta(days=900), PROFILE)


@pytest.mark.parametrize("clock", [Clock.ANSWER, Clock.VERDICT])
def test_the_clearinghouse_s_verdict_ends_its_clocks(clock):
    """What was accepted or rejected is not waited for any more."""
    for verdict in (FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, FrontEnd.REJECTED_BY_CLEARINGHOUSE):
        assert clock not in found(a_waiting(front_end=verdict, moments=ANSWERED), START + timedelta(days=9))


def test_any_answer_ends_the_wait_for_one():
    """A 999, or a status nobody can place, is an answer; the verdict is still due."""
    assert [Clock.VERDICT] == list(found(a_waiting(moments=ANSWERED), START))


def test_a_payer_that_has_it_is_not_asked_whether_it_has_it():
    """Only its remittance is still waited for."""
    claim = a_waiting(front_end=FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, moments=AT_PAYER)

    assert [Clock.REMITTANCE] == list(found(claim, START))


IN_TIME = date(2026, 5, 31)
"""The ninetieth day after the first service."""


@pytest.mark.parametrize(
    ("on", "severity", "threshold"),
    [
        (date(2026, 4, 15), Severity.RUNNING, 0),
        (date(2026, 4, 16), Severity.WARNING, 50),
        (date(2026, 5, 12), Severity.WARNING, 50),
        (date(2026, 5, 13), Severity.WARNING, 80),
        (IN_TIME, Severity.WARNING, 80),
        (IN_TIME + timedelta(days=1), Severity.OVERDUE, 100),
    ],
)
def test_the_filing_limit_warns_twice_and_runs_out_after_its_last_day(on, severity, threshold):
    """Half and four fifths of the days are warnings; the last day is still in time, by the clinic's own calendar."""
    night = datetime(on.year, on.month, on.day, 23, 30, tzinfo=ZoneInfo("America/Los_Angeles"))

    one = found(a_waiting(), night, PROFILE)[Clock.FILING]

    assert (severity, threshold) == (one.severity, one.threshold)
    assert f"by {IN_TIME}" in one.sentence


@pytest.mark.parametrize(
    "claim",
    [
        a_waiting(delivery=Delivery.HELD),
        a_waiting(delivery=Delivery.READY),
        a_waiting(delivery=Delivery.UNACCOUNTED),
        a_waiting(front_end=FrontEnd.REJECTED_BY_CLEARINGHOUSE, moments=ANSWERED),
        a_waiting(front_end=FrontEnd.REJECTED_BY_PAYER, moments=AT_PAYER),
        a_waiting(front_end=FrontEnd.NOT_FOUND, moments=ANSWERED),
        a_waiting(front_end=FrontEnd.CALLED_DUPLICATE, moments=ANSWERED),
    ],
)
def test_the_filing_limit_runs_until_the_payer_has_it(claim):
    """Held, ready, lost or rejected: the payer's calendar does not care why it has nothing."""
    assert Severity.OVERDUE is found(claim, START + timedelta(days=100), PROFILE)[Clock.FILING].severity


@pytest.mark.parametrize(
    "claim",
    [
        a_waiting(front_end=FrontEnd.ACCEPTED_BY_PAYER, moments=AT_PAYER),
        a_waiting(front_end=FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, moments=AT_PAYER),
        a_waiting(adjudication=Adjudication.DENIED),
        a_waiting(adjudication=Adjudication.REVERSED),
        a_waiting(is_original=False),
        a_waiting(first_service_on=None),
    ],
)
def test_the_filing_limit_stops_once_the_payer_has_it(claim):
    """Receipt and any decision prove it; a replacement has another limit, an unreadable claim no day to count from."""
    assert Clock.FILING not in found(claim, START + timedelta(days=100), PROFILE)


def test_a_second_payer_s_limit_is_not_counted_from_the_service():
    """Where it runs from the first payer's decision, which the ledger does not know, no clock is made up."""
    profile = PayerProfile(filing=Filing(original_days=90, secondary_days=60))

    assert Clock.FILING not in found(a_waiting(is_primary=False), START, profile)
    assert Clock.FILING in found(a_waiting(is_primary=False), START, PROFILE)


@pytest.mark.parametrize("adjudication", [Adjudication.DENIED, Adjudication.PAID_WITH_DENIED_LINES])
def test_a_denial_starts_the_clocks_of_correction_and_appeal(adjudication):
    """Both run from the decision, the last day included."""
    claim = a_waiting(adjudication=adjudication, moments=ANSWERED)

    last, after = (found(claim, START + timedelta(days=days), PROFILE) for days in (60, 61))

    assert {Clock.CORRECTED, Clock.APPEAL} == set(last)
    assert Severity.WARNING is last[Clock.CORRECTED].severity
    assert Severity.OVERDUE is after[Clock.CORRECTED].severity
    assert Severity.RUNNING is after[Clock.APPEAL].severity


def test_what_follows_a_denial_may_have_its_own_limit():
    """`denials.within_days` is the limit of what the payer wants after a denial."""
    denied = a_waiting(adjudication=Adjudication.DENIED)

    assert [Clock.CORRECTED] == list(found(denied, START, PayerProfile(denials=Denials(within_days=30))))
    wants_appeal = PayerProfile(denials=Denials(wants=AfterDenial.APPEAL, within_days=30))
    assert [Clock.APPEAL] == list(found(denied, START, wants_appeal))


def test_a_rejection_starts_the_clock_of_correction():
    """Beside the original one, which goes on."""
    claim = a_waiting(front_end=FrontEnd.REJECTED_BY_PAYER, moments=ANSWERED)

    assert {Clock.FILING, Clock.CORRECTED} == set(found(claim, START, PROFILE))


def test_a_payer_without_limits_has_no_clock():
    """What nobody wrote down is not made up."""
    assert {} == found(a_waiting(delivery=Delivery.HELD), START + timedelta(days=900))


def test_an_installation_sets_its_own_waits():
    """Each by its name, in hours; the others stay."""
    waits = Waits.of({"COURIER_WAIT_VERDICT_HOURS": "12"})

    assert (timedelta(hours=12), Waits().remittance) == (waits.verdict, waits.remittance)


@pytest.mark.parametrize("text", ["soon", "-1", "8761", "1.5"])
def test_a_wait_that_is_no_number_of_hours_is_refused(text):
    """With the variable's name."""
    with pytest.raises(BadSetting, match="COURIER_WAIT_PAYER_HOURS"):
        Waits.of({"COURIER_WAIT_PAYER_HOURS": text})


def test_every_clock_has_words_and_a_place_in_a_table():
    """None is mute, and the answers' clocks are the waits an installation can set."""
    assert set(Clock) == set(WORDS)
    assert set(Waits.__dataclass_fields__) - {"quiet"} == {stage.clock.value for stage in STAGES}


def happened(*events: tuple[Event, str, int]) -> Moments:
    """Return the moments of events as (event, its own date, days after START when it was recorded)."""
    return moments_of(
        (Happened(event, number, answered_on), START + timedelta(days=days))
        for number, (event, answered_on, days) in enumerate(events)
    )


def test_a_state_counts_from_when_it_was_reached():
    """Told again it does not start anew; left and reached again it does."""
    asked_twice = happened(
        (Event.COLLECTED, "", 0), (Event.BATCHED, "", 0), (Event.BEGUN, "", 0), (Event.SENT, "", 1),
        (Event.INFORMATION_REQUESTED, "2026-03-10", 5), (Event.INFORMATION_REQUESTED, "2026-03-12", 7),
    )  # fmt: skip

    assert START + timedelta(days=1) == asked_twice.delivery
    assert datetime(2026, 3, 10, 12, tzinfo=UTC) == asked_twice.front_end
    assert (True, False, None) == (asked_twice.is_answered, asked_twice.is_at_payer, asked_twice.adjudication)


def test_a_denial_after_a_reversal_is_the_newer_one():
    """Limits run from the decision that stands."""
    moments = happened(
        (Event.COLLECTED, "", 0), (Event.BATCHED, "", 0), (Event.BEGUN, "", 0), (Event.DENIED, "2026-03-10", 9),
        (Event.REVERSED, "2026-03-20", 19), (Event.DENIED, "2026-04-02", 39),
    )  # fmt: skip

    assert datetime(2026, 4, 2, 12, tzinfo=UTC) == moments.adjudication


@pytest.mark.parametrize("said", ["2027-01-01", "not a date", "2026-13-01"])
def test_an_answer_dates_nothing_later_than_it_came(said):
    """A date ahead, or one nobody can read, must not stop a clock."""
    moments = happened(
        (Event.COLLECTED, "", 0), (Event.BATCHED, "", 0), (Event.BEGUN, "", 0), (Event.RECEIVED_BY_PAYER, said, 4)
    )

    assert START + timedelta(days=4) == moments.front_end
    assert moments.is_at_payer
