"""
Take what the clearinghouse has put in `outbound`: list, see it rest, fetch with bounds, keep the raw bytes.

Taking gives no meaning; `apply` does. A worker killed anywhere takes again without effect. Remote files stay.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass

from include.claims.errors import BadFile
from include.delivery.ports import Ports
from include.delivery.records import RemoteFile
from include.delivery.session import session

LARGEST_RESPONSE = 512 * 1024 * 1024
"""Bytes; a larger file is left on the server and named in every take."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """What one visit brought."""

    stored: int
    still_growing: int
    listing: str  # a digest of the listing, so that a watcher knows when it changes
    too_large: tuple[str, ...] = ()


def take(mailbox_key: str, ports: Ports) -> Taken:
    """Store every response of the mailbox that is new and rests; leave the remote files where they are."""
    mailbox = ports.ledger.clinics.mailbox(mailbox_key)
    stored = growing = 0
    too_large = []
    with session(mailbox, ports) as here:
        listing = here.server.list_outbound()
        known = ports.ledger.responses.known(mailbox_key)
        fresh = [file for file in listing if (file.name, file.size, file.modified) not in known]
        if fresh:
            ports.sleep(ports.settle_seconds)
            listing = here.server.list_outbound()
        resting = set(listing)
        for file in fresh:
            if file not in resting:
                growing += 1
                continue
            try:
                content = here.server.fetch(file.name, LARGEST_RESPONSE)
            except BadFile:
                too_large.append(file.name)
                continue
            if len(content) != file.size:
                growing += 1
                continue
            ports.ledger.responses.store(mailbox_key, file, ports.vault.store(content), ports.now())
            stored += 1
    return Taken(stored=stored, still_growing=growing, listing=digest(listing), too_large=tuple(too_large))


def digest(listing: Iterable[RemoteFile]) -> str:
    """Return 16 hex digits that change whenever the listing does."""
    lines = sorted(f"{file.name}\x1f{file.size}\x1f{file.modified}" for file in listing)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:16]
