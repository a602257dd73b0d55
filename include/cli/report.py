"""`./courier report`: the night report, and what does not reconcile."""

import argparse

from include.cli.wiring import add_settings_options, ledger_of, refused_now
from include.delivery.night_report import as_text, night_report
from include.delivery.records import Table
from include.delivery.standstill import lines


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_settings_options(command)
    command.add_argument("--clinic", default="", metavar="KEY", help="only this clinic")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print the report; exit 1 where something does not reconcile."""
    ledger = ledger_of(options)
    clinics = {str(row["key"]): str(row["mailbox_key"]) for row in ledger.clinics.rows(Table.CLINIC)}
    refused = refused_now(ledger, clinic_key=options.clinic)
    paused = lines(ledger, options.clinic)
    report = night_report(ledger.report, clinics, only=options.clinic, refused=refused, paused=paused)
    print(as_text(report), end="")
    return 1 if report.faults else 0
