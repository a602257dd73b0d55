"""`./courier claims import-history`: tell the ledger what an earlier process sent, at cutover."""

import argparse
import sys
from pathlib import Path

from include.adapters.practice_files import placed_rows
from include.claims.errors import BadSetting
from include.claims.model import Fault
from include.cli.wiring import add_settings_options, ports_of
from include.delivery.history import Imported, import_history
from include.delivery.onboard_acts import remember
from include.delivery.ports import Ports
from include.delivery.records import Step


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument("file", type=Path, metavar="FILE.csv", help="what was sent, as docs/cutover.md describes it")
    command.add_argument("--clinic", required=True, metavar="KEY", help="the clinic that sent it")
    command.add_argument("--dry-run", action="store_true", help="write nothing; say what would be done")
    command.add_argument("--who", default="", help="your name: with it the clinic's history is known, for its go-live")
    add_settings_options(command)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Import a history; exit 1 where some of its claims were refused."""
    if not options.file.is_file():
        raise BadSetting(f"{options.file}: there is no such file; docs/cutover.md says what to export")
    ports = ports_of(options)
    clinic = ports.ledger.clinics.clinic(options.clinic)
    names, rows = placed_rows(options.file)
    found = import_history(names, rows, clinic, ports, _tell, dry_run=options.dry_run)
    _show(found, "would be imported" if options.dry_run else "imported")
    if not options.dry_run:
        print(_onboarded(found, options, ports))
    return 1 if found.refused else 0


def _onboarded(found: Imported, options: argparse.Namespace, ports: Ports) -> str:
    """Take an import without a refused claim for the person's word that the clinic's history is known here."""
    counts, step = found.counts, f"{options.clinic}: step {Step.HISTORY}"
    if found.refused:
        return f"{step} is left as it was: mend what was refused and import the file again"
    if not counts.imported and not counts.known:
        return f"{step} is left as it was: no claim of it was in the file"
    if not options.who:
        return f"{step} is left as it was: with --who NAME the same command says that this is all of it"
    note = f"{counts.imported} claims imported, {counts.known} known before, none refused"
    remember(options.clinic, Step.HISTORY, ports, who=options.who, note=note)
    return f"{step} is done, says {options.who}"


def _tell(fault: Fault) -> None:
    print(f"{fault.place}: {fault.message} ({fault.rule}); {fault.remedy}", file=sys.stderr)


def _show(found: Imported, verb: str) -> None:
    counts = found.counts
    print(f"{counts.imported} claims {verb}, {counts.known} known before, {found.refused} refused")
    if counts.kept_from_going:
        print(f"{counts.kept_from_going} of them waited here to be sent: withdrawn, for they have gone")
    print(f"{found.lines} service lines, {found.blocking} of which keep the same service from being billed again")
    if found.passed_over:
        print(f"{found.passed_over} rows of other clinics were passed over")
