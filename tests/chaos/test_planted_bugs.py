"""The nights are worth something: each of eight bugs, planted on purpose, is found by them."""

import os

import pytest

from tests.chaos.nights import Theatre, a_folder
from tests.chaos.planted import PLANTED

SHOWN = list(PLANTED) if os.environ.get("COURIER_LONG") else list(PLANTED)[:1]
"""`make test-long` plants all eight."""

NIGHTS = 25
"""Nights a bug may hide in; microseconds differ, so the first that found it once may miss it the next time."""


@pytest.fixture(name="theatre", scope="module")
def _theatre():
    with a_folder() as folder, Theatre(folder) as theatre:
        yield theatre


@pytest.mark.slow
@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", SHOWN)
def test_a_planted_bug_is_found(theatre, name, monkeypatch):
    """Within some nights referee or auditor says what the bug did; without it the same night is well."""
    planted = PLANTED[name]
    planted.plant(monkeypatch)

    for seed in range(planted.seen_at, planted.seen_at + NIGHTS):
        outcome = theatre.play(seed)
        if not outcome.is_clean:
            break

    assert not outcome.is_clean, f"{NIGHTS} nights went well with: {planted.plant.__doc__}"
    print(f"{name}: night {outcome.seed}, {outcome.faults()[0]}")
    monkeypatch.undo()
    assert [] == theatre.play(outcome.seed).faults()
