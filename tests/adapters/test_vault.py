"""What the payload vault promises of the bytes it keeps."""

import hashlib

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, update

from include.adapters.ledger import Ledger
from include.adapters.ledger.engine import Database
from include.adapters.ledger.tables import PAYLOAD
from include.adapters.vault import LedgerVault
from include.claims.errors import BadFile, BadSetting

KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(2))
CONTENT = b"NM1*IL*1*EXAMPLE*TESTINA~" * 100


@pytest.fixture
def database(sqlite_url: str) -> Database:
    """Return a fresh ledger's database."""
    return Ledger(sqlite_url).database


def test_bytes_come_back_by_their_hash(sqlite_url: str, database: Database):
    """What was stored is loaded by its SHA-256; the same bytes twice are one entry."""
    vault = LedgerVault(Database(sqlite_url), [KEY])

    names = {vault.store(CONTENT), vault.store(CONTENT), vault.store(b"")}

    assert {hashlib.sha256(one).hexdigest() for one in (CONTENT, b"")} == names
    assert [CONTENT, b""] == [vault.load(hashlib.sha256(one).hexdigest()) for one in (CONTENT, b"")]
    with database.read() as connection:
        assert 2 == connection.scalar(select(func.count()).select_from(PAYLOAD))


def test_nothing_lies_in_clear(sqlite_url: str, database: Database):
    """The stored bytes are smaller than a claims file and hold nothing of it."""
    LedgerVault(Database(sqlite_url), [KEY]).store(CONTENT)

    with database.read() as connection:
        row = connection.execute(select(PAYLOAD)).one()

    assert b"EXAMPLE" not in row.content
    assert len(row.content) < len(CONTENT) == row.size


def test_a_new_key_reads_with_the_old_one_beside_it(sqlite_url: str, database: Database):
    """After a rotation the old key may go; before it both are needed."""
    name = LedgerVault(Database(sqlite_url), [OTHER_KEY]).store(CONTENT)
    both = LedgerVault(Database(sqlite_url), [KEY, OTHER_KEY])
    before = both.load(name)

    count = both.rotate()

    assert (CONTENT, 1) == (before, count)
    assert CONTENT == LedgerVault(Database(sqlite_url), [KEY]).load(name)
    with pytest.raises(BadSetting, match="no payload key opens it"):
        LedgerVault(Database(sqlite_url), [OTHER_KEY]).load(name)


@pytest.mark.parametrize(
    ("keys", "reason"), [([], "none is given"), (["", " "], "none is given"), (["short"], "32 bytes")]
)
def test_without_a_key_nothing_is_stored(sqlite_url: str, keys: list[str], reason: str):
    """No key or a wrong one is a setting to repair, and the key itself is never shown."""
    with pytest.raises(BadSetting, match=reason) as caught:
        LedgerVault(Database(sqlite_url), keys)

    assert "short" not in str(caught.value)


def test_what_is_missing_or_damaged_is_named(sqlite_url: str, database: Database):
    """A payload that is not there, or is not what its name says, is never returned."""
    vault = LedgerVault(Database(sqlite_url), [KEY])
    name, other = vault.store(CONTENT), vault.store(b"other")
    with database.write() as connection:
        swapped = select(PAYLOAD.c.content).where(PAYLOAD.c.sha256 == other).scalar_subquery()
        connection.execute(update(PAYLOAD).where(PAYLOAD.c.sha256 == name).values(content=swapped))

    with pytest.raises(BadFile, match="another hash"):
        vault.load(name)
    with pytest.raises(BadFile, match="does not have it"):
        vault.load("0" * 64)
