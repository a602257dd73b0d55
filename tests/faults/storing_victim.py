"""
A worker that is killed while it stores a file outside the ledger, at a named moment.

Run by `test_kill_storing.py` as `python -m tests.faults.storing_victim URL FOLDER KEY MOMENT`. The moments are set on
what the vault calls, so that no product code knows of them.
"""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlalchemy import event
from upath import UPath

from include.adapters.ledger import Ledger
from include.adapters.objects import Objects
from include.adapters.vault import LedgerVault

CONTENT = b"NM1*IL*1*EXAMPLE*TESTINA~" * 4000

POINTS = (
    "in mid-write", "before the rename", "after the rename", "before it is read back", "before the row",
    "before the commit", "after the commit",
)  # fmt: skip


def die(*_: Any) -> None:
    """End as a power cut ends a process."""
    os.kill(os.getpid(), signal.SIGKILL)


def before(owner: Any, name: str, act: Callable[..., None]) -> None:
    """Act before a call."""
    original = getattr(owner, name)

    def acting(*args: Any, **options: Any) -> Any:
        act(*args)
        return original(*args, **options)

    setattr(owner, name, acting)


def torn(descriptor: int, *_: Any) -> None:
    """Leave half of what was written, and die."""
    os.ftruncate(descriptor, os.fstat(descriptor).st_size // 2)
    die()


def renamed(part: Path, place: Path) -> None:
    """Rename, and die."""
    part.rename(place)
    die()


def arm(point: str, ledger: Ledger) -> None:
    """Set the trap."""
    traps: dict[str, Callable[[], None]] = {
        "in mid-write": lambda: before(os, "fsync", torn),
        "before the rename": lambda: before(Path, "replace", die),
        "after the rename": lambda: before(Path, "replace", renamed),
        "before it is read back": lambda: before(LedgerVault, "_is_whole", die),
        "before the row": lambda: before(type(ledger.database), "write", die),
        "before the commit": lambda: event.listen(ledger.database.engine, "commit", commits),
        "after the commit": lambda: None,  # once all is done
    }
    traps[point]()


def commits(connection: Any) -> None:
    """Die before a commit of what was written."""
    if connection.get_execution_options().get("writes"):
        die()


if __name__ == "__main__":
    url, folder, key, point = sys.argv[1:]
    ledger = Ledger(url, [key])
    arm(point, ledger)
    objects = Objects(UPath(folder))
    LedgerVault(ledger.database, [key], outside=lambda: objects).store(CONTENT)
    if point == "after the commit":
        die()
    print("the trap did not close", point)
