"""Nights under fire: whatever breaks, every claim is taken once, and nothing waits for nobody."""

import os
from random import SystemRandom

import pytest

from tests.chaos.nights import Theatre, a_folder

NIGHTS = 100 if os.environ.get("COURIER_LONG") else 6


@pytest.mark.slow
def test_no_night_loses_doubles_or_forgets_a_claim():
    """Lost 0, sent twice 0, stuck 0, whatever the dice threw; the seed of a failing night replays it."""
    first = SystemRandom().randrange(10**9)
    with a_folder() as folder, Theatre(folder) as theatre:
        outcomes = [theatre.play(seed) for seed in range(first, first + NIGHTS)]

    failed = {f"make chaos SEED={one.seed}": one.faults() for one in outcomes if not one.is_clean}
    assert {} == failed
    assert sum(sum(one.injected.values()) for one in outcomes) > NIGHTS
