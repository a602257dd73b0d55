"""What a session does with any server that keeps its promises: the sandbox's and OpenSSH's own are asked the same."""

import shutil
from collections.abc import Iterator

import paramiko
import pytest

from include.adapters.sftp import CHUNK, SftpServer
from include.adapters.sftp_connect import fingerprint, parse_host_key
from include.claims.errors import (
    BadFile,
    BadSetting,
    HostKeyMismatch,
    LeaseHeld,
    LoginRefused,
    NameTaken,
    NotStarted,
    ServerUnreachable,
    TransferBroken,
)
from include.delivery.ports import Server
from include.sandbox.host_key import host_key_line
from tests.adapters.puts import CONTENT, HALF, NAME, always, asked
from tests.remotes import Remote, as_remote, remote, sshd, sshd_server

__all__ = ["remote", "sshd", "sshd_server"]


@pytest.fixture
def server(remote) -> Iterator[SftpServer]:
    """Return an open session."""
    with remote.session() as session:
        yield session


def lying(remote: Remote) -> bytes | None:
    """Return what lies in `inbound` under our name."""
    path = remote.inbound / NAME
    return path.read_bytes() if path.exists() else None


def test_it_is_the_port(server, remote):
    """The session is what the use cases call a server."""
    port: Server = server

    assert remote.is_sandbox == port.identity.is_sandbox


def test_a_put_is_seen_whole(server, remote):
    """A clean put leaves exactly our bytes, and a look tells their size."""
    server.put(NAME, CONTENT, always)

    assert CONTENT == lying(remote)
    found = server.look(NAME)
    assert found is not None
    assert (NAME, len(CONTENT)) == (found.name, found.size)
    assert CONTENT == server.read_inbound(NAME, len(CONTENT))
    assert CONTENT[:10] == server.read_inbound(NAME, 10)


def test_nothing_there_is_none(server):
    """A look at a name that is not there says None."""
    assert server.look(NAME) is None


def test_an_existing_name_is_never_overwritten(server, remote):
    """A put to a name that lies there already is refused and changes nothing."""
    server.put(NAME, b"of somebody", always)

    with pytest.raises(NameTaken, match="lies there already"):
        server.put(NAME, CONTENT, always)

    assert b"of somebody" == lying(remote)


def test_a_missing_outbound_is_said(server, remote):
    """Where `outbound` is missing, listing names the folder."""
    remote.outbound.rmdir()

    with pytest.raises(BadSetting, match="outbound: the server knows no such"):
        server.list_outbound()


def test_a_lost_lease_before_the_open_starts_nothing(server, remote):
    """Without the right to go on no file is made."""
    with pytest.raises(LeaseHeld, match="before the file was opened"):
        server.put(NAME, CONTENT, asked(0))

    assert lying(remote) is None


def test_a_lost_lease_in_the_middle_stops_the_transfer(server, remote):
    """The lease is asked before every chunk; what was written stays."""
    with pytest.raises(TransferBroken, match="the lease ran out"):
        server.put(NAME, CONTENT, asked(3))

    assert CONTENT[: 2 * CHUNK] == lying(remote)


def test_a_tail_completes_the_file(server, remote):
    """After a cut the next session writes what is missing, and nothing else."""
    server.put(NAME, CONTENT[:HALF], always)

    server.append_tail(NAME, CONTENT, HALF, always)

    assert CONTENT == lying(remote)


def test_a_tail_never_makes_a_file(server, remote):
    """A file that was taken meanwhile is not made anew by its tail."""
    with pytest.raises(NotStarted, match="gone before its missing tail"):
        server.append_tail(NAME, CONTENT, HALF, always)

    assert lying(remote) is None


def test_a_tail_goes_to_the_seen_size_only(server, remote):
    """A file whose size changed since it was looked at is left alone."""
    server.put(NAME, CONTENT[: HALF + 1], always)

    with pytest.raises(NotStarted, match="look again"):
        server.append_tail(NAME, CONTENT, HALF, always)

    assert CONTENT[: HALF + 1] == lying(remote)


def test_a_lost_lease_starts_no_tail(server, remote):
    """Without the right to go on no tail is written."""
    server.put(NAME, CONTENT[:HALF], always)

    with pytest.raises(LeaseHeld):
        server.append_tail(NAME, CONTENT, HALF, asked(0))
    with pytest.raises(TransferBroken):
        server.append_tail(NAME, CONTENT, HALF, asked(1))

    assert CONTENT[:HALF] == lying(remote)


def test_outbound_lists_files_only(server, remote):
    """Folders in `outbound` are not responses."""
    (remote.outbound / "FS_HCFA_443130028_IN_C.txt").write_bytes(b"12345")
    (remote.outbound / "old").mkdir()

    (found,) = server.list_outbound()

    assert ("FS_HCFA_443130028_IN_C.txt", 5) == (found.name, found.size)
    assert found.modified > 0


def test_a_response_is_fetched_within_bounds(server, remote):
    """A response of the limit is fetched whole; one byte more is refused."""
    (remote.outbound / "answer.txt").write_bytes(CONTENT)

    assert CONTENT == server.fetch("answer.txt", len(CONTENT))
    with pytest.raises(BadFile, match="longer than"):
        server.fetch("answer.txt", len(CONTENT) - 1)


@pytest.mark.parametrize("name", ["", ".", "..", "../inbound/x", "a/b", "a\0b"])
def test_a_remote_name_never_becomes_a_path(server, name):
    """A name with a folder in it is refused, whoever gave it."""
    with pytest.raises(BadFile, match="not a file name"):
        server.fetch(name, 10)


@pytest.mark.parametrize("name", ["Zahlung 3.txt", "r\u00e9ponse.txt", "a;rm -rf ~.txt", "-rf", "..txt", "a\\b.txt"])
def test_an_unusual_name_is_a_name(server, remote, name):
    """Blanks, accents and signs that mean something elsewhere are fetched as they are."""
    (remote.outbound / name).write_bytes(b"12345")

    [found] = server.list_outbound()

    assert (name, "") == (found.name, found.fault)
    assert b"12345" == server.fetch(found.name, 5)


def test_a_response_taken_by_another_program_is_no_fault_of_ours(server):
    """A file that went between list and fetch is looked for again later."""
    with pytest.raises(TransferBroken, match="taken away"):
        server.fetch("gone.txt", 10)


@pytest.mark.parametrize("size", [HALF, len(CONTENT) - 1, 0], ids=["half", "all but a byte", "nothing"])
def test_a_full_disk_is_no_clean_put(remote, size):
    """A server without room for the last byte breaks the transfer, and what it had room for lies there."""
    remote.fill_the_disk(size)

    with remote.session() as server, pytest.raises(TransferBroken):
        server.put(NAME, CONTENT, always)

    assert CONTENT[:size] == lying(remote)


def test_a_tail_completes_what_a_full_disk_cut(remote):
    """Once there is room again, another session writes what is missing, and nothing else."""
    remote.fill_the_disk(HALF)
    with remote.session() as server, pytest.raises(TransferBroken):
        server.put(NAME, CONTENT, always)
    remote.recover()

    with remote.session() as later:
        later.append_tail(NAME, CONTENT, HALF, always)

    assert CONTENT == lying(remote)


def test_a_line_cut_in_mid_write_is_in_doubt(server, remote):
    """A connection that ends under a write is a broken transfer, and afterwards nothing passes for absent."""
    holds = asked(3)

    def cut_at_the_third() -> bool:
        if not holds():
            remote.cut()
        return True

    with pytest.raises(TransferBroken):
        server.put(NAME, CONTENT, cut_at_the_third)

    with pytest.raises(ServerUnreachable):
        server.look(NAME)
    arrived = lying(remote)
    assert arrived
    assert CONTENT != arrived
    assert CONTENT.startswith(arrived)


def test_a_missing_inbound_is_not_a_missing_file(server, remote):
    """Where the folder itself is missing, neither look nor put takes it for an absent file."""
    remote.inbound.rmdir()

    with pytest.raises(BadSetting, match="inbound: the server has no such folder"):
        server.look(NAME)
    with pytest.raises(BadSetting, match="no folder 'inbound'"):
        server.put(NAME, CONTENT, always)


@pytest.mark.parametrize("name", [b"\xff.txt", b"a\n2026 all is well"])
def test_a_name_that_is_no_text_hides_no_other(server, remote, name):
    """Whatever a file is called, it is listed with what keeps it from being fetched, and the others beside it."""
    for one in (name, b"answer.txt"):
        (remote.outbound / one.decode("utf-8", "surrogateescape")).write_bytes(b"12345")

    listed = {file.name: file.fault for file in server.list_outbound()}

    assert 2 == len(listed)
    assert "" == listed.pop("answer.txt")
    assert ["its name is not readable text"] == list(listed.values())


def test_a_wrong_password_is_shown_once(remote):
    """A refused login is LoginRefused after one try, whatever the server would still allow."""
    before = remote.logins()

    with pytest.raises(LoginRefused, match="refused user name or password"), remote.session(password="wrong"):
        pass

    assert 1 == remote.logins() - before


def test_another_key_is_refused_before_the_password(remote, tmp_path):
    """A server whose key changed is named with both fingerprints; no password is shown to it."""
    pinned, before = host_key_line(tmp_path / "another"), remote.logins()

    with pytest.raises(HostKeyMismatch) as refused, remote.session(host_key=pinned):
        pass

    for key in (pinned, remote.host_key):
        assert fingerprint(parse_host_key(key)) in str(refused.value)
    assert before == remote.logins()


def test_an_account_that_may_only_read_outbound_gets_its_answers(sshd, tmp_path):
    """Nothing is written where the answers lie: an account without that right lists and fetches all the same."""
    (sshd.outbound / "answer.txt").write_bytes(b"12345")
    with paramiko.SSHClient() as ssh:
        ssh.set_missing_host_key_policy(paramiko.WarningPolicy())
        ssh.get_host_keys().add(f"[{sshd.host}]:{sshd.port}", "ssh-ed25519", parse_host_key(sshd.host_key))
        ssh.connect(sshd.host, sshd.port, sshd.user, sshd.password, allow_agent=False, look_for_keys=False)
        with ssh.open_sftp() as client, pytest.raises(PermissionError):
            client.open("outbound/mark", "w")

    with as_remote(sshd).session() as server:
        [found] = server.list_outbound()
        assert b"12345" == server.fetch(found.name, 5)


def test_a_folder_that_may_not_be_entered_is_an_error(sshd):
    """Permission denied is never an absent file, and proves that nothing was opened."""
    shutil.chown(sshd.inbound, "root")
    sshd.inbound.chmod(0o700)

    with as_remote(sshd).session() as server:
        with pytest.raises(BadSetting, match="permission denied"):
            server.look(NAME)
        with pytest.raises(BadSetting, match="forbids writing"):
            server.put(NAME, CONTENT, always)
