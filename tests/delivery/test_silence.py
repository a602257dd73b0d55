"""What did not happen is listed: claims by urgency, and clinics whose schedule passed without them."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from include.claims.deadlines import Clock, Moments, Severity, Unsettled, Waits
from include.claims.enrollment import About
from include.claims.errors import BadSetting
from include.claims.payer_profile import NO_PAYERS, Filing, PayerBook, PayerProfile
from include.claims.states import Delivery
from include.delivery.login_age import longest_life
from include.delivery.records import AccountState, OnboardingNote, SealedRun, Step, Table
from include.delivery.silence import SHOWN, Silence, Watch, as_document, as_text, silence
from tests.builders import BILLING_NPI, OTHER_BILLING_NPI
from tests.claims.test_deadlines import START, a_waiting
from tests.enrollment_rows import an_enrollment_row
from tests.orchestration.clinic_rows import a_clinic_row

pytestmark = pytest.mark.pure

NOW = START + timedelta(days=4)  # 22:00 in New York, 9 March; nightly at 22:30, answers at 6:00
LAST_NIGHT = datetime(2026, 3, 9, 2, 30, tzinfo=UTC)
THIS_MORNING = datetime(2026, 3, 9, 10, 0, tzinfo=UTC)
LONG_AGO = datetime(2026, 1, 2, tzinfo=UTC)


@dataclass
class GivenLedger:
    """A ledger that knows what a test tells it; what the use case asks of it is all answered here."""

    waiting: Sequence[Unsettled] = ()
    sealed: Sequence[SealedRun] = (SealedRun(clinic_key="acorn_aba", sealed_at=LAST_NIGHT, batches=1),)
    visited: Mapping[str, datetime | None] = field(default_factory=lambda: {"acorn": THIS_MORNING})
    clinic_rows: Sequence[Mapping[str, object]] = field(default_factory=lambda: [a_clinic_row()])
    refused: Sequence[AccountState] = ()
    told: Mapping[str, Sequence[OnboardingNote]] = field(default_factory=dict)
    enrollment_rows: Sequence[Mapping[str, object]] = ()
    hold_rows: Sequence[Mapping[str, object]] = ()

    @property
    def ledger(self) -> Any:
        return self

    silence = clinics = accounts = onboarding = ledger

    def unsettled(self, clinic_key: str = "") -> Iterator[Unsettled]:
        return (one for one in self.waiting if clinic_key in {"", one.clinic_key})

    def runs(self, since: datetime) -> list[SealedRun]:
        return [one for one in self.sealed if one.sealed_at >= since]

    def visits(self) -> Mapping[str, datetime | None]:
        return self.visited

    def rows(self, table: Table) -> Sequence[Mapping[str, object]]:
        billing = [{"key": "acorn", "clinic_key": "acorn_aba", "npi": BILLING_NPI}]
        kept = {
            Table.CLINIC: self.clinic_rows,
            Table.BILLING_IDENTITY: billing,
            Table.ENROLLMENT: self.enrollment_rows,
            Table.HOLD: self.hold_rows,
        }
        return kept[table]

    def states(self) -> Sequence[AccountState]:
        return self.refused

    def notes(self, clinic_key: str) -> Sequence[OnboardingNote]:
        return self.told.get(clinic_key, ())


def heard(ledger: GivenLedger, *, payers: PayerBook = NO_PAYERS, now: datetime = NOW, only: str = "") -> Silence:
    """Return the silence of a ledger."""
    return silence(ledger.ledger, payers, Waits(), now, only=only)


def a_claim_of(number: int, dollars: int, days: int, **changes: Any) -> Unsettled:
    """Return a claim whose file is in doubt since so many days."""
    since = NOW - timedelta(days=days)
    moved = {"delivery": Delivery.IN_DOUBT, "moments": Moments(delivery=since), "clinic_key": "acorn_aba"}
    return a_waiting(control_number=f"P{number}", charge=Decimal(dollars), **{**moved, **changes})


def watched(**changes: Any) -> dict[Watch, str]:
    """Return what is said of the one clinic."""
    return {one.what: one.sentence for one in heard(GivenLedger(**changes)).watch}


def test_a_night_like_any_other_is_not_mentioned():
    """Delivered, visited, nothing open: nothing is silent."""
    found = heard(GivenLedger())

    assert ([], [], {}, False) == (found.claims, found.watch, found.unwatched, found.is_overdue)
    assert "none missed" in as_text(found)


def test_the_most_urgent_claim_comes_first():
    """What is overdue by days times dollars, before what is only warned of, by dollars a day left."""
    payers = PayerBook((PayerProfile(payer_ids=("99999",), filing=Filing(original_days=14)),))
    small, large, old = a_claim_of(1, 100, 1), a_claim_of(2, 900, 1), a_claim_of(3, 100, 20)
    warned = a_waiting(control_number="P4", clinic_key="acorn_aba", delivery=Delivery.HELD)
    richer = replace(warned, control_number="P5", charge=Decimal(500))

    found = heard(GivenLedger(waiting=(warned, small, large, old, richer)), payers=payers)

    in_doubt = [one.claim.control_number for one in found.claims if one.clock is Clock.IN_DOUBT]
    filing = [one.claim.control_number for one in found.claims if one.clock is Clock.FILING]
    assert (["P3", "P2", "P1"], ["P2", "P5", "P4", "P1", "P3"]) == (in_doubt, filing)
    assert [Severity.OVERDUE] * 3 + [Severity.WARNING] * 5 == [one.severity for one in found.claims]


def test_a_clinic_waits_for_an_answer_as_long_as_its_row_says():
    """`answer_within_hours` is the clinic's own."""
    sent = a_waiting(clinic_key="acorn_aba", moments=Moments(delivery=NOW - timedelta(hours=30)))
    patient = [a_clinic_row(answer_within_hours="48")]

    assert [Clock.ANSWER] == [one.clock for one in heard(GivenLedger(waiting=[sent])).claims]
    assert [] == heard(GivenLedger(waiting=[sent], clinic_rows=patient)).claims


def test_a_claim_without_a_clock_is_counted():
    """A held claim of a payer nobody wrote down a limit of is not silent about it."""
    held = a_waiting(clinic_key="acorn_aba", delivery=Delivery.HELD)

    found = heard(GivenLedger(waiting=[held, replace(held, control_number="P2")]))

    assert {("acorn_aba", "HELD"): 2} == {key: hop.claims for key, hop in found.unwatched.items()}
    assert "acorn_aba  HELD  2 $480.00" in as_text(found)


def test_a_night_that_never_came_is_overdue():
    """The night due two hours ago and more must have sealed, with claims or without."""
    assert {} == watched(sealed=[SealedRun(clinic_key="acorn_aba", sealed_at=LAST_NIGHT, batches=0)])
    late = watched(sealed=[SealedRun(clinic_key="acorn_aba", sealed_at=LAST_NIGHT - timedelta(days=1), batches=1)])
    assert "was due on 2026-03-09 02:30 UTC; the last one was on 2026-03-08 02:30 UTC" in late[Watch.RUN]
    assert "more than 43 days ago, if ever" in watched(sealed=[])[Watch.RUN]


@pytest.mark.parametrize("row", [{"mode": "test"}, {"mode": "archived"}, {"live_since": "2026-03-10"}])
def test_only_live_clinics_are_expected_to_deliver(row):
    """Neither one in test nor one whose first night is to come."""
    assert {} == watched(sealed=[], visited={}, clinic_rows=[a_clinic_row(**row)])


def test_a_mailbox_nobody_visits_is_overdue():
    """Answers were due this morning; one that never sent a file owes none."""
    last_week = THIS_MORNING - timedelta(days=7)

    assert "last visited on 2026-03-02 10:00 UTC" in watched(visited={"acorn": last_week})[Watch.VISIT]
    assert "if ever" in watched(visited={"acorn": None})[Watch.VISIT]
    assert {} == watched(visited={})


def nights(*batches: int) -> list[SealedRun]:
    """Return a run a week up to last night."""
    weeks = len(batches) - 1
    return [
        SealedRun(clinic_key="acorn_aba", sealed_at=LAST_NIGHT - timedelta(weeks=weeks - number), batches=count)
        for number, count in enumerate(batches)
    ]


@pytest.mark.parametrize(
    ("sealed", "is_odd"),
    [
        (nights(1, 1, 2, 0), True),
        (nights(1, 2, 0), False),
        (nights(1, 0, 1, 1, 0), False),
        (nights(1, 1, 1, 1), False),
        ([*nights(1, 1, 1, 0), SealedRun(clinic_key="acorn_aba", sealed_at=LAST_NIGHT, batches=1)], False),
    ],
)
def test_a_night_empty_against_custom_is_a_warning(sealed, is_odd):
    """Where every night of that day of the week had claims, three of them at least."""
    assert is_odd is (Watch.EMPTY in watched(sealed=sealed))


def test_a_pause_is_not_for_ever():
    """After fourteen days without a run a paused clinic is mentioned."""
    row = [a_clinic_row(mode="paused")]
    run = SealedRun(clinic_key="acorn_aba", sealed_at=NOW - timedelta(days=14), batches=1)

    assert {} == watched(clinic_rows=row, sealed=[run])
    assert [Watch.PAUSED] == list(watched(clinic_rows=row, sealed=[replace(run, sealed_at=LONG_AGO)]))


def test_a_refused_login_is_overdue():
    """While the breaker is open nothing is sent or fetched."""
    account = AccountState(account="acorn@example:22", holder="", refused_at=NOW, reason="refused")

    found = heard(GivenLedger(refused=[account, replace(account, refused_at=None)]))

    assert [("acorn@example:22", Watch.REFUSED, True)] == [(one.who, one.what, found.is_overdue) for one in found.watch]


def test_a_refused_login_is_told_with_what_waits_for_it():
    """The alarm names the clinics whose deliveries are paused, and what of theirs is ready; others' claims are not."""
    account = AccountState(
        account="acorn@example:22", holder="", refused_at=NOW, reason="refused", mailbox_key="acorn", visited_at=NOW
    )
    rows = [a_clinic_row(), a_clinic_row("birch", mailbox_key="birch"), a_clinic_row("gone", mode="archived")]
    waiting = [
        a_claim_of(1, 100, 1, delivery=Delivery.READY),
        a_claim_of(2, 250, 1, delivery=Delivery.BATCHED),
        a_claim_of(3, 900, 1),
        a_claim_of(4, 400, 1, delivery=Delivery.READY, clinic_key="birch"),
    ]
    ledger = GivenLedger(waiting=waiting, clinic_rows=rows, refused=[account])

    [told] = [one for one in heard(ledger, only="acorn_aba").watch if one.what is Watch.REFUSED]

    assert told.sentence.endswith(
        "deliveries are paused for acorn_aba (mailbox acorn); 2 claims $350.00 ready wait, beside what the practice"
        " released since"
    )
    assert "./courier clinics credentials acorn" in told.remedy
    assert [] == [one for one in heard(ledger, only="birch").watch if one.what is Watch.REFUSED]


def test_one_clinic_can_be_asked_for():
    """Nothing of the others is gathered."""
    ledger = GivenLedger(
        waiting=[a_claim_of(1, 100, 1), a_claim_of(2, 100, 1, clinic_key="birch")],
        clinic_rows=[a_clinic_row(), a_clinic_row("birch")],
    )

    assert {"acorn_aba"} == {one.claim.clinic_key for one in heard(ledger, only="acorn_aba").claims}
    assert [] == heard(ledger, only="acorn_aba").watch
    assert ["birch"] == [one.who for one in heard(ledger).watch]


def test_a_bad_row_costs_nobody_else_anything():
    """Its claims are still waited for, by the defaults."""
    ledger = GivenLedger(waiting=[a_claim_of(1, 100, 1)], clinic_rows=[a_clinic_row(delivery_cron="at night")])

    assert [Clock.IN_DOUBT] == [one.clock for one in heard(ledger).claims]


def test_the_page_counts_all_and_lists_some():
    """A claim counts once, whatever runs over it; a long list is cut, and says so."""
    sent = Moments(delivery=NOW - timedelta(days=4))
    claims = [a_claim_of(n, 100, 1, delivery=Delivery.SENT, moments=sent) for n in range(SHOWN)]

    found = heard(GivenLedger(waiting=claims))
    text = as_text(found)

    assert f"overdue {SHOWN} $5,000.00, warnings -" in text
    assert f"and {SHOWN} more" in text
    assert SHOWN == text.count("  OVERDUE  ")
    assert text.count("What helps:") == 1
    assert max(map(len, text.splitlines())) < 200


def test_json_holds_every_claim():
    """A program gets what a person reads, and more of it."""
    ledger = GivenLedger(waiting=[a_claim_of(1, 100, 1)], sealed=[])

    said = json.loads(json.dumps(as_document(heard(ledger))))

    assert (True, "delivery", "in_doubt") == (said["overdue"], said["watch"][0]["what"], said["claims"][0]["clock"])
    assert date(2026, 3, 9).isoformat() == said["claims"][0]["due"][:10]


def told_login(days: int, mark: str, step: Step = Step.CREDENTIALS) -> OnboardingNote:
    """Return a note of so many days ago by which a login was known."""
    evidence = mark if step is Step.CREDENTIALS else f"acorn@example:22 SHA256:example {mark}"
    return OnboardingNote(step=step, at=NOW - timedelta(days=days), who="casey", evidence=evidence)


def old_passwords(*notes: OnboardingNote, life: int | None = 80, **changes: Any) -> list[str]:
    """Return the mailboxes whose password is to be changed."""
    ledger = GivenLedger(told=dict.fromkeys(("acorn_aba", "birch"), notes), **changes)
    days = None if life is None else timedelta(days=life)
    return [
        one.who
        for one in silence(ledger.ledger, NO_PAYERS, Waits(), NOW, password_life=days).watch
        if one.what is Watch.OLD
    ]


def test_a_password_is_old_since_it_was_entered_or_first_seen():
    """The same login seen again is no younger; another one is; without a life nothing is watched."""
    entered = told_login(90, "aaaa")

    assert ["acorn"] == old_passwords(entered, told_login(3, "aaaa", Step.CONNECTION))
    assert [] == old_passwords(entered, told_login(3, "bbbb", Step.CONNECTION))
    assert ["acorn"] == old_passwords(told_login(200, "bbbb"), told_login(100, "aaaa"), told_login(85, "bbbb"))
    assert [] == old_passwords(entered, life=None)
    assert [] == old_passwords()


def test_a_shared_mailbox_is_told_of_once():
    """Two clinics of one mailbox have one password, whoever of them tells of it; an archived one tells nothing."""
    rows = [a_clinic_row(key="acorn_aba"), a_clinic_row(key="birch")]
    old = told_login(90, "aaaa")

    assert ["acorn"] == old_passwords(old, clinic_rows=rows)
    assert [] == old_passwords(old, clinic_rows=[{**row, "mode": "archived"} for row in rows])


@pytest.mark.parametrize("text", ["0", "ninety", "-1", "99999"])
def test_a_wrong_life_is_refused(text):
    """A reminder that never comes because of a typing mistake is told."""
    with pytest.raises(BadSetting, match="COURIER_PASSWORD_DAYS"):
        longest_life({"COURIER_PASSWORD_DAYS": text})

    assert (timedelta(days=90), None) == (longest_life({"COURIER_PASSWORD_DAYS": "90"}), longest_life({}))


OLD_REQUEST = an_enrollment_row(state="requested", requested_on="2026-01-02", requested_by="Example")


def test_a_request_nobody_answered_is_told():
    """After its days it is a warning with what to do, on the page and for the alarm."""
    found = heard(GivenLedger(enrollment_rows=[OLD_REQUEST]))

    assert [("harbor_claims", Watch.REQUEST, Severity.WARNING)] == [
        (one.who, one.what, one.severity) for one in found.watch
    ]
    assert "with payer 99999: requested on 2026-01-02" in as_text(found)
    assert not found.is_overdue


def test_what_goes_wrong_already_is_overdue():
    """An approval that has ended, a bank account that has changed, a row that no rule can ask."""
    ended = an_enrollment_row(key="a", effective_to="2026-03-01")
    bank = an_enrollment_row(key="b", what="eft", bank_changed_on="2026-03-01")
    unreadable = an_enrollment_row(key="c", state="perhaps")

    found = heard(GivenLedger(enrollment_rows=[ended, bank, unreadable], hold_rows=[{"key": "d", "ends_on": "soon"}]))

    assert [Watch.END, Watch.BANK, Watch.UNREADABLE, Watch.UNREADABLE] == [one.what for one in found.watch]
    assert found.is_overdue


def test_a_clinics_own_enrollments_are_those_of_who_bills_for_it():
    """Asked for one clinic, another's requests are left out."""
    ledger = GivenLedger(enrollment_rows=[OLD_REQUEST, {**OLD_REQUEST, "key": "other", "npi": OTHER_BILLING_NPI}])

    assert ["harbor_claims"] == [one.who for one in heard(ledger, only="acorn_aba").watch]
    assert 2 == len(heard(ledger).watch)


def test_what_is_watched_of_enrollments_has_a_name():
    """Every reminder is something the page can show."""
    assert {one.value for one in About} <= {one.value for one in Watch}
