"""
A clinic's Airflow connection as a mailbox: one login through the SFTP provider's hook, the host key pinned.

The hook tries a refused login three times and trusts the machine's own list of known hosts, unless told not to. Here
it tries once, and the key that must be shown is the one in the connection's extra.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache
from typing import Any, Final

import paramiko
from airflow.providers.sftp.hooks.sftp import SFTPHook
from airflow.sdk.exceptions import AirflowException

from include.adapters.mailboxes import credential_of, expected_server
from include.adapters.settings import Connection
from include.adapters.sftp import SftpServer
from include.adapters.sftp_connect import end_session, hanging_up_after, identity_of, parse_host_key
from include.adapters.sftp_errors import FOREIGN, host_key_mismatch, translate
from include.claims.errors import BadSetting
from include.delivery.clinic_table import Mailbox
from include.delivery.ports import Server
from include.delivery.records import ServerIdentity
from include.orchestration.connections import airflow_connection

CONNECT_SECONDS: Final = 30
BEGINNING_SECONDS: Final = 120.0
"""From the first packet to SFTP's first word, which has no limit of its own; each step before has `CONNECT_SECONDS`."""


class AirflowMailboxes:
    """
    Opens a mailbox by the id of its Airflow connection; implements the port `Mailboxes`.

    It lives as long as one task or look, and asks Airflow for each connection once.
    """

    def __init__(self) -> None:
        self._connection = cache(_connection)

    def identity(self, mailbox: Mailbox) -> ServerIdentity:
        """Return whom a session would talk to, without connecting; raise BadSetting where the connection is wrong."""
        return expected_server(mailbox, self._connection(mailbox))

    def credential(self, mailbox: Mailbox) -> str:
        """Return a salted fingerprint of the login, so that a changed password is noticed and none is kept."""
        return credential_of(self._connection(mailbox))

    @contextmanager
    def open(self, mailbox: Mailbox) -> Iterator[Server]:
        """Connect and log in once; raise LoginRefused, HostKeyMismatch, ServerUnreachable or BadSetting."""
        connection = self._connection(mailbox)
        expected = expected_server(mailbox, connection)
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
                pinned = parse_host_key(str(connection.extra["host_key"]))
                raise host_key_mismatch(expected.account, shown=_shown_key(client), pinned=pinned)
            yield SftpServer(
                client,
                shown,
                inbound=str(connection.extra.get("inbound", "inbound")),
                outbound=str(connection.extra.get("outbound", "outbound")),
            )


def _connection(mailbox: Mailbox) -> Connection:
    return airflow_connection(mailbox.connection_id, wanted_by=f"mailbox {mailbox.key}")


def _log_in(mailbox: Mailbox, expected: ServerIdentity, stack: ExitStack) -> paramiko.SFTPClient:
    hook = _hook(mailbox)
    try:
        with hanging_up_after(BEGINNING_SECONDS, lambda: _hang_up(hook)):
            client: paramiko.SFTPClient = stack.enter_context(hook.get_managed_conn())
    except FOREIGN as error:
        _hang_up(hook)
        raise translate(error, place=f"mailbox {mailbox.key}, {expected.account}") from error
    # Before the hook ends it, which would let a broken line's error take the place of ours.
    stack.callback(end_session, client)
    return client


def _hang_up(hook: Any) -> None:
    if hook.client is not None:
        hook.client.close()


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
        raise BadSetting(f"mailbox {mailbox.key}, connection {mailbox.connection_id}: {error}") from error
    hook.conn_timeout = hook.conn_timeout or CONNECT_SECONDS
    # A key that lies about on the worker would be offered first, and count as a refused login.
    hook.look_for_keys = False
    return hook


def _shown_key(client: paramiko.SFTPClient) -> paramiko.PKey:
    channel = client.get_channel()
    assert channel is not None
    return channel.get_transport().get_remote_server_key()
