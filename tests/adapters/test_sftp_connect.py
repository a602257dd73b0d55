"""One login: who is let in, whom we trust, and what each refusal is called."""

import socket

import pytest

from include.adapters.sftp_connect import fingerprint, open_sftp, parse_host_key, read_host_key
from include.claims.errors import BadSetting, HostKeyMismatch, LoginRefused, ServerUnreachable, TransferBroken
from include.delivery.records import ServerIdentity
from include.sandbox.host_key import host_key_line
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.chaos.proxy import Manners, Proxy
from tests.remotes import break_unnoticed


@pytest.fixture
def sandbox(tmp_path):
    """Return a running sandbox with one account."""
    with Sandbox(tmp_path / "home", {"demo": "demo-password"}) as running:
        yield running


def login(sandbox: Sandbox, **changes):
    """Open a session, with something wrong where asked for."""
    fields = {
        "host": sandbox.host,
        "port": sandbox.port,
        "user": "demo",
        "password": "demo-password",
        "host_key": sandbox.host_key,
        "timeout": 5,
    }
    return open_sftp(**{**fields, **changes})


def test_a_session_knows_whom_it_talks_to(sandbox):
    """Host, user and key fingerprint are recorded, and that the server says it is the sandbox."""
    with login(sandbox, sandbox_expected=True) as server:
        expected = ServerIdentity(
            host="127.0.0.1",
            port=sandbox.port,
            user="demo",
            key_fingerprint=fingerprint(parse_host_key(sandbox.host_key)),
            is_sandbox=True,
            sandbox_expected=True,
        )
        assert expected == server.identity


def test_a_wrong_password_is_shown_once(sandbox):
    """A refused login is LoginRefused after one try, whatever the server would still allow."""
    with pytest.raises(LoginRefused, match="refused user name or password"), login(sandbox, password="wrong"):
        pass

    assert 1 == sandbox.logins("demo")


def test_a_right_password_can_be_refused(sandbox):
    """A locked account is a refused login too."""
    sandbox.misbehave(Misbehaviour(refuse_logins=True))

    with pytest.raises(LoginRefused), login(sandbox):
        pass

    assert 1 == sandbox.logins("demo")


def test_another_key_is_refused_before_the_password(sandbox, tmp_path):
    """A server with another key is named with both fingerprints and the command that pins it; no password is shown."""
    pinned = host_key_line(tmp_path / "another")

    with pytest.raises(HostKeyMismatch) as refused, login(sandbox, host_key=pinned):
        pass

    assert fingerprint(parse_host_key(pinned)) in str(refused.value)
    assert fingerprint(parse_host_key(sandbox.host_key)) in str(refused.value)
    assert "./courier clinics pin" in str(refused.value)
    assert 0 == sandbox.logins("demo")


def test_an_unpinned_server_is_refused(sandbox):
    """Without a pinned key the server's own is shown and nothing is sent."""
    with pytest.raises(HostKeyMismatch, match="none is pinned") as refused, login(sandbox, host_key=""):
        pass

    assert fingerprint(parse_host_key(sandbox.host_key)) in str(refused.value)
    assert 0 == sandbox.logins("demo")


@pytest.mark.parametrize("line", ["AAAA", "ssh-ed25519", "ssh-ed25519 !!!", "ssh-ed25519 AAAA", "nonsense AAAA"])
def test_a_pinned_line_is_checked(sandbox, line):
    """A pinned key that is none is a wrong setting."""
    with pytest.raises(BadSetting, match="pinned host key"), login(sandbox, host_key=line):
        pass


def test_a_key_can_be_read_to_be_pinned(sandbox):
    """The key a server shows comes as the line to pin, without a login."""
    assert sandbox.host_key == read_host_key(sandbox.host, sandbox.port, timeout=5)
    assert 0 == sandbox.logins("demo")


def test_nobody_there_is_unreachable(sandbox):
    """A refused connection, an unknown host and a silent server may all be tried again."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        free = silent.getsockname()[1]
        with pytest.raises(ServerUnreachable), login(sandbox, port=free, timeout=0.3):
            pass
    with pytest.raises(ServerUnreachable), login(sandbox, port=free):
        pass
    with pytest.raises(ServerUnreachable), login(sandbox, host="no-such-host.invalid"):
        pass
    with pytest.raises(ServerUnreachable):
        read_host_key("127.0.0.1", free, timeout=1)


def test_a_refusal_is_heard_though_the_server_hangs_up_behind_it(sandbox):
    """The line's end may be noticed before the refusal that came first; it is a refusal all the same, every time."""
    sandbox.misbehave(Misbehaviour(hang_up_on_refusal=True))

    for _ in range(12):
        with pytest.raises(LoginRefused), login(sandbox, password="wrong"):
            pass


def test_a_connection_that_ends_during_the_login_is_no_refusal(sandbox):
    """A server that hangs up while the password is under way has not refused it."""
    sandbox.misbehave(Misbehaviour(cut_on_login=True))

    with pytest.raises(ServerUnreachable, match="ended during the login"), login(sandbox):
        pass


def test_a_line_that_broke_unnoticed_does_not_hide_what_was_told(sandbox):
    """The goodbye fails on such a line; what the session came to before stands."""
    with pytest.raises(TransferBroken, match="half of it"), login(sandbox) as server:
        break_unnoticed(server, TransferBroken("half of it was written"))


@pytest.mark.parametrize("before_the_end", [1, 60, 120, 200, 400])
def test_a_server_that_falls_silent_as_sftp_begins_lets_go(sandbox, before_the_end):
    """Let in, then never answered again: the login ends in its time, and is tried again later."""
    with Proxy(sandbox.port) as line:
        with login(sandbox, port=line.port, host_key=sandbox.host_key):
            heard = line.heard
        with (
            line.behaving(Manners(hangs_after=heard - before_the_end)),
            pytest.raises(ServerUnreachable),
            login(sandbox, port=line.port, timeout=0.5),
        ):
            pass
