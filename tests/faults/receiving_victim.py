"""
A worker that is killed while it receives: takes and applies answers and ends itself before its n-th statement.

Run by `test_kill_receiving.py` as `python -m tests.faults.receiving_victim HOME N`. The moments are statements of the
ledger's own engine, so that no product code knows of them; between two of them nothing is kept.
"""

import os
import signal
import sys
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event

from tests.night import Night


def at_statement(engine: Engine, act: Any) -> None:
    """Call `act` with a rising number before each statement and each commit."""
    numbers = iter(range(1, 10**9))
    event.listen(engine, "before_cursor_execute", lambda *_: act(next(numbers)))
    event.listen(engine, "commit", lambda *_: act(next(numbers)))


def main(home: Path, moment: int) -> None:
    """Receive until the moment has come."""
    night = Night(home)

    def die_in_time(number: int) -> None:
        if number == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    at_statement(night.ports.ledger.database.engine, die_in_time)  # type: ignore[attr-defined]
    night.receive()


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
