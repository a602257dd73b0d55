"""
`./courier source check`: what is wrong with an adopter's view or CSV, before the first night does it.

Reads only, at most `--limit` rows, and shows counts and keys; no cell of a patient is printed.
"""

import argparse
import os
from datetime import UTC, datetime
from pathlib import Path

from include.adapters.practice_files import CsvClaimSource
from include.adapters.practice_source import SqlClaimSource, open_source
from include.adapters.settings import Settings
from include.claims.errors import BadSetting
from include.cli.source_check import Findings, check_sheet

_LIMIT = 20_000


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    check = actions.add_parser("check", help="read a source as a night would, and say what is wrong")
    where = check.add_mutually_exclusive_group(required=True)
    where.add_argument("--url", help="sqlite:////path/practice.db or postgresql://user@host/name")
    where.add_argument("--csv", type=Path, metavar="PATH", help="a CSV file, or a folder of them")
    where.add_argument("--connection", metavar="ID", help="a connection of the settings file or AIRFLOW_CONN_*")
    check.add_argument("--settings", type=Path, default=Path("airflow_settings.yaml"), help="connections, as Astro's")
    check.add_argument("--limit", type=int, default=_LIMIT, help=f"rows to read (of each file); default {_LIMIT}")
    check.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Check a source; 1 where some claim could not go."""
    source = _source(options)
    today = datetime.now(UTC).date()
    strays = source.strays() if isinstance(source, CsvClaimSource) else []
    for path in strays:
        print(f"{source.name}, {path.name}: there is no file of claims it could stand beside; name it after one")
    is_sound = not strays
    for sheet in source.sheets(options.limit):
        try:
            findings = check_sheet(source.name, sheet, options.limit, today)
        except BadSetting as error:
            print(error)
            is_sound = False
            continue
        _show(f"{source.name}, {sheet.name}", findings)
        is_sound = is_sound and not findings.blocking
    return 0 if is_sound else 1


def _source(options: argparse.Namespace) -> SqlClaimSource | CsvClaimSource:
    if options.url:
        return SqlClaimSource(options.url, "source")
    if options.csv:
        return CsvClaimSource(options.csv)
    settings = Settings(options.settings if options.settings.exists() else None, os.environ)
    return open_source(settings.connection(options.connection))


def _show(name: str, findings: Findings) -> None:
    print(f"{name}: {findings.claims} claims in {findings.rows} rows; {findings.sound} could go", end="")
    print(f", {findings.cancelled} cancelled" if findings.cancelled else "")
    if findings.was_cut:
        print("  more rows are there; --limit says how many are read")
    for npi, count in sorted(findings.billing_npis.items()):
        print(f"  billing NPI {npi}: {count} claims (a row of billing_identities.csv must have it)")
    for rule, found in sorted(findings.faults.items(), key=lambda item: -item[1].claims):
        first = found.first
        print(f"  {'' if first.blocks else 'warning: '}{rule}: {found.claims} claims; the first: {found.place}:")
        print(f"      {first.message}; {first.remedy}")
