"""`./courier accounts`: the logins at the clearinghouse, and the breaker a person closes."""

import argparse
from datetime import UTC, datetime

from include.claims.errors import BadSetting
from include.cli.wiring import add_settings_options, ledger_of


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument("action", nargs="?", choices=["reset"], help="close an account's breaker; none lists all")
    command.add_argument("account", nargs="?", metavar="ACCOUNT", help="as the list prints it")
    command.add_argument("--who", default="", help="your name")
    add_settings_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the accounts, or close a breaker."""
    accounts = ledger_of(options).accounts
    states = accounts.states()
    if options.action == "reset":
        if options.account not in {state.account for state in states} or not options.who:
            raise BadSetting("accounts reset: name an account of the list, and yourself with --who")
        accounts.reset(options.account, options.who, datetime.now(UTC))
        print(f"{options.account}: breaker closed; the next session may log in")
        return 0
    for state in states:
        refused = f"REFUSED since {state.refused_at:%Y-%m-%d %H:%M} UTC: {state.reason}" if state.refused_at else "open"
        print(f"{state.account}  {refused}" + (f"  (in use by {state.holder})" if state.holder else ""))
    return 0
