"""Every login is tried by day, against a real server: what was refused stops there, what was busy stops nothing."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from include.adapters.mailboxes import ConnectionMailboxes
from include.adapters.settings import Connection
from include.claims.errors import (
    BadSetting,
    HostKeyMismatch,
    LeaseHeld,
    LoginRefused,
    NeedsRepair,
    RetryLater,
    ServerUnreachable,
)
from include.delivery.login_check import InUse, check_login, logins_in_use
from include.delivery.records import Kind, Table
from include.delivery.standstill import lines
from include.sandbox.host_key import host_key_line
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.night import ACCOUNT, CLINIC, CLINIC_ROW, MAILBOX_ROW, NOW, PASSWORD, Night, some_claims


class Desk:
    """A clinic whose connection a test changes, as a person would in Airflow."""

    def __init__(self, night: Night, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        extra = {"host_key": sandbox.host_key, "sandbox": True}
        self.connection = Connection(
            id="sftp_acorn",
            type="sftp",
            host=sandbox.host,
            port=sandbox.port,
            login=ACCOUNT,
            password=PASSWORD,
            extra=extra,
        )
        self.night = Night(night.home, mailboxes=ConnectionMailboxes(self._find, timeout=5))
        self.ports = self.night.ports

    def _find(self, connection_id: str) -> Connection:
        if connection_id != self.connection.id:
            raise BadSetting(f"connection {connection_id}: nowhere")
        return self.connection

    def change(self, **cells: Any) -> None:
        """Change the connection."""
        self.connection = replace(self.connection, **cells)

    def refusal(self) -> str:
        """Check the login, and return what is said of its refusal."""
        with pytest.raises(LoginRefused) as refused:
            check_login(ACCOUNT, self.ports)
        return str(refused.value)

    def is_paused(self) -> bool:
        """Tell whether the breaker stops anybody."""
        return any(state.refused_at for state in self.ports.ledger.accounts.states())

    def add(self, key: str, **cells: str) -> None:
        """Add a clinic with a mailbox of its own, whose connection is not there."""
        clinics = self.ports.ledger.clinics
        clinics.put(Table.MAILBOX, [{**MAILBOX_ROW, "key": key, "connection_id": f"sftp_{key}"}])
        clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": key, "mailbox_key": key, **cells}])


@pytest.fixture(name="sandbox")
def _sandbox(tmp_path) -> Iterator[Sandbox]:
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        yield sandbox


@pytest.fixture(name="desk")
def _desk(tmp_path, sandbox) -> Desk:
    return Desk(Night.prepare(tmp_path, sandbox), sandbox)


def test_a_login_that_works_is_seen_and_nothing_is_written(desk):
    """One login sees both folders and leaves them as they were."""
    desk.sandbox.place(ACCOUNT, "1234567890_HCFA_FULL_20260306.txt", b"?")

    seen = check_login(ACCOUNT, desk.ports)

    assert (1, 1) == (desk.sandbox.logins(ACCOUNT), seen.files)
    assert [] == list(desk.sandbox.inbound(ACCOUNT).iterdir())
    assert set() == desk.ports.ledger.responses.known(ACCOUNT)
    assert not desk.is_paused()


def test_a_refused_login_pauses_and_says_whom(desk):
    """Mailbox, clinics, causes and remedy stand in the message, and the breaker is open."""
    desk.change(password="expired")

    said = desk.refusal()

    assert f"mailbox {ACCOUNT}: deliveries are paused for {CLINIC}. " in said
    assert "the password was changed, or has expired" in said
    assert "./courier clinics credentials" in said
    assert desk.is_paused()


def test_a_refused_login_is_not_tried_again(desk):
    """The second day's check asks nobody: it says since when, and what to do."""
    desk.change(password="expired")
    desk.refusal()

    said = desk.refusal()

    assert 1 == desk.sandbox.logins(ACCOUNT)
    assert "refused before, on 2026-03-06 04:00 UTC" in said
    assert "./courier accounts reset acorn@127.0.0.1" in said


def test_a_mended_login_goes_on_by_itself(desk):
    """Nobody has to close the breaker where the password is another one."""
    desk.change(password="expired")
    desk.refusal()
    desk.change(password=PASSWORD)

    check_login(ACCOUNT, desk.ports)

    assert (2, False) == (desk.sandbox.logins(ACCOUNT), desk.is_paused())


@pytest.mark.parametrize("change", [{"port": 1}, {"host": "no-such-host.invalid"}])
def test_a_server_that_is_not_there_pauses_nothing(desk, change):
    """A closed port and a name nobody knows are asked again, and deliveries stay as they were."""
    desk.change(**change)

    with pytest.raises(ServerUnreachable) as unreachable:
        check_login(ACCOUNT, desk.ports)

    assert isinstance(unreachable.value, RetryLater)
    assert not desk.is_paused()


def test_a_server_that_was_stopped_pauses_nothing(tmp_path):
    """The clearinghouse is down for an hour: nothing is paused, and the login works once it is back."""
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        desk = Desk(Night.prepare(tmp_path, sandbox), sandbox)
    with pytest.raises(ServerUnreachable):
        check_login(ACCOUNT, desk.ports)
    paused = desk.is_paused()

    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        desk.change(port=sandbox.port)
        assert 0 == check_login(ACCOUNT, desk.ports).files
    assert not paused


def test_a_line_that_breaks_during_the_login_is_no_refusal(desk):
    """The password was under way and nobody said no."""
    desk.sandbox.misbehave(Misbehaviour(cut_on_login=True))

    with pytest.raises(ServerUnreachable):
        check_login(ACCOUNT, desk.ports)

    assert not desk.is_paused()


def test_another_host_key_wants_a_person_and_shows_no_password(desk, tmp_path):
    """A server that is not the pinned one is no refused login."""
    desk.change(extra={**desk.connection.extra, "host_key": host_key_line(tmp_path / "other")})

    with pytest.raises(HostKeyMismatch):
        check_login(ACCOUNT, desk.ports)

    assert (0, False) == (desk.sandbox.logins(ACCOUNT), desk.is_paused())


def test_a_missing_folder_wants_a_person(desk):
    """An account that lost a folder is told by the folder, whichever it is."""
    desk.sandbox.misbehave(Misbehaviour(hide_inbound=True))
    with pytest.raises(BadSetting, match="inbound"):
        check_login(ACCOUNT, desk.ports)
    desk.sandbox.behave()
    desk.sandbox.outbound(ACCOUNT).rmdir()

    with pytest.raises(BadSetting, match="outbound"):
        check_login(ACCOUNT, desk.ports)

    assert not desk.is_paused()


@pytest.mark.parametrize("change", [{"password": ""}, {"extra": {}}, {"id": "sftp_elsewhere"}])
def test_a_connection_that_lacks_something_wants_a_person(desk, change):
    """No password, no pinned key, no connection: nobody logs in."""
    desk.change(**change)

    with pytest.raises(NeedsRepair):
        check_login(ACCOUNT, desk.ports)

    assert 0 == desk.sandbox.logins(ACCOUNT)


def test_a_mailbox_in_use_is_not_entered_twice(desk):
    """While another session is going on the check waits for its turn."""
    account = desk.ports.mailboxes.identity(desk.ports.ledger.clinics.mailbox(ACCOUNT)).account
    desk.ports.ledger.accounts.acquire(account, "an upload", 60, "credential")

    with pytest.raises(LeaseHeld):
        check_login(ACCOUNT, desk.ports)

    assert 0 == desk.sandbox.logins(ACCOUNT)


def test_each_mailbox_in_use_is_checked_once(desk):
    """Clinics that share a login are one check; a clinic that has left is none."""
    desk.ports.ledger.clinics.put(Table.CLINIC, [{**CLINIC_ROW, "key": "second"}])
    desk.add("left", mode="archived")

    assert InUse(mailboxes=(ACCOUNT,), left_out={}) == logins_in_use(desk.ports)


def test_a_clinic_without_a_login_is_left_out_while_it_is_set_up(desk):
    """What its mailbox lacks is said; once the clinic is to deliver, the same lack is a fault."""
    desk.add("beginner", mode="onboarding")
    before = logins_in_use(desk.ports)
    desk.add("beginner", mode="test")

    assert ((ACCOUNT,), {"beginner": "connection sftp_beginner: nowhere"}) == (before.mailboxes, before.left_out)
    assert InUse(mailboxes=(ACCOUNT, "beginner"), left_out={}) == logins_in_use(desk.ports)


def test_a_clinic_that_has_its_login_is_checked_before_it_is_live(desk):
    """A login that is there can go wrong."""
    desk.ports.ledger.clinics.put(Table.CLINIC, [{"key": CLINIC, "mode": "onboarding"}])
    desk.change(password="the web password")

    assert (ACCOUNT,) == logins_in_use(desk.ports).mailboxes
    assert "paused for no clinic yet" in desk.refusal()


def test_a_clinic_whose_row_is_wrong_is_checked_all_the_same(desk):
    """A bad cell elsewhere in the row costs no login its check."""
    desk.ports.ledger.clinics.put(Table.CLINIC, [{"key": CLINIC, "timezone": "Mars"}])

    assert (ACCOUNT,) == logins_in_use(desk.ports).mailboxes


def test_a_paused_clinic_seals_nothing_and_logs_nobody_in(desk):
    """The night stops before it begins, with since when and what to do; its claims stay as they were."""
    desk.night.hold(some_claims(2))
    desk.change(password="expired")
    desk.refusal()

    with pytest.raises(LoginRefused, match=r"clinic acorn_aba: deliveries are paused.* on 2026-03-06 04:00 UTC"):
        desk.night.collect()

    assert (1, []) == (desk.sandbox.logins(ACCOUNT), desk.ports.ledger.report.batches())
    assert [] == list(desk.ports.ledger.report.claim_lines())


def test_a_paused_clinic_can_still_run_dry(desk):
    """A dry run sends nothing, so it needs no login."""
    desk.night.hold(some_claims(2))
    desk.change(password="expired")
    desk.refusal()

    [batch_id] = desk.night.collect("dry-1", kind=Kind.DRY).batch_ids

    assert 2 == desk.ports.ledger.batches.get(batch_id).claim_count


@pytest.mark.parametrize("how", ["another password", "a person's word"])
def test_a_night_goes_on_once_the_login_is_mended(desk, how):
    """The next run takes everything that waited; nobody has to remember it."""
    desk.night.hold(some_claims(2))
    desk.change(password="expired")
    desk.refusal()
    with pytest.raises(LoginRefused):
        desk.night.collect("night-1")

    if how == "another password":
        desk.change(password=PASSWORD)
    else:
        [account] = desk.ports.ledger.accounts.states()
        desk.ports.ledger.accounts.reset(account.account, "casey", NOW)
    [batch_id] = desk.night.collect("night-2").batch_ids

    assert 2 == desk.ports.ledger.batches.get(batch_id).claim_count


def test_what_was_sealed_before_stays_the_runs_own(desk):
    """A run that is cleared finds its batches: what is delivered needs no login to be looked up."""
    desk.night.hold(some_claims(2))
    sealed = desk.night.deliver("night-1")
    desk.change(password="expired")
    desk.refusal()

    assert sealed == desk.night.collect("night-1").batch_ids


def test_who_stands_still_is_said_until_the_login_is_another(desk):
    """The page names mailbox, clinic and remedy; a corrected user name is another account, and blames nobody."""
    desk.change(login="acorn_web")
    desk.refusal()
    wrong = lines(desk.ports.ledger)
    desk.change(login=ACCOUNT)

    check_login(ACCOUNT, desk.ports)

    assert "deliveries are paused for acorn_aba (mailbox acorn); ./courier clinics credentials acorn" in wrong[0]
    assert [False] == ["acorn_aba" in line for line in lines(desk.ports.ledger)]
