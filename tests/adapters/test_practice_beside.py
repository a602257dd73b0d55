import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime

import psycopg
import pytest

from include.adapters.practice_files import CsvClaimSource
from include.adapters.practice_source import SqlClaimSource
from include.claims.errors import BadSetting
from include.claims.model import Authorization, Claim, UnreadableClaim
from include.delivery.claim_columns import VIEW
from include.delivery.side_columns import SIDE_VIEWS
from tests.builders import a_claim
from tests.contract_rows import rows_beside, rows_of
from tests.scenarios import secondary_after_primary
from tests.source_rows import CLINIC, a_row, an_identity, csv_of

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = datetime(2026, 3, 6, tzinfo=UTC)
AUTHORIZED = Authorization(number="AUTH778812", starts_on=date(2026, 1, 1), ends_on=date(2026, 6, 30))


def tables_of(*claims):
    """Return the rows of every view that says these claims."""
    tables = {VIEW: [row for claim in claims for row in rows_of(claim)]}
    for claim in claims:
        for view, rows in rows_beside(claim).items():
            tables.setdefault(view, []).extend(rows)
    return tables


def created(view, rows):
    """Return the statements that make a table of rows, its cells as text."""
    names = list(rows[0])
    return f"create table {view} ({', '.join(f'{name} text' for name in names)})", ", ".join(names)


def sqlite_source(folder, tables):
    """Return a source whose database has these tables under the views' names."""
    with sqlite3.connect(folder / "practice.db") as database:
        for view, rows in tables.items():
            statement, names = created(view, rows)
            database.execute(statement)
            marks = ", ".join("?" * len(rows[0]))
            values = [tuple(row.values()) for row in rows]
            database.executemany(f"insert into {view} ({names}) values ({marks})", values)
    database.close()
    return SqlClaimSource(f"sqlite:///{folder / 'practice.db'}", "example_practice")


def postgres_source(url, tables):
    """Return a source whose PostgreSQL has these tables under the views' names."""
    with psycopg.connect(url) as database:
        for view, rows in tables.items():
            statement, names = created(view, rows)
            database.execute(statement)
            marks = ", ".join(["%s"] * len(rows[0]))
            for row in rows:
                database.execute(f"insert into {view} ({names}) values ({marks})", list(row.values()))
    return SqlClaimSource(url, "example_practice")


def csv_source(folder, tables):
    """Return a source of files that stand beside each other."""
    csv_of(folder / "claims.csv", *tables[VIEW])
    for view, rows in tables.items():
        if view in SIDE_VIEWS:
            csv_of(folder / f"claims{SIDE_VIEWS[view].suffix}", *rows)
    return CsvClaimSource(folder, "example_practice")


@pytest.fixture(params=["sqlite", "csv", pytest.param("postgres", marks=pytest.mark.postgres)])
def source_of(request, tmp_path):
    """Return a function that makes a source of the kind out of tables."""
    if request.param == "postgres":
        url = request.getfixturevalue("postgres_url")
        return lambda tables: postgres_source(url, tables)
    make = {"sqlite": sqlite_source, "csv": csv_source}[request.param]
    return lambda tables: make(tmp_path, tables)


def pending(source):
    """Return the clinic's claims of the window."""
    return list(source.pending(CLINIC, [an_identity()], SINCE, UNTIL))


def test_what_stands_beside_comes_with_its_claim(source_of):
    """A secondary claim is read with the primary's answer, its neighbours without."""
    secondary = replace(secondary_after_primary(), key="C-2", authorizations=(AUTHORIZED,))
    others = [a_claim(key="C-1"), a_claim(key="C-3")]

    first, second, third = pending(source_of(tables_of(others[0], secondary, others[1])))

    assert [others[0], secondary, others[1]] == [first, second, third]
    assert isinstance(second, Claim)
    assert (AUTHORIZED,) == second.authorizations


def test_a_claim_looked_up_again_has_it_too(source_of):
    """What waits since an earlier night is asked for with what stands beside it."""
    secondary = secondary_after_primary()

    assert [secondary] == list(source_of(tables_of(secondary)).by_key(CLINIC, [an_identity()], ["C-1"]))


def test_more_claims_than_are_asked_for_at_once(source_of):
    """Rows beside are fetched by some hundred claims, and each still finds its own."""
    claims = [replace(secondary_after_primary(), key=f"C-{number:04d}") for number in range(501)]

    assert claims == pending(source_of(tables_of(*claims)))


def test_a_wrong_row_holds_its_claim_alone(source_of):
    """The claim is held with the view and the column, and the next one is read."""
    tables = tables_of(secondary_after_primary(), replace(secondary_after_primary(), key="C-2"))
    tables["claim_other_payers"][0]["paid"] = "a lot"

    held, read = pending(source_of(tables))

    assert isinstance(held, UnreadableClaim)
    assert isinstance(read, Claim)
    [fault] = held.faults
    assert fault.place.startswith("claim C-1")
    assert "claim_other_payers" in fault.place
    assert fault.place.endswith("column paid")


def test_a_wrong_column_beside_stops_the_source(source_of):
    """A view without the claim's key is a setting to mend, not a query that fails."""
    tables = tables_of(secondary_after_primary())
    for row in tables["claim_other_payers"]:
        row["claim_key"] = row.pop("source_claim_key")

    with pytest.raises(BadSetting, match="claim_other_payers: column claim_key is unknown"):
        pending(source_of(tables))


def test_an_orphan_is_no_crash(source_of):
    """A row whose claim is not there changes nothing."""
    tables = tables_of(a_claim())
    tables.update(rows_beside(replace(secondary_after_primary(), key="GONE")))

    assert [a_claim()] == pending(source_of(tables))


def test_files_beside_are_no_files_of_claims(tmp_path):
    """A drop folder is read by its files of claims; a file beside nothing is told."""
    source = csv_source(tmp_path, tables_of(secondary_after_primary()))
    csv_of(tmp_path / "gone.authorizations.csv", {"source_claim_key": "C-1"})

    assert ["claims.csv"] == [sheet.name for sheet in source.sheets(10)]
    assert ["gone.authorizations.csv"] == [path.name for path in source.strays()]


def test_a_broken_view_beside_is_named(tmp_path):
    """A view the database cannot run is told by its own name."""
    with sqlite3.connect(tmp_path / "practice.db") as database:
        row = a_row()
        database.execute(f"create table {VIEW} ({', '.join(row)})")
        database.execute(f"insert into {VIEW} values ({', '.join('?' * len(row))})", tuple(row.values()))
        dates = "'2026-01-01' as starts_on, json('no json') as ends_on"
        database.execute(
            f"create view authorizations as select 'C-1' as source_claim_key, 'A' as authorization_number, {dates}"
        )
    database.close()

    with pytest.raises(BadSetting, match="authorizations: the database cannot run the view"):
        pending(SqlClaimSource(f"sqlite:///{tmp_path / 'practice.db'}", "p"))
