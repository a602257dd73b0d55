"""
What other payers have to do with a claim: who they are, what they paid, and why not more (loops 2320, 2330, 2430).

A secondary claim is the primary's answer told to the next payer, so amounts keep the primary's own codes.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from include.claims.parties import Address, OtherId, PersonName


class Responsibility(StrEnum):
    """SBR01: whose turn it is to pay."""

    PRIMARY = "P"
    SECONDARY = "S"
    TERTIARY = "T"
    FOURTH = "A"
    FIFTH = "B"
    SIXTH = "C"
    SEVENTH = "D"
    EIGHTH = "E"
    NINTH = "F"
    TENTH = "G"
    ELEVENTH = "H"
    UNKNOWN = "U"


class AdjustmentGroup(StrEnum):
    """CAS01: who bears what was not paid."""

    CONTRACT = "CO"
    CORRECTION = "CR"
    OTHER = "OA"
    PAYER = "PI"
    PATIENT = "PR"


@dataclass(frozen=True, slots=True, kw_only=True)
class Adjustment:
    """One reason why less (or more) was paid than charged: a triplet of CAS."""

    group: AdjustmentGroup  # CAS01
    reason: str  # CAS02, 05, ..: the claim adjustment reason code
    amount: Decimal  # positive lowers the payment
    quantity: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAdjudication:
    """What another payer made of one service line: loop 2430."""

    payer_id: str  # SVD01, the NM109 of that payer's 2330B
    paid: Decimal  # SVD02
    procedure: str  # SVD03-2, as that payer decided on it
    modifiers: tuple[str, ...] = ()  # SVD03-3..6
    units: Decimal  # SVD05
    bundled_into: int | None = None  # SVD06: the line it was paid with, counted from 1
    adjustments: tuple[Adjustment, ...] = ()  # CAS
    adjudicated_on: date  # DTP*573
    remaining_liability: Decimal | None = None  # AMT*EAF: what the patient still owes


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherPayer:
    """Another insurance of the patient, and what it paid if it was asked before: items 9 to 9d; loops 2320 and 2330."""

    responsibility: Responsibility  # SBR01
    relationship: str = "18"  # SBR02: 18 the patient is the insured, else a code of PAT01
    group_number: str = ""  # SBR03, item 9a
    group_name: str = ""  # SBR04, item 9d
    insurance_type: str = ""  # SBR05
    filing_indicator: str = "CI"  # SBR09
    insured: PersonName  # 2330A NM103 to NM107, item 9
    member_id: str  # 2330A NM109
    insured_address: Address | None = None  # 2330A N3, N4
    payer_id: str  # 2330B NM109
    payer_name: str  # 2330B NM103
    payer_address: Address | None = None  # 2330B N3, N4
    claim_number: str = ""  # 2330B REF*F8: that payer's number of the claim
    prior_authorization: str = ""  # 2330B REF*G1
    referral_number: str = ""  # 2330B REF*9F
    other_ids: tuple[OtherId, ...] = ()  # 2330B REF 2U, EI, FY, NF
    adjudicated_on: date | None = None  # 2330B DTP*573; blank where the lines say it
    paid: Decimal | None = None  # AMT*D; None: it was not asked before
    non_covered: Decimal | None = None  # AMT*A8
    remaining_liability: Decimal | None = None  # AMT*EAF
    adjustments: tuple[Adjustment, ...] = ()  # CAS of the whole claim
    remarks: tuple[str, ...] = ()  # MOA03 to MOA07: remark codes
    benefits_assigned: str = "Y"  # OI03
    signature_source: str = ""  # OI04: P where signed by the provider for the patient
    release_of_information: str = "Y"  # OI06
