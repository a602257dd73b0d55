"""`./courier audit`: whether somebody has changed, by hand, what the ledger keeps for ever."""

import argparse

from include.adapters.ledger.audit_check import Head, Verdict
from include.cli.wiring import add_settings_options, ledger_of


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    verifying = actions.add_parser("verify", help="follow the chain over events and looks; exit 1 where it is broken")
    verifying.add_argument("--head", metavar="NUMBER:HASH", help="what an earlier verify has printed, kept elsewhere")
    verifying.set_defaults(run=run_verify)
    add_settings_options(verifying)


def run_verify(options: argparse.Namespace) -> int:
    """Follow the chain and say how far it is whole."""
    kept = Head.read(options.head) if options.head else None
    found = ledger_of(options).audit.verify(kept)
    for name, last in found.last.items():
        older = found.before[name]
        unverified = f"; those up to {older} are older than the chain, nobody can verify them" if older else ""
        print(f"{name}: {found.rows[name]} rows as they were written, up to {last}{unverified}")
    print(_ending(found))
    return 1 if found.fault else 0


def _ending(found: Verdict) -> str:
    if found.fault:
        return f"BROKEN after link {found.links}: {found.fault}"
    head = f"Head, to be kept elsewhere: {found.head}" if found.head else "Nothing was written since the chain began"
    return f"{found.links} links, all whole. {head}"
