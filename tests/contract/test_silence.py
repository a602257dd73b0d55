"""The ledger knows of every claim that is not settled, since when, and which runs and visits there were."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from include.adapters.ledger import silence
from include.claims.coordination import Responsibility
from include.claims.deadlines import Unsettled
from include.claims.model import UnreadableClaim
from include.claims.states import Adjudication, Delivery, Event, FrontEnd
from include.cli.__main__ import main
from include.delivery.records import Kind, Told
from tests import builders
from tests.contract.night import BLOCKED, NOW, SERVER, Night, an_answer, an_order, changed, claims
from tests.scenarios import secondary_after_primary


def by_key(night: Night) -> dict[str, Unsettled]:
    """Return what is unsettled by the claim's key."""
    return {one.claim_key: one for one in night.ledger.silence.unsettled()}


def test_a_sent_claim_is_unsettled_since_it_was_sent(night: Night):
    """With what a deadline needs to know, and nothing of the patient."""
    night.stage(*claims(1))
    night.later(hours=1)
    [number] = night.numbers(night.sent(*claims(1)))

    [one] = night.ledger.silence.unsettled()

    assert ("harbor", "C-001", number, "99999") == (one.clinic_key, one.claim_key, one.control_number, one.payer_id)
    assert (builders.a_claim().total_charge, builders.a_line().service_date) == (one.charge, one.first_service_on)
    assert (Delivery.SENT, FrontEnd.NONE, Adjudication.NONE) == (one.delivery, one.front_end, one.adjudication)
    assert (True, True, False, False) == (
        one.is_original, one.is_primary, one.moments.is_answered, one.moments.is_at_payer,
    )  # fmt: skip
    assert NOW + timedelta(hours=1) == one.moments.delivery
    assert "EXAMPLE" not in repr(one)


def test_held_and_ready_claims_are_unsettled_withdrawn_ones_are_not(night: Night):
    """A claim that never left is waited for by its payer's calendar, unless the source took it back."""
    first, second, third = claims(3)
    night.stage(first)
    night.stage(second, faults=[BLOCKED])
    night.stage(third)
    night.ledger.claims.withdraw([one.submission_id for one in _ready(night, "C-003")], "no longer pending", NOW)

    assert {"C-001": Delivery.READY, "C-002": Delivery.HELD} == {k: v.delivery for k, v in by_key(night).items()}


def _ready(night: Night, key: str):
    return [one for one in night.ledger.claims.ready("harbor", an_order()) if one.claim_key == key]


def test_a_decision_settles_a_denial_does_not(night: Night):
    """What was paid is out; what was denied is in, since the day the payer says."""
    batch_id = night.sent(*claims(2))
    paid, denied = night.numbers(batch_id)
    night.later(days=20)
    night.respond(
        batch_id,
        [an_answer(paid, Event.PAID), an_answer(denied, Event.DENIED, 2)],
        answered_on="2026-03-20",
    )

    [one] = night.ledger.silence.unsettled()

    assert (denied, Adjudication.DENIED) == (one.control_number, one.adjudication)
    assert datetime(2026, 3, 20, 12, tzinfo=UTC) == one.moments.adjudication


def test_what_the_payer_has_is_known(night: Night):
    """Receipt by the payer proves that it was filed."""
    batch_id = night.sent(*claims(1))
    [number] = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(number, Event.RECEIVED_BY_PAYER)])

    [one] = night.ledger.silence.unsettled()

    assert (True, True) == (one.moments.is_answered, one.moments.is_at_payer)


def test_only_the_newest_submission_of_a_claim_counts(night: Night):
    """What was rejected and goes again is waited for once."""
    [claim] = claims(1)
    batch_id = night.sent(claim)
    [first] = night.numbers(batch_id)
    night.respond(batch_id, [an_answer(first, Event.REJECTED_BY_CLEARINGHOUSE)])
    assert FrontEnd.REJECTED_BY_CLEARINGHOUSE is by_key(night)["C-001"].front_end

    night.stage(changed(claim))

    [one] = night.ledger.silence.unsettled()
    assert (Delivery.HELD, FrontEnd.NONE) == (one.delivery, one.front_end)
    assert first != one.control_number


def test_copies_for_a_test_are_not_waited_for(night: Night):
    """A test file is no claim."""
    night.rendered(*claims(1), kind=Kind.TEST)

    assert [Delivery.READY] == [one.delivery for one in night.ledger.silence.unsettled()]


def test_a_claim_to_a_second_payer_says_so(night: Night):
    """Its limit may run from something else."""
    night.stage(secondary_after_primary())

    assert [False] == [one.is_primary for one in night.ledger.silence.unsettled()]
    assert secondary_after_primary().responsibility is not Responsibility.PRIMARY


def test_a_claim_that_could_not_be_read_is_waited_for(night: Night):
    """Nothing is known of it but that it is held."""
    night.stage(UnreadableClaim(source="example_practice", key="C-9", ready_at=NOW, content_hash="0", faults=()))

    [one] = night.ledger.silence.unsettled()

    assert (Delivery.HELD, None, True) == (one.delivery, one.first_service_on, one.is_primary)


def test_the_command_says_it_and_its_status_too(night: Night, ledger_url: str, capsys):
    """1 where something is overdue, 0 where nothing is."""
    night.set_clinic(mode="test")
    assert 0 == main(["silent", "--ledger", ledger_url])
    night.set_clinic(mode="live")
    [number] = night.numbers(night.sent(*claims(1)))
    capsys.readouterr()

    assert 1 == main(["silent", "--ledger", ledger_url])
    assert number in capsys.readouterr().out
    assert 1 == main(["silent", "--ledger", ledger_url, "--clinic", "harbor", "--json"])
    assert {number} == {one["control_number"] for one in json.loads(capsys.readouterr().out)["claims"]}


def test_pages_end_where_the_next_begin(night: Night, monkeypatch):
    """Memory holds a page; every claim comes once, and one clinic can be asked for."""
    monkeypatch.setattr(silence, "_PAGE", 2)
    night.stage(*claims(5))

    assert [f"C-{n:03d}" for n in range(1, 6)] == [one.claim_key for one in night.ledger.silence.unsettled("harbor")]
    assert [] == list(night.ledger.silence.unsettled("elsewhere"))


def test_live_runs_are_known_by_what_they_made(night: Night):
    """An empty night is a run as well; a test is none."""
    night.sent(*claims(1))
    night.later(days=1)
    night.seal(an_order("run-2"))
    night.seal(an_order("run-3", kind=Kind.TEST))

    runs = [(one.clinic_key, one.sealed_at, one.batches) for one in night.ledger.silence.runs(NOW)]

    assert [("harbor", NOW, 1), ("harbor", NOW + timedelta(days=1), 0)] == runs
    assert [0] == [one.batches for one in night.ledger.silence.runs(NOW + timedelta(hours=1))]


def test_an_adopted_batch_makes_no_night_full(night: Night):
    """What an earlier run left was not made by this one."""
    batch_id = night.rendered(*claims(1))
    night.seal(an_order("run-2"), adopted=[batch_id])

    assert [1, 0] == [one.batches for one in night.ledger.silence.runs(NOW)]


def test_the_last_visit_is_by_the_database_s_clock(night: Night):
    """Whoever was in the account of a mailbox's files visited the mailbox; of any other nothing is known."""
    assert {} == night.ledger.silence.visits()
    night.sent(*claims(1))

    [(mailbox, visited)] = night.ledger.silence.visits().items()

    assert "harbor" == mailbox
    assert visited is not None
    assert abs(datetime.now(UTC) - visited) < timedelta(minutes=5)
    assert SERVER.account == night.ledger.accounts.states()[0].account


def test_what_was_told_is_remembered_until_it_is_over(night: Night):
    """Told again it has its newest level and moment; what is gone is forgotten."""
    kept = night.ledger.silence
    kept.remember({"filing:P1": 50, "answer:P2": 100}, (), NOW)
    kept.remember({"filing:P1": 80}, ["answer:P2", "never:told"], NOW + timedelta(days=1))

    assert {"filing:P1": Told(level=80, at=NOW + timedelta(days=1))} == kept.told()
    kept.remember({}, (), NOW)
    assert 1 == len(kept.told())


def test_an_alarm_that_was_heard_is_quiet_until_it_is_told_anew(night: Night):
    """Every clock over the claim, and over no other whose number ends alike."""
    kept = night.ledger.silence
    kept.remember({"filing:P1": 50, "answer:P1": 100, "answer:XP1": 100}, (), NOW)

    assert 2 == kept.acknowledge("P1", "casey")
    assert {"filing:P1", "answer:P1"} == {key for key, one in kept.told().items() if one.acknowledged_by == "casey"}
    kept.remember({"filing:P1": 80}, (), NOW)
    assert not kept.told()["filing:P1"].acknowledged_by
    assert 0 == kept.acknowledge("%", "casey")


def test_when_another_payer_decided_is_known(night: Night):
    """A secondary claim's limit runs from it."""
    claim = secondary_after_primary()
    night.stage(claim)

    assert [claim.others_decided_on] == [one.others_decided_on for one in night.ledger.silence.unsettled()]
    assert claim.others_decided_on


@pytest.mark.parametrize("frequency", ["7", "8"])
def test_a_replacement_is_no_original(night: Night, frequency: str):
    """Its limit is another one."""
    claim = builders.a_claim(payer_claim_number="ICN1")
    night.stage(replace(claim, frequency=type(claim.frequency)(frequency)))

    assert [False] == [one.is_original for one in night.ledger.silence.unsettled()]
