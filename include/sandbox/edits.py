"""
The sandbox's claim edits: what a clearinghouse refuses although the file is sound X12.

Codes RC55 (enrollment missing) and RC66 (diagnosis pointer missing) are Office Ally's (observed); its other codes
are not published, so the sandbox has its own, SB and two digits. Words are the sandbox's own.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from include.claims.identifiers import is_valid_npi
from include.sandbox.payers import PayerList
from include.sandbox.upload import UploadedClaim, amount


@dataclass(slots=True)
class History:
    """The live claims the sandbox took before, by account: a second copy is a duplicate."""

    control_numbers: set[tuple[str, str]] = field(default_factory=set)
    contents: set[tuple[str, str]] = field(default_factory=set)

    def remember(self, account: str, control_number: str, content_sha256: str) -> None:
        """Keep a claim that was accepted."""
        self.control_numbers.add((account, control_number))
        self.contents.add((account, content_sha256))


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """What an edit may look at beside the claim."""

    account: str
    payers: PayerList
    history: History


@dataclass(frozen=True, slots=True)
class Edit:
    """One reason to refuse a claim."""

    code: str
    words: str
    refuses: Callable[[UploadedClaim, Desk], bool]


def _is_duplicate(claim: UploadedClaim, desk: Desk) -> bool:
    known = (desk.account, claim.control_number) in desk.history.control_numbers
    return known or (desk.account, claim.content_sha256) in desk.history.contents


EDITS: Final = (
    Edit("SB01", "PAYER ID IS NOT ON THE PAYER LIST", lambda claim, desk: not desk.payers.knows(claim.payer.id)),
    Edit(
        "RC55",
        "BILLING PROVIDER IS NOT ENROLLED FOR ELECTRONIC CLAIMS WITH THIS PAYER",
        lambda claim, desk: not desk.payers.takes_from(claim.payer.id, claim.billing.id),
    ),
    Edit(
        "SB02",
        "SUBSCRIBER ADDRESS IS MISSING",
        lambda claim, _: not (claim.subscriber.street and claim.subscriber.city),
    ),
    Edit("SB03", "SUBSCRIBER MEMBER ID IS MISSING", lambda claim, _: not claim.subscriber.id),
    Edit("SB04", "SUBSCRIBER DATE OF BIRTH IS MISSING", lambda claim, _: not claim.subscriber.birth_date),
    Edit("SB05", "BILLING PROVIDER NPI IS NOT VALID", lambda claim, _: not is_valid_npi(claim.billing.id)),
    Edit("SB06", "DIAGNOSIS CODE IS MISSING", lambda claim, _: not claim.diagnoses),
    Edit("RC66", "DIAGNOSIS POINTER IS MISSING", lambda claim, _: any(not line.pointers for line in claim.lines)),
    Edit(
        "SB07",
        "TOTAL CHARGE IS NOT THE SUM OF THE LINES",
        lambda claim, _: claim.total != sum(amount(line.charge) for line in claim.lines),
    ),
    Edit("SB08", "DUPLICATE CLAIM, AN EARLIER COPY WAS ACCEPTED", _is_duplicate),
)

WORDS: Final = {edit.code: edit.words for edit in EDITS}


def edit_claim(claim: UploadedClaim, desk: Desk) -> tuple[str, ...]:
    """Return the codes of every edit that refuses the claim; none where it is accepted."""
    return tuple(edit.code for edit in EDITS if edit.refuses(claim, desk))
