"""The request for SFTP by a real mail server."""

import json
from email import message_from_bytes
from email.policy import SMTP

import pytest

from include.claims.errors import BadSetting
from include.orchestration import mail
from include.orchestration.mail import MAIL, send

DRAFT = (
    b"From: billing@example.org\r\nTo: help@example.com\r\nSubject: SFTP\r\nX-Unsent: 1\r\n\r\nHello,\r\nplease.\r\n"
)


def test_the_draft_goes_as_it_stands_from_the_clinics_address(post):
    """Sender, receiver and text are the draft's; it is no draft any more, and has an id to be found by."""
    assert send(DRAFT)

    [letter] = post.letters
    got = message_from_bytes(letter.content, policy=SMTP)
    assert ("billing@example.org", ["help@example.com"]) == (letter.mail_from, letter.rcpt_tos)
    assert "Hello,\r\nplease." in letter.content.decode()
    assert got["X-Unsent"] is None
    assert got["Message-ID"].endswith("@example.org>")


def test_a_server_that_refuses_the_sender_is_told_of(post):
    """The error names the connection and the way round it, and not what the server said: it may repeat a login."""
    post.refuse = "550 the-secret may not send as billing@example.org"

    with pytest.raises(BadSetting, match=r"claims_mail: the mail was not sent: SMTPSenderRefused.*by hand") as refused:
        send(DRAFT)

    assert "the-secret" not in str(refused.value)


def test_a_server_that_is_not_there_is_told_of(monkeypatch):
    """The step asks a person, who may send the draft."""
    gone = {
        "conn_type": "smtp",
        "host": "127.0.0.1",
        "port": 1,
        "extra": {"disable_tls": True, "disable_ssl": True, "retry_limit": 0},
    }
    monkeypatch.setenv(f"AIRFLOW_CONN_{MAIL.upper()}", json.dumps(gone))

    with pytest.raises(BadSetting, match="ConnectionRefusedError"):
        send(DRAFT)


def test_without_a_server_nothing_is_sent(monkeypatch):
    """A house that has none sends its drafts by hand."""
    monkeypatch.delenv(f"AIRFLOW_CONN_{MAIL.upper()}", raising=False)

    assert not mail.may_send()
    assert not send(DRAFT)
