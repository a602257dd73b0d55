"""
One session an account: the lease, the breaker and the deadline around every visit to a server.

A clearinghouse counts logins and locks accounts. So whoever goes there takes the account's lease first, one refused
login stops every other session of that account, and the lease is shorter than the retries that wait for it.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from include.claims.errors import LoginRefused
from include.delivery.clinic_table import Mailbox
from include.delivery.ports import Ports, Server
from include.delivery.records import Lease

_SAFETY = 0.8
"""The holder stops itself at this share of the lease: no clock of ours is trusted to the second."""


@dataclass(frozen=True, slots=True)
class Session:
    """An open session and the right to be in it."""

    server: Server
    lease: Lease
    may_go_on: Callable[[], bool]


@contextmanager
def session(mailbox: Mailbox, ports: Ports) -> Iterator[Session]:
    """Log in to a mailbox as the only one there; raise LeaseHeld, LoginRefused, HostKeyMismatch, ServerUnreachable."""
    accounts = ports.ledger.accounts
    account = ports.mailboxes.identity(mailbox).account
    credential = ports.mailboxes.credential(mailbox)
    # Read before the lease is taken: the deadline may come early, never late.
    deadline = ports.monotonic() + ports.lease_seconds * _SAFETY
    lease = accounts.acquire(account, ports.holder, ports.lease_seconds, credential, mailbox.key)
    try:
        with ports.mailboxes.open(mailbox) as server:
            yield Session(server, lease, lambda: ports.monotonic() < deadline)
    except LoginRefused as refused:
        told = (
            f"{refused}. No second try is made. Enter the right login: ./courier clinics credentials {mailbox.key}."
            " Where this one is right after all (the account was unlocked):"
            f" ./courier accounts reset {account} --who NAME"
        )
        accounts.trip(account, credential, told, ports.now())
        raise LoginRefused(told) from refused
    finally:
        accounts.release(lease)


def stop_refused(mailbox: Mailbox, ports: Ports) -> None:
    """Raise LoginRefused where this very login was refused before; nobody logs in and nobody is kept waiting."""
    account = ports.mailboxes.identity(mailbox).account
    ports.ledger.accounts.stop_refused(account, ports.mailboxes.credential(mailbox), mailbox.key)
