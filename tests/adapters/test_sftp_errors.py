"""Every kind of foreign error and what it is called here."""

import errno
import socket

import paramiko
import pytest
from paramiko.sftp import SFTPError
from paramiko.ssh_exception import NoValidConnectionsError

from include.adapters.sftp_errors import FOREIGN, translate
from include.claims.errors import (
    BadFile,
    BadSetting,
    HostKeyMismatch,
    LoginRefused,
    NotStarted,
    ServerUnreachable,
)

pytestmark = pytest.mark.pure

KEY = paramiko.Ed25519Key.from_type_string("ssh-ed25519", b"\0\0\0\x0bssh-ed25519\0\0\0\x20" + bytes(range(32)))


@pytest.mark.parametrize(
    ("foreign", "ours"),
    [
        (paramiko.AuthenticationException("Authentication failed."), LoginRefused),
        (paramiko.BadAuthenticationType("no", ["publickey"]), LoginRefused),
        (paramiko.AuthenticationException("Authentication timeout."), ServerUnreachable),
        (
            paramiko.AuthenticationException("Authentication failed: transport shut down or saw EOF"),
            ServerUnreachable,
        ),
        (paramiko.BadHostKeyException("host", KEY, KEY), HostKeyMismatch),
        (paramiko.SSHException("Server 'x' not found in known_hosts"), HostKeyMismatch),
        (paramiko.SSHException("Error reading SSH protocol banner"), ServerUnreachable),
        (paramiko.SSHException("Server connection dropped: "), ServerUnreachable),
        (NoValidConnectionsError({("127.0.0.1", 22): ConnectionRefusedError()}), ServerUnreachable),
        (ConnectionResetError(errno.ECONNRESET, "reset"), ServerUnreachable),
        (socket.gaierror(-2, "unknown"), ServerUnreachable),
        (TimeoutError("timed out"), ServerUnreachable),
        (EOFError(), ServerUnreachable),
        (SFTPError("Expected attributes"), ServerUnreachable),
        (OSError("Failure"), ServerUnreachable),
        (PermissionError(errno.EACCES, "Permission denied"), BadSetting),
        (FileNotFoundError(errno.ENOENT, "No such file"), BadSetting),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), BadFile),
    ],
    ids=lambda value: getattr(value, "__name__", "") or f"{type(value).__name__} {value}"[:40],
)
def test_every_foreign_error_has_a_name_here(foreign, ours):
    """Each error of paramiko and the socket says what to do next, and where it happened."""
    translated = translate(foreign, place="demo@example")

    assert isinstance(foreign, FOREIGN)
    assert ours is type(translated)
    assert str(translated).startswith("demo@example: ")


@pytest.mark.parametrize("cause", ["web login", "user name", "locked", "unpaid", "changed, or has expired"])
def test_a_refused_login_names_its_probable_causes(cause):
    """The server never says why: whoever reads it at night gets the whole list."""
    assert cause in str(translate(paramiko.AuthenticationException("Authentication failed."), place="demo@example"))


def test_an_unknown_host_is_told_as_that():
    """A name no DNS knows is not a number of the system's."""
    assert "no server of that name is known" in str(translate(socket.gaierror(-2, "unknown"), place="demo@example"))


def test_our_own_errors_stay():
    """An error that is ours already is returned as it is."""
    own = NotStarted("no byte left")

    assert own is translate(own, place="demo@example")


def test_a_server_s_own_words_are_bounded():
    """A server cannot fill a log with its own text."""
    assert 200 > len(str(translate(OSError("x" * 10_000), place="demo@example")))
