import re
import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import pytest

from include.adapters.practice_files import CsvClaimSource
from include.adapters.practice_source import SqlClaimSource, open_source
from include.adapters.settings import Connection
from include.claims.errors import BadFile, BadSetting, SourceUnreachable
from include.claims.model import CancelledClaim, Claim, UnreadableClaim
from include.delivery.claim_columns import BY_NAME
from include.delivery.column import Kind
from tests.source_rows import CLINIC, a_row, an_identity, csv_of

SINCE = datetime(2026, 3, 1, tzinfo=UTC)
UNTIL = datetime(2026, 3, 6, tzinfo=UTC)


@pytest.fixture(params=["sqlite", "csv", pytest.param("postgres", marks=pytest.mark.postgres)])
def source_of(request, tmp_path):
    """Return a function that makes a source of the kind out of rows; PostgreSQL keeps `ready_at` as text here."""

    def make(*rows):
        if request.param == "csv":
            return CsvClaimSource(csv_of(tmp_path / "claims.csv", *rows), "example_practice")
        if request.param == "sqlite":
            return SqlClaimSource(f"sqlite:///{sqlite_of(tmp_path / 'practice.db', *rows)}", "example_practice")
        url = request.getfixturevalue("postgres_url")
        postgres_of(url, dict.fromkeys(rows[0], "text"), *rows)
        return SqlClaimSource(url, "example_practice")

    return make


@pytest.fixture
def typed(postgres_url):
    """Return a function that makes a PostgreSQL source whose columns have the types of the documentation."""

    def make(*rows, **kinds):
        columns = {name: kinds.get(name) or POSTGRES_TYPES.get(BY_NAME[name].kind, "text") for name in rows[0]}
        postgres_of(postgres_url, columns, *rows)
        return SqlClaimSource(postgres_url, "example_practice")

    return make


POSTGRES_TYPES = {
    Kind.DATE: "date",
    Kind.TIME: "time",
    Kind.TIMESTAMP: "timestamptz",
    Kind.AMOUNT: "numeric",
    Kind.QUANTITY: "numeric",
    Kind.INTEGER: "integer",
    Kind.BOOLEAN: "boolean",
}


def postgres_of(url, columns, *rows):
    """Write rows as a table, and the contract's view on it."""
    names = ", ".join(columns)
    with psycopg.connect(url) as database:
        database.execute(f"create table lines ({', '.join(f'{name} {kind}' for name, kind in columns.items())})")
        marks = ", ".join("%s" for _ in columns)
        for row in rows:
            database.execute(f"insert into lines ({names}) values ({marks})", list(row.values()))
        database.execute("create view pending_claim_lines as select * from lines")


def sqlite_of(path, *rows):
    """Write rows as a table of the contract's name."""
    with sqlite3.connect(path) as database:
        database.execute(f"create table pending_claim_lines ({', '.join(rows[0])})")
        marks = ", ".join("?" * len(rows[0]))
        database.executemany(f"insert into pending_claim_lines values ({marks})", [tuple(row.values()) for row in rows])
    database.close()
    return path


def pending(source: Any, since: datetime = SINCE, until: datetime = UNTIL):
    """Return the clinic's claims of the window."""
    return list(source.pending(CLINIC, [an_identity()], since, until))


def keys(claims):
    """Return the claims' keys."""
    return [claim.key for claim in claims]


def test_a_claim_of_two_rows_is_read(source_of):
    """The rows of a claim come together, however many claims there are."""
    two = {"source_claim_key": "C-2", "line_count": "2", "claim_total": "480.00"}
    source = source_of(a_row(), a_row(**two), a_row(**two, source_line_key="L-2"))

    claims = pending(source)

    assert [("C-1", 1), ("C-2", 2)] == [(claim.key, len(claim.lines)) for claim in claims]


def test_another_clinics_claims_stay(source_of):
    """A clinic's night takes the clinic's own claims only."""
    source = source_of(a_row(), a_row(source_claim_key="C-2", clinic_key="other"))

    assert ["C-1"] == keys(pending(source))


@pytest.mark.parametrize(
    ("ready_at", "is_taken"),
    [
        ("2026-03-01T00:00:00+00:00", True),
        ("2026-03-01T00:00:00Z", True),
        ("2026-03-01 00:00:00+00:00", True),
        ("2026-02-28T23:59:59.999999+00:00", False),
        ("2026-02-28T19:00:00-05:00", True),
        ("2026-03-01T12:00:00+14:00", False),
        ("2026-03-05T23:59:59.5+00:00", True),
        ("2026-03-06T00:00:00Z", False),
        ("2026-03-06T13:00:00+14:00", True),
        ("2026-03-05T19:00:00-05:00", False),
    ],
)
def test_the_window_is_exact(source_of, ready_at, is_taken):
    """A claim is taken where since <= ready_at < until, in whatever zone and shape the moment is written."""
    source = source_of(a_row(ready_at=ready_at))

    assert is_taken == bool(pending(source))


def test_two_windows_that_meet_take_each_claim_once(source_of):
    """What one night leaves the next takes, and never both."""
    rows = [a_row(source_claim_key=f"C-{hour:02d}", ready_at=f"2026-03-02T{hour:02d}:00:00Z") for hour in range(24)]
    source = source_of(*rows)
    noon = datetime(2026, 3, 2, 12, tzinfo=UTC)

    taken = keys(pending(source, SINCE, noon)) + keys(pending(source, noon, UNTIL))

    assert [f"C-{hour:02d}" for hour in range(24)] == taken


@pytest.mark.parametrize("ready_at", ["", "soon", "03/02/2026 18:30"])
def test_a_claim_whose_time_cannot_be_read_comes_too(source_of, ready_at):
    """A claim nobody can place in a night is held, not missed."""
    (claim,) = pending(source_of(a_row(ready_at=ready_at)))

    assert isinstance(claim, UnreadableClaim)
    assert claim.ready_at is None


def test_a_cancelled_claim_comes_as_such(source_of):
    """What the practice takes back is said, not left out."""
    (claim,) = pending(source_of(a_row(cancelled="true")))

    assert CancelledClaim(source="example_practice", key="C-1") == claim


def test_one_bad_claim_does_not_stop_the_rest(source_of):
    """A claim that cannot be read is held alone."""
    source = source_of(a_row(service_date="3/2/26"), a_row(source_claim_key="C-2"))

    assert [UnreadableClaim, Claim] == [type(claim) for claim in pending(source)]


def test_claims_are_found_by_key_whatever_their_time(source_of):
    """A claim that waits since an earlier night is looked up again without a window."""
    rows = [a_row(source_claim_key=key, ready_at="2020-01-01T00:00:00Z") for key in ("C-1", "C-2", "C-3")]
    source = source_of(*rows)

    found = list(source.by_key(CLINIC, [an_identity()], ["C-3", "C-1", "C-9"]))

    assert ["C-1", "C-3"] == keys(found)


def test_a_key_is_looked_up_as_it_stands(source_of):
    """A key with blanks around it is found again under the same text, and so not taken for withdrawn."""
    source = source_of(a_row(source_claim_key=" C-1 "))

    (claim,) = pending(source)

    assert [claim.key] == keys(source.by_key(CLINIC, [an_identity()], [claim.key]))


def test_claims_beyond_the_lookback_are_counted(source_of):
    """Claims too old for any night are counted once each, so that somebody hears of them."""
    old = {"ready_at": "2025-11-01T00:00:00Z"}
    source = source_of(
        a_row(**old),
        a_row(**old, source_line_key="L-2"),
        a_row(**old, source_claim_key="C-2", cancelled="1"),
        a_row(**old, source_claim_key="C-3", clinic_key="other"),
        a_row(source_claim_key="C-4"),
    )

    assert 1 == source.older(CLINIC, SINCE)


def test_an_unknown_column_is_named(source_of):
    """A column nobody knows stops the source and is named with the one that was probably meant."""
    source = source_of(a_row(servce_date="2026-03-02"))

    with pytest.raises(BadSetting, match=r"column servce_date is unknown \(did you mean service_date\?\)"):
        pending(source)


def test_a_missing_clinic_column_is_named(source_of):
    """The columns are checked before a query fails on one of them."""
    row = a_row()
    del row["clinic_key"]

    with pytest.raises(BadSetting, match="column clinic_key is missing"):
        pending(source_of(row))


def test_a_float_amount_holds_its_claim(tmp_path):
    """SQLite keeps a REAL as it is given: such an amount is refused, not rounded."""
    source = SqlClaimSource(f"sqlite:///{sqlite_of(tmp_path / 'practice.db', a_row(charge=240.1))}", "p")

    (claim,) = pending(source)

    assert isinstance(claim, UnreadableClaim)
    assert ["amount_exact"] == [fault.rule for fault in claim.faults]


def test_text_that_is_not_utf8_holds_its_claim(tmp_path):
    """SQLite keeps any bytes as text: the claim that has them is held, the others are read."""
    path = sqlite_of(tmp_path / "practice.db", a_row(), a_row(source_claim_key="C-2"))
    with closing(sqlite3.connect(path)) as database, database:
        database.execute(
            "update pending_claim_lines set subscriber_last_name = cast(x'4de9' as text) where source_claim_key = 'C-1'"
        )

    held, read = pending(SqlClaimSource(f"sqlite:///{path}", "p"))

    assert isinstance(held, UnreadableClaim)
    assert ["text_storable"] == [fault.rule for fault in held.faults]
    assert isinstance(read, Claim)


def test_a_database_without_the_view_says_so(tmp_path):
    """A database that lacks the view is a setting to mend."""
    path = tmp_path / "practice.db"
    sqlite3.connect(path).execute("create table other (x)").connection.close()

    with pytest.raises(BadSetting, match="no view pending_claim_lines"):
        pending(SqlClaimSource(f"sqlite:///{path}", "p"))


def test_a_missing_database_is_not_made(tmp_path):
    """A practice database that is not there is an error, never a new empty file."""
    path = tmp_path / "practice.db"

    with pytest.raises(BadSetting, match="there is no file"):
        pending(SqlClaimSource(f"sqlite:///{path}", "p"))

    assert not path.exists()


def test_a_broken_view_tells_no_cell(tmp_path):
    """A view the database cannot run is a setting to mend; the database's own words may quote a cell, so they stay."""
    path = tmp_path / "practice.db"
    with sqlite3.connect(path) as database:
        database.execute("create view pending_claim_lines as select x from nowhere")
    database.close()

    with pytest.raises(BadSetting, match="the database cannot run the view") as refused:
        pending(SqlClaimSource(f"sqlite:///{path}", "p"))

    assert refused.value.__suppress_context__


def test_a_busy_database_is_tried_again(tmp_path):
    """A practice that locks its database for a while makes the night wait, not fail."""
    path = sqlite_of(tmp_path / "practice.db", a_row())
    writer = sqlite3.connect(path, isolation_level=None)
    writer.execute("begin exclusive")
    source = SqlClaimSource(f"sqlite:///{path}?timeout=0.05", "p")

    try:
        with pytest.raises(SourceUnreachable, match="did not answer"):
            pending(source)
    finally:
        writer.close()


def test_a_server_that_does_not_answer_is_tried_again():
    """A database server that refuses connections is a matter of waiting, and its password stays unsaid."""
    source = SqlClaimSource("postgresql://somebody:secret@127.0.0.1:1/practice", "p")

    with pytest.raises(SourceUnreachable) as refused:
        pending(source)

    assert "secret" not in str(refused.value)


def test_a_driver_that_is_not_installed_is_named():
    """A connection to a database whose driver is missing says which."""
    with pytest.raises(BadSetting, match="driver mysql"):
        pending(SqlClaimSource("mysql://somebody@127.0.0.1/practice", "p"))


def test_a_csv_written_from_the_documentation(tmp_path):
    """Whoever types the needed columns off docs/claim-source.md, and nothing else, is read."""
    page = (Path(__file__).resolve().parents[2] / "docs" / "claim-source.md").read_text(encoding="utf-8")
    page, _, _ = page.partition("## The optional views")
    needed = re.findall(r"^\| `(\w+)` \| [^|]+ \| (?:value|column) \|", page, re.MULTILINE)
    row = {name: a_row()[name] for name in needed}

    (claim,) = pending(CsvClaimSource(csv_of(tmp_path / "claims.csv", row)))

    assert isinstance(claim, Claim)


def test_a_spreadsheets_csv_is_read(tmp_path):
    """A mark in front, quotes, commas in cells, Windows line ends and blank lines are a spreadsheet's ways."""
    path = tmp_path / "claims.csv"
    columns = {name.upper(): cell for name, cell in a_row(payer_name="EXAMPLE, HEALTH PLAN").items() if cell}
    line = ",".join(f'"{cell}"' for cell in columns.values())
    path.write_text(f"{','.join(columns)}\r\n{line}\r\n\r\n", encoding="utf-8-sig", newline="")

    (claim,) = pending(CsvClaimSource(path))

    assert isinstance(claim, Claim)
    assert "EXAMPLE, HEALTH PLAN" == claim.payer.name


def test_a_row_with_a_cell_too_many_holds_its_claim(tmp_path):
    """An unquoted comma shifts cells: the claim is held, with the row it stands in."""
    path = csv_of(tmp_path / "claims.csv", a_row(), a_row(source_claim_key="C-2"))
    path.write_text(path.read_text().replace("C-1,", "C-1,", 1).rstrip("\n") + ",surplus\n")

    _, claim = pending(CsvClaimSource(path))

    assert isinstance(claim, UnreadableClaim)
    assert [("row_shape", "claim C-2 (claims.csv row 3)")] == [(fault.rule, fault.place) for fault in claim.faults]


def test_the_last_file_of_a_folder_tells(tmp_path):
    """A claim exported again is read from the file whose name sorts last, once."""
    csv_of(tmp_path / "2026-03-04.csv", a_row(), a_row(source_claim_key="C-2"))
    csv_of(tmp_path / "2026-03-05.csv", a_row(payer_id="88888"))
    (tmp_path / "2026-03-06.csv.part").write_text("half")

    claims = pending(CsvClaimSource(tmp_path))

    assert [("C-2", "99999"), ("C-1", "88888")] == [(claim.key, claim.payer.id) for claim in claims]


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"", "is empty"), (b'a,"b\n', "is not CSV"), (b"a,\xff\n", "is not UTF-8")],
)
def test_a_file_that_is_no_csv_is_refused(tmp_path, content, words):
    """A file that cannot be read as CSV is named with the reason."""
    path = tmp_path / "claims.csv"
    path.write_bytes(content)

    with pytest.raises(BadFile, match=words):
        pending(CsvClaimSource(path))


def test_a_connection_opens_its_source(tmp_path):
    """The connection's type says whether claims come from a database or from files; its extra may name the source."""
    database = sqlite_of(tmp_path / "practice.db", a_row())
    csv_of(tmp_path / "claims.csv", a_row())

    from_database = open_source(Connection(id="practice_demo", type="sqlite", host=str(database)))
    from_folder = open_source(
        Connection(id="practice_drop", type="fs", extra={"path": str(tmp_path), "source": "example_practice"})
    )

    assert ["practice_demo", "example_practice"] == [from_database.name, from_folder.name]
    assert ["C-1"] == keys(pending(from_database)) == keys(pending(from_folder))


def test_a_folder_that_is_not_there_is_named(tmp_path):
    """A drop folder that is missing is a setting to mend."""
    with pytest.raises(BadSetting, match="neither a file nor a folder"):
        pending(CsvClaimSource(tmp_path / "nowhere"))


def test_the_practice_may_write_while_we_read(tmp_path):
    """Reading takes no lock that would hold up the practice, whose database may be in WAL mode."""
    path = sqlite_of(tmp_path / "practice.db", a_row(), a_row(source_claim_key="C-2"))
    writer = sqlite3.connect(path, timeout=0)
    writer.execute("pragma journal_mode = wal")
    claims = SqlClaimSource(f"sqlite:///{path}", "p").pending(CLINIC, [an_identity()], SINCE, UNTIL)

    first = next(claims)
    with writer:
        writer.execute("delete from pending_claim_lines")
    rest = list(claims)
    writer.close()

    assert ["C-1", "C-2"] == keys([first, *rest])


@pytest.mark.postgres
def test_a_typed_view_reads_as_its_text(typed, tmp_path):
    """PostgreSQL's own dates, numbers, booleans and moments make the same claim as their text in a CSV."""
    row = a_row(started_at="09:00", minutes="240")
    from_text = CsvClaimSource(csv_of(tmp_path / "claims.csv", row), "example_practice")

    assert pending(from_text) == pending(typed(row))


@pytest.mark.postgres
@pytest.mark.parametrize(("ready_at", "is_taken"), [("2026-03-01T00:00:00Z", True), ("2026-03-06T00:00:00Z", False)])
def test_a_moment_of_the_database_is_cut_exactly(typed, ready_at, is_taken):
    """A timestamptz is compared by the database as the moment it is."""
    source = typed(a_row(ready_at=ready_at))

    assert is_taken == bool(pending(source))
    assert is_taken == bool(source.older(CLINIC, UNTIL))


@pytest.mark.postgres
@pytest.mark.parametrize(
    ("column", "kind", "rule"), [("charge", "real", "amount_exact"), ("units", "float", "amount_exact")]
)
def test_a_floating_column_holds_its_claims(typed, column, kind, rule):
    """A view that computes dollars in floating point is refused claim by claim."""
    (claim,) = pending(typed(a_row(), **{column: kind}))

    assert isinstance(claim, UnreadableClaim)
    assert [rule] == [fault.rule for fault in claim.faults]


@pytest.mark.postgres
def test_a_moment_without_zone_holds_its_claims(typed):
    """A `timestamp` column says no moment: its claims are held, not shifted by hours."""
    (claim,) = pending(typed(a_row(ready_at="2026-03-05 18:30"), ready_at="timestamp"))

    assert isinstance(claim, UnreadableClaim)
    assert "the timestamp has no time zone" in claim.faults[0].message


@pytest.mark.postgres
def test_a_view_that_fails_on_a_cell_does_not_show_it(postgres_url):
    """PostgreSQL quotes the cell it stumbles over; the cell goes no further."""
    row = a_row(group_number="TESTINA")
    postgres_of(postgres_url, dict.fromkeys(row, "text"), row)
    with psycopg.connect(postgres_url) as database:
        database.execute("drop view pending_claim_lines")
        columns = ", ".join(name for name in row if name != "group_number")
        view = f"select {columns}, group_number::integer::text as group_number from lines"
        database.execute(f"create view pending_claim_lines as {view}")

    with pytest.raises(BadSetting, match="cannot run the view") as refused:
        pending(SqlClaimSource(postgres_url, "p"))

    assert "TESTINA" not in str(refused.value)
    assert refused.value.__cause__ is None


@pytest.mark.postgres
@pytest.mark.parametrize("wrong", [("/ledger_", "/nowhere_"), ("courier@", "stranger@")])
def test_a_database_that_refuses_us_is_no_matter_of_waiting(postgres_url, wrong):
    """A database or user that does not exist is a setting to mend, and the server's words say which."""
    with pytest.raises(BadSetting, match="does not exist"):
        pending(SqlClaimSource(postgres_url.replace(*wrong), "p"))


@pytest.mark.postgres
def test_postgresql_streams(typed):
    """Claims come through a cursor on the server, in the order of their keys."""
    rows = [a_row(source_claim_key=f"C-{number:04d}") for number in range(1500, 0, -1)]

    assert [f"C-{number:04d}" for number in range(1, 1501)] == keys(pending(typed(*rows)))
