"""The referee of `tests.chaos.airflow_nights` sees what is lost and sent twice; a few nights in the long form."""

import json
import os
import sqlite3
from datetime import UTC, datetime

import pytest

from include.sandbox.practice import make_practice
from tests.chaos.airflow_nights import Referee, chaos_nights


@pytest.fixture
def referee(tmp_path) -> Referee:
    """Return a referee over a practice that has released five claims, and an empty log."""
    make_practice(tmp_path / "practice.db", datetime.now(UTC), claims_per_clinic=1, with_faults=False)
    referee = Referee(tmp_path / "practice.db", tmp_path / "taken.jsonl")
    with sqlite3.connect(referee.practice) as practice:
        practice.execute("delete from claims where id > 5")
    referee.log.touch()
    return referee


def took(referee: Referee, *names: str, **how) -> None:
    """Write down that the clearinghouse took claims: `content/number`."""
    claims = [
        {"content_sha256": name.partition("/")[0], "control_number": name.partition("/")[2], "verdict": "accepted"}
        for name in names
    ]
    file = {"complete": True, "failed": "", "usage": "live", "claims": claims, **how}
    with referee.log.open("a") as log:
        log.write(json.dumps(file) + "\n")


def test_what_was_never_taken_is_lost(referee):
    """A file that failed, a cut one and a test file are no claims there."""
    took(referee, "a/1", "b/2", "c/3")
    took(referee, "d/4", failed="unreadable")
    took(referee, "d/4", complete=False)
    took(referee, "e/5", usage="test")

    assert (5, 2, 0) == (referee.released, referee.lost, referee.twice)


def test_a_claim_under_two_numbers_was_sent_twice(referee):
    """The content tells, and so does a number that comes again."""
    took(referee, "a/1", "b/2", "c/3", "d/4", "e/5")
    assert (0, 0) == (referee.lost, referee.twice)

    took(referee, "a/6")
    assert 1 == referee.twice
    took(referee, "f/2")
    assert 1 == referee.twice


@pytest.mark.airflow
@pytest.mark.slow
@pytest.mark.timeout(1800)
@pytest.mark.skipif(not os.environ.get("COURIER_LONG"), reason="minutes of broken nights: `make test-long`")
def test_nothing_is_lost_doubled_or_stuck(tmp_path):
    """Five nights, each with something broken, from a seed of the day."""
    assert 0 == chaos_nights(tmp_path / "stack", 5, seed=datetime.now(UTC).toordinal())
