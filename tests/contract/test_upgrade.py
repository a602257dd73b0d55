"""
The upgrade drill: a ledger that an earlier program wrote goes up and back, and no row is lost.

`tests/data/ledger_0012.json` was written by the program of revision 0012: three claims delivered and answered, two on
their way, a test file, payments that add up and others that do not. Its people are invented.
"""

import base64
import itertools
import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy import MetaData, delete, insert, select

from include.adapters.ledger import Ledger, migrate
from include.adapters.ledger.backup import bring_back
from include.adapters.ledger.migration import alembic_config, newest_revision, revision_of, take_back
from include.adapters.vault import LedgerVault
from include.claims.errors import BadSetting
from include.claims.states import Delivery
from include.cli.__main__ import main

DUMP = json.loads((Path(__file__).parents[1] / "data" / "ledger_0012.json").read_text())
_NUMBERS = itertools.count(1)


@pytest.fixture(name="url", params=["sqlite", pytest.param("postgres", marks=pytest.mark.postgres)])
def _url(request, tmp_path) -> Iterator[str]:
    """Return the address of a ledger with the tables and rows of revision 0012."""
    if request.param == "sqlite":
        url = f"sqlite:///{tmp_path / 'ledger.db'}"
        fill(url)
        yield url
        return
    server, name = request.getfixturevalue("postgres_server"), f"upgrade_{next(_NUMBERS)}"
    server.run(f"CREATE DATABASE {name}")
    fill(server.url(name))
    yield server.url(name)
    server.run(f"DROP DATABASE {name} WITH (FORCE)")


def fill(url: str) -> None:
    """Make the tables of revision 0012, and put the rows into them that its program wrote."""
    raise_to(url, "0012")
    with Ledger(url).database.write() as connection:
        tables = MetaData()
        tables.reflect(connection)
        for name in ("ledger", "clinic_table_revision"):
            connection.execute(delete(tables.tables[name]))
        for name, rows in DUMP["rows"].items():
            for row in rows if name != "clinic_table_revision" else ():
                values = {column: as_written(cell, connection.dialect.name) for column, cell in row.items()}
                connection.execute(insert(tables.tables[name]).values(**values))
        connection.execute(insert(tables.tables["clinic_table_revision"]).values(id=1, revision=7))


def raise_to(url: str, revision: str) -> None:
    """Bring a ledger's tables to a revision."""
    with (
        Ledger(url).database.engine.connect().execution_options(writes=True) as connection,
        connection.begin(),
    ):
        command.upgrade(alembic_config(connection), revision)


def as_written(cell: Any, dialect: str) -> Any:
    """Return a cell of the dump as the database takes it."""
    if not isinstance(cell, dict):
        return cell
    [(kind, text)] = cell.items()
    if kind == "base64":
        return base64.b64decode(text)
    if kind == "on":
        return date.fromisoformat(text)
    at = datetime.fromisoformat(text)
    return at.astimezone(UTC).replace(tzinfo=None) if dialect == "sqlite" else at


def rows(url: str) -> dict[str, list[str]]:
    """Return every row of every table, as text."""
    with Ledger(url).database.read() as connection:
        tables = MetaData()
        tables.reflect(connection)
        return {
            name: sorted(str(tuple(row)) for row in connection.execute(select(table)))
            for name, table in tables.tables.items()
            if name != "alembic_version"
        }


def test_a_ledger_of_an_earlier_program_goes_up_with_every_row(url):
    """The program of now reads what the earlier one wrote: claims, money, and the bytes in the vault."""
    before = {name: len(found) for name, found in rows(url).items()}

    assert newest_revision() == migrate(url)

    after = {name: len(found) for name, found in rows(url).items()}
    assert before == {name: after[name] for name in before}
    ledger = Ledger(url)
    lines = [one.delivery for one in ledger.report.claim_lines() if one.usage == "live"]
    assert [Delivery.SENT] * 3 + [Delivery.BATCHED] * 2 + [Delivery.READY] == lines
    assert 2 == len(ledger.money.open())
    sent = ledger.batches.get(1)
    assert sent.size == len(LedgerVault(ledger.database, [DUMP["payload_key"]]).load(sent.payload_sha256 or ""))


def test_the_newest_step_is_taken_back_with_every_row(url, capsys):
    """Up and back, the tables of before hold what they held, cell by cell; and it can go up again."""
    with Ledger(url).database.read() as connection:
        scripts = ScriptDirectory.from_config(alembic_config(connection))
    previous = str(scripts.get_revision(newest_revision()).down_revision)
    raise_to(url, previous)
    before = rows(url)
    migrate(url)

    status = main(["ledger", "migrate", "--back", "--ledger", url])

    assert (0, previous, before) == (status, revision_of(url), rows(url))
    assert f"back at revision {previous}" in capsys.readouterr().out
    assert newest_revision() == migrate(url)


def test_farther_back_leads_the_backup(url):
    """A step without a way back changes nothing, and says what to do."""
    before = rows(url)

    with pytest.raises(BadSetting, match="restore the backup"):
        take_back(url)

    assert before == rows(url)


def test_an_upgrade_leaves_a_backup_of_before(tmp_path, capsys):
    """Of a SQLite ledger, beside it and named; brought back it is the ledger of before."""
    url = f"sqlite:///{tmp_path / 'ledger.db'}"
    fill(url)
    before = rows(url)

    assert 0 == main(["ledger", "migrate", "--ledger", url])

    [backup] = tmp_path.glob(f"ledger.db.before-{newest_revision()}-*")
    assert str(backup) in capsys.readouterr().out
    bring_back(url, backup, datetime.now(UTC))
    assert ("0012", before) == (revision_of(url), rows(url))
