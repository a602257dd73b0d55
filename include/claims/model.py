"""
A professional claim, as the practice billed it: one model for the 837P, the print image and the page.

Every field names its CMS-1500 (02/12) item and its 837P element. A claim of this model is well formed
(types, decimals, dates) but may still be wrong; `scrub` says what is.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum


class Sex(StrEnum):
    """DMG03: the sex a payer has on file."""

    FEMALE = "F"
    MALE = "M"
    UNKNOWN = "U"


class Relationship(StrEnum):
    """PAT01: how the patient is related to the subscriber (item 6)."""

    SPOUSE = "01"
    CHILD = "19"
    EMPLOYEE = "20"
    UNKNOWN = "21"
    ORGAN_DONOR = "39"
    CADAVER_DONOR = "40"
    LIFE_PARTNER = "53"
    OTHER = "G8"


class Frequency(StrEnum):
    """CLM05-3: what this claim is to the payer (item 22)."""

    ORIGINAL = "1"
    REPLACEMENT = "7"
    VOID = "8"


class TaxIdKind(StrEnum):
    """REF01 of 2010AA: whose tax number it is (item 25)."""

    EMPLOYER = "EI"
    SOCIAL_SECURITY = "SY"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address in the United States."""

    street: str  # N301
    street2: str = ""  # N302
    city: str  # N401
    state: str  # N402
    postal_code: str  # N403: 5 or 9 digits, no hyphen


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonName:
    """A person's name in the parts the forms ask for."""

    last: str  # NM103
    first: str  # NM104
    middle: str = ""  # NM105
    suffix: str = ""  # NM107


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProvider:
    """Who bills: items 25 and 33, loop 2010AA."""

    name: str  # NM103
    npi: str  # NM109
    tax_id: str  # REF02, nine digits
    tax_id_kind: TaxIdKind  # REF01
    taxonomy: str  # PRV03, ten characters; blank where not sent
    address: Address  # a street address with a nine-digit ZIP
    phone: str = ""  # ten digits


@dataclass(frozen=True, slots=True, kw_only=True)
class RenderingProvider:
    """Who gave the service: item 24J, loop 2310B."""

    name: PersonName
    npi: str  # NM109
    taxonomy: str = ""  # PRV03


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who is asked to pay: loop 2010BB and SBR09."""

    id: str  # NM109, the clearinghouse's own id for claims
    name: str  # NM103
    filing_indicator: str = "CI"  # SBR09


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whose insurance it is: items 1a, 4, 7, 11; loop 2010BA."""

    name: PersonName
    member_id: str  # NM109
    birth_date: date | None  # DMG02
    sex: Sex  # DMG03
    address: Address | None
    group_number: str = ""  # SBR03


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """The patient, where that is not the subscriber: items 2, 3, 5, 6; loops 2000C and 2010CA."""

    name: PersonName
    relationship: Relationship  # PAT01
    birth_date: date | None  # DMG02
    sex: Sex  # DMG03
    address: Address | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service on one day: items 24A to 24J, loop 2400."""

    source_line_key: str  # the practice's own key of the line
    service_date: date  # DTP*472
    procedure: str  # SV101-2
    modifiers: tuple[str, ...] = ()  # SV101-3..6
    charge: Decimal  # SV102, dollars and cents
    units: Decimal  # SV104, in units of service (SV103 = UN)
    diagnosis_pointers: tuple[int, ...]  # SV107, counted from 1
    place_of_service: str = ""  # SV105, where it differs from the claim's
    session_id: str = ""  # the practice's session, where known
    started_at: str = ""  # HHMM, where known
    ended_at: str = ""  # HHMM, where known


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One bill to one payer for one patient, as the source holds it at one moment."""

    source: str  # which practice database
    key: str  # the source's own key, unique within the source
    ready_at: datetime = field(compare=False)  # when the source released it, zone-aware; not part of the bill
    billing: BillingProvider
    subscriber: Subscriber
    dependent: Dependent | None = None
    payer: Payer
    rendering: RenderingProvider | None = None
    place_of_service: str  # CLM05-1
    frequency: Frequency = Frequency.ORIGINAL  # CLM05-3
    diagnoses: tuple[str, ...]  # HI, ICD-10-CM without the dot, the first is principal
    prior_authorization: str = ""  # REF*G1, item 23
    accepts_assignment: str = "A"  # CLM07
    benefits_assigned: str = "Y"  # CLM08
    release_of_information: str = "Y"  # CLM09
    signature_on_file: str = "Y"  # CLM06
    lines: tuple[ServiceLine, ...]

    @property
    def total_charge(self) -> Decimal:
        """CLM02: the sum of the lines' charges."""
        return sum((line.charge for line in self.lines), Decimal(0))

    @property
    def patient_is_subscriber(self) -> bool:
        """SBR02 is 18 and there is no patient loop."""
        return self.dependent is None


@dataclass(frozen=True, slots=True, kw_only=True)
class Fault:
    """One thing that is wrong with a claim, said so that a biller can mend it. Holds no patient data."""

    rule: str  # the rule's name, `member_id_present`
    place: str  # where: `item 1a, 2010BA NM109` or `row 12, column charge`
    message: str  # what is wrong
    remedy: str  # what to do about it
    blocks: bool = True  # False: a warning, the claim goes


@dataclass(frozen=True, slots=True, kw_only=True)
class UnreadableClaim:
    """A claim the source holds but whose rows could not be read; it is HELD with these faults, never dropped."""

    source: str
    key: str
    ready_at: datetime | None
    content_hash: str  # of the raw rows, so that a mended claim is a new revision
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CancelledClaim:
    """A claim the source takes back: it does not go, and where it has gone a person is told."""

    source: str
    key: str


SourceClaim = Claim | UnreadableClaim | CancelledClaim
"""Everything a claim source can say of one claim."""
