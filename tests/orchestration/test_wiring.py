"""What a task is given, by the connections Airflow has."""

import json

import pytest

from include.claims.errors import BadSetting
from include.claims.scrub import NO_BOOK
from include.orchestration.wiring import rule_book


def test_without_its_connection_the_rules_stand_alone(monkeypatch):
    """Profiles and lists are for who wants them."""
    monkeypatch.delenv("AIRFLOW_CONN_CLAIMS_RULES", raising=False)

    assert NO_BOOK is rule_book()


def test_a_connection_brings_profiles_and_lists(monkeypatch, tmp_path):
    """The folder it names is read when a task asks."""
    (tmp_path / "procedures.csv").write_text("code\n97153\n")
    connection = {"conn_type": "fs", "extra": {"path": str(tmp_path)}}
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_RULES", json.dumps(connection))

    assert frozenset({"97153"}) == rule_book().lists.procedures


def test_a_folder_a_worker_lacks_stops_the_task(monkeypatch, tmp_path):
    """Judging by fewer rules than the other workers would be worse than not judging."""
    connection = {"conn_type": "fs", "extra": {"path": str(tmp_path / "gone")}}
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_RULES", json.dumps(connection))

    with pytest.raises(BadSetting, match="claims_rules"):
        rule_book()
