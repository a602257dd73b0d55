"""
Bytes by their SHA-256, compressed and encrypted: what we sent and what came back.

They lie in the ledger's database, so that no task leaves a file on a worker's disk for another task, and so that a
backup of the ledger is whole; or as objects outside it, where they would outgrow it. A row names them either way. The
key never stands in the database; several keys may be given, the first encrypts and all of them read.
"""

import hashlib
import zlib
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import cached_property
from typing import Any, Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import ColumnElement, Connection, select, update

from include.adapters.keyring import checked
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import insert_once
from include.adapters.ledger.payloads import IS_OUTSIDE, is_outside
from include.adapters.ledger.tables import PAYLOAD, PAYLOAD_AGED
from include.adapters.objects import Objects, Outside, nowhere
from include.claims.errors import AgedOut, BadFile, BadSetting, ClaimsError, VaultUnreachable

_LEVEL = 6
"""zlib's own middle: claims files shrink tenfold, and it is far quicker than the line they go over."""

_PAGE: Final = 1000


class LedgerVault:
    """`ports.Vault`: rows in the ledger's database, bytes beside them or outside."""

    def __init__(
        self,
        database: Database,
        keys: Sequence[str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        outside: Outside = nowhere,
    ) -> None:
        self._database = database
        fernets = [Fernet(checked(key, number)) for number, key in enumerate(_present(keys), start=1)]
        self._first, self._fernet = fernets[0], MultiFernet(fernets)
        self._now = now
        self._outside = outside

    def store(self, content: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex; storing the same bytes twice is one entry."""
        sha256 = hashlib.sha256(content).hexdigest()
        stored = self._encrypted(content)
        if self._objects is not None:
            self._put(self._objects, sha256, stored, is_known=is_outside(self._database, sha256))
        row = {
            "sha256": sha256,
            "content": stored if self._objects is None else None,
            "size": len(content),
            "stored_at": self._now(),
        }
        with self._database.write() as connection:
            kept = insert_once(connection, PAYLOAD).values(row)
            # Known already: then the bytes are now where they belong, and nothing else changes.
            lies_elsewhere = IS_OUTSIDE if self._objects is None else ~IS_OUTSIDE
            new = {"content": kept.excluded.content}
            connection.execute(kept.on_conflict_do_update(index_elements=["sha256"], set_=new, where=lies_elsewhere))
            came_back = update(PAYLOAD_AGED).where(PAYLOAD_AGED.c.sha256 == sha256).values(outside=False)
            has_been_here = connection.execute(came_back).rowcount
        if has_been_here and self._objects is not None:
            # Whoever let it go may have deleted its object until a moment ago; from now on nobody does.
            self._put(self._objects, sha256, stored, is_known=True)
        return sha256

    def load(self, sha256: str) -> bytes:
        """Return the bytes, their hash checked; raise AgedOut, BadFile or BadSetting where that is not possible."""
        with self._database.read() as connection:
            row = connection.execute(select(PAYLOAD.c.content).where(PAYLOAD.c.sha256 == sha256)).one_or_none()
            if row is None:
                raise _missing(connection, sha256)
        return self._opened(sha256, self._fetched(sha256) if row.content is None else bytes(row.content))

    def rotate(self, told: Callable[[int], None] = lambda _: None) -> int:
        """Encrypt with the first key what another has, and return how much that was; after it the old keys may go."""
        old = 0
        for number, sha256 in enumerate(self._names(), start=1):
            stored = self._stored(sha256)
            if stored and not self._is_first_key_s(stored):  # what was let go meanwhile is gone
                old += 1
                self._write_back(sha256, self._encrypted(self._opened(sha256, stored)))
            told(number)
        return old

    def move(
        self, *, back: bool = False, told: Callable[[int], None] = lambda _: None
    ) -> tuple[int, list[ClaimsError]]:
        """
        Move what lies in the database out, or back; return how many moved, and why others could not.

        One at a time, each read whole where it goes before it is taken from where it was: it may end anywhere.
        """
        if (objects := self._objects) is None:
            raise BadSetting(
                "payloads: connection claims_payloads is not here, so there is no place outside the ledger"
            )
        moved, refused = 0, list[ClaimsError]()
        for number, sha256 in enumerate(self._names(IS_OUTSIDE if back else ~IS_OUTSIDE), start=1):
            try:
                moved += self._taken_in(sha256) if back else self._put_out(objects, sha256)
            except (AgedOut, BadFile, BadSetting) as error:
                refused.append(error)
            told(number)
        return moved, refused

    @cached_property
    def _objects(self) -> Objects | None:
        return self._outside()

    def _put_out(self, objects: Objects, sha256: str) -> int:
        stored = self._stored(sha256)
        if not stored:
            return 0
        self._opened(sha256, stored)  # what is damaged stays where a backup brings it back
        self._put(objects, sha256, stored, is_known=True)
        return self._changed(sha256, None, ~IS_OUTSIDE)

    def _taken_in(self, sha256: str) -> int:
        stored = self._stored(sha256)
        self._opened(sha256, stored)
        return self._changed(sha256, stored, IS_OUTSIDE)

    def _put(self, objects: Objects, sha256: str, stored: bytes, *, is_known: bool) -> None:
        """See to it that an object is there, whole and readable, before any row says so."""
        # One that no row names is written anew, so that it is as young as its row.
        if is_known and self._is_whole(objects, sha256):
            return
        objects.put(sha256, stored)
        if not self._is_whole(objects, sha256):
            raise VaultUnreachable(f"payload {sha256}: what {objects.place} gives back is not what was put; try again")

    def _is_whole(self, objects: Objects, sha256: str) -> bool:
        stored = objects.get(sha256)
        if stored is None:
            return False
        try:
            self._opened(sha256, stored)
        except (BadFile, BadSetting):
            return False
        return True

    def _encrypted(self, content: bytes) -> bytes:
        return self._fernet.encrypt(zlib.compress(content, _LEVEL))

    def _opened(self, sha256: str, stored: bytes) -> bytes:
        try:
            content = zlib.decompress(self._fernet.decrypt(stored))
        except InvalidToken:
            raise BadSetting(
                f"payload {sha256}: no payload key opens it; give the one it was stored with beside the new one"
            ) from None
        except zlib.error as error:
            raise BadFile(f"payload {sha256}: what is stored does not decompress") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BadFile(f"payload {sha256}: what is stored has another hash; restore it from a backup")
        return content

    def _names(self, where: ColumnElement[bool] | None = None) -> Iterator[str]:
        last = ""
        while True:
            query = select(PAYLOAD.c.sha256).where(PAYLOAD.c.sha256 > last)
            query = query if where is None else query.where(where)
            with self._database.read() as connection:
                names = list(connection.scalars(query.order_by(PAYLOAD.c.sha256).limit(_PAGE)))
            yield from names
            if len(names) < _PAGE:
                return
            last = names[-1]

    def _stored(self, sha256: str) -> bytes:
        """Return the bytes as they lie there; none where the row is gone."""
        with self._database.read() as connection:
            row = connection.execute(select(PAYLOAD.c.content).where(PAYLOAD.c.sha256 == sha256)).one_or_none()
        if row is None:
            return b""
        return self._fetched(sha256) if row.content is None else bytes(row.content)

    def _fetched(self, sha256: str) -> bytes:
        if self._objects is None:
            raise BadSetting(
                f"payload {sha256}: it lies outside the ledger, and connection claims_payloads, which says where, is"
                " not here; add it (docs/deploying.md)"
            )
        stored = self._objects.get(sha256)
        if stored is None:
            raise BadFile(
                f"payload {sha256}: there is no such object in {self._objects.place}; bring it back from the store's"
                " versions or a copy"
            )
        return stored

    def _write_back(self, sha256: str, stored: bytes) -> None:
        is_inside = self._changed(sha256, stored, ~IS_OUTSIDE)
        if not is_inside and self._objects is not None and is_outside(self._database, sha256):
            self._put(self._objects, sha256, stored, is_known=False)

    def _changed(self, sha256: str, content: bytes | None, where: ColumnElement[bool]) -> int:
        with self._database.write() as connection:
            changed: Any = update(PAYLOAD).where(PAYLOAD.c.sha256 == sha256, where).values(content=content)
            return int(connection.execute(changed).rowcount)

    def _is_first_key_s(self, stored: bytes) -> bool:
        try:
            self._first.decrypt(stored)
        except InvalidToken:
            return False
        return True


def _missing(connection: Connection, sha256: str) -> ClaimsError:
    aged = connection.execute(select(PAYLOAD_AGED).where(PAYLOAD_AGED.c.sha256 == sha256)).one_or_none()
    if aged is None:
        return BadFile(f"payload {sha256}: the vault does not have it; is this the ledger it was stored in?")
    return AgedOut(
        f"payload {sha256}: its {aged.size:,} bytes were let go on {aged.aged_at:%Y-%m-%d}: they were older than files"
        " are kept here (COURIER_KEEP_DAYS); a backup of before that day has them"
    )


def _present(keys: Sequence[str]) -> list[str]:
    present = [key.strip() for key in keys if key.strip()]
    if not present:
        raise BadSetting(
            "payload key: none is given, and nothing is stored in clear; make one with `python -c 'from"
            " cryptography.fernet import Fernet; print(Fernet.generate_key().decode())'` and keep it as a password"
        )
    return present
