"""A worker killed at every named point of the upload: every claim is taken exactly once."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from include.claims.states import BatchStatus, Delivery
from include.delivery.doubt import it_did_not_arrive
from include.delivery.render import render
from include.sandbox.sandbox import Sandbox
from tests.faults.victim import POINTS
from tests.night import ACCOUNT, PASSWORD, Night, some_claims, times_taken

CLAIMS = 120
"""Enough that the file takes several SFTP writes."""

NO_BYTE_LEFT = "after begun"
"""Here *begun* is committed and nothing was sent: nobody can know, so a person must say."""


SWEPT_AT_ONCE, STILL_LYING = 0.2, 6.0
"""Seconds a whole file lies in inbound: gone before the retry looks, or seen by it."""


SCENES = {"SQLite, swept at once": ("sqlite", SWEPT_AT_ONCE), "PostgreSQL, still lying": ("postgres", STILL_LYING)}
BOTH = os.environ.get("COURIER_LONG")
"""`make test-long` kills at every point of both scenes, `make test` at every second one of each."""


@pytest.fixture(name="scene")
def _scene(tmp_path, request):
    database, settle = SCENES[request.param]
    url = request.getfixturevalue(f"{database}_url")
    with Sandbox(tmp_path / "sandbox", {ACCOUNT: PASSWORD}, settle=settle, patience=60) as sandbox:
        yield a_night(tmp_path, sandbox, url), sandbox


def a_night(home: Path, sandbox: Sandbox, url: str) -> Night:
    """Return a clinic with claims to deliver."""
    night = Night.prepare(home, sandbox, url=url)
    night.hold(some_claims(CLAIMS))
    return night


@pytest.mark.parametrize(
    ("scene", "point"),
    [
        pytest.param(scene, point, marks=[pytest.mark.postgres] * ("PostgreSQL" in scene))
        for nth, point in enumerate(POINTS)
        for scene in (SCENES if BOTH else [list(SCENES)[nth % 2]])
    ],
    indirect=["scene"],
)
def test_a_killed_upload_is_taken_once(scene, point):
    """Kill the worker at a point of the protocol and retry: each claim is taken once, doubt ends with the report."""
    night, sandbox = scene
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
    assert [1] * CLAIMS == list(times_taken(sandbox).values())
    assert "" == night.audited().fault


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
