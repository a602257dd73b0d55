import json
import os
import subprocess
import sys

import pytest

from include.adapters.settings import Connection
from include.orchestration.settings_bridge import as_airflow, main
from tests.airflow_home import HOME

SETTINGS = """
airflow:
  connections:
    - conn_id: sftp_acorn
      conn_type: sftp
      conn_host: sftp.example.org
      conn_login: acorn
      conn_password: ${ACORN_PASSWORD}
      conn_port: 2222
      conn_extra: {host_key: "ssh-ed25519 AAAA", sandbox: true}
  pools:
    - {pool_name: sftp, pool_slot: 3, pool_description: sessions}
  variables:
    - {variable_name: greeting, variable_value: hello}
"""

ODD_PASSWORD = "p:@/%s'\"{}$ \\"
"""Everything a URI or a template would trip over."""


@pytest.fixture(name="airflow", scope="module")
def _airflow(tmp_path_factory):
    """Give a plain Airflow of its own, and run commands in it."""
    home = tmp_path_factory.mktemp("plain")
    (home / "settings.yaml").write_text(SETTINGS)
    environment = {
        **os.environ,
        "AIRFLOW_HOME": str(home),
        "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
        "PYTHONPATH": str(HOME.cwd()),
        "ACORN_PASSWORD": ODD_PASSWORD,
    }

    def run(*words: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", *words], env=environment, cwd=home, capture_output=True, text=True, check=True
        )
        return done.stdout

    run("airflow", "db", "migrate")
    return run


def test_a_plain_airflow_gets_what_the_file_holds(airflow, tmp_path):
    """Connections with odd passwords, pools and variables arrive whole, and a second import changes nothing."""
    bridge = ("include.orchestration.settings_bridge", "settings.yaml")

    airflow(*bridge)
    said = airflow(*bridge)

    airflow("airflow", "connections", "export", str(tmp_path / "connections.json"))
    connection = json.loads((tmp_path / "connections.json").read_text())["sftp_acorn"]
    airflow("airflow", "pools", "export", str(tmp_path / "pools.json"))
    assert "1 connections, 1 pools, 1 variables" in said
    assert ("acorn", ODD_PASSWORD, 2222) == (connection["login"], connection["password"], connection["port"])
    assert 3 == json.loads((tmp_path / "pools.json").read_text())["sftp"]["slots"]


def test_a_connection_in_airflows_words():
    """What a connection lacks is nothing, not blank text."""
    connection = Connection(id="claims_ledger", type="sqlite", host="/x/ledger.db", extra={"a": 1})

    words = as_airflow(connection)

    assert ("sqlite", "/x/ledger.db", None, '{"a": 1}') == tuple(
        words[name] for name in ("conn_type", "host", "password", "extra")
    )


def test_a_wrong_file_is_told_without_starting_airflow(capsys, tmp_path):
    """A file that is not there ends with one sentence and status 1."""
    assert 1 == main([str(tmp_path / "nowhere.yaml")])
    assert "nowhere.yaml" in capsys.readouterr().err
