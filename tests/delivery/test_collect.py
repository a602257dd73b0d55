"""What a run collects: everything that is due, once, whatever happened to earlier runs."""

from dataclasses import replace
from datetime import timedelta

import pytest

from include.claims.errors import NotAllowed
from include.claims.model import CancelledClaim, Fault, UnreadableClaim
from include.claims.states import BatchStatus, Delivery, Usage, Work
from include.delivery.records import Kind, Table
from include.delivery.render import render
from include.delivery.upload import upload
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line, a_subscriber
from tests.night import ACCOUNT, NOW, PASSWORD, Night


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url):
    return Night.prepare(tmp_path, sandbox, url=ledger_url)


def claims(*keys: str):
    return [a_claim(key=key, lines=(a_line(source_line_key=key, session_id=f"S-{key}"),)) for key in keys]


def states(night: Night):
    return {line.claim_key: line.delivery for line in night.ports.ledger.report.claim_lines()}


def test_a_run_asked_again_gets_the_same_batches(night):
    """What a run sealed stays its own: a late claim waits for the next run."""
    night.hold(claims("C-1", "C-2"))
    first = night.collect("night-1").batch_ids

    night.hold(claims("C-1", "C-2", "C-3"))
    again = night.collect("night-1").batch_ids

    assert first == again
    assert {"C-1": Delivery.BATCHED, "C-2": Delivery.BATCHED} == states(night)


def test_a_claim_is_collected_once_by_all_runs(night):
    """A second run with the same claims at the source has nothing to deliver."""
    night.hold(claims("C-1", "C-2"))
    night.deliver("night-1")

    second = night.collect("backfill-of-yesterday", window_end=NOW - timedelta(hours=1))

    assert [] == second.batch_ids
    assert 2 == second.counts.unchanged


def test_files_are_split_at_the_clinics_limit(tmp_path, sandbox):
    """A night larger than one file makes several batches, each with its own numbers."""
    night = Night.prepare(tmp_path, sandbox, clinic={"claims_per_file": "2"})
    night.hold(claims("C-1", "C-2", "C-3", "C-4", "C-5"))

    batches = [night.ports.ledger.batches.get(batch_id) for batch_id in night.collect().batch_ids]

    assert [2, 2, 1] == [batch.claim_count for batch in batches]
    assert 3 == len({batch.interchange_number for batch in batches})


def test_an_unfinished_batch_is_adopted_by_the_next_run(night, sandbox):
    """A batch whose run died before the upload goes with the next night, as it was sealed."""
    night.hold(claims("C-1"))
    [orphan] = night.collect("night-that-died").batch_ids
    night = night.a_day_later()
    night.hold(claims("C-1", "C-2"))

    adopted, own = night.collect("night-2").batch_ids

    assert orphan == adopted
    render(orphan, night.ports)
    assert BatchStatus.SENT is upload(orphan, night.ports).status
    assert 1 == night.ports.ledger.batches.get(own).claim_count


def test_a_batch_too_old_to_go_gives_its_claims_back(night):
    """A batch that never began and is older than the clinic allows is given up; its claims go in a new file."""
    night.hold(claims("C-1"))
    [orphan] = night.collect("night-that-died").batch_ids
    much_later = Night(night.home, now=lambda: NOW + timedelta(days=9))
    much_later.hold(claims("C-1"))

    [fresh] = much_later.collect("night-9", window_end=NOW + timedelta(days=9)).batch_ids

    assert orphan != fresh
    assert BatchStatus.RELEASED is night.ports.ledger.batches.get(orphan).status


def test_faulty_claims_are_held_and_the_others_go(night):
    """A claim that breaks a rule, or cannot be read, is HELD with its reason beside it; the rest is batched."""
    unreadable = UnreadableClaim(
        source="example_practice",
        key="C-3",
        ready_at=NOW - timedelta(hours=3),
        content_hash="0" * 32,
        faults=(Fault(rule="amount_is_decimal", place="row 7, column charge", message="a float", remedy="send text"),),
    )
    night.hold([*claims("C-1"), a_claim(key="C-2", subscriber=a_subscriber(member_id="")), unreadable])

    collected = night.collect()

    assert {"C-1": Delivery.BATCHED, "C-2": Delivery.HELD, "C-3": Delivery.HELD} == states(night)
    assert 2 == collected.counts.held
    reasons = {line.claim_key: line.reasons for line in night.ports.ledger.report.claim_lines() if line.reasons}
    assert reasons["C-2"][0].startswith("member_id")
    assert reasons["C-3"][0].startswith("amount_is_decimal")


def test_a_mended_claim_goes_by_itself(night):
    """A HELD claim whose source is corrected becomes READY with the next collect."""
    night.hold([a_claim(subscriber=a_subscriber(member_id=""))])
    night.collect("night-1")
    night.hold([a_claim()])

    collected = night.collect("night-2")

    assert 1 == collected.counts.revised
    assert {"C-1": Delivery.BATCHED} == states(night)


def test_a_ready_claim_is_looked_up_again_before_it_goes(night):
    """A claim that waited from an earlier night and has left the source since is withdrawn, not sent."""
    night.hold(claims("C-1", "C-2"))
    night.collect("night-1", claim_keys=("C-2",))
    night.hold([])

    collected = night.collect("night-2")

    assert (1, []) == (collected.withdrawn, [b for b in collected.batch_ids if b not in night_one(night)])
    assert Delivery.WITHDRAWN is states(night)["C-1"]
    assert ["C-1"] == night.source.asked_again


def night_one(night: Night):
    return night.ports.ledger.batches.sealed(night.order("night-1").key)


def test_a_cancelled_claim_does_not_go(night):
    """A claim the source takes back before it left is withdrawn."""
    night.hold(claims("C-1"))
    night.collect("night-1", claim_keys=("another",))

    night.hold([CancelledClaim(source="example_practice", key="C-1")])
    collected = night.collect("night-2")

    assert [] == collected.batch_ids
    assert {"C-1": Delivery.WITHDRAWN} == states(night)


def test_a_claim_changed_after_it_left_is_not_sent_again(night):
    """Content that changes after the upload asks for a replacement; nothing goes by itself."""
    night.hold(claims("C-1"))
    night.deliver("night-1")
    night.hold([replace(*claims("C-1"), prior_authorization="AUTH2")])

    collected = night.collect("night-2")

    assert ([], 1) == (collected.batch_ids, collected.counts.after_sent)
    [line] = night.ports.ledger.report.claim_lines()
    assert Work.REPLACEMENT_DUE is line.work


@pytest.mark.parametrize("kind", [Kind.TEST, Kind.DRY])
def test_test_and_dry_runs_work_on_copies(night, kind):
    """A test file and a dry run leave every claim READY for the real one."""
    night.hold(claims("C-1", "C-2"))

    [batch_id] = night.collect("by-hand", kind=kind).batch_ids

    batch = night.ports.ledger.batches.get(batch_id)
    assert (Usage.TEST, True) == (batch.usage, "OATEST" in batch.file_name)
    live = [line for line in night.ports.ledger.report.claim_lines() if line.usage is Usage.LIVE]
    assert {Delivery.READY} == {line.delivery for line in live}


def test_a_window_before_the_first_live_day_is_refused(night):
    """The first unpause runs the last interval at once; a window before the clinic's go-live collects nothing."""
    night.ports.ledger.clinics.put(Table.CLINIC, [{**row(night), "live_since": "2026-03-06"}])
    night.hold(claims("C-1"))

    collected = night.collect(window_end=NOW - timedelta(days=1))

    assert "live since 2026-03-06" in collected.refused
    assert {} == states(night)


def row(night: Night):
    return night.ports.ledger.clinics.rows(Table.CLINIC)[0]


def test_a_paused_clinic_collects_nothing_and_says_so(night):
    """A paused clinic's run ends with the reason, not with a silent success."""
    night.ports.ledger.clinics.put(Table.CLINIC, [{**row(night), "mode": "paused"}])
    night.hold(claims("C-1"))

    assert "is paused" in night.collect().refused


def test_a_clinic_paused_before_the_upload_sends_nothing(night, sandbox):
    """The mode is read again in the transaction that commits *begun*."""
    night.hold(claims("C-1"))
    [batch_id] = night.collect().batch_ids
    render(batch_id, night.ports)
    night.ports.ledger.clinics.put(Table.CLINIC, [{**row(night), "mode": "paused"}])

    with pytest.raises(NotAllowed):
        upload(batch_id, night.ports)

    assert [] == list(sandbox.inbound(ACCOUNT).iterdir())


def test_a_live_file_does_not_go_to_a_sandbox_unasked(night, sandbox):
    """A server that says it is the sandbox gets a live batch only where the connection says so too."""
    night.hold(claims("C-1"))
    [batch_id] = night.collect().batch_ids
    render(batch_id, night.ports)
    mailboxes = night.ports.mailboxes
    expecting = mailboxes._connection("any")
    mailboxes._connection = lambda _: replace(expecting, extra={"host_key": expecting.extra["host_key"]})

    with pytest.raises(NotAllowed, match="sandbox"):
        upload(batch_id, night.ports)

    assert [] == list(sandbox.inbound(ACCOUNT).iterdir())


def test_claims_beyond_the_lookback_raise_an_alarm(night):
    """What is pending from before the lookback is counted, never silently left."""
    night.hold([replace(a_claim(), ready_at=NOW - timedelta(days=120))])

    assert 1 == night.collect().beyond_lookback
