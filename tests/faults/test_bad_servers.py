"""Servers that fail in mid-delivery: nothing is sent twice, and nothing passes for sent that was not taken whole."""

import pytest

from include.claims.errors import HostKeyMismatch, LoginRefused, NeedsRepair, RetryLater
from include.claims.states import BatchStatus, Delivery
from include.delivery.render import render
from include.delivery.upload import upload
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.night import ACCOUNT, PASSWORD, Night, some_claims, times_taken

CLAIMS = 120


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.2, patience=60) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, ledger_url):
    night = Night.prepare(tmp_path, sandbox, url=ledger_url)
    night.hold(some_claims(CLAIMS))
    return night


@pytest.fixture(name="batch_id")
def _batch_id(night):
    [batch_id] = night.collect().batch_ids
    render(batch_id, night.ports)
    return batch_id


@pytest.mark.parametrize(
    "misbehaviour",
    [
        Misbehaviour(cut_on_open=True),
        Misbehaviour(cut_after=40_000),
        Misbehaviour(disk_full_after=40_000),
        Misbehaviour(drop_writes_after=40_000),
        Misbehaviour(fail_close=True),
    ],
    ids=["cut on open", "cut in mid-write", "disk full", "writes dropped silently", "close fails"],
)
def test_a_put_that_broke_is_completed_and_taken_once(night, sandbox, batch_id, misbehaviour):
    """A put the server broke is in doubt, never SENT; the retry completes what lies there, and it is taken once."""
    sandbox.misbehave(misbehaviour)

    with pytest.raises(RetryLater):
        upload(batch_id, night.ports)

    assert BatchStatus.BEGUN is night.ports.ledger.batches.get(batch_id).status
    sandbox.behave()
    night.until_sent(batch_id)
    sandbox.wait_for_taken(1)
    summary = night.until_settled(batch_id)
    assert CLAIMS == summary.by_delivery[Delivery.SENT]
    assert [1] * CLAIMS == list(times_taken(sandbox).values())


@pytest.mark.parametrize("reads_incomplete", [True, False], ids=["reads half a file", "fails half a file"])
def test_a_file_taken_in_mid_write_is_accounted_for_claim_by_claim(night, sandbox, batch_id, reads_incomplete):
    """A server that sweeps the file while it is written never leaves a claim SENT that it did not take."""
    sandbox.misbehave(Misbehaviour(sweep_after=40_000, reads_incomplete_files=reads_incomplete))

    upload(batch_id, night.ports)
    sandbox.wait_for_taken(1)
    summary = night.until_settled(batch_id)

    taken = {claim.control_number for file in sandbox.taken() if not file.failed for claim in file.claims}
    lines = list(night.ports.ledger.report.claim_lines())
    assert taken == {line.control_number for line in lines if line.delivery is Delivery.SENT}
    assert CLAIMS - len(taken) == sum(
        summary.by_delivery.get(s, 0) for s in (Delivery.UNACCOUNTED, Delivery.FILE_FAILED)
    )


def test_a_stalled_server_lets_go_of_the_worker(tmp_path, night, sandbox, batch_id):
    """A server that stops answering costs a try and leaves the batch in doubt."""
    sandbox.misbehave(Misbehaviour(stall_after=40_000))
    night.ports.mailboxes.timeout = 1.0

    with pytest.raises(RetryLater):
        upload(batch_id, night.ports)

    assert BatchStatus.BEGUN is night.ports.ledger.batches.get(batch_id).status


def test_one_refused_login_stops_every_session_of_the_account(night, sandbox, batch_id):
    """After one refusal nobody logs in again until the credential changes or a person resets the breaker."""
    sandbox.misbehave(Misbehaviour(refuse_logins=True))

    for _ in range(3):
        with pytest.raises(LoginRefused):
            upload(batch_id, night.ports)

    assert 1 == sandbox.logins(ACCOUNT)
    sandbox.behave()
    server = night.ports.mailboxes.identity(night.ports.ledger.clinics.mailbox(ACCOUNT))
    night.ports.ledger.accounts.reset(server.account, "Operator Example", night.ports.now())
    assert BatchStatus.SENT is upload(batch_id, night.ports).status


def test_another_host_key_stops_the_upload_and_says_how_to_pin_it(tmp_path, night, batch_id):
    """A server with another key gets nothing; the message has its fingerprint and the command."""
    with Sandbox(tmp_path / "other", {ACCOUNT: PASSWORD}) as other:
        mailboxes = night.ports.mailboxes
        real = mailboxes._connection("sftp_acorn")
        mailboxes._connection = lambda _: replace_port(real, other.port)

        with pytest.raises(HostKeyMismatch, match=r"SHA256:.*courier clinics pin"):
            upload(batch_id, night.ports)

    assert BatchStatus.RENDERED is night.ports.ledger.batches.get(batch_id).status


def replace_port(connection, port):
    from dataclasses import replace

    return replace(connection, port=port)


def test_a_missing_inbound_is_a_setting_to_mend(night, sandbox, batch_id):
    """Without the folder nothing is begun, and the message names the folder."""
    sandbox.misbehave(Misbehaviour(hide_inbound=True))

    with pytest.raises(NeedsRepair, match="inbound"):
        upload(batch_id, night.ports)

    assert BatchStatus.RENDERED is night.ports.ledger.batches.get(batch_id).status
