"""Sealing, adopting and giving up batches, on every ledger."""

import threading
from dataclasses import replace
from datetime import timedelta

import pytest

from include.claims.errors import BadSetting, NotAllowed
from include.claims.states import BatchStatus, Delivery, Usage
from include.delivery.records import Kind, RunKey, Staged, Table
from tests import builders
from tests.contract.night import CLINIC_ROW, MAILBOX_ROW, NOW, Night, an_order, changed, claims, name_of

A_MINUTE_LATER = NOW + timedelta(minutes=1)


def test_sealing_freezes_a_batch(night: Night):
    """A sealed batch carries its claims, numbers, name, settings and time."""
    night.stage(*claims(3))

    (batch_id,) = night.seal()

    batch = night.ledger.batches.get(batch_id)
    assert (1, 1, 1, "000000001") == (batch.number, batch.interchange_number, batch.group_number, batch.reference)
    assert (name_of(1, Usage.LIVE), BatchStatus.SEALED, NOW) == (batch.file_name, batch.status, batch.created_at)
    assert {"submitter_id": "731234567"} == dict(batch.settings)
    assert (3, 3 * builders.a_claim().total_charge) == (batch.claim_count, batch.total_charge)
    assert (an_order().key, "harbor", "harbor") == (batch.run, batch.clinic_key, batch.mailbox_key)
    assert {Delivery.BATCHED} == {line.delivery for line in night.lines()}
    assert {(batch.file_name, "run-1")} == {(line.file_name, line.run_id) for line in night.lines()}


def test_a_batch_gives_its_claims_back_in_order(night: Night):
    """The claims of a batch stream in position order with the content that was sealed, over many pages."""
    night.set_clinic(claims_per_file="5000")
    night.stage(*claims(1101))
    (batch_id,) = night.seal()

    items = list(night.ledger.batches.claims(batch_id))

    assert sorted(claims(1101), key=lambda claim: claim.key) == [item.claim for item in items]
    assert list(range(1, 1102)) == [item.position for item in items]
    assert 1101 == len({item.control_number for item in items})


def test_a_run_seals_once(night: Night):
    """A run asked again gets the batches it sealed, whatever has become READY since."""
    night.stage(claims(2)[0])
    assert night.ledger.batches.sealed(an_order().key) is None
    first = night.seal()
    night.stage(claims(2)[1])

    again = night.seal()

    assert first == again == night.ledger.batches.sealed(an_order().key)
    assert Delivery.READY == night.line("C-002").delivery
    assert 1 == len(night.seal(an_order("run-2")))


def test_an_empty_night_is_sealed_too(night: Night):
    """A run without READY claims seals an empty set, and stays empty."""
    nothing = night.seal()
    night.stage(builders.a_claim())

    assert [] == nothing == night.seal() == night.ledger.batches.sealed(an_order().key)


def test_a_large_night_makes_several_files(night: Night):
    """The clinic's limit splits a night; every file has its own numbers."""
    night.set_clinic(claims_per_file="4")
    night.stage(*claims(10))

    batches = [night.ledger.batches.get(one) for one in night.seal()]

    assert [4, 4, 2] == [batch.claim_count for batch in batches]
    assert [1, 2, 3] == [batch.interchange_number for batch in batches]
    assert 3 == len({batch.file_name for batch in batches})


def test_clinics_that_share_a_mailbox_share_its_numbers(night: Night):
    """No two files of a mailbox have the same number; another mailbox counts for itself."""
    night.ledger.clinics.put(Table.MAILBOX, [{**MAILBOX_ROW, "key": "other"}])
    rows = [{**CLINIC_ROW, "key": "sister"}, {**CLINIC_ROW, "key": "stranger", "mailbox_key": "other"}]
    night.ledger.clinics.put(Table.CLINIC, rows)
    numbers = {}
    for clinic_key in ("harbor", "sister", "stranger"):
        claim = builders.a_claim(key=clinic_key)
        night.ledger.claims.stage(clinic_key, [Staged(claim=claim, faults=())], NOW)
        (batch_id,) = night.seal(an_order(clinic_key=clinic_key))
        numbers[clinic_key] = night.ledger.batches.get(batch_id).number

    assert {"harbor": 1, "sister": 2, "stranger": 1} == numbers


@pytest.mark.parametrize("kind", [Kind.TEST, Kind.DRY])
def test_test_and_dry_runs_work_on_copies(night: Night, kind: Kind):
    """A test or dry run batches copies under their own numbers and leaves every live claim READY."""
    night.stage(*claims(5))

    (first,) = night.seal(an_order("run-1", kind=kind))
    (second,) = night.seal(an_order("run-2", kind=kind))

    live = [line for line in night.lines() if line.usage is Usage.LIVE]
    assert [Delivery.READY] * 5 == [line.delivery for line in live]
    numbers = {line.control_number for line in live} | {*night.numbers(first), *night.numbers(second)}
    assert 15 == len(numbers)
    assert Usage.TEST == night.ledger.batches.get(first).usage
    assert claims(5) == [item.claim for item in night.ledger.batches.claims(second)]
    (live_batch,) = night.seal(an_order("run-3"))
    assert {line.control_number for line in live} == set(night.numbers(live_batch))


def test_a_test_run_is_capped(night: Night):
    """A test run takes at most 100 claims."""
    night.stage(*claims(120))

    (batch_id,) = night.seal(an_order(kind=Kind.TEST))

    assert 100 == night.ledger.batches.get(batch_id).claim_count


@pytest.mark.parametrize(
    ("mode", "kind"),
    [("paused", Kind.LIVE), ("test", Kind.LIVE), ("onboarding", Kind.TEST), ("archived", Kind.LIVE)],
)
def test_a_mode_that_forbids_a_kind_refuses_it(night: Night, mode: str, kind: Kind):
    """The clinic's row as it is now decides what may be sealed, and a refusal leaves no trace."""
    night.stage(builders.a_claim())
    clinic = night.ledger.clinics.clinic("harbor")
    night.set_clinic(mode=mode)

    with pytest.raises(NotAllowed, match=mode):
        night.ledger.batches.seal(an_order(kind=kind), clinic, NOW, name_of=name_of, settings={})

    assert night.ledger.batches.sealed(an_order().key) is None
    assert Delivery.READY == night.line("C-1").delivery


def test_a_window_before_going_live_is_empty(night: Night):
    """A live run whose window ends before the clinic went live takes nothing."""
    night.stage(builders.a_claim())
    night.set_clinic(live_since="2026-03-06")

    nothing = night.seal(an_order())

    assert [] == nothing  # 02:00 UTC is the evening of the 5th in the clinic's zone
    night.set_clinic(live_since="2026-03-05")
    assert 1 == len(night.seal(an_order("run-2")))


def test_a_run_for_another_clinic_is_refused(night: Night):
    """A run's order and the clinic it is sealed with are the same clinic's."""
    clinic = replace(night.ledger.clinics.clinic("harbor"), key="elsewhere")

    with pytest.raises(NotAllowed, match="elsewhere"):
        night.ledger.batches.seal(an_order(), clinic, NOW, name_of=name_of, settings={})


def test_adopted_batches_come_first_and_stay(night: Night):
    """What a run adopts from an earlier one is its own for ever, before what it seals itself."""
    night.stage(claims(2)[0])
    (old,) = night.seal(an_order("run-1"))
    night.stage(claims(2)[1])
    assert [old] == [batch.id for batch in night.ledger.batches.unfinished("harbor", A_MINUTE_LATER)]

    both = night.seal(an_order("run-2"), adopted=[old])

    assert [old] == both[:1]
    assert 2 == len(both)
    assert both == night.seal(an_order("run-2")) == night.ledger.batches.sealed(an_order("run-2").key)
    assert [old] == night.ledger.batches.sealed(an_order("run-1").key)


def test_unfinished_names_what_still_has_to_be_done(night: Night):
    """SEALED, RENDERED and BEGUN live batches are unfinished; sent, released and test batches are not."""
    sealed, rendered, begun, sent, released = claims(5)
    sent_id = night.sent(sent, run_id="run-1")
    begun_id = night.rendered(begun, run_id="run-2")
    night.begin(begun_id)
    rendered_id = night.rendered(rendered, run_id="run-3")
    night.stage(released)
    (released_id,) = night.seal(an_order("run-4"))
    night.ledger.batches.give_up(released_id, "old", NOW)
    night.seal(an_order("run-5", kind=Kind.TEST))
    night.stage(sealed)
    (sealed_id,) = night.seal(replace(an_order("run-6"), claim_keys=(sealed.key,)))

    found = night.ledger.batches.unfinished("harbor", A_MINUTE_LATER)

    assert [begun_id, rendered_id, sealed_id] == [batch.id for batch in found]
    assert sent_id not in {batch.id for batch in found}
    assert [] == night.ledger.batches.unfinished("harbor", NOW)


def test_a_given_up_batch_frees_its_claims(night: Night):
    """Claims of a batch that never began are READY again and go with the next run, under the same control number."""
    night.stage(*claims(2))
    (batch_id,) = night.seal()
    numbers = night.numbers(batch_id)

    assert night.ledger.batches.give_up(batch_id, "too old", NOW)

    assert BatchStatus.RELEASED == night.ledger.batches.get(batch_id).status
    (again,) = night.seal(an_order("run-2"))
    assert numbers == night.numbers(again)
    assert 2 == night.ledger.batches.get(again).number


def test_a_given_up_batch_takes_what_changed_meanwhile(night: Night):
    """A claim that changed while it was batched takes the change once its batch was given up."""
    night.stage(builders.a_claim())
    (batch_id,) = night.seal()
    night.stage(changed(builders.a_claim()))
    night.ledger.batches.give_up(batch_id, "too old", NOW)

    night.stage(changed(builders.a_claim()))

    (again,) = night.seal(an_order("run-2"))
    assert [changed(builders.a_claim())] == [item.claim for item in night.ledger.batches.claims(again)]


def test_a_batch_that_began_is_not_given_up(night: Night):
    """Once bytes may have left, the claims of a batch are not freed."""
    batch_id = night.rendered(builders.a_claim())
    night.begin(batch_id)

    assert not night.ledger.batches.give_up(batch_id, "too old", NOW)

    assert Delivery.IN_DOUBT == night.line("C-1").delivery


def test_bytes_are_recorded_once(night: Night):
    """The first bytes of a batch are its bytes; a twin is told that there were some."""
    night.stage(*claims(2))
    (batch_id,) = night.seal()
    first, second = [item.submission_id for item in night.ledger.batches.claims(batch_id)]

    mine = night.ledger.batches.rendered(batch_id, "a" * 64, 10, {first: ("0001", 3), second: ("0002", 30)})
    twin = night.ledger.batches.rendered(batch_id, "b" * 64, 20, {})

    batch = night.ledger.batches.get(batch_id)
    assert (True, False) == (mine, twin)
    assert (BatchStatus.RENDERED, "a" * 64, 10) == (batch.status, batch.payload_sha256, batch.size)
    numbers = night.numbers(batch_id)
    assert {"0001": numbers[:1], "0002": numbers[1:]} == night.ledger.responses.control_numbers(batch_id)


def test_one_set_may_carry_several_claims(night: Night):
    """Where all claims of a file stand in one ST, its number leads to all of them, in position order."""
    night.stage(*claims(3))
    (batch_id,) = night.seal()
    ids = [item.submission_id for item in night.ledger.batches.claims(batch_id)]

    night.ledger.batches.rendered(batch_id, "a" * 64, 10, dict.fromkeys(reversed(ids), ("0001", 3)))

    assert {"0001": night.numbers(batch_id)} == night.ledger.responses.control_numbers(batch_id)


def test_two_runs_that_seal_at_once_share_nothing(night: Night):
    """Runs that seal at the same time take every claim exactly once and never the same number."""
    night.set_clinic(claims_per_file="7")
    night.stage(*claims(60))
    sealed: list[list[int]] = []

    def seal(run_id):
        sealed.append(night.seal(an_order(run_id)))

    threads = [threading.Thread(target=seal, args=(f"run-{one}",)) for one in (1, 1, 2, 3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    batch_ids = {one for ids in sealed for one in ids}
    numbers = [number for one in batch_ids for number in night.numbers(one)]
    assert 4 == len(sealed)
    assert 60 == len(numbers) == len(set(numbers))
    assert len(batch_ids) == len({night.ledger.batches.get(one).number for one in batch_ids})


def test_an_unknown_batch_is_named(night: Night):
    """A batch id nobody gave out is an error that says so."""
    with pytest.raises(BadSetting, match="batch 99"):
        night.ledger.batches.get(99)
    assert night.ledger.batches.sealed(RunKey(dag_id="nobody", run_id="none")) is None


def test_the_first_live_night_is_capped(night: Night):
    """A clinic's first live run takes its oldest claims up to the cap; the next one takes the rest, and all is gone."""
    night.set_clinic(first_night_claims="3")
    night.stage(*claims(8))

    (first,) = night.seal(an_order("run-1"))
    waiting = [line.claim_key for line in night.lines() if line.delivery is Delivery.READY]
    (second,) = night.seal(an_order("run-2"))

    assert ["C-001", "C-002", "C-003"] == [item.claim.key for item in night.ledger.batches.claims(first)]
    assert ["C-004", "C-005", "C-006", "C-007", "C-008"] == waiting
    assert waiting == [item.claim.key for item in night.ledger.batches.claims(second)]
    assert {Delivery.BATCHED} == {line.delivery for line in night.lines()}


def test_a_capped_night_is_sealed_once(night: Night):
    """Asked again, the first run gets what it sealed, and no second portion."""
    night.set_clinic(first_night_claims="3")
    night.stage(*claims(8))

    assert night.seal() == night.seal()
    assert 5 == sum(line.delivery is Delivery.READY for line in night.lines())


def test_a_first_night_that_was_given_up_is_still_to_come(night: Night):
    """A batch that never left was no night; a test file and an empty run were none either."""
    night.set_clinic(first_night_claims="3")
    night.seal(an_order("run-0"))
    night.stage(*claims(8))
    night.seal(an_order("run-1", kind=Kind.TEST))
    (given_up,) = night.seal(an_order("run-2"))
    night.ledger.batches.give_up(given_up, "example", NOW)

    (first,) = night.seal(an_order("run-3"))

    assert 3 == night.ledger.batches.get(first).claim_count


def test_of_two_first_nights_at_once_one_is_capped(night: Night):
    """Two runs that seal at the same time share nothing, and only one of them is the first."""
    night.set_clinic(first_night_claims="3")
    night.stage(*claims(8))
    sealed: list[int] = []
    runs = [threading.Thread(target=lambda name=name: sealed.extend(night.seal(an_order(name)))) for name in ("a", "b")]

    for run in runs:
        run.start()
    for run in runs:
        run.join()

    assert [3, 5] == sorted(night.ledger.batches.get(one).claim_count for one in sealed)
