"""A worker killed at every named point of the upload: every claim is taken exactly once."""

import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from include.claims.states import BatchStatus, Delivery
from include.delivery.doubt import it_did_not_arrive
from include.delivery.render import render
from include.sandbox.sandbox import Sandbox
from tests.builders import a_claim, a_line
from tests.faults.victim import POINTS
from tests.night import ACCOUNT, PASSWORD, Night, taken_claims

CLAIMS = 120
"""Enough that the file takes several SFTP writes."""

NO_BYTE_LEFT = "after begun"
"""Here *begun* is committed and nothing was sent: nobody can know, so a person must say."""


@pytest.fixture(name="sandbox", params=[0.2, 5.0], ids=["swept at once", "still lying at the retry"])
def _sandbox(tmp_path, request):
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=request.param, patience=60) as sandbox:
        yield sandbox


@pytest.fixture(name="night")
def _night(tmp_path, sandbox):
    night = Night.prepare(tmp_path, sandbox)
    night.hold(a_claim(key=f"C-{n}", lines=(a_line(source_line_key=f"L-{n}"),)) for n in range(CLAIMS))
    return night


@pytest.mark.parametrize("point", POINTS)
def test_a_killed_upload_is_taken_once(night, sandbox, point):
    """Kill the worker at a point of the protocol and retry: each claim is taken once, doubt ends with the report."""
    [batch_id] = night.collect().batch_ids
    render(batch_id, night.ports)

    killed(night.home, batch_id, point)
    in_doubt_after_the_kill = BatchStatus.BEGUN is night.ports.ledger.batches.get(batch_id).status
    ended = night.until_sent(batch_id)

    assert in_doubt_after_the_kill == (point not in {"before begun", "after sent"})
    if point == NO_BYTE_LEFT:
        assert BatchStatus.BEGUN is ended
        batch_id = sent_anew_on_a_persons_word(night, batch_id)
    sandbox.wait_for_taken(1)
    summary = night.until_settled(batch_id)
    assert {Delivery.SENT: CLAIMS} == {state: n for state, n in summary.by_delivery.items() if n}
    assert [1] * CLAIMS == list(Counter(claim.control_number for claim in taken_claims(sandbox)).values())


def killed(home: Path, batch_id: int, point: str) -> None:
    """Run the victim and see that it died as it should."""
    command = [sys.executable, "-m", "tests.faults.victim", str(home), str(batch_id), point]
    victim = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert -9 == victim.returncode, victim.stdout + victim.stderr


def sent_anew_on_a_persons_word(night: Night, batch_id: int) -> int:
    """Say, a day later, that the file did not arrive, and let the next run deliver its claims."""
    later = night.a_day_later()
    later.receive()
    assert CLAIMS == it_did_not_arrive(batch_id, "Operator Example", "the help desk looked, 14:05", later.ports)
    [again] = later.deliver("night-2")
    return again
