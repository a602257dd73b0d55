"""
A mailbox's connection, checked: whom it talks to, by which login, with which pinned key.

`ConnectionMailboxes` opens it without Airflow, for the shell and the tests; inside Airflow the provider's hook opens
the same connection by the same rules.
"""

import hashlib
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from include.adapters.settings import Connection
from include.adapters.sftp_connect import fingerprint, open_sftp, parse_host_key
from include.claims.errors import AccountClosed, BadSetting
from include.delivery.clinic_table import Mailbox
from include.delivery.ports import Server
from include.delivery.records import ServerIdentity

SSH_PORT: Final = 22


class ConnectionMailboxes:
    """Opens a mailbox by its connection; implements the port `Mailboxes`."""

    def __init__(self, connection: Callable[[str], Connection], *, timeout: float = 60.0) -> None:
        """Open connections as they are found by id; `timeout` is how many seconds a server may take to answer."""
        self._connection = connection
        self.timeout = timeout

    def identity(self, mailbox: Mailbox) -> ServerIdentity:
        """Return whom a session would talk to, without connecting; raise BadSetting where the connection is wrong."""
        return expected_server(mailbox, self._connection(mailbox.connection_id))

    def credential(self, mailbox: Mailbox) -> str:
        """Return a salted fingerprint of the login."""
        return credential_of(self._connection(mailbox.connection_id))

    @contextmanager
    def open(self, mailbox: Mailbox) -> Iterator[Server]:
        """Connect and log in once; raise LoginRefused, HostKeyMismatch, ServerUnreachable or BadSetting."""
        connection = self._connection(mailbox.connection_id)
        expected = expected_server(mailbox, connection)
        with open_sftp(
            host=expected.host,
            port=expected.port,
            user=expected.user,
            password=connection.password,
            host_key=str(connection.extra["host_key"]),
            inbound=str(connection.extra.get("inbound", "inbound")),
            outbound=str(connection.extra.get("outbound", "outbound")),
            sandbox_expected=expected.sandbox_expected,
            timeout=self.timeout,
        ) as server:
            yield server


def expected_server(mailbox: Mailbox, connection: Connection) -> ServerIdentity:
    """Return whom a connection says it talks to; raise AccountClosed, or BadSetting where something is missing."""
    place = f"mailbox {mailbox.key}, connection {mailbox.connection_id}"
    if str(connection.extra.get("closed", "")).lower() == "true":
        raise AccountClosed(f"{place}: its extra says that the account is closed; nothing is sent or fetched there")
    if missing := [name for name in ("host", "login") if not getattr(connection, name)]:
        raise BadSetting(f"{place}: {' and '.join(missing)} missing; the clearinghouse's mails name them")
    host_key = str(connection.extra.get("host_key") or "")
    if not host_key:
        raise BadSetting(
            f"{place}: its extra holds no host_key, and no server is trusted unseen; print the server's key and its"
            f" fingerprint with `./courier clinics pin {mailbox.key}`, check it with the clearinghouse, then add it"
        )
    return ServerIdentity(
        host=connection.host,
        port=connection.port or SSH_PORT,
        user=connection.login,
        key_fingerprint=fingerprint(parse_host_key(host_key)),
        sandbox_expected=str(connection.extra.get("sandbox", "")).lower() == "true",
    )


def credential_of(connection: Connection) -> str:
    """Return a salted fingerprint of a login, so that a changed password is noticed and none is kept."""
    extra = connection.extra
    secrets = [connection.password, extra.get("private_key"), extra.get("key_file")]
    if not connection.login or not any(secrets):
        raise BadSetting(f"connection {connection.id}: no user name or no password; the clearinghouse mails both")
    secret = json.dumps(secrets)
    salt = f"{connection.login}@{connection.host}:{connection.port or SSH_PORT}"
    return hashlib.scrypt(secret.encode(), salt=salt.encode(), n=4096, r=8, p=1, dklen=16).hex()
