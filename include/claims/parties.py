"""
Who stands on a claim: who bills, who gave the service, who is insured, who pays.

Every field names its 837P element; the rules say what of it a payer insists on.
"""

from dataclasses import dataclass
from datetime import date
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
class OtherId:
    """A number beside the NPI: a licence, or what one payer calls somebody."""

    kind: str  # REF01: 0B state licence, 1G UPIN, G2 the payer's own, LU location; 2U, FY, NF, EI for payers
    value: str  # REF02


@dataclass(frozen=True, slots=True, kw_only=True)
class BillingProvider:
    """Who bills: items 25 and 33, loop 2010AA."""

    name: str  # NM103: of the organisation, or the last name of a person
    first_name: str = ""  # NM104: only of an unincorporated person, who bills under their own name
    npi: str  # NM109
    tax_id: str  # REF02, nine digits
    tax_id_kind: TaxIdKind  # REF01
    taxonomy: str  # PRV03, ten characters; blank where not sent
    address: Address  # a street address with a nine-digit ZIP
    phone: str = ""  # ten digits
    pay_to: Address | None = None  # 2010AB, where payments go elsewhere; may be a post office box
    other_ids: tuple[OtherId, ...] = ()  # REF 0B, 1G of 2010AA


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """A person who had to do with the service: items 17, 24J and 31; loops 2310A, B, D and 2420A, D, E, F."""

    name: PersonName
    npi: str  # NM109; blank only where the guide lets it be
    taxonomy: str = ""  # PRV03, of who rendered the service
    other_ids: tuple[OtherId, ...] = ()  # REF 0B, 1G, G2, LU


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceFacility:
    """Where the service was given, if elsewhere than where the billing provider is: item 32, loops 2310C and 2420C."""

    name: str  # NM103
    npi: str = ""  # NM109
    address: Address
    other_ids: tuple[OtherId, ...] = ()  # REF 0B, G2, LU


@dataclass(frozen=True, slots=True, kw_only=True)
class Practitioner:
    """Who worked in a session, as the practice knows them; what the rules ask, and what a payer profile may bill."""

    key: str  # the practice's own key of the person
    credential: str = ""  # RBT, BCaBA, BCBA, BCBA-D
    name: PersonName | None = None
    npi: str = ""
    taxonomy: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """Who is asked to pay: loop 2010BB and SBR09."""

    id: str  # NM109, the clearinghouse's own id for claims
    name: str  # NM103
    filing_indicator: str = "CI"  # SBR09
    insurance_type: str = ""  # SBR05: why Medicare is not the first to pay
    address: Address | None = None  # N3, N4; head of the form
    other_ids: tuple[OtherId, ...] = ()  # REF 2U, EI, FY, NF
    billing_provider_ids: tuple[OtherId, ...] = ()  # REF G2, LU: what this payer calls who bills


@dataclass(frozen=True, slots=True, kw_only=True)
class Subscriber:
    """Whose insurance it is: items 1a, 4, 7, 11; loop 2010BA."""

    name: PersonName
    member_id: str  # NM109
    birth_date: date | None  # DMG02
    sex: Sex  # DMG03
    address: Address | None
    group_number: str = ""  # SBR03
    group_name: str = ""  # SBR04, item 11c


@dataclass(frozen=True, slots=True, kw_only=True)
class Dependent:
    """
    The patient, where that is not the subscriber: items 2, 3, 5, 6; loops 2000C and 2010CA.

    A patient to whom the payer gave a member id of their own is the subscriber (guide, 2000B), not a dependent.
    """

    name: PersonName
    relationship: Relationship  # PAT01
    birth_date: date | None  # DMG02
    sex: Sex  # DMG03
    address: Address | None
