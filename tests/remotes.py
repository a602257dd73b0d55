"""Servers that keep the same promises to a client: our sandbox clearinghouse, and OpenSSH's own sshd."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import NoReturn

import pytest

from include.adapters.sftp import SftpServer
from include.adapters.sftp_connect import open_sftp
from include.claims.errors import ClaimsError
from include.delivery.ports import Server
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.sshd import Sshd, sshd, sshd_server

__all__ = ["remote", "sshd", "sshd_server"]

USER, PASSWORD = "demo", "demo-password"


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """One account on a server of either kind, seen from behind: where its files lie, and what can be done to it."""

    host: str
    port: int
    host_key: str
    login: str
    password: str
    is_sandbox: bool
    inbound: Path
    outbound: Path
    logins: Callable[[], int]  # passwords shown so far
    fill_the_disk: Callable[[int], None]  # no file of a session that begins now gets longer than that
    cut: Callable[[], None]  # at the next write at the latest
    recover: Callable[[], None]

    def session(self, **changes: object) -> AbstractContextManager[SftpServer]:
        """Log in, with something wrong where a test asks for it."""
        fields = {
            "host": self.host,
            "port": self.port,
            "user": self.login,
            "password": self.password,
            "host_key": self.host_key,
            "timeout": 5,
        }
        return open_sftp(**{**fields, **changes})  # type: ignore[arg-type]


def as_remote(server: Sandbox | Sshd) -> Remote:
    """Return the account of a server."""
    if isinstance(server, Sshd):
        return Remote(
            host=server.host,
            port=server.port,
            host_key=server.host_key,
            login=server.user,
            password=server.password,
            is_sandbox=False,
            inbound=server.inbound,
            outbound=server.outbound,
            logins=lambda: server.logins,
            fill_the_disk=server.let_no_file_grow_beyond,
            cut=server.cut,
            recover=server.give_room,
        )
    return Remote(
        host=server.host,
        port=server.port,
        host_key=server.host_key,
        login=USER,
        password=PASSWORD,
        is_sandbox=True,
        inbound=server.inbound(USER),
        outbound=server.outbound(USER),
        logins=lambda: server.logins(USER),
        fill_the_disk=lambda size: server.misbehave(Misbehaviour(disk_full_after=size)),
        cut=lambda: server.misbehave(Misbehaviour(cut_after=0)),
        recover=server.behave,
    )


@pytest.fixture(params=["sandbox", "sshd"])
def remote(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Remote]:
    """Return an account on each kind of server; what is put there lies there until a test looks at it."""
    if request.param == "sshd":
        yield as_remote(request.getfixturevalue("sshd"))
        return
    with Sandbox(tmp_path / "remote", {USER: PASSWORD}, settle=3600, patience=3600) as sandbox:
        yield as_remote(sandbox)


def break_unnoticed(server: Server, told: ClaimsError) -> NoReturn:
    """Raise what the session came to, on a line that is broken and not yet known to be: only a write fails."""

    def broken(_: bytes) -> None:
        raise EOFError

    assert isinstance(server, SftpServer)
    channel = server._client.get_channel()
    assert channel is not None
    channel.get_transport().packetizer.write_all = broken  # type: ignore[method-assign, assignment]
    raise told
