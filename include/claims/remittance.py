"""
What a payer says it paid, for which claims, and why not more: a remittance (835), in the file's order.

A payment opens, its claims follow one by one, and an end closes it with what concerns the provider as a whole. Names
of patients are not kept: a claim is matched by its numbers. What may still be a patient's stays out of every `repr`.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import NamedTuple

from include.claims.coordination import Adjustment
from include.claims.parties import OtherId


class PayerDecision(StrEnum):
    """CLP02: what the payer made of a claim. A code that is not here is kept as it came."""

    PRIMARY = "1"
    SECONDARY = "2"
    TERTIARY = "3"
    DENIED = "4"
    PRIMARY_FORWARDED = "19"
    SECONDARY_FORWARDED = "20"
    TERTIARY_FORWARDED = "21"
    REVERSAL = "22"
    NOT_OURS_FORWARDED = "23"
    PREDETERMINATION = "25"


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """One payment, or the notice that nothing is paid: the head of a set."""

    version: str  # GS08, `005010X221A1` or `004010X091A1`
    interchange_number: int  # ISA13
    set_number: str  # ST02
    handling: str  # BPR01: I money comes with it, H notice only, ..
    amount: Decimal  # BPR02
    credit_or_debit: str  # BPR03
    method: str  # BPR04: ACH, CHK, FWT, BOP, NON
    paid_on: date  # BPR16
    trace: str  # TRN02: the check's or transfer's number
    originator: str  # TRN03: 1 and the payer's tax id
    originator_division: str  # TRN04
    produced_on: date | None  # DTM*405
    payer_name: str  # 1000A N102
    payer_ids: tuple[OtherId, ...]  # 1000A N104 by its qualifier N103, then REF 2U, EO, HI, NF
    payee_npi: str  # 1000B N104 where N103 is XX
    payee_tax_id: str  # 1000B N104 where N103 is FI, else REF*TJ
    payee_ids: tuple[OtherId, ...]  # 1000B N104 where N103 is neither, then REF
    segment: int  # where its ST stands in the file, from 1


class Procedure(NamedTuple):
    """A service by its code: SVC01 or SVC06."""

    qualifier: str  # -1: HC, NU, N4, AD, ..
    code: str  # -2
    modifiers: tuple[str, ...]  # -3 to -6


class StatedAmount(NamedTuple):
    """An amount beside the balance: AMT."""

    kind: str  # AMT01
    amount: Decimal  # AMT02


class ServicePayment(NamedTuple):
    """
    What became of one service line: loop 2110.

    A tuple, as the claim is: a file has a million of them, and a frozen dataclass takes four times as long to make.
    """

    procedure: Procedure  # SVC01, as it was decided upon
    charge: Decimal  # SVC02
    paid: Decimal  # SVC03
    revenue_code: str = ""  # SVC04
    units_paid: Decimal = Decimal(1)  # SVC05; one where it was not sent
    submitted: Procedure | None = None  # SVC06, where it is not the one decided upon
    units_submitted: Decimal | None = None  # SVC07, where they are not those paid
    segment: int = 0  # where its SVC stands in the file
    first_day: date | None = None  # DTM*472 or DTM*150
    last_day: date | None = None  # DTM*151
    adjustments: tuple[Adjustment, ...] = ()  # CAS
    line_control_number: str = ""  # REF*6R: ours
    ids: tuple[OtherId, ...] = ()  # every other REF
    amounts: tuple[StatedAmount, ...] = ()  # AMT
    remarks: tuple[str, ...] = ()  # LQ*HE: remark codes

    @property
    def allowed(self) -> Decimal | None:
        """AMT*B6: what the contract allows."""
        return next((one.amount for one in self.amounts if one.kind == "B6"), None)


class ClaimPayment(NamedTuple):
    """What became of one claim: loop 2100 with its service lines. A reversal has the signs of the file."""

    control_number: str  # CLP01: our CLM01
    status: str  # CLP02: a PayerDecision, or what the payer sent
    charge: Decimal  # CLP03
    paid: Decimal  # CLP04
    segment: int  # where its CLP stands in the file
    patient_responsibility: Decimal | None = None  # CLP05
    filing_code: str = ""  # CLP06
    payer_claim_number: str = ""  # CLP07: what a replacement or void must name
    place_of_service: str = ""  # CLP08
    frequency: str = ""  # CLP09
    adjustments: tuple[Adjustment, ...] = ()  # CAS of the whole claim
    lines: tuple[ServicePayment, ...] = ()
    remarks: tuple[str, ...] = ()  # MOA03 to MOA07, MIA05 and MIA20 to MIA23: remark codes
    amounts: tuple[StatedAmount, ...] = ()  # AMT
    first_day: date | None = None  # DTM*232
    last_day: date | None = None  # DTM*233
    received_on: date | None = None  # DTM*050
    coverage_ended_on: date | None = None  # DTM*036
    rendering: OtherId | None = None  # NM1*82 NM108 and NM109
    ids: tuple[OtherId, ...] = ()  # REF; some are the insured's
    member_id: str = ""  # NM1*IL NM109, else NM1*QC
    identity_corrected: bool = False  # NM1*74 was sent: the payer knows the insured by another name or number
    corrected_member_id: str = ""  # NM1*74 NM109
    forwarded_to: str = ""  # NM1*TT NM103: the payer that got the claim next
    forwarded_to_id: str = ""  # NM1*TT NM109
    pays_first: str = ""  # NM1*PR NM103: the payer that should have been asked before
    pays_first_id: str = ""  # NM1*PR NM109

    def __repr__(self) -> str:
        """Name the claim without what may be the insured's."""
        return (
            f"ClaimPayment(control_number={self.control_number!r}, status={self.status!r}, charge={self.charge}, "
            f"paid={self.paid}, payer_claim_number={self.payer_claim_number!r}, lines={len(self.lines)}, "
            f"segment={self.segment})"
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAdjustment:
    """Money that moves for the provider as a whole: one pair of a PLB. A positive amount lowers the payment."""

    provider_id: str  # PLB01
    fiscal_year_ends_on: date  # PLB02
    reason: str  # PLB03-1
    reference: str  # PLB03-2: free text, sometimes a claim's number
    amount: Decimal  # PLB04
    segment: int  # where its PLB stands in the file


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentEnd:
    """The end of a payment: what its claims come to, and what concerns the provider as a whole."""

    set_number: str  # ST02
    claims: int  # that were read
    lines: int  # of these claims
    charged: Decimal  # CLP03 of these claims
    paid: Decimal  # CLP04 of these claims
    broken_claims: int  # that could not be read: the payment cannot balance
    fault: str  # why the set is not whole; blank where it is
    provider_adjustments: tuple[ProviderAdjustment, ...]  # PLB
    segment: int  # where its SE stands in the file, or where the file breaks
