"""
The moments of a worker's life, and what may happen at one: it dies, sleeps, or finds its ledger gone.

A moment is a statement or commit of the worker's own database engine, a call of the ledger's that the protocol hangs
on, or a request of its SFTP session that writes. They are watched from outside: on the engine's events, on paramiko's
client and around the ledger's objects, so that no product code knows of them.

A worker that dies here dies as by SIGKILL: from that moment on every statement and every request of it fails with
`Killed`, the ones in its `finally` blocks too, so its lease stays taken and nothing is cleaned up.
"""

import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from paramiko.sftp import CMD_CLOSE, CMD_OPEN, CMD_WRITE, SFTP_FLAG_WRITE
from sqlalchemy import Engine, event
from sqlalchemy.exc import OperationalError

from include.adapters.ledger import Ledger
from include.adapters.mailboxes import ConnectionMailboxes
from include.delivery.clinic_table import Mailbox
from include.delivery.ports import Server

WATCHED: Final = {
    "accounts": ("acquire", "release"),
    "batches": ("seal", "rendered", "begin", "sent", "sent_by_look", "broken", "not_started"),
    "responses": ("store", "apply"),
}
"""The ledger's calls that are moments, before and after."""


class Killed(BaseException):
    """The worker is dead; nothing of it may catch this."""


@dataclass(slots=True)
class Trap:
    """Waits for the n-th moment of a name, then acts once; without a name it never does."""

    name: str = ""
    nth: int = 1
    act: Callable[["Trap"], None] = lambda _: None
    sprung: bool = False
    is_dead: bool = False
    statements_lost: int = 0  # the ledger does not answer so many of the next ones
    inside: str = ""  # the watched call that is going on

    def moment(self, name: str, connection: Any = None) -> None:
        """Live through a moment."""
        if self.is_dead:
            raise Killed
        if self.name in {name, f"{name} in {self.inside}"} and not self.sprung:
            self.nth -= 1
            if self.nth == 0:
                self.sprung = True
                self.act(self)
        if self.statements_lost and connection is not None:
            self.statements_lost -= 1
            raise _gone(connection, name)


def die(trap: Trap) -> None:
    """Be killed now."""
    trap.is_dead = True
    raise Killed


def watched_engine(ledger: Ledger) -> Engine:
    """Make an engine's statements and commits moments of whoever's trap its connections carry."""
    engine = ledger.database.engine
    event.listen(
        engine, "before_cursor_execute", lambda connection, *_: _trap_of(connection).moment("statement", connection)
    )
    event.listen(engine, "commit", lambda connection: _trap_of(connection).moment("commit", connection))
    return engine


def watch_ledger(ledger: Ledger, engine: Engine, trap: Trap) -> None:
    """Give a worker's ledger the engine, whose connections carry its trap, and make moments of the ledger's calls."""
    # One engine, because each would compile all its statements anew; it keeps no connection, so nothing is shared.
    ledger.database.engine = engine.execution_options(trap=trap)
    for concern, calls in WATCHED.items():
        setattr(ledger, concern, _Watched(getattr(ledger, concern), calls, trap))


def _trap_of(connection: Any) -> Trap:
    found: Trap = connection.get_execution_options()["trap"]
    return found


def _gone(connection: Any, name: str) -> OperationalError:
    if name != "commit":
        return OperationalError("", None, sqlite3.OperationalError("database or disk is full"))
    # The worst of it: the database has committed, and its answer is lost.
    connection.connection.dbapi_connection.commit()
    return OperationalError("", None, sqlite3.OperationalError("disk I/O error"))


class _Watched:
    """One concern of the ledger, some of whose calls are moments."""

    def __init__(self, real: Any, calls: tuple[str, ...], trap: Trap) -> None:
        self._real = real
        self._calls = calls
        self._trap = trap

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._real, name)
        return _between(found, name, self._trap) if name in self._calls else found


class WatchedMailboxes(ConnectionMailboxes):
    """Opens sessions whose writing requests are moments."""

    def __init__(self, *args: Any, trap: Trap, **options: Any) -> None:
        super().__init__(*args, **options)
        self._trap = trap

    @contextmanager
    def open(self, mailbox: Mailbox) -> Iterator[Server]:
        """Open a session, watched."""
        with super().open(mailbox) as server:
            watched: Any = server
            watched.append_tail = _between(server.append_tail, "mend", self._trap)
            _watch_sftp(watched._client, self._trap)
            yield server


def _watch_sftp(session: Any, trap: Trap) -> None:
    """Make moments of opening a file to write, of each write, and of closing it."""
    ask, send = session._request, session._async_request
    is_writing = False

    def asked(kind: Any, *args: Any) -> Any:
        nonlocal is_writing
        opens = kind == CMD_OPEN and args[1] & SFTP_FLAG_WRITE
        is_writing = bool(is_writing or opens)
        name = "open" if opens else "close" if kind == CMD_CLOSE and is_writing else ""
        return _between(ask, name, trap)(kind, *args) if name else ask(kind, *args)

    def sent(expected: Any, kind: Any, *args: Any) -> Any:
        call = _between(send, "write", trap) if kind == CMD_WRITE else send
        return call(expected, kind, *args)

    session._request, session._async_request = asked, sent


def _between(call: Callable[..., Any], name: str, trap: Trap) -> Callable[..., Any]:
    def living(*args: Any, **options: Any) -> Any:
        trap.moment(f"before {name}")
        outside, trap.inside = trap.inside, name
        try:
            result = call(*args, **options)
        finally:
            trap.inside = outside
        trap.moment(f"after {name}")
        return result

    return living
