"""
What waits for a person, as lists that are worked off: which there are, and what belongs in each.

Every claim that needs somebody stands in exactly one of them, by where it is; silence runs beside, over all of them.
A queue is asked for a page at a time and counted by the database. Holds no patient data.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, Protocol

from include.claims.deadlines import Clock
from include.claims.states import FINISHED, REFUSED_WHOLE, REJECTED, Adjudication, Delivery, FrontEnd, Work
from include.delivery.file_hops import Hop
from include.delivery.standing import Standing


class Subject(StrEnum):
    """What a queue lists, and so what an act is on."""

    CLAIM = "claim"  # by control number
    ALARM = "alarm"  # a claim nobody answers, by control number
    FILE = "file"  # of ours, by batch
    MONEY = "money"  # a payment, or one posting of it
    ANSWER = "answer"  # a file that came back


class Sort(StrEnum):
    """What stands first."""

    DOLLARS = "dollars"
    AGE = "age"
    LIMIT = "limit"  # the oldest service: its filing limit ends first


class Placed(Protocol):
    """A claim, or claims that stand alike: all that says in which queue they are."""

    @property
    def delivery(self) -> Delivery: ...  # noqa: D102  # as the axes are called
    @property
    def front_end(self) -> FrontEnd: ...  # noqa: D102
    @property
    def adjudication(self) -> Adjudication: ...  # noqa: D102
    @property
    def work(self) -> Work: ...  # noqa: D102


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """One list."""

    name: str  # in the address
    title: str
    about: str  # what it is and what helps, in a sentence or two
    subject: Subject = Subject.CLAIM
    acts: tuple[str, ...] = ()
    needs_person: bool = True
    deliveries: frozenset[Delivery] = frozenset()  # of a list of claims: where they stand, as three more
    front_ends: frozenset[FrontEnd] = frozenset(FrontEnd)
    adjudications: frozenset[Adjudication] = frozenset(Adjudication)
    works: frozenset[Work] = frozenset(Work)

    def holds(self, one: Placed) -> bool:
        """Tell whether claims that stand so are in it."""
        return (
            one.delivery in self.deliveries
            and one.front_end in self.front_ends
            and one.adjudication in self.adjudications
            and one.work in self.works
        )

    @property
    def sorts(self) -> tuple[Sort, ...]:
        """What may stand first in it."""
        by_service = self.subject in {Subject.CLAIM, Subject.ALARM}
        return (Sort.DOLLARS, Sort.AGE, Sort.LIMIT) if by_service else (Sort.DOLLARS, Sort.AGE)


_HELD: Final = frozenset({Delivery.HELD})
_REFUSED: Final = REFUSED_WHOLE | {Delivery.UNACCOUNTED}
_GONE: Final = frozenset(Delivery) - _HELD - _REFUSED
_DENIED: Final = frozenset({Adjudication.DENIED, Adjudication.PAID_WITH_DENIED_LINES})
_APPEALED: Final = frozenset({Work.APPEAL})
_OPEN: Final = frozenset(Work) - FINISHED - {Work.NOBODY} - _APPEALED

_ENDS: Final = ("written-off", "closed")

QUEUES: Final[Mapping[str, Queue]] = {
    one.name: one
    for one in (
        Queue(
            name="held",
            title="Held",
            about="Not sent yet. What a rule holds is mended at the source; what asks a person is released here.",
            acts=("release", "collect", "hold"),
            deliveries=_HELD,
        ),
        Queue(
            name="rejected",
            title="Rejected",
            about="The clearinghouse or the payer's front end made no claim of it. Corrected, it goes as a new one.",
            acts=("corrected", "original", *_ENDS),
            deliveries=_GONE,
            front_ends=REJECTED,
            adjudications=frozenset(Adjudication) - _DENIED,
            works=_OPEN,
        ),
        Queue(
            name="denied",
            title="Denied",
            about="The payer denied it, or lines of it. Correct and replace it, appeal, or end the work on it.",
            acts=("replacement", "original", "void", "appealed", *_ENDS),
            deliveries=_GONE,
            adjudications=_DENIED,
            works=_OPEN,
        ),
        Queue(
            name="decide",
            title="To decide",
            about="Changed or taken back at the source after it left, asked about by the payer, or answered two ways.",
            acts=("replacement", "void", *_ENDS),
            deliveries=_GONE,
            front_ends=frozenset(FrontEnd) - REJECTED,
            adjudications=frozenset(Adjudication) - _DENIED,
            works=_OPEN,
        ),
        Queue(
            name="refused",
            title="Refused before it was read",
            about="Its file or set was refused, or no report names it: no claim was made of it there.",
            acts=("renew", "original", *_ENDS),
            deliveries=_REFUSED,
            works=_OPEN,
        ),
        Queue(
            name="doubt",
            title="In doubt",
            about="Files that began to leave, and nobody has confirmed them. Look at the clearinghouse before you say.",
            subject=Subject.FILE,
            acts=("arrived", "did-not-arrive", "keep-waiting"),
        ),
        Queue(
            name="unmatched",
            title="Unmatched remittances",
            about="Money that names no claim of ours, or does not add up. It is not in the feed until you say.",
            subject=Subject.MONEY,
            acts=("match", "accept"),
        ),
        Queue(
            name="quarantined",
            title="Files set aside",
            about="Answers that could not be read, that nobody knows, or that name nothing of ours.",
            subject=Subject.ANSWER,
            acts=("retry",),
        ),
        Queue(
            name="silent",
            title="Silent",
            about="Past a deadline, as the last run of chase_silent_claims told. Heard: quiet until it gets worse.",
            subject=Subject.ALARM,
            acts=("heard", *_ENDS),
        ),
        Queue(
            name="appealed",
            title="Appealed",
            about="The payer has to decide anew.",
            acts=("replacement", *_ENDS),
            deliveries=frozenset(Delivery) - _HELD,
            works=_APPEALED,
        ),
        Queue(
            name="ready",
            title="Ready",
            about="Sound, and going with the clinic's next run. Hold what must wait.",
            acts=("hold", "collect"),
            needs_person=False,
            deliveries=frozenset({Delivery.READY}),
            works=frozenset(Work) - _OPEN - _APPEALED,
        ),
    )
}
"""In the order in which they are told apart; the page shows the one with the most money first."""


def acts_on(one: Placed) -> tuple[str, ...]:
    """Return what may be done about a claim: the acts of its queue; in none, what may be said of it all the same."""
    for queue in QUEUES.values():
        if queue.subject is Subject.CLAIM and queue.holds(one):
            return queue.acts
    if one.work in {Work.WRITTEN_OFF, Work.CLOSED}:
        return ("open",)
    if one.delivery is Delivery.SENT and one.work is Work.NOBODY:
        return ("replacement", "void", *_ENDS)
    return ()


SILENT: Final[Mapping[Clock, str]] = {
    Clock.UNSENT: "collected, and not sent",
    Clock.IN_DOUBT: "its upload broke off",
    Clock.NOT_TAKEN: "sent, and no claim was made of it",
    Clock.ANSWER: "no answer from the clearinghouse",
    Clock.VERDICT: "the clearinghouse has not said whether it takes it",
    Clock.EARLIER: "sent by an earlier process, no answer",
    Clock.PAYER: "the payer has said nothing",
    Clock.REMITTANCE: "accepted, and no remittance",
    Clock.INFORMATION: "the payer waits for information",
    Clock.NOT_FOUND: "the payer cannot find it",
    Clock.CORRECTION: "the payer took its decision back",
    Clock.APPEALED: "appealed, and no new decision",
    Clock.FILING: "the payer's filing limit",
    Clock.SECONDARY: "the filing limit after the payer before it",
    Clock.CORRECTED: "the limit for a corrected claim",
    Clock.APPEAL: "the limit for an appeal",
}
"""What each clock of a silent claim means, in a few words."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A page of a queue that somebody wants to see."""

    clinics: Collection[str]
    mailboxes: Collection[str] = ()
    payer: str = ""
    code: str = ""  # of a reason
    named: str = ""  # how a control number, a claim's key or a file's name begins
    sort: Sort = Sort.DOLLARS
    after: tuple[str, ...] = ()  # where the page before ended; `Waiting.place`
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Last:
    """What happened last, and who did it."""

    what: str
    at: datetime | None = None
    who: str = ""  # blank: no person

    def __str__(self) -> str:
        """Say it as a person reads it."""
        by = f" by {self.who}" if self.who else ""
        return f"{self.what.replace('_', ' ')}{by}" + (f" on {self.at:%Y-%m-%d %H:%M} UTC" if self.at else "")


RELEASABLE: Final = "a person may release it"
"""The work on a held claim that no rule holds."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """One thing that waits, as every queue shows it."""

    id: str  # what an act names: a control number, a batch, `payment` or `payment-posting`, an answer
    name: str  # what people call it: the claim's key, a file, a trace
    clinic_key: str = ""  # blank: it came to a mailbox, and nobody knows for whom
    mailbox_key: str = ""
    payer: str = ""
    amount: Decimal = Decimal(0)
    stands: str
    work: str = ""
    reasons: tuple[str, ...] = ()  # `codes: words`
    service_on: date | None = None
    since: datetime | None = None
    last: Last
    seen: str  # changes whenever something happens to it
    place: tuple[str, ...] = field(default=(), repr=False)


def totals(standings: Iterable[Standing]) -> dict[str, Hop]:
    """Return how many claims each list of claims has, and their dollars."""
    found = {one.name: Hop() for one in QUEUES.values() if one.subject is Subject.CLAIM}
    for standing in standings:
        for name, hop in found.items():
            if QUEUES[name].holds(standing):
                hop.add(standing.charge, standing.claims)
    return found


def clinics_by_mailbox(
    clinic_rows: Iterable[Mapping[str, object]], mailbox_rows: Iterable[Mapping[str, object]], seen: Collection[str]
) -> dict[str, frozenset[str]]:
    """Return the mailboxes whose clinics somebody sees all, with these: what lies in one may be of any of them.

    One that its clinics have left shows to who sees every clinic.
    """
    found: dict[str, set[str]] = {str(row["key"]): set() for row in mailbox_rows}
    every = set()
    for row in clinic_rows:
        every.add(str(row["key"]))
        found.setdefault(str(row["mailbox_key"]), set()).add(str(row["key"]))
    return {mailbox: frozenset(its) for mailbox, its in found.items() if (its or every) <= set(seen)}
