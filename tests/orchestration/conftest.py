"""Fixes the Airflow home before any test here imports Airflow; then ledgers, a desk, and a mail server."""

import json
import socket

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import Envelope

import tests.airflow_home  # noqa: F401
from tests.databases import ledger_url, postgres_server, postgres_url, sqlite_template, sqlite_url
from tests.orchestration.desk import desk

__all__ = ["desk", "ledger_url", "post", "postgres_server", "postgres_url", "sqlite_template", "sqlite_url"]


class Post:
    """Keeps what it gets, and refuses where it is told to."""

    def __init__(self) -> None:
        self.letters: list[Envelope] = []
        self.refuse = ""

    async def handle_MAIL(self, server, session, envelope, address, options):  # noqa: N802  # aiosmtpd's name
        """Take or refuse a sender."""
        if self.refuse:
            return self.refuse
        envelope.mail_from = address
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802  # aiosmtpd's name
        """Keep a letter."""
        self.letters.append(envelope)
        return "250 OK"


@pytest.fixture
def post(monkeypatch):
    """Run a mail server of its own, and let Airflow know it."""
    post = Post()
    # Its controller knocks at the port it was given, so that must be a real one.
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    controller = Controller(post, hostname="127.0.0.1", port=port)
    controller.start()
    extra = {"disable_tls": True, "disable_ssl": True, "retry_limit": 0}
    connection = {"conn_type": "smtp", "host": "127.0.0.1", "port": port, "extra": extra}
    monkeypatch.setenv("AIRFLOW_CONN_CLAIMS_MAIL", json.dumps(connection))
    yield post
    controller.stop()
