import csv
import io
import json

import pytest

from include.cli.__main__ import main
from include.delivery.status_feed import STATUS_COLUMNS
from tests.builders import a_claim
from tests.contract.night import BLOCKED, Night, claims
from tests.databases import a_ledger, sqlite_template, sqlite_url

__all__ = ["sqlite_template", "sqlite_url"]


@pytest.fixture(name="url")
def _url(sqlite_url):
    night = Night(a_ledger(sqlite_url))
    night.stage(*claims(2))
    night.stage(a_claim(key="C-9"), faults=[BLOCKED])
    return sqlite_url


def fed(capsys, url, *words):
    """Return what the command prints."""
    assert 0 == main(["claims", "feed", "--ledger", url, *words])
    return capsys.readouterr().out


def test_json_lines_are_the_rows_of_the_view(url, capsys):
    """Amounts as decimals, moments with their zone, reasons as they are."""
    rows = [json.loads(line) for line in fed(capsys, url).splitlines()]

    assert ["C-001", "C-002", "C-9"] == [row["claim_key"] for row in rows]
    assert [one.name for one in STATUS_COLUMNS] == list(rows[0])
    assert ("240.00", "READY", []) == (rows[0]["charge"], rows[0]["delivery"], rows[0]["reasons"])
    assert ["member_id_present"] == rows[2]["reasons"][0]["codes"]
    assert rows[0]["changed_at"].endswith("+00:00")


def test_a_reader_goes_on_after_the_last_change(url, capsys):
    """Only what changed since is printed; at the end nothing is."""
    second = json.loads(fed(capsys, url).splitlines()[1])["change_id"]

    [row] = fed(capsys, url, "--after", str(second)).splitlines()

    assert "C-9" == json.loads(row)["claim_key"]
    assert "" == fed(capsys, url, "--after", str(json.loads(row)["change_id"]))
    assert "" == fed(capsys, url, "--clinic", "elsewhere")


def test_csv_names_its_columns(url, capsys):
    """A blank is what is not known."""
    rows = list(csv.DictReader(io.StringIO(fed(capsys, url, "--format", "csv"))))

    assert [one.name for one in STATUS_COLUMNS] == list(rows[0])
    assert ("", "0.00", "harbor") == (rows[0]["sent_at"], rows[0]["paid"], rows[0]["clinic_key"])
