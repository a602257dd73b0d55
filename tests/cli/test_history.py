import json
from pathlib import Path

import pytest
from cryptography.fernet import Fernet

from include.adapters.ledger import Ledger
from include.cli.__main__ import main
from include.delivery.records import Step, Table
from tests.databases import sqlite_template, sqlite_url
from tests.night import BILLING_ROW, CLINIC, CLINIC_ROW, MAILBOX_ROW

__all__ = ["sqlite_template", "sqlite_url"]

SAMPLE = Path(__file__).resolve().parents[2] / "docs" / "samples" / "sent.csv"


@pytest.fixture(name="ledger")
def _ledger(sqlite_url, tmp_path, monkeypatch):
    key = Fernet.generate_key().decode()
    ledger = Ledger(sqlite_url, [key])
    for table, row in ((Table.MAILBOX, MAILBOX_ROW), (Table.BILLING_IDENTITY, BILLING_ROW), (Table.CLINIC, CLINIC_ROW)):
        ledger.clinics.put(table, [row])
    connections = {
        "CLAIMS_LEDGER": {"conn_type": "sqlite", "host": str(tmp_path / "ledger.db")},
        "CLAIMS_PAYLOAD_KEY": {"conn_type": "generic", "password": key},
        "PRACTICE": {"conn_type": "sqlite", "host": str(tmp_path / "practice.db")},
    }
    for name, connection in connections.items():
        monkeypatch.setenv(f"AIRFLOW_CONN_{name}", json.dumps(connection))
    monkeypatch.chdir(tmp_path)
    return ledger


def tell(path, *words):
    """Import a file and return the exit status."""
    return main(["claims", "import-history", str(path), "--clinic", CLINIC, *words])


def test_the_sample_is_imported_once(ledger, capsys):
    """First shown, then written, then known."""
    assert 0 == tell(SAMPLE, "--dry-run")
    assert [] == list(ledger.report.claim_lines())
    assert 0 == tell(SAMPLE)
    assert 3 == len(list(ledger.report.claim_lines()))
    assert 0 == tell(SAMPLE)

    said = capsys.readouterr().out
    assert "3 claims would be imported, 0 known before, 0 refused" in said
    assert "3 claims imported, 0 known" in said
    assert "0 claims imported, 3 known before" in said
    assert "3 service lines, 3 of which keep" in said


def test_wrong_rows_are_named_and_the_rest_imported(ledger, tmp_path, capsys):
    """The exit status is 1; no cell of a patient is printed."""
    path = tmp_path / "sent.csv"
    path.write_text(SAMPLE.read_text().replace("2026-01-09", "SECRETNAME"))

    assert 1 == tell(path)

    printed = capsys.readouterr()
    assert "sent.csv row 2, column sent_on: date expected, found text of the shape 'aaaaaaaaaa'" in printed.err
    assert "2 claims imported, 0 known before, 1 refused" in printed.out
    assert "SECRETNAME" not in printed.err + printed.out


def test_a_whole_import_with_a_name_is_the_step_of_setting_up(ledger, tmp_path, capsys):
    """Nobody has to say it a second time; a dry run, a refused claim, a file of others or no name leave the step."""
    broken, others = tmp_path / "broken.csv", tmp_path / "others.csv"
    broken.write_text(SAMPLE.read_text().replace("2026-01-09", "yesterday"))
    others.write_text(SAMPLE.read_text().splitlines()[0] + "\n")
    tell(SAMPLE, "--who", "casey", "--dry-run")
    tell(broken, "--who", "casey")
    tell(others, "--who", "casey")
    tell(SAMPLE)
    assert [] == ledger.onboarding.notes(CLINIC)

    assert 0 == tell(SAMPLE, "--who", "casey")

    [note] = ledger.onboarding.notes(CLINIC)
    assert (Step.HISTORY, "casey") == (note.step, note.who)
    assert "0 claims imported, 3 known before, none refused" == note.note
    said = capsys.readouterr().out
    assert "step history is left as it was: mend what was refused" in said
    assert "step history is left as it was: no claim of it was in the file" in said
    assert "step history is left as it was: with --who NAME" in said
    assert "step history is done, says casey" in said
    main(["onboard", CLINIC])
    assert "casey on " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "there is no such file"),
        ("", "the file is empty"),
        ("claim,number\n", "column source_claim_key is missing"),
        (b"source_claim_key\n\xff\n", "the file is not UTF-8"),
    ],
)
def test_a_file_that_is_no_history_changes_nothing(ledger, tmp_path, capsys, content, said):
    """It is refused whole, with the rule."""
    path = tmp_path / "sent.csv"
    if content is not None:
        path.write_bytes(content if isinstance(content, bytes) else content.encode())

    assert 1 == tell(path)

    assert said in capsys.readouterr().err
    assert [] == list(ledger.report.claim_lines())
