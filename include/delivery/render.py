"""
Turn a sealed batch into the bytes of its file, once.

Everything the bytes depend on was frozen when the batch was sealed, so rendering is pure; once stored, the bytes are
the truth and are never made again.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from include.claims.model import Claim, Fault
from include.claims.payer_profile_file import read_profiles
from include.claims.scrub import NO_BOOK, RuleBook
from include.claims.states import BatchStatus, Usage
from include.delivery.clinic_table import Mailbox
from include.delivery.ports import Ports
from include.delivery.records import Batch
from include.delivery.render_forms import form_settings, off_the_form, print_batch
from include.hcfa.layout import Layout
from include.officeally import names, profile
from include.officeally.names import FileFormat
from include.x12.write_837p import Proof, write_837p

PROFILES: Final = "payer_profiles"
"""The setting that holds the payers' profiles a batch was sealed with; a batch sealed without any has none."""

Claims = Iterable[tuple[int, str, Claim]]
"""Submission id, patient control number and claim."""

File = tuple[bytes, Mapping[int, tuple[str, int]]]
"""Bytes, and where each submission stands in them: set and segment, or no set and the page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The file of a batch, as stored."""

    sha256: str
    size: int  # bytes


def render(batch_id: int, ports: Ports) -> Rendered:
    """Make and store the batch's file, or return what was stored before."""
    batch = ports.ledger.batches.get(batch_id)
    if batch.status is BatchStatus.SEALED:
        content, starts = written(batch, ports)
        ports.ledger.batches.rendered(batch_id, ports.vault.store(content), len(content), starts)
        # Read back: a twin may have been first, and then its bytes are the truth.
        batch = ports.ledger.batches.get(batch_id)
    return Rendered(sha256=batch.payload_sha256 or "", size=batch.size or 0)


def written(batch: Batch, ports: Ports) -> File:
    """Write the batch's claims as its settings have it."""
    book = _book_of(batch)
    claims = (
        (item.submission_id, item.control_number, book.as_payer_wants(item.claim))
        for item in ports.ledger.batches.claims(batch.id)
    )
    return _WRITERS[batch.file_format](batch, claims)


def as_sent(batch: Batch, claim: Claim) -> Claim:
    """Return a claim as the batch's file has it: merged or rounded where its payer's profile of that day asked."""
    return _book_of(batch).as_payer_wants(claim)


def _book_of(batch: Batch) -> RuleBook:
    return RuleBook(payers=read_profiles(batch.settings.get(PROFILES, "")))


def _as_837p(batch: Batch, claims: Claims) -> File:
    envelope = profile.envelope(
        {name: value for name, value in batch.settings.items() if name != PROFILES},
        interchange_number=batch.interchange_number,
        group_number=batch.group_number,
        reference=batch.reference,
        created_at=batch.created_at,
    )
    file = write_837p(envelope, claims)
    return file.content, file.starts


def _as_print_image(batch: Batch, claims: Claims) -> File:
    printed = print_batch(batch, claims)
    return printed.content, {one: ("", page) for one, page in printed.starts.items()}


_WRITERS: Final[Mapping[FileFormat, Callable[[Batch, Claims], File]]] = {
    FileFormat.X12: _as_837p,
    FileFormat.PRINT_IMAGE: _as_print_image,
}


def frozen_settings(mailbox: Mailbox, book: RuleBook = NO_BOOK) -> dict[str, str]:
    """Return the settings a batch of this mailbox is sealed with: its file's, and the payers' profiles of the day."""
    settings = form_settings(mailbox) if mailbox.format is FileFormat.PRINT_IMAGE else _of_837p(mailbox)
    return {**settings, PROFILES: book.payers.text} if book.payers.text else settings


def _of_837p(mailbox: Mailbox) -> dict[str, str]:
    return profile.settings_for(
        submitter_id=mailbox.submitter_id,
        submitter_name=mailbox.submitter_name,
        contact_name=mailbox.contact_name,
        contact_phone=mailbox.contact_phone,
    )


def name_of(file_format: FileFormat, number: int, usage: Usage) -> str:
    """Return the name a batch's file will have on the server."""
    return names.upload_name(number=number, usage=usage, keyword=file_format.keyword)


_PROOF = Proof(
    profile.envelope(
        profile.settings_for(
            submitter_id="000000000", submitter_name="X", contact_name="X", contact_phone="2000000000"
        ),
        interchange_number=1,
        group_number=1,
        reference="1",
        created_at=datetime(2000, 1, 1, tzinfo=UTC),
    )
)


def proof_of_rendering(claim: Claim, form: Layout | None = None) -> tuple[Fault, ...]:
    """Return what a form would not hold or say; raise where the claim cannot be written at all.

    Asked before it shares a file with others; without a form the file is an 837P, which says all or nothing.
    """
    if form is not None:
        return off_the_form(claim, form)
    _PROOF.check(claim)
    return ()
