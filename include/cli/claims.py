"""`./courier claims`: what became of one claim, and a person's word on a held or refused one."""

import argparse
from datetime import UTC, datetime

from include.claims.errors import BadSetting
from include.cli.wiring import add_settings_options, ledger_of, ports_of, refused_now
from include.delivery.renew import renew_on_a_word


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True)
    show = actions.add_parser("show", help="every event of one submission, and where it came from")
    release = actions.add_parser("release", help="let a claim go that waits for a person")
    again = actions.add_parser("again", help="let what was refused before it was read go again, with the next run")
    for action in (show, release):
        action.add_argument("control_number", metavar="CONTROL_NUMBER", help="CLM01, as the report prints it")
    again.add_argument("name", metavar="FILE", help="the file as the report prints it, or one control number of it")
    for action in (show, release, again):
        add_settings_options(action)
    for action in (release, again):
        action.add_argument("--who", required=True, help="your name")
        action.add_argument("--why", required=True, help="how you know; no patient data")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Show or release a claim, or let what was refused go again."""
    if options.action == "again":
        count = renew_on_a_word(options.name, options.who, options.why, ports_of(options))
        print(f"{options.name}: {count} claims go with the clinic's next run under new control numbers")
        return 0
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
    for refused in refused_now(ledger, name=options.control_number):
        print(f"  {refused}")
    for when, event, details in ledger.report.history(options.control_number):
        print(f"  {when:32} {event:28} {details}".rstrip())
    return 0
