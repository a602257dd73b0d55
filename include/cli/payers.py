"""
`./courier payers`: the payer list, enrollments and holds as three CSV files, and what is to be done about them.

As with the clinic table an import only adds and changes, and a file with one wrong row changes nothing at all.
"""

import argparse
import os
import sys
from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from include.adapters.ledger import Ledger
from include.claims.enrollment import Enrollment, ListedPayer, Patience, Reminder, What, reminders
from include.claims.errors import BadSetting
from include.cli.clinics import add_files
from include.cli.wiring import add_settings_options, ledger_of
from include.delivery.clinic_table import BillingIdentity, Row, billing_identity_from_row
from include.delivery.enrollment_board import remarks
from include.delivery.enrollment_letter import Letter, letter
from include.delivery.kept_tables import faults_of, payers_loose_ends, row_problems
from include.delivery.payer_table import enrollment_from_row, hold_from_row, payer_from_row
from include.delivery.records import PAYER_TABLES, Table


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    add_files(actions, PAYER_TABLES)
    checking = actions.add_parser("check", help="name every row that is wrong or names what is not there")
    checking.set_defaults(run=run_check)
    listing = actions.add_parser("list", help="how enrollments stand, what is to be done, whom to wait with")
    listing.add_argument("--open", action="store_true", help="only those a person has to do something about")
    listing.set_defaults(run=run_list)
    writing = actions.add_parser("letter", help="draft the request for an enrollment")
    writing.add_argument("keys", nargs="+", metavar="KEY", help="of enrollments")
    writing.add_argument("--folder", type=Path, help="write a mail KEY.eml for each, instead of printing them")
    writing.set_defaults(run=run_letter)
    for action in (checking, listing, writing):
        add_settings_options(action)


def run_check(options: argparse.Namespace) -> int:
    """Name everything that is wrong, with where and why."""
    clinics = ledger_of(options).clinics
    rows = {table: clinics.rows(table) for table in PAYER_TABLES}
    npis = {row["npi"] for row in clinics.rows(Table.BILLING_IDENTITY)}
    found = [*row_problems(rows), *payers_loose_ends(rows, npis)]
    for problem in found:
        print(problem)
    counts = ", ".join(f"{len(rows[table])} {table}" for table in PAYER_TABLES)
    print(f"{counts}: {f'{len(found)} problems' if found else 'nothing wrong'}")
    return 1 if found else 0


def run_list(options: argparse.Namespace) -> int:
    """Print how enrollments stand, by payer."""
    clinics, today, patience = ledger_of(options).clinics, datetime.now(UTC).date(), Patience.of(os.environ)
    names = {row["key"]: row["name"] for row in clinics.rows(Table.PAYER)}
    kept = [enrollment_from_row(row) for row in _sound(Table.ENROLLMENT, clinics.rows(Table.ENROLLMENT))]
    reminded: dict[str, list[Reminder]] = defaultdict(list)
    for one, reminder in reminders(kept, today, patience):
        reminded[one.key].append(reminder)
    shown = 0
    for one in sorted(kept, key=lambda one: (one.payer_id, one.npi, one.what, one.key)):
        said = list(remarks(one, today, reminded[one.key]))
        if options.open and not said:
            continue
        shown += 1
        print(f"{one.key}  {one.payer_id} {names.get(one.payer_id, '')}  NPI {one.npi}  {one.what}: {one.state}")
        for remark in [*said, *([f"note: {one.note}"] if one.note else [])]:
            print(f"    {remark}")
    holds = [hold_from_row(row) for row in _sound(Table.HOLD, clinics.rows(Table.HOLD))]
    in_force = [hold for hold in holds if hold.is_in_force(today)]
    for hold in in_force:
        whom = " and ".join(filter(None, (hold.payer_id and f"payer {hold.payer_id}", hold.npi and f"NPI {hold.npi}")))
        print(f"hold {hold.key}  {whom} until {hold.ends_on}: {hold.reason}")
    print(f"{shown} of {len(kept)} enrollments, {len(in_force)} holds in force")
    return 0


def _sound(table: Table, rows: Sequence[Row]) -> list[Row]:
    """Return the rows that can be read; the others are named on standard error."""
    problems = list(row_problems({table: rows}))
    print(*problems, sep="\n", end="\n" if problems else "", file=sys.stderr)
    return [row for row in rows if not faults_of(table, row)]


def run_letter(options: argparse.Namespace) -> int:
    """Print drafts, or write them as mails."""
    ledger = ledger_of(options)
    drafts = {key: _letter_of(key, ledger) for key in options.keys}
    if options.folder is None:
        print("\n---\n".join(f"Subject: {draft.subject}\n\n{draft.text}" for draft in drafts.values()), end="")
        return 0
    options.folder.mkdir(parents=True, exist_ok=True)
    for key, draft in drafts.items():
        path = options.folder / f"{key}.eml"
        path.write_bytes(draft.as_mail())
        print(path)
    return 0


def _letter_of(key: str, ledger: Ledger) -> Letter:
    clinics = ledger.clinics
    row = next((row for row in clinics.rows(Table.ENROLLMENT) if row["key"] == key), None)
    if row is None:
        raise BadSetting(f"enrollment {key!r}: there is no such row; import it, or see ./courier payers list")
    enrollment = enrollment_from_row(row)
    listed = (row for row in clinics.rows(Table.PAYER) if row["key"] == enrollment.payer_id)
    payer = next(map(payer_from_row, listed), None) or ListedPayer(id=enrollment.payer_id, name="(the payer's name)")
    identity = _who_bills(enrollment, ledger)
    clinic = clinics.clinic(identity.clinic_key)
    return letter(enrollment, payer, identity.provider, clinics.mailbox(clinic.mailbox_key), clinic)


def _who_bills(enrollment: Enrollment, ledger: Ledger) -> BillingIdentity:
    """Return the billing identity an enrollment is of: by NPI and tax id; of credentialing by tax id alone."""
    rows = ledger.clinics.rows(Table.BILLING_IDENTITY)
    is_credentialing = enrollment.what is What.CREDENTIALING
    fitting = [
        row
        for row in rows
        if (is_credentialing or row["npi"] == enrollment.npi) and enrollment.tax_id in {"", row["tax_id"]}
    ]
    if not fitting:
        wanted = f"tax id {enrollment.tax_id}" if is_credentialing else f"NPI {enrollment.npi} and that tax id"
        raise BadSetting(
            f"enrollment {enrollment.key}: no billing identity has {wanted}; import it, or correct the row"
        )
    if len({row["tax_id"] for row in fitting}) > 1:
        raise BadSetting(f"enrollment {enrollment.key}: several who bill fit; give the row its tax_id")
    # Of one tax id the newest row: those before it have ended.
    return billing_identity_from_row(max(fitting, key=lambda row: str(row["effective_from"])))
