"""
A worker in a process of its own that ends itself by SIGKILL: `python -m tests.chaos.victim HOME STEP OF MOMENT NTH`.

The other deaths of a night are played in one process, which is a hundred times quicker; this one is real.
"""

import os
import signal
import sys
from pathlib import Path

from include.claims.errors import ClaimsError
from tests.chaos.moments import Trap
from tests.chaos.steps import step_of
from tests.chaos.world import Office


def main(home: str, kind: str, of: str, moment: str, nth: str) -> int:
    """Work until the moment has come; 3 says that the work failed before, as work may."""
    trap = Trap(moment, int(nth), lambda _: os.kill(os.getpid(), signal.SIGKILL))
    try:
        step_of(kind, of).do(Office(Path(home)).worker(trap))
    except ClaimsError as error:
        print(error)
        return 3
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
