"""
The request for an enrollment, drafted from what the ledger knows of the clinic: a text, or a mail to be sent.

Many payers want their own form; then the draft is what to fill in. Holds no patient data.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from email.message import EmailMessage
from email.policy import SMTP
from typing import Final

from include.claims.enrollment import Enrollment, ListedPayer, What
from include.claims.parties import BillingProvider, TaxIdKind
from include.delivery.clinic_table import Clinic, Mailbox


@dataclass(frozen=True, slots=True, kw_only=True)
class Letter:
    """A request that a person reads, signs and sends."""

    subject: str
    text: str

    def as_mail(self) -> bytes:
        """Return it as a draft: X-Unsent lets mail programs open it for writing."""
        mail = EmailMessage(policy=SMTP)
        mail["Subject"] = self.subject
        mail["X-Unsent"] = "1"
        mail.set_content(self.text)
        return mail.as_bytes()


@dataclass(frozen=True, slots=True)
class _Request:
    asks: str
    clearinghouse: bool  # who takes it from the payer matters


_REQUESTS: Final = {
    What.CLAIMS: _Request("to send you professional claims electronically (X12 837P)", True),
    What.REMITTANCES: _Request("to get your remittances electronically (X12 835)", True),
    What.EFT: _Request("to be paid by electronic funds transfer; the bank's details follow on your form", False),
    What.CREDENTIALING: _Request("to have the provider below credentialed as rendering provider", False),
}


def letter(
    enrollment: Enrollment, payer: ListedPayer, provider: BillingProvider, mailbox: Mailbox, clinic: Clinic
) -> Letter:
    """Return the request for one enrollment; `provider` is who bills."""
    request = _REQUESTS[enrollment.what]
    lines = [
        f"To: {payer.name}, payer id {_payer_id(enrollment, payer)}",
        "",
        f"We ask {request.asks}.",
        "",
        *_facts(enrollment, provider),
        *([f"Clearinghouse       Office Ally, submitter id {mailbox.submitter_id}"] if request.clearinghouse else []),
        *_moves(enrollment),
        "",
        "Please tell us from which day it holds, or what you need of us.",
        "",
        f"{mailbox.contact_name}, {clinic.name}, telephone {mailbox.contact_phone}"
        + (f", {clinic.contact}" if clinic.contact else ""),
    ]
    subject = f"Enrollment for {enrollment.what}: {provider.name}, NPI {enrollment.npi}, payer {payer.name}"
    return Letter(subject=subject, text="\n".join(lines) + "\n")


def _facts(enrollment: Enrollment, provider: BillingProvider) -> Iterator[str]:
    address = provider.address
    name = " ".join(part for part in (provider.first_name, provider.name) if part)
    yield f"Billing provider    {name}"
    yield f"Billing NPI         {provider.npi}"
    # A person's tax id is a social security number: it does not belong in a mail.
    is_own = provider.tax_id_kind is TaxIdKind.SOCIAL_SECURITY
    yield f"Tax id              {f'ends in {provider.tax_id[-4:]}' if is_own else provider.tax_id}"
    if provider.taxonomy:
        yield f"Taxonomy            {provider.taxonomy}"
    yield f"Address             {', '.join(part for part in (address.street, address.street2, address.city) if part)}"
    yield f"                    {address.state} {address.postal_code[:5]}-{address.postal_code[5:]}"
    if enrollment.what is What.CREDENTIALING:
        yield f"Rendering NPI       {enrollment.npi}"


def _moves(enrollment: Enrollment) -> Iterator[str]:
    if enrollment.moves_from:
        yield ""
        yield f"They go to {enrollment.moves_from} now. From your approval on they are to go to Office Ally alone."


def _payer_id(enrollment: Enrollment, payer: ListedPayer) -> str:
    is_other = enrollment.what is What.REMITTANCES and payer.remittances_id
    return payer.remittances_id if is_other else payer.id
