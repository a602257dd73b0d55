"""
Turn a sealed batch into the bytes of its file, once.

Everything the bytes depend on was frozen when the batch was sealed, so rendering is pure; once stored, the bytes are
the truth and are never made again.
"""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from include.claims.model import Claim
from include.claims.payer_profile_file import read_profiles
from include.claims.scrub import NO_BOOK, RuleBook
from include.claims.states import BatchStatus, Usage
from include.delivery.clinic_table import Mailbox
from include.delivery.ports import Ports
from include.officeally import names, profile
from include.x12.write_837p import Proof, write_837p

PROFILES: Final = "payer_profiles"
"""The setting that holds the payers' profiles a batch was sealed with; a batch sealed without any has none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """The file of a batch, as stored."""

    sha256: str
    size: int  # bytes


def render(batch_id: int, ports: Ports) -> Rendered:
    """Make and store the batch's 837P, or return what was stored before."""
    batch = ports.ledger.batches.get(batch_id)
    if batch.status is BatchStatus.SEALED:
        envelope = profile.envelope(
            {name: value for name, value in batch.settings.items() if name != PROFILES},
            interchange_number=batch.interchange_number,
            group_number=batch.group_number,
            reference=batch.reference,
            created_at=batch.created_at,
        )
        book = RuleBook(payers=read_profiles(batch.settings.get(PROFILES, "")))
        claims = (
            (item.submission_id, item.control_number, book.as_payer_wants(item.claim))
            for item in ports.ledger.batches.claims(batch_id)
        )
        file = write_837p(envelope, claims)
        ports.ledger.batches.rendered(batch_id, ports.vault.store(file.content), len(file.content), file.starts)
        # Read back: a twin may have been first, and then its bytes are the truth.
        batch = ports.ledger.batches.get(batch_id)
    return Rendered(sha256=batch.payload_sha256 or "", size=batch.size or 0)


def frozen_settings(mailbox: Mailbox, book: RuleBook = NO_BOOK) -> dict[str, str]:
    """Return the settings a batch of this mailbox is sealed with: its file's, and the payers' profiles of the day."""
    settings = profile.settings_for(
        submitter_id=mailbox.submitter_id,
        submitter_name=mailbox.submitter_name,
        contact_name=mailbox.contact_name,
        contact_phone=mailbox.contact_phone,
    )
    return {**settings, PROFILES: book.payers.text} if book.payers.text else settings


def name_of(number: int, usage: Usage) -> str:
    """Return the name a batch's file will have on the server."""
    return names.upload_name(number=number, usage=usage)


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


def proof_of_rendering(claim: Claim) -> None:
    """Raise where the claim cannot be written at all; asked before it shares a file with others."""
    _PROOF.check(claim)
