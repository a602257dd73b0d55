"""The login check as Airflow runs it: which mailboxes, one task each, and what each failure means for the next try."""

import json
import logging

import pytest
from airflow.sdk import RetryAction
from airflow.sdk.exceptions import TaskDeferred

from include.claims.errors import BadSetting, HostKeyMismatch, LeaseHeld, LoginRefused, ServerUnreachable
from include.delivery.records import Table
from include.orchestration import logins_dag, operators
from include.orchestration.mailboxes import AirflowMailboxes
from include.orchestration.operators import CheckLogin
from include.orchestration.retries import BY_ERROR_FAMILY
from include.sandbox.sandbox import Sandbox
from tests.night import ACCOUNT, CLINIC_ROW, MAILBOX_ROW, PASSWORD, Night
from tests.orchestration.ports_by_hand import PortsByHand


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        yield sandbox


@pytest.fixture(name="connect")
def _connect(sandbox, monkeypatch):
    """Give Airflow the mailbox's connection; a test names what is wrong with it."""

    def connect(**changes: object) -> None:
        good = {"conn_type": "sftp", "host": sandbox.host, "port": sandbox.port, "login": ACCOUNT, "password": PASSWORD}
        extra = {"host_key": sandbox.host_key, "sandbox": True}
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACORN", json.dumps({**good, "extra": extra, **changes}))

    connect()
    return connect


@pytest.fixture(name="night")
def _night(tmp_path, sandbox, connect, monkeypatch):
    """Let the tasks find a real ledger, and mailboxes by Airflow's connections through the provider's hook."""
    night = Night.prepare(tmp_path, sandbox)
    for module in (logins_dag, operators):
        monkeypatch.setattr(module, "ports_for_task", lambda: Night(night.home, mailboxes=AirflowMailboxes()).ports)
    return night


def check(mailbox_key: str = ACCOUNT):
    """Run the task of one mailbox."""
    return CheckLogin(task_id="check_login", mailbox_key=mailbox_key).execute({})


def decided(error: Exception) -> RetryAction:
    """Return what the house's retry table does about an error at a task's first try."""
    return BY_ERROR_FAMILY.evaluate(error, 1, 5).action


def test_a_mailbox_that_is_set_up_is_left_out_with_a_word(night, caplog):
    """Its clinic has no login yet; the log says what is lacking, and nothing is red."""
    clinics = night.ports.ledger.clinics
    clinics.put(Table.MAILBOX, [{**MAILBOX_ROW, "key": "new", "connection_id": "sftp_new"}])
    clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": "beginner", "mailbox_key": "new", "mode": "onboarding"}])

    with caplog.at_level(logging.INFO):
        keys = logins_dag.mailboxes_to_check()

    assert [ACCOUNT] == keys
    assert "left out mailbox=new, its clinics are still being set up: connection sftp_new" in caplog.text


def test_a_login_that_works_leaves_counts(night, sandbox):
    """The mailbox's key and a number go to XCom, nothing else."""
    assert {"mailbox": ACCOUNT, "files": 0} == check()
    assert 1 == sandbox.logins(ACCOUNT)


def test_a_refused_login_is_tried_once_whatever_airflow_does(night, connect, sandbox):
    """The task fails without a further try, and neither the next day's run nor a clearing makes another login."""
    connect(password="expired")

    for _ in range(3):
        with pytest.raises(LoginRefused, match="mailbox acorn: deliveries are paused for acorn_aba") as refused:
            check()
        assert RetryAction.FAIL is decided(refused.value)

    assert 1 == sandbox.logins(ACCOUNT)


def test_a_server_that_is_down_is_asked_again(night, connect):
    """Airflow's retries go on, and the breaker stays closed."""
    connect(port=1)

    with pytest.raises(ServerUnreachable) as down:
        check()

    assert RetryAction.RETRY is decided(down.value)
    assert [None] == [state.refused_at for state in night.ports.ledger.accounts.states()]


@pytest.mark.parametrize("error", [HostKeyMismatch("another key"), BadSetting("no such folder")])
def test_what_a_person_must_mend_is_not_tried_again(error):
    """A strange key and a missing folder fail the task at once."""
    assert RetryAction.FAIL is decided(error)


def test_a_mailbox_in_use_is_waited_for(monkeypatch):
    """Another session costs the check no try and no worker; it looks once the account is free."""

    def held(*_):
        raise LeaseHeld("another")

    monkeypatch.setattr(operators, "ports_for_task", PortsByHand)
    monkeypatch.setattr(operators, "check_login", held)

    with pytest.raises(TaskDeferred) as deferred:
        check()

    assert "execute_again" == deferred.value.method_name


def test_the_hour_is_a_setting():
    """Four in the afternoon, UTC, unless an installation says another."""
    assert "0 16 * * *" == logins_dag.schedule({})
    assert "30 13 * * 1-5" == logins_dag.schedule({"COURIER_LOGINS_CRON": "30 13 * * 1-5"})
    with pytest.raises(BadSetting, match="COURIER_LOGINS_CRON"):
        logins_dag.schedule({"COURIER_LOGINS_CRON": "at tea time"})
