"""
`./courier clinics`: the clinic table as three CSV files, in and out, and what is wrong with it.

An import only adds and changes: a key cannot be edited (a row with another key is another clinic), and a row that is
missing from the file removes nothing. A file with one wrong row changes nothing at all.
"""

import argparse
import csv
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TextIO

from include.adapters.settings import Settings
from include.adapters.sftp_connect import fingerprint, parse_host_key, read_host_key
from include.claims.errors import BadSetting
from include.cli.clinic_check import problems, server_problems
from include.cli.clinic_files import COLUMNS, ClinicFile, read_clinic_file
from include.cli.wiring import add_settings_options, ledger_of
from include.delivery.records import CLINIC_TABLES, Table


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    add_files(actions, CLINIC_TABLES)
    checking = actions.add_parser("check", help="name every row, mailbox and connection that is wrong")
    checking.add_argument("--connect", action="store_true", help="log in to every mailbox, once")
    checking.set_defaults(run=run_check)
    pinning = actions.add_parser("pin", help="show a server's host key and how to pin it")
    pinning.add_argument("mailbox", metavar="MAILBOX")
    pinning.add_argument("--yes", action="store_true", help="the clearinghouse confirmed the fingerprint")
    pinning.set_defaults(run=run_pin)
    for action in (checking, pinning):
        add_settings_options(action)


def add_files(actions: Any, tables: Sequence[Table]) -> None:
    """Add what brings tables in from CSV files and writes them out again."""
    importing = actions.add_parser("import", help="add and change rows from CSV files; removes nothing")
    importing.add_argument("files", nargs="+", type=Path, metavar="FILE.csv")
    importing.add_argument("--table", choices=tables, help="which table, where the header does not tell")
    importing.set_defaults(run=run_import, tables=tables)
    exporting = actions.add_parser("export", help="write the tables as CSV files, or one to standard output")
    exporting.add_argument("folder", help="a folder, or - for standard output")
    exporting.add_argument("--table", choices=tables, help="only this table")
    exporting.set_defaults(run=run_export, tables=tables)
    for action in (importing, exporting):
        add_settings_options(action)


def run_import(options: argparse.Namespace) -> int:
    """Import files, all or nothing; a row is checked as it will stand, with what the ledger holds of it."""
    ledger = ledger_of(options)
    held = {table: {str(row["key"]): row for row in ledger.clinics.rows(table)} for table in options.tables}
    files = [read_clinic_file(path, options.table, held) for path in options.files]
    if faults := [fault for file in files for fault in file.faults]:
        for fault in faults:
            print(fault, file=sys.stderr)
        print(f"nothing imported: {len(faults)} faults", file=sys.stderr)
        return 1
    # Mailboxes first, so that no clinic is there before what it names.
    for file in sorted(files, key=lambda file: list(Table).index(file.table)):
        print(_said(file, *ledger.clinics.put(file.table, file.rows)))
    return 0


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
    ledger, settings = ledger_of(options), _settings(options)
    rows = {table: ledger.clinics.rows(table) for table in CLINIC_TABLES}
    found = list(problems(rows, settings))
    if options.connect:
        found += server_problems(rows[Table.MAILBOX], settings)
    for problem in found:
        print(problem)
    counts = ", ".join(f"{len(rows[table])} {table}" for table in CLINIC_TABLES)
    print(f"{counts}: {f'{len(found)} problems' if found else 'nothing wrong'}")
    return 1 if found else 0


def run_pin(options: argparse.Namespace) -> int:
    """Show the key a mailbox's server shows, without trusting it and without logging in."""
    mailbox = ledger_of(options).clinics.mailbox(options.mailbox)
    connection = _settings(options).connection(mailbox.connection_id, may_lack_values=True)
    if not connection.host:
        raise BadSetting(f"connection {connection.id}: it has no host to ask")
    line = read_host_key(connection.host, connection.port or 22)
    print(f"{connection.host}:{connection.port or 22} shows {line}")
    print(f"fingerprint {fingerprint(parse_host_key(line))}")
    pinned = str(connection.extra.get("host_key") or "")
    if pinned == line:
        print(f"connection {connection.id} has this key pinned")
        return 0
    if pinned:
        print(f"connection {connection.id} has another key pinned: {fingerprint(parse_host_key(pinned))}")
    if not options.yes:
        print("Call the clearinghouse and ask for the fingerprint. Where it is this one, run again with --yes.")
        return 1
    print(f"Put this into the extra of connection {connection.id}, where your connections are kept:")
    print(f'    "host_key": "{line}"')
    return 0


def _write(file: TextIO, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    writer = csv.DictWriter(file, COLUMNS[table], lineterminator="\n", extrasaction="ignore")
    writer.writeheader()
    writer.writerows(rows)


def _settings(options: argparse.Namespace) -> Settings:
    return Settings(options.settings if options.settings.exists() else None, os.environ)
