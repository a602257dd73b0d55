"""A night to our sandbox and to OpenSSH's own sshd: uploaded once, completed where it broke, never put blindly."""

from dataclasses import replace
from typing import Any

import pytest

from include.claims.errors import InDoubt, LoginRefused, RetryLater
from include.claims.states import BatchStatus
from include.delivery.render import render
from include.delivery.upload import upload
from tests.night import Night, some_claims
from tests.remotes import Remote, remote, sshd, sshd_server

__all__ = ["remote", "sshd", "sshd_server"]

CLAIMS = 120
ROOM = 40_000
"""Less than their file takes."""


@pytest.fixture(name="night")
def _night(tmp_path, remote):
    night = Night.prepare(tmp_path, remote)
    night.hold(some_claims(CLAIMS))
    return night


@pytest.fixture(name="batch_id")
def _batch_id(night):
    [batch_id] = night.collect().batch_ids
    render(batch_id, night.ports)
    return batch_id


def status(night: Night, batch_id: int) -> BatchStatus:
    """Return how the ledger has the batch."""
    return night.ports.ledger.batches.get(batch_id).status


def lying(remote: Remote) -> dict[str, bytes]:
    """Return what lies in `inbound`."""
    return {path.name: path.read_bytes() for path in remote.inbound.iterdir()}


def sent(night: Night, batch_id: int) -> dict[str, bytes]:
    """Return what should lie there: the frozen file, under its own name."""
    batch = night.ports.ledger.batches.get(batch_id)
    return {batch.file_name: night.ports.vault.load(batch.payload_sha256 or "")}


def test_a_batch_is_uploaded_once(night, remote, batch_id):
    """The file lies there whole under its own name and no other; uploaded again, nothing is written."""
    upload(batch_id, night.ports)
    before = [path.stat().st_mtime_ns for path in remote.inbound.iterdir()]
    upload(batch_id, night.ports)

    assert BatchStatus.SENT is status(night, batch_id)
    assert sent(night, batch_id) == lying(remote)
    assert before == [path.stat().st_mtime_ns for path in remote.inbound.iterdir()]


def test_what_a_full_disk_cut_is_completed(night, remote, batch_id):
    """Without room the batch is in doubt; with room again the retry writes the missing tail, once."""
    remote.fill_the_disk(ROOM)
    with pytest.raises(RetryLater):
        upload(batch_id, night.ports)
    assert BatchStatus.BEGUN is status(night, batch_id)
    remote.recover()

    assert BatchStatus.SENT is night.until_sent(batch_id)

    assert sent(night, batch_id) == lying(remote)


def test_what_vanished_after_begun_is_never_put_again(night, remote, batch_id):
    """Taken in part or lost: nobody knows, so nothing is put, and a person is asked."""
    remote.fill_the_disk(ROOM)
    with pytest.raises(RetryLater):
        upload(batch_id, night.ports)
    remote.recover()
    for path in remote.inbound.iterdir():
        path.unlink()

    with pytest.raises(InDoubt):
        upload(batch_id, night.ports)

    assert {} == lying(remote)
    assert BatchStatus.BEGUN is status(night, batch_id)


def test_an_answer_is_taken_once_and_stays_there(night, remote):
    """What lies in `outbound` is stored once, however often one looks, and is left where it is."""
    (remote.outbound / "answer.txt").write_bytes(b"of another program")

    night.receive()
    night.receive()

    assert ["answer.txt"] == [one.name for one in night.ports.ledger.report.set_aside()]
    assert ["answer.txt"] == [path.name for path in remote.outbound.iterdir()]


def test_one_refused_login_is_not_repeated(tmp_path, remote):
    """A wrong password is shown once; the next try is stopped before the server."""
    before = remote.logins()
    night = Night.prepare(tmp_path, remote)
    wrong_password(night)

    for _ in range(3):
        with pytest.raises(LoginRefused):
            night.receive()

    assert 1 == remote.logins() - before


def wrong_password(night: Night) -> None:
    """Let the mailbox have a password that is not the account's."""
    mailboxes: Any = night.ports.mailboxes
    real = mailboxes._connection("sftp_acorn")
    mailboxes._connection = lambda _: replace(real, password="not-the-one")
