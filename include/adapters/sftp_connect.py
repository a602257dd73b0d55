"""
A login to an SFTP server without Airflow: for the shell and the tests.

One try, one password, one pinned host key; no agent, no keys lying about, no compression.
"""

import base64
import binascii
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Final

import paramiko
from paramiko.pkey import UnknownKeyType

from include.adapters.sftp import SftpServer
from include.adapters.sftp_errors import FOREIGN, host_key_mismatch, translate
from include.claims.errors import BadSetting
from include.delivery.records import ServerIdentity
from include.sandbox import BANNER

# known_hosts names a server without its port only where that is the usual one.
SSH_PORT: Final = 22


@contextmanager
def open_sftp(
    *,
    host: str,
    port: int = 22,
    user: str,
    password: str,
    host_key: str,
    timeout: float = 30.0,
    inbound: str = "inbound",
    outbound: str = "outbound",
    sandbox_expected: bool = False,
) -> Iterator[SftpServer]:
    """Log in once and give the account; raise LoginRefused, HostKeyMismatch, ServerUnreachable or BadSetting."""
    place = f"{user}@{host}:{port}"
    pinned = parse_host_key(host_key) if host_key else None
    with closing(paramiko.SSHClient()) as ssh:
        ssh.set_missing_host_key_policy(_OnlyPinned(place))
        if pinned is not None:
            name = host if port == SSH_PORT else f"[{host}]:{port}"
            ssh.get_host_keys().add(name, pinned.get_name(), pinned)
        try:
            ssh.connect(
                host,
                port,
                user,
                password,
                allow_agent=False,
                look_for_keys=False,
                compress=False,
                timeout=timeout,
                banner_timeout=timeout,
                auth_timeout=timeout,
                channel_timeout=timeout,
            )
            with hanging_up_after(timeout, ssh.close):
                client = ssh.open_sftp()
        except FOREIGN as error:
            raise translate(error, place=place) from error
        identity = identity_of(client, host=host, port=port, user=user, sandbox_expected=sandbox_expected)
        try:
            yield SftpServer(client, identity, inbound=inbound, outbound=outbound, timeout=timeout)
        finally:
            end_session(client)


def end_session(client: paramiko.SFTPClient) -> None:
    """Say goodbye on a line that may be broken: whoever used it was told so, and what they were told must stand."""
    with suppress(*FOREIGN):
        client.close()


@contextmanager
def hanging_up_after(seconds: float, hang_up: Callable[[], None]) -> Iterator[None]:
    """Hang up on a server that falls silent while SFTP begins: there the library would wait for ever."""
    watch = threading.Timer(seconds, hang_up)
    watch.daemon = True
    watch.start()
    try:
        yield
    finally:
        watch.cancel()


def identity_of(
    client: paramiko.SFTPClient, *, host: str, port: int, user: str, sandbox_expected: bool = False
) -> ServerIdentity:
    """Return whom an open session talks to: the key it showed, and whether it says it is the sandbox."""
    channel = client.get_channel()
    assert channel is not None
    transport = channel.get_transport()
    return ServerIdentity(
        host=host,
        port=port,
        user=user,
        key_fingerprint=fingerprint(transport.get_remote_server_key()),
        is_sandbox=transport.remote_version.startswith(f"SSH-2.0-{BANNER}"),
        sandbox_expected=sandbox_expected,
    )


def read_host_key(host: str, port: int = 22, *, timeout: float = 30.0) -> str:
    """Return the key a server shows, as the line to pin; no login is tried."""
    place = f"{host}:{port}"
    try:
        # paramiko would open the socket without a time limit.
        with closing(paramiko.Transport(socket.create_connection((host, port), timeout))) as transport:
            transport.banner_timeout = timeout
            transport.start_client(timeout=timeout)
            return host_key_line(transport.get_remote_server_key())
    except FOREIGN as error:
        raise translate(error, place=place) from error


def fingerprint(key: paramiko.PKey) -> str:
    """Return `SHA256:...` of a host key, as OpenSSH shows it."""
    return key.fingerprint


def host_key_line(key: paramiko.PKey) -> str:
    """Return a host key as it is pinned: `ssh-ed25519 AAAA...`."""
    return f"{key.get_name()} {key.get_base64()}"


def parse_host_key(line: str) -> paramiko.PKey:
    """Return the key of a pinned line; raise BadSetting where it is not one."""
    kind, _, rest = line.strip().partition(" ")
    try:
        return paramiko.PKey.from_type_string(kind, base64.b64decode(rest.split()[0], validate=True))
    except (IndexError, binascii.Error, paramiko.SSHException, UnknownKeyType, ValueError) as error:
        raise BadSetting("pinned host key: a line of the form `ssh-ed25519 AAAA...` is expected") from error


class _OnlyPinned(paramiko.MissingHostKeyPolicy):
    """Refuses a server of which no key is pinned, and names the key it showed."""

    def __init__(self, place: str) -> None:
        self._place = place

    def missing_host_key(self, client: paramiko.SSHClient, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002
        raise host_key_mismatch(self._place, shown=key, pinned=None)
