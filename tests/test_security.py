"""What is checked about safety as a whole: the rules of the linter, and the audit of what we depend on."""

import os
import re
import subprocess
import tomllib
from pathlib import Path

ROOT = Path(__file__).parents[1]
CODE = [path for folder in ("include", "dags", "plugins") for path in sorted((ROOT / folder).rglob("*.py"))]


def test_every_refused_security_rule_says_why():
    """Ruff's S rules (bandit's) are on for all that runs, asserts apart; a line that refuses one gives its reason."""
    lint = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ruff"]["lint"]
    refusals = [
        (path.name, line)
        for path in CODE
        for line in path.read_text(encoding="utf-8").splitlines()
        if re.search(r"noqa: S\d", line)
    ]

    assert "ALL" in lint["select"]
    assert ["S101"] == [rule for rule in lint["ignore"] if re.fullmatch(r"S\d*", rule)]
    without = {folder for folder, rules in lint["per-file-ignores"].items() if {"S", "ALL"} & {*rules}}
    assert {"tests/**", "bench/**"} == without
    assert refusals
    assert [] == [one for one in refusals if not re.search(r"noqa: S[\dS, ]+\s+(#|-+) ?\w", one[1])]


def audit(lock: Path, **changes: str) -> subprocess.CompletedProcess[str]:
    """Run the audit where no index answers."""
    environment = {**os.environ, "AUDIT_INDEX": "http://127.0.0.1:1", **changes}
    command = [str(ROOT / ".ci" / "audit"), str(lock)]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)


def test_an_audit_without_a_network_says_that_nobody_was_asked(tmp_path):
    """It tells the lock's age and does not pass for an audit; an old lock fails it."""
    lock = tmp_path / "requirements.lock"
    lock.write_text("pip==1\n")

    young = audit(lock)
    os.utime(lock, (0, 0))
    old = audit(lock)

    assert (0, 1) == (young.returncode, old.returncode)
    assert "nobody was asked" in young.stdout
    assert "resolved 0 days ago" in young.stdout
    assert "run make lock" in old.stdout
