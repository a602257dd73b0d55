"""`./courier ledger`: bring the ledger's tables up to date, say which it is, encrypt it anew, begin a new epoch."""

import argparse
from collections import Counter
from datetime import UTC, datetime

from include.adapters.ledger import migrate
from include.adapters.ledger.rotation import rotate
from include.adapters.vault import LedgerVault
from include.claims.errors import BadSetting
from include.cli.wiring import PAYLOAD_KEY, add_settings_options, ledger_of, ledger_url, payload_keys, settings_of

_TOLD_EVERY = 100


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    migrating = actions.add_parser("migrate", help="create or upgrade the ledger's tables; safe to run again")
    migrating.set_defaults(run=run_migrate)
    identifying = actions.add_parser("identity", help="show the ledger's instance id, epoch and highest number")
    identifying.set_defaults(run=run_identity)
    beginning = actions.add_parser("new-epoch", help="let a restored or cloned ledger deliver again, numbers jumped")
    beginning.add_argument("--who", required=True, help="your name")
    beginning.add_argument("--at-least", type=int, required=True, metavar="NUMBER", help="the highest ISA13 ever sent")
    beginning.set_defaults(run=run_new_epoch)
    rotating = actions.add_parser(
        "rotate", help="encrypt patients' data with the first key; may be stopped and resumed"
    )
    rotating.set_defaults(run=run_rotate)
    for action in (migrating, identifying, beginning, rotating):
        add_settings_options(action)


def run_migrate(options: argparse.Namespace) -> int:
    """Create or upgrade the tables."""
    print(f"ledger: tables are at revision {migrate(ledger_url(options))}")
    return 0


def run_identity(options: argparse.Namespace) -> int:
    """Show which ledger this is."""
    found = ledger_of(options).identity()
    print(f"instance {found.instance_id}, epoch {found.epoch}, highest number {found.highest_interchange_number}")
    return 0


def run_new_epoch(options: argparse.Namespace) -> int:
    """Begin a new epoch."""
    if options.at_least < 0:
        raise BadSetting("ledger new-epoch: --at-least is a number of a file, as ISA13 has it")
    ledger = ledger_of(options)
    begun = ledger.new_epoch(ledger.identity().instance_id, options.at_least, options.who, datetime.now(UTC))
    print(f"instance {begun.instance_id}: epoch {begun.epoch} begins; every clinic is paused, what was ready is held")
    return 0


def run_rotate(options: argparse.Namespace) -> int:
    """Encrypt with the first key all that is in clear or encrypted with another."""
    settings = settings_of(options)
    settings.connection(PAYLOAD_KEY)  # raises where it is not whole
    database, rows = ledger_of(options).database, Counter[str]()
    vault = LedgerVault(database, payload_keys(settings))
    for column, count in rotate(database):
        rows[column] += count
        print(f"{column}: {rows[column]} rows so far", flush=True)
    files = vault.rotate(_tell)
    print(f"{rows.total()} columns of rows and {files} stored files encrypted anew; all is of the first key now")
    return 0


def _tell(files: int) -> None:
    if not files % _TOLD_EVERY:
        print(f"stored files: {files} looked at", flush=True)
