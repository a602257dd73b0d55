"""The Claims page's ledger counts every claim once, and says what does not add up."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlalchemy import update

from include.adapters.ledger.tables import BATCH
from include.claims.deadlines import Waits
from include.claims.states import Delivery, Event, FrontEnd
from include.delivery.file_hops import Hop
from include.delivery.records import Kind
from include.delivery.standing import Standing, late_by
from tests import builders
from tests.contract.night import BLOCKED, CLINIC_ROW, NOW, OTHER_BLOCKED, Night, an_answer, an_order, changed, claims

EACH = builders.a_claim().total_charge


def standings(night: Night, *, silent_since: datetime | None = None) -> dict[tuple[str, str], Standing]:
    """Return the groups of equal claims by where they are; `silent_since` is the moment at which one looks."""
    late = late_by(silent_since, Waits(), {"harbor": timedelta(hours=24)}) if silent_since else None
    return {(one.delivery, one.front_end): one for one in night.ledger.console.standings({"harbor"}, late)}


def answer(night: Night, batch_id: int, event: Event, *, only: int | None = None) -> None:
    """Let the clearinghouse say one thing of a batch's claims."""
    numbers = night.numbers(batch_id)[:only]
    night.respond(batch_id, [an_answer(one, event, place) for place, one in enumerate(numbers, start=1)])


def test_a_claim_is_counted_once_by_its_newest_submission(night: Night):
    """What was rejected and goes again is not counted as rejected any more."""
    [claim] = claims(1)
    answer(night, night.sent(claim), Event.REJECTED_BY_CLEARINGHOUSE)
    night.later(days=1)
    night.stage(changed(claim))

    [one] = night.ledger.console.standings({"harbor"})

    assert (1, EACH, Delivery.HELD) == (one.claims, one.charge, one.delivery)


def test_test_copies_and_other_clinics_are_not_counted(night: Night):
    """A test file's claims are copies; a clinic that was not asked for stays out."""
    night.rendered(*claims(2), kind=Kind.TEST)

    assert [Delivery.READY] == [one.delivery for one in night.ledger.console.standings({"harbor"})]
    assert [] == night.ledger.console.standings({"another"})
    assert [] == night.ledger.console.standings(set())


def test_silence_is_counted_by_the_clinics_own_patience(night: Night):
    """A day without any answer is too long for a sent claim, and not for one that was collected."""
    night.sent(*claims(2))
    night.stage(claims(3)[2])
    moment = datetime.now(UTC)

    soon, late = (standings(night, silent_since=moment + timedelta(hours=hours)) for hours in (20, 30))

    assert (0, 0) == (soon[Delivery.SENT, FrontEnd.NONE].silent, soon[Delivery.READY, FrontEnd.NONE].silent)
    assert (2, 2 * EACH) == (
        late[Delivery.SENT, FrontEnd.NONE].silent, late[Delivery.SENT, FrontEnd.NONE].silent_charge,
    )  # fmt: skip
    assert 0 == late[Delivery.READY, FrontEnd.NONE].silent


def test_what_was_heard_of_waits_for_its_next_answer(night: Night):
    """A claim the clearinghouse took is silent after the weeks a remittance may take."""
    answer(night, night.sent(*claims(1)), Event.ACCEPTED_BY_CLEARINGHOUSE)
    moment = datetime.now(UTC)

    found = [standings(night, silent_since=moment + timedelta(days=days)) for days in (30, 50)]

    assert [0, 1] == [one[Delivery.SENT, FrontEnd.ACCEPTED_BY_CLEARINGHOUSE].silent for one in found]


def test_the_silent_claims_are_listed_most_money_first(night: Night):
    """Each with when it was last heard of, and no more than are asked for."""
    small, big = claims(2)
    big = replace(big, lines=(replace(big.lines[0], charge=Decimal("900.00")),))
    numbers = night.numbers(night.sent(small, big))
    late = late_by(datetime.now(UTC) + timedelta(days=2), Waits(), {"harbor": timedelta(hours=24)})

    listed = night.ledger.console.silent_claims("harbor", late, 5)

    assert [("C-002", Decimal("900.00")), ("C-001", EACH)] == [(one.claim_key, one.charge) for one in listed]
    assert set(numbers) == {one.control_number for one in listed}
    assert ["C-002"] == [one.claim_key for one in night.ledger.console.silent_claims("harbor", late, 1)]


def test_only_the_clinics_that_changed_are_named(night: Night):
    """Whoever remembers the number counts nothing anew until a claim moves."""
    assert (0, set()) == night.ledger.console.changes(0)
    night.stage(*claims(2))

    last, changed_clinics = night.ledger.console.changes(0)

    assert {"harbor"} == changed_clinics
    assert (last, set()) == night.ledger.console.changes(last)


def test_the_last_run_says_what_it_made_itself(night: Night):
    """A dry run is none; a later run without claims is the last one all the same."""
    night.sent(*claims(2))
    night.seal(an_order("run-dry", kind=Kind.DRY))
    first = night.ledger.console.last_runs({"harbor"})
    night.later(days=1)
    night.seal(an_order("run-2"))

    assert ("run-1", NOW, 1, 2, 2 * EACH) == (
        first["harbor"].run_id, first["harbor"].sealed_at, first["harbor"].files, first["harbor"].claims,
        first["harbor"].charge,
    )  # fmt: skip
    assert ("run-2", 0) == (
        night.ledger.console.last_runs({"harbor"})["harbor"].run_id,
        night.ledger.console.last_runs({"harbor"})["harbor"].files,
    )
    assert {} == night.ledger.console.last_runs({"another"})


def test_what_is_owed_is_told_by_payer_and_day_of_service(night: Night):
    """The payer's own word proves that it has a claim; what it has paid is owed no more."""
    batch = night.sent(*claims(3))
    numbers = night.numbers(batch)
    night.respond(batch, [an_answer(numbers[0], Event.ACCEPTED_BY_PAYER), an_answer(numbers[1], Event.PAID, 2)])

    owed = night.ledger.console.owed({"harbor"})

    assert {(True, 1), (False, 1)} == {(one.is_at_payer, one.claims) for one in owed}
    assert {("99999", builders.a_line().service_date)} == {(one.payer_id, one.service_on) for one in owed}


def test_verdicts_fall_into_the_week_in_which_they_came(night: Night):
    """With the days they took; weeks without one are there, empty."""
    batch = night.sent(*claims(2))
    night.later(days=2)
    numbers = night.numbers(batch)
    night.respond(
        batch,
        [
            an_answer(numbers[0], Event.ACCEPTED_BY_CLEARINGHOUSE),
            an_answer(numbers[1], Event.REJECTED_BY_CLEARINGHOUSE, 2),
        ],
    )

    *earlier, last = night.ledger.console.weeks({"harbor"}, night.now)

    assert (2, 1) == (last.answered, last.rejected)
    assert 2.0 == round(last.mean_days or 0, 3)
    assert (11, {0}) == (len(earlier), {week.answered for week in earlier})
    assert date(2026, 3, 1) == last.starts_on


def test_the_first_pass_counts_first_submissions_with_a_verdict(night: Night):
    """What still waits is in no rate; a denial is one of the payer's decisions."""
    batch = night.sent(*claims(4))
    numbers = night.numbers(batch)
    events = (Event.REJECTED_BY_CLEARINGHOUSE, Event.PAID, Event.DENIED)
    night.respond(batch, [an_answer(*pair, place) for place, pair in enumerate(zip(numbers, events, strict=False))])

    [one] = night.ledger.console.verdicts({"harbor"})

    assert ("harbor", "99999") == (one.clinic_key, one.payer_id)
    assert (3, 2, 2, 1) == (one.first, one.first_passed, one.decided, one.denied)


def test_a_night_that_adds_up_says_nothing(night: Night):
    """Its files are counted, and where their claims are."""
    batch = night.sent(*claims(3))
    answer(night, batch, Event.SET_ACCEPTED)

    found = night.ledger.console.night({"harbor"}, NOW)

    assert (1, (), {"awaiting": Hop(3, 3 * EACH)}) == (found.files, found.wrong, found.places)
    assert 0 == night.ledger.console.night({"harbor"}, NOW + timedelta(seconds=1)).files
    assert 0 == night.ledger.console.night({"another"}, NOW).files


def test_a_999_that_names_some_claims_of_a_file_is_told(night: Night):
    """So is a file of which the ledger has other claims than were sealed."""
    batch = night.sent(*claims(3))
    answer(night, batch, Event.SET_ACCEPTED, only=1)

    [partly] = night.ledger.console.night({"harbor"}, NOW).wrong
    with night.ledger.database.write() as connection:
        connection.execute(update(BATCH).where(BATCH.c.id == batch).values(claim_count=4))
    [wrong] = night.ledger.console.night({"harbor"}, NOW).wrong

    assert "its 999 says nothing of 2 of 3 claims" == partly.fault
    assert f"sealed with 4 ${3 * EACH:,.2f}, the ledger has 3 ${3 * EACH:,.2f}" == wrong.fault


def test_a_run_is_told_with_its_files_newest_first(night: Night):
    """Each file with where its claims are; what it took over is marked, and one run can be asked for."""
    batch = night.rendered(*claims(2))
    night.later(days=1)
    night.stage(claims(3)[2])
    night.seal(an_order("run-2"), adopted=[batch])

    newer, older = night.ledger.console.runs("harbor", 5)

    assert ("run-2", [True, False]) == (newer.order.key.run_id, [file.adopted for file in newer.files])
    assert (Kind.LIVE, an_order().window_end) == (older.order.kind, older.order.window_end)
    [file] = older.files
    assert (batch, Hop(2, 2 * EACH), {"ready": Hop(2, 2 * EACH)}) == (file.batch_id, file.sealed, file.stages)
    assert [older] == night.ledger.console.runs("harbor", 5, "run-1")
    assert [] == night.ledger.console.runs("another", 5)
    assert [newer] == night.ledger.console.runs("harbor", 1)


def test_held_claims_are_told_by_reason(night: Night):
    """Most money first, the first rule named where several hold a claim."""
    first, second, third = claims(3)
    night.stage(first, second, faults=[BLOCKED])
    night.stage(third, faults=[OTHER_BLOCKED, BLOCKED])

    told = night.ledger.console.held_for("harbor", 5)

    assert [
        ("member_id_present: it is blank", 2, 2 * EACH),
        ("npi_is_valid: wrong check digit; and 1 more", 1, EACH),
    ] == [(one.reason, one.claims, one.charge) for one in told]


def test_the_login_is_that_of_the_newest_file(night: Night):
    """A refused one says so, until a person closes the breaker; a mailbox that sent nothing has none."""
    assert night.ledger.console.login("harbor") is None
    night.sent(*claims(1))
    account = "harbor@sftp.example.test:22"

    before = night.ledger.console.login("harbor")
    night.ledger.accounts.trip(account, "credential", "user or password", NOW)
    refused = night.ledger.console.login("harbor")
    night.ledger.accounts.reset(account, "casey", NOW)

    assert before
    assert (account, None) == (before.account, before.refused_at)
    assert refused
    assert (NOW, "user or password") == (refused.refused_at, refused.reason)
    assert (after := night.ledger.console.login("harbor"))
    assert after.refused_at is None
    assert night.ledger.console.login(CLINIC_ROW["key"] + "-other") is None
