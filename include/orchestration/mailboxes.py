"""
A clinic's Airflow connection as a mailbox: one login through the SFTP provider's hook, the host key pinned.

The hook tries a refused login three times and trusts the machine's own list of known hosts, unless told not to. Here
it tries once, and the key that must be shown is the one in the connection's extra.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, Final

import paramiko
from airflow.providers.sftp.hooks.sftp import SFTPHook
from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowException, AirflowNotFoundException

from include.adapters.sftp import SftpServer
from include.adapters.sftp_connect import fingerprint, identity_of, parse_host_key
from include.adapters.sftp_errors import FOREIGN, host_key_mismatch, translate
from include.claims.errors import BadSetting
from include.delivery.clinic_table import Mailbox
from include.delivery.ports import Server, ServerIdentity

CONNECT_SECONDS: Final = 30
_SSH_PORT: Final = 22


class AirflowMailboxes:
    """Opens a mailbox by the id of its Airflow connection; implements the port `Mailboxes`."""

    def identity(self, mailbox: Mailbox) -> ServerIdentity:
        """Return whom a session would talk to, without connecting; raise BadSetting where the connection is wrong."""
        connection, extra = _connection(mailbox)
        return ServerIdentity(
            host=connection.host,
            port=connection.port or _SSH_PORT,
            user=connection.login,
            key_fingerprint=fingerprint(parse_host_key(extra["host_key"])),
            sandbox_expected=_is_set(extra.get("sandbox")),
        )

    def credential(self, mailbox: Mailbox) -> str:
        """Return a salted fingerprint of the login, so that a changed password is noticed and none is kept."""
        connection, extra = _connection(mailbox)
        secret = json.dumps([connection.password, extra.get("private_key"), extra.get("key_file")])
        salt = f"{connection.login}@{connection.host}:{connection.port or _SSH_PORT}"
        return hashlib.scrypt(secret.encode(), salt=salt.encode(), n=4096, r=8, p=1, dklen=16).hex()

    @contextmanager
    def open(self, mailbox: Mailbox) -> Iterator[Server]:
        """Connect and log in once; raise LoginRefused, HostKeyMismatch, ServerUnreachable or BadSetting."""
        expected = self.identity(mailbox)
        _, extra = _connection(mailbox)
        with ExitStack() as stack:
            client = _log_in(mailbox, expected, stack)
            shown = identity_of(
                client,
                host=expected.host,
                port=expected.port,
                user=expected.user,
                sandbox_expected=expected.sandbox_expected,
            )
            if shown.key_fingerprint != expected.key_fingerprint:
                # The machine's known_hosts may have vouched for another key; the pinned one alone counts.
                raise host_key_mismatch(
                    expected.account, shown=_shown_key(client), pinned=parse_host_key(extra["host_key"])
                )
            yield SftpServer(
                client,
                shown,
                inbound=str(extra.get("inbound", "inbound")),
                outbound=str(extra.get("outbound", "outbound")),
            )


def _log_in(mailbox: Mailbox, expected: ServerIdentity, stack: ExitStack) -> paramiko.SFTPClient:
    hook = _hook(mailbox)
    try:
        client: paramiko.SFTPClient = stack.enter_context(hook.get_managed_conn())
    except FOREIGN as error:
        if hook.client is not None:
            hook.client.close()
        raise translate(error, place=f"{_place(mailbox)}, {expected.account}") from error
    return client


def _hook(mailbox: Mailbox) -> Any:
    try:
        # The hook's own three tries would be three refused logins; our retry table decides instead.
        hook = SFTPHook(
            ssh_conn_id=mailbox.connection_id,
            conn_retry_attempts=1,
            auth_timeout=CONNECT_SECONDS,
            banner_timeout=CONNECT_SECONDS,
        )
    except (AirflowException, ValueError) as error:
        raise BadSetting(f"{_place(mailbox)}: {error}") from error
    hook.conn_timeout = hook.conn_timeout or CONNECT_SECONDS
    # A key that lies about on the worker would be offered first, and count as a refused login.
    hook.look_for_keys = False
    return hook


def _connection(mailbox: Mailbox) -> tuple[Any, Mapping[str, Any]]:
    place = _place(mailbox)
    try:
        connection = BaseHook.get_connection(mailbox.connection_id)
    except AirflowNotFoundException as error:
        raise BadSetting(
            f"{place}: Airflow has no connection of that id; add it (type sftp: host, port, login, password,"
            " and in extra the server's host_key)"
        ) from error
    extra = connection.extra_dejson
    missing = [name for name in ("host", "login") if not getattr(connection, name)]
    if missing:
        raise BadSetting(f"{place}: {' and '.join(missing)} missing; the clearinghouse's mails name them")
    if not extra.get("host_key"):
        raise BadSetting(
            f"{place}: its extra holds no host_key, and no server is trusted unseen; print the server's key and its"
            f" fingerprint with `./courier clinics pin {mailbox.key}`, check it with the clearinghouse, then add it"
        )
    return connection, extra


def _place(mailbox: Mailbox) -> str:
    return f"mailbox {mailbox.key}, connection {mailbox.connection_id}"


def _shown_key(client: paramiko.SFTPClient) -> paramiko.PKey:
    channel = client.get_channel()
    assert channel is not None
    return channel.get_transport().get_remote_server_key()


def _is_set(value: object) -> bool:
    return str(value).lower() == "true"
