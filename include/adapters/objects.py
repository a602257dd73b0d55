"""
Bytes as objects under a folder of an object store, each by its name, whole or not at all.

The folder is a `UPath` or Airflow's `ObjectStoragePath`: of it only `fs`, `path` and `protocol` are used, so that
nothing here imports either. S3, Google Cloud Storage and Azure make an object visible once all of it has arrived. A
plain disk does not, so there it is written beside its place, forced to the disk and renamed.
"""

import os
import re
import secrets
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, Protocol

from include.claims.errors import BadSetting, ClaimsError, VaultUnreachable

_ON_DISK: Final = ("", "file", "local")
_OURS: Final = re.compile(r"[0-9a-f]{64}(\.[0-9a-f]{16}\.part)?")
"""An object's name; on a disk also one that was not finished."""


class Folder(Protocol):
    """What is used of a path into an object store."""

    @property
    def fs(self) -> Any:
        """The file system, as fsspec has it."""

    @property
    def path(self) -> str:
        """The path in that file system."""

    @property
    def protocol(self) -> str:
        """Its kind: s3, gs, file."""


class Objects:
    """The objects under one folder."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder

    @property
    def place(self) -> str:
        """The folder, for messages; it holds no secret."""
        return f"{self._folder.protocol or 'file'}://{self._folder.path}"

    def put(self, name: str, content: bytes) -> None:
        """Write an object; readers see all of it or what was there before."""
        with self._translated():
            if self._folder.protocol in _ON_DISK:
                _write_on_disk(Path(self._path(name)), content)
                return
            try:
                self._folder.fs.pipe_file(self._path(name), content)
            except FileNotFoundError as error:
                raise BadSetting(
                    f"payloads {self.place}: there is no such bucket; make it, or mend its name"
                ) from error

    def get(self, name: str) -> bytes | None:
        """Return an object's bytes; None where there is none of that name."""
        with self._translated():
            try:
                return bytes(self._folder.fs.cat_file(self._path(name)))
            except FileNotFoundError:
                return None

    def delete(self, name: str) -> None:
        """Delete an object, if there is one."""
        with self._translated():
            try:
                self._folder.fs.rm_file(self._path(name))
            except FileNotFoundError:
                return

    def names(self) -> Iterator[str]:
        """Yield the name of every object of ours, and of what was not finished; other files are not looked at."""
        with self._translated():
            try:
                found = self._folder.fs.find(self._folder.path)
            except FileNotFoundError:  # nothing was ever put
                return
        for path in found:
            if _OURS.fullmatch(name := str(path).rpartition("/")[2]):
                yield name

    def changed_at(self, name: str) -> datetime | None:
        """Return when an object was written; None where it is gone."""
        with self._translated():
            try:
                # Some stores keep it by hand, so their listings may be a moment old.
                self._folder.fs.invalidate_cache()
                at: datetime = self._folder.fs.modified(self._path(name))
            except FileNotFoundError:
                return None
        return at if at.tzinfo else at.replace(tzinfo=UTC)

    def _path(self, name: str) -> str:
        # 256 folders, because a disk finds a name among a million slowly.
        return f"{self._folder.path.rstrip('/')}/{name[:2]}/{name}"

    @contextmanager
    def _translated(self) -> Iterator[None]:
        try:
            yield
        except ClaimsError:
            raise
        except PermissionError as error:
            raise BadSetting(f"payloads {self.place}: access was denied; mend what its connection may do") from error
        except Exception as error:
            # Every store raises errors of its own, which nobody here can name; what they say may hold a login.
            kind = type(error).__name__
            raise VaultUnreachable(f"payloads {self.place}: the store did not answer ({kind}); try again") from error


Outside = Callable[[], Objects | None]
"""Where payloads lie outside the ledger's database, asked when it is first needed; None: nowhere."""


def nowhere() -> Objects | None:
    """All payloads lie in the database."""
    return None


def _write_on_disk(place: Path, content: bytes) -> None:
    place.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    part = place.with_name(f"{place.name}.{secrets.token_hex(8)}.part")
    descriptor = os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(descriptor)
    part.replace(place)
    folder = os.open(place.parent, os.O_RDONLY)
    try:
        os.fsync(folder)  # or a power cut may forget the name
    finally:
        os.close(folder)
