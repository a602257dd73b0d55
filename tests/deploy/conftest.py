"""What the tests of `deploy/` share: its files as they lie there, and the program of Prometheus that judges them."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.contract.conftest import ledger, night
from tests.databases import ledger_url, postgres_server, postgres_url, sqlite_template, sqlite_url
from tests.machine import lacking
from tests.web.conftest import browser, runs, somebody

__all__ = [
    "browser", "ledger", "ledger_url", "night", "postgres_server", "postgres_url", "runs", "somebody",
    "sqlite_template", "sqlite_url",
]  # fmt: skip

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "deploy"


def read_yaml(name: str) -> Any:
    """Return a file of `deploy/`."""
    return yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def promtool() -> str:
    """Return Prometheus's own checker; skip aloud where there is none, fail on CI."""
    found = shutil.which("promtool")
    if found is None:
        lacking("no promtool on this machine (make system-packages takes it out of Debian's package)")
    return found
