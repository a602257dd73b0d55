"""What a session does when the server does wrong: what it raises, and what lies on the server afterwards."""

import stat
from collections.abc import AsyncIterator, Iterator

import pytest
from asyncssh.sftp import SFTPAttrs, SFTPName

from include.adapters import sftp
from include.adapters.sftp import CHUNK, SftpServer
from include.adapters.sftp_connect import open_sftp
from include.claims.errors import (
    BadSetting,
    RetryLater,
    ServerUnreachable,
    TransferBroken,
)
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from include.sandbox.sftp_server import Box
from tests.adapters.puts import CONTENT, HALF, NAME, always


@pytest.fixture
def sandbox(tmp_path) -> Iterator[Sandbox]:
    """Return a sandbox that leaves files where they are, so that one can look at them."""
    with Sandbox(tmp_path, {"demo": "demo-password"}, settle=3600, patience=3600) as running:
        yield running


@pytest.fixture
def server(sandbox) -> Iterator[SftpServer]:
    """Return an open session that waits two seconds for an answer."""
    with open_sftp(
        host=sandbox.host,
        port=sandbox.port,
        user="demo",
        password="demo-password",
        host_key=sandbox.host_key,
        timeout=2,
    ) as session:
        yield session


def lying(sandbox: Sandbox) -> bytes | None:
    """Return what lies in `inbound` under our name."""
    path = sandbox.inbound("demo") / NAME
    return path.read_bytes() if path.exists() else None


def names_also(monkeypatch, raw: bytes, size: int = 3) -> None:
    """Let the server list one file more, under a name no file system would take."""
    listed = Box.scandir

    async def scandir(box: Box, path: bytes) -> AsyncIterator[SFTPName]:
        async for name in listed(box, path):
            yield name
        regular = stat.S_IFREG | 0o644
        yield SFTPName(raw, attrs=SFTPAttrs(size=size, permissions=regular, atime=1, mtime=1))

    monkeypatch.setattr(Box, "scandir", scandir)


def test_a_missing_folder_is_not_a_missing_file(server, sandbox):
    """Where `inbound` itself is missing, neither look nor put takes it for an absent file."""
    sandbox.misbehave(Misbehaviour(hide_inbound=True))

    with pytest.raises(BadSetting, match="inbound: the server has no such folder"):
        server.look(NAME)
    with pytest.raises(BadSetting, match="no folder 'inbound'"):
        server.put(NAME, CONTENT, always)


def test_a_forbidden_folder_is_an_error(server, sandbox):
    """Permission denied is never an absent file, and proves that nothing was opened."""
    sandbox.misbehave(Misbehaviour(forbid_inbound=True))

    with pytest.raises(BadSetting, match="permission denied"):
        server.look(NAME)
    with pytest.raises(BadSetting, match="forbids writing"):
        server.put(NAME, CONTENT, always)


def test_a_connection_cut_while_opening_is_in_doubt(server, sandbox):
    """Without an answer to the opening the file may be there: it is never called not started."""
    sandbox.misbehave(Misbehaviour(cut_on_open=True))

    with pytest.raises(TransferBroken, match="no answer to the opening"):
        server.put(NAME, CONTENT, always)

    assert b"" == lying(sandbox)


@pytest.mark.parametrize(
    ("mood", "left"),
    [
        (Misbehaviour(disk_full_after=HALF), HALF),
        (Misbehaviour(drop_writes_after=HALF), HALF),
        (Misbehaviour(cut_after=HALF), HALF),
        (Misbehaviour(stall_after=HALF), 2 * CHUNK),
        (Misbehaviour(fail_close=True), len(CONTENT)),
        (Misbehaviour(disk_full_after=len(CONTENT) - 1), len(CONTENT) - 1),
        (Misbehaviour(drop_writes_after=len(CONTENT) - 1), len(CONTENT) - 1),
        (Misbehaviour(disk_full_after=0), 0),
    ],
    ids=["disk full", "dropped", "cut", "stalled", "close fails", "last byte fails", "last byte dropped", "first byte"],
)
def test_no_broken_put_is_clean(server, sandbox, mood, left):
    """Whatever breaks after the open is TransferBroken, and exactly what the server kept lies there."""
    sandbox.misbehave(mood)

    with pytest.raises(TransferBroken):
        server.put(NAME, CONTENT, always)

    assert CONTENT[:left] == lying(sandbox)


def test_a_file_swept_while_it_is_written_looks_clean(sandbox, server):
    """A file taken in mid-write is acknowledged to the end: only the answers can tell that it was cut."""
    sandbox.misbehave(Misbehaviour(sweep_after=HALF))

    server.put(NAME, CONTENT, always)

    assert server.look(NAME) is None
    (taken,) = sandbox.wait_for_taken(1)
    assert not taken.complete
    assert taken.size < len(CONTENT)


def test_a_loss_the_server_hides_is_seen_by_a_look(server, sandbox):
    """A server that loses writes and lies about the open file's size is believed; the next look sees the short file."""
    sandbox.misbehave(Misbehaviour(drop_writes_after=HALF, hide_loss=True))

    server.put(NAME, CONTENT, always)

    found = server.look(NAME)
    assert found is not None
    assert HALF == found.size


@pytest.mark.parametrize(
    "mood", [Misbehaviour(disk_full_after=HALF), Misbehaviour(fail_close=True), Misbehaviour(cut_after=HALF)]
)
def test_a_broken_tail_is_not_clean(server, sandbox, mood):
    """A tail that breaks is TransferBroken like a put."""
    server.put(NAME, CONTENT[:CHUNK], always)
    sandbox.misbehave(mood)

    with pytest.raises(TransferBroken):
        server.append_tail(NAME, CONTENT, CHUNK, always)


def test_a_dead_connection_is_not_an_absent_file(server, sandbox):
    """After a cut every question is answered with an error that may be tried again."""
    sandbox.misbehave(Misbehaviour(cut_on_open=True))
    with pytest.raises(TransferBroken):
        server.put(NAME, CONTENT, always)

    for question in (lambda: server.look(NAME), server.list_outbound, lambda: server.fetch("x.txt", 10)):
        with pytest.raises(ServerUnreachable):
            question()
    with pytest.raises(TransferBroken):
        server.put(NAME, CONTENT, always)


@pytest.mark.parametrize(
    ("raw", "shown", "why"),
    [
        (b"\xff.txt", "\\udcff.txt", "not readable"),
        (b"../inbound/x", "../inbound/x", "a path"),
        (b"a\0b", "a\\x00b", "not readable"),
        (b"a\n2026 all is well", "a\\n2026 all is well", "not readable"),
        ("a\u202etxt.835".encode(), "a\\u202etxt.835", "not readable"),
        (b"", "", "not readable"),
        (b"x" * 5000, "x" * 255, "longer than"),
    ],
)
def test_an_odd_name_is_listed_escaped_and_hides_no_other(server, sandbox, monkeypatch, raw, shown, why):
    """Whatever the server calls a file, the others are listed beside it, and what is odd says why it stays there."""
    sandbox.place("demo", "answer.txt", b"12345")
    names_also(monkeypatch, raw)

    listed = {file.name: file for file in server.list_outbound()}

    assert {"answer.txt", shown} == set(listed)
    assert "" == listed["answer.txt"].fault
    assert why in listed[shown].fault


def test_a_folder_without_end_is_no_listing(server, sandbox, monkeypatch):
    """A server that lists on and on is stopped with words that say what to do."""
    monkeypatch.setattr(sftp, "_MOST_FILES", 2)
    for number in range(3):
        sandbox.place("demo", f"{number}.txt", b"")

    with pytest.raises(BadSetting, match="more than 2 files"):
        server.list_outbound()


def test_an_impossible_size_is_one_the_ledger_can_hold(server, monkeypatch):
    """A server may list more bytes than there are; the number must not be what fails."""
    names_also(monkeypatch, b"huge.txt", size=2**64 - 1)

    [found] = server.list_outbound()

    assert 2**63 - 1 == found.size


def test_no_message_holds_what_was_sent(server, sandbox):
    """The errors of a broken transfer name account, folder and file, and no content."""
    sandbox.misbehave(Misbehaviour(disk_full_after=HALF))

    with pytest.raises(RetryLater) as broken:
        server.put(NAME, CONTENT, always)

    assert f"demo@127.0.0.1:{sandbox.port}, inbound/{NAME}" in str(broken.value)
    assert [] == [word for word in ("TESTINA", "XYZ0", "CLM*") if word in str(broken.value)]
