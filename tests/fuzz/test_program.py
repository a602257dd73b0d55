"""`make fuzz` runs, where its fuzzer does."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def test_the_guided_program_says_what_it_did(tmp_path):
    """`make fuzz`: a line a reader, and exit status 0 where nothing was found."""
    pytest.importorskip("atheris", reason="atheris is not installed: it has wheels for Linux on x86-64 only")
    command = [sys.executable, "-m", "tests.fuzz", "1", "names"]

    run = subprocess.run(
        command, cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True, check=False
    )

    assert 0 == run.returncode, run.stdout
    assert re.search(r"^names +[1-9][\d,]* .* 0$", run.stdout, re.MULTILINE)
