"""Look after the ledger's database: bring its tables up to date, say which ledger it is."""

import argparse

from include.adapters.ledger import Ledger, migrate


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    migrating = actions.add_parser("migrate", help="create or upgrade the ledger's tables; safe to run again")
    migrating.set_defaults(run=run_migrate)
    identifying = actions.add_parser("identity", help="show the ledger's instance id, epoch and highest number")
    identifying.set_defaults(run=run_identity)
    for action in (migrating, identifying):
        action.add_argument("--url", required=True, help="sqlite:////path/ledger.db or postgresql://user@host/name")


def run_migrate(options: argparse.Namespace) -> int:
    """Create or upgrade the tables."""
    print(f"ledger: tables are at revision {migrate(options.url)}")
    return 0


def run_identity(options: argparse.Namespace) -> int:
    """Show which ledger this is."""
    found = Ledger(options.url).identity()
    print(f"instance {found.instance_id}, epoch {found.epoch}, highest number {found.highest_interchange_number}")
    return 0
