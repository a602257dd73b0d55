"""
The sandbox's SFTP: one login a mailbox, each shut in its own `inbound` and `outbound`.

Every mishap hooks in here, where the client's requests arrive; everything else is asyncssh's own file server.
"""

import asyncio
import errno
import os
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

import asyncssh

from include.sandbox.misbehaviour import Misbehaviour

_NEVER = 3600.0 * 24


class House(Protocol):
    """What the SFTP side asks of the sandbox it belongs to."""

    def may_log_in(self, account: str, password: str) -> bool:
        """Tell whether the password is right and logins are not refused; every try is counted."""

    def folder(self, account: str) -> Path:
        """Return the account's root."""

    def mood(self, account: str) -> Misbehaviour:
        """Return how the account is treated now."""

    def opened(self, path: Path) -> None:
        """Note that a client writes there."""

    def closed(self, path: Path) -> None:
        """Note that a client has let go of it."""

    def connected(self, connection: asyncssh.SSHServerConnection) -> None:
        """Note a connection, so that none outlives the sandbox."""

    def sweep(self, account: str, path: Path) -> Awaitable[None]:
        """Take the file away at once, finished or not."""


class Door(asyncssh.SSHServer):
    """Lets accounts in by password."""

    def __init__(self, house: House) -> None:
        self._house = house

    def connection_made(self, conn: asyncssh.SSHServerConnection) -> None:
        """Tell the house."""
        self._connection = conn
        self._house.connected(conn)

    def begin_auth(self, username: str) -> bool:  # noqa: ARG002 -- asyncssh's signature
        """Ask everybody for a password."""
        return True

    def password_auth_supported(self) -> bool:
        """Offer passwords only, as the clearinghouse does."""
        return True

    def validate_password(self, username: str, password: str) -> bool:
        """Let the house decide."""
        mood = self._house.mood(username)
        if mood.cut_on_login:
            self._connection.abort()
        is_right = self._house.may_log_in(username, password)
        if not is_right and mood.hang_up_on_refusal:
            # After the answer, which is sent when we are back, and close behind it.
            asyncio.get_running_loop().call_soon(self._connection.disconnect, asyncssh.DISC_BY_APPLICATION, "refused")
        return is_right


@dataclass(slots=True)
class _Writing:
    """A file of `inbound` that a client has open."""

    path: Path
    swept: bool = False
    acknowledged: int = 0  # how far the client believes it wrote


class Box(asyncssh.SFTPServer):
    """One session in one account's folders."""

    def __init__(self, channel: "asyncssh.SSHServerChannel[bytes]", house: House) -> None:
        self._account = cast("str", channel.get_extra_info("username"))
        self._house = house
        self._root = house.folder(self._account).resolve()
        self._writing: dict[int, _Writing] = {}
        super().__init__(channel, chroot=os.fsencode(self._root))

    # --- where ---

    def map_path(self, path: bytes) -> bytes:
        """Shut the client in, and hide or forbid `inbound` where the mood says so."""
        mapped = super().map_path(path)
        mood = self._house.mood(self._account)
        if Path(os.fsdecode(mapped)).is_relative_to(self._root / "inbound"):
            if mood.hide_inbound:
                raise asyncssh.SFTPNoSuchFile("No such file")
            if mood.forbid_inbound:
                raise asyncssh.SFTPPermissionDenied("Permission denied")
        return mapped

    async def scandir(self, path: bytes) -> AsyncIterator[asyncssh.SFTPName]:
        """List a folder."""
        self.map_path(path)
        async for name in super().scandir(path):
            self._misstate(name.attrs)
            yield name

    async def stat(self, path: bytes) -> asyncssh.SFTPAttrs:
        """Tell what lies there."""
        attributes = await self.convert_attrs(super().stat(path))
        self._misstate(attributes)
        return attributes

    def _misstate(self, attributes: asyncssh.SFTPAttrs) -> None:
        off_by = self._house.mood(self._account).sizes_off_by
        if off_by and attributes.size:
            attributes.size = max(0, attributes.size + off_by)

    def symlink(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002 -- asyncssh's signature
        """Refuse: a link could lead out of the account."""
        raise asyncssh.SFTPPermissionDenied("No links")

    def link(self, oldpath: bytes, newpath: bytes) -> None:  # noqa: ARG002 -- asyncssh's signature
        """Refuse: a link could lead out of the account."""
        raise asyncssh.SFTPPermissionDenied("No links")

    # --- writing ---

    def open(self, path: bytes, pflags: int, attrs: asyncssh.SFTPAttrs) -> object:
        """Open a file; one that is written to is left alone until it is closed."""
        file = super().open(path, pflags, attrs)
        if pflags & asyncssh.FXF_WRITE:
            if self._house.mood(self._account).cut_on_open:
                # The client never learns of this handle, so nobody would close it.
                super().close(file)
                self._cut()
            writing = _Writing(Path(os.fsdecode(self.map_path(path))))
            self._writing[id(file)] = writing
            self._house.opened(writing.path)
        return file

    async def write(self, file_obj: object, offset: int, data: bytes) -> int:
        """Write, or whatever the mood makes of it."""
        mood = self._house.mood(self._account)
        end = offset + len(data)
        await asyncio.sleep(mood.write_takes)
        if mood.stall_after is not None and end > mood.stall_after:
            await asyncio.sleep(_NEVER)
        for limit, mishap in self._mishaps(mood):
            if limit is not None and end > limit:
                self._write(file_obj, offset, data[: max(0, limit - offset)])
                mishap()
                break
        else:
            self._write(file_obj, offset, data)
        writing = self._writing[id(file_obj)]
        writing.acknowledged = max(writing.acknowledged, end)
        if not writing.swept and mood.sweep_after is not None and end >= mood.sweep_after:
            writing.swept = True
            await self._house.sweep(self._account, writing.path)
        return len(data)

    async def fstat(self, file_obj: object) -> asyncssh.SFTPAttrs:
        """Return the open file's size, or what the client believes it to be."""
        attributes = await self.convert_attrs(super().fstat(file_obj))
        writing = self._writing.get(id(file_obj))
        if writing is not None and self._house.mood(self._account).hide_loss:
            attributes.size = writing.acknowledged
        return attributes

    def _mishaps(self, mood: Misbehaviour) -> tuple[tuple[int | None, Callable[[], None]], ...]:
        return (
            (mood.disk_full_after, _disk_full),
            (mood.drop_writes_after, lambda: None),
            (mood.cut_after, self._cut),
        )

    def _write(self, file_obj: object, offset: int, data: bytes) -> None:
        if data:
            super().write(file_obj, offset, data)

    def close(self, file_obj: object) -> None:
        """Close, truly, whatever is answered."""
        super().close(file_obj)
        writing = self._writing.pop(id(file_obj), None)
        if writing is not None:
            self._house.closed(writing.path)
            if self._house.mood(self._account).fail_close:
                raise asyncssh.SFTPFailure("Close failed")

    def _cut(self) -> None:
        self.connection.abort()
        raise asyncssh.SFTPConnectionLost("Connection lost")


def _disk_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
