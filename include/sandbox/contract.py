"""
How the sandbox's payers pay: what the contract allows a procedure, and what of it is the patient's.

Each decision is a payment whose lines balance by construction: what is paid is the charge less its adjustments.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

from include.sandbox.fates import Fate
from include.sandbox.upload import Line, Party, UploadedClaim, amount

ZERO: Final = Decimal(0)
HALF: Final = Decimal("0.5")


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What the contract says of one procedure."""

    allowed: Decimal  # of the charge
    deductible: Decimal = ZERO  # PR-1
    coinsurance: Decimal = ZERO  # PR-2, of what is allowed
    copay: Decimal = ZERO  # PR-3


CONTRACT: Final = {
    "97151": Terms(allowed=Decimal("0.90"), deductible=Decimal(50)),
    "97153": Terms(allowed=Decimal("0.80"), coinsurance=Decimal("0.10")),
    "97155": Terms(allowed=Decimal("0.75"), copay=Decimal(20)),
}
OTHERWISE: Final = Terms(allowed=Decimal("0.85"))

SECOND_PAYER: Final = Party(id="SB2ND", last="SECOND EXAMPLE PLAN")


@dataclass(frozen=True, slots=True, kw_only=True)
class Forwarded:
    """A claim in a payer's hands, with the clearinghouse's numbers for it."""

    claim: UploadedClaim
    fate: Fate
    account: str
    part_id: str
    claim_id: str
    received: str  # CCYYMMDD
    reference: str  # BHT03 it came under
    submitter: Party

    @property
    def payer_claim_number(self) -> str:
        """What the payer calls it: CLP07, REF*1K."""
        return self.claim.payer.id + self.claim_id


@dataclass(frozen=True, slots=True)
class Adjustment:
    """One CAS triplet."""

    group: str
    reason: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidLine:
    """A service line as it was decided (SVC)."""

    line: Line
    charge: Decimal
    adjustments: tuple[Adjustment, ...] = ()
    remarks: tuple[str, ...] = ()  # LQ*HE

    @property
    def paid(self) -> Decimal:
        """SVC03."""
        return self.charge - sum((one.amount for one in self.adjustments), ZERO)

    @property
    def share(self) -> Decimal:
        """What the patient owes."""
        return sum((one.amount for one in self.adjustments if one.group == "PR"), ZERO)


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A claim as it was decided (CLP)."""

    forwarded: Forwarded
    payer: Party
    status: str  # CLP02
    number: str  # CLP07
    lines: tuple[PaidLine, ...]
    replaces: str = ""  # REF*F8
    crossover: Party | None = None  # NM1*TT
    interest: Decimal = ZERO  # AMT*I

    @property
    def charge(self) -> Decimal:
        """CLP03."""
        return sum((line.charge for line in self.lines), ZERO)

    @property
    def paid(self) -> Decimal:
        """CLP04."""
        return sum((line.paid for line in self.lines), ZERO)

    @property
    def share(self) -> Decimal:
        """CLP05."""
        return sum((line.share for line in self.lines), ZERO)

    def reversed(self) -> "Payment":
        """Return its reversal: the same, negated."""
        lines = tuple(
            replace(
                line,
                charge=-line.charge,
                adjustments=tuple(replace(one, amount=-one.amount) for one in line.adjustments),
                remarks=(),
            )
            for line in self.lines
        )
        return replace(self, status="22", lines=lines, crossover=None, interest=ZERO, replaces="")


def adjudicate(forwarded: Forwarded, fate: Fate = Fate.CONTRACT, *, rate: Decimal = Decimal(1)) -> Payment:
    """Return what the payer decides; `rate` is of what the contract allows."""
    claim = forwarded.claim
    lines = [_by_contract(line, rate) for line in claim.lines]
    if fate is Fate.DENIED_LATE:
        lines = [_denied(line, "29") for line in claim.lines]
    elif fate is Fate.DENIED_DUPLICATE:
        lines = [_denied(line, "18", "N522") for line in claim.lines]
    elif fate is Fate.INFORMATION:
        lines = [_denied(line, "252", "M127") for line in claim.lines]
    elif fate is Fate.PATIENT_PAYS:
        lines = [_left_to_patient(line) for line in lines]
    elif fate is Fate.LINE_DENIED:
        lines[0] = _denied(claim.lines[0], "197", "M62")
    payment = _payment(forwarded, lines)
    if fate is Fate.FORWARDED:
        return replace(payment, status="19", crossover=SECOND_PAYER)
    return replace(payment, interest=cents(payment.paid / 100)) if fate is Fate.INTEREST else payment


def deny_unknown_original(forwarded: Forwarded) -> Payment:
    """Return the denial of a replacement or void whose original the payer does not know."""
    return _payment(forwarded, [_denied(line, "16", "M47") for line in forwarded.claim.lines])


def pay_second(first: Payment) -> Payment:
    """Return what the second payer adds: the patient's share, the rest being another payer's matter (OA-23)."""
    lines = tuple(
        PaidLine(line=line.line, charge=line.charge, adjustments=_some(("OA", "23", line.charge - line.share)))
        for line in first.lines
    )
    number = SECOND_PAYER.id + first.forwarded.claim_id
    return replace(first, payer=SECOND_PAYER, status="2", number=number, lines=lines, crossover=None)


def cents(value: Decimal) -> Decimal:
    """Round an amount of money."""
    return value.quantize(Decimal("0.01"), ROUND_HALF_UP)


def _payment(forwarded: Forwarded, lines: Sequence[PaidLine]) -> Payment:
    denied = all(not line.paid and not line.share for line in lines)
    return Payment(
        forwarded=forwarded,
        payer=forwarded.claim.payer,
        status="4" if denied else "1",
        number=forwarded.payer_claim_number,
        lines=tuple(lines),
    )


def _by_contract(line: Line, rate: Decimal) -> PaidLine:
    terms = CONTRACT.get(line.procedure.partition(":")[0], OTHERWISE)
    charge = amount(line.charge)
    left = allowed = cents(charge * terms.allowed * rate)
    shares = []
    for reason, wanted in (
        ("1", terms.deductible), ("2", cents(allowed * terms.coinsurance)), ("3", terms.copay),
    ):  # fmt: skip
        share = min(wanted, left)
        left -= share
        shares.append(("PR", reason, share))
    return PaidLine(line=line, charge=charge, adjustments=_some(("CO", "45", charge - allowed), *shares))


def _left_to_patient(paid: PaidLine) -> PaidLine:
    return replace(
        paid,
        adjustments=(
            *(one for one in paid.adjustments if one.group != "PR"),
            *_some(("PR", "1", paid.paid + paid.share)),
        ),
    )


def _denied(line: Line, reason: str, *remarks: str) -> PaidLine:
    charge = amount(line.charge)
    return PaidLine(line=line, charge=charge, adjustments=_some(("CO", reason, charge)), remarks=remarks)


def _some(*adjustments: tuple[str, str, Decimal]) -> tuple[Adjustment, ...]:
    return tuple(Adjustment(*one) for one in adjustments if one[2])
