"""
Run the sandbox clearinghouse until it is told to stop (Ctrl-C or SIGTERM).

The accounts are a JSON object of user names and passwords. `--answers` orders what comes beyond 999 and File Summary;
`--turn DAYS` turns the clock of the sandbox that runs in that home, and returns. What it does wrong stands in
`misbehave.json` in its home and may be changed while it runs; see `include/sandbox/misbehaviour.py` for the switches.
"""

import argparse
import json
import signal
import threading
from datetime import timedelta
from pathlib import Path

from include.claims.errors import BadSetting
from include.sandbox.answers import read_answers
from include.sandbox.clock import turn_clock
from include.sandbox.forms import GRIDS
from include.sandbox.payers import PayerList, read_payers
from include.sandbox.sandbox import Sandbox


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument("--home", type=Path, required=True, help="where accounts, key and logs are kept")
    command.add_argument("--accounts", type=Path, help='JSON file: {"user": "password"}')
    command.add_argument("--turn", type=float, metavar="DAYS", help="turn the sandbox's clock ahead, and nothing else")
    command.add_argument("--payers", type=Path, help="JSON file: payer list and enrollments; every payer where absent")
    command.add_argument(
        "--print-image", action="append", default=[], metavar="USER=GRID",
        help=f"this account takes print images, mapped on grid {' or '.join(GRIDS)}; may be given several times",
    )  # fmt: skip
    command.add_argument("--answers", default="", help="ta1, 277ca, edi-status, era, several by commas, or all")
    command.add_argument("--host", default="127.0.0.1", help="address to listen on (default: %(default)s)")
    command.add_argument("--port", type=int, default=2222, help="port to listen on (default: %(default)s)")
    command.add_argument(
        "--settle", type=float, default=0.3, help="seconds a complete file lies (default: %(default)s)"
    )
    command.add_argument(
        "--patience", type=float, default=60.0, help="seconds an incomplete file lies (default: %(default)s)"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Serve until a signal comes, and say when the port is open; or turn the clock of one that runs."""
    if options.turn is not None:
        print(f"the sandbox's clock is {turn_clock(options.home, timedelta(options.turn)).days} days ahead")
        return 0
    if options.accounts is None:
        raise BadSetting("sandbox: --accounts is needed to serve")
    stop = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop.set())
    sandbox = Sandbox(
        options.home,
        read_accounts(options.accounts),
        host=options.host,
        port=options.port,
        payers=read_payers(options.payers) if options.payers else PayerList(),
        print_images=dict(map(_grid_of, options.print_image)),
        settle=options.settle,
        patience=options.patience,
        answers=read_answers(options.answers),
    )
    with sandbox:
        print(f"sandbox ready on {sandbox.host}:{sandbox.port}, host key {sandbox.host_key}", flush=True)
        while not stop.wait(1.0):
            sandbox.check()
    print("sandbox stopped", flush=True)
    return 0


def _grid_of(word: str) -> tuple[str, str]:
    user, _, grid = word.partition("=")
    if grid not in GRIDS:
        raise BadSetting(f"--print-image {word}: say USER=GRID, the grid {' or '.join(GRIDS)}")
    return user, grid


def read_accounts(path: Path) -> dict[str, str]:
    """Return the accounts of a JSON file; raise BadSetting where it is not an object of texts."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise BadSetting(f"{path.name}: a JSON object of user names and passwords is expected") from error
    if not isinstance(found, dict) or not all(isinstance(word, str) for word in found.values()):
        raise BadSetting(f"{path.name}: a JSON object of user names and passwords is expected")
    return found
