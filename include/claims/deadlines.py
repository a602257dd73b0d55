"""
How long a claim may stand where it stands: a clock for every state in which somebody owes somebody an answer.

Nobody tells us that nothing came. So every unsettled claim is asked which clocks run over it now: those of an answer
that is due, by stage, and those of the payer's filing limits. A claim over which none runs is not settled either; who
asks has to say so.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Final

from include.claims.environment import whole_number
from include.claims.payer_profile import AfterDenial, PayerProfile
from include.claims.states import (
    ANSWERS,
    GONE_ON,
    REJECTED,
    Adjudication,
    Delivery,
    Event,
    FrontEnd,
    Happened,
    Standing,
    after,
    in_order,
)

GOES_NOWHERE: Final = GONE_ON | {Delivery.WITHDRAWN}
"""Taken back, or gone on as another submission: nobody owes an answer."""

SETTLED: Final = frozenset({Adjudication.PAID, Adjudication.PATIENT_RESPONSIBILITY, Adjudication.FORWARDED})
"""The payer has decided and nothing is left to ask of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Moments:
    """Since when a submission stands where it stands, and what was ever heard of it."""

    delivery: datetime | None = None
    front_end: datetime | None = None
    adjudication: datetime | None = None
    appeal: datetime | None = None  # a person said that it was appealed
    is_answered: bool = False  # by anybody
    is_of_before: bool = False  # an earlier process sent it: the answers about its file went there
    is_at_payer: bool = False  # the payer said that it has it: timely filing is proved


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsettled:
    """What the ledger knows of a submission that somebody still waits for. Holds no patient data."""

    clinic_key: str
    claim_key: str
    control_number: str  # CLM01
    payer_id: str
    charge: Decimal
    is_original: bool  # CLM05-3 is 1
    is_primary: bool  # SBR01 is P
    first_service_on: date | None
    others_decided_on: date | None = None  # another payer's decision on it, where it is not the first one's turn
    delivery: Delivery
    front_end: FrontEnd
    adjudication: Adjudication
    is_appealed: bool = False  # as a person said last
    moments: Moments


class Clock(StrEnum):
    """What is waited for."""

    UNSENT = "unsent"
    IN_DOUBT = "in_doubt"
    NOT_TAKEN = "not_taken"
    ANSWER = "answer"
    VERDICT = "verdict"
    EARLIER = "earlier"
    PAYER = "payer"
    REMITTANCE = "remittance"
    INFORMATION = "information"
    NOT_FOUND = "not_found"
    CORRECTION = "correction"
    APPEALED = "appealed"
    # by the payer's profile
    FILING = "filing"
    SECONDARY = "secondary"
    CORRECTED = "corrected"
    APPEAL = "appeal"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long each answer may take; an installation sets one by `COURIER_WAIT_<CLOCK>_HOURS`."""

    unsent: timedelta = timedelta(hours=48)  # collected, and two nights have not taken it
    in_doubt: timedelta = timedelta(0)
    not_taken: timedelta = timedelta(0)
    answer: timedelta = timedelta(hours=24)
    verdict: timedelta = timedelta(hours=72)
    earlier: timedelta = timedelta(days=45)
    payer: timedelta = timedelta(days=10)
    remittance: timedelta = timedelta(days=45)
    information: timedelta = timedelta(days=10)
    not_found: timedelta = timedelta(days=10)
    correction: timedelta = timedelta(days=30)
    appealed: timedelta = timedelta(days=60)
    # No clock: for so long nothing else may be heard of a refused file or set before it goes again by itself. Reports
    # come within 12 hours (Office Ally's guide); a vendor's help page calls 72 hours of silence a fault of the account.
    quiet: timedelta = timedelta(hours=72)

    @classmethod
    def of(cls, environment: Mapping[str, str]) -> "Waits":
        """Return the waits an installation set; raise BadSetting where one is not a number of hours."""
        waits = {}
        # What a clinic waits for any answer stands in its own row.
        for field in (one for one in fields(cls) if one.name != Clock.ANSWER):
            name = f"COURIER_WAIT_{field.name.upper()}_HOURS"
            if (hours := whole_number(environment, name, "hours", most=_LONGEST_WAIT)) is not None:
                waits[field.name] = timedelta(hours=hours)
        return cls(**waits)


_LONGEST_WAIT = 8760
"""Hours: a year."""


class Severity(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    WARNING = "warning"
    OVERDUE = "overdue"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """A clock that runs over a claim."""

    claim: Unsettled
    clock: Clock
    started: datetime
    due: datetime  # the first moment that is too late
    share: float  # of the time gone by
    threshold: int  # per cent: the last that was passed, 0 where none was
    severity: Severity

    @property
    def sentence(self) -> str:
        """What is wrong, as a biller says it."""
        last_day = self.due - timedelta(microseconds=1)
        return WORDS[self.clock].silence.format(started=f"{self.started:%Y-%m-%d}", last=f"{last_day:%Y-%m-%d}")

    @property
    def remedy(self) -> str:
        """What to do."""
        return WORDS[self.clock].remedy

    def days_left(self, now: datetime) -> float:
        """Return the days until it is too late, less than nothing where it is."""
        return (self.due - now) / timedelta(days=1)


def clocks_over(claim: Unsettled, now: datetime, waits: Waits, profile: PayerProfile) -> list[Finding]:
    """Return the clocks that run over a claim now, quiet ones too; `now` in the clinic's zone, whose days count."""
    found = [
        _answer_due(claim, stage, started, now, waits)
        for stage in STAGES
        if stage.runs(claim) and (started := stage.since(claim.moments)) is not None
    ]
    warn_at = profile.filing.warn_at
    found += [_limit(claim, *limit, now=now, warn_at=warn_at) for limit in _limits(claim, profile)]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Stage:
    """Where a claim stands while an answer is waited for."""

    clock: Clock
    runs: Callable[[Unsettled], bool]
    since: Callable[[Moments], datetime | None]
    is_soft: bool = False  # not everybody answers: late is a warning


def _is_sent(claim: Unsettled) -> bool:
    return claim.delivery is Delivery.SENT and claim.adjudication is Adjudication.NONE


def _at(*states: FrontEnd) -> Callable[[Unsettled], bool]:
    return lambda claim: _is_sent(claim) and claim.front_end in states


def _on_the_way(*states: Delivery) -> Callable[[Unsettled], bool]:
    return lambda claim: claim.delivery in states


def _delivery(moments: Moments) -> datetime | None:
    return moments.delivery


def _front_end(moments: Moments) -> datetime | None:
    return moments.front_end


def _adjudication(moments: Moments) -> datetime | None:
    return moments.adjudication


def _appeal(moments: Moments) -> datetime | None:
    return moments.appeal


_NO_VERDICT = _at(FrontEnd.NONE, FrontEnd.RECEIVED, FrontEnd.PENDING)
_ACCEPTED = _at(FrontEnd.ACCEPTED_BY_CLEARINGHOUSE, FrontEnd.ACCEPTED_BY_PAYER, FrontEnd.MAILED_ON_PAPER)

STAGES: Final[tuple[Stage, ...]] = (
    Stage(clock=Clock.UNSENT, runs=_on_the_way(Delivery.READY, Delivery.BATCHED), since=_delivery),
    Stage(clock=Clock.IN_DOUBT, runs=_on_the_way(Delivery.IN_DOUBT), since=_delivery),
    Stage(
        clock=Clock.NOT_TAKEN,
        runs=_on_the_way(Delivery.UNACCOUNTED, Delivery.SET_REFUSED, Delivery.FILE_FAILED),
        since=_delivery,
    ),
    Stage(
        clock=Clock.ANSWER,
        runs=lambda claim: _NO_VERDICT(claim) and not (claim.moments.is_answered or claim.moments.is_of_before),
        since=_delivery,
    ),
    Stage(
        clock=Clock.VERDICT,
        runs=lambda claim: _NO_VERDICT(claim) and not claim.moments.is_of_before,
        since=_delivery,
    ),
    Stage(
        clock=Clock.EARLIER,
        runs=lambda claim: _NO_VERDICT(claim) and claim.moments.is_of_before,
        since=_delivery,
    ),
    Stage(
        clock=Clock.PAYER,
        runs=lambda claim: _at(FrontEnd.ACCEPTED_BY_CLEARINGHOUSE)(claim) and not claim.moments.is_at_payer,
        since=_front_end,
        is_soft=True,
    ),
    Stage(clock=Clock.REMITTANCE, runs=_ACCEPTED, since=_front_end),
    Stage(clock=Clock.INFORMATION, runs=_at(FrontEnd.INFORMATION_REQUESTED), since=_front_end),
    Stage(clock=Clock.NOT_FOUND, runs=_at(FrontEnd.NOT_FOUND), since=_front_end),
    Stage(clock=Clock.CORRECTION, runs=lambda claim: claim.adjudication is Adjudication.REVERSED, since=_adjudication),
    Stage(clock=Clock.APPEALED, runs=lambda claim: claim.is_appealed, since=_appeal, is_soft=True),
)
"""The clocks of answers; how long each may take stands in `Waits`."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a clock says once it has run out, and what helps."""

    silence: str
    remedy: str


WORDS: Final[Mapping[Clock, Words]] = {
    Clock.UNSENT: Words(
        "collected, and not sent since {started}", "look at the clinic's delivery runs; clear the one that failed"
    ),
    Clock.IN_DOUBT: Words(
        "the upload broke off on {started}, and nothing proves that it arrived", "./courier doubt, see the runbook"
    ),
    Clock.NOT_TAKEN: Words(
        "it was sent, and since {started} it is known that no claim was made of it",
        "./courier claim says why, and ./courier report whether it goes again by itself",
    ),
    Clock.ANSWER: Words(
        "sent on {started}, and no 999 or any other answer has come",
        "see whether answers are fetched at all (./courier accounts), then ask the clearinghouse about the file",
    ),
    Clock.VERDICT: Words(
        "sent on {started}, and the clearinghouse has not said whether it takes it",
        "look the file up on the clearinghouse's website; the account may be suspended",
    ),
    Clock.EARLIER: Words(
        "sent on {started} by an earlier process, and nobody has answered since",
        "ask the payer whether it has the claim; what the earlier process heard of it, it kept to itself",
    ),
    Clock.PAYER: Words(
        "the clearinghouse took it on {started}, and the payer has said nothing",
        "not every payer answers; ask this one, before its filing limit, whether it has the claim",
    ),
    Clock.REMITTANCE: Words(
        "accepted on {started}, and no remittance has come",
        "ask the payer; see that remittances are enrolled, and that the payment did not come on paper",
    ),
    Clock.INFORMATION: Words(
        "the payer has waited for information since {started}", "send what it asks for, or call it"
    ),
    Clock.NOT_FOUND: Words(
        "the payer has said since {started} that it cannot find the claim",
        "call the payer with the clearinghouse's claim number; it proves when the claim was filed",
    ),
    Clock.CORRECTION: Words(
        "the payer took its decision back on {started} and has not decided anew", "ask the payer for the correction"
    ),
    Clock.APPEALED: Words(
        "appealed on {started}, and the payer has not decided anew", "call the payer and ask for the appeal's number"
    ),
    Clock.SECONDARY: Words(
        "the payer before it decided on {started}; this one must have it by {last}, and nothing proves that it has",
        "correct and send it today; after the last day appeal with the proof that it was sent in time",
    ),
    Clock.FILING: Words(
        "first service on {started}; the payer must have it by {last}, and nothing proves that it has",
        "correct and send it today; after the last day appeal with the proof that it was sent in time",
    ),
    Clock.CORRECTED: Words(
        "refused on {started}; a corrected claim must be with the payer by {last}", "correct the claim in the source"
    ),
    Clock.APPEAL: Words("denied on {started}; an appeal must be with the payer by {last}", "appeal, or write it off"),
}


def _answer_due(claim: Unsettled, stage: Stage, started: datetime, now: datetime, waits: Waits) -> Finding:
    wait: timedelta = getattr(waits, stage.clock)
    is_late = now >= started + wait
    late = Severity.WARNING if stage.is_soft else Severity.OVERDUE
    return Finding(
        claim=claim,
        clock=stage.clock,
        started=started,
        due=started + wait,
        share=(now - started) / wait if wait else 1.0,
        threshold=100 if is_late else 0,
        severity=late if is_late else Severity.RUNNING,
    )


def _limits(claim: Unsettled, profile: PayerProfile) -> Iterator[tuple[Clock, datetime | date, int]]:
    """Yield the payer's limits that run for a claim, each with what it runs from and its days."""
    filing, denials = profile.filing, profile.denials
    wants_appeal = denials.wants is AfterDenial.APPEAL
    is_undecided = claim.adjudication is Adjudication.NONE
    is_rejected = is_undecided and claim.front_end in REJECTED
    is_filed = not is_undecided or (claim.moments.is_at_payer and not is_rejected)
    runs_from_first_payer = not claim.is_primary and filing.secondary_days is not None
    found: list[tuple[Clock, datetime | date | None, int | None]] = []
    if claim.is_original and not is_filed:
        if runs_from_first_payer:
            found.append((Clock.SECONDARY, claim.others_decided_on, filing.secondary_days))
        else:
            found.append((Clock.FILING, claim.first_service_on, filing.original_days))
    if not claim.is_appealed and claim.adjudication in {Adjudication.DENIED, Adjudication.PAID_WITH_DENIED_LINES}:
        corrected = None if wants_appeal else denials.within_days
        appeal = denials.within_days if wants_appeal else None
        found.append((Clock.CORRECTED, claim.moments.adjudication, _first(filing.corrected_days, corrected)))
        found.append((Clock.APPEAL, claim.moments.adjudication, _first(filing.appeal_days, appeal)))
    if is_rejected:
        found.append((Clock.CORRECTED, claim.moments.front_end, filing.corrected_days))
    yield from ((clock, since, days) for clock, since, days in found if since is not None and days is not None)


def _first(*limits: int | None) -> int | None:
    return min((days for days in limits if days is not None), default=None)


def _limit(
    claim: Unsettled, clock: Clock, since: datetime | date, days: int, *, now: datetime, warn_at: Iterable[float]
) -> Finding:
    day = since.astimezone(now.tzinfo).date() if isinstance(since, datetime) else since
    gone = (now.date() - day).days
    passed = [round(100 * share) for share in warn_at if gone >= share * days]
    is_late = gone > days
    return Finding(
        claim=claim,
        clock=clock,
        started=datetime.combine(day, time.min, now.tzinfo),
        # The last day is a day on which it may still come.
        due=datetime.combine(day + timedelta(days=days + 1), time.min, now.tzinfo),
        share=gone / days if days else 1.0,
        threshold=100 if is_late else max(passed, default=0),
        severity=Severity.OVERDUE if is_late else Severity.WARNING if passed else Severity.RUNNING,
    )


_AT_PAYER: Final = frozenset({Event.RECEIVED_BY_PAYER, Event.ACCEPTED_BY_PAYER})


def moments_of(events: Iterable[tuple[Happened, datetime]]) -> Moments:
    """Return since when a submission stands where its events have brought it; each comes with when we recorded it."""
    recorded = dict(events)
    standing, delivery, front_end, adjudication, appeal = Standing(), None, None, None, None
    for happened in in_order(recorded):
        moment = _moment(happened.answered_on, recorded[happened])
        reached = after(standing, happened.event)
        delivery = moment if reached.delivery is not standing.delivery else delivery
        front_end = moment if reached.front_end is not standing.front_end else front_end
        adjudication = moment if reached.adjudication is not standing.adjudication else adjudication
        standing = reached
        appeal = recorded[happened] if happened.event is Event.APPEALED else appeal
    kinds = {happened.event for happened in recorded}
    return Moments(
        delivery=delivery,
        front_end=front_end,
        adjudication=adjudication,
        appeal=appeal,
        is_answered=not kinds.isdisjoint(ANSWERS),
        is_of_before=Event.SENT_ELSEWHERE in kinds,
        is_at_payer=not kinds.isdisjoint(_AT_PAYER),
    )


def _moment(answered_on: str, recorded_at: datetime) -> datetime:
    """Return when something happened: as the answer says itself, but never after it came."""
    try:
        said = datetime.fromisoformat(answered_on)
    except ValueError:
        return recorded_at
    if len(answered_on) <= len("2026-03-06"):
        # Noon in London is the same day in every zone of the United States.
        said = said.replace(hour=12)
    return min(recorded_at, said if said.tzinfo else said.replace(tzinfo=UTC))
