"""
Claims of a CSV file as a shell command takes them: read by the contract, judged as a night would.

No ledger and no Airflow are needed; who bills comes from the three files of `./courier clinics export`.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path

from include.adapters.code_lists import code_lists
from include.adapters.practice_files import CsvClaimSource
from include.claims.errors import BadSetting
from include.claims.model import Claim, Fault, SourceClaim
from include.claims.payer_profile import NO_PAYERS
from include.claims.payer_profile_file import read_profiles
from include.claims.scrub import RuleBook
from include.cli.clinic_files import read_clinic_file
from include.cli.source_check import out_of_order
from include.delivery.clinic_table import (
    BillingIdentity,
    Clinic,
    Mailbox,
    billing_identity_from_row,
    clinic_from_row,
    mailbox_from_row,
)
from include.delivery.judge import staged
from include.delivery.kept_tables import COLUMNS, thing
from include.delivery.records import Staged, Table


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A claim of a file as its payer wants it, and what the rules say of it."""

    clinic: str
    claim: SourceClaim
    faults: tuple[Fault, ...]

    @property
    def is_blocked(self) -> bool:
        """Whether it could not go."""
        return any(fault.blocks for fault in self.faults)


def add_claim_file_options(command: argparse.ArgumentParser) -> None:
    """Add the options every command has that reads a file of claims."""
    command.add_argument("file", type=Path, metavar="CLAIMS.csv", help="claims as docs/claim-source.md describes them")
    command.add_argument(
        "--clinics", type=Path, metavar="PLACE", help="folder of billing_identities.csv (the file's own)"
    )
    command.add_argument("--profiles", type=Path, metavar="TOML", help="what is peculiar to payers")
    command.add_argument("--lists", type=Path, metavar="FOLDER", help="code lists as docs/rules.md describes them")
    command.add_argument("--icd", action="store_true", help="ask the ICD-10-CM list too (the extra `icd`)")
    command.add_argument("--source", help="the source's name, a part of each control number (default: the file's)")
    command.add_argument("--today", type=date.fromisoformat, help="the day to judge by, YYYY-MM-DD (default: today)")


def judged_claims(options: argparse.Namespace) -> Iterator[Judged]:
    """Yield every claim of the file a command names, of the clinic it names if any."""
    if not options.file.is_file():
        raise BadSetting(f"{options.file}: there is no such file; name a CSV with the columns of docs/claim-source.md")
    tables = tables_of(options)
    book = rule_book_of(options)
    today = options.today or datetime.now(UTC).date()
    source = CsvClaimSource(options.file, options.source or options.file.name)
    seen: set[str] = set()
    for clinic, claim in source.everything(tables.identities):
        if options.clinic in {None, clinic}:
            found = judged(claim, today, book)
            # Rows apart from each other would bill one claim twice.
            extra = (out_of_order(claim.key),) if claim.key in seen else ()
            yield Judged(clinic=clinic, claim=found.claim, faults=(*found.faults, *extra))
        seen.add(claim.key)


def rule_book_of(options: argparse.Namespace) -> RuleBook:
    """Return the rules with the payers and lists a command names."""
    payers = read_profiles(_text_of(options.profiles), options.profiles.name) if options.profiles else NO_PAYERS
    return RuleBook(payers=payers, lists=code_lists(options.lists, icd=options.icd))


def judged(claim: SourceClaim, today: date, book: RuleBook) -> Staged:
    """Return a claim as its payer wants it, with what a night would say of it."""
    found = staged(claim, today, book)
    return replace(found, claim=book.as_payer_wants(claim)) if isinstance(claim, Claim) else found


class ClinicTables:
    """The clinic table as files: read when asked for, and refused whole where a row is wrong."""

    def __init__(self, place: Path) -> None:
        """Take the folder they lie in, or the file of billing identities in it."""
        self._file = place if place.is_file() else place / f"{Table.BILLING_IDENTITY}.csv"
        self._folder = place.parent if place.is_file() else place
        self._rows = cache(self._read)

    def identities(self, clinic_key: str) -> list[BillingIdentity]:
        """Return who bills for a clinic."""
        found = map(billing_identity_from_row, self._rows(Table.BILLING_IDENTITY))
        return [identity for identity in found if identity.clinic_key == clinic_key]

    def clinic(self, key: str) -> Clinic:
        """Return a clinic."""
        return clinic_from_row(self._row(Table.CLINIC, key))

    def mailbox(self, key: str) -> Mailbox:
        """Return a login, which says who submits."""
        return mailbox_from_row(self._row(Table.MAILBOX, key))

    def _row(self, table: Table, key: str) -> Mapping[str, str]:
        for row in self._rows(table):
            if row["key"] == key:
                return row
        raise BadSetting(f"{self._path(table)}: there is no {thing(table)} {key}; add a row, or name another")

    def _path(self, table: Table) -> Path:
        return self._file if table is Table.BILLING_IDENTITY else self._folder / f"{table}.csv"

    def _read(self, table: Table) -> Sequence[Mapping[str, str]]:
        path = self._path(table)
        if not path.is_file():
            raise BadSetting(
                f"{path}: there is no such file; it needs a row for each {thing(table)} with the columns"
                f" {', '.join(COLUMNS[table])}; `./courier clinics export` writes it, --clinics says where it lies"
            )
        found = read_clinic_file(path, table, {one: {} for one in Table})
        if found.faults:
            raise BadSetting("; ".join(found.faults))
        return found.rows


def tables_of(options: argparse.Namespace) -> ClinicTables:
    """Return the clinic table a command's options name: by default beside the claims."""
    return ClinicTables(options.clinics or options.file.parent)


def _text_of(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except OSError as error:
        raise BadSetting(f"{path}: cannot be read ({error.strerror})") from error
    except UnicodeDecodeError as error:
        raise BadSetting(f"{path}: the file is not UTF-8; save it as UTF-8") from error
