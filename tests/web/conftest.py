"""The page over a real ledger, and somebody to look at it."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

import pytest
from fastapi import HTTPException, Request
from fastapi.testclient import TestClient

from include.adapters.ledger import Ledger
from include.claims.errors import NotAllowed
from include.web.app import build_app
from include.web.viewer import May, Viewer
from tests.contract.night import Night
from tests.databases import a_ledger, ledger_url, postgres_server, postgres_url, sqlite_template, sqlite_url
from tests.web.world import world_of

__all__ = ["ledger_url", "postgres_server", "postgres_url", "sqlite_template", "sqlite_url"]


@dataclass
class Somebody:
    """Who is signed in: may do everything, everywhere, unless a test says otherwise; implements `viewer.Viewer`."""

    name: str = "Billa Example"
    allowed: set[May] = field(default_factory=lambda: set(May))
    only: set[str] | None = None  # clinics; None: all

    def may(self, what: May, clinic_key: str = "") -> bool:
        """Tell whether they may."""
        return what in self.allowed and (not clinic_key or self.only is None or clinic_key in self.only)

    def clinics(self, keys: Collection[str]) -> set[str]:
        """Return those they may look at."""
        return set(keys) if self.only is None else self.only & set(keys)


@pytest.fixture
def ledger(ledger_url: str) -> Ledger:
    """Return a fresh ledger."""
    return a_ledger(ledger_url)


@pytest.fixture
def night(ledger: Ledger) -> Night:
    """Return a ledger with one live clinic, ready for a night."""
    return Night(ledger)


@pytest.fixture
def somebody() -> Somebody:
    """Return who looks; a test takes rights away."""
    return Somebody()


@dataclass
class Runs:
    """Runs that the page has started, instead of Airflow's."""

    started: list[tuple[str, tuple[str, ...], str]] = field(default_factory=list)
    refuse: str = ""

    def start(self, clinic_key: str, claim_keys: Sequence[str], viewer: Viewer) -> str:
        """Start one, or refuse to."""
        if self.refuse:
            raise NotAllowed(self.refuse)
        self.started.append((clinic_key, tuple(claim_keys), viewer.name))
        return f"run-{len(self.started)}"


@pytest.fixture
def runs() -> Runs:
    """Return the runs a test's page starts."""
    return Runs()


@pytest.fixture
def browser(night, somebody, runs):
    """Return a browser that is signed in; it sends `stranger` where it is not."""

    def signed_in(request: Request) -> Somebody:
        if request.headers.get("stranger"):
            raise HTTPException(401, "Not authenticated")
        return somebody  # type: ignore[no-any-return]  # a fixture

    with TestClient(
        build_app(lambda: world_of(night), signed_in, runs.start), headers={"Accept": "text/html"}
    ) as client:
        yield client
