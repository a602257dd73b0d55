"""
Apply the responses that were taken: from a stored file to what it says of our claims, exactly once.

One reader a kind. A file that cannot be read is quarantined with the reason, one that names nothing of ours is kept as
foreign, a name no reader knows is kept and shown; none of them stops the next.
"""

from dataclasses import dataclass

from include.claims.errors import BadFile
from include.delivery.ports import Ports
from include.delivery.readings import READERS, Foreign
from include.delivery.records import Response, ResponseStatus
from include.officeally.names import classify
from include.x12.segments import decode


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
    reader = READERS.get(name.kind)
    if reader is None:
        reason = f"no reader for a file of this kind ({name.kind.value}); it is kept"
        return _aside(response, ResponseStatus.UNKNOWN, reason, ports)
    try:
        reading = reader(response, name, decode(ports.vault.load(response.sha256)), ports.ledger.responses)
    except Foreign as foreign:
        return _aside(response, ResponseStatus.FOREIGN, str(foreign), ports)
    except BadFile as bad:
        return _aside(response, ResponseStatus.QUARANTINED, str(bad), ports)
    except (ValueError, LookupError, TypeError, ArithmeticError) as fault:
        # A file no reader foresaw must not keep the others from being applied; its text may hold a patient's data.
        reason = f"the reader of {name.kind.value} failed on it ({type(fault).__name__}); report it, the file is kept"
        return _aside(response, ResponseStatus.QUARANTINED, reason, ports)
    return ports.ledger.responses.apply(response.id, reading, ports.now()) is ResponseStatus.APPLIED


def _aside(response: Response, status: ResponseStatus, reason: str, ports: Ports) -> bool:
    if response.status is not status:
        ports.ledger.responses.set_aside(response.id, status, reason, ports.now())
    return False
