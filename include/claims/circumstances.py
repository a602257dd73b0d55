"""What a claim may have to tell beside who, what and how much: dates, accidents, notes, papers, drugs."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class RelatedCause(StrEnum):
    """CLM11: what the condition comes of (item 10)."""

    EMPLOYMENT = "EM"
    AUTO_ACCIDENT = "AA"
    OTHER_ACCIDENT = "OA"


class DateKind(StrEnum):
    """DTP01 of loop 2300, in the guide's order; the accident's date stands with the accident."""

    ONSET = "431"  # item 14
    INITIAL_TREATMENT = "454"  # item 15
    LAST_SEEN = "304"  # item 15
    ACUTE_MANIFESTATION = "453"  # item 15
    LAST_MENSTRUAL_PERIOD = "484"  # item 14
    LAST_XRAY = "455"  # item 15
    PRESCRIPTION = "471"  # item 15
    DISABILITY = "314"  # item 16: from and to
    DISABILITY_BEGINS = "360"  # item 16
    DISABILITY_ENDS = "361"  # item 16
    LAST_WORKED = "297"
    RETURN_TO_WORK = "296"
    ADMISSION = "435"  # item 18
    DISCHARGE = "096"  # item 18
    ASSUMED_CARE = "090"  # item 15
    RELINQUISHED_CARE = "091"  # item 15
    FIRST_CONTACT = "444"  # item 15: property and casualty
    REPRICER_RECEIVED = "050"


class NoteKind(StrEnum):
    """NTE01."""

    ADDITIONAL = "ADD"
    CERTIFICATION = "CER"
    GOALS = "DCP"
    DIAGNOSIS = "DGN"
    THIRD_PARTY = "TPO"


@dataclass(frozen=True, slots=True, kw_only=True)
class Accident:
    """What caused the condition, and when: items 10a to 10c; CLM11 and DTP*439."""

    causes: tuple[RelatedCause, ...]  # CLM11-1, CLM11-2
    state: str = ""  # CLM11-4, where a car was in it
    on: date | None = None  # DTP*439


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimDate:
    """A date that matters to the whole claim: items 14 to 16 and 18."""

    kind: DateKind  # DTP01
    on: date  # DTP03
    until: date | None = None  # DTP03 as RD8; DISABILITY only


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A few words to the payer, at most 80 characters: item 19 for a claim, shaded 24 for a line."""

    kind: NoteKind = NoteKind.ADDITIONAL  # NTE01
    text: str  # NTE02


@dataclass(frozen=True, slots=True, kw_only=True)
class Attachment:
    """A paper that belongs to the bill and how it comes to the payer: PWK."""

    report: str  # PWK01: OZ support data, B4 referral form, ..
    transmission: str  # PWK02: AA held here, BM by mail, EL electronic, EM mail, FT, FX by fax
    control_number: str = ""  # PWK06, needed unless held here


@dataclass(frozen=True, slots=True, kw_only=True)
class Drug:
    """A drug given: loop 2410."""

    ndc: str  # LIN03, eleven digits
    quantity: Decimal  # CTP04
    unit: str  # CTP05-1: F2, GR, ME, ML, UN
    prescription_number: str = ""  # REF*XZ
