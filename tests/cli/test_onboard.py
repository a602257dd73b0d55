"""`./courier onboard`, as a person types it."""

import json
from email import message_from_bytes

import pytest

from include.adapters.ledger import Ledger
from include.cli.__main__ import main
from include.delivery.clinic_table import Mode
from include.delivery.records import Kind, Step
from include.delivery.render import render
from include.delivery.upload import upload
from include.sandbox.sandbox import Sandbox
from tests.night import ACCOUNT, CLINIC, PASSWORD, Night, some_claims

NEW = {"mode": "onboarding", "live_since": "", "contact": "billing@example.org"}


@pytest.fixture
def sandbox(tmp_path):
    """Run a clearinghouse that knows the clinic's account."""
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as running:
        yield running


@pytest.fixture
def ledger(tmp_path, sandbox, monkeypatch):
    """Return the ledger of a new clinic; its connections are the shell's."""
    Night.prepare(tmp_path, sandbox, clinic=NEW, mailbox={"user_name": "acorn_web"})
    config = json.loads((tmp_path / "night.json").read_text())
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_LEDGER", json.dumps({"conn_type": "sqlite", "host": "ledger.db"}))
    key = json.dumps({"conn_type": "generic", "password": config["payload_key"]})
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_PAYLOAD_KEY", key)
    connect(sandbox, monkeypatch)
    return Ledger(config["url"], [config["payload_key"]])


def connect(sandbox, monkeypatch, **changes):
    """Put the mailbox's connection into the environment."""
    whole = {
        "conn_type": "sftp",
        "host": sandbox.host,
        "port": sandbox.port,
        "login": ACCOUNT,
        "password": PASSWORD,
        "extra": {"host_key": sandbox.host_key, "sandbox": True},
    }
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACORN", json.dumps({**whole, **changes}))


def courier(*words):
    """Run the command for the clinic."""
    return main(["onboard", CLINIC, *words])


def test_the_list_says_what_is_next_and_why(ledger, capsys):
    """Every step with its state; what to do stands beside those that wait for somebody."""
    assert 0 == courier()

    said = capsys.readouterr().out
    assert "DONE     facts" in said
    assert "NEXT     connection" in said
    assert "nobody has logged in yet" in said
    assert "→ ./courier clinics pin acorn, then ./courier onboard acorn_aba verify --who NAME" in said
    assert "LATER    test file" in said


def test_the_request_is_a_draft_beside_the_shell(ledger, capsys, tmp_path, monkeypatch):
    """It goes by the vendor's name, and is done once a person says that it was sent."""
    monkeypatch.setenv("COURIER_SOFTWARE_NAME", "Example Practice")

    assert 0 == courier("request")
    assert 1 == courier("request", "--sent")
    assert 0 == courier("request", "--sent", "--who", "casey")

    mail = message_from_bytes((tmp_path / "acorn_aba.sftp-request.eml").read_bytes())
    assert "Example Practice" in mail.get_payload()
    assert ["drafted", "sent"] == [note.note for note in ledger.onboarding.notes(CLINIC)]
    assert "say --who" in capsys.readouterr().err


def test_a_login_is_verified_by_a_named_person(ledger, capsys, sandbox):
    """Who looked is kept; what was seen is printed."""
    assert 1 == courier("verify")
    assert 0 == courier("verify", "--who", "casey")

    assert "logged in; inbound is there, outbound holds 0 files; nothing written" in capsys.readouterr().out
    assert [(Step.CONNECTION, "casey")] == [(note.step, note.who) for note in ledger.onboarding.notes(CLINIC)]
    assert 1 == sandbox.logins(ACCOUNT)


def test_a_refused_login_ends_with_its_causes(ledger, capsys, sandbox, monkeypatch):
    """One sentence on standard error with everything it may be, and the password nowhere."""
    connect(sandbox, monkeypatch, password="the-web-password")

    assert 1 == courier("verify", "--who", "casey")

    said = capsys.readouterr().err
    assert "an invoice is unpaid" in said
    assert "the-web-password" not in said


def test_the_test_file_is_told_of_only_after_the_login(ledger, capsys):
    """The clinic's mode becomes test once its connection is verified, so that it has a DAG to send by."""
    courier("test")
    assert Mode.ONBOARDING is ledger.clinics.clinic(CLINIC).mode
    courier("verify", "--who", "casey")

    assert 0 == courier("test")

    assert Mode.TEST is ledger.clinics.clinic(CLINIC).mode
    assert "deliver_claims__acorn_aba" in capsys.readouterr().out


def test_nothing_is_approved_too_early(ledger, capsys):
    """A missing step is named, a date that is none too."""
    assert 1 == courier("approve", "--on", "2099-01-01", "--who", "casey", "--why", "now")
    assert "connection is next" in capsys.readouterr().err
    assert 1 == courier("approve", "--on", "soon", "--who", "casey", "--why", "now")
    assert "'soon' is not a date" in capsys.readouterr().err


def test_half_a_yes_is_none(ledger, capsys):
    """A yes names the day, the person and the reason; a clinic nobody knows gets no note."""
    assert 1 == courier("approve", "--who", "casey")
    assert "say --on and --why" in capsys.readouterr().err
    assert 1 == main(["onboard", "nowhere", "request", "--sent", "--who", "casey"])
    assert [] == ledger.onboarding.notes("nowhere")


def test_the_reports_of_a_test_file_are_shown(ledger, capsys, tmp_path):
    """Claim by claim, as far as the clearinghouse has answered."""
    courier("verify", "--who", "casey")
    courier("test")
    night = Night(tmp_path)
    night.hold(some_claims(2))
    [batch_id] = night.collect(kind=Kind.TEST).batch_ids
    render(batch_id, night.ports)
    upload(batch_id, night.ports)
    night.until_settled(batch_id)
    capsys.readouterr()

    assert 0 == courier("test")

    said = capsys.readouterr().out
    assert "ANSWERED, 5 claims (2 of the clinic's own, 3 invented), 0 not answered" in said
    assert 5 == said.count("ACCEPTED BY CLEARINGHOUSE")
    assert 3 == said.count(f"{CLINIC}-invented-")
