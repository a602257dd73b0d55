"""
A professional claim, as the practice billed it: one model for the 837P, the print image and the page.

Every field names its CMS-1500 (02/12) item and its 837P element. A claim of this model is well formed
(types, decimals, dates) but may still be wrong; `scrub` says what is.
"""

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum

from include.claims.circumstances import Accident, Attachment, ClaimDate, Drug, Note
from include.claims.coordination import LineAdjudication, OtherPayer, Responsibility
from include.claims.parties import (
    BillingProvider,
    Dependent,
    Payer,
    Practitioner,
    Provider,
    ServiceFacility,
    Subscriber,
)


class Frequency(StrEnum):
    """CLM05-3: what this claim is to the payer (item 22)."""

    ORIGINAL = "1"
    REPLACEMENT = "7"
    VOID = "8"


@dataclass(frozen=True, slots=True, kw_only=True)
class LinePart:
    """One line of the source inside a line that was merged or rounded for a payer; the 835 is allocated back by it."""

    source_line_key: str
    units: Decimal
    charge: Decimal
    started_at: str = ""  # HHMM
    ended_at: str = ""  # HHMM


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceLine:
    """One service on one day: items 24A to 24J, loop 2400."""

    source_line_key: str  # the practice's own key of the line
    service_date: date  # DTP*472
    service_until: date | None = None  # DTP*472 as RD8, where it went on for days
    procedure: str  # SV101-2
    modifiers: tuple[str, ...] = ()  # SV101-3..6
    description: str = ""  # SV101-7, for procedures "not otherwise classified"
    charge: Decimal  # SV102, dollars and cents
    units: Decimal  # SV104
    unit_kind: str = "UN"  # SV103: UN units, MJ minutes
    diagnosis_pointers: tuple[int, ...]  # SV107, counted from 1
    place_of_service: str = ""  # SV105, where it differs from the claim's
    is_emergency: bool = False  # SV109, item 24C
    is_epsdt: bool = False  # SV111, item 24H
    is_family_planning: bool = False  # SV112, item 24H
    prior_authorization: str = ""  # REF*G1, where it differs from the claim's
    referral_number: str = ""  # REF*9F, where it differs from the claim's
    note: Note | None = None  # NTE, ADD or DCP
    attachments: tuple[Attachment, ...] = ()  # PWK
    drug: Drug | None = None  # 2410
    rendering: Provider | None = None  # 2420A, where it differs from the claim's
    facility: ServiceFacility | None = None  # 2420C, where it differs from the claim's
    supervising: Provider | None = None  # 2420D, where it differs from the claim's
    ordering: Provider | None = None  # 2420E
    referring: Provider | None = None  # 2420F, where it differs from the claim's
    adjudications: tuple[LineAdjudication, ...] = ()  # 2430, one for each payer that decided before
    session_id: str = ""  # the practice's session, where known
    started_at: str = ""  # HHMM, where known
    ended_at: str = ""  # HHMM, where known
    minutes: int | None = None  # how long the service took, where known
    performed_by: Practitioner | None = None  # who was with the patient, where known
    supervised_by: Practitioner | None = None  # the analyst responsible, where known
    location: str = ""  # the practice's own key of the place
    parts: tuple[LinePart, ...] = ()  # what a line made for the payer stands for; none: for itself


@dataclass(frozen=True, slots=True, kw_only=True)
class Authorization:
    """What a payer allowed in advance, as the practice keeps it; asked by the rules, never billed."""

    number: str  # item 23
    starts_on: date
    ends_on: date
    procedure: str = ""  # blank: any
    units: Decimal | None = None  # None: not limited, or not known


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One bill to one payer for one patient, as the source holds it at one moment."""

    source: str  # which practice database
    key: str  # the source's own key, unique within the source
    ready_at: datetime = field(compare=False)  # when the source released it, zone-aware; not part of the bill
    authorizations: tuple[Authorization, ...] = field(default=(), compare=False)  # not part of the bill
    patient_key: str = ""  # the practice's own key of the patient, where known
    billing: BillingProvider
    subscriber: Subscriber
    dependent: Dependent | None = None
    payer: Payer
    responsibility: Responsibility = Responsibility.PRIMARY  # SBR01: the payer's turn
    other_payers: tuple[OtherPayer, ...] = ()  # 2320, items 9 to 9d
    rendering: Provider | None = None  # 2310B
    referring: Provider | None = None  # 2310A DN, item 17
    primary_care: Provider | None = None  # 2310A P3
    supervising: Provider | None = None  # 2310D, item 17
    facility: ServiceFacility | None = None  # 2310C, item 32
    place_of_service: str  # CLM05-1
    frequency: Frequency = Frequency.ORIGINAL  # CLM05-3, item 22
    payer_claim_number: str = ""  # REF*F8, item 22: the payer's number of what is replaced or voided
    diagnoses: tuple[str, ...]  # HI, ICD-10-CM without the dot, the first is principal
    condition_codes: tuple[str, ...] = ()  # HI*BG, item 10d
    prior_authorization: str = ""  # REF*G1, item 23
    referral_number: str = ""  # REF*9F, item 23
    authorization_exception: str = ""  # REF*4N: why there is no authorization
    clia_number: str = ""  # REF*X4, item 23: laboratories only
    clearinghouse_claim_id: str = ""  # REF*D9
    medical_record_number: str = ""  # REF*EA
    demonstration_project: str = ""  # REF*P4
    property_claim_number: str = ""  # REF*Y4 of the patient, item 11b: property and casualty
    accident: Accident | None = None  # CLM11 and DTP*439, items 10a to 10c
    dates: tuple[ClaimDate, ...] = ()  # DTP, items 14 to 16 and 18; each kind once
    attachments: tuple[Attachment, ...] = ()  # PWK
    patient_paid: Decimal | None = None  # AMT*F5, item 29
    note: Note | None = None  # NTE, item 19
    file_information: tuple[str, ...] = ()  # K3: what a state's rules ask for
    epsdt_referrals: tuple[str, ...] = ()  # CRC*ZZ: AV, NU, S2, ST
    special_program: str = ""  # CLM12
    delay_reason: str = ""  # CLM20
    accepts_assignment: str = "A"  # CLM07
    benefits_assigned: str = "Y"  # CLM08
    release_of_information: str = "Y"  # CLM09
    signature_on_file: str = "Y"  # CLM06
    patient_signature_source: str = ""  # CLM10: P where signed by the provider for the patient
    lines: tuple[ServiceLine, ...]

    @property
    def total_charge(self) -> Decimal:
        """CLM02: the sum of the lines' charges."""
        return sum((line.charge for line in self.lines), Decimal(0))

    @property
    def patient_is_subscriber(self) -> bool:
        """SBR02 is 18 and there is no patient loop."""
        return self.dependent is None

    @property
    def patient(self) -> Subscriber | Dependent:
        """Who was treated."""
        return self.dependent or self.subscriber

    @property
    def others_decided_on(self) -> date | None:
        """The newest day on which another payer decided on it or on a line of it, where one has."""
        days = [one.adjudicated_on for one in self.other_payers if one.adjudicated_on]
        days += [one.adjudicated_on for line in self.lines for one in line.adjudications]
        return max(days, default=None)


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
