import sqlite3
from datetime import UTC, datetime

import pytest

from include.cli.__main__ import main
from include.sandbox.practice import make_practice
from tests.source_rows import a_row, csv_of


def check(*words):
    """Run the command and return its exit status."""
    return main(["source", "check", *map(str, words)])


def test_a_sound_source_passes(tmp_path, capsys):
    """A source whose every claim could go ends with 0 and says how many there are."""
    path = csv_of(tmp_path / "claims.csv", a_row(), a_row(source_claim_key="C-2"))

    assert 0 == check("--csv", path)
    assert "2 claims in 2 rows; 2 could go" in capsys.readouterr().out


def test_every_kind_of_fault_is_counted(tmp_path, capsys):
    """Each rule is named once, with how many claims break it and the first of them."""
    rows = [
        a_row(source_claim_key="C-1", charge="240.001"),
        a_row(source_claim_key="C-2", line_count="2"),
        a_row(source_claim_key="C-3", ready_at="2026-03-05T18:30:00"),
        a_row(source_claim_key="C-4", ready_at="2026-03-05 18:30"),
        a_row(source_claim_key="C-5", subscriber_member_id=""),
        a_row(source_claim_key="C-6", service_date=""),
        a_row(source_claim_key="C-7"),
        a_row(source_claim_key="C-8", cancelled="true"),
        a_row(source_claim_key="C-7", source_line_key="L-2"),
    ]

    assert 1 == check("--csv", csv_of(tmp_path / "claims.csv", *rows))

    said = capsys.readouterr().out
    assert "amount_exact: 1 claims; the first: claim C-1 (claims.csv row 2), line L-1, column charge" in said
    assert "claim_complete: 1 claims; the first: claim C-2" in said
    assert "column_type: 2 claims; the first: claim C-3 (claims.csv row 4), column ready_at" in said
    assert "member_id_present: 1 claims; the first: claim C-5, item 1a" in said
    assert "column_value_present: 1 claims; the first: claim C-6" in said
    assert "claim_order: 1 claims; the first: claim C-7 (claims.csv row 10)" in said
    assert "9 claims in 9 rows; 1 could go, 1 cancelled" in said


def test_no_patient_is_shown(tmp_path, capsys):
    """What is printed of a wrong source holds no name, birth date or member id."""
    rows = [a_row(subscriber_birth_date="Jul 15 88"), a_row(source_claim_key="C-2", subscriber_sex="TESTINA")]

    check("--csv", csv_of(tmp_path / "claims.csv", *rows))

    said = capsys.readouterr().out
    assert not [cell for cell in ("TESTINA", "EXAMPLE,", "XYZ100200300", "Jul", "88") if cell in said]


def test_every_wrong_column_is_named(tmp_path, capsys):
    """A view with mistyped and missing columns is told all of them at once."""
    row = a_row(chrage="240.00")
    del row["charge"], row["billing_npi"]

    assert 1 == check("--csv", csv_of(tmp_path / "claims.csv", row))

    said = capsys.readouterr().out
    assert "column chrage is unknown (did you mean charge?)" in said
    assert "column billing_npi is missing; column charge is missing" in said


def test_every_file_of_a_folder_is_checked(tmp_path, capsys):
    """One wrong file does not hide what is wrong with the next."""
    csv_of(tmp_path / "a.csv", a_row(colour="blue"))
    csv_of(tmp_path / "b.csv", a_row(charge="1,5"))

    assert 1 == check("--csv", tmp_path)

    said = capsys.readouterr().out
    assert "column colour is unknown" in said
    assert "column charge" in said


def test_a_missing_view_is_named(tmp_path, capsys):
    """A database without the view fails with how to get one."""
    path = tmp_path / "practice.db"
    sqlite3.connect(path).execute("create table other (x)").connection.close()

    assert 1 == check("--url", f"sqlite:///{path}")
    assert "no view pending_claim_lines there; docs/claim-source.md" in capsys.readouterr().err


def test_the_invented_practice_is_what_it_says(tmp_path, capsys, monkeypatch):
    """The demo's practice holds what must not go, and all else could."""
    monkeypatch.setenv("AIRFLOW_CONN_PRACTICE_DEMO", f"sqlite:///{tmp_path / 'practice.db'}")
    made = make_practice(tmp_path / "practice.db", datetime.now(UTC))

    assert 1 == check("--connection", "practice_demo", "--settings", tmp_path / "none.yaml")

    said = capsys.readouterr().out
    assert f"{made.claims} claims in {made.lines} rows; {made.claims - 6} could go, 1 cancelled" in said
    for rule in ("rendering_npi", "member_id_present", "pointers_within_list", "claim_complete", "column_type"):
        assert f"{rule}: 1 claims" in said


def test_reading_stops_at_the_limit(tmp_path, capsys):
    """A large practice is read in part, and the claim the limit cuts is not judged."""
    make_practice(tmp_path / "practice.db", datetime.now(UTC), with_faults=False)

    assert 0 == check("--url", f"sqlite:///{tmp_path / 'practice.db'}", "--limit", 20)
    assert "more rows are there" in capsys.readouterr().out


@pytest.mark.parametrize("words", [(), ("--url", "sqlite:///x", "--csv", "x")])
def test_a_source_is_named_once(words):
    """The command line must say one source."""
    with pytest.raises(SystemExit):
        check(*words)


def test_what_stands_beside_is_checked_too(tmp_path, capsys):
    """Rows of the optional views are read with their claims; one whose claim is not there is named, not dropped."""
    csv_of(tmp_path / "claims.csv", a_row(), a_row(source_claim_key="C-2"))
    payer = {
        "source_claim_key": "C-1", "responsibility": "X", "payer_id": "88888", "payer_name": "EXAMPLE BLUE PLAN",
        "member_id": "ABC900", "insured_last_name": "EXAMPLE", "insured_first_name": "TESTINA",
    }  # fmt: skip
    csv_of(tmp_path / "claims.other_payers.csv", payer, {**payer, "source_claim_key": "C-9", "responsibility": "P"})
    csv_of(tmp_path / "gone.authorizations.csv", {"source_claim_key": "C-1"})

    assert 1 == check("--csv", tmp_path)

    said = capsys.readouterr().out
    assert "claim C-1 (claims.csv row 2), claim_other_payers (claims.other_payers.csv row 2), column resp" in said
    assert (
        "warning: row_without_claim: 1 claims; the first: claim C-9, claim_other_payers (claims.other_payers.csv row 3)"
        in said
    )
    assert "gone.authorizations.csv: there is no file of claims it could stand beside" in said
    assert "2 claims in 2 rows; 1 could go" in said


def test_a_row_beside_a_claim_that_has_gone_is_a_warning(tmp_path, capsys):
    """A view of authorizations may know more claims than are pending; that holds nobody up."""
    path = tmp_path / "practice.db"
    made = make_practice(path, datetime.now(UTC), with_faults=False)
    with sqlite3.connect(path) as practice:
        practice.execute("update claims set status = 'billed' where id = 1")
    practice.close()

    assert 0 == check("--url", f"sqlite:///{path}")

    said = capsys.readouterr().out
    assert f"{made.claims - 1} claims in" in said
    assert "warning: row_without_claim: 1 claims; the first: claim sample_grove-0000001, authorizations:" in said
