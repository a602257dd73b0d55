"""The clinics at a glance: mode, what is wrong with their rows, when they run next, how far their setting up is."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from include.claims.errors import BadSetting
from include.delivery.clinic_table import Clinic, Mode, Row, clinic_from_row
from include.delivery.cron import next_due
from include.delivery.kept_tables import Rows, loose_ends, row_problems
from include.delivery.records import OnboardingNote, Table

IN_SETUP = (Mode.ONBOARDING, Mode.TEST)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClinicLine:
    """One clinic of the list."""

    key: str
    name: str
    mode: str
    mailbox_key: str
    billing: tuple[str, ...]  # NPIs
    problems: tuple[str, ...]
    next_delivery: datetime | None  # in its own zone; None: none is due
    next_response: datetime | None
    setup: str  # what was last said of its setting up; blank where it is over


def clinic_lines(rows: Rows, notes: Mapping[str, OnboardingNote], now: datetime) -> Iterator[ClinicLine]:
    """Yield the clinics, those with a problem first."""
    identities: dict[object, list[Row]] = defaultdict(list)
    for row in rows[Table.BILLING_IDENTITY]:
        identities[row["clinic_key"]].append(row)
    mailboxes = {row["key"]: row for row in rows[Table.MAILBOX]}
    lines = []
    for row in rows[Table.CLINIC]:
        mailbox = mailboxes.get(row["mailbox_key"])
        own = {
            Table.MAILBOX: [mailbox] if mailbox else [],
            Table.BILLING_IDENTITY: identities[row["key"]],
            Table.CLINIC: [row],
        }
        lines.append(_line(own, notes.get(str(row["key"])), now))
    yield from sorted(lines, key=lambda line: (not line.problems, line.mode == Mode.ARCHIVED, line.key))


def problems_of(own: Rows) -> list[str]:
    """Return what is wrong with a clinic's rows, and with what they name."""
    return [*row_problems(own), *loose_ends(own)]


def _line(own: Mapping[Table, Sequence[Row]], note: OnboardingNote | None, now: datetime) -> ClinicLine:
    [row] = own[Table.CLINIC]
    delivery, response = next_runs(row, now)
    return ClinicLine(
        key=str(row["key"]),
        name=str(row["name"]),
        mode=str(row["mode"]) or Mode.ONBOARDING,
        mailbox_key=str(row["mailbox_key"]),
        billing=tuple(sorted({str(one["npi"]) for one in own[Table.BILLING_IDENTITY]})),
        problems=tuple(problems_of(own)),
        next_delivery=delivery,
        next_response=response,
        setup=_setup(str(row["mode"]) or Mode.ONBOARDING, note),
    )


def _setup(mode: str, note: OnboardingNote | None) -> str:
    if mode not in IN_SETUP:
        return ""
    return f"{note.step}, {note.at:%Y-%m-%d}, {note.who or 'by itself'}" if note else "not begun"


def next_runs(row: Row, now: datetime) -> tuple[datetime | None, datetime | None]:
    """Return when a clinic delivers and asks for answers next, in its own zone; None: it does not."""
    try:
        clinic = clinic_from_row(row)
    except BadSetting:
        return None, None
    if clinic.mode not in {Mode.LIVE, Mode.TEST, Mode.PAUSED}:
        return None, None
    return (
        _due(clinic, clinic.delivery_cron, now) if clinic.mode is Mode.LIVE else None,
        _due(clinic, clinic.response_cron, now),
    )


def _due(clinic: Clinic, cron: str, now: datetime) -> datetime | None:
    return next_due(cron, ZoneInfo(clinic.timezone), now)
