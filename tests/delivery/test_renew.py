"""What a clearinghouse refused before it read it goes again by itself once, and never what may live."""

from collections import Counter
from dataclasses import replace
from datetime import timedelta

import pytest

from include.claims.errors import NotAllowed
from include.claims.states import BatchStatus, Delivery, FrontEnd
from include.delivery.acts import ACTS, Result, Said, carry_out
from include.delivery.ports import Vault
from include.delivery.queues import Subject
from include.delivery.records import Table
from include.delivery.render import render
from include.delivery.renew import renew_on_a_word
from include.delivery.renewal import Asked, told
from include.delivery.upload import upload
from include.sandbox.answers import Answer
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim
from tests.night import ACCOUNT, NOW, PASSWORD, Night, some_claims, times_taken
from tests.outcomes import SAMPLES

CUT = (b"~IEA*1*", b"~IEA*2*")
ITS_SEGMENT_COUNT = (b"~SE*", b"~SE*9")
A_DATE_THE_GUIDE_DOES_NOT_HAVE = (b"~HI*", b"~DTP*472*D8*20260302~HI*")
SAYS = Said(who="Operator Example", why="support says so")


@pytest.fixture(name="sandbox", params=[frozenset(), frozenset({Answer.TA1})], ids=["without TA1", "with TA1"])
def _sandbox(tmp_path, request):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1, answers=request.param) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url):
    night = Night.prepare(tmp_path, sandbox, url=ledger_url)
    night.hold(some_claims(3))
    return night


class DamagedOnTheWay:
    """A vault whose bytes change once they leave it, in the last place where that is found."""

    def __init__(self, vault: Vault, damage: tuple[bytes, bytes]) -> None:
        self._vault = vault
        self._sound, self._broken = damage

    def store(self, content: bytes) -> str:
        return self._vault.store(content)

    def load(self, sha256: str) -> bytes:
        return self._broken.join(self._vault.load(sha256).rsplit(self._sound, 1))


def a_refused_night(night: Night, sandbox: Sandbox, damage: tuple[bytes, bytes], run_id: str = "night-1") -> int:
    """Deliver a night whose file is damaged on its way, and receive the answers."""
    [batch_id] = night.collect(run_id).batch_ids
    render(batch_id, night.ports)
    files = len(sandbox.taken())
    upload(batch_id, replace(night.ports, vault=DamagedOnTheWay(night.ports.vault, damage)))
    sandbox.wait_for_taken(files + 1)
    night.until_settled(batch_id)
    return batch_id


def later(night: Night, *, days: float = 4) -> Night:
    """Return the night with a clock that much ahead of the first one's."""
    there = Night(night.home, now=lambda: NOW + timedelta(days=days))
    there.source = night.source
    return there


def deliveries(night: Night) -> Counter[Delivery]:
    return Counter(line.delivery for line in night.ports.ledger.report.claim_lines())


def stops(night: Night) -> str:
    asked = Asked(now=night.ports.now(), quiet=night.ports.quiet)
    return " ".join(told(night.ports.ledger.renewals.refused(), asked))


def test_a_failed_file_goes_again_once_it_is_quiet(night, sandbox):
    """Damaged on the wire: nothing on the next night, all its claims after three days, each taken once."""
    failed = a_refused_night(night, sandbox, CUT)
    early = later(night, days=2).collect("night-2")

    again = later(night)
    [batch_id] = again.deliver("night-4")
    again.until_settled(batch_id)

    assert ([], 0) == (early.batch_ids, early.renewed)
    assert {Delivery.RENEWED: 3, Delivery.SENT: 3} == deliveries(night)
    assert [1, 1, 1] == list(times_taken(sandbox).values())
    one, other = night.ports.ledger.batches.get(failed), night.ports.ledger.batches.get(batch_id)
    assert (BatchStatus.ANSWERED, True) == (other.status, one.interchange_number != other.interchange_number)
    assert [] == later(night, days=9).collect("night-9").batch_ids


def test_a_refused_set_goes_again_alone(night, sandbox):
    """A set whose count was damaged goes again; the other claims of its file are left where they are."""
    a_refused_night(night, sandbox, ITS_SEGMENT_COUNT)

    again = later(night)
    [batch_id] = again.deliver("night-4")
    again.until_settled(batch_id)

    assert 1 == night.ports.ledger.batches.get(batch_id).claim_count
    assert {Delivery.RENEWED: 1, Delivery.SENT: 3} == deliveries(night)
    assert {1, 2} == set(times_taken(sandbox).values())  # the refused set, and the one that was taken in its place
    assert 3 == sum(claim.forwarded for file in sandbox.taken() for claim in file.claims)


def test_a_second_failure_waits_for_a_person(night, sandbox):
    """What failed, went again and failed again stays; a person's word lets it go, and only once it is quiet."""
    a_refused_night(night, sandbox, CUT)
    second = a_refused_night(later(night), sandbox, CUT, "night-4")
    name = night.ports.ledger.batches.get(second).file_name
    much_later = later(night, days=8)

    assert [] == much_later.collect("night-8").batch_ids
    assert "for the second time" in stops(much_later)
    with pytest.raises(NotAllowed, match="may still be heard"):
        renew_on_a_word(name, "Operator Example", "support says so", later(night).ports)
    assert 3 == renew_on_a_word(name, "Operator Example", "support says so", much_later.ports)
    with pytest.raises(NotAllowed, match="no claim of that file"):
        renew_on_a_word(name, "Operator Example", "support says so", much_later.ports)
    [batch_id] = much_later.deliver("night-8-by-hand")
    much_later.until_settled(batch_id)
    assert [1, 1, 1] == list(times_taken(sandbox).values())


def test_a_fault_of_the_content_waits_until_the_source_mends_it(night, sandbox):
    """A segment the guide does not have is told with its place; once the claim changed, its set goes the same night."""
    a_refused_night(night, sandbox, A_DATE_THE_GUIDE_DOES_NOT_HAVE)
    quiet = later(night)
    assert [] == quiet.collect("night-4").batch_ids
    assert "DTP in 2300" in stops(quiet)
    assert "To do: mend what the refusal names" in stops(quiet)

    first, second, third = some_claims(3)
    mended = replace(third, prior_authorization="MENDED1")
    quiet.hold([first, second, mended])
    [batch_id] = quiet.deliver("night-5")

    assert [mended] == [item.claim for item in night.ports.ledger.batches.claims(batch_id)]


def test_a_fault_of_the_settings_waits_until_they_are_mended(night, sandbox):
    """The same bytes would fail again; once the mailbox's row makes others, the file goes."""
    a_refused_night(night, sandbox, (b"*330897513      *", b"*330897514      *"))
    quiet = later(night)
    before = quiet.collect("night-4")

    night.ports.ledger.clinics.put(Table.MAILBOX, [{"key": ACCOUNT, "contact_name": "ANOTHER DESK"}])

    assert (0, 3) == (before.renewed, quiet.collect("night-5").renewed)


def test_a_good_word_in_the_last_minute_stops_it(night, sandbox):
    """Outbound is read once more before anything goes: a File Summary that just came calls a person instead."""
    failed = a_refused_night(night, sandbox, CUT)
    batch = night.ports.ledger.batches.get(failed)
    [number, *_] = [item.control_number for item in night.ports.ledger.batches.claims(failed)]
    sample = (SAMPLES / "acknowledgements" / "FS_HCFA_443130034_IN_C.txt").read_text()
    summary = sample.replace("CC000042.837P.txt", batch.file_name).replace("CN0002        ", number.ljust(14))
    (sandbox.outbound(ACCOUNT) / "FS_HCFA_443130034_IN_C.txt").write_text(summary)

    collected = later(night).collect("night-4")

    assert ([], 0) == (collected.batch_ids, collected.renewed)
    assert "something else was heard" in stops(later(night))
    assert 3 == sum(deliveries(night).values())


def test_who_cannot_listen_sends_nothing_again(night, sandbox):
    """While outbound cannot be read, silence proves nothing; the night's other claims go on."""
    a_refused_night(night, sandbox, CUT)
    night.hold([*some_claims(3), *[replace(one, key="NEW-1") for one in some_claims(4)[3:]]])
    sandbox.misbehave(Misbehaviour(cut_on_login=True))

    collected = later(night).collect("night-4")

    assert (1, 0, 1) == (len(collected.batch_ids), collected.renewed, collected.counts.new)
    assert collected.put_off


def test_what_left_the_source_meanwhile_does_not_go(night, sandbox):
    """A renewed claim is looked up at the source before it goes, as every READY one is."""
    a_refused_night(night, sandbox, CUT)
    night.hold(some_claims(2))

    collected = later(night).collect("night-4")

    assert (3, 1) == (collected.renewed, collected.withdrawn)
    assert 2 == night.ports.ledger.batches.get(collected.batch_ids[0]).claim_count


def test_a_late_answer_to_the_refused_file_freezes_both(night, sandbox):
    """The clearinghouse has both after all: nothing more goes by itself, and a person sees both."""
    night.hold([a_claim()])
    failed = a_refused_night(night, sandbox, CUT)
    again = later(night)
    [batch_id] = again.deliver("night-4")
    again.until_settled(batch_id)
    [number] = [item.control_number for item in night.ports.ledger.batches.claims(failed)]
    report = (SAMPLES / "acknowledgements" / "FS_HCFA_443130034_IN_C.txt").read_text()
    named = report.replace("CC000042.837P.txt", night.ports.ledger.batches.get(failed).file_name)
    (sandbox.outbound(ACCOUNT) / "FS_HCFA_443130034_IN_C.txt").write_text(
        named.replace("CN0002        ", number.ljust(14))
    )

    again.receive()

    lines = list(night.ports.ledger.report.claim_lines())
    assert [True, True] == [line.contradicted for line in lines]
    assert [FrontEnd.NONE, FrontEnd.ACCEPTED_BY_CLEARINGHOUSE] == [line.front_end for line in lines]
    night.hold([replace(a_claim(), prior_authorization="CHANGED1")])
    assert [] == later(night, days=9).collect("night-9").batch_ids


def test_some_claims_of_it_go_again_on_a_word_and_each_that_does_not_says_why(night, sandbox):
    """The mailbox is read once for all of them; said twice, it was done by who said it first."""
    a_refused_night(night, sandbox, CUT)
    a_refused_night(later(night), sandbox, CUT, "night-4")
    much_later = later(night, days=8)
    refused = much_later.ports.ledger.renewals.refused()
    first, second, third = (number for one in refused for number in one.control_numbers)
    seen = {one.id: one.seen for one in much_later.ports.ledger.console.named(Subject.CLAIM, [first, second])}

    too_soon = carry_out(ACTS["renew"], seen, SAYS, later(night).ports)
    told_of = carry_out(ACTS["renew"], seen, SAYS, much_later.ports)
    again = carry_out(ACTS["renew"], seen, SAYS, much_later.ports)

    assert [Result.REFUSED] * 2 == [one.result for one in too_soon]
    assert "may still be heard" in too_soon[0].words
    assert [Result.DONE] * 2 == [one.result for one in told_of]
    assert [Result.ALREADY] * 2 == [one.result for one in again]
    assert [third] == [number for one in much_later.ports.ledger.renewals.refused() for number in one.control_numbers]
