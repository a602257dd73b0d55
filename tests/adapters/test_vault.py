"""What the payload vault promises of the bytes it keeps, in the ledger's database and outside it."""

import hashlib
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import func, select, update
from upath import UPath

from include.adapters.ledger import Ledger
from include.adapters.ledger.engine import Database
from include.adapters.ledger.payloads import look, sweep
from include.adapters.ledger.tables import PAYLOAD
from include.adapters.objects import Objects
from include.adapters.vault import LedgerVault
from include.claims.errors import BadFile, BadSetting, VaultUnreachable

KEY, OTHER_KEY = (Fernet.generate_key().decode() for _ in range(2))
CONTENT = b"NM1*IL*1*EXAMPLE*TESTINA~" * 100
NAME = hashlib.sha256(CONTENT).hexdigest()

MakeVault = Callable[..., LedgerVault]


@pytest.fixture
def database(sqlite_url: str) -> Database:
    """Return a fresh ledger's database."""
    return Ledger(sqlite_url).database


@pytest.fixture(params=["in the database", "on a disk", "in a store"])
def objects(request, tmp_path):
    """Return where payloads lie outside, once nowhere."""
    places = {
        "in the database": None,
        "on a disk": f"file://{tmp_path}/payloads",
        "in a store": f"memory://bucket-{tmp_path.name}/payloads",
    }
    place = places[request.param]
    return place and Objects(UPath(place))


@pytest.fixture
def outside(tmp_path) -> Objects:
    """Return a folder outside the ledger."""
    return Objects(UPath(f"file://{tmp_path}/payloads"))


@pytest.fixture
def make(database, objects) -> MakeVault:
    """Return how a vault is made, by its keys."""
    return lambda *keys: LedgerVault(database, keys, outside=lambda: objects)


def stored_as(database: Database, objects: Objects | None, name: str) -> bytes:
    """Return a payload's bytes as they lie there."""
    if objects:
        return objects.get(name) or b""
    with database.read() as connection:
        return bytes(connection.scalar(select(PAYLOAD.c.content).where(PAYLOAD.c.sha256 == name)) or b"")


def count(database: Database) -> int:
    """Count the rows."""
    with database.read() as connection:
        return connection.scalar(select(func.count()).select_from(PAYLOAD)) or 0


def test_bytes_come_back_by_their_hash(make, database):
    """What was stored is loaded by its SHA-256; the same bytes twice are one entry."""
    vault = make(KEY)

    names = {vault.store(CONTENT), vault.store(CONTENT), vault.store(b"")}

    assert {hashlib.sha256(one).hexdigest() for one in (CONTENT, b"")} == names
    assert [CONTENT, b""] == [vault.load(hashlib.sha256(one).hexdigest()) for one in (CONTENT, b"")]
    assert 2 == count(database)


def test_nothing_lies_in_clear(make, database, objects):
    """The stored bytes are smaller than a claims file and hold nothing of it."""
    make(KEY).store(CONTENT)

    stored = stored_as(database, objects, NAME)
    assert b"EXAMPLE" not in stored
    assert 0 < len(stored) < len(CONTENT)


def test_a_new_key_reads_with_the_old_one_beside_it(make):
    """After a rotation the old key may go; before it both are needed."""
    name = make(OTHER_KEY).store(CONTENT)
    both = make(KEY, OTHER_KEY)
    before = both.load(name)

    rotated = both.rotate()

    assert (CONTENT, 1, 0) == (before, rotated, both.rotate())
    assert CONTENT == make(KEY).load(name)
    with pytest.raises(BadSetting, match="no payload key opens it"):
        make(OTHER_KEY).load(name)


@pytest.mark.parametrize(
    ("keys", "reason"), [([], "none is given"), (["", " "], "none is given"), (["short"], "32 bytes")]
)
def test_without_a_key_nothing_is_stored(sqlite_url: str, keys: list[str], reason: str):
    """No key or a wrong one is a setting to repair, and the key itself is never shown."""
    with pytest.raises(BadSetting, match=reason) as caught:
        LedgerVault(Database(sqlite_url), keys)

    assert "short" not in str(caught.value)


def test_what_is_missing_or_damaged_is_named(make, database, objects):
    """A payload that is not there, or is not what its name says, is never returned."""
    vault = make(KEY)
    name, other = vault.store(CONTENT), vault.store(b"other")
    swapped = stored_as(database, objects, other)
    if objects:
        objects.put(name, swapped)
    else:
        with database.write() as connection:
            connection.execute(update(PAYLOAD).where(PAYLOAD.c.sha256 == name).values(content=swapped))

    with pytest.raises(BadFile, match="another hash"):
        vault.load(name)
    with pytest.raises(BadFile, match="does not have it"):
        vault.load("0" * 64)


def test_outside_no_byte_lies_in_the_database(database, outside):
    """A row says which file it is, how large and since when."""
    LedgerVault(database, [KEY], outside=lambda: outside).store(CONTENT)

    with database.read() as connection:
        row = connection.execute(select(PAYLOAD)).one()
    assert (NAME, None, len(CONTENT)) == (row.sha256, row.content, row.size)
    assert (0, 1, ()) == (look(database, outside).inside, look(database, outside).outside, look(database, outside).lost)


def test_what_lies_in_the_database_needs_no_move(database, outside):
    """The day the place outside is named, all that was stored before is read as before."""
    LedgerVault(database, [KEY]).store(CONTENT)

    assert CONTENT == LedgerVault(database, [KEY], outside=lambda: outside).load(NAME)


def test_moving_ends_anywhere_and_goes_on(database, outside):
    """What was killed in its middle is taken up by the next, and each file is readable all the while."""
    LedgerVault(database, [KEY]).store(CONTENT)
    LedgerVault(database, [KEY]).store(b"other")
    vault = LedgerVault(database, [KEY], outside=lambda: outside)

    def stop(number: int) -> None:
        raise KeyboardInterrupt(number)

    with pytest.raises(KeyboardInterrupt):
        vault.move(told=stop)
    assert [CONTENT, b"other"] == [vault.load(NAME), vault.load(hashlib.sha256(b"other").hexdigest())]
    assert (1, []) == vault.move()
    assert (0, 2) == (look(database, outside).inside, look(database, outside).outside)
    assert (0, []) == vault.move()


def test_all_of_it_comes_back(database, outside):
    """Then the program of before may run again, and the place outside may go."""
    vault = LedgerVault(database, [KEY], outside=lambda: outside)
    vault.store(CONTENT)

    assert (1, []) == vault.move(back=True)

    assert CONTENT == LedgerVault(database, [KEY]).load(NAME)
    assert (1, 0, (NAME,)) == (
        look(database, outside).inside,
        look(database, outside).outside,
        _unnamed(database, outside),
    )


def _unnamed(database: Database, objects: Objects) -> tuple[str, ...]:
    return look(database, objects).unnamed


def test_a_damaged_file_is_not_moved(database, outside):
    """It stays where a backup brings it back, is named, and stops no other."""
    inside = LedgerVault(database, [KEY])
    inside.store(CONTENT)
    inside.store(b"other")
    with database.write() as connection:
        connection.execute(update(PAYLOAD).where(PAYLOAD.c.sha256 == NAME).values(content=b"torn"))

    moved, refused = LedgerVault(database, [KEY], outside=lambda: outside).move()

    assert (1, 1) == (moved, len(refused))
    assert NAME in str(refused[0])
    assert 1 == look(database, outside).inside


@pytest.mark.parametrize("left", [b"", b"half of"], ids=["nothing", "a torn object"])
def test_an_object_that_is_lost_is_put_again(database, outside, left):
    """Storing the same bytes mends it, since its name says what it must be; until then the loss is named."""
    vault = LedgerVault(database, [KEY], outside=lambda: outside)
    vault.store(CONTENT)
    outside.delete(NAME)
    if left:
        outside.put(NAME, left)
    else:
        assert (NAME,) == look(database, outside).lost
    with pytest.raises((BadFile, BadSetting), match=NAME):
        vault.load(NAME)

    vault.store(CONTENT)

    assert CONTENT == vault.load(NAME)


def test_whole_objects_are_left_alone(database, outside):
    """What is there and whole is never written over."""
    vault = LedgerVault(database, [KEY], outside=lambda: outside)
    vault.store(CONTENT)
    before = outside.get(NAME)

    vault.store(CONTENT)

    assert before == outside.get(NAME)


def test_without_the_place_the_setting_is_named(database, outside):
    """A worker that lacks the connection says so; it neither loses a file nor says that one is lost."""
    LedgerVault(database, [KEY], outside=lambda: outside).store(CONTENT)

    with pytest.raises(BadSetting, match="claims_payloads"):
        LedgerVault(database, [KEY]).load(NAME)
    with pytest.raises(BadSetting, match="claims_payloads"):
        LedgerVault(database, [KEY]).move()


class Forgetful(Objects):
    """A store that says it took an object and keeps half of it."""

    def put(self, name: str, content: bytes) -> None:
        super().put(name, content[: len(content) // 2])


def test_a_row_comes_after_its_object(database, outside):
    """Where the store gives back something else, no row says that the file is kept, and a retry may mend it."""
    vault = LedgerVault(database, [KEY], outside=lambda: Forgetful(outside._folder))

    with pytest.raises(VaultUnreachable, match="not what was put"):
        vault.store(CONTENT)

    assert 0 == count(database)
    assert NAME == LedgerVault(database, [KEY], outside=lambda: outside).store(CONTENT)
    assert CONTENT == LedgerVault(database, [KEY], outside=lambda: outside).load(NAME)


def test_what_no_row_names_is_swept_after_a_day(database, outside):
    """An object that was written a moment ago may be on its way to its row; files of others are never touched."""
    LedgerVault(database, [KEY], outside=lambda: outside).store(CONTENT)
    orphan = "a" * 64
    outside.put(orphan, b"orphan")
    outside.put("README", b"not ours")
    now = datetime.now(UTC)

    assert 0 == sweep(database, outside, now - timedelta(days=1))
    assert 1 == sweep(database, outside, now + timedelta(days=1))

    assert [None, b"not ours"] == [outside.get(orphan), outside.get("README")]
    assert [NAME] == list(outside.names())


def test_files_on_a_disk_are_their_owner_s(outside, tmp_path):
    """Nobody else reads them, and nothing unfinished is left beside them."""
    outside.put(NAME, b"bytes")

    [folder] = (tmp_path / "payloads").iterdir()
    [file] = folder.iterdir()
    assert (0o700, 0o600) == (stat.S_IMODE(folder.stat().st_mode), stat.S_IMODE(file.stat().st_mode))


class Broken:
    """A store whose every answer is an error."""

    protocol, path = "s3", "bucket/payloads"

    def __init__(self, error: Exception) -> None:
        self._error = error

    @property
    def fs(self):
        """Raise the error."""
        raise self._error


@pytest.mark.parametrize(
    ("error", "becomes"),
    [
        (ConnectionError("key=secret"), VaultUnreachable),
        (RuntimeError("key=secret"), VaultUnreachable),
        (PermissionError("key=secret"), BadSetting),
        (FileNotFoundError("key=secret"), BadSetting),
    ],
)
def test_a_store_s_error_says_what_to_do(database, error, becomes):
    """Wait, or mend a setting; and it never shows what the store said, which may hold a login."""
    with pytest.raises(becomes, match="s3://bucket/payloads") as caught:
        LedgerVault(database, [KEY], outside=lambda: Objects(Broken(error))).store(CONTENT)

    assert "secret" not in str(caught.value)
    assert 0 == count(database)
