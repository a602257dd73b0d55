"""
Take what the clearinghouse has put in `outbound`: list, see it rest, fetch with bounds, keep the raw bytes.

Taking gives no meaning; `apply` does. A worker killed anywhere takes again without effect. Remote files stay.
What is new is what the ledger does not know by name, size and time, so whoever looks needs no memory of its own.
"""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Final, TypeVar

from include.claims.errors import AccountClosed, BadFile, ClaimsError, NeedsRepair, RetryLater, TransferBroken
from include.delivery.apply import READERS
from include.delivery.ports import Ports, Server
from include.delivery.records import RemoteFile, ResponseStatus
from include.delivery.session import session
from include.officeally.names import classify

LARGEST: Final = 512 * 1024 * 1024
LARGEST_KEPT_WHOLE: Final = 32 * 1024 * 1024
"""
Bytes; a larger file is left on the server. A remittance is read as a stream; every other answer is kept whole while it
is read, which takes up to 25 times its size where somebody means harm, and is a few megabytes for 5,000 claims.
"""

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one visit brought."""

    stored: int
    still_growing: int
    listing: str  # a digest of the listing, so that a watcher knows when it changes
    left: tuple[str, ...] = ()  # names of files that nobody will fetch: too large, or not to be asked for


def take(mailbox_key: str, ports: Ports) -> Taken:
    """
    Store every response of the mailbox that is new and rests; leave the remote files where they are.

    A file that the server will not give keeps no other from being stored; what it said is raised when all are.
    """
    mailbox = ports.ledger.clinics.mailbox(mailbox_key)
    stored = refused = 0
    failed: list[ClaimsError] = []
    with session(mailbox, ports) as here:
        listing = here.server.list_outbound()
        fresh = _unknown(listing, mailbox_key, ports)
        if fresh:
            ports.sleep(ports.settle_seconds)
            listing = here.server.list_outbound()
        resting = set(listing)
        for file in (file for file in fresh if file in resting):
            if reason := why_left(file):
                ports.ledger.responses.refuse(mailbox_key, file, reason, ports.now())
                refused += 1
                continue
            try:
                stored += _store(file, here.server, mailbox_key, ports)
            except NeedsRepair as error:
                failed.append(error)
    if failed:
        raise failed[0]
    return Taken(
        stored=stored,
        still_growing=len(fresh) - stored - refused,
        listing=digest(listing),
        left=tuple(file.name for file in listing if why_left(file)),
    )


def why_left(file: RemoteFile) -> str:
    """Return why a file is left on the server, blank where it may be fetched."""
    if file.fault:
        return f"{file.fault}; it is left on the server: look at it with the clinic's login"
    most = LARGEST_KEPT_WHOLE if classify(file.name).kind in READERS else LARGEST
    if file.size > most:
        return (
            f"{file.size} bytes are listed, {most} are the most such a response may have; it is left on the server:"
            " ask the clearinghouse for it in parts"
        )
    return ""


def _store(file: RemoteFile, server: Server, mailbox_key: str, ports: Ports) -> bool:
    """Store a file; False where it is not what was listed: it grows, or another program has taken it."""
    try:
        content = server.fetch(file.name, file.size)
    except (BadFile, TransferBroken):
        return False
    if len(content) != file.size:
        return False
    ports.ledger.responses.store(mailbox_key, file, ports.vault.store(content), ports.now())
    return True


def digest(listing: Iterable[RemoteFile]) -> str:
    """Return 16 hex digits that change whenever the listing does."""
    lines = sorted(f"{file.name}\x1f{file.size}\x1f{file.modified}" for file in listing)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]


def has_news(mailbox_key: str, ports: Ports) -> bool:
    """Tell whether taking would find work: a file the ledger does not know, or one it stored and never applied."""
    responses = ports.ledger.responses
    if any(response.status is ResponseStatus.STORED for response in responses.unapplied(mailbox_key)):
        return True
    with session(ports.ledger.clinics.mailbox(mailbox_key), ports) as here:
        listing = here.server.list_outbound()
    return bool(_unknown(listing, mailbox_key, ports))


def clinic_has_news(clinic_key: str, ports: Ports) -> bool:
    """Tell whether any mailbox of a clinic has work; what kept a look from it is raised only where none has."""
    seen, failed = visit_each(clinic_key, has_news, ports)
    if failed and not any(seen):
        raise worst(failed)
    return any(seen)


def visit_each(clinic_key: str, visit: Callable[[str, Ports], T], ports: Ports) -> tuple[list[T], list[ClaimsError]]:
    """Visit every mailbox that owes the clinic an answer; one that fails keeps no other waiting."""
    found: list[T] = []
    failed: list[ClaimsError] = []
    own, *others = ports.ledger.clinics.mailboxes_answering(clinic_key, ports.now(), ports.old_mailbox)
    for mailbox in (own, *others):
        try:
            found.append(visit(mailbox.key, ports))
        except AccountClosed as closed:
            # A clinic's own account must be open; of one it has left nothing more will come.
            failed += [closed] if mailbox is own else []
        except ClaimsError as error:
            failed.append(error)
    return found, failed


def worst(failed: Iterable[ClaimsError]) -> ClaimsError:
    """Return what a person must mend before what mends itself."""
    return min(failed, key=lambda error: isinstance(error, RetryLater))


def _unknown(listing: Iterable[RemoteFile], mailbox_key: str, ports: Ports) -> list[RemoteFile]:
    known = ports.ledger.responses.known(mailbox_key)
    return [file for file in listing if (file.name, file.size, file.modified) not in known]
