"""Begun, sent, broken, in doubt: what one attempt may and may not do, on every ledger."""

from dataclasses import replace
from datetime import timedelta

import pytest

from include.claims.errors import BadSetting, InDoubt, LeaseHeld, NotAllowed
from include.claims.model import CancelledClaim
from include.claims.states import BatchStatus, Delivery, Event
from include.delivery.records import Kind
from tests import builders
from tests.contract.night import NOW, SERVER, Night, an_answer, an_order, claims


def test_begun_is_in_doubt_until_sent(night: Night):
    """From *begun* on a submission is IN DOUBT; the acknowledged close makes it SENT."""
    batch_id = night.rendered(builders.a_claim())

    transmission = night.begin(batch_id)
    between = night.line("C-1").delivery
    night.ledger.batches.sent(transmission, "acknowledged", NOW)
    night.ledger.batches.sent(transmission, "acknowledged", NOW)

    assert Delivery.IN_DOUBT == between
    assert Delivery.SENT == night.line("C-1").delivery
    assert BatchStatus.SENT == night.ledger.batches.get(batch_id).status


def test_a_transmission_that_never_started_leaves_no_doubt(night: Night):
    """Where it is proved that no byte left, the batch is RENDERED and its claims BATCHED again."""
    batch_id = night.rendered(builders.a_claim())

    night.ledger.batches.not_started(night.begin(batch_id), "inbound is missing", NOW)

    assert BatchStatus.RENDERED == night.ledger.batches.get(batch_id).status
    assert Delivery.BATCHED == night.line("C-1").delivery
    night.ledger.batches.sent(night.begin(batch_id), "acknowledged", NOW)
    assert Delivery.SENT == night.line("C-1").delivery


def test_a_later_attempt_that_did_not_start_proves_nothing_of_the_first(night: Night):
    """A batch whose first attempt broke stays BEGUN when the second attempt never starts."""
    batch_id = night.rendered(builders.a_claim())
    night.ledger.batches.broken(night.begin(batch_id), "connection cut", NOW)

    night.ledger.batches.not_started(night.begin(batch_id), "disk full", NOW)

    assert BatchStatus.BEGUN == night.ledger.batches.get(batch_id).status
    assert Delivery.IN_DOUBT == night.line("C-1").delivery


def test_a_look_takes_a_batch_out_of_doubt(night: Night):
    """The whole file seen on the server makes a BEGUN batch SENT; one that never began is a riddle for a person."""
    begun = night.rendered(claims(2)[0], run_id="run-1")
    night.begin(begun)
    rendered = night.rendered(claims(2)[1], run_id="run-2")

    night.ledger.batches.sent_by_look(begun, "seen whole", NOW)
    night.ledger.batches.sent_by_look(begun, "seen whole", NOW)

    assert BatchStatus.SENT == night.ledger.batches.get(begun).status
    with pytest.raises(InDoubt, match="RENDERED"):
        night.ledger.batches.sent_by_look(rendered, "seen whole", NOW)


def test_an_overtaken_attempt_cannot_speak(night: Night):
    """A worker that was overtaken is told to look again, whatever it wants to say."""
    batch_id = night.rendered(builders.a_claim())
    first = night.begin(batch_id)
    second = night.begin(batch_id)

    for say in (night.ledger.batches.sent, night.ledger.batches.not_started, night.ledger.batches.broken):
        with pytest.raises(LeaseHeld, match="overtaken"):
            say(first, "I am back", NOW)

    night.ledger.batches.sent(second, "acknowledged", NOW)
    assert Delivery.SENT == night.line("C-1").delivery


@pytest.mark.parametrize(
    ("lease_change", "server_change"),
    [({"token": 99}, {}), ({"account": "someone@else:22"}, {}), ({}, {"user": "someone"})],
)
def test_without_the_lease_nothing_begins(night: Night, lease_change, server_change):
    """A lease that is not the account's current one begins nothing."""
    batch_id = night.rendered(builders.a_claim())
    lease = replace(night.lease(), **lease_change)

    with pytest.raises(LeaseHeld):
        night.ledger.batches.begin(batch_id, lease, replace(SERVER, **server_change), NOW)

    assert BatchStatus.RENDERED == night.ledger.batches.get(batch_id).status


def test_an_expired_lease_begins_nothing(night: Night):
    """The database's clock says when a lease has run out."""
    batch_id = night.rendered(builders.a_claim())
    lease = night.lease(seconds=-1)

    with pytest.raises(LeaseHeld):
        night.ledger.batches.begin(batch_id, lease, SERVER, NOW)


@pytest.mark.parametrize("mode", ["paused", "test", "onboarding", "archived"])
def test_the_mode_at_the_last_moment_decides(night: Night, mode: str):
    """A clinic that is no longer live sends nothing, even what was sealed while it was."""
    batch_id = night.rendered(builders.a_claim())
    night.set_clinic(mode=mode)

    with pytest.raises(NotAllowed, match=mode):
        night.begin(batch_id)

    assert Delivery.BATCHED == night.line("C-1").delivery


def test_a_live_file_never_goes_to_a_sandbox(night: Night):
    """A server that says it is the sandbox gets no live file, unless the connection expects a sandbox."""
    batch_id = night.rendered(builders.a_claim())

    with pytest.raises(NotAllowed, match="sandbox"):
        night.begin(batch_id, replace(SERVER, is_sandbox=True))

    night.begin(batch_id, replace(SERVER, is_sandbox=True, sandbox_expected=True))
    assert BatchStatus.BEGUN == night.ledger.batches.get(batch_id).status


def test_a_sandboxs_claims_never_reach_a_real_server(night: Night):
    """A connection that is marked as the sandbox's sends nothing to a server that is none."""
    batch_id = night.rendered(builders.a_claim())

    with pytest.raises(NotAllowed, match="no sandbox"):
        night.begin(batch_id, replace(SERVER, sandbox_expected=True))

    assert BatchStatus.RENDERED == night.ledger.batches.get(batch_id).status


def test_only_rendered_batches_of_a_sending_kind_begin(night: Night):
    """A batch without bytes, a sent one and a dry run begin nothing."""
    night.stage(claims(3)[0])
    (sealed,) = night.seal(an_order("run-1"))
    dry = night.rendered(claims(3)[1], run_id="run-2", kind=Kind.DRY)
    sent = night.sent(claims(3)[2], run_id="run-3")

    for batch_id, reason in ((sealed, "SEALED"), (dry, "dry run"), (sent, "SENT")):
        with pytest.raises(NotAllowed, match=reason):
            night.begin(batch_id)


def test_a_file_that_was_answered_before_it_left_does_not_leave(night: Night):
    """Answers to claims that never began mean that somebody else sent them: nothing leaves, a person looks."""
    batch_id = night.rendered(*claims(2))
    night.respond(batch_id, [an_answer(night.numbers(batch_id)[0], Event.ACCEPTED_BY_CLEARINGHOUSE)])

    with pytest.raises(InDoubt, match="1 of its claims were answered"):
        night.begin(batch_id)

    night.ledger.batches.give_up(batch_id, "looked at", NOW)
    (again,) = night.seal(an_order("run-2"))
    assert 1 == night.ledger.batches.get(again).claim_count


def test_name_and_usage_must_agree(night: Night):
    """A test file whose name lacks OATEST begins nothing, nor does a live one that has it."""
    for run_id, kind, name in (("run-1", Kind.TEST, "837P_1.txt"), ("run-2", Kind.LIVE, "837P_OATEST_2.txt")):
        night.stage(builders.a_claim())
        clinic = night.ledger.clinics.clinic("harbor")
        order = an_order(run_id, kind=kind)
        filling = night.invented() if kind is Kind.TEST else ()
        (batch_id,) = night.ledger.batches.seal(
            order, clinic, NOW, name_of=lambda *_, name=name: name, settings={}, invented=filling
        )
        night.render(batch_id)

        with pytest.raises(NotAllowed, match="OATEST"):
            night.begin(batch_id)


def test_a_file_that_did_not_arrive_goes_again_as_new_submissions(night: Night):
    """A person's word after the deadline voids the file; its claims are READY under new numbers, once."""
    batch_id = night.rendered(*claims(2))
    night.ledger.batches.broken(night.begin(batch_id), "cut", NOW)
    numbers = night.numbers(batch_id)
    night.later(hours=25)

    count = night.ledger.batches.did_not_arrive(batch_id, "casey", "support says so", night.now)

    assert 2 == count
    assert BatchStatus.NOT_ARRIVED == night.ledger.batches.get(batch_id).status
    assert numbers == night.numbers(batch_id)
    (again,) = night.seal(an_order("run-2"))
    assert claims(2) == [item.claim for item in night.ledger.batches.claims(again)]
    assert not set(numbers) & set(night.numbers(again))
    with pytest.raises(NotAllowed, match="NOT ARRIVED"):
        night.ledger.batches.did_not_arrive(batch_id, "casey", "again", night.now)


def test_what_the_source_took_back_does_not_go_again(night: Night):
    """A claim cancelled while its file was in doubt is not made READY when the file is voided."""
    batch_id = night.rendered(*claims(2))
    night.ledger.batches.broken(night.begin(batch_id), "cut", NOW)
    night.stage(CancelledClaim(source="example_practice", key="C-001"))
    night.later(hours=25)

    count = night.ledger.batches.did_not_arrive(batch_id, "casey", "support says so", night.now)

    assert 1 == count
    assert 3 == len(night.lines())


def test_a_file_cannot_be_voided_early(night: Night):
    """While the lease may still be held, or an answer may still come, nobody may say it did not arrive."""
    batch_id = night.rendered(builders.a_claim())
    lease = night.lease(seconds=600)
    night.ledger.batches.begin(batch_id, lease, SERVER, NOW)

    with pytest.raises(LeaseHeld, match="worker-1"):
        night.ledger.batches.did_not_arrive(batch_id, "casey", "surely", NOW + timedelta(hours=25))
    night.ledger.accounts.release(lease)
    with pytest.raises(NotAllowed, match="answer may still come"):
        night.ledger.batches.did_not_arrive(batch_id, "casey", "surely", NOW + timedelta(hours=23))

    assert Delivery.IN_DOUBT == night.line("C-1").delivery


def test_an_answer_after_all_freezes_both_submissions(night: Night):
    """A voided file that is answered contradicts itself, and what was to go in its place is held, batched or not."""
    batch_id = night.rendered(*claims(3))
    night.ledger.batches.broken(night.begin(batch_id), "cut", NOW)
    first, second, _ = night.numbers(batch_id)
    night.later(hours=25)
    night.ledger.batches.did_not_arrive(batch_id, "casey", "support says so", night.now)
    (again,) = night.seal(replace(an_order("run-2"), claim_keys=("C-001", "C-003")))

    accepted = Event.ACCEPTED_BY_CLEARINGHOUSE
    night.respond(batch_id, [an_answer(first, accepted, 1), an_answer(second, accepted, 2)])

    assert [True, True] == [night.line(key).contradicted for key in ("C-001", "C-002")]
    for key in ("C-001", "C-002"):
        assert Delivery.HELD == night.line(key, 2).delivery
        assert night.line(key, 2).reasons[0].startswith("possible_duplicate")
    assert Delivery.READY == night.line("C-003", 2).delivery
    assert BatchStatus.RELEASED == night.ledger.batches.get(again).status


def test_unknown_transmissions_are_named(night: Night):
    """A transmission id nobody gave out is an error that says so."""
    with pytest.raises(BadSetting, match="transmission 99"):
        night.ledger.batches.sent(99, "acknowledged", NOW)


def test_a_word_to_keep_waiting_moves_nothing_and_quiets_the_alarm(night: Night):
    """Kept with who, why and until when, as often as it is said; refused once the file is not in doubt."""
    batch_id = night.rendered(*claims(2))
    night.begin(batch_id)
    keys = {f"in_doubt:{number}": 100 for number in night.numbers(batch_id)}
    night.ledger.silence.remember({**keys, "answer:other": 100}, (), night.now)
    doubts, until = night.ledger.doubts, night.now + timedelta(hours=24)

    for who in ("casey", "robin"):
        doubts.keep_waiting(batch_id, who, "support looks", until, night.now)

    [doubt] = doubts.all()
    assert [("casey", until), ("robin", until)] == [(one.who, one.until) for one in doubt.waited]
    assert (1, "harbor@sftp.example.test:22") == (doubt.attempts, doubt.server)
    assert [Delivery.IN_DOUBT] * 2 == [line.delivery for line in night.lines()]
    assert {**dict.fromkeys(keys, "robin"), "answer:other": ""} == {
        key: told.acknowledged_by for key, told in night.ledger.silence.told().items()
    }
    night.ledger.batches.sent_by_look(batch_id, "the whole file was seen", night.now)
    with pytest.raises(NotAllowed, match="not in doubt"):
        doubts.keep_waiting(batch_id, "casey", "again", until, night.now)
    assert [] == doubts.all()
