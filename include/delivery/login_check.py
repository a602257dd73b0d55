"""
Does every login still work? Asked by day, so that a person can mend in office hours what would stop the night.

One session a mailbox looks into both folders and writes nothing. A refused login opens the account's breaker, which
pauses the deliveries of its clinics; a server that does not answer opens nothing and is asked again. A login that was
refused before is not tried: what locks an account is to try it again.
"""

from collections import defaultdict
from dataclasses import dataclass
from typing import Final

from include.claims.errors import LoginRefused, NeedsRepair
from include.claims.states import Usage
from include.delivery.clinic_table import Mailbox, Mode
from include.delivery.ports import Ports
from include.delivery.records import ServerIdentity, Table
from include.delivery.session import session
from include.delivery.standstill import delivering
from include.officeally.names import upload_name

_NOBODYS: Final = upload_name(number=0, usage=Usage.TEST)
"""A name no batch ever has: looking for it shows whether `inbound` is there."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What a login has seen."""

    identity: ServerIdentity
    files: int  # in outbound


@dataclass(frozen=True, slots=True, kw_only=True)
class InUse:
    """The mailboxes whose logins are to work, and those that have none yet, with what they lack."""

    mailboxes: tuple[str, ...]
    left_out: dict[str, str]


def logins_in_use(ports: Ports) -> InUse:
    """Return the mailboxes of all clinics that have not left; one that is being set up may have no login yet."""
    modes: dict[str, set[str]] = defaultdict(set)
    for row in ports.ledger.clinics.rows(Table.CLINIC):
        # The cells as they stand: a row that is wrong elsewhere has a login all the same.
        if row["mode"] != Mode.ARCHIVED:
            modes[str(row["mailbox_key"])].add(str(row["mode"]) or Mode.ONBOARDING)
    beginning = [key for key, some in modes.items() if some == {Mode.ONBOARDING}]
    left_out = {key: why for key in beginning if (why := _what_lacks(key, ports))}
    return InUse(mailboxes=tuple(sorted(modes.keys() - left_out)), left_out=left_out)


def check_login(mailbox_key: str, ports: Ports) -> Seen:
    """Log in once and look into both folders; a refused login is told with the clinics whose deliveries it pauses."""
    mailbox = ports.ledger.clinics.mailbox(mailbox_key)
    try:
        return look_around(mailbox, ports)
    except LoginRefused as refused:
        paused = ", ".join(delivering(mailbox_key, ports.ledger)) or "no clinic yet"
        raise LoginRefused(f"mailbox {mailbox_key}: deliveries are paused for {paused}. {refused}") from refused


def look_around(mailbox: Mailbox, ports: Ports) -> Seen:
    """Log in once, see both folders, write nothing."""
    with session(mailbox, ports) as here:
        here.server.look(_NOBODYS)
        return Seen(identity=here.server.identity, files=len(here.server.list_outbound()))


def _what_lacks(mailbox_key: str, ports: Ports) -> str:
    """Return what a mailbox lacks before anybody can log in, or an empty string."""
    try:
        mailbox = ports.ledger.clinics.mailbox(mailbox_key)
        ports.mailboxes.identity(mailbox)
        ports.mailboxes.credential(mailbox)
    except NeedsRepair as lacking:
        return str(lacking)
    return ""
