"""What a test asks of the machine it runs on: whether it may be skipped there, a free port, what a process has used."""

import os
import socket
from pathlib import Path
from typing import Final, NoReturn

import pytest

_TICKS: Final = os.sysconf("SC_CLK_TCK")


def lacking(problem: str) -> NoReturn:
    """Skip aloud because this machine lacks something; fail on CI, where it has to be."""
    if os.environ.get("CI"):
        pytest.fail(problem)
    pytest.skip(problem)


def free_port() -> int:
    """Return a port of this machine on which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def seconds_of(pid: int, *, with_ended: bool = True) -> float:
    """Return the processor seconds a process has used, with its children that have ended; 0 where it has ended."""
    try:
        counted = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0.0
    # utime and stime, then cutime and cstime, those of its children that have ended.
    return sum(map(int, counted[11 : 15 if with_ended else 13])) / _TICKS
