"""Nights side by side, in as many processes as there are processors: a night keeps one busy by itself."""

import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.chaos.nights import Outcome, Theatre, a_folder

MOST_AT_ONCE = 4
LONGEST = 300
"""Seconds a night may take; one takes three to fifteen, by what else the machine does."""

_theatre: Theatre


def played(seeds: Sequence[int]) -> Iterator[Outcome]:
    """Play the nights of these seeds and give what became of each, in their order."""
    at_once = min(MOST_AT_ONCE, os.cpu_count() or 1, len(seeds))
    spawning = multiprocessing.get_context("spawn")
    with a_folder() as folder, ProcessPoolExecutor(at_once, spawning, _open, (folder,)) as pool:
        yield from pool.map(_play, seeds)


def _open(folder: Path) -> None:
    """Make a process ready; its theatre is left open, and ends with the process."""
    global _theatre  # noqa: PLW0603 -- a pool gives its processes no other place to keep what each needs once
    signal.signal(signal.SIGALRM, _broken_off)
    logging.disable(logging.CRITICAL)  # paramiko tells of every line we break
    own = folder / str(os.getpid())
    own.mkdir()
    _theatre = Theatre(own).__enter__()


def _play(seed: int) -> Outcome:
    signal.alarm(LONGEST)
    try:
        return _theatre.play(seed)
    finally:
        signal.alarm(0)


def _broken_off(*_: object) -> None:
    raise TimeoutError(f"it hung: nothing had come of it within {LONGEST} s")
