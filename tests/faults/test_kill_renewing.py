"""A worker killed at any moment while it lets a failed file go again: each claim goes again once."""

import os
import random
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from include.claims.states import Delivery
from include.sandbox.sandbox import Sandbox
from tests.delivery.test_renew import CUT, a_refused_night
from tests.faults.receiving_victim import at_statement
from tests.faults.renewing_victim import CLAIMS, quiet_night
from tests.faults.test_kill_receiving import copied
from tests.night import ACCOUNT, PASSWORD, Night, some_claims

MOMENTS = 15 if os.environ.get("COURIER_LONG") else 4


@pytest.mark.slow
def test_a_killed_collect_renews_once(tmp_path):
    """Whoever is killed over it, at fifteen moments: the next run has every claim in one file, once."""
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=0.1) as sandbox:
        night = Night.prepare(tmp_path, sandbox)
        night.hold(some_claims(CLAIMS))
        a_refused_night(night, sandbox, CUT)
        before, ledger = tmp_path / "before.db", tmp_path / "ledger.db"
        copied(ledger, before)
        statements: list[int] = []
        undisturbed = quiet_night(tmp_path)
        at_statement(undisturbed.ports.ledger.database.engine, statements.append)  # type: ignore[attr-defined]
        undisturbed.collect("undisturbed")

        step = len(statements) // MOMENTS
        for number in range(MOMENTS):
            moment = number * step + random.randint(1, step)
            copied(before, ledger)
            killed(tmp_path, moment)
            the_lease_runs_out()
            batch_ids = quiet_night(tmp_path).collect("the next run").batch_ids
            assert one_file_with_all(night, batch_ids), f"killed before statement {moment}"


def the_lease_runs_out() -> None:
    """Wait for the lease of a worker that died in the account."""
    time.sleep(3.1)


def killed(home: Path, moment: int) -> None:
    """Run the victim and see that it died as it should."""
    command = [sys.executable, "-m", "tests.faults.renewing_victim", str(home), str(moment)]
    victim = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert -9 == victim.returncode, victim.stdout + victim.stderr


def one_file_with_all(night: Night, batch_ids: list[int]) -> bool:
    """Tell whether every claim was renewed once and all of them lie in one batch."""
    stand = Counter(line.delivery for line in night.ports.ledger.report.claim_lines())
    return len(batch_ids) == 1 and stand == {Delivery.RENEWED: CLAIMS, Delivery.BATCHED: CLAIMS}
