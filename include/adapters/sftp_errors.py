"""
What goes wrong on the way to a server, in our words: one table for the direct connection and for Airflow's hook.

The difference that matters is between a refused login, which must never be tried again by itself (the
clearinghouse locks accounts after too many), and a network that was busy.
"""

import errno
import socket
from traceback import walk_tb
from typing import Final

import paramiko
from paramiko.auth_handler import AuthHandler
from paramiko.sftp import SFTPError
from paramiko.ssh_exception import NoValidConnectionsError

from include.claims.errors import (
    BadFile,
    BadSetting,
    ClaimsError,
    HostKeyMismatch,
    LoginRefused,
    ServerUnreachable,
)
from include.officeally.profile import WHY_REFUSED

WHERE_FOLDERS_ARE_NAMED: Final = (
    "ask the clearinghouse whether the account is set up, or name its folders in the connection's extra (inbound,"
    " outbound)"
)
"""What to do about a folder that is not there."""

FOREIGN: Final = (OSError, EOFError, paramiko.SSHException, SFTPError, UnicodeDecodeError)
"""Everything paramiko and the socket raise; `socket.timeout` and a refused connection are OSErrors."""

_NOT_A_REFUSAL = ("transport shut down", "Authentication timeout")


def translate(error: Exception, *, place: str) -> ClaimsError:  # noqa: PLR0911 -- a table, a return each
    """Return the error of ours that says what to do about a foreign one; raise ours `from` it."""
    if isinstance(error, ClaimsError):
        return error
    if isinstance(error, paramiko.BadHostKeyException):
        return host_key_mismatch(place, shown=error.key, pinned=error.expected_key)
    if isinstance(error, paramiko.AuthenticationException):
        return _login_error(error, place)
    if isinstance(error, paramiko.SSHException) and "not found in known_hosts" in str(error):
        return HostKeyMismatch(f"{place}: no host key is pinned; pin it with `./courier clinics pin MAILBOX`")
    if isinstance(error, socket.gaierror):
        return ServerUnreachable(f"{place}: no server of that name is known; check the connection's host, then the DNS")
    if isinstance(error, NoValidConnectionsError | ConnectionRefusedError):
        return ServerUnreachable(
            f"{place}: no server listens there; check the connection's host and port, then the firewall, then whether"
            " the clearinghouse is down"
        )
    if isinstance(error, UnicodeDecodeError):
        return BadFile(f"{place}: the server names a file in bytes that are not UTF-8")
    if isinstance(error, OSError) and error.errno in {errno.EACCES, errno.EPERM}:
        return BadSetting(f"{place}: permission denied by the server; ask the clearinghouse to mend the account")
    if isinstance(error, OSError) and error.errno == errno.ENOENT:
        return BadSetting(f"{place}: the server knows no such file or folder; {WHERE_FOLDERS_ARE_NAMED}")
    return ServerUnreachable(f"{place}: {describe(error)}")


def describe(error: Exception) -> str:
    """Name a foreign error in a few words, bounded, because a server's own text may be anything."""
    text = " ".join(str(error).split())[:120]
    return f"{type(error).__name__}: {text}" if text else type(error).__name__


def host_key_mismatch(place: str, *, shown: paramiko.PKey, pinned: paramiko.PKey | None) -> HostKeyMismatch:
    """Say which key the server showed, which was pinned, and how to pin the one it showed."""
    expected = f"{pinned.fingerprint} is pinned" if pinned else "none is pinned"
    return HostKeyMismatch(
        f"{place}: the server shows host key {shown.fingerprint}, {expected}; check it with the clearinghouse, "
        "then pin it with `./courier clinics pin MAILBOX --yes`"
    )


def _login_error(error: paramiko.AuthenticationException, place: str) -> ClaimsError:
    # paramiko raises the same class where the connection died or stalled during the login: nothing was refused.
    if any(words in str(error) for words in _NOT_A_REFUSAL) and not _heard_a_refusal(error):
        return ServerUnreachable(f"{place}: the connection ended during the login")
    return LoginRefused(
        f"{place}: the server refused user name or password and does not say why. Probable causes: {WHY_REFUSED}"
    )


def _heard_a_refusal(error: BaseException) -> bool:
    """
    Tell whether the server said no before the line went down.

    A server may hang up right behind its no. paramiko then looks at the line first and does not tell what it has read:
    only the handler of the login knows, which takes the user's name away at a refusal, and lies in the error's frames.
    """
    handlers = [frame.f_locals.get("self") for frame, _ in walk_tb(error.__traceback__)]
    return any(isinstance(one, AuthHandler) and one.auth_method and one.username is None for one in handlers)
