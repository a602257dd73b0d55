"""`./courier claims feed`: what became of claims since a change, for a practice system without SQL access."""

import argparse
import csv
import json
import sys
from dataclasses import asdict

from include.cli.wiring import add_settings_options, ledger_of
from include.delivery.status_feed import STATUS_COLUMNS

_AT_ONCE = 1000


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument("--after", type=int, default=0, metavar="CHANGE", help="begin after this change_id (0: all)")
    command.add_argument("--clinic", default="", metavar="KEY", help="only this clinic")
    command.add_argument("--format", choices=("json", "csv"), default="json", help="JSON lines, or CSV")
    add_settings_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every live submission that changed last after the change, oldest change first."""
    report, after = ledger_of(options).report, options.after
    table = csv.writer(sys.stdout)
    if options.format == "csv":
        table.writerow(one.name for one in STATUS_COLUMNS)
    while rows := report.status_feed(after, _AT_ONCE, options.clinic):
        for row in rows:
            cells = asdict(row)
            if options.format == "csv":
                table.writerow("" if cell is None else cell for cell in cells.values())
            else:
                print(json.dumps(cells | {"reasons": json.loads(row.reasons)}, default=str))
        after = rows[-1].change_id
    return 0
