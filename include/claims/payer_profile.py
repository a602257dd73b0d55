"""
What is peculiar to a payer, as data.

Payers contradict each other on rounding, merging, modifiers and whom they call the rendering provider, so none of it
may be a constant. A profile checks by default; where a table says `apply = true` the claim is changed for that payer,
the source's lines and the total kept. Nothing is changed here: `payer_wishes` does it, and the rules ask.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final


class Rounding(StrEnum):
    """How minutes become units of a timed procedure."""

    AS_BILLED = "as_billed"  # nothing is checked
    MIDPOINT = "midpoint"  # CPT: past half a unit counts; 8 to 22 minutes are 1, 23 to 37 are 2
    FULL = "full"  # whole units only; 15 to 29 minutes are 1
    UP_TO = "up_to"  # begun units count; 1 to 15 minutes are 1


class SameDay(StrEnum):
    """What a payer wants when one procedure was given twice on one day."""

    AS_BILLED = "as_billed"
    ONE_LINE = "one_line"  # the second line would be denied as a duplicate
    ONE_LINE_A_SESSION = "one_line_a_session"  # each with its times in the note, HHMM-HHMM


class TechnicianWork(StrEnum):
    """Who is the rendering provider of what a technician did."""

    AS_BILLED = "as_billed"
    TECHNICIAN = "technician"
    SUPERVISOR = "supervisor"


class Asked(StrEnum):
    """Whether a payer wants something on the claim."""

    AS_BILLED = "as_billed"
    REQUIRED = "required"
    LEFT_OUT = "left_out"


class AfterDenial(StrEnum):
    """What a payer wants where a claim was denied and can be mended."""

    REPLACEMENT = "replacement"  # frequency 7 with its claim number
    VOID_AND_NEW = "void_and_new"  # frequency 8, then an original
    NEW_ORIGINAL = "new_original"  # frequency 1
    APPEAL = "appeal"  # nothing electronic


class Severity(StrEnum):
    """What a rule does for this payer."""

    BLOCK = "block"
    WARN = "warn"
    OFF = "off"


NONE: Final[Mapping[str, Any]] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """Minutes into units."""

    rounding: Rounding = Rounding.AS_BILLED
    by_procedure: Mapping[str, Rounding] = field(default_factory=lambda: NONE)
    minutes_per_unit: int = 15
    minutes_by_procedure: Mapping[str, int] = field(default_factory=lambda: NONE)
    most_per_day: str = ""  # column of the table of medically unlikely edits: medicare or medicaid
    apply: bool = False  # bill the units the payer counts; the charge stays


@dataclass(frozen=True, slots=True, kw_only=True)
class Sessions:
    """One procedure twice on one day."""

    same_day: SameDay = SameDay.AS_BILLED
    apply: bool = False  # merge, or write the times into the note
    direction_may_overlap: bool = True  # 97155 while a technician gives 97153 to the same client


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """Who rendered the service."""

    technician_work: TechnicianWork = TechnicianWork.AS_BILLED
    technicians: tuple[str, ...] = ("RBT",)  # credentials that count as technician
    taxonomy: Asked = Asked.AS_BILLED  # PRV of billing and rendering provider
    apply: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CredentialModifier:
    """The modifier a credential bills with; the first entry that fits a line counts."""

    credential: str
    modifier: str  # blank: none of the modifiers named for other credentials
    procedures: tuple[str, ...] = ()  # none: every procedure


@dataclass(frozen=True, slots=True, kw_only=True)
class Modifiers:
    """Modifiers by credential."""

    by_credential: tuple[CredentialModifier, ...] = ()
    apply: bool = False  # put the right one first, take the others' away


@dataclass(frozen=True, slots=True, kw_only=True)
class Telehealth:
    """Services over video."""

    places: tuple[str, ...] = ("02", "10")  # places of service that mean telehealth
    accepted_places: tuple[str, ...] = ()  # those of them this payer takes; none: all
    modifier: str = ""  # 95 or GT; blank: not checked


@dataclass(frozen=True, slots=True, kw_only=True)
class Denials:
    """What follows a denial."""

    wants: AfterDenial = AfterDenial.REPLACEMENT
    within_days: int | None = None  # from the adjudication date


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """Timely filing, in days until the payer has the claim."""

    original_days: int | None = None  # from the earliest service date
    corrected_days: int | None = None  # from the adjudication date
    secondary_days: int | None = None  # from the primary's adjudication date
    appeal_days: int | None = None  # from the adjudication date
    warn_at: tuple[float, ...] = (0.5, 0.8)  # shares of the time gone by


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerProfile:
    """Everything peculiar to one payer for a time."""

    key: str = "default"
    payer_ids: tuple[str, ...] = ()  # 2010BB NM109
    effective_from: date | None = None  # by date of service; None: always
    effective_to: date | None = None
    units: Units = Units()
    sessions: Sessions = Sessions()
    rendering: Rendering = Rendering()
    modifiers: Modifiers = Modifiers()
    telehealth: Telehealth = Telehealth()
    denials: Denials = Denials()
    filing: Filing = Filing()
    # The guide leaves it out; Office Ally wants it, so `left_out` needs the rule `subscriber_address` lowered as well.
    subscriber_address_for_dependents: Asked = Asked.AS_BILLED
    referring_provider_required: bool = False
    severity: Mapping[str, Severity] = field(default_factory=lambda: NONE)  # by rule name

    def is_in_force(self, on: date) -> bool:
        """Tell whether the profile holds for services of a day."""
        return (self.effective_from is None or self.effective_from <= on) and (
            self.effective_to is None or on <= self.effective_to
        )


DEFAULT: Final = PayerProfile()
"""A payer nobody has written down: nothing is changed, nothing peculiar is asked."""


class PayerBook:
    """The profiles in force; a payer without one has the default."""

    def __init__(self, profiles: tuple[PayerProfile, ...] = (), text: str = "") -> None:
        """Take the profiles, those of one payer not overlapping (`read_profiles` sees to it), and their file's text."""
        self.text = text
        self._by_payer: dict[str, list[PayerProfile]] = {}
        for profile in profiles:
            for payer_id in profile.payer_ids:
                self._by_payer.setdefault(payer_id, []).append(profile)

    def profile_for(self, payer_id: str, on: date) -> PayerProfile:
        """Return the profile of a payer for services of a day."""
        return next((one for one in self._by_payer.get(payer_id, ()) if one.is_in_force(on)), DEFAULT)


NO_PAYERS: Final = PayerBook()
"""Nobody has written a payer down."""
