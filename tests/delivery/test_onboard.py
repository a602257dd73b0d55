"""A clinic is set up from its facts to its first night, against a real clearinghouse's server."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from include.adapters.mailboxes import ConnectionMailboxes
from include.adapters.settings import Connection
from include.claims.errors import BadSetting, HostKeyMismatch, LoginRefused, NotAllowed, ServerUnreachable
from include.delivery.clinic_table import Mode
from include.delivery.onboard import SENT, State, onboarding
from include.delivery.onboard_acts import approve, first_night, remember, verify, write_request
from include.delivery.records import Kind, Step, Table
from include.delivery.render import render
from include.delivery.upload import upload
from include.sandbox.host_key import host_key_line
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.payers import PayerList
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim
from tests.night import ACCOUNT, CLINIC, NOW, PASSWORD, Night, some_claims

NEW = {"mode": "onboarding", "live_since": "", "contact": "billing@example.org", "first_night_claims": "2"}
LOGIN = {"login": ACCOUNT, "password": PASSWORD}


class Setup:
    """A clinic on its way, with a connection that a test fills in bit by bit."""

    def __init__(self, night: Night, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self.connection: Connection | None = None
        self.night = Night(night.home, mailboxes=ConnectionMailboxes(self._find, timeout=5))
        self.ports = self.night.ports

    def _find(self, _id: str) -> Connection:
        if self.connection is None:
            raise BadSetting("connection sftp_acorn: nowhere")
        return self.connection

    def connect(self, **changes: Any) -> None:
        """Put the connection as it should be, with something else where asked for."""
        whole: dict[str, Any] = {
            "id": "sftp_acorn",
            "type": "sftp",
            "host": self.sandbox.host,
            "port": self.sandbox.port,
            "extra": {"host_key": self.sandbox.host_key, "sandbox": True},
            **LOGIN,
        }
        self.connection = Connection(**{**whole, **changes})

    def states(self) -> dict[Step, State]:
        """Return where each step stands."""
        return {one.step: one.state for one in onboarding(CLINIC, self.ports)}

    def why(self, step: Step) -> str:
        """Return why a step stands where it stands."""
        return next(one.why for one in onboarding(CLINIC, self.ports) if one.step is step)

    def set_clinic(self, **cells: str) -> None:
        """Change cells of the clinic's row."""
        self.ports.ledger.clinics.put(Table.CLINIC, [{"key": CLINIC, **cells}])

    def send_test(self) -> list[int]:
        """Send a test file, as its run in Airflow does; return its batch."""
        self.set_clinic(mode="test")
        batch_ids = self.night.collect("test-1", kind=Kind.TEST).batch_ids
        for batch_id in batch_ids:
            render(batch_id, self.ports)
            upload(batch_id, self.ports)
        return batch_ids

    def all_but_approved(self) -> None:
        """Go through every step before the last."""
        self.connect()
        verify(CLINIC, "casey", self.ports)
        self.night.hold(some_claims(5))
        [batch_id] = self.send_test()
        self.night.until_settled(batch_id)
        remember(CLINIC, Step.HISTORY, self.ports, who="casey", note="none went before")


@pytest.fixture
def setup(tmp_path: Path) -> Iterator[Setup]:
    """Return a new clinic whose account the sandbox knows, with nothing done."""
    payers = PayerList(names={a_claim().payer.id: "EXAMPLE PAYER"})
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1, payers=payers) as sandbox:
        night = Night.prepare(tmp_path, sandbox, clinic=NEW, mailbox={"user_name": "acorn_web"})
        yield Setup(night, sandbox)


def test_a_new_clinic_begins_with_the_request(setup: Setup):
    """With its facts written down the mail is next; history may be told at once, all else waits for what is before."""
    expected = {
        Step.FACTS: State.DONE,
        Step.REQUEST: State.NEXT,
        Step.CREDENTIALS: State.LATER,
        Step.CONNECTION: State.LATER,
        Step.TEST_FILE: State.LATER,
        Step.HISTORY: State.NEXT,
        Step.APPROVAL: State.LATER,
    }
    assert expected == setup.states()
    assert "./courier onboard acorn_aba request" in onboarding(CLINIC, setup.ports)[1].remedy


@pytest.mark.parametrize(
    ("table", "row", "words"),
    [
        (Table.MAILBOX, {"key": ACCOUNT, "user_name": ""}, "column user_name"),
        (Table.CLINIC, {"key": CLINIC, "contact": "the front desk"}, "column contact"),
        (Table.BILLING_IDENTITY, {"key": "acorn", "npi": "1234567890"}, "column npi: its check digit"),
        (Table.BILLING_IDENTITY, {"key": "acorn", "clinic_key": "other"}, "nobody bills for it"),
        (Table.CLINIC, {"key": CLINIC, "timezone": "Mars"}, "column timezone"),
        (Table.CLINIC, {"key": CLINIC, "mailbox_key": "nowhere"}, "mailbox 'nowhere'"),
    ],
)
def test_a_wrong_fact_stops_all_else(setup: Setup, table: Table, row: dict[str, str], words: str):
    """What is missing or wrong is named with its row and column, and nothing else is next."""
    setup.ports.ledger.clinics.put(table, [row])

    assert words in setup.why(Step.FACTS)
    assert {State.FAILED, State.LATER} == set(setup.states().values())


def test_whoever_has_the_login_need_not_ask_for_it(setup: Setup):
    """A clinic that was there before this process is not asked for the facts of a mail nobody will write."""
    setup.ports.ledger.clinics.put(Table.MAILBOX, [{"key": ACCOUNT, "user_name": ""}])
    setup.set_clinic(contact="")
    setup.connect()

    states = setup.states()

    assert [State.DONE] * 3 == [states[step] for step in (Step.FACTS, Step.REQUEST, Step.CREDENTIALS)]


def test_the_request_is_kept_and_done_once_it_is_sent(setup: Setup):
    """A draft is not a mail: the step is done when somebody says that it went; then the credentials are awaited."""
    mail = write_request(CLINIC, setup.ports, software="Example Practice", support="help@example.org")
    drafted = setup.states()[Step.REQUEST]
    remember(CLINIC, Step.REQUEST, setup.ports, who="casey", note=SENT)

    [kept, _] = setup.ports.ledger.onboarding.notes(CLINIC)
    assert mail == setup.ports.vault.load(kept.evidence)
    assert (State.NEXT, State.DONE) == (drafted, setup.states()[Step.REQUEST])
    assert State.WAITING is setup.states()[Step.CREDENTIALS]
    assert "nowhere" in setup.why(Step.CREDENTIALS)


def test_a_request_without_its_facts_is_not_written(setup: Setup):
    """The mail is never sent with a blank where the user name belongs."""
    setup.ports.ledger.clinics.put(Table.MAILBOX, [{"key": ACCOUNT, "user_name": ""}])

    with pytest.raises(BadSetting, match="column user_name"):
        write_request(CLINIC, setup.ports, software="x", support="help@example.org")


@pytest.mark.parametrize("missing", [{"password": ""}, {"login": ""}])
def test_half_a_login_is_none(setup: Setup, missing: dict[str, str]):
    """User name and password come in two mails; one of them is not enough."""
    remember(CLINIC, Step.REQUEST, setup.ports, who="casey", note=SENT)
    setup.connect(**missing)

    assert State.WAITING is setup.states()[Step.CREDENTIALS]


def test_a_login_is_seen_once_and_nothing_is_written(setup: Setup):
    """One login sees both folders, leaves them as they were, and is remembered without a secret."""
    setup.connect()
    assert State.NEXT is setup.states()[Step.CONNECTION]

    seen = verify(CLINIC, "casey", setup.ports)

    assert (1, 0) == (setup.sandbox.logins(ACCOUNT), seen.files)
    assert [] == [*setup.sandbox.inbound(ACCOUNT).iterdir(), *setup.sandbox.outbound(ACCOUNT).iterdir()]
    assert State.DONE is setup.states()[Step.CONNECTION]
    assert PASSWORD not in repr(setup.ports.ledger.onboarding.notes(CLINIC))
    assert setup.ports.mailboxes.credential(setup.ports.ledger.clinics.mailbox(ACCOUNT)) not in repr(
        setup.ports.ledger.onboarding.notes(CLINIC)
    )


@pytest.mark.parametrize("change", [{"password": "another"}, {"extra": {"host_key": "another"}}, {"host": "localhost"}])
def test_a_changed_login_or_key_wants_another_look(setup: Setup, change: dict[str, Any], tmp_path: Path):
    """What was verified is true of one account, host key and password."""
    setup.connect()
    verify(CLINIC, "casey", setup.ports)

    setup.connect(**({"extra": {"host_key": host_key_line(tmp_path / "other")}} if "extra" in change else change))

    assert State.NEXT is setup.states()[Step.CONNECTION]
    assert "another login or host key" in setup.why(Step.CONNECTION)


def test_a_refused_login_is_told_with_its_causes_and_not_repeated(setup: Setup):
    """The web password in place of the SFTP one: told why, the account's breaker opens, no second try is made."""
    setup.connect(password="the web password")

    for _ in range(2):
        with pytest.raises(LoginRefused):
            verify(CLINIC, "casey", setup.ports)

    assert 1 == setup.sandbox.logins(ACCOUNT)
    assert State.FAILED is setup.states()[Step.CONNECTION]
    for cause in ("the web login's", "user name", "locked", "unpaid", "changed, or has expired"):
        assert cause in setup.why(Step.CONNECTION)
    setup.connect()
    verify(CLINIC, "casey", setup.ports)
    assert State.DONE is setup.states()[Step.CONNECTION]


def test_a_refused_login_is_shown_since_when(setup: Setup):
    """The step says when it was refused; a password that was changed anywhere is another login, to be looked at."""
    setup.connect(password="the web password")
    with pytest.raises(LoginRefused):
        verify(CLINIC, "casey", setup.ports)
    refused = setup.why(Step.CONNECTION)

    setup.connect(password="a newer one")

    assert "refused before, on 2026-03-06 04:00 UTC" in refused
    assert State.NEXT is setup.states()[Step.CONNECTION]


def test_a_login_that_was_good_can_be_refused_later(setup: Setup):
    """An invoice nobody paid: the step has failed again, until a person closes the breaker."""
    setup.connect()
    verify(CLINIC, "casey", setup.ports)
    setup.sandbox.misbehave(Misbehaviour(refuse_logins=True))
    with pytest.raises(LoginRefused):
        verify(CLINIC, "casey", setup.ports)
    refused = setup.states()[Step.CONNECTION]

    [account] = setup.ports.ledger.accounts.states()
    setup.ports.ledger.accounts.reset(account.account, "casey", NOW)

    assert (State.FAILED, State.DONE) == (refused, setup.states()[Step.CONNECTION])


def test_another_host_key_is_refused_before_the_password(setup: Setup, tmp_path: Path):
    """A server that is not the pinned one gets no password, and nothing is remembered."""
    setup.connect(extra={"host_key": host_key_line(tmp_path / "other")})

    with pytest.raises(HostKeyMismatch):
        verify(CLINIC, "casey", setup.ports)

    assert 0 == setup.sandbox.logins(ACCOUNT)
    assert [] == setup.ports.ledger.onboarding.notes(CLINIC)


def test_an_unpinned_key_is_next(setup: Setup):
    """Without a pinned key the step says how it is pinned."""
    setup.connect(extra={})

    assert State.NEXT is setup.states()[Step.CONNECTION]
    assert "./courier clinics pin acorn" in setup.why(Step.CONNECTION)
    with pytest.raises(BadSetting, match="host_key"):
        verify(CLINIC, "casey", setup.ports)


def test_an_unknown_host_is_named(setup: Setup):
    """A host nobody knows is told as that."""
    setup.connect(host="no-such-host.invalid")

    with pytest.raises(ServerUnreachable, match="no server of that name is known"):
        verify(CLINIC, "casey", setup.ports)


def test_a_missing_folder_is_named(setup: Setup):
    """An account without its folders is not verified."""
    setup.connect()
    setup.sandbox.misbehave(Misbehaviour(hide_inbound=True))
    with pytest.raises(BadSetting, match="inbound"):
        verify(CLINIC, "casey", setup.ports)
    setup.sandbox.behave()
    setup.sandbox.outbound(ACCOUNT).rmdir()

    with pytest.raises(BadSetting, match="outbound: the server knows no such file or folder"):
        verify(CLINIC, "casey", setup.ports)

    assert State.NEXT is setup.states()[Step.CONNECTION]


def test_a_test_file_is_awaited(setup: Setup):
    """It is next, then waits until its reports are in; a wrong one has to be sent again."""
    setup.connect()
    verify(CLINIC, "casey", setup.ports)
    before = setup.states()[Step.TEST_FILE]
    setup.sandbox.misbehave(Misbehaviour(never_answer=True))
    setup.night.hold(some_claims(5))

    setup.send_test()

    assert (State.NEXT, State.WAITING) == (before, setup.states()[Step.TEST_FILE])
    assert "0 of 5 claims accepted, 5 not answered" in setup.why(Step.TEST_FILE)


def test_a_test_file_nobody_took_is_no_test(setup: Setup):
    """Where the clearinghouse accepts none of its claims, the step has failed."""
    setup.connect()
    verify(CLINIC, "casey", setup.ports)
    setup.night.hold([replace(claim, payer=replace(claim.payer, id="NOBODY")) for claim in some_claims(2)])

    [batch_id] = setup.send_test()
    setup.night.until_settled(batch_id)

    assert "0 of 5 claims accepted" in setup.why(Step.TEST_FILE)
    assert State.FAILED is setup.states()[Step.TEST_FILE]


def test_a_clinic_goes_through_all_steps(setup: Setup):
    """After its test file came back accepted a person sets it live, and its first night is the next one due."""
    setup.all_but_approved()
    assert State.NEXT is setup.states()[Step.APPROVAL]

    first = approve(CLINIC, date(2026, 3, 9), setup.ports, who="casey", why="looked at the list")

    assert "2026-03-09T20:00:00-07:00" == first.isoformat()
    clinic = setup.ports.ledger.clinics.clinic(CLINIC)
    assert (Mode.LIVE, date(2026, 3, 9)) == (clinic.mode, clinic.live_since)
    assert {State.DONE} == set(setup.states().values())
    assert "casey: looked at the list" in setup.why(Step.APPROVAL)


def test_the_first_night_is_what_was_shown(setup: Setup):
    """What a person is shown before the yes is what the capped first night takes; the next takes the rest."""
    setup.all_but_approved()
    shown = [line.control_number for line in first_night(setup.ports.ledger.clinics.clinic(CLINIC), setup.ports)]
    approve(CLINIC, date(2026, 3, 6), setup.ports, who="casey", why="looked")

    nights = [setup.night.collect(run_id, window_end=NOW + timedelta(days=3)).batch_ids for run_id in ("1", "2")]

    sent = [[one.control_number for one in setup.ports.ledger.batches.claims(batch)] for [batch] in nights]
    assert shown == sent[0]
    assert ([2, 3], 5) == ([len(numbers) for numbers in sent], len({*sent[0], *sent[1]}))


def test_nobody_approves_what_is_not_done(setup: Setup):
    """The first step that is missing is named with what to do, and nothing changes."""
    setup.connect()

    with pytest.raises(NotAllowed, match=r"connection is next.*verify"):
        approve(CLINIC, date(2026, 3, 9), setup.ports, who="casey", why="in a hurry")

    assert Mode.ONBOARDING is setup.ports.ledger.clinics.clinic(CLINIC).mode
    assert [] == setup.ports.ledger.onboarding.notes(CLINIC)


@pytest.mark.parametrize("on", [date(2026, 3, 5), date(2026, 3, 1)])
def test_a_day_whose_run_was_due_is_refused(setup: Setup, on: date):
    """Airflow may start the last run that was due as soon as a DAG is unpaused: a clinic is never live for it."""
    setup.all_but_approved()
    # Five past eight in the evening of the fifth, where the clinic is.
    setup.ports = replace(setup.ports, now=lambda: NOW + timedelta(minutes=5))

    with pytest.raises(NotAllowed, match="say a day after 2026-03-05"):
        approve(CLINIC, on, setup.ports, who="casey", why="today")

    assert Mode.TEST is setup.ports.ledger.clinics.clinic(CLINIC).mode
