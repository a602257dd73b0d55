"""
The clinic table's three kinds of row, checked where they are read: mailbox, billing identity, clinic.

Rows come from people (a CSV, SQL by hand), so a row is a mapping of text until one of the `from_row`
functions has accepted it; a refused row raises BadSetting that lists every fault with its column.
Secrets never stand here: they live in the mailbox's Airflow connection.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from include.claims.errors import BadSetting
from include.claims.identifiers import is_slug, is_valid_npi
from include.claims.parties import Address, BillingProvider, TaxIdKind
from include.claims.states import Usage
from include.delivery.cron import spread
from include.hcfa.layout import Grid, Layout, Totals
from include.officeally.names import FileFormat


class RowRefused(BadSetting):
    """A row of the clinic table that is not accepted; holds every fault as `column NAME: what is wrong`."""

    def __init__(self, row: str, faults: Sequence[str]) -> None:
        """Take which row it is and what is wrong with it."""
        super().__init__(f"{row}: {'; '.join(faults)}")
        self.faults = tuple(faults)


class Mode(StrEnum):
    """What a clinic's deliveries are allowed to do."""

    ONBOARDING = "onboarding"  # nothing leaves
    TEST = "test"  # test files only
    LIVE = "live"
    PAUSED = "paused"
    ARCHIVED = "archived"

    def allows(self, usage: Usage) -> bool:
        """Tell whether a file of this usage may leave for a clinic in this mode; nothing else lets one leave."""
        return usage in {Mode.TEST: {Usage.TEST}, Mode.LIVE: {Usage.LIVE, Usage.TEST}}.get(self, set())

    @property
    def has_dags(self) -> bool:
        """Whether Airflow shows the clinic's own DAGs: paused too, since answers are still to come."""
        return self not in {Mode.ONBOARDING, Mode.ARCHIVED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Mailbox:
    """One login at a clearinghouse; several clinics may share it."""

    key: str
    connection_id: str  # the Airflow connection with host, user, password and pinned host key
    submitter_id: str  # ISA06, GS02 and 1000A NM109: usually the tax id
    submitter_name: str  # 1000A NM103
    contact_name: str  # 1000A PER02
    contact_phone: str  # 1000A PER04, ten digits
    profile: str = "office_ally"
    format: FileFormat = FileFormat.X12
    grid: Grid = Grid.A  # this and `totals` of print images, as the clearinghouse has mapped them
    totals: Totals = Totals.EACH_PAGE
    user_name: str = ""  # of the account on the clearinghouse's website, as signed up; asked for by the SFTP request

    @property
    def layout(self) -> Layout:
        """How its print images are laid out."""
        return Layout(grid=self.grid, totals=self.totals)


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingIdentity:
    """Who bills, from when to when; a claim names its own by NPI."""

    key: str
    clinic_key: str
    provider: BillingProvider
    effective_from: date | None = None
    effective_to: date | None = None

    def is_in_force(self, on: date) -> bool:
        """Tell whether it bills for the services of a day."""
        return (self.effective_from or date.min) <= on <= (self.effective_to or date.max)


@dataclass(frozen=True, slots=True, kw_only=True)
class Clinic:
    """One row of the config table, one DAG."""

    key: str
    name: str
    mailbox_key: str
    source_connection_id: str  # the Airflow connection of the practice database, or of a folder of CSV files
    timezone: str  # IANA name
    delivery_cron: str  # five fields, in the clinic's own zone; an `H` of the row is a number here
    response_cron: str
    mode: Mode
    live_since: date | None  # windows that end before it are refused
    contact: str = ""
    claims_per_file: int = 1000
    answer_within_hours: int = 24
    lookback_days: int = 90
    oldest_batch_days: int = 7  # a batch that never left and is older is given up, its claims READY again
    first_night_claims: int = 20  # the most its first live night sends, the rest waits for the next; 0: all of them
    priority: int = 5  # 1 to 9; where tasks of many clinics wait for a slot, the higher go first


MAILBOX_COLUMNS = (
    "key", "connection_id", "submitter_id", "submitter_name", "contact_name", "contact_phone", "profile", "format",
    "grid", "totals", "user_name",
)  # fmt: skip
BILLING_IDENTITY_COLUMNS = (
    "key", "clinic_key", "name", "npi", "tax_id", "tax_id_kind", "taxonomy", "street", "street2", "city", "state",
    "postal_code", "phone", "effective_from", "effective_to",
)  # fmt: skip
CLINIC_COLUMNS = (
    "key", "name", "mailbox_key", "source_connection_id", "timezone", "delivery_cron", "response_cron", "mode",
    "live_since", "contact", "claims_per_file", "answer_within_hours", "lookback_days", "oldest_batch_days",
    "first_night_claims", "priority",
)  # fmt: skip

Row = Mapping[str, object]


def mailbox_from_row(row: Row) -> Mailbox:
    """Return the mailbox a row describes; raise BadSetting with every fault and its column."""
    cells = Cells("mailbox", row, MAILBOX_COLUMNS)
    mailbox = Mailbox(
        key=cells.slug("key"),
        connection_id=cells.text("connection_id"),
        submitter_id=cells.matching("submitter_id", r"[A-Z0-9]{2,15}", "2 to 15 characters A-Z 0-9"),
        submitter_name=cells.text("submitter_name"),
        contact_name=cells.text("contact_name"),
        contact_phone=cells.matching("contact_phone", r"[2-9]\d{9}", "ten digits"),
        profile=cells.one_of("profile", ("office_ally",), "office_ally"),
        format=FileFormat(cells.one_of("format", tuple(FileFormat), FileFormat.X12)),
        grid=Grid(cells.one_of("grid", tuple(Grid), Grid.A)),
        totals=Totals(cells.one_of("totals", tuple(Totals), Totals.EACH_PAGE)),
        user_name=cells.text("user_name", ""),
    )
    cells.done()
    return mailbox


def billing_identity_from_row(row: Row) -> BillingIdentity:
    """Return who bills, from a row; raise BadSetting with every fault and its column."""
    cells = Cells("billing identity", row, BILLING_IDENTITY_COLUMNS)
    npi = cells.npi("npi")
    provider = BillingProvider(
        name=cells.text("name"),
        npi=npi,
        tax_id=cells.matching("tax_id", r"\d{9}", "nine digits"),
        tax_id_kind=TaxIdKind(cells.one_of("tax_id_kind", tuple(TaxIdKind), TaxIdKind.EMPLOYER)),
        taxonomy=cells.matching("taxonomy", r"[0-9A-Z]{9}X|", "ten characters ending in X, or blank"),
        address=Address(
            street=cells.text("street"),
            street2=cells.text("street2", ""),
            city=cells.text("city"),
            state=cells.matching("state", r"[A-Z]{2}", "two capital letters"),
            postal_code=cells.matching("postal_code", r"\d{9}", "nine digits (ZIP+4), no hyphen"),
        ),
        phone=cells.matching("phone", r"[2-9]\d{9}|", "ten digits, or blank"),
    )
    identity = BillingIdentity(
        key=cells.slug("key"),
        clinic_key=cells.slug("clinic_key"),
        provider=provider,
        effective_from=cells.day("effective_from"),
        effective_to=cells.day("effective_to"),
    )
    cells.done()
    return identity


def clinic_from_row(row: Row) -> Clinic:
    """Return the clinic a row describes; raise BadSetting with every fault and its column."""
    cells = Cells("clinic", row, CLINIC_COLUMNS)
    mode = Mode(cells.one_of("mode", tuple(Mode), Mode.ONBOARDING))
    live_since = cells.day("live_since")
    if mode is Mode.LIVE and live_since is None:
        cells.fault("live_since", "a live clinic needs the date it goes live (YYYY-MM-DD)")
    clinic = Clinic(
        key=cells.slug("key"),
        name=cells.text("name"),
        mailbox_key=cells.slug("mailbox_key"),
        source_connection_id=cells.text("source_connection_id"),
        timezone=cells.timezone("timezone"),
        delivery_cron=cells.cron("delivery_cron"),
        response_cron=cells.cron("response_cron"),
        mode=mode,
        live_since=live_since,
        contact=cells.text("contact", ""),
        claims_per_file=cells.number("claims_per_file", 1000, 1, 5000),
        answer_within_hours=cells.number("answer_within_hours", 24, 1, 240),
        lookback_days=cells.number("lookback_days", 90, 1, 730),
        oldest_batch_days=cells.number("oldest_batch_days", 7, 1, 60),
        first_night_claims=cells.number("first_night_claims", 20, 0, 5000),
        priority=cells.number("priority", 5, 1, 9),
    )
    cells.done()
    return clinic


_CRON_FIELDS = (
    ("minute", 0, 59),
    ("hour", 0, 23),
    ("day of month", 1, 31),
    ("month", 1, 12),
    ("day of week", 0, 7),
)
_CRON_ITEM = re.compile(r"(?:\*|(\d+)(?:-(\d+))?)(?:/([1-9]\d*))?")


def cron_fault(expression: str) -> str:
    """Return what is wrong with a cron expression of five numeric fields, or an empty string."""
    parts = expression.split()
    if len(parts) != 5:
        return f"five fields expected (minute hour day month weekday), found {len(parts)}"
    for (name, low, high), part in zip(_CRON_FIELDS, parts, strict=True):
        for item in part.split(","):
            match = _CRON_ITEM.fullmatch(item)
            bounds = [int(number) for number in match.group(1, 2) if number] if match else [-1]
            if any(not low <= number <= high for number in bounds) or bounds != sorted(bounds):
                return f"{name}: {item!r} is not within {low}-{high}"
    return ""


class Cells:
    """Reads a row's cells one by one and gathers every fault, so that a person mends the row once."""

    def __init__(self, thing: str, row: Row, columns: tuple[str, ...]) -> None:
        self._row = {name: "" if value is None else str(value).strip() for name, value in row.items()}
        self._thing = thing
        self._faults: list[str] = []
        for name in sorted(self._row.keys() - set(columns)):
            self.fault(name, f"unknown column; known: {', '.join(columns)}")

    def fault(self, column: str, message: str) -> None:
        """Note what is wrong with a cell."""
        self._faults.append(f"column {column}: {message}")

    def text(self, column: str, default: str | None = None) -> str:
        """Return a text; without a default it must be there."""
        value = self._row.get(column, "")
        if not value and default is None:
            self.fault(column, "is empty")
        return value or (default or "")

    def matching(self, column: str, pattern: str, rule: str) -> str:
        """Return a text of this pattern, which `rule` says in words."""
        value = self._row.get(column, "")
        if re.fullmatch(pattern, value) is None:
            self.fault(column, f"{value!r} is not {rule}")
        return value

    def slug(self, column: str) -> str:
        """Return a key."""
        value = self._row.get(column, "")
        if not is_slug(value):
            self.fault(column, f"{value!r} is not a key: a letter, then letters, digits or _, lower case, at most 40")
        return value

    def npi(self, column: str) -> str:
        """Return an NPI with a right check digit."""
        value = self.matching(column, r"\d{10}", "ten digits")
        if value and not is_valid_npi(value):
            self.fault(column, "its check digit is wrong (Luhn over 80840 and the number)")
        return value

    def one_of(self, column: str, allowed: tuple[str, ...], default: str) -> str:
        """Return one of these words; blank means the default."""
        value = self._row.get(column, "") or default
        if value not in allowed:
            self.fault(column, f"{value!r} is not one of {', '.join(allowed)}")
            return default
        return value

    def number(self, column: str, default: int, low: int, high: int) -> int:
        """Return a whole number within these bounds."""
        value = self._row.get(column, "") or str(default)
        if not value.isdigit() or not low <= int(value) <= high:
            self.fault(column, f"{value!r} is not a whole number from {low} to {high}")
            return default
        return int(value)

    def day(self, column: str) -> date | None:
        """Return a date, or None where the cell is blank."""
        value = self._row.get(column, "")
        if not value:
            return None
        try:
            return date.fromisoformat(value)
        except ValueError:
            self.fault(column, f"{value!r} is not a date (YYYY-MM-DD)")
            return None

    def timezone(self, column: str) -> str:
        """Return the name of a time zone."""
        value = self._row.get(column, "")
        try:
            ZoneInfo(value)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            self.fault(column, f"{value!r} is not an IANA time zone such as America/New_York")
        return value

    def cron(self, column: str) -> str:
        """Return a schedule, with the row's own number for every `H`."""
        value = self._row.get(column, "")
        expression = spread(value, f"{column}:{self._row.get('key', '')}")
        if fault := cron_fault(expression):
            self.fault(column, f"{value!r} is not a cron expression: {fault}")
        return expression

    def done(self) -> None:
        """Raise RowRefused where anything was wrong."""
        if self._faults:
            raise RowRefused(f"{self._thing} {self._row.get('key', '') or '(no key)'}", self._faults)
