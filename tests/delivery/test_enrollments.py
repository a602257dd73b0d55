"""A claim waits for its payer's consent, goes by itself once it is there, and a refusal for want of it names it."""

from decimal import Decimal

import pytest

from include.claims.states import HOLDS, Delivery, Event, FrontEnd, Work
from include.delivery.missing_enrollment import with_enrollments
from include.delivery.records import Answer, Reading, Table
from include.sandbox.payers import PayerList
from include.sandbox.sandbox import Sandbox
from tests.builders import BILLING_NPI, TODAY, a_claim, a_line, a_payer
from tests.enrollment_rows import an_enrollment_row
from tests.night import ACCOUNT, PASSWORD, Night, taken_claims

ENROLLED, STRANGER = "TSTMD", "TSTM2"
"""Two payers that want enrollment: the first has the clinic's, the second has not."""


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    payers = PayerList(enrollment={ENROLLED: frozenset({BILLING_NPI}), STRANGER: frozenset()})
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1, payers=payers) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url):
    return Night.prepare(tmp_path, sandbox, url=ledger_url)


def claims_of(payer_id):
    """Return two claims to a payer."""
    return [
        a_claim(
            key=f"C-{n}",
            lines=(a_line(source_line_key=f"L-{n}", session_id=f"S-{n}", charge=Decimal(100 + n)),),
            payer=a_payer(id=payer_id, name="TEST STATE MEDICAID"),
        )
        for n in (1, 2)
    ]


def enroll(night, **cells):
    """Keep the clinic's enrollment, or change it."""
    night.ports.ledger.clinics.put(Table.ENROLLMENT, [an_enrollment_row(payer_id=ENROLLED, **cells)])


def lines(night):
    """Return where the claims stand."""
    return list(night.ports.ledger.report.claim_lines())


def test_a_claim_waits_until_its_enrollment_is_approved(night, sandbox):
    """Needed and requested hold it with the reason, every night without a new event; approved lets it go by itself."""
    night.hold(claims_of(ENROLLED))
    enroll(night, state="needed")
    assert [] == night.deliver("night-1")
    assert [Delivery.HELD] * 2 == [line.delivery for line in lines(night)]
    assert all("claims_enrollment: " in line.reasons[0] and "harbor_claims" in line.reasons[0] for line in lines(night))

    enroll(night, state="requested", requested_on="2026-03-02", requested_by="Example")
    night.deliver("night-2")
    assert [] == night.deliver("night-3")
    [story] = night.ports.ledger.report.stories("C-1")
    assert [Event.HELD_FOR_ENROLLMENT] * 2 == [one.event for one in story.incidents if one.event in HOLDS]
    assert {Work.ENROLLMENT_DUE} == {line.work for line in lines(night)}
    assert [] == taken_claims(sandbox)

    enroll(night, state="approved", effective_from="2026-03-05")
    [batch_id] = night.deliver("night-4")
    night.until_settled(batch_id)

    assert [FrontEnd.ACCEPTED_BY_CLEARINGHOUSE] * 2 == [line.front_end for line in lines(night)]
    assert 2 == len(taken_claims(sandbox))


def test_a_ready_claim_is_held_by_what_was_learned_since(night):
    """A claim that waits for its run is judged again by it."""
    night.hold(claims_of(ENROLLED))
    [batch_id] = night.collect("night-1").batch_ids
    night.ports.ledger.batches.give_up(batch_id, "example", night.ports.now())
    night.ports.ledger.clinics.put(
        Table.HOLD, [{"key": "audit", "payer_id": ENROLLED, "ends_on": "2026-12-15", "reason": "recredentialing"}]
    )

    assert [] == night.deliver("night-2")
    assert {"payer_hold: hold audit until 2026-12-15: recredentialing"} == {
        reason for line in lines(night) for reason in line.reasons
    }
    assert {Work.NOBODY} == {line.work for line in lines(night)}


def test_an_unlisted_payer_is_held_until_its_id_is_right(night):
    """With the payers its name is near to; an empty list holds nobody."""
    night.ports.ledger.clinics.put(Table.PAYER, [{"key": ENROLLED, "name": "Test State Medicaid"}])
    night.hold(claims_of("99404"))
    night.deliver("night-1")

    assert [[f"near: {ENROLLED} (Test State Medicaid)"]] * 2 == [
        [reason.partition("; ")[2] for reason in line.reasons] for line in lines(night)
    ]
    night.hold(claims_of(ENROLLED))
    assert 1 == len(night.deliver("night-2"))


@pytest.mark.parametrize(
    ("kept", "expected"),
    [("", "none is written down"), ("unknown", "harbor_claims is unknown here"), ("approved", "is approved here")],
)
def test_a_refusal_for_want_of_enrollment_names_it(night, kept, expected):
    """RC55 alone says nobody's name; the story says payer, NPI, and how it stands here."""
    night.hold(claims_of(STRANGER)[:1])
    if kept:
        row = an_enrollment_row(payer_id=STRANGER, state=kept)
        night.ports.ledger.clinics.put(Table.ENROLLMENT, [row])
    [batch_id] = night.deliver()
    night.until_settled(batch_id)

    [line] = lines(night)
    assert FrontEnd.REJECTED_BY_CLEARINGHOUSE is line.front_end
    assert f"enrollment of NPI {BILLING_NPI} for claims with payer {STRANGER}: " in line.reasons[0]
    assert expected in line.reasons[0]


@pytest.mark.parametrize(
    ("event", "code", "is_named"),
    [
        (Event.REJECTED_BY_PAYER, "A3:24:85", True),
        (Event.REJECTED_BY_CLEARINGHOUSE, "A7:496:85", True),
        (Event.REJECTED_BY_CLEARINGHOUSE, "RC77", True),
        (Event.REJECTED_BY_CLEARINGHOUSE, "RC66", False),
        (Event.REJECTED_BY_PAYER, "A7:562:85", False),
        (Event.INFORMATION_REQUESTED, "A3:24:85", False),
    ],
)
def test_codes_that_mean_enrollment(night, event, code, is_named):
    """The clearinghouse's edits and the standard's statuses; what is no refusal, and other codes, stay as they were."""
    night.hold(claims_of(ENROLLED))
    night.deliver()
    first, second = (line.control_number for line in lines(night))
    answers = [
        Answer(control_number=first, event=event, position=1, codes=("SB02", code), words="because"),
        Answer(control_number=second, event=event, position=2, codes=("SB02",), words="because"),
        Answer(control_number="STRANGER1", event=event, position=3, codes=(code,), words="because"),
    ]
    reading = Reading(batch_id=None, answered_on="2026-03-07", answers=tuple(answers))

    found = with_enrollments(reading, night.ports.ledger.claims, TODAY).answers

    assert [is_named, False, False] == ["none is written down" in one.words for one in found]
    assert all(one.words.startswith("because") for one in found)
