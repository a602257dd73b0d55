"""What answers do to claims: applied once, bound to their file by its keys, and none stops the next."""

import pytest

from include.claims.states import BatchStatus, Delivery, FrontEnd
from include.delivery.apply import apply_stored
from include.delivery.records import ResponseStatus
from include.delivery.take import take
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.payers import PayerList
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line, a_payer
from tests.night import ACCOUNT, PASSWORD, Night


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    payers = PayerList(names={"99999": "EXAMPLE HEALTH PLAN"})
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1, payers=payers) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url):
    night = Night.prepare(tmp_path, sandbox, url=ledger_url)
    night.hold(
        [
            a_claim(key="C-1"),
            a_claim(key="C-2", lines=(a_line(source_line_key="L-2"),), payer=a_payer(id="UNKN0")),
        ]
    )
    return night


@pytest.fixture(name="batch_id")
def _batch_id(night, sandbox):
    [batch_id] = night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 2)
    return batch_id


def standings(night: Night):
    return {line.claim_key: (line.delivery, line.front_end) for line in night.ports.ledger.report.claim_lines()}


def set_aside(night: Night):
    return {item.name: (item.status, item.reason) for item in night.ports.ledger.report.set_aside()}


def test_answers_change_the_claims(night, batch_id):
    """One claim ends accepted, the one for an unknown payer rejected with code and words; the batch is answered."""
    night.receive()

    assert {
        "C-1": (Delivery.SENT, FrontEnd.ACCEPTED_BY_CLEARINGHOUSE),
        "C-2": (Delivery.SENT, FrontEnd.REJECTED_BY_CLEARINGHOUSE),
    } == standings(night)
    rejected = next(line for line in night.ports.ledger.report.claim_lines() if line.claim_key == "C-2")
    assert all(":" in reason for reason in rejected.reasons)
    assert 1 == len(rejected.reasons)
    assert BatchStatus.ANSWERED is night.ports.ledger.batches.get(batch_id).status


def test_taking_again_changes_nothing(night, sandbox, batch_id):
    """The same files are taken and applied once; the remote files stay where they are."""
    night.receive()
    events = incidents(night)

    again = take(ACCOUNT, night.ports)
    applied = apply_stored(ACCOUNT, night.ports, foreign_again=True)

    assert (0, 0) == (again.stored, applied.applied)
    assert events == incidents(night)
    assert 2 == len(list(sandbox.outbound(ACCOUNT).iterdir()))


def incidents(night: Night):
    report = night.ports.ledger.report
    return [story.incidents for line in report.claim_lines() for story in report.stories(line.control_number)]


def test_the_same_verdict_in_a_second_file_moves_nothing(night, sandbox):
    """A clearinghouse that answers twice leaves every claim where the first answer put it."""
    sandbox.misbehave(Misbehaviour(answer_twice=True))
    night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 4)

    night.receive()

    assert not any(line.contradicted for line in night.ports.ledger.report.claim_lines())
    assert FrontEnd.ACCEPTED_BY_CLEARINGHOUSE is standings(night)["C-1"][1]


def test_a_truncated_999_is_quarantined_and_the_rest_applied(night, sandbox, batch_id):
    """Half an acknowledgement is never believed; the File Summary beside it is."""
    [path] = sandbox.outbound(ACCOUNT).glob("*.999")
    path.write_bytes(path.read_bytes()[:-40])

    night.receive()

    status, reason = set_aside(night)[path.name]
    assert ResponseStatus.QUARANTINED is status
    assert "segment" in reason
    assert FrontEnd.ACCEPTED_BY_CLEARINGHOUSE is standings(night)["C-1"][1]


def test_a_file_summary_of_another_file_is_foreign(night, sandbox, batch_id):
    """A report about a file that is not ours changes nothing and is kept."""
    [path] = sandbox.outbound(ACCOUNT).glob("FS_*")
    name = night.ports.ledger.batches.get(batch_id).file_name
    path.write_text(path.read_text().replace(name, "another-program.837P.txt"))

    night.receive()

    assert ResponseStatus.FOREIGN is set_aside(night)[path.name][0]
    assert FrontEnd.RECEIVED is standings(night)["C-1"][1]


def test_a_refusal_needs_two_keys(night, sandbox, batch_id):
    """A 999 that refuses our sets under a name that is not ours, without a TA1, is for a person to look at."""
    [path] = sandbox.outbound(ACCOUNT).glob("*.999")
    text = path.read_text()
    refusing = text.replace("IK5*A", "IK5*R").replace("AK9*A*2*2*2", "AK9*R*2*2*0")
    without_ta1 = "~".join(segment for segment in refusing.split("~") if not segment.strip().startswith("TA1"))
    path.unlink()
    (path.parent / "900000001_somebody_999.999").write_text(without_ta1)

    night.receive()

    assert ResponseStatus.QUARANTINED is set_aside(night)["900000001_somebody_999.999"][0]
    assert Delivery.SENT is standings(night)["C-1"][0]


def test_an_unknown_name_is_kept_and_shown(night, sandbox, batch_id):
    """A file no reader knows is stored, listed, and stops nothing."""
    (sandbox.outbound(ACCOUNT) / "1234567890_HCFA_FULL_20260306.txt").write_bytes(b"?")

    night.receive()

    assert ResponseStatus.UNKNOWN is set_aside(night)["1234567890_HCFA_FULL_20260306.txt"][0]
    assert BatchStatus.ANSWERED is night.ports.ledger.batches.get(batch_id).status


def test_a_response_that_still_grows_is_not_taken(night, sandbox):
    """Half a response is left until its size rests between two looks."""
    sandbox.misbehave(Misbehaviour(half_written_for=1.5))
    night.deliver()
    sandbox.wait_for_answers(ACCOUNT, 1)

    grow = iter(range(100))
    night.ports = with_sleep(night, lambda _: append(sandbox, next(grow)))
    taken = take(ACCOUNT, night.ports)

    assert 0 == taken.stored
    assert taken.still_growing > 0


def append(sandbox: Sandbox, step: int) -> None:
    for path in sandbox.outbound(ACCOUNT).iterdir():
        with path.open("a") as file:
            file.write(" " * (step + 1))


def with_sleep(night: Night, sleep):
    from dataclasses import replace

    return replace(night.ports, sleep=sleep)


def test_a_claim_the_final_report_does_not_name_is_unaccounted(night, sandbox, batch_id):
    """A File Summary that is silent about a claim of the file makes it UNACCOUNTED, not SENT."""
    for path in sandbox.outbound(ACCOUNT).glob("FS_*"):
        lines = path.read_text().splitlines(keepends=True)
        rejected = next(line for line in night.ports.ledger.report.claim_lines() if line.claim_key == "C-2")
        kept = [line for line in lines if rejected.control_number not in line]
        path.write_text("".join(kept).replace("1 # of Claims Rejected", "0 # of Claims Rejected"))

    night.receive()

    assert Delivery.UNACCOUNTED is standings(night)["C-2"][0]
    assert Delivery.SENT is standings(night)["C-1"][0]
