"""
A worker that is killed: uploads one batch and ends itself with SIGKILL at a named point of the protocol.

Run by `test_kill.py` as `python -m tests.faults.victim HOME BATCH POINT`. The wire points are set below the SFTP
adapter, on paramiko's own requests, so that no product code knows of them.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import paramiko
from paramiko.sftp import CMD_CLOSE, CMD_OPEN, CMD_WRITE, SFTP_FLAG_WRITE

from include.delivery.upload import upload
from tests.night import Night


def die() -> None:
    """End as a power cut ends a process: no handler, no clean-up."""
    os.kill(os.getpid(), signal.SIGKILL)


def around(
    owner: Any, name: str, *, before: Callable[..., bool] | None = None, after: Callable[..., bool] | None = None
):
    """Die before or after a call of a method for which the condition holds."""
    original = getattr(owner, name)

    def killing(self: Any, *args: Any, **options: Any) -> Any:
        if before and before(*args):
            die()
        result = original(self, *args, **options)
        if after and after(*args):
            die()
        return result

    setattr(owner, name, killing)


def always(*_: Any) -> bool:
    return True


def opens_to_write(kind: Any, *args: Any) -> bool:
    return bool(kind == CMD_OPEN and args[1] & SFTP_FLAG_WRITE)


def closes_after_writing(kind: Any, *_: Any) -> bool:
    return bool(kind == CMD_CLOSE and WRITES)


WRITES: list[int] = []


def second_write(_expected: Any, kind: Any, *_: Any) -> bool:
    if kind == CMD_WRITE:
        WRITES.append(1)
    return len(WRITES) == 2


def counts_writes(expected: Any, kind: Any, *rest: Any) -> bool:
    second_write(expected, kind, *rest)
    return False


def arm(point: str, night: Night) -> None:
    """Set the trap."""
    client = paramiko.SFTPClient
    batches = type(night.ports.ledger.batches)
    if point in {"before close", "after close"}:
        around(client, "_async_request", after=counts_writes)
    traps: dict[str, Callable[[], None]] = {
        "before begun": lambda: around(batches, "begin", before=always),
        "after begun": lambda: around(batches, "begin", after=always),
        "after open": lambda: around(client, "_request", after=opens_to_write),
        "in mid-write": lambda: around(client, "_async_request", after=second_write),
        "before close": lambda: around(client, "_request", before=closes_after_writing),
        "after close": lambda: around(client, "_request", after=closes_after_writing),
        "before sent": lambda: around(batches, "sent", before=always),
        "after sent": lambda: around(batches, "sent", after=always),
    }
    traps[point]()


POINTS = (
    "before begun", "after begun", "after open", "in mid-write", "before close", "after close", "before sent",
    "after sent",
)  # fmt: skip


if __name__ == "__main__":
    home, batch, point = sys.argv[1:]
    night = Night(Path(home))
    arm(point, night)
    upload(int(batch), night.ports)
    print("the trap did not close", point)
