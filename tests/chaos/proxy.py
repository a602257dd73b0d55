"""
The line to the clearinghouse, with a will of its own: a TCP proxy that refuses, resets, hangs, delays and throttles.

It stands below SSH and sees ciphertext only, so it can do what a line can do and no more: it cannot double or reorder
what a client says. Answers that come twice or in disorder are files, and the sandbox's part.
"""

import socket
import struct
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Final, Self

_RESET_ON_CLOSE: Final = struct.pack("ii", 1, 0)
"""SO_LINGER of no seconds: closing sends RST."""

_BREATH: Final = 0.05
"""Seconds the server has to act on what still reached it before the line is reset."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Manners:
    """How the line behaves; by default well. Counts are of bytes from the client, SSH's own included."""

    refuses: bool = False  # nobody listens
    resets_after: int | None = None  # RST; what is past it does not reach the server
    deafens_after: int | None = None  # the server gets everything, its answers are lost, then RST
    hangs_after: int | None = None  # the server gets everything, its answers are lost, and nothing ends
    bytes_a_second: float | None = None
    delay: float = 0.0  # seconds, each piece


class Proxy:
    """Listens on a port of its own and passes on to `target`, as its `manners` are; `struck` counts what it broke."""

    def __init__(self, target: int) -> None:
        self.target = target
        self.manners = Manners()
        self.struck = 0
        self.heard = 0  # bytes the last client sent
        self._listener = _listen(0)
        self.port: int = self._listener.getsockname()[1]
        self._open: set[socket.socket] = set()
        self._ended = False
        self._start(self._listener)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._ended = True
        _shut(self._listener)
        for one in list(self._open):
            _shut(one)

    @contextmanager
    def behaving(self, manners: Manners) -> Iterator[None]:
        """Behave so for a while."""
        self.manners = manners
        if manners.refuses:
            _shut(self._listener)
            self.struck += 1
        try:
            yield
        finally:
            self.manners = Manners()
            if manners.refuses:
                self._listener = _listen(self.port)
                self._start(self._listener)

    def _start(self, listener: socket.socket) -> None:
        threading.Thread(target=self._accept, args=(listener,), daemon=True, name="proxy").start()

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            try:
                server = socket.create_connection(("127.0.0.1", self.target), timeout=10)
            except OSError:
                _reset(client)
                continue
            server.settimeout(None)
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # else every answer waits 40 ms
            self._open |= {client, server}
            line = _Line(self, client, server)
            for pump in (line.upwards, line.downwards):
                threading.Thread(target=pump, daemon=True, name="proxy line").start()

    def ended(self, *ends: socket.socket) -> None:
        """Forget a line."""
        self._open.difference_update(ends)


class _Line:
    """One connection, both ways."""

    def __init__(self, proxy: Proxy, client: socket.socket, server: socket.socket) -> None:
        self._proxy = proxy
        self._manners = proxy.manners
        self._client = client
        self._server = server
        self._is_deaf = False

    def upwards(self) -> None:
        """Pass on what the client says, until the line breaks."""
        seen = 0
        with suppress(OSError):
            while piece := self._client.recv(16_384):
                self._dawdle(len(piece))
                seen += len(piece)
                self._proxy.heard = seen
                if self._is_reset_by(seen, piece):
                    return
                # Before the server can answer it.
                is_deafened = self._is_deafened_by(seen)
                self._server.sendall(piece)
                if is_deafened and self._manners.deafens_after is not None:
                    time.sleep(_BREATH)
                    self._break()
                    return
        self._end()

    def downwards(self) -> None:
        """Pass on what the server answers, unless nobody hears it any more."""
        with suppress(OSError):
            while piece := self._server.recv(16_384):
                self._dawdle(len(piece))
                if not self._is_deaf:
                    self._client.sendall(piece)
        if not self._is_deaf:
            self._end()

    def _is_reset_by(self, seen: int, piece: bytes) -> bool:
        limit = self._manners.resets_after
        if limit is None or seen <= limit:
            return False
        self._proxy.struck += 1
        self._server.sendall(piece[: max(0, limit - seen + len(piece))])
        time.sleep(_BREATH)
        self._break()
        return True

    def _is_deafened_by(self, seen: int) -> bool:
        limits = (self._manners.deafens_after, self._manners.hangs_after)
        limit = next((one for one in limits if one is not None), None)
        if limit is None or seen <= limit or self._is_deaf:
            return False
        self._is_deaf = True
        self._proxy.struck += 1
        return True

    def _dawdle(self, size: int) -> None:
        rate = self._manners.bytes_a_second
        if self._manners.delay or rate:
            time.sleep(self._manners.delay + (size / rate if rate else 0))

    def _break(self) -> None:
        _reset(self._client)
        _shut(self._server)
        self._proxy.ended(self._client, self._server)

    def _end(self) -> None:
        _shut(self._client)
        _shut(self._server)
        self._proxy.ended(self._client, self._server)


def _listen(port: int) -> socket.socket:
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", port))
    listener.listen()
    return listener


def _reset(one: socket.socket) -> None:
    with suppress(OSError):
        one.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    one.close()


def _shut(one: socket.socket) -> None:
    # A thread that waits in accept or recv wakes by the shutdown, not by the close.
    with suppress(OSError):
        one.shutdown(socket.SHUT_RDWR)
    one.close()
