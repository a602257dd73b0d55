"""
Whose deliveries stand still because a login was refused, said in one way wherever people look.

The breaker stops the account by itself; a clinic that sends nothing must not look like one that has nothing to send.
What is said here the ledger alone knows, so that a report needs neither a connection nor a server.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from include.delivery.clinic_table import Mode
from include.delivery.file_hops import Hop
from include.delivery.ports import Ledger
from include.delivery.records import AccountState, Table

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Standstill:
    """A refused login, and the clinics for which nothing is sent or fetched until it is mended."""

    account: str
    mailbox_key: str  # blank: not known, or it uses another account by now
    since: datetime
    clinics: tuple[str, ...]

    def sentence(self, ready: Mapping[str, Hop] | None = None) -> str:
        """Say since when, and for whom; with what of these clinics is ready to go, where that is known."""
        said = f"its login was refused on {self.since:%Y-%m-%d %H:%M} UTC; nothing is sent or fetched since"
        if not self.clinics:
            return said
        hops = [hop for key in self.clinics if (hop := (ready or {}).get(key))]
        waiting = f"; {_sum(hops)} ready wait, beside what the practice released since" if hops else ""
        return f"{said}, deliveries are paused for {', '.join(self.clinics)} (mailbox {self.mailbox_key}){waiting}"

    @property
    def remedy(self) -> str:
        """What to do about it."""
        return (
            f"./courier clinics credentials {self.mailbox_key or 'MAILBOX'}, and deliveries go on by themselves; if the"
            f" login is right after all, ./courier accounts reset {self.account} --who NAME"
        )


def standstills(ledger: Ledger, only: str = "") -> list[Standstill]:
    """Return every refused login with the clinics it stops, by account; or those that stop one clinic."""
    states = ledger.accounts.states()
    found = [_standstill(state, states, ledger) for state in states if state.refused_at]
    return [one for one in found if not only or only in one.clinics]


def lines(ledger: Ledger, only: str = "") -> list[str]:
    """Return the same as lines for a page."""
    return [f"account {one.account}: {one.sentence()}; {one.remedy}" for one in standstills(ledger, only)]


def delivering(mailbox_key: str, ledger: Ledger) -> tuple[str, ...]:
    """Return the clinics that send by a mailbox or wait for answers in it; not those that begin, or have left."""
    return tuple(
        str(row["key"])
        for row in ledger.clinics.rows(Table.CLINIC)
        if row["mailbox_key"] == mailbox_key and row["mode"] not in {"", Mode.ONBOARDING, Mode.ARCHIVED}
    )


def _standstill(state: AccountState, states: Iterable[AccountState], ledger: Ledger) -> Standstill:
    assert state.refused_at is not None
    mailbox = "" if _has_moved_on(state, states) else state.mailbox_key
    return Standstill(
        account=state.account,
        mailbox_key=mailbox,
        since=state.refused_at,
        clinics=delivering(mailbox, ledger) if mailbox else (),
    )


def _has_moved_on(state: AccountState, states: Iterable[AccountState]) -> bool:
    """Tell whether the account's mailbox has been at another since: a wrong user name is an account of its own."""
    return any(
        one.mailbox_key == state.mailbox_key and (one.visited_at or _NEVER) > (state.visited_at or _NEVER)
        for one in states
    )


def _sum(hops: Iterable[Hop]) -> str:
    hops = list(hops)
    return f"{sum(hop.claims for hop in hops)} claims ${sum(hop.dollars for hop in hops):,.2f}"
