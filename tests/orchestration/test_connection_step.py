"""What can be wrong with a new account, told by the shell and by the DAG's task alike, and mended."""

import socket
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from include.delivery.records import Step
from include.orchestration.onboard_asks import AGAIN, UNLOCKED
from include.sandbox.host_key import host_key_line
from include.sandbox.misbehaviour import Misbehaviour
from tests.night import ACCOUNT, CLINIC, PASSWORD
from tests.orchestration.desk import DONE, Desk


def nothing_more(_: Desk) -> None:
    """Do nothing beside the connection."""


@dataclass(frozen=True, kw_only=True)
class Wrong:
    """One thing that is wrong, in the connection or at the server; what is said of it, and what mends it."""

    connection: Callable[[Desk], dict[str, Any]] = lambda _: {}
    break_it: Callable[[Desk], None] = nothing_more
    mend_it: Callable[[Desk], None] = nothing_more
    reason: str
    remedy: str
    logins: int  # that were tried, however often somebody looked
    answer: str = AGAIN


def a_port_nobody_has(_: Desk) -> dict[str, Any]:
    """Return a port on which no server listens."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return {"port": free.getsockname()[1]}


def another_key(desk: Desk) -> dict[str, Any]:
    """Pin a key that is not the server's."""
    return {"extra": {"host_key": host_key_line(desk.night.home / "another"), "sandbox": True}}


REFUSED = "the server refused user name or password"
NEW_LOGIN = "./courier clinics credentials acorn"
FOLDERS = "name its folders in the connection's extra (inbound, outbound)"

WRONG = {
    "wrong password": Wrong(
        connection=lambda _: {"password": "not-the-password"},
        reason=f"{REFUSED} and does not say why",
        remedy=NEW_LOGIN,
        logins=1,
    ),
    "web login": Wrong(
        connection=lambda _: {"login": "acorn_web", "password": "the-web-password"},
        reason="it is not the SFTP password that came by mail but the web login's",
        remedy=NEW_LOGIN,
        logins=1,
    ),
    "locked account": Wrong(
        break_it=lambda desk: desk.sandbox.misbehave(Misbehaviour(refuse_logins=True)),
        mend_it=lambda desk: desk.sandbox.behave(),
        reason="the account is locked after too many refused logins",
        remedy="(the account was unlocked): ./courier accounts reset acorn@127.0.0.1:",
        logins=1,
        answer=UNLOCKED,
    ),
    "unknown host": Wrong(
        connection=lambda _: {"host": "no-such-host.invalid"},
        reason="no server of that name is known",
        remedy="check the connection's host, then the DNS",
        logins=0,
    ),
    "unreachable port": Wrong(
        connection=a_port_nobody_has,
        reason="no server listens there",
        remedy="check the connection's host and port, then the firewall",
        logins=0,
    ),
    "changed host key": Wrong(
        connection=another_key,
        reason="is pinned; check it with the clearinghouse",
        remedy="--yes`",
        logins=0,
    ),
    "no inbound": Wrong(
        break_it=lambda desk: desk.sandbox.inbound(ACCOUNT).rmdir(),
        mend_it=lambda desk: desk.sandbox.inbound(ACCOUNT).mkdir(),
        reason=", inbound: the server has no such folder",
        remedy=FOLDERS,
        logins=2,
    ),
    "no outbound": Wrong(
        break_it=lambda desk: desk.sandbox.outbound(ACCOUNT).rmdir(),
        mend_it=lambda desk: desk.sandbox.outbound(ACCOUNT).mkdir(),
        reason=", outbound: the server knows no such file or folder",
        remedy=FOLDERS,
        logins=2,
    ),
    "forbidden inbound": Wrong(
        break_it=lambda desk: desk.sandbox.misbehave(Misbehaviour(forbid_inbound=True)),
        mend_it=lambda desk: desk.sandbox.behave(),
        reason="permission denied by the server",
        remedy="ask the clearinghouse to mend the account",
        logins=2,
    ),
}


@pytest.fixture
def ledger_url(sqlite_url: str) -> str:
    """Take one ledger: what is told here is told of servers."""
    return sqlite_url


@pytest.fixture(params=list(WRONG.values()), ids=list(WRONG))
def wrong(request: pytest.FixtureRequest, desk: Desk) -> Wrong:
    """Return one thing that is wrong, and make it so."""
    wrong: Wrong = request.param
    desk.connect(**wrong.connection(desk))
    wrong.break_it(desk)
    return wrong


def verify(desk: Desk) -> int:
    """Type the command that looks at the connection."""
    return desk.shell("onboard", CLINIC, "verify", "--who", "casey")


def on_the_server(desk: Desk) -> list[Path]:
    """Return everything that lies in the account."""
    return sorted(desk.sandbox.folder(ACCOUNT).rglob("*"))


def logins(desk: Desk) -> int:
    """Count the passwords shown, whoever's."""
    return desk.sandbox.logins(ACCOUNT) + desk.sandbox.logins("acorn_web")


def test_the_shell_tells_what_is_wrong_and_goes_on(desk: Desk, wrong: Wrong, capsys: pytest.CaptureFixture[str]):
    """Reason and remedy on standard error, twice the same, nothing written there or here; mended, one look does it."""
    before = on_the_server(desk)

    assert [1, 1] == [verify(desk), verify(desk)]

    first, second = capsys.readouterr().err.splitlines()
    for said in (first, second):
        assert wrong.reason in said
        assert wrong.remedy in said
        assert not {"not-the-password", "the-web-password", PASSWORD} & {*said.split()}
    assert before == on_the_server(desk)
    assert wrong.logins == logins(desk)
    assert [] == desk.night.ports.ledger.onboarding.notes(CLINIC)
    mend(desk, wrong)
    assert 0 == verify(desk)


def mend(desk: Desk, wrong: Wrong) -> None:
    """Mend what is wrong; that an account was unlocked only a person can say."""
    wrong.mend_it(desk)
    desk.connect()
    for account in desk.night.ports.ledger.accounts.states():
        if wrong.answer == UNLOCKED:
            assert 0 == desk.shell("accounts", "reset", account.account, "--who", "casey")


def test_the_task_asks_with_what_is_wrong_and_goes_on(desk: Desk, wrong: Wrong):
    """The question has reason and remedy, each once, nothing is written there or here; mended, one answer does it."""
    before = on_the_server(desk)

    asked = [desk.run(Step.CONNECTION), desk.answer(Step.CONNECTION, AGAIN)]

    for question in asked:
        assert 1 == question.count(wrong.reason)
        assert wrong.remedy in question
        assert "From a shell: `" in question
    assert before == on_the_server(desk)
    assert wrong.logins == logins(desk)
    assert [] == desk.night.ports.ledger.onboarding.notes(CLINIC)
    wrong.mend_it(desk)
    desk.connect()
    assert DONE == desk.answer(Step.CONNECTION, wrong.answer)
    assert "robin" == desk.word(Step.CONNECTION).who


def test_the_list_says_what_a_refused_login_needs(desk: Desk, capsys: pytest.CaptureFixture[str]):
    """Where the step has failed, its remedy is not the pin that is there already."""
    desk.connect(password="not-the-password")
    verify(desk)
    capsys.readouterr()

    desk.shell("onboard", CLINIC)

    said = capsys.readouterr().out
    assert "FAILED   connection" in said
    assert "→ mend the login, then ./courier onboard acorn_aba verify --who NAME" in said
    assert "not-the-password" not in said


def test_a_word_that_the_login_is_right_tries_it_once(desk: Desk):
    """A person may be wrong: the login is refused again, and asked about again."""
    desk.connect()
    desk.sandbox.misbehave(Misbehaviour(refuse_logins=True))
    desk.run(Step.CONNECTION)

    assert REFUSED in desk.answer(Step.CONNECTION, UNLOCKED)

    assert 2 == logins(desk)
