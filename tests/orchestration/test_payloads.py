"""Stored files outside the ledger: a task and a shell open the same place, as Airflow opens it."""

import json

import pytest
from cryptography.fernet import Fernet

from include.adapters.objects import Objects
from include.adapters.settings import Connection, Settings
from include.adapters.vault import LedgerVault
from include.claims.errors import BadSetting
from include.cli.__main__ import main
from include.orchestration.payloads import open_objects
from include.orchestration.wiring import payloads_outside, ports_for_task
from tests.contract.night import Night
from tests.databases import a_ledger

KEY = Fernet.generate_key().decode()


@pytest.fixture(name="home")
def _home(monkeypatch, tmp_path, sqlite_url):
    """Let tasks and shells know a ledger, its key, and a place outside it."""
    ledger = {"conn_type": "sqlite", "host": sqlite_url.removeprefix("sqlite:///")}
    place = {"conn_type": "fs", "extra": {"path": f"file://{tmp_path}/payloads"}}
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_LEDGER", json.dumps(ledger))
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_PAYLOAD_KEY", json.dumps({"conn_type": "generic", "password": KEY}))
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_PAYLOADS", json.dumps(place))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told(capsys, *words: str) -> tuple[int, str]:
    """Run a shell command; return its status and what it printed."""
    status = main(["ledger", *words])
    return status, capsys.readouterr().out


def test_without_its_connection_files_lie_in_the_ledger(monkeypatch):
    """Nobody needs an object store."""
    monkeypatch.delenv("AIRFLOW_CONN_CLAIMS_PAYLOADS", raising=False)

    assert payloads_outside() is None


def test_a_task_stores_and_loads_outside(home):
    """By Airflow's own path; what one task stores another loads, and the files' folder holds it."""
    sha256 = ports_for_task().vault.store(b"ISA")

    assert b"ISA" == ports_for_task().vault.load(sha256)
    assert [sha256] == [path.name for path in (home / "payloads").rglob("*") if path.is_file()]


def test_the_shell_moves_files_out_and_back(home, sqlite_url, capsys):
    """It says what lies where, moves what lay in the ledger before, and brings all of it back."""
    inside = LedgerVault(a_ledger(sqlite_url).database, [KEY])
    sha256 = inside.store(b"ISA")

    before = told(capsys, "payloads")
    out = told(capsys, "payloads", "--move")
    loaded = ports_for_task().vault.load(sha256)
    backup = told(capsys, "backup", "ledger.backup")
    back = told(capsys, "payloads", "--back")

    assert (0, 0, 0, 0) == (before[0], out[0], backup[0], back[0])
    assert "in the database: 1 files" in before[1]
    assert "1 stored files moved out of it" in out[1]
    assert "in the database: 0 files, 0 bytes" in out[1]
    assert f"outside, file://{home}/payloads: 1 files" in out[1]
    assert "1 stored files are not in it" in backup[1]
    assert "1 stored files moved into the ledger" in back[1]
    assert "objects that no row names: 1" in back[1]
    assert (b"ISA", b"ISA") == (loaded, inside.load(sha256))


def test_a_version_that_knows_no_objects_is_not_gone_back_to(home, capsys):
    """Its program would not find the files; once they are back the way is free."""
    ports_for_task().vault.store(b"ISA")
    main(["ledger", "migrate", "--back"])  # what came after it

    refused = main(["ledger", "migrate", "--back"])
    words = capsys.readouterr().err
    main(["ledger", "payloads", "--back"])

    assert refused
    assert "./courier ledger payloads --back" in words
    assert 0 == main(["ledger", "migrate", "--back"])


def test_the_shell_names_a_lost_file(home, capsys):
    """By its hash, and with an exit status that a monitor sees; a young object without a row is left alone."""
    sha256 = ports_for_task().vault.store(b"ISA")
    objects = payloads_outside()
    assert objects
    objects.delete(sha256)
    objects.put("b" * 64, b"of nobody")

    status, words = told(capsys, "payloads", "--sweep")

    assert 1 == status
    assert f"lost: payload {sha256}" in words
    assert "0 objects deleted" in words
    assert "objects that no row names: 1" in words


def test_house_keeping_deletes_objects_too(home, sqlite_url):
    """The ledger a task has knows where they lie."""
    ports = ports_for_task()
    night = Night(a_ledger(sqlite_url))
    sha256 = ports.vault.store(b"old")

    assert 1 == ports.ledger.ageing.let_go([sha256], night.now, "keep_house", night.now)
    assert [] == list((home / "payloads").rglob(sha256))


def test_a_shell_lends_airflow_the_login_it_has(home, monkeypatch):
    """The connection in the path may stand in the shell's settings alone."""
    monkeypatch.delenv("AIRFLOW_CONN_STORE_LOGIN", raising=False)
    settings = Settings(None, {"AIRFLOW_CONN_STORE_LOGIN": json.dumps({"conn_type": "generic", "login": "example"})})
    connection = Connection(id="claims_payloads", type="fs", extra={"path": f"file://store_login@{home}/payloads"})

    objects = open_objects(connection, settings)

    assert isinstance(objects, Objects)
    from airflow.sdk import BaseHook

    assert "example" == BaseHook.get_connection("store_login").login
    monkeypatch.delenv("AIRFLOW_CONN_STORE_LOGIN")


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("payloads", "names no folder of a store"),
        ("nostore://bucket/payloads", "provider of nostore"),
        ("memory://store_login@bucket/payloads", "provider of memory"),
    ],
)
def test_a_place_nobody_can_open_is_a_setting(path, says):
    """The message says what is missing, and nothing of what the store's connection holds."""
    with pytest.raises(BadSetting, match=says):
        open_objects(Connection(id="claims_payloads", type="fs", extra={"path": path}))
