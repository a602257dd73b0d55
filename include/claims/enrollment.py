"""
What payers have consented to: claims, remittances, payments, who may render; and whom to wait with.

The clinics keep these records, the ledger has them, the rules of `rules_enrollment` ask them. What a state does to a
claim is a table. Holds no patient data.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from functools import lru_cache
from types import MappingProxyType
from typing import Final

from include.claims.environment import whole_number
from include.claims.model import Claim
from include.claims.parties import Practitioner, Provider
from include.claims.plain_text import fold


class What(StrEnum):
    """What a payer is asked for; each is asked for by itself."""

    CLAIMS = "claims"  # electronic claims, 837P
    REMITTANCES = "remittances"  # 835
    EFT = "eft"  # payments to the bank account
    CREDENTIALING = "credentialing"  # that a rendering provider may treat its members


class State(StrEnum):
    """How far an enrollment is."""

    UNKNOWN = "unknown"
    NOT_NEEDED = "not needed"
    NEEDED = "needed"
    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


class Effect(StrEnum):
    """What an enrollment does to a claim of its payer."""

    GOES = "goes"
    WARNS = "warns"
    HOLDS = "holds"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a state does to claims, and why, as a biller says it."""

    effect: Effect
    words: str


STATES: Final[Mapping[State, Meaning]] = {
    State.UNKNOWN: Meaning(Effect.WARNS, "nobody has written down whether it is needed"),
    State.NOT_NEEDED: Meaning(Effect.GOES, ""),
    State.NEEDED: Meaning(Effect.HOLDS, "it is needed, and nobody has asked for it"),
    State.REQUESTED: Meaning(Effect.HOLDS, "it was requested on {requested_on} and is not approved yet"),
    State.APPROVED: Meaning(Effect.GOES, ""),
    State.REFUSED: Meaning(Effect.HOLDS, "the payer refused it"),
}
"""Of claims; what else is asked of a payer only ever warns."""

_NOT_IN_FORCE: Final = Meaning(Effect.HOLDS, "it is approved {days} only")


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrollment:
    """One thing one payer is asked for, by one provider."""

    key: str
    payer_id: str  # as claims name the payer, whatever it is asked for
    npi: str  # who bills; of credentialing, who renders
    tax_id: str = ""  # blank: whichever the NPI bills under
    what: What
    state: State
    requested_on: date | None = None
    requested_by: str = ""
    effective_from: date | None = None
    effective_to: date | None = None
    moves_from: str = ""  # the clearinghouse that has it now; remittances go to one at a time
    bank_changed_on: date | None = None  # of EFT
    note: str = ""

    def meaning(self, on: date) -> Meaning:
        """Return what it does to a claim on a day: an approval counts on its own days only."""
        if self.state is State.APPROVED and not _covers(self.effective_from, self.effective_to, on):
            return _NOT_IN_FORCE
        return STATES[self.state]

    def sentence(self, on: date) -> str:
        """Return how it stands and why that lets nothing go, with its key; blank where it does."""
        words = self.meaning(on).words
        days = " ".join(
            f"{word} {day}" for word, day in (("from", self.effective_from), ("to", self.effective_to)) if day
        )
        leaves = f"; until then it goes to {self.moves_from}" if self.moves_from else ""
        return words and f"enrollment {self.key}: {words.format(requested_on=self.requested_on, days=days)}{leaves}"


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerHold:
    """Somebody said to wait: with a payer, with a provider, or with one at the other."""

    key: str
    payer_id: str = ""  # blank: every payer
    npi: str = ""  # who bills or renders; blank: everybody
    starts_on: date | None = None
    ends_on: date  # the last day
    reason: str

    def is_in_force(self, on: date) -> bool:
        """Tell whether to wait on a day."""
        return _covers(self.starts_on, self.ends_on, on)


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedPayer:
    """A payer as the clearinghouse lists it."""

    id: str  # for claims
    name: str
    claims_need: bool = False  # enrollment, as far as the list says
    remittances_need: bool = False
    remittances_id: str = ""  # blank: the same
    eligibility_id: str = ""  # blank: the same


class PayerList:
    """The whole payer list, to find what an unlisted id may mean; remembers it, for claims of a payer come together."""

    def __init__(self, listed: Sequence[ListedPayer] = ()) -> None:
        """Take the list; empty means that none was imported."""
        self.listed = tuple(listed)
        self._found: dict[tuple[str, str], list[str]] = {}
        self._names: dict[str, ListedPayer] = {}

    def near(self, payer_id: str, name: str) -> list[str]:
        """Return the payers meant, `SKUT0 (UTAH MEDICAID)`: who has the id for something else, else by name."""
        if (payer_id, name) not in self._found:
            self._found[payer_id, name] = [f"{one.id} ({one.name})" for one in self._near(payer_id, name)]
        return self._found[payer_id, name]

    def _near(self, payer_id: str, name: str) -> list[ListedPayer]:
        if found := [one for one in self.listed if payer_id and payer_id in {one.remittances_id, one.eligibility_id}]:
            return found[:_SHOWN]
        self._names = self._names or {_plain(one.name): one for one in self.listed}
        return [self._names[one] for one in _near_names(_plain(name), tuple(self._names))]


_SHOWN: Final = 3
NO_LIST: Final = PayerList()


# Remembered from chunk to chunk: comparing with ten thousand names takes a fifth of a second.
@lru_cache(maxsize=32)
def _near_names(name: str, names: tuple[str, ...]) -> list[str]:
    return get_close_matches(name, names, n=_SHOWN)


def _plain(name: str) -> str:
    return " ".join("".join(letter if letter.isalnum() else " " for letter in fold(name)).split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Enrolled:
    """What the ledger knows of the payers and providers of some claims."""

    payers: Mapping[str, ListedPayer] = field(default_factory=lambda: MappingProxyType({}))  # by id, where listed
    whole_list: PayerList = NO_LIST  # the whole list, where one of the ids is not in it
    enrollments: Mapping[tuple[str, str], Sequence[Enrollment]] = field(default_factory=lambda: MappingProxyType({}))
    holds: Sequence[PayerHold] = ()

    def counting(self, what: What, payer_id: str, npi: str, tax_id: str, on: date) -> Enrollment | None:
        """Return the record that counts on a day: one that lets claims go, else the one made last."""
        found = [
            one for one in self.enrollments.get((payer_id, npi), ()) if one.what is what and one.tax_id in {"", tax_id}
        ]
        found.sort(key=lambda one: (one.meaning(on).effect is Effect.GOES, _made(one), one.key))
        return found[-1] if found else None


NOTHING_KNOWN: Final = Enrolled()
"""No list was imported and nobody keeps enrollments."""


def by_payer_and_npi(enrollments: Iterable[Enrollment]) -> dict[tuple[str, str], list[Enrollment]]:
    """Return enrollments by what a claim finds them by."""
    found: dict[tuple[str, str], list[Enrollment]] = defaultdict(list)
    for one in enrollments:
        found[one.payer_id, one.npi].append(one)
    return dict(found)


def npis_of(claim: Claim) -> set[str]:
    """Return the NPIs of who bills and who may be named as rendering, as the source or the payer's profile has it."""
    people: list[Provider | Practitioner | None] = [claim.rendering]
    for line in claim.lines:
        people += [line.rendering, line.performed_by, line.supervised_by]
    return {claim.billing.npi, *(who.npi for who in people if who)} - {""}


@dataclass(frozen=True, slots=True, kw_only=True)
class Patience:
    """How many days a request may take, and before its end an approval is told; `COURIER_ENROLLMENT_<NAME>_DAYS`."""

    claims: int = 30
    remittances: int = 30
    eft: int = 30
    credentialing: int = 90
    ends: int = 30

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Patience":
        """Return the days an installation set; raise BadSetting where one is not a number of days."""
        days = {}
        for one in fields(cls):
            name = f"COURIER_ENROLLMENT_{one.name.upper()}_DAYS"
            if (found := whole_number(environment, name, "days", most=_LONGEST)) is not None:
                days[one.name] = found
        return cls(**days)


PATIENCE: Final = Patience()
_LONGEST: Final = 730


class About(StrEnum):
    """What people are reminded of."""

    REQUEST = "enrollment request"
    END = "enrollment end"
    BANK = "bank change"


@dataclass(frozen=True, slots=True)
class Reminder:
    """Something a person has to see to."""

    about: About
    is_late: bool  # something goes wrong already
    sentence: str
    remedy: str


def reminders(kept: Iterable[Enrollment], today: date, patience: Patience) -> Iterator[tuple[Enrollment, Reminder]]:
    """Yield what to remind people of, of each enrollment by the record made last: those before it are its history."""
    by_what: dict[tuple[str, ...], list[Enrollment]] = defaultdict(list)
    for one in kept:
        by_what[one.payer_id, one.npi, one.tax_id, one.what].append(one)
    for records in by_what.values():
        last = max(records, key=lambda one: (_made(one), one.key))
        yield from ((last, reminder) for reminder in _of_the_last(last, today, patience))
        for one in records:
            if one.bank_changed_on and not any(_is_approved_since(other, one.bank_changed_on) for other in records):
                said = f"the bank account changed on {one.bank_changed_on}, and the payer has not approved the new one"
                is_late = one.bank_changed_on <= today
                yield one, Reminder(About.BANK, is_late, said, "ask for EFT anew, and import its approval")


def _of_the_last(one: Enrollment, today: date, patience: Patience) -> Iterator[Reminder]:
    asked, ends = one.requested_on, one.effective_to
    if one.state is State.REQUESTED and asked and (today - asked).days > getattr(patience, one.what):
        said = f"requested on {asked}, and nothing has come of it"
        yield Reminder(About.REQUEST, False, said, "call the payer, and import what it said")
    if one.state is State.APPROVED and ends and (ends - today).days <= patience.ends:
        yield Reminder(About.END, ends < today, f"the approval ends on {ends}", "renew it, and import the new days")


def _is_approved_since(one: Enrollment, day: date) -> bool:
    return one.state is State.APPROVED and one.effective_from is not None and one.effective_from >= day


def _covers(first: date | None, last: date | None, on: date) -> bool:
    return (first is None or first <= on) and (last is None or on <= last)


def _made(one: Enrollment) -> date:
    return max((day for day in (one.requested_on, one.effective_from) if day), default=date.min)
