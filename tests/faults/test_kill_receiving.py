"""A worker killed at any moment while it takes and applies answers: nothing is lost, nothing counts twice."""

import os
import random
import sqlite3
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from include.sandbox.answers import EVERY_ANSWER
from include.sandbox.sandbox import Sandbox
from tests.delivery.test_payers_answers import LIVES, a_claim_of, turn
from tests.faults.receiving_victim import at_statement
from tests.night import ACCOUNT, PASSWORD, Night
from tests.outcomes import state_of

MOMENTS = 30 if os.environ.get("COURIER_LONG") else 8


def copied(source: Path, target: Path) -> None:
    """Copy a ledger as it stands."""
    with closing(sqlite3.connect(source)) as one, closing(sqlite3.connect(target)) as other:
        one.backup(other)


@pytest.mark.slow
def test_a_killed_receiver_loses_and_doubles_nothing(tmp_path):
    """Weeks of answers lie in outbound; whoever is killed over them, at thirty moments, is finished by the next."""
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.05, answers=EVERY_ANSWER) as sandbox:
        night = Night.prepare(tmp_path, sandbox)
        night.hold([a_claim_of(cents) for cents in LIVES])
        night.deliver()
        sandbox.wait_for_answers(ACCOUNT, 3)
        turn(sandbox, 60)
        before, ledger = tmp_path / "before.db", tmp_path / "ledger.db"
        copied(ledger, before)
        statements: list[int] = []
        at_statement(night.ports.ledger.database.engine, statements.append)  # type: ignore[attr-defined]
        night.receive()
        step = len(statements) // MOMENTS
        undisturbed = state_of(night.ports.ledger)

        dice = random.Random()
        for number in range(MOMENTS):
            moment = number * step + dice.randint(1, step)
            copied(before, ledger)
            killed(tmp_path, moment)
            Night(tmp_path).receive()
            assert undisturbed == state_of(night.ports.ledger), f"killed before statement {moment}"
            assert "" == night.audited().fault, f"the chain broke at statement {moment}"


def killed(home: Path, moment: int) -> None:
    """Run the victim and see that it died as it should."""
    command = [sys.executable, "-m", "tests.faults.receiving_victim", str(home), str(moment)]
    victim = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert -9 == victim.returncode, victim.stdout + victim.stderr
