"""A mailbox's login goes from a person into Airflow's own database, and nowhere else."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.delivery.ports import Ledger
from include.delivery.records import Step
from include.sandbox.sandbox import Sandbox
from tests.night import ACCOUNT, CLINIC, Night

ROOT = Path(__file__).resolve().parents[2]
ODD_PASSWORD = "p:@/%s'\"{}$ \\"
"""Everything a URI, a shell or a template would trip over."""


class Shell:
    """A shell beside a plain Airflow, with a clinic in a ledger of its own."""

    def __init__(self, home: Path, ledger: Ledger, sandbox: Sandbox) -> None:
        self.home = home
        self.ledger = ledger
        self.sandbox = sandbox
        key = json.loads((home / "night.json").read_text())["payload_key"]
        self.environment = {
            **os.environ,
            "AIRFLOW_HOME": str(home),
            "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
            "PYTHONPATH": str(ROOT),
            "AIRFLOW_CONN_CLAIMS_LEDGER": json.dumps({"conn_type": "sqlite", "host": str(home / "ledger.db")}),
            "AIRFLOW_CONN_CLAIMS_PAYLOAD_KEY": json.dumps({"conn_type": "generic", "password": key}),
        }
        self.run("airflow", "db", "migrate")

    def run(self, *words: str, typed: str = "", **environment: str) -> subprocess.CompletedProcess[str]:
        """Run a module and return what it said."""
        return subprocess.run(
            [sys.executable, "-m", *words],
            env={**self.environment, **environment},
            cwd=self.home,
            input=typed,
            capture_output=True,
            text=True,
            check=False,
        )

    def courier(self, *words: str, **options: str) -> subprocess.CompletedProcess[str]:
        """Run a command of ours."""
        return self.run("include.cli", *words, **options)

    def connection(self) -> dict[str, object]:
        """Return the mailbox's connection as Airflow has it."""
        path = self.home / "connections.json"
        self.run("airflow", "connections", "export", str(path))
        found: dict[str, object] = json.loads(path.read_text())["sftp_acorn"]
        return found


@pytest.fixture(name="shell", scope="module")
def _shell(tmp_path_factory):
    """Give a clinic, its clearinghouse, and an Airflow that knows neither login nor key."""
    home = tmp_path_factory.mktemp("plain")
    with Sandbox(home / "sandbox", {ACCOUNT: ODD_PASSWORD}) as sandbox:
        night = Night.prepare(home, sandbox, mailbox={"user_name": "acorn_web"})
        yield Shell(home, night.ports.ledger, sandbox)


@pytest.mark.timeout(900)  # seven starts of Airflow, on whatever machine
def test_a_login_is_entered_its_key_pinned_and_seen(shell):
    """From two mails to a verified connection: nothing of the password in what is printed or kept in the ledger."""
    place = {"conn_type": "sftp", "host": shell.sandbox.host, "port": shell.sandbox.port, "extra": '{"sandbox": true}'}
    (shell.home / "place.json").write_text(json.dumps({"sftp_acorn": place}))
    shell.run("airflow", "connections", "import", str(shell.home / "place.json"))

    pinned = shell.courier("clinics", "pin", "acorn", "--yes")
    entered = shell.courier("clinics", "credentials", "acorn", "--who", "casey", typed=f"{ACCOUNT}\n{ODD_PASSWORD}\n")
    seen = shell.courier("onboard", CLINIC, "verify", "--who", "casey")

    assert [0, 0, 0] == [one.returncode for one in (pinned, entered, seen)], seen.stderr
    assert f"./courier onboard {CLINIC} verify --who NAME" in entered.stdout
    kept = shell.connection()
    assert (ACCOUNT, ODD_PASSWORD, shell.sandbox.port) == (kept["login"], kept["password"], kept["port"])
    assert {"sandbox": True, "host_key": shell.sandbox.host_key} == json.loads(str(kept["extra"]))
    notes = shell.ledger.onboarding.notes(CLINIC)
    assert [Step.CREDENTIALS, Step.CONNECTION] == [note.step for note in notes]
    assert notes[0].evidence == notes[1].evidence.split()[-1]
    said = [*(one.stdout + one.stderr for one in (pinned, entered, seen)), repr(notes)]
    assert not [text for text in said if ODD_PASSWORD in text or json.dumps(ODD_PASSWORD)[1:-1] in text]


def test_a_new_connection_is_made_where_mails_say(shell):
    """A mailbox nobody has connected yet gets a connection to the host it was asked for."""
    asked = {"id": "sftp_new", "login": "x", "password": "y", "host": "sftp.example.org"}

    reply = json.loads(shell.run("include.orchestration.store_connection", typed=json.dumps(asked)).stdout)

    made = {name: reply["connection"][name] for name in ("conn_type", "host", "port", "login")}
    assert {"conn_type": "sftp", "host": "sftp.example.org", "port": 22, "login": "x"} == made
    assert ("Airflow's database", True) == (reply["kept_in"], reply["in_airflow"])


def test_what_a_secrets_backend_keeps_stays_there(shell, tmp_path):
    """A house with a secrets backend is told which, and nothing is stored; what nobody has belongs there too."""
    (tmp_path / "kept.json").write_text(json.dumps({"sftp_other": "sftp://someone@example.org"}))
    backend = {
        "AIRFLOW__SECRETS__BACKEND": "airflow.secrets.local_filesystem.LocalFilesystemBackend",
        "AIRFLOW__SECRETS__BACKEND_KWARGS": json.dumps({"connections_file_path": str(tmp_path / "kept.json")}),
    }

    def where(name: str) -> tuple[str, bool]:
        asked = json.dumps({"id": name, "login": "x", "password": "y"})
        reply = json.loads(shell.run("include.orchestration.store_connection", typed=asked, **backend).stdout)
        return reply["kept_in"], reply["in_airflow"]

    assert ("LocalFilesystemBackend", False) == where("sftp_other")
    assert ("LocalFilesystemBackend", False) == where("sftp_of_nobody")


def test_an_airflow_that_is_not_there_is_told(shell, tmp_path):
    """Without its database Airflow cannot be asked; one sentence says so."""
    nowhere = {"AIRFLOW_HOME": str(tmp_path), "AIRFLOW__DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{tmp_path / 'no.db'}"}

    refused = shell.courier("clinics", "credentials", "acorn", **nowhere)

    assert 1 == refused.returncode
    assert "connection sftp_acorn: Airflow did not answer: OperationalError" in refused.stderr
    assert 1 == len(refused.stderr.splitlines())
