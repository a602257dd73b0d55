"""
Bytes by their SHA-256, compressed and encrypted, in the ledger's database: what we sent and what came back.

They lie there so that no task leaves a file on a worker's disk for another task, and so that a backup of the ledger is
whole. The key never stands in the database; several keys may be given, the first encrypts and all of them read.
"""

import hashlib
import zlib
from collections.abc import Callable, Sequence
from datetime import UTC, datetime

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from sqlalchemy import Connection, select, update

from include.adapters.keyring import checked
from include.adapters.ledger.engine import Database
from include.adapters.ledger.many import insert_once
from include.adapters.ledger.tables import PAYLOAD, PAYLOAD_AGED
from include.claims.errors import AgedOut, BadFile, BadSetting, ClaimsError

_LEVEL = 6
"""zlib's own middle: claims files shrink tenfold, and it is far quicker than the line they go over."""


class LedgerVault:
    """`ports.Vault` in the ledger's database."""

    def __init__(
        self, database: Database, keys: Sequence[str], now: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._database = database
        fernets = [Fernet(checked(key, number)) for number, key in enumerate(_present(keys), start=1)]
        self._first, self._fernet = fernets[0], MultiFernet(fernets)
        self._now = now

    def store(self, content: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex; storing the same bytes twice is one entry."""
        sha256 = hashlib.sha256(content).hexdigest()
        row = {
            "sha256": sha256,
            "content": self._fernet.encrypt(zlib.compress(content, _LEVEL)),
            "size": len(content),
            "stored_at": self._now(),
        }
        with self._database.write() as connection:
            connection.execute(insert_once(connection, PAYLOAD).values(row).on_conflict_do_nothing())
        return sha256

    def load(self, sha256: str) -> bytes:
        """Return the bytes, their hash checked; raise AgedOut, BadFile or BadSetting where that is not possible."""
        query = select(PAYLOAD.c.content).where(PAYLOAD.c.sha256 == sha256)
        with self._database.read() as connection:
            stored = connection.scalar(query)
            if stored is None:
                raise _missing(connection, sha256)
        try:
            content = zlib.decompress(self._fernet.decrypt(bytes(stored)))
        except InvalidToken:
            raise BadSetting(
                f"payload {sha256}: no payload key opens it; give the one it was stored with beside the new one"
            ) from None
        except zlib.error as error:
            raise BadFile(f"payload {sha256}: what is stored does not decompress") from error
        if hashlib.sha256(content).hexdigest() != sha256:
            raise BadFile(f"payload {sha256}: what is stored has another hash; restore it from a backup")
        return content

    def rotate(self, told: Callable[[int], None] = lambda _: None) -> int:
        """Encrypt with the first key what another has, and return how much that was; after it the old keys may go."""
        with self._database.read() as connection:
            names = list(connection.scalars(select(PAYLOAD.c.sha256)))
        old = 0
        for number, sha256 in enumerate(names, start=1):
            stored = self._stored(sha256)
            if stored and not self._is_first_key_s(stored):  # what was let go meanwhile is gone
                old += 1
                again = self._fernet.encrypt(zlib.compress(self.load(sha256), _LEVEL))
                with self._database.write() as connection:
                    connection.execute(update(PAYLOAD).where(PAYLOAD.c.sha256 == sha256).values(content=again))
            told(number)
        return old

    def _stored(self, sha256: str) -> bytes:
        with self._database.read() as connection:
            return bytes(connection.scalar(select(PAYLOAD.c.content).where(PAYLOAD.c.sha256 == sha256)) or b"")

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
