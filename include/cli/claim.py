"""`./courier claim`: the whole history of one claim, by any of its numbers."""

import argparse

from include.claims.errors import BadSetting
from include.cli.wiring import add_settings_options, ledger_of
from include.delivery.story import as_text


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument("name", metavar="ID", help="CLM01, the source's key, clearinghouse's or payer's number")
    command.add_argument("--phi", action="store_true", help="with the patient, days of service and payers' own words")
    add_settings_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the history; several where the name means several claims."""
    stories = ledger_of(options).report.stories(options.name)
    if not stories:
        raise BadSetting(f"claim {options.name}: no claim of the ledger has that number or key; see ./courier report")
    print("\n".join(as_text(story, phi=options.phi) for story in stories), end="")
    return 0
