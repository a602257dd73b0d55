import json
from collections import Counter
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from include.claims.errors import BadSetting, HostKeyMismatch, LoginRefused, ServerUnreachable, TransferBroken
from include.delivery.clinic_table import Mailbox, mailbox_from_row
from include.orchestration.mailboxes import AirflowMailboxes
from include.sandbox.misbehaviour import Misbehaviour
from include.sandbox.sandbox import Sandbox
from tests.chaos.proxy import Manners, Proxy
from tests.orchestration.clinic_rows import a_mailbox_row
from tests.remotes import break_unnoticed
from tests.sshd import sshd, sshd_server

__all__ = ["sshd", "sshd_server"]

PASSWORD = "invented-password"
OTHER_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIEhM0ZkPc4Q4XQ0ZC2u8l0vZk9v9m6o7r3pF2n1yq5Xc"


@pytest.fixture(name="sandbox", scope="module")
def _sandbox(tmp_path_factory):
    with Sandbox(tmp_path_factory.mktemp("sandbox"), {"acorn": PASSWORD}) as sandbox:
        yield sandbox


@pytest.fixture(name="connect")
def _connect(sandbox, monkeypatch):
    """Give Airflow the mailbox's connection; a test names what is wrong with it."""

    def connect(*, extra: dict[str, object] | None = None, **changes: object) -> Mailbox:
        good = {"host_key": sandbox.host_key, "sandbox": True, "compress": False}
        connection = {
            "conn_type": "sftp",
            "host": sandbox.host,
            "port": sandbox.port,
            "login": "acorn",
            "password": PASSWORD,
            "extra": good if extra is None else extra,
        }
        monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACORN", json.dumps({**connection, **changes}))
        return mailbox_from_row(a_mailbox_row())

    return connect


def test_the_clinics_own_connection_is_opened(connect, sandbox):
    """One login through the provider's hook gives the account's folders, and whom we talk to."""
    mailbox = connect()
    before = sandbox.logins("acorn")

    with AirflowMailboxes().open(mailbox) as server:
        listed = server.list_outbound()

    assert [] == listed
    assert 1 == sandbox.logins("acorn") - before
    assert server.identity.is_sandbox
    assert AirflowMailboxes().identity(mailbox).key_fingerprint == server.identity.key_fingerprint


def test_a_refused_login_is_tried_once(connect, sandbox):
    """The hook's own three tries are off: the account sees one refused login."""
    mailbox = connect(password="not-the-one")
    before = sandbox.logins("acorn")

    with pytest.raises(LoginRefused, match="acorn"), AirflowMailboxes().open(mailbox):
        pass

    assert 1 == sandbox.logins("acorn") - before


def test_a_refusal_is_heard_though_the_server_hangs_up_behind_it(connect, sandbox):
    """The line's end may be noticed before the refusal that came first; the hook's login was refused all the same."""
    mailbox = connect(password="not-the-one")
    sandbox.misbehave(Misbehaviour(hang_up_on_refusal=True))
    try:
        for _ in range(12):
            with pytest.raises(LoginRefused, match="acorn"), AirflowMailboxes().open(mailbox):
                pass
    finally:
        sandbox.behave()


def test_another_host_key_is_told_with_both_fingerprints(connect, sandbox):
    """The error shows the key that came, the key that is pinned and the command that pins."""
    other = Sandbox(Path(sandbox.home) / "other", {}).host_key
    mailbox = connect(extra={"host_key": other})

    with pytest.raises(HostKeyMismatch) as mismatch, AirflowMailboxes().open(mailbox):
        pass

    assert 2 == Counter(str(mismatch.value).split(" "))["SHA256:"] + str(mismatch.value).count("SHA256:")
    assert "./courier clinics pin" in str(mismatch.value)


def test_a_connection_without_a_pinned_key_is_refused(connect):
    """No server is trusted unseen."""
    mailbox = connect(extra={})

    with pytest.raises(BadSetting, match=r"host_key.*\./courier clinics pin acorn"):
        AirflowMailboxes().identity(mailbox)


def test_a_missing_connection_is_told_by_mailbox_and_id(monkeypatch):
    """The message names the mailbox and the connection Airflow does not have."""
    mailbox = mailbox_from_row(a_mailbox_row("nobody"))

    with pytest.raises(BadSetting, match=r"connection sftp_nobody, wanted by mailbox nobody"):
        AirflowMailboxes().identity(mailbox)


def test_a_server_that_is_not_there_is_tried_again_later(connect):
    """A closed port is the world being busy, not a setting to mend."""
    mailbox = connect(port=1)

    with pytest.raises(ServerUnreachable), AirflowMailboxes().open(mailbox):
        pass


def test_a_line_that_broke_unnoticed_does_not_hide_what_was_told(connect):
    """The hook's goodbye fails on such a line; what the session came to before stands."""
    with pytest.raises(TransferBroken, match="half of it"), AirflowMailboxes().open(connect()) as server:
        break_unnoticed(server, TransferBroken("half of it was written"))


def test_a_server_that_falls_silent_as_sftp_begins_lets_go(connect, sandbox, monkeypatch):
    """Let in, then never answered again: the task does not wait for ever, and tries again later."""
    # Two minutes are too long for a test.
    monkeypatch.setattr("include.orchestration.mailboxes.BEGINNING_SECONDS", 2.0)
    with Proxy(sandbox.port) as line:
        mailbox = connect(port=line.port)
        with AirflowMailboxes().open(mailbox):
            heard = line.heard
        with (
            line.behaving(Manners(hangs_after=heard - 1)),
            pytest.raises(ServerUnreachable),
            AirflowMailboxes().open(mailbox),
        ):
            pass


def test_a_connection_that_checks_no_key_is_refused(connect, sandbox):
    """A connection that pins a key and asks not to check it contradicts itself."""
    mailbox = connect(extra={"host_key": sandbox.host_key, "no_host_key_check": True})

    with pytest.raises(BadSetting, match="mailbox acorn"), AirflowMailboxes().open(mailbox):
        pass


def test_a_changed_password_is_another_credential(connect):
    """The breaker closes by itself when the password changes, and no password can be read from it."""
    first = AirflowMailboxes().credential(connect())

    second = AirflowMailboxes().credential(connect(password="another"))

    assert first != second
    assert PASSWORD not in first


@pytest.mark.parametrize("by", ["password", "key"])
def test_openssh_lets_the_hook_in_by_password_and_by_key(by, sshd, monkeypatch):
    """A real sshd takes either login through the provider's hook, in one try; the file lies there whole."""
    extra = {"host_key": sshd.host_key} | ({"private_key": sshd.private_key} if by == "key" else {})
    login = {"login": sshd.user, "password": sshd.password if by == "password" else ""}
    server = {"conn_type": "sftp", "host": sshd.host, "port": sshd.port}
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACORN", json.dumps({**server, **login, "extra": extra}))
    before = sshd.logins

    with AirflowMailboxes().open(mailbox_from_row(a_mailbox_row())) as session:
        session.put("CC000042.837P.txt", b"ISA", lambda: True)

    assert b"ISA" == (sshd.inbound / "CC000042.837P.txt").read_bytes()
    assert (by == "password") == (sshd.logins - before)
    assert not session.identity.is_sandbox


def test_openssh_refuses_another_key_once(sshd, monkeypatch):
    """A key the account does not have is a refused login."""
    other = Ed25519PrivateKey.generate().private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    extra = {"host_key": sshd.host_key, "private_key": other}
    connection = {"conn_type": "sftp", "host": sshd.host, "port": sshd.port, "login": sshd.user, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_SFTP_ACORN", json.dumps(connection))

    with pytest.raises(LoginRefused), AirflowMailboxes().open(mailbox_from_row(a_mailbox_row())):
        pass
