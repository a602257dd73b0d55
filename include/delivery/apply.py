"""
Apply the responses that were taken: from a stored file to what it says of our claims, exactly once.

One reader a kind. A file that cannot be read is quarantined with the reason, one that names nothing of ours is kept as
foreign, a name no reader knows is kept and shown; none of them stops the next.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from include.claims.errors import AgedOut, BadFile
from include.delivery.missing_enrollment import with_enrollments
from include.delivery.ports import Ports, ResponseLedger
from include.delivery.readings import Foreign, acknowledgement_999, file_summary
from include.delivery.readings_of_claims import claim_status, edi_status
from include.delivery.records import Reading, Response, ResponseStatus
from include.delivery.remittances import remittance_of
from include.officeally.era_zip import open_era_zip
from include.officeally.names import ResponseKind, ResponseName, classify
from include.x12.segments import chunks_of, decode

Reader = Callable[[Response, ResponseName, str, ResponseLedger], Reading]

READERS: Final[Mapping[ResponseKind, Reader]] = {
    ResponseKind.FILE_SUMMARY: file_summary,
    ResponseKind.ERROR_REPORT: file_summary,
    ResponseKind.IMPLEMENTATION_ACKNOWLEDGEMENT_999: acknowledgement_999,
    ResponseKind.CLAIM_ACKNOWLEDGEMENT_277CA: claim_status,
    ResponseKind.STATUS_277: claim_status,
    ResponseKind.EDI_STATUS: edi_status,
}
"""What becomes of claims on their way; a file of another kind is kept and shown."""

REMITTANCES: Final = frozenset({ResponseKind.REMITTANCE_5010, ResponseKind.REMITTANCE_4010})
"""What becomes of their money."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Applied:
    """What a round of applying did, in files."""

    applied: int = 0
    set_aside: int = 0


def apply_stored(mailbox_key: str, ports: Ports, *, foreign_again: bool = False) -> Applied:
    """Apply every stored response of the mailbox; with `foreign_again` also those that named nothing of ours before."""
    wanted = {ResponseStatus.STORED, ResponseStatus.FOREIGN} if foreign_again else {ResponseStatus.STORED}
    applied = set_aside = 0
    for response in ports.ledger.responses.unapplied(mailbox_key):
        if response.status not in wanted:
            continue
        if _apply_one(response, ports):
            applied += 1
        else:
            set_aside += 1
    return Applied(applied=applied, set_aside=set_aside)


def _apply_one(response: Response, ports: Ports) -> bool:
    name = classify(response.name)
    if name.kind not in READERS and name.kind not in REMITTANCES:
        reason = f"no reader for a file of this kind ({name.kind.value}); it is kept"
        return _aside(response, ResponseStatus.UNKNOWN, reason, ports)
    try:
        return _read_and_apply(response, name, ports)
    except Foreign as foreign:
        return _aside(response, ResponseStatus.FOREIGN, str(foreign), ports)
    except (BadFile, AgedOut) as bad:
        return _aside(response, ResponseStatus.QUARANTINED, str(bad), ports)
    except (ValueError, LookupError, TypeError, ArithmeticError) as fault:
        # A file no reader foresaw must not keep the others from being applied; its text may hold a patient's data.
        reason = f"the reader of {name.kind.value} failed on it ({type(fault).__name__}); report it, the file is kept"
        return _aside(response, ResponseStatus.QUARANTINED, reason, ports)


def _read_and_apply(response: Response, name: ResponseName, ports: Ports) -> bool:
    ledger = ports.ledger.responses
    if name.kind in REMITTANCES and response.status is ResponseStatus.FOREIGN:
        return False  # its postings are kept, and matched by themselves once their claims are known
    raw = ports.vault.load(response.sha256)
    if name.kind in REMITTANCES:
        content = open_era_zip(raw).remittance() if response.name.lower().endswith(".zip") else raw
        status = ledger.post(response.id, remittance_of(chunks_of(decode(content))), ports.now())
    else:
        reading = READERS[name.kind](response, name, decode(raw), ledger)
        reading = with_enrollments(reading, ports.ledger.claims, ports.now().date())
        status = ledger.apply(response.id, reading, ports.now())
    return status is ResponseStatus.APPLIED


def _aside(response: Response, status: ResponseStatus, reason: str, ports: Ports) -> bool:
    if response.status is not status:
        ports.ledger.responses.set_aside(response.id, status, reason, ports.now())
    return False
