"""
Files to and from a server over SFTP, such that a put is either clean, proved not started, or in doubt.

The usual client call writes ahead of the server's answers and swallows the error of the last ones and of CLOSE.
Here every write waits for its own answer, the open handle must have our size, and CLOSE must be acknowledged.

What `put` raises tells the caller what may have left:

- TransferBroken: the file was opened, or nobody knows; look before anything else;
- anything else of ours: it is proved that no file was opened.
"""

import errno
import stat
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any, Final, cast

import paramiko
from paramiko.file import BufferedFile
from paramiko.sftp import CMD_CLOSE, CMD_OPENDIR, CMD_READDIR

from include.adapters.sftp_errors import FOREIGN, WHERE_FOLDERS_ARE_NAMED, describe, translate
from include.claims.errors import (
    BadFile,
    BadSetting,
    ClaimsError,
    LeaseHeld,
    NameTaken,
    NotStarted,
    ServerUnreachable,
    TransferBroken,
)
from include.delivery.records import RemoteFile, ServerIdentity

CHUNK: Final = 32_768
"""What one SFTP write carries: more than this some servers refuse."""

_MOST_FILES: Final = 200_000
"""Decades of answers; a folder that never ends would fill the memory of whoever lists it."""

_LONGEST_NAME: Final = 255
_LARGEST_SIZE: Final = 2**63 - 1
"""What the ledger can hold; a server may claim twice that."""


class SftpServer:
    """An open session in one account; implements the port `Server`."""

    def __init__(
        self,
        client: paramiko.SFTPClient,
        identity: ServerIdentity,
        *,
        inbound: str = "inbound",
        outbound: str = "outbound",
        timeout: float = 60.0,
    ) -> None:
        self.identity = identity
        self._client = client
        self._inbound = inbound.rstrip("/")
        self._outbound = outbound.rstrip("/")
        # Without it a server that stops answering holds the task, and its lease, for ever.
        _channel(client).settimeout(timeout)

    # --- inbound ---

    def look(self, name: str) -> RemoteFile | None:
        """Return the file in `inbound`, None only where the server said "no such file"; anything else raises."""
        path = _path(self._inbound, name)
        with self._asking(path):
            attributes = self._stat(path)
            if attributes is None:
                self._require_folder(self._inbound)
                return None
            return self._remote_file(name, attributes)

    def read_inbound(self, name: str, limit: int) -> bytes:
        """Read back a file of ours in `inbound`, at most `limit` bytes; TransferBroken where it has just gone."""
        path = _path(self._inbound, name)
        with self._asking(path):
            try:
                return self._read(path, limit)[:limit]
            except FileNotFoundError as gone:
                raise TransferBroken(f"{self._at(path)}: it was taken away while we looked; look again") from gone

    def put(self, name: str, content: bytes, may_go_on: Callable[[], bool]) -> None:
        """
        Create the file exclusively and write it; return only if every write, the handle's size and CLOSE agree.

        Raises TransferBroken where the file was opened or may have been; any other error proves that it was not.
        """
        path = _path(self._inbound, name)
        file = self._open_to_write(path, "wx", may_go_on)
        self._write(file, path, content, 0, may_go_on)

    def append_tail(self, name: str, content: bytes, offset: int, may_go_on: Callable[[], bool]) -> None:
        """Write `content[offset:]` into the existing file, never creating it; same guarantees as `put`."""
        path = _path(self._inbound, name)
        file = self._open_to_write(path, "r+", may_go_on)
        with self._transferring(file, path):
            found = file.stat().st_size
        if found != offset:
            self._let_go(file)
            raise NotStarted(f"{self._at(path)}: {found} bytes lie there, {offset} were seen; look again")
        self._write(file, path, content, offset, may_go_on)

    # --- outbound ---

    def list_outbound(self) -> list[RemoteFile]:
        """Return the regular files in `outbound`, those with a `fault` too whose names nobody can ask for."""
        with self._asking(self._outbound):
            listed = list(self._entries(self._outbound))
        return [_named(raw, self._remote_file("", entry)) for raw, entry in listed if stat.S_ISREG(entry.st_mode or 0)]

    def fetch(self, name: str, limit: int) -> bytes:
        """Read a response; raise BadFile where it is longer than `limit` bytes, TransferBroken where it has gone."""
        path = _path(self._outbound, name)
        with self._asking(path):
            try:
                content = self._read(path, limit)
            except FileNotFoundError as gone:
                raise TransferBroken(f"{self._at(path)}: it was taken away while we looked") from gone
        if len(content) > limit:
            raise BadFile(
                f"{self._at(path)}: longer than {limit} bytes, the most a response may have; nothing was kept"
            )
        return content

    # --- how ---

    def _entries(self, folder: str) -> Iterator[tuple[bytes, paramiko.SFTPAttributes]]:
        # The library's own listing gives up as a whole on one name that is no UTF-8.
        client = cast("Any", self._client)
        handle = client._request(CMD_OPENDIR, folder)[1].get_binary()  # noqa: SLF001
        left = _MOST_FILES
        while True:
            try:
                _, page = client._request(CMD_READDIR, handle)  # noqa: SLF001
            except EOFError:
                break
            for _ in range(page.get_int()):
                if not left:
                    raise BadSetting(f"{self._at(folder)}: more than {_MOST_FILES} files; have it cleared of old ones")
                left -= 1
                name, _ = page.get_binary(), page.get_binary()
                yield name, cast("Any", paramiko.SFTPAttributes)._from_msg(page)  # noqa: SLF001
        client._request(CMD_CLOSE, handle)  # noqa: SLF001

    def _open_to_write(self, path: str, mode: str, may_go_on: Callable[[], bool]) -> paramiko.SFTPFile:
        if not may_go_on():
            raise LeaseHeld(f"{self._at(path)}: the right to be in this account ran out before the file was opened")
        try:
            # Unbuffered and not pipelined: each write waits for the server's answer to it.
            return self._client.open(path, mode, bufsize=0)
        except FOREIGN as error:
            raise self._not_opened(error, path, mode) from error

    def _not_opened(self, error: Exception, path: str, mode: str) -> ClaimsError:
        place = self._at(path)
        if not self._was_answered(error):
            return TransferBroken(f"{place}: no answer to the opening of the file ({describe(error)}); look first")
        code = error.errno if isinstance(error, OSError) else None
        if code == errno.EACCES:
            return BadSetting(f"{place}: the server forbids writing; ask the clearinghouse to mend the account")
        if code == errno.ENOENT and mode == "wx":
            return BadSetting(f"{place}: the server has no folder {self._inbound!r}; {WHERE_FOLDERS_ARE_NAMED}")
        if code == errno.ENOENT:
            return NotStarted(f"{place}: gone before its missing tail was written; look again")
        if mode == "wx" and self._lies_there(path):
            return NameTaken(f"{place}: a file of that name lies there already; compare it with the batch")
        return NotStarted(f"{place}: the server would not open the file ({describe(error)})")

    def _was_answered(self, error: Exception) -> bool:
        """Tell a status the server sent from a connection that died: only the first proves anything."""
        # SFTP statuses come as plain OSErrors; a timeout or a dead channel raises others, or closes the channel.
        channel = _channel(self._client)
        plain = type(error) in {OSError, FileNotFoundError, PermissionError}
        return plain and not channel.closed and not channel.eof_received and _transport(self._client).is_active()

    def _lies_there(self, path: str) -> bool:
        try:
            return self._stat(path) is not None
        except FOREIGN:
            return False

    def _write(
        self, file: paramiko.SFTPFile, path: str, content: bytes, offset: int, may_go_on: Callable[[], bool]
    ) -> None:
        with self._transferring(file, path):
            file.seek(offset)
            for start in range(offset, len(content), CHUNK):
                if not may_go_on():
                    raise TransferBroken(
                        f"{self._at(path)}: stopped after {start} bytes, the lease ran out; look first"
                    )
                file.write(content[start : start + CHUNK])
            size = file.stat().st_size
            if size != len(content):
                raise TransferBroken(
                    f"{self._at(path)}: {size} bytes arrived of {len(content)} acknowledged; look first"
                )
            self._close(file)

    def _close(self, file: paramiko.SFTPFile) -> None:
        # SFTPFile.close() swallows every error of CLOSE, and a full disk or a quota may show only there. So the
        # request is sent from here; the object is marked closed first, or it would send a second one when freed.
        BufferedFile.close(file)
        cast("Any", self._client)._request(CMD_CLOSE, file.handle)  # noqa: SLF001

    @contextmanager
    def _transferring(self, file: paramiko.SFTPFile, path: str) -> Iterator[None]:
        try:
            yield
        except TransferBroken:
            self._let_go(file)
            raise
        except FOREIGN as error:
            self._let_go(file)
            raise TransferBroken(f"{self._at(path)}: stopped after the file was opened ({describe(error)})") from error

    def _let_go(self, file: paramiko.SFTPFile) -> None:
        # Nobody waits for this answer: the transfer has failed already, and a server that stalls would hold us again.
        cast("Any", file)._close(async_=True)  # noqa: SLF001

    def _stat(self, path: str) -> paramiko.SFTPAttributes | None:
        try:
            return self._client.stat(path)
        except FileNotFoundError:
            return None

    def _require_folder(self, folder: str) -> None:
        attributes = self._stat(folder)
        if attributes is None or not stat.S_ISDIR(attributes.st_mode or stat.S_IFDIR):
            raise BadSetting(f"{self._at(folder)}: the server has no such folder; {WHERE_FOLDERS_ARE_NAMED}")

    def _remote_file(self, name: str, attributes: paramiko.SFTPAttributes) -> RemoteFile:
        if attributes.st_size is None:
            raise ServerUnreachable(f"{self._at(name)}: the server does not tell the file's size")
        size = min(attributes.st_size, _LARGEST_SIZE)
        return RemoteFile(name=name, size=size, modified=int(attributes.st_mtime or 0))

    def _read(self, path: str, limit: int) -> bytes:
        """Return the file, or one byte more than `limit` of it."""
        with self._client.open(path, "rb", bufsize=0) as file:
            content = bytearray()
            while len(content) <= limit and (chunk := file.read(min(CHUNK, limit + 1 - len(content)))):
                content += chunk
            if len(content) <= limit and len(content) < (file.stat().st_size or 0):
                raise ServerUnreachable(f"{self._at(path)}: the server sent {len(content)} bytes and stopped")
            return bytes(content)

    @contextmanager
    def _asking(self, path: str) -> Iterator[None]:
        try:
            yield
        except FOREIGN as error:
            raise translate(error, place=self._at(path)) from error

    def _at(self, path: str) -> str:
        return f"{self.identity.account}, {path}"


def _path(folder: str, name: str) -> str:
    # A remote name never becomes a path: the server could otherwise send us where it likes.
    if not name or "/" in name or "\0" in name or name in {".", ".."}:
        raise BadFile(f"{folder}: {name!r} is not a file name")
    return f"{folder}/{name}"


def _named(raw: bytes, file: RemoteFile) -> RemoteFile:
    """Name a listed file, or say what keeps it from being asked for; what is odd is shown escaped."""
    text = raw.decode("utf-8", "surrogateescape")
    faults = {
        "a path": "/" in text,
        "longer than a file name": len(raw) > _LONGEST_NAME,
        "not readable text": not text.isprintable() or not text,
    }
    fault = next((words for words, holds in faults.items() if holds), "")
    if not fault:
        return replace(file, name=text)
    shown = text.encode("unicode_escape").decode()[:_LONGEST_NAME]
    return replace(file, name=shown, fault=f"its name is {fault}")


def _channel(client: paramiko.SFTPClient) -> paramiko.Channel:
    channel = client.get_channel()
    assert channel is not None
    return channel


def _transport(client: paramiko.SFTPClient) -> paramiko.Transport:
    return _channel(client).get_transport()
