"""
What should have been heard and was not: claims by their clocks, clinics and mailboxes by their schedules, enrollments.

A clinic whose nights never run, a mailbox nobody visits and a claim nobody answers look the same in a list of what
happened: they are not in it. So this is a list of what did not happen. Holds no patient data.
"""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from include.claims.deadlines import WORDS, Clock, Finding, Severity, Unsettled, Waits, clocks_over
from include.claims.enrollment import PATIENCE, Patience, reminders
from include.claims.errors import BadSetting
from include.claims.payer_profile import PayerBook
from include.claims.states import Delivery
from include.delivery.clinic_table import Clinic, Mode, clinic_from_row
from include.delivery.cron import last_due
from include.delivery.file_hops import Hop
from include.delivery.login_age import login_since
from include.delivery.payer_table import enrollment_from_row, hold_from_row
from include.delivery.ports import Ledger
from include.delivery.records import SealedRun, Table
from include.delivery.standstill import standstills

GRACE: Final = timedelta(hours=2)
"""How late a scheduled run may come before it is missed; Airflow's tries are over by then."""

CUSTOM: Final = timedelta(days=43)
"""How far back a clinic's custom is looked for: six of each day of the week."""

CUSTOMARY: Final = 3
"""A day of the week on which this many nights, and all of them, had claims is not expected to be empty."""

LONGEST_PAUSE: Final = timedelta(days=14)
SHOWN: Final = 50
"""Claims a page lists; the table above them counts all."""


class Watch(StrEnum):
    """What of a clinic or an account is watched."""

    RUN = "delivery"
    VISIT = "receiving"
    EMPTY = "empty night"
    PAUSED = "pause"
    REFUSED = "login"
    OLD = "password"
    REQUEST = "enrollment request"
    END = "enrollment end"
    BANK = "bank change"
    UNREADABLE = "row"


@dataclass(frozen=True, slots=True, kw_only=True)
class Quiet:
    """A clinic or an account that is quieter than it should be."""

    who: str  # clinic key, account, mailbox key or enrollment key
    what: Watch
    severity: Severity
    sentence: str
    remedy: str


@dataclass(slots=True, kw_only=True)
class Silence:
    """All that was not heard, most urgent first."""

    at: datetime
    claims: list[Finding] = field(default_factory=list)
    watch: list[Quiet] = field(default_factory=list)
    unwatched: dict[tuple[str, str], Hop] = field(default_factory=lambda: defaultdict(Hop))  # by (clinic, state)

    @property
    def is_overdue(self) -> bool:
        """Something is too late already."""
        severities = {one.severity for one in self.claims} | {one.severity for one in self.watch}
        return Severity.OVERDUE in severities


def silence(
    ledger: Ledger,
    payers: PayerBook,
    waits: Waits,
    now: datetime,
    *,
    patience: Patience = PATIENCE,
    only: str = "",
    password_life: timedelta | None = None,
) -> Silence:
    """Gather what was not heard of all clinics, or of one of them; passwords are watched where they have a life."""
    clinics = _clinics(ledger)
    found = Silence(at=now, watch=list(_watched(ledger, clinics, now, only)))
    ready: dict[str, Hop] = defaultdict(Hop)
    found.watch += _enrollments(ledger, now.date(), patience, only)
    if password_life and not only:
        found.watch += _old_passwords(ledger, clinics, now, password_life)
    for claim in ledger.silence.unsettled(only):
        if claim.delivery in {Delivery.READY, Delivery.BATCHED}:
            ready[claim.clinic_key].add(claim.charge)
        clinic = clinics.get(claim.clinic_key)
        local = now.astimezone(ZoneInfo(clinic.timezone) if clinic else UTC)
        own = replace(waits, answer=timedelta(hours=clinic.answer_within_hours)) if clinic else waits
        profile = payers.profile_for(claim.payer_id, claim.first_service_on or local.date())
        clocks = clocks_over(claim, local, own, profile)
        if not clocks:
            found.unwatched[claim.clinic_key, state_of(claim)].add(claim.charge)
        found.claims += [one for one in clocks if one.severity is not Severity.RUNNING]
    found.watch += _refused(ledger, ready, only)
    found.claims.sort(key=lambda one: _urgency(one, now))
    found.watch.sort(key=lambda one: (one.severity is not Severity.OVERDUE, one.who, one.what))
    return found


def _urgency(finding: Finding, now: datetime) -> tuple[bool, float, str]:
    """Order by days and dollars: what is overdue by days over times dollars, the rest by dollars a day left."""
    dollars, left = float(finding.claim.charge), finding.days_left(now)
    is_overdue = finding.severity is Severity.OVERDUE
    weight = left * dollars if is_overdue else -dollars / max(left, 1.0)
    return (not is_overdue, weight, finding.claim.control_number)


def state_of(claim: Unsettled) -> str:
    """Return where a claim stands, by the farthest it has come."""
    states = (claim.adjudication.value, claim.front_end.value, claim.delivery.value)
    return next(state for state in states if state != "-")


def _clinics(ledger: Ledger) -> dict[str, Clinic]:
    """Return the clinics whose rows can be read; Airflow shows the others as an import error."""
    clinics = {}
    for row in ledger.clinics.rows(Table.CLINIC):
        with suppress(BadSetting):
            clinic = clinic_from_row(row)
            clinics[clinic.key] = clinic
    return clinics


def _watched(ledger: Ledger, clinics: Mapping[str, Clinic], now: datetime, only: str) -> Iterator[Quiet]:
    runs: dict[str, list[SealedRun]] = defaultdict(list)
    for run in ledger.silence.runs(now - CUSTOM):
        runs[run.clinic_key].append(run)
    visits = ledger.silence.visits()
    for clinic in clinics.values():
        if only in {"", clinic.key}:
            yield from _watched_clinic(clinic, runs[clinic.key], visits, now)


def _refused(ledger: Ledger, ready: Mapping[str, Hop], only: str) -> Iterator[Quiet]:
    for one in standstills(ledger, only):
        yield Quiet(
            who=one.account,
            what=Watch.REFUSED,
            severity=Severity.OVERDUE,
            sentence=one.sentence(ready),
            remedy=one.remedy,
        )


def _old_passwords(ledger: Ledger, clinics: Mapping[str, Clinic], now: datetime, life: timedelta) -> Iterator[Quiet]:
    since: dict[str, datetime] = {}
    for clinic in clinics.values():
        told = login_since(ledger.onboarding.notes(clinic.key)) if clinic.mode is not Mode.ARCHIVED else None
        if told:
            since[clinic.mailbox_key] = max(told, since.get(clinic.mailbox_key, told))
    for mailbox, at in since.items():
        if now - at >= life:
            yield Quiet(
                who=mailbox,
                what=Watch.OLD,
                severity=Severity.WARNING,
                sentence=f"its login is the same since {_minute(at)}, and is to be changed after {life.days} days",
                remedy=f"./courier clinics credentials {mailbox}; changed elsewhere, ./courier onboard CLINIC verify",
            )


def _watched_clinic(
    clinic: Clinic, runs: Sequence[SealedRun], visits: Mapping[str, datetime | None], now: datetime
) -> Iterator[Quiet]:
    last = runs[-1].sealed_at if runs else None
    if clinic.mode is Mode.PAUSED and (last is None or now - last > LONGEST_PAUSE):
        yield Quiet(
            who=clinic.key,
            what=Watch.PAUSED,
            severity=Severity.WARNING,
            sentence=f"it is paused, and its last delivery run was {_when(last)}",
            remedy="set its mode to live, or to archived",
        )
    if clinic.mode is not Mode.LIVE:
        return
    if due := missed(clinic.delivery_cron, clinic, last, now):
        yield Quiet(
            who=clinic.key,
            what=Watch.RUN,
            severity=Severity.OVERDUE,
            sentence=f"a delivery run was due on {_minute(due)}; the last one was {_when(last)}",
            remedy=f"look at deliver_claims__{clinic.key} in Airflow: paused, failed, or the scheduler stands still",
        )
    visited = visits.get(clinic.mailbox_key)
    due = missed(clinic.response_cron, clinic, visited, now)
    # A mailbox that never sent a file owes no answer, and the ledger does not know its account.
    if due and clinic.mailbox_key in visits:
        yield Quiet(
            who=clinic.key,
            what=Watch.VISIT,
            severity=Severity.OVERDUE,
            sentence=f"answers were to be fetched on {_minute(due)}; its mailbox was last visited {_when(visited)}",
            remedy=f"look at receive_responses__{clinic.key} in Airflow: paused, failed, or the triggerer stands still",
        )
    if empty := _empty_against_custom(runs, ZoneInfo(clinic.timezone)):
        yield Quiet(
            who=clinic.key,
            what=Watch.EMPTY,
            severity=Severity.WARNING,
            sentence=f"its night of {empty} had no claims, and every {empty:%A} before had",
            remedy="ask the practice; run ./courier source check",
        )


def _enrollments(ledger: Ledger, today: date, patience: Patience, only: str) -> Iterator[Quiet]:
    """Yield what payers owe on enrollments; of one clinic, those of who bills for it."""
    billing = ledger.clinics.rows(Table.BILLING_IDENTITY) if only else ()
    own = {row["npi"] for row in billing if row["clinic_key"] == only}
    kept = []
    for row in ledger.clinics.rows(Table.ENROLLMENT):
        if only and row["npi"] not in own:
            continue
        try:
            kept.append(enrollment_from_row(row))
        except BadSetting as refused:
            yield _unreadable(row, refused)
    for row in () if only else ledger.clinics.rows(Table.HOLD):
        try:
            hold_from_row(row)
        except BadSetting as refused:
            yield _unreadable(row, refused)
    for one, reminder in reminders(kept, today, patience):
        yield Quiet(
            who=one.key,
            what=Watch(reminder.about),
            severity=Severity.OVERDUE if reminder.is_late else Severity.WARNING,
            sentence=f"{one.what} of NPI {one.npi} with payer {one.payer_id}: {reminder.sentence}",
            remedy=reminder.remedy,
        )


def _unreadable(row: Mapping[str, object], refused: BadSetting) -> Quiet:
    return Quiet(
        who=str(row["key"]),
        what=Watch.UNREADABLE,
        severity=Severity.OVERDUE,
        sentence=f"no rule asks it, for it cannot be read: {refused}",
        remedy="import it anew; ./courier payers check names all such rows",
    )


def missed(cron: str, clinic: Clinic, last: datetime | None, now: datetime) -> datetime | None:
    """Return when a run of a live clinic was due that has not come; None where none is missing."""
    if clinic.mode is not Mode.LIVE:
        return None
    due = last_due(cron, ZoneInfo(clinic.timezone), now - GRACE)
    if due is None or (clinic.live_since and due.date() < clinic.live_since):
        return None
    return due if last is None or last < due else None


def _empty_against_custom(runs: Sequence[SealedRun], zone: ZoneInfo) -> date | None:
    """Return the last night where it was empty and those of its day of the week were not."""
    batches: dict[date, int] = defaultdict(int)
    for run in runs:
        batches[run.sealed_at.astimezone(zone).date()] += run.batches
    if not batches:
        return None
    last = max(batches)
    before = [count for day, count in batches.items() if day < last and day.weekday() == last.weekday()]
    is_customary = len(before) >= CUSTOMARY and all(before)
    return last if is_customary and not batches[last] else None


def as_text(found: Silence) -> str:
    """Return what was not heard as a page for a terminal."""
    late, soon = _counted(found, Severity.OVERDUE), _counted(found, Severity.WARNING)
    lines = [f"Silence on {_minute(found.at)}: overdue {_money(late)}, warnings {_money(soon)}", "", "Runs and visits:"]
    for quiet in found.watch:
        lines += [f"  {quiet.severity.upper()}  {quiet.who}: {quiet.sentence}", f"      {quiet.remedy}"]
    lines += [] if found.watch else ["  none missed"]
    lines += ["", "Claims by clinic and clock:", *_table(found)]
    if found.claims:
        lines += ["", "Most urgent first:", *(line_of(one, found.at) for one in found.claims[:SHOWN])]
    if len(found.claims) > SHOWN:
        lines += [f"  and {len(found.claims) - SHOWN} more: ./courier silent --clinic KEY, or all with --json"]
    if found.unwatched:
        lines += ["", "No clock runs over (no filing limit of the payer is known):"]
        lines += [f"  {key}  {state}  {_money(hop)}" for (key, state), hop in sorted(found.unwatched.items())]
    if helped := [clock for clock in Clock if any(one.clock is clock for one in found.claims)]:
        lines += ["", "What helps:", *(f"  {clock}: {WORDS[clock].remedy}" for clock in helped)]
    return "\n".join(lines) + "\n"


def line_of(finding: Finding, now: datetime) -> str:
    """Return a claim's line: who, how much, how long."""
    claim, left = finding.claim, finding.days_left(now)
    days = f"{left:.1f} days left" if left > 0 else f"{-left:.1f} days over"
    return (
        f"  {claim.clinic_key}  {claim.control_number}  ${claim.charge:,.2f}  {finding.severity.upper()}"
        f"  {finding.clock}, {days}: {finding.sentence}"
    )


def as_document(found: Silence) -> dict[str, Any]:
    """Return all that was not heard as JSON may hold it."""
    return {
        "at": found.at.isoformat(),
        "overdue": found.is_overdue,
        "watch": [
            {"who": one.who, "what": one.what, "severity": one.severity, "sentence": one.sentence, "remedy": one.remedy}
            for one in found.watch
        ],
        "claims": [
            {
                "clinic": one.claim.clinic_key,
                "claim": one.claim.claim_key,
                "control_number": one.claim.control_number,
                "payer_id": one.claim.payer_id,
                "charge": f"{one.claim.charge:.2f}",
                "clock": one.clock,
                "severity": one.severity,
                "started": one.started.isoformat(),
                "due": one.due.isoformat(),
                "share": round(one.share, 3),
                "sentence": one.sentence,
                "remedy": one.remedy,
            }
            for one in found.claims
        ],
        "without_clock": [
            {"clinic": key, "state": state, "claims": hop.claims, "dollars": f"{hop.dollars:.2f}"}
            for (key, state), hop in sorted(found.unwatched.items())
        ],
    }


def _table(found: Silence) -> list[str]:
    hops: dict[tuple[str, Clock], dict[Severity, Hop]] = defaultdict(lambda: defaultdict(Hop))
    for one in found.claims:
        hops[one.claim.clinic_key, one.clock][one.severity].add(one.claim.charge)
    width = max([len("clinic"), *(len(key) for key, _ in hops)])
    rows = [
        f"  {key.ljust(width)}  {clock:12}  {_money(by[Severity.OVERDUE]):>20}  {_money(by[Severity.WARNING]):>20}"
        for (key, clock), by in sorted(hops.items())
    ]
    return [f"  {'clinic'.ljust(width)}  {'clock':12}  {'overdue':>20}  {'warning':>20}", *rows] if rows else ["  none"]


def _counted(found: Silence, severity: Severity) -> Hop:
    """Count claims once, however many clocks have run out over them."""
    charges = {one.claim.control_number: one.claim.charge for one in found.claims if one.severity is severity}
    return Hop(len(charges), sum(charges.values(), Decimal(0)))


def _money(hop: Hop) -> str:
    return f"{hop.claims} ${hop.dollars:,.2f}" if hop.claims else "-"


def _when(moment: datetime | None) -> str:
    return f"on {_minute(moment)}" if moment else f"more than {CUSTOM.days} days ago, if ever"


def _minute(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
