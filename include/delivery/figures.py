"""
What a practice's money does over weeks: how long answers take, how much is refused, how old what is owed has become.

The database groups, so that these are sums over days and payers and never a claim; what a day is worth (a filing limit,
an age) is worked out here. Holds no patient data.
"""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from include.claims.payer_profile import PayerBook
from include.delivery.file_hops import Hop
from include.delivery.standing import STAGES, Standing, stage_of

WEEKS: Final = 12
"""How far back the trends look."""

_AGES: Final = ((30, "0-30"), (60, "31-60"), (90, "61-90"), (None, "90+"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Owed:
    """Unsettled claims of one payer whose first service was on one day."""

    payer_id: str
    service_on: date | None
    other_decided_on: date | None  # another payer's decision, where this one pays after it
    is_at_payer: bool  # proved, or no original: no filing limit runs
    claims: int
    charge: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Week:
    """The clearinghouse's verdicts of one week."""

    starts_on: date
    answered: int = 0
    rejected: int = 0
    days: float = 0.0  # from the file to the verdict, summed

    @property
    def mean_days(self) -> float | None:
        """How long a verdict took; None where none came."""
        return self.days / self.answered if self.answered else None

    @property
    def rejection_rate(self) -> float | None:
        """Which share was rejected; None where no verdict came."""
        return self.rejected / self.answered if self.answered else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdicts:
    """What became of claims of one clinic at one payer, at first sight and in the end."""

    clinic_key: str = ""
    payer_id: str = ""
    first: int = 0  # claims whose first submission has a verdict
    first_passed: int = 0  # of these, accepted at once
    decided: int = 0  # claims the payer has decided on
    denied: int = 0

    @property
    def first_pass_rate(self) -> float | None:
        """Which share of claims was accepted as first sent; None where nothing was answered."""
        return self.first_passed / self.first if self.first else None

    @property
    def denial_rate(self) -> float | None:
        """Which share of decisions was a denial; None where nothing was decided."""
        return self.denied / self.decided if self.decided else None


@dataclass(frozen=True, slots=True, kw_only=True)
class LastRun:
    """A clinic's newest live run that sealed."""

    sealed_at: datetime
    dag_id: str
    run_id: str
    files: int
    claims: int
    charge: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSeen:
    """A file with what the ledger has of it now."""

    batch_id: int
    file_name: str
    clinic_key: str
    sealed: Hop
    kept: Hop
    answered: int  # of its claims, those whose set a 999 names

    @property
    def fault(self) -> str:
        """What does not add up; blank where everything does."""
        if (self.sealed.claims, self.sealed.dollars) != (self.kept.claims, self.kept.dollars):
            return f"sealed with {self.sealed}, the ledger has {self.kept}"
        if 0 < self.answered < self.kept.claims:
            return f"its 999 says nothing of {self.kept.claims - self.answered} of {self.kept.claims} claims"
        return ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Night:
    """The live files of one night."""

    files: int
    places: Mapping[str, Hop]  # where their claims are by now
    wrong: tuple[FileSeen, ...]  # the files that do not add up


def aging(owed: Iterable[Owed], today: date) -> dict[str, Hop]:
    """Return what is not settled by the days since its first service; what has no such day is the oldest."""
    ages = {name: Hop() for _, name in _AGES}
    for one in owed:
        days = (today - one.service_on).days if one.service_on else None
        name = next(name for most, name in _AGES if most is None or (days is not None and days <= most))
        ages[name].add(one.charge, one.claims)
    return ages


@dataclass(slots=True)
class FilingRisk:
    """What of one payer's claims has no proof of having come in time."""

    payer_id: str
    over: Hop = field(default_factory=Hop)
    week: Hop = field(default_factory=Hop)  # seven days left or fewer
    month: Hop = field(default_factory=Hop)  # thirty
    unknown: Hop = field(default_factory=Hop)  # no limit of the payer, or no day it runs from

    @property
    def dollars(self) -> Decimal:
        """What is lost or may be within a month."""
        return self.over.dollars + self.week.dollars + self.month.dollars


def filing_risk(owed: Iterable[Owed], payers: PayerBook, today: date) -> list[FilingRisk]:
    """Return by payer what of its claims is past the filing limit or near it, most money first."""
    risks: dict[str, FilingRisk] = {}
    for one in owed:
        if not one.is_at_payer:
            risk = risks.setdefault(one.payer_id, FilingRisk(one.payer_id))
            if (hop := _place(risk, one, payers, today)) is not None:
                hop.add(one.charge, one.claims)
    return sorted(risks.values(), key=lambda risk: (-risk.dollars, -risk.unknown.dollars, risk.payer_id))


def _place(risk: FilingRisk, one: Owed, payers: PayerBook, today: date) -> Hop | None:
    """Return where claims count; None where time is left. The last day is a day on which they may still come."""
    filing = payers.profile_for(one.payer_id, one.service_on or today).filing
    since, days = one.service_on, filing.original_days
    if one.other_decided_on and filing.secondary_days is not None:
        since, days = one.other_decided_on, filing.secondary_days
    if since is None or days is None:
        return risk.unknown
    left = (since + timedelta(days=days) - today).days
    return next((hop for most, hop in ((-1, risk.over), (7, risk.week), (30, risk.month)) if left <= most), None)


def by_payer(verdicts: Iterable[Verdicts]) -> list[Verdicts]:
    """Return the verdicts by payer, the one with most claims first."""
    return _summed(verdicts, lambda one: Verdicts(payer_id=one.payer_id))


def by_clinic(verdicts: Iterable[Verdicts]) -> list[Verdicts]:
    """Return the verdicts by clinic, the one whose claims pass least first."""
    found = _summed(verdicts, lambda one: Verdicts(clinic_key=one.clinic_key))
    return sorted(found, key=lambda one: (one.first_pass_rate is None, one.first_pass_rate, one.clinic_key))


def _summed(verdicts: Iterable[Verdicts], of: Callable[[Verdicts], Verdicts]) -> list[Verdicts]:
    sums: dict[Verdicts, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for one in verdicts:
        sums[of(one)] = [
            had + has
            for had, has in zip(sums[of(one)], (one.first, one.first_passed, one.decided, one.denied), strict=True)
        ]
    found = [
        Verdicts(clinic_key=key.clinic_key, payer_id=key.payer_id, first=a, first_passed=b, decided=c, denied=d)
        for key, (a, b, c, d) in sums.items()
    ]
    return sorted(found, key=lambda one: (-one.first, one.payer_id, one.clinic_key))


def reconciled(standings: Iterable[Standing]) -> Mapping[str, Hop]:
    """Return where the claims of some files stand; the stages add up to the files, what went on elsewhere included."""
    places = {name: Hop() for name in (*STAGES, "gone on")}
    for one in standings:
        places[stage_of(one) or "gone on"].add(one.charge, one.claims)
    return {name: hop for name, hop in places.items() if hop.claims}
