"""
What a 277CA (005010X214) or a 277 (005010X212) says of a batch, a provider, a claim or one of its lines.

One answer may carry several statuses, of which the worst counts: which is worse is the order of `ClaimVerdict`, what
a category means the table `CATEGORY_VERDICTS`. Names of people and member ids have no field here, and the payer's
free text stays out of every repr: nobody knows what a payer writes there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum, StrEnum
from typing import Final


class Purpose(StrEnum):
    """BHT06: why the answer came."""

    ACKNOWLEDGEMENT = "TH"  # 277CA: what became of claims on their way in
    STATUS_RESPONSE = "DG"  # 277: how claims stand at the payer


class SourceKind(StrEnum):
    """NM101 of 2100A: who answers."""

    PAYER = "PR"
    CLEARINGHOUSE = "AY"


class Action(StrEnum):
    """STC03: whether what the status speaks of goes on (277CA only)."""

    ACCEPT = "WQ"
    REJECT = "U"


class ClaimVerdict(Enum):
    """What an answer comes to. The worst stands first, and counts where an answer says several things."""

    DUPLICATE = "duplicate"  # an earlier copy arrived: beside any other refusal this is what must not be resent
    REJECTED = "rejected"
    UNCLEAR = "unclear"  # a category we do not know, or one that its own action contradicts: a person looks
    NOT_FOUND = "not found"
    DENIED = "denied"
    INFORMATION_REQUESTED = "information requested"
    PENDED = "pended"
    SPLIT = "split"  # accepted, and goes on under several numbers of the payer
    RECEIVED = "received"  # and not yet accepted by anybody
    FORWARDED = "forwarded"
    ACCEPTED = "accepted"
    DECIDED = "decided"  # the remittance says how
    UNANSWERED = "unanswered"  # the question failed: it says nothing of the claim, so anything beside it counts


V = ClaimVerdict

CATEGORY_VERDICTS: Final[Mapping[str, ClaimVerdict]] = {
    "A0": V.FORWARDED,
    "A1": V.RECEIVED,
    "A2": V.ACCEPTED,
    "A3": V.REJECTED,
    "A4": V.NOT_FOUND,
    "A5": V.SPLIT,
    "A6": V.REJECTED,
    "A7": V.REJECTED,
    "A8": V.REJECTED,
    "DR01": V.RECEIVED,
    "DR02": V.ACCEPTED,
    "DR03": V.REJECTED,
    "DR04": V.NOT_FOUND,
    "DR05": V.REJECTED,
    "DR06": V.REJECTED,
    "DR07": V.REJECTED,
    "DR08": V.ACCEPTED,  # with a warning
    "D0": V.NOT_FOUND,
    "P0": V.PENDED,
    "P1": V.PENDED,
    "P2": V.PENDED,
    "P3": V.INFORMATION_REQUESTED,  # the payer waits for what it asked the provider for
    "P4": V.PENDED,
    "P5": V.PENDED,
    "F0": V.DECIDED,
    "F1": V.DECIDED,
    "F2": V.DENIED,
    "F3": V.DECIDED,
    "F3F": V.DECIDED,
    "F3N": V.DECIDED,
    "F4": V.DECIDED,
    "F5": V.REJECTED,  # the payer cannot process it
    "RQ": V.INFORMATION_REQUESTED,
    **dict.fromkeys((f"R{number}" for number in range(18) if number != 2), V.INFORMATION_REQUESTED),  # there is no R2
    **dict.fromkeys((f"E{number}" for number in range(5)), V.UNANSWERED),
}
"""What each category of X12's list 507 comes to; one that is not here is UNCLEAR."""

DUPLICATES: Final = frozenset({"54", "78", "746", "770"})
"""List 508: processed before, in process already, a batch sent before, passed on by another payer."""

_RANK: Final = {verdict: rank for rank, verdict in enumerate(ClaimVerdict)}
_GOES_ON: Final = frozenset({V.FORWARDED, V.RECEIVED, V.ACCEPTED, V.SPLIT})
_STOPS: Final = frozenset({V.REJECTED, V.NOT_FOUND})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusCode:
    """One composite of an STC: what happened, why, and whom it is about."""

    category: str  # STC01-1, list 507
    status: str  # STC01-2, list 508
    entity: str  # STC01-3, blank where it is about nobody

    @property
    def text(self) -> str:
        """The codes as they were sent, `A7:562:85`."""
        return ":".join(filter(None, (self.category, self.status, self.entity)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Status:
    """One STC: up to three codes that belong together."""

    codes: tuple[StatusCode, ...]  # STC01, STC10, STC11
    effective_on: date | None  # STC02
    action: Action | None  # STC03
    amount: Decimal | None  # STC04
    payer_words: str = field(repr=False)  # STC12

    @property
    def verdict(self) -> ClaimVerdict:
        """What this one status comes to."""
        found = worst(_verdict_of(code) for code in self.codes)
        contradicted = found in _GOES_ON if self.action is Action.REJECT else found in _STOPS
        return V.UNCLEAR if self.action and contradicted else found


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerHead:
    """Who answers, and in which file (one information source of one ST)."""

    answer_number: int  # ISA13 of the answer
    answer_group: int  # GS06 of the answer
    set_number: str  # ST02 of the answer
    guide: str  # ST03, or GS08 where it is blank: 005010X214, 005010X212
    reference: str  # BHT03: the answerer's own number
    purpose: Purpose  # BHT06
    answered_on: str  # BHT04 and BHT05, CCYYMMDDHHMM
    source: SourceKind  # NM101 of 2100A
    source_name: str  # NM103
    source_id: str  # NM109
    source_reference: str  # 2200A TRN02
    received_on: date | None  # 2200A DTP*050: when it had our claims
    processed_on: date | None  # 2200A DTP*009


@dataclass(frozen=True, slots=True, kw_only=True)
class Totals:
    """How much was taken and refused, as the answer counts it; None where it does not say."""

    accepted: int | None = None  # QTY*90 (2200B), QTY*QA (2200C)
    rejected: int | None = None  # QTY*AA (2200B), QTY*QC (2200C)
    accepted_amount: Decimal | None = None  # AMT*YU
    rejected_amount: Decimal | None = None  # AMT*YY


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAnswer:
    """What is said of the whole batch, or of us as its submitter (2200B)."""

    segment: int  # where in the answer's file its loop begins
    receiver_id: str  # 2100B NM109: our submitter id
    batch_reference: str  # TRN02: our BHT03
    statuses: tuple[Status, ...]
    totals: Totals

    @property
    def verdict(self) -> ClaimVerdict:
        """What became of the batch; claims listed below it have verdicts of their own."""
        return worst(status.verdict for status in self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderAnswer:
    """What is said of all claims of one billing provider (2200C)."""

    segment: int
    provider_npi: str  # 2100C NM109 where NM108 is XX; a tax id may be a person's and is not kept
    reference: str  # TRN02
    statuses: tuple[Status, ...]
    totals: Totals

    @property
    def verdict(self) -> ClaimVerdict:
        """What became of the provider's claims; those listed below it have verdicts of their own."""
        return worst(status.verdict for status in self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class LineAnswer:
    """What is said of one service line (2220D)."""

    segment: int
    control_number: str  # REF*FJ: our 6R
    procedure: str  # SVC01-2
    modifiers: tuple[str, ...]  # SVC01-3 to SVC01-6
    charge: Decimal | None  # SVC02
    statuses: tuple[Status, ...]
    service_from: date | None  # DTP*472
    service_to: date | None  # None where it is one day

    @property
    def verdict(self) -> ClaimVerdict:
        """What became of the line."""
        return worst(status.verdict for status in self.statuses)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAnswer:
    """What is said of one claim (2200D, or 2200E where the patient is a dependant)."""

    segment: int
    control_number: str  # our CLM01: TRN02, or REF*EJ where a 277 has it
    trace: str  # TRN02 as it came
    provider_npi: str  # of the 2100C it stands under
    statuses: tuple[Status, ...]
    payer_claim_number: str  # REF*1K
    clearinghouse_claim_id: str  # REF*D9
    bill_type: str  # REF*BLT, of an institution's claim
    voucher: str  # REF*VV
    service_from: date | None  # DTP*472
    service_to: date | None  # None where it is one day
    lines: tuple[LineAnswer, ...]

    @property
    def verdict(self) -> ClaimVerdict:
        """
        What became of the claim.

        Its own statuses count, and of its lines those that refuse (STC03 U): a line that a payer denies while it pays
        the others does not deny the claim. A claim without any status of its own has its lines' verdict.
        """
        lines = [status for line in self.lines for status in line.statuses]
        counting = [*self.statuses, *(status for status in lines if status.action is Action.REJECT)]
        return worst(status.verdict for status in counting or lines)


Answer = AnswerHead | BatchAnswer | ProviderAnswer | ClaimAnswer
"""What read_277 yields: a head, then what it says; a ClaimAnswer stands under the head and provider before it."""


def worst(verdicts: Iterable[ClaimVerdict]) -> ClaimVerdict:
    """Return the verdict that counts among several; where nothing was said, UNCLEAR."""
    return min(verdicts, key=_RANK.__getitem__, default=V.UNCLEAR)


def _verdict_of(code: StatusCode) -> ClaimVerdict:
    if code.status in DUPLICATES:
        return V.DUPLICATE
    return CATEGORY_VERDICTS.get(code.category, V.UNCLEAR)
