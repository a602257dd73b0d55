"""`./courier claims`: what became of one claim, a person's word on a held one, and what an earlier process sent."""

import argparse
from datetime import UTC, datetime

from include.claims.errors import BadSetting
from include.cli import history
from include.cli.wiring import add_settings_options, ledger_of


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True)
    show = actions.add_parser("show", help="every event of one submission, and where it came from")
    release = actions.add_parser("release", help="let a claim go that waits for a person")
    for action in (show, release):
        action.add_argument("control_number", metavar="CONTROL_NUMBER", help="CLM01, as the report prints it")
        add_settings_options(action)
    release.add_argument("--who", required=True, help="your name")
    release.add_argument("--why", required=True, help="how you know; no patient data")
    command.set_defaults(run=run)
    history.configure(actions.add_parser("import-history", help="tell the ledger what an earlier process sent"))


def run(options: argparse.Namespace) -> int:
    """Show or release a claim, or import a history."""
    if options.action == "import-history":
        return history.run(options)
    ledger = ledger_of(options)
    if options.action == "release":
        ledger.claims.release(options.control_number, options.who, options.why, datetime.now(UTC))
        print(f"{options.control_number}: released; it goes with the clinic's next run")
        return 0
    lines = list(ledger.report.claim_lines(control_number=options.control_number))
    if not lines:
        raise BadSetting(f"claim {options.control_number}: no submission has that control number; see ./courier report")
    for line in lines:
        print(f"{line.clinic_key}  {line.source}/{line.claim_key}  {line.usage}  ${line.charge:,.2f}  {line.file_name}")
        stands = f"{line.delivery}, {line.front_end}, {line.adjudication}; to do: {line.work}"
        print(stands + (", CONTRADICTED" if line.contradicted else ""))
        for reason in line.reasons:
            print(f"  {reason}")
    for when, event, details in ledger.report.history(options.control_number):
        print(f"  {when:32} {event:28} {details}".rstrip())
    return 0
