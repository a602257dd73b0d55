"""What several suites share and none should make twice: the demo's night."""

import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@dataclass(frozen=True, slots=True)
class Demo:
    """`make demo` in a folder of its own, and what it printed."""

    home: Path
    ended: subprocess.CompletedProcess[str]


def run_demo(home: Path) -> Demo:
    """Run what the Makefile's target runs."""
    command = [sys.executable, "-m", "include.cli", "demo", "--home", str(home)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    ended = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=900, check=False)
    return Demo(home, ended)


@pytest.fixture(scope="session")
def first_demo(tmp_path_factory) -> Demo:
    """Run the demo once; whoever changes what it left takes a copy."""
    return run_demo(tmp_path_factory.mktemp("demo") / "courier")
