"""
A worker that is killed while it collects what goes again: ends itself before the n-th statement of its collect.

Run by `test_kill_renewing.py` as `python -m tests.faults.renewing_victim HOME N`.
"""

import os
import signal
import sys
from datetime import timedelta
from pathlib import Path

from tests.faults.receiving_victim import at_statement
from tests.night import NOW, Night, some_claims

CLAIMS = 3


def quiet_night(home: Path) -> Night:
    """Return the night on which all has been quiet for long enough, its claims still at the source."""
    night = Night(home, now=lambda: NOW + timedelta(days=4))
    night.hold(some_claims(CLAIMS))
    return night


def main(home: Path, moment: int) -> None:
    """Collect until the moment has come."""
    night = quiet_night(home)

    def die_in_time(number: int) -> None:
        if number == moment:
            os.kill(os.getpid(), signal.SIGKILL)

    at_statement(night.ports.ledger.database.engine, die_in_time)  # type: ignore[attr-defined]
    night.collect("killed")


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
