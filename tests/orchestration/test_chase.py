"""The chase tells by Airflow's notifiers, remembers what it told, and never fails for its heartbeat."""

import json
import logging
import sys
from email import message_from_string
from email.policy import default
from types import ModuleType
from typing import Any

import httpx
import pytest

from include.claims.errors import BadSetting
from include.claims.scrub import NO_BOOK
from include.delivery.records import Table
from include.orchestration import alarms, chase_dag
from tests.contract.night import NOW, Night, claims
from tests.databases import a_ledger, sqlite_template, sqlite_url
from tests.orchestration.ports_by_hand import PortsByHand

__all__ = ["sqlite_template", "sqlite_url"]

MAIL = {
    "conn_type": "smtp",
    "host": "mail.example.test",
    "extra": {"to": "billing@example.test", "from_email": "a@b.c"},
}


class Letters:
    """A mail server that keeps what it is given; smtplib's own part is replaced, the notifier and hook are real."""

    kept: list[tuple[Any, str, str]]  # to, subject, text

    def __init__(self) -> None:
        self.kept = []

    def __call__(self, *_: Any, **__: Any) -> "Letters":
        return self

    def sendmail(self, from_addr: str, to_addrs: Any, msg: str) -> None:
        letter = message_from_string(msg, policy=default)
        text = letter.get_body()
        assert text is not None
        self.kept.append((to_addrs, letter["Subject"], text.get_content()))

    def starttls(self, **_: Any) -> None:
        """Do as if."""

    ehlo = close = starttls


@pytest.fixture(autouse=True)
def _no_connections(monkeypatch):
    for name in ("CLAIMS_ALARMS", "CLAIMS_HEARTBEAT"):
        monkeypatch.delenv(f"AIRFLOW_CONN_{name}", raising=False)


@pytest.fixture(name="letters")
def _letters(monkeypatch):
    """Let the mail connection be there, and keep the letters."""
    letters = Letters()
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_ALARMS", json.dumps(MAIL))
    for name in ("SMTP", "SMTP_SSL"):
        monkeypatch.setattr(f"smtplib.{name}", letters)
    return letters


@pytest.fixture(name="night")
def _night(sqlite_url, monkeypatch):
    """Give the task a real ledger in which a claim was sent and nothing was heard, and a clock that a test moves."""
    night = Night(a_ledger(sqlite_url))
    night.sent(*claims(1))
    night.later(days=2)

    class Ports(PortsByHand):
        ledger = night.ledger

        def rule_book(self) -> Any:
            return NO_BOOK

        def now(self):
            return night.now

    monkeypatch.setattr(chase_dag, "ports_for_task", Ports)
    return night


def test_what_is_silent_is_told_once(night, letters, caplog):
    """The page is in the log, one letter goes out, and the next morning's run has no news."""
    with caplog.at_level(logging.INFO):
        first = chase_dag.chase()
    night.later(hours=12)
    second = chase_dag.chase()

    assert "Most urgent first:" in caplog.text
    [(to, subject, text)] = letters.kept
    assert (["billing@example.test"], "Claim Courier, silence: 2 new, 0 worse, 0 again") == (to, subject)
    assert "no 999 or any other answer has come" in text
    assert [(2, 0, 2), (2, 0, 0)] == [tuple(counts.values()) for counts in (first, second)]


def test_a_letter_that_is_not_taken_is_sent_again(night, letters, monkeypatch):
    """Nothing counts as told that nobody got: the task fails, and its next try tells."""
    monkeypatch.setattr(Letters, "sendmail", _refuse)
    with pytest.raises(OSError, match="no mail today"):
        chase_dag.chase()
    monkeypatch.undo()

    assert {} == night.ledger.silence.told()


def _refuse(*_: Any, **__: Any) -> None:
    raise OSError("no mail today")


def test_without_a_connection_the_log_alone_tells(night, caplog):
    """An installation that set nothing up still has its line, once."""
    chase_dag.chase()
    chase_dag.chase()

    assert 1 == caplog.text.count("sent=False")
    assert night.ledger.silence.told()


def test_no_patient_is_named(night, letters, caplog):
    """Neither in the letter nor in the log."""
    with caplog.at_level(logging.DEBUG):
        chase_dag.chase()

    said = caplog.text + repr(letters.kept)
    assert not [cell for cell in ("TESTINA", "XYZ100200300", "1988", "SAMPLE LN") if cell in said]


@pytest.mark.parametrize(
    ("connection", "rule"),
    [
        ({"conn_type": "http", "host": "example.test"}, "smtp or apprise"),
        ({"conn_type": "smtp", "host": "example.test"}, "to and from_email missing"),
        ({"conn_type": "apprise", "extra": {"config": []}}, "not installed"),
    ],
)
def test_a_connection_that_tells_nobody_is_refused(monkeypatch, connection, rule):
    """With what is missing."""
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_ALARMS", json.dumps(connection))
    monkeypatch.setitem(sys.modules, "airflow.providers.apprise", None)

    with pytest.raises(BadSetting, match=rule):
        alarms.tell("subject", "text")


def test_apprise_gets_title_and_text(monkeypatch):
    """The provider is not installed here; what it is called with is fixed."""
    given: list[dict[str, Any]] = []

    class AppriseNotifier:
        def __init__(self, **words: Any) -> None:
            given.append(words)

        def notify(self, _context: Any) -> None:
            """Keep it."""

    names = ["airflow.providers.apprise", "airflow.providers.apprise.notifications"]
    for name in [*names, "airflow.providers.apprise.notifications.apprise"]:
        monkeypatch.setitem(sys.modules, name, ModuleType(name))
    module: Any = sys.modules["airflow.providers.apprise.notifications.apprise"]
    module.AppriseNotifier = AppriseNotifier
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_ALARMS", json.dumps({"conn_type": "apprise"}))

    assert alarms.tell("subject", "text")
    assert [{"title": "subject", "body": "text", "apprise_conn_id": "claims_alarms"}] == given


@pytest.mark.parametrize(
    ("connection", "url"),
    [
        ({"host": "https://ping.example.test/secret"}, "https://ping.example.test/secret"),
        ({"host": "ping.example.test", "extra": {"path": "/secret"}}, "https://ping.example.test/secret"),
        ({"host": "monitor", "schema": "http", "port": 8080}, "http://monitor:8080"),
    ],
)
def test_a_run_that_ends_is_heard_outside(night, monkeypatch, connection, url):
    """A monitor that hears nothing knows that the watchdog itself is dead."""
    asked: list[str] = []

    def get(address: str, **_: Any) -> httpx.Response:
        asked.append(address)
        return httpx.Response(200, request=httpx.Request("GET", address))

    monkeypatch.setattr(httpx, "get", get)
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_HEARTBEAT", json.dumps({"conn_type": "http", **connection}))

    chase_dag.chase()

    assert [url] == asked


def test_a_monitor_that_does_not_answer_is_a_line_in_the_log(night, monkeypatch, caplog):
    """The run's own work is done; the address is a secret."""
    monkeypatch.setattr(httpx, "get", lambda url, **_: (_ for _ in ()).throw(httpx.ConnectError(f"no {url}")))
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_HEARTBEAT", json.dumps({"conn_type": "http", "host": "https://x/secret"}))

    chase_dag.chase()

    assert "heartbeat not heard: ConnectError" in caplog.text
    assert "secret" not in caplog.text


def test_the_hour_is_a_setting():
    """Seven in the morning, UTC, unless an installation says another."""
    assert "0 7 * * *" == chase_dag.schedule({})
    assert "15 12 * * 1-5" == chase_dag.schedule({"COURIER_CHASE_CRON": "15 12 * * 1-5"})
    with pytest.raises(BadSetting, match="COURIER_CHASE_CRON"):
        chase_dag.schedule({"COURIER_CHASE_CRON": "in the morning"})


def test_a_clinic_that_stands_still_is_told_too(night, letters):
    """The watchdog's words stand beside the claims'."""
    night.ledger.clinics.put(Table.CLINIC, [{"key": "harbor", "mode": "paused"}])
    night.now = NOW
    night.later(days=20)

    chase_dag.chase()

    assert "harbor: it is paused" in letters.kept[0][2]
