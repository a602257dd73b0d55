"""The ledgers every contract test runs on."""

import pytest

from include.adapters.ledger import Ledger
from tests.contract.night import Night
from tests.databases import a_ledger, ledger_url, postgres_server, postgres_url, sqlite_template, sqlite_url

__all__ = ["ledger", "ledger_url", "night", "postgres_server", "postgres_url", "sqlite_template", "sqlite_url"]


@pytest.fixture
def ledger(ledger_url: str) -> Ledger:
    """Return a fresh ledger."""
    return a_ledger(ledger_url)


@pytest.fixture
def night(ledger: Ledger) -> Night:
    """Return a ledger with one live clinic, ready for a night."""
    return Night(ledger)
