"""
`./courier render`: the files a clinic's claims make, without a ledger and without sending.

Pure: the same claims and options give the same bytes, for numbers and moments come from the claims. Claims that could
not go are left out and named on standard error, and the exit status is 1.
"""

import argparse
import hashlib
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from pathlib import Path

from include.claims.documents import revision_of
from include.claims.identifiers import patient_control_number
from include.claims.model import CancelledClaim, Claim, Fault
from include.claims.states import Usage
from include.cli.claim_files import add_claim_file_options, judged_claims, tables_of
from include.delivery.clinic_table import Mailbox
from include.delivery.render import frozen_settings
from include.hcfa.faults import form_faults
from include.hcfa.layout import PAPER, Grid, Layout
from include.hcfa.pdf import write_pdf
from include.hcfa.print_image import write_print_image
from include.officeally import profile
from include.officeally.names import FORM_KEYWORD, PROFESSIONAL_KEYWORD, FileFormat, upload_name
from include.x12.write_837p import write_837p

_MOST_NUMBERS = 999_999_999


@dataclass(frozen=True, slots=True, kw_only=True)
class Sheaf:
    """The claims of one file, and what its head says."""

    number: int
    created_at: datetime
    mailbox: Mailbox
    claims: Sequence[tuple[int, str, Claim]]  # position, control number, claim
    layout: Layout  # of forms


def as_837p(sheaf: Sheaf) -> bytes:
    """Return the 837P of these claims."""
    envelope = profile.envelope(
        frozen_settings(replace(sheaf.mailbox, format=FileFormat.X12)),
        interchange_number=sheaf.number,
        group_number=sheaf.number,
        reference=f"{sheaf.number:09d}",
        created_at=sheaf.created_at,
    )
    return write_837p(envelope, sheaf.claims).content


def as_print_image(sheaf: Sheaf) -> bytes:
    """Return the forms of these claims as lines of text."""
    return write_print_image(sheaf.claims, sheaf.layout).content


def as_pdf(sheaf: Sheaf) -> bytes:
    """Return the forms of these claims, drawn to be read and printed."""
    return write_pdf((number, claim) for _, number, claim in sheaf.claims)


@dataclass(frozen=True, slots=True, kw_only=True)
class Format:
    """One shape claims can be written in."""

    keyword: str
    extension: str
    write: Callable[[Sheaf], bytes]
    is_form: bool = True  # which cannot carry everything


FORMATS: dict[str, Format] = {
    FileFormat.X12: Format(keyword=PROFESSIONAL_KEYWORD, extension="txt", write=as_837p, is_form=False),
    FileFormat.PRINT_IMAGE: Format(keyword=FORM_KEYWORD, extension="txt", write=as_print_image),
    "pdf": Format(keyword=FORM_KEYWORD, extension="pdf", write=as_pdf),
}
"""Every shape, by the word for `--format`."""


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_claim_file_options(command)
    command.add_argument("--clinic", metavar="KEY", required=True, help="whose claims; a row of clinics.csv")
    command.add_argument("--format", choices=FORMATS, help="what to write (default: what the mailbox takes)")
    command.add_argument("--grid", choices=list(Grid), help="of the print image (default: the mailbox's)")
    command.add_argument("--out", type=Path, metavar="DIR", required=True, help="the folder the files go to")
    command.add_argument("--test", action="store_true", help="test files: OATEST in the name, numbers of their own")
    command.add_argument(
        "--created", type=_moment, metavar="MOMENT", help="what the head says (default: the last ready_at)"
    )
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Write the clinic's files; 1 where a claim was left out."""
    tables = tables_of(options)
    clinic = tables.clinic(options.clinic)
    mailbox = tables.mailbox(clinic.mailbox_key)
    options.format = options.format or mailbox.format
    layout = _layout(options, mailbox)
    left_out: list[str] = []
    sound = _sound(options, layout, left_out)
    options.out.mkdir(parents=True, exist_ok=True)
    written = 0
    while some := list(islice(sound, min(clinic.claims_per_file, profile.SETS_PER_FILE))):
        print(f"{_write(options, mailbox, layout, some)}: {len(some)} claims")
        written += len(some)
    print(f"{written} claims written, {len(left_out)} left out")
    return 1 if left_out else 0


def _sound(options: argparse.Namespace, layout: Layout, left_out: list[str]) -> Iterator[Claim]:
    for one in judged_claims(options):
        if isinstance(one.claim, CancelledClaim):
            print(f"claim {one.claim.key}: the practice takes it back", file=sys.stderr)
        elif not isinstance(one.claim, Claim) or one.is_blocked:
            left_out.append(one.claim.key)
            rules = ", ".join(dict.fromkeys(fault.rule for fault in one.faults if fault.blocks))
            print(f"claim {one.claim.key}: left out for {rules}; `./courier scrub` says where", file=sys.stderr)
        elif FORMATS[options.format].is_form and (faults := _does_not_fit(one.claim, layout, options)):
            left_out.append(one.claim.key)
            for fault in faults:
                print(f"claim {one.claim.key}: {fault.place}: {fault.message}; {fault.remedy}", file=sys.stderr)
        else:
            yield one.claim


def _does_not_fit(claim: Claim, layout: Layout, options: argparse.Namespace) -> list[Fault]:
    faults = form_faults(claim, _control_number(claim, options), layout)
    return [fault for fault in faults if fault.blocks]


def _layout(options: argparse.Namespace, mailbox: Mailbox) -> Layout:
    """Return how forms are laid out: as the mailbox's are, but the PDF is paper, which the NUCC grid measures."""
    if options.format == "pdf":
        return PAPER
    return replace(mailbox.layout, grid=Grid(options.grid or mailbox.grid))


def _control_number(claim: Claim, options: argparse.Namespace) -> str:
    return patient_control_number(claim.source, claim.key, 1, "T" if options.test else "P")


def _write(options: argparse.Namespace, mailbox: Mailbox, layout: Layout, claims: Sequence[Claim]) -> Path:
    usage = Usage.TEST if options.test else Usage.LIVE
    shape = FORMATS[options.format]
    sheaf = Sheaf(
        number=_number_of(claims, usage),
        created_at=options.created or max(claim.ready_at for claim in claims),
        mailbox=mailbox,
        layout=layout,
        claims=[(position, _control_number(claim, options), claim) for position, claim in enumerate(claims, start=1)],
    )
    path: Path = options.out / upload_name(
        number=sheaf.number, usage=usage, keyword=shape.keyword, extension=shape.extension
    )
    path.write_bytes(shape.write(sheaf))
    return path


def _number_of(claims: Sequence[Claim], usage: Usage) -> int:
    """Return the number of a file, made of what it bills: other claims, another number."""
    content = "\x1f".join([usage, *(f"{claim.source}\x1f{claim.key}\x1f{revision_of(claim)}" for claim in claims)])
    return int.from_bytes(hashlib.sha256(content.encode()).digest()[:8]) % _MOST_NUMBERS + 1


def _moment(text: str) -> datetime:
    moment = datetime.fromisoformat(text)
    if moment.tzinfo is None:
        raise argparse.ArgumentTypeError("say the moment with its offset: 2026-03-06T17:15:00+00:00")
    return moment
