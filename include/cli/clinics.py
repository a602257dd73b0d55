"""
`./courier clinics`: the clinic table as three CSV files, in and out, and what is wrong with it.

An import only adds and changes: a key cannot be edited (a row with another key is another clinic), and a row that is
missing from the file removes nothing. A file with one wrong row changes nothing at all.
"""

import argparse
import csv
import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

from include.adapters.ledger import Ledger
from include.claims.errors import BadSetting
from include.cli import logins
from include.cli.clinic_check import problems, server_problems
from include.cli.clinic_files import ClinicFile, Held, read_clinic_file
from include.cli.wiring import add_settings_options, ledger_of, looking_ports_of, mailbox_connections, settings_of
from include.delivery.drain import as_words, drain
from include.delivery.kept_tables import COLUMNS, is_archived_by, not_drained
from include.delivery.records import CLINIC_TABLES, OnboardingNote, Step, Table
from include.delivery.standstill import lines


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    importing = add_files(actions, CLINIC_TABLES)
    importing.add_argument("--anyway", action="store_true", help="archive a clinic of which something is still open")
    importing.add_argument("--who", default="", help="your name, with --anyway")
    importing.add_argument("--why", default="", help="why, with --anyway; no patient data")
    importing.set_defaults(run=run_import)
    checking = actions.add_parser("check", help="name every row, mailbox and connection that is wrong")
    checking.add_argument("--connect", action="store_true", help="log in to every mailbox, once")
    checking.set_defaults(run=run_check)
    draining = actions.add_parser("drain", help="pause a clinic that leaves, and say what is still open")
    draining.add_argument("clinic", metavar="KEY")
    draining.add_argument("--who", required=True, help="your name")
    draining.add_argument("--why", required=True, help="why it leaves; no patient data")
    draining.set_defaults(run=run_drain)
    for action in (checking, draining, *logins.configure(actions)):
        add_settings_options(action)


def add_files(actions: Any, tables: Sequence[Table]) -> argparse.ArgumentParser:
    """Add what brings tables in from CSV files and writes them out again; return the parser of the import."""
    importing: argparse.ArgumentParser = actions.add_parser(
        "import", help="add and change rows from CSV files; removes nothing"
    )
    importing.add_argument("files", nargs="+", type=Path, metavar="FILE.csv")
    importing.add_argument("--table", choices=tables, help="which table, where the header does not tell")
    importing.set_defaults(run=run_files, tables=tables)
    exporting = actions.add_parser("export", help="write the tables as CSV files, or one to standard output")
    exporting.add_argument("folder", help="a folder, or - for standard output")
    exporting.add_argument("--table", choices=tables, help="only this table")
    exporting.set_defaults(run=run_export, tables=tables)
    for action in (importing, exporting):
        add_settings_options(action)
    return importing


def run_import(options: argparse.Namespace) -> int:
    """Import clinics' files; a clinic is archived only where nothing of it is open, or on somebody's word."""
    if options.anyway and not (options.who and options.why):
        raise BadSetting("clinics import --anyway: say --who and --why; it is kept for ever")
    ledger = ledger_of(options)
    held, files = _read(options, ledger)
    archived = dict(_archived(files, held))
    status = _put(files, [] if options.anyway else list(_not_drained(archived, ledger)), ledger)
    for key in archived if options.anyway and not status else ():
        word = OnboardingNote(step=Step.ARCHIVED, at=datetime.now(UTC), who=options.who, note=options.why)
        ledger.onboarding.say(key, word)
    return status


def run_files(options: argparse.Namespace) -> int:
    """Import files, all or nothing; a row is checked as it will stand, with what the ledger holds of it."""
    ledger = ledger_of(options)
    _, files = _read(options, ledger)
    return _put(files, [], ledger)


def _read(options: argparse.Namespace, ledger: Ledger) -> tuple[Held, list[ClinicFile]]:
    held = {table: {str(row["key"]): row for row in ledger.clinics.rows(table)} for table in options.tables}
    return held, [read_clinic_file(path, options.table, held) for path in options.files]


def _put(files: Sequence[ClinicFile], more_faults: Sequence[str], ledger: Ledger) -> int:
    if faults := [fault for file in files for fault in file.faults] + [*more_faults]:
        for fault in faults:
            print(fault, file=sys.stderr)
        print(f"nothing imported: {len(faults)} faults", file=sys.stderr)
        return 1
    # Mailboxes first, so that no clinic is there before what it names.
    for file in sorted(files, key=lambda file: list(Table).index(file.table)):
        print(_said(file, *ledger.clinics.put(file.table, file.rows)))
    return 0


def _archived(files: Sequence[ClinicFile], held: Held) -> Iterator[tuple[str, str]]:
    """Yield the clinics these files archive, with the file."""
    for file in files:
        for row in file.rows if file.table is Table.CLINIC else ():
            if is_archived_by(held[Table.CLINIC].get(row["key"], {}), row):
                yield row["key"], file.name


def _not_drained(archived: Mapping[str, str], ledger: Ledger) -> Iterator[str]:
    """Yield what keeps clinics from being archived: an archived one receives no answers."""
    for key, name in archived.items():
        if why := not_drained(key, ledger):
            yield f"{name}: clinic {key}: {why}; ./courier clinics drain {key}, or --anyway with --who and --why"


def _said(file: ClinicFile, added: int, changed: int) -> str:
    if not added and not changed:
        return f"{file.name}: nothing to change, {len(file.rows)} {file.table} are as the file says"
    return (
        f"{file.name}: {added} {file.table} added, {changed} changed, {len(file.rows) - added - changed} as they were"
    )


def run_export(options: argparse.Namespace) -> int:
    """Write the tables as an import would read them."""
    tables = [Table(options.table)] if options.table else options.tables
    ledger = ledger_of(options)
    if options.folder == "-":
        if len(tables) > 1:
            raise BadSetting("export -: standard output takes one table; name it with --table")
        _write(sys.stdout, tables[0], ledger.clinics.rows(tables[0]))
        return 0
    folder = Path(options.folder)
    folder.mkdir(parents=True, exist_ok=True)
    for table in tables:
        rows = ledger.clinics.rows(table)
        with (folder / f"{table}.csv").open("w", newline="", encoding="utf-8") as file:
            _write(file, table, rows)
        print(f"{folder / table}.csv: {len(rows)} {table}")
    return 0


def run_check(options: argparse.Namespace) -> int:
    """Name everything that is wrong, with where and why."""
    ledger, settings = ledger_of(options), settings_of(options)
    rows = {table: ledger.clinics.rows(table) for table in CLINIC_TABLES}
    # Airflow is asked for what the shell lacks only where somebody has the time: it takes seconds to start.
    find = mailbox_connections(settings) if options.connect else settings.connection
    found = list(problems(rows, settings, find))
    # Who logs in asks the breaker; who does not is told what it remembers.
    if options.connect:
        found += server_problems(rows[Table.MAILBOX], looking_ports_of(options, find))
    else:
        found += lines(ledger)
    for problem in found:
        print(problem)
    counts = ", ".join(f"{len(rows[table])} {table}" for table in CLINIC_TABLES)
    print(f"{counts}: {f'{len(found)} problems' if found else 'nothing wrong'}")
    return 1 if found else 0


def run_drain(options: argparse.Namespace) -> int:
    """Pause a clinic, and say what is still open."""
    ledger = ledger_of(options)
    word = OnboardingNote(step=Step.DRAINED, at=datetime.now(UTC), who=options.who, note=options.why)
    open_now = drain(options.clinic, ledger, word)
    print(f"{options.clinic}: paused; nothing more is sent, answers are still received")
    if not open_now:
        print("nothing is open: its mode may be archived")
        return 0
    print(f"still open: {as_words(open_now)}")
    print(f"Look at ./courier silent --clinic {options.clinic}; once nothing is open, set its mode to archived.")
    return 0


def _write(file: TextIO, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    writer = csv.DictWriter(file, COLUMNS[table], lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)
