import csv
import io
import json
import os
from datetime import UTC, datetime

import pytest

from include.adapters.ledger import Ledger, migrate
from include.claims.errors import BadSetting
from include.cli.__main__ import main
from include.cli.logins import asked
from include.delivery.records import Staged, Step, Table
from include.sandbox.practice_demo import SANDBOX_PASSWORD, write_tables
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim
from tests.databases import a_ledger

NOW = datetime(2026, 3, 6, 12, tzinfo=UTC)
FILES = ("mailboxes.csv", "billing_identities.csv", "clinics.csv")


@pytest.fixture
def home(tmp_path):
    """Return a folder with the demo's three files and an empty ledger."""
    write_tables(tmp_path, NOW)
    migrate(url_of(tmp_path))
    return tmp_path


def url_of(home):
    """Return where the folder's ledger is."""
    return f"sqlite:///{home / 'ledger.db'}"


def courier(home, *words):
    """Run `./courier clinics` on the folder's ledger, without a settings file."""
    return main(["clinics", *map(str, words), "--ledger", url_of(home), "--settings", str(home / "none.yaml")])


def import_all(home):
    """Import the demo's tables."""
    return courier(home, "import", *(home / name for name in FILES))


def rows_of(path):
    """Return a CSV's rows."""
    with path.open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(path, rows, columns=None):
    """Write rows as a CSV."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, columns or list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture
def connections(home, monkeypatch):
    """Return a function that puts every connection of the demo into the environment."""

    def put(sandbox=None, **extra):
        monkeypatch.setenv("AIRFLOW_CONN_PRACTICE_DEMO", "sqlite:////practice.db")
        given = {"host_key": sandbox.host_key, "sandbox": True} if sandbox else {}
        for row in rows_of(home / "mailboxes.csv"):
            connection = {
                "conn_type": "sftp",
                "host": "127.0.0.1",
                "port": sandbox.port if sandbox else 22,
                "login": row["key"],
                "password": SANDBOX_PASSWORD,
                "extra": {**given, **extra},
            }
            monkeypatch.setenv(f"AIRFLOW_CONN_{row['connection_id'].upper()}", json.dumps(connection))

    return put


@pytest.fixture
def sandbox(home):
    """Run a clearinghouse that knows the demo's mailboxes."""
    accounts = {row["key"]: SANDBOX_PASSWORD for row in rows_of(home / "mailboxes.csv")}
    with Sandbox(home / "sandbox", accounts) as running:
        yield running


def test_a_file_is_recognised_by_its_header(home, capsys):
    """Three files, in any order, each go to the table whose columns they have."""
    assert 0 == courier(home, "import", *(home / name for name in reversed(FILES)))

    said = capsys.readouterr().out
    assert "mailboxes.csv: 5 mailboxes added" in said
    assert "billing_identities.csv: 6 billing_identities added" in said
    assert "clinics.csv: 6 clinics added" in said


def test_the_same_file_twice_changes_nothing(home, capsys):
    """A second import says that nothing changed, and the table's revision stays."""
    import_all(home)
    before = Ledger(url_of(home)).clinics.revision()
    capsys.readouterr()

    assert 0 == import_all(home)
    assert "clinics.csv: nothing to change, 6 clinics are as the file says" in capsys.readouterr().out
    assert before == Ledger(url_of(home)).clinics.revision()


def test_a_changed_row_changes_and_a_missing_row_removes_nothing(home, capsys):
    """An import only adds and changes."""
    import_all(home)
    changed = {**rows_of(home / "clinics.csv")[0], "mode": "paused"}
    capsys.readouterr()

    courier(home, "import", write(home / "one.csv", [changed]))

    assert "one.csv: 0 clinics added, 1 changed" in capsys.readouterr().out
    clinics = Ledger(url_of(home)).clinics
    assert 6 == len(clinics.rows(Table.CLINIC))
    assert "paused" == clinics.clinic(changed["key"]).mode


def test_a_file_may_hold_some_columns_only(home):
    """A file of key and one column changes that column and leaves the rest."""
    import_all(home)

    status = courier(
        home, "import", write(home / "some.csv", [{"key": "demo_harbor", "mode": "paused", "lookback_days": "30"}])
    )

    clinic = Ledger(url_of(home)).clinics.clinic("demo_harbor")
    assert (0, "paused", 30, "America/New_York") == (status, clinic.mode, clinic.lookback_days, clinic.timezone)


def test_an_unknown_key_is_an_addition(home):
    """A key cannot be edited: a row with another key is another clinic."""
    import_all(home)
    renamed = {**rows_of(home / "clinics.csv")[0], "key": "sample_grove_two"}

    courier(home, "import", write(home / "one.csv", [renamed]))

    keys = [row["key"] for row in Ledger(url_of(home)).clinics.rows(Table.CLINIC)]
    assert {"sample_grove", "sample_grove_two"} <= set(keys)


def test_every_fault_of_a_file_is_named_and_nothing_imported(home, capsys):
    """A file with wrong rows says row and column of each fault, and changes nothing at all."""
    rows = rows_of(home / "clinics.csv")
    rows[0]["timezone"] = "Mars/Olympus"
    rows[2] |= {"delivery_cron": "0 25 * * *", "mode": "alive"}
    rows[4]["key"] = rows[3]["key"]

    assert 1 == courier(home, "import", write(home / "clinics.csv", rows))

    said = capsys.readouterr().err
    assert "clinics.csv row 2: column timezone: 'Mars/Olympus' is not an IANA time zone" in said
    assert "clinics.csv row 4: column delivery_cron: '0 25 * * *' is not a cron expression" in said
    assert "clinics.csv row 4: column mode: 'alive' is not one of" in said
    assert "clinics.csv row 6: column key: 'testing_tree' stands in the file twice" in said
    assert "nothing imported: 4 faults" in said
    assert [] == Ledger(url_of(home)).clinics.rows(Table.CLINIC)


def test_one_wrong_file_stops_the_others(home, capsys):
    """Files imported together are imported all or none."""
    rows = rows_of(home / "billing_identities.csv")
    rows[0]["npi"] = "1234567890"
    write(home / "billing_identities.csv", rows)

    assert 1 == import_all(home)
    assert "billing_identities.csv row 2: column npi: its check digit is wrong" in capsys.readouterr().err
    assert [] == Ledger(url_of(home)).clinics.rows(Table.MAILBOX)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("key,nmae,mailbox_key,timezone\na,b,c,d\n", "row 1: column nmae: unknown; did you mean name?"),
        ("key,name,mailbox_key,name\na,b,c,d\n", "row 1: column name: stands there twice"),
        ("name,mailbox_key\nb,c\n", "row 1: column key: missing"),
        ("key,mailbox_key,timezone\na,b,c,d\n", "row 2: 3 cells expected, found 4"),
        ("colour,shape\nred,round\n", "the header tells no table"),
        ("key,name\na,b\n", "name it with --table"),
        ("", "the header tells no table"),
        ('key,"name\n', "this is not CSV"),
    ],
)
def test_a_file_that_is_no_table_is_refused(home, capsys, text, words):
    """What cannot be read as a table says where and why."""
    path = home / "odd.csv"
    path.write_text(text, encoding="utf-8")

    assert 1 == courier(home, "import", path)
    assert words in capsys.readouterr().err


def test_an_export_is_an_import(home, capsys):
    """What is exported is what an import takes, and it changes nothing."""
    import_all(home)

    assert 0 == courier(home, "export", home / "out")

    assert rows_of(home / "clinics.csv") == sorted(rows_of(home / "out" / "clinics.csv"), key=order_of(home))
    capsys.readouterr()
    courier(home, "import", *(home / "out" / name for name in FILES))
    assert 3 == capsys.readouterr().out.count("nothing to change")


def order_of(home):
    """Return a sort key that brings exported clinics into the order of the demo's file."""
    keys = [row["key"] for row in rows_of(home / "clinics.csv")]
    return lambda row: keys.index(row["key"])


def test_a_table_goes_to_standard_output(home, capsys):
    """One table can be piped."""
    import_all(home)
    capsys.readouterr()

    assert 0 == courier(home, "export", "-", "--table", "mailboxes")
    assert 6 == len(capsys.readouterr().out.splitlines())
    assert 1 == courier(home, "export", "-")


def test_a_sound_table_passes(home, capsys, connections, sandbox):
    """A table whose rows, mailboxes and connections are whole ends with 0, logging in included."""
    import_all(home)
    connections(sandbox)

    assert 0 == courier(home, "check", "--connect")
    assert "5 mailboxes, 6 billing_identities, 6 clinics: nothing wrong" in capsys.readouterr().out


def test_what_is_missing_is_named(home, capsys):
    """A check names every connection that is not there, and what wants it."""
    import_all(home)

    assert 1 == courier(home, "check")

    said = capsys.readouterr().out
    assert "mailbox demo_harbor: connection sftp_demo_harbor: neither in" in said
    assert "source connection practice_demo: neither in" in said


def test_loose_ends_are_named(home, capsys, connections):
    """A row that names what is not there is named, and a row somebody broke with SQL too."""
    import_all(home)
    connections(host_key="")
    clinics = Ledger(url_of(home)).clinics
    clinics.put(Table.CLINIC, [{"key": "demo_harbor", "mailbox_key": "nowhere"}, {"key": "testing_tree", "mode": "x"}])
    clinics.put(Table.BILLING_IDENTITY, [{"key": "sample_grove_main", "clinic_key": "someone"}])

    assert 1 == courier(home, "check")

    said = capsys.readouterr().out
    assert "clinic demo_harbor: column mailbox_key: there is no mailbox 'nowhere'" in said
    assert "clinic testing_tree: column mode: 'x' is not one of" in said
    assert "clinic sample_grove: nobody bills for it" in said
    assert "billing identity sample_grove_main: column clinic_key: there is no clinic 'someone'" in said
    assert "its extra holds no host_key" in said


def test_a_refused_login_is_tried_once(home, capsys, connections, sandbox, monkeypatch):
    """A check that logs in shows each password once, and names the mailbox that was refused."""
    import_all(home)
    connections(sandbox)
    wrong = {"conn_type": "sftp", "host": "127.0.0.1", "port": sandbox.port, "login": "demo_harbor", "password": "x"}
    wrong["extra"] = {"host_key": sandbox.host_key}
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_DEMO_HARBOR", json.dumps(wrong))

    assert 1 == courier(home, "check", "--connect")
    assert "mailbox demo_harbor: " in capsys.readouterr().out
    assert 1 == sandbox.logins("demo_harbor")


def test_a_refused_login_is_remembered(home, capsys, connections, sandbox, monkeypatch):
    """A second check that logs in tries nothing, one that does not tells of it, and the right password passes."""
    import_all(home)
    connections(sandbox)
    right = os.environ["AIRFLOW_CONN_SFTP_DEMO_HARBOR"]
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_DEMO_HARBOR", json.dumps({**json.loads(right), "password": "x"}))
    courier(home, "check", "--connect")
    capsys.readouterr()

    assert 1 == courier(home, "check", "--connect")
    assert "refused before, on" in capsys.readouterr().out
    assert 1 == courier(home, "check")
    assert "paused for demo_harbor, testing_tree (mailbox demo_harbor)" in capsys.readouterr().out
    for page in (["report"], ["silent"]):
        main([*page, "--ledger", url_of(home), "--settings", str(home / "none.yaml")])
        assert "paused for demo_harbor, testing_tree (mailbox demo_harbor)" in capsys.readouterr().out
    assert 1 == sandbox.logins("demo_harbor")
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_DEMO_HARBOR", right)
    assert 0 == courier(home, "check", "--connect")


def test_a_key_is_shown_before_it_is_pinned(home, capsys, connections, sandbox):
    """The key and its fingerprint are shown without a login; how to pin it only once a person has asked."""
    import_all(home)
    connections(sandbox, host_key="")
    capsys.readouterr()

    assert 1 == courier(home, "pin", "demo_harbor")
    shown = capsys.readouterr().out
    assert 0 == courier(home, "pin", "demo_harbor", "--yes")
    confirmed = capsys.readouterr().out

    assert "fingerprint SHA256:" in shown
    assert '"host_key"' not in shown
    assert f'"host_key": "{sandbox.host_key}"' in confirmed
    assert 0 == sandbox.logins("demo_harbor")


def test_a_pinned_key_is_said_to_be(home, capsys, connections, sandbox):
    """A mailbox whose key is the server's has nothing to do."""
    import_all(home)
    connections(sandbox)

    assert 0 == courier(home, "pin", "demo_harbor")
    assert "has this key pinned" in capsys.readouterr().out


def test_a_clinic_that_leaves_is_drained_before_it_is_archived(home, capsys):
    """Drain pauses it and says what is open; an import does not archive it until nothing is, or somebody insists."""
    import_all(home)
    ledger = a_ledger(url_of(home))
    ledger.claims.stage("demo_harbor", [Staged(claim=a_claim(), faults=())], NOW)
    archived = write(home / "one.csv", [{"key": "demo_harbor", "mode": "archived"}])
    capsys.readouterr()

    assert 0 == courier(home, "drain", "demo_harbor", "--who", "casey", "--why", "moved")
    assert "paused" in capsys.readouterr().out
    assert 1 == courier(home, "import", archived)
    assert "demo_harbor: column mode: not archived while something is open: 1 READY $240.00" in capsys.readouterr().err
    assert "paused" == ledger.clinics.clinic("demo_harbor").mode
    assert 1 == courier(home, "import", archived, "--anyway")
    assert 0 == courier(home, "import", archived, "--anyway", "--who", "casey", "--why", "billed elsewhere")

    assert "archived" == ledger.clinics.clinic("demo_harbor").mode
    said = [(note.step, note.who, note.note) for note in ledger.onboarding.notes("demo_harbor")]
    assert [(Step.DRAINED, "casey", "moved"), (Step.ARCHIVED, "casey", "billed elsewhere")] == said


def test_a_drained_clinic_is_archived(home, capsys):
    """With nothing open drain says so, and the import does as it is told."""
    import_all(home)
    capsys.readouterr()

    assert 0 == courier(home, "drain", "demo_harbor", "--who", "casey", "--why", "moved")
    assert "nothing is open" in capsys.readouterr().out
    assert 0 == courier(home, "import", write(home / "one.csv", [{"key": "demo_harbor", "mode": "archived"}]))
    assert 1 == courier(home, "drain", "nowhere", "--who", "casey", "--why", "moved")


@pytest.mark.parametrize("typed", ["", "acorn\n", "acorn\n\n", "\nsecret\n"])
def test_half_a_login_is_not_taken(home, typed, monkeypatch):
    """User name and password are both asked for, on two lines where there is no terminal."""
    import_all(home)
    mailbox = Ledger(url_of(home)).clinics.mailbox("demo_harbor")
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    with pytest.raises(BadSetting, match="both needed"):
        asked(mailbox)

    monkeypatch.setattr("sys.stdin", io.StringIO("acorn \n two words \n"))
    assert ("acorn", " two words ") == asked(mailbox)


def test_a_login_kept_elsewhere_is_left_there(home, capsys, connections):
    """Where environment or settings file keeps the connection, that is said; nothing is asked for, nothing written."""
    import_all(home)
    connections()

    assert 1 == courier(home, "credentials", "demo_harbor")
    assert "kept in the environment, as AIRFLOW_CONN_SFTP_DEMO_HARBOR" in capsys.readouterr().err

    stub = {"conn_id": "sftp_demo_harbor", "conn_type": "sftp"}
    (home / "none.yaml").write_text(json.dumps({"airflow": {"connections": [stub]}}))
    with pytest.MonkeyPatch.context() as environment:
        environment.delenv("AIRFLOW_CONN_SFTP_DEMO_HARBOR")
        assert 1 == courier(home, "credentials", "demo_harbor")
    assert f"kept in {home / 'none.yaml'}" in capsys.readouterr().err
    assert [] == Ledger(url_of(home)).onboarding.notes("demo_harbor")
