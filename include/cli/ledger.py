"""`./courier ledger`: its tables brought up to date and encrypted anew, backups, and what a restored ledger needs."""

import argparse
import os
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path

from include.adapters.ledger import migrate
from include.adapters.ledger.backup import back_up, backup_place, bring_back
from include.adapters.ledger.engine import Database
from include.adapters.ledger.migration import newest_revision, revision_of, take_back
from include.adapters.ledger.payloads import look, sweep
from include.adapters.ledger.rotation import rotate, wipe
from include.claims.errors import BadSetting, ClaimsError
from include.cli.wiring import add_settings_options, ledger_of, ledger_url, payloads_outside, settings_of, vault_of
from include.delivery.ageing import KEEP, LEAST, SEVEN_YEARS, keep_days, let_go

_TOLD_EVERY = 100

_A_DAY = timedelta(days=1)
"""How old an object is that no row names, before it is swept: a younger one may be on its way to its row."""


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    migrating = actions.add_parser("migrate", help="create or upgrade the ledger's tables; safe to run again")
    migrating.add_argument("--back", action="store_true", help="undo the newest migration, to go back a version")
    migrating.set_defaults(run=run_migrate)
    identifying = actions.add_parser("identity", help="show the ledger's instance id, epoch and highest number")
    identifying.set_defaults(run=run_identity)
    beginning = actions.add_parser("new-epoch", help="let a restored or cloned ledger deliver again, numbers jumped")
    beginning.add_argument("--who", required=True, help="your name")
    beginning.add_argument("--at-least", type=int, required=True, metavar="NUMBER", help="the highest ISA13 ever sent")
    beginning.set_defaults(run=run_new_epoch)
    backing = actions.add_parser("backup", help="write a SQLite ledger, in use or not, into a new file")
    backing.add_argument("file", type=Path, metavar="FILE", help="a new file; it holds patients' data")
    backing.set_defaults(run=run_backup)
    restoring = actions.add_parser("restore", help="put a backup in a SQLite ledger's place; Airflow is stopped before")
    restoring.add_argument("file", type=Path, metavar="FILE", help="what `backup` wrote")
    restoring.set_defaults(run=run_restore)
    ageing = actions.add_parser("age", help="show which old files would be let go; with --yes let them go")
    ageing.add_argument("--days", type=int, metavar="N", help=f"older than that; else {KEEP}, else {SEVEN_YEARS}")
    ageing.add_argument("--yes", action="store_true", help="let them go; only a backup brings them back")
    ageing.add_argument("--who", default="", help="your name, with --yes")
    ageing.set_defaults(run=run_age)
    rotating = actions.add_parser(
        "rotate", help="encrypt patients' data with the first key; may be stopped and resumed"
    )
    rotating.set_defaults(run=run_rotate)
    lying = actions.add_parser("payloads", help="show whether stored files lie in the database or outside; move them")
    acts = lying.add_mutually_exclusive_group()
    acts.add_argument(
        "--move", action="store_true", help="move them out, to claims_payloads; may be stopped and resumed"
    )
    acts.add_argument("--back", action="store_true", help="move them back into the database; the same")
    acts.add_argument("--sweep", action="store_true", help="delete objects that no row names and that are a day old")
    lying.set_defaults(run=run_payloads)
    for action in (migrating, identifying, beginning, backing, restoring, ageing, rotating, lying):
        add_settings_options(action)


def run_migrate(options: argparse.Namespace) -> int:
    """Create or upgrade the tables, a SQLite ledger's backup taken before; or undo the newest migration."""
    url = ledger_url(options)
    before, newest = revision_of(url), newest_revision()
    if options.back:
        print(f"ledger: tables are back at revision {take_back(url)}; run the program of before now")
        return 0
    if before not in {"", newest} and (backup := backup_place(url, f"before-{newest}", datetime.now(UTC))):
        print(f"{backup}: {back_up(url, backup):,} bytes, the ledger as it was at revision {before}")
    print(f"ledger: tables are at revision {migrate(url)}")
    return 0


def run_identity(options: argparse.Namespace) -> int:
    """Show which ledger this is."""
    found = ledger_of(options).identity()
    print(f"instance {found.instance_id}, epoch {found.epoch}, highest number {found.highest_interchange_number}")
    return 0


def run_new_epoch(options: argparse.Namespace) -> int:
    """Begin a new epoch."""
    if options.at_least < 0:
        raise BadSetting("ledger new-epoch: --at-least is a number of a file, as ISA13 has it")
    ledger = ledger_of(options)
    begun = ledger.new_epoch(ledger.identity().instance_id, options.at_least, options.who, datetime.now(UTC))
    print(f"instance {begun.instance_id}: epoch {begun.epoch} begins; every clinic is paused, what was ready is held")
    return 0


def run_backup(options: argparse.Namespace) -> int:
    """Back a SQLite ledger up."""
    size = back_up(ledger_url(options), options.file)
    print(f"{options.file}: {size:,} bytes; keep it where patients' data may lie, and the payload key elsewhere")
    if outside := look(Database(ledger_url(options)), None).outside:
        print(f"{outside} stored files are not in it: they lie outside the ledger (./courier ledger payloads)")
    return 0


def run_restore(options: argparse.Namespace) -> int:
    """Bring a SQLite ledger back."""
    aside = bring_back(ledger_url(options), options.file, datetime.now(UTC))
    if aside:
        print(f"the ledger that stood there is now {aside}")
    print(
        f"{options.file}: restored. It has forgotten what went since: ./courier ledger new-epoch before anything runs"
    )
    return 0


def run_age(options: argparse.Namespace) -> int:
    """Show what is old enough to go, or let it go."""
    days = keep_days(os.environ) if options.days is None else options.days
    ledger, now = ledger_of(options).ageing, datetime.now(UTC)
    if options.yes:
        if days < LEAST or not options.who:
            raise BadSetting(f"ledger age: with --yes say --who, and --days {LEAST} at least; what has gone is gone")
        print(f"{let_go(ledger, days, options.who, now).files} files let go; their names, hashes and sizes are kept")
        return 0
    files = size = 0
    for one in ledger.may_go(now - timedelta(days=days)):
        print(f"{one.at:%Y-%m-%d}  {one.size:>12,} bytes  {one.name}")
        files, size = files + 1, size + one.size
    print(f"{files} files older than {days} days, {size:,} bytes, speak of nothing that is open; --yes lets them go")
    return 0


def run_rotate(options: argparse.Namespace) -> int:
    """Encrypt with the first key all that is in clear or encrypted with another."""
    vault, database, rows = vault_of(options), ledger_of(options).database, Counter[str]()
    for column, count in rotate(database):
        rows[column] += count
        print(f"{column}: {rows[column]} rows so far", flush=True)
    files = vault.rotate(_tell)
    print(f"{rows.total()} columns of rows and {files} stored files encrypted anew; all is of the first key now")
    return 0


def run_payloads(options: argparse.Namespace) -> int:
    """Show where stored files lie, after moving or sweeping them where that is asked; 1 where one is lost."""
    database, objects = ledger_of(options).database, payloads_outside(settings_of(options))
    refused: list[ClaimsError] = []
    if options.move or options.back:
        moved, refused = vault_of(options).move(back=options.back, told=_tell)
        print(f"{moved} stored files moved {'into the ledger' if options.back else 'out of it'}")
        wipe(database)
    if options.sweep:
        if objects is None:
            raise BadSetting("ledger payloads: connection claims_payloads is not here, so there is nothing to sweep")
        print(f"{sweep(database, objects, datetime.now(UTC) - _A_DAY, _tell)} objects deleted that no row named")
    found = look(database, objects)
    print(f"in the database: {found.inside} files, {found.inside_bytes:,} bytes")
    print(f"outside, {objects.place if objects else 'where no connection claims_payloads says'}: {found.outside} files")
    if found.unnamed:
        print(f"objects that no row names: {len(found.unnamed)}; harmless, --sweep deletes those a day old")
    for error in refused:
        print(f"not moved: {error}")
    for name in found.lost:
        print(f"lost: payload {name}; bring it back from the store's versions or a copy")
    return 1 if refused or found.lost else 0


def _tell(files: int) -> None:
    if not files % _TOLD_EVERY:
        print(f"stored files: {files} looked at", flush=True)
