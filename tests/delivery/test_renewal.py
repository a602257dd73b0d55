"""Whether what was refused goes again: every row of the table, and that only silence lets it go."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from include.claims.states import ANSWERS, Event, Usage
from include.delivery.records import Refusal, Refused
from include.delivery.renewal import STOPS, Asked, stop_of, told

pytestmark = pytest.mark.pure

HEARD = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
LATE = Asked(now=HEARD + timedelta(hours=72), quiet=timedelta(hours=72))
CUT = Refusal(("TA105 023",), "the file ends too early")
CONTENT = Refusal(("IK501 R", "IK502 5", "IK304 8 SV1"), "segment 25 (SV1): an element is wrong")
UNPUBLISHED = Refusal(("XX99",), "SOMETHING NOBODY HAS SEEN")
NO_REASON = Refusal((), "the file failed: the clearinghouse created no claim of it")

GOES = Refused(
    batch_id=1,
    set_number="",
    clinic_key="harbor",
    mailbox_key="harbor",
    file_name="837P_000000001.txt",
    usage=Usage.LIVE,
    control_numbers=("CN1", "CN2"),
    refusals=(CUT,),
    heard_at=HEARD,
    signs_of_life=(),
    is_contradicted=False,
    has_new_content=False,
    is_of_this_epoch=True,
    unread=(),
    failed_before=False,
    may_live=False,
    is_cancelled=False,
)

STOPPED = {
    "test": replace(GOES, usage=Usage.TEST),
    "cancelled": replace(GOES, is_cancelled=True),
    "alive": replace(GOES, signs_of_life=(Event.SET_ACCEPTED,)),
    "contradicted": replace(GOES, is_contradicted=True),
    "another submission": replace(GOES, may_live=True),
    "duplicate": replace(GOES, refusals=(Refusal(("IK501 R", "IK502 23"), ""),)),
    "restored": replace(GOES, is_of_this_epoch=False),
    "second time": replace(GOES, failed_before=True),
    "unread": replace(GOES, unread=("FS_HCFA_1.txt",)),
    "fault": replace(GOES, refusals=(CONTENT,)),
    "quiet": replace(GOES, heard_at=HEARD + timedelta(seconds=1)),
}


def name_of(one: Refused, asked: Asked = LATE, **options: bool) -> str:
    stop = stop_of(one, asked, **options)
    return stop.name if stop else "goes"


def test_what_was_damaged_goes_once_nothing_else_was_heard():
    """A fault of the wire, and silence for as long as a File Summary may take: it goes."""
    assert "goes" == name_of(GOES)


def test_every_row_has_its_case():
    """No reason to stop is without an example."""
    assert [stop.name for stop in STOPS] == list(STOPPED)


@pytest.mark.parametrize("name", STOPPED)
def test_each_row_stops_it(name):
    """One reason is enough."""
    assert name == name_of(STOPPED[name])


@pytest.mark.parametrize("event", set(ANSWERS) - {Event.SET_REFUSED, Event.FILE_FAILED, Event.UNACCOUNTED})
def test_any_sign_of_life_stops_it(event):
    """Accepted, pending, rejected, paid, called a duplicate: whoever speaks of a claim has it."""
    assert "alive" == name_of(replace(GOES, signs_of_life=(event,)))


@pytest.mark.parametrize("refusals", [(CONTENT,), (UNPUBLISHED,), (NO_REASON,), (CUT, CONTENT), (CUT, UNPUBLISHED)])
def test_a_fault_that_would_come_again_waits_until_something_changed(refusals):
    """A fault not on the list goes only with new content, or where other bytes would be written; silence still."""
    one = replace(GOES, refusals=refusals)

    assert "fault" == name_of(one)
    assert "goes" == name_of(replace(one, has_new_content=True))
    assert "goes" == name_of(one, replace(LATE, is_rendered_otherwise=True))
    assert "quiet" == name_of(replace(one, has_new_content=True), replace(LATE, now=HEARD))


def test_a_report_without_a_reason_adds_no_fault():
    """A File Summary that only says that the file failed does not contradict the TA1 that says why."""
    assert "goes" == name_of(replace(GOES, refusals=(CUT, NO_REASON)))


YIELDING = {"restored", "second time", "unread", "fault"}


@pytest.mark.parametrize("name", STOPPED)
def test_a_person_may_overrule_what_is_not_dangerous(name):
    """A word lets it go against a doubt about the cure, never against a sign of life or an early hour."""
    assert ("goes" if name in YIELDING else name) == name_of(STOPPED[name], by_person=True)


def test_a_biller_reads_the_fault_and_what_becomes_of_it():
    """File, code, meaning, and either the hour it goes or what a person has to do."""
    early = replace(LATE, now=HEARD)

    [said] = told([GOES], early)
    assert said == (
        "file 837P_000000001.txt was refused, 2 claims. TA105 023: the file ends too early. It goes again by itself"
        " after 2026-03-09 12:00 UTC, if no more is heard."
    )
    [said] = told([replace(STOPPED["fault"], set_number="0002")], early)
    assert said.startswith("set 0002 of file 837P_000000001.txt was refused")
    assert "It waits for a person: its fault would come again" in said


def test_sets_with_one_fault_are_one_sentence():
    """A fault of the program refuses every set of a file: a person reads it once, with how many there are."""
    sets = [replace(STOPPED["fault"], set_number=f"{number:04d}", control_numbers=("CN",)) for number in range(1, 8)]

    [said] = told(sets, LATE)

    assert said.startswith(
        "set 0001, 0002, 0003, 0004, 0005 and 2 more of file 837P_000000001.txt was refused, 7 claims"
    )
