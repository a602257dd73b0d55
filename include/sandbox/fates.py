"""
What the sandbox's payers do with a claim, and how a tester chooses it.

The cents of a claim's total charge (CLM02) choose first: 240.11 has a line denied. Without such cents the payer's own
habit decides, `"fates": {"SKUT0": "denied-late"}` in the payers' file. Else the claim is paid by the contract table
of `include.sandbox.contract`. `docs/sandbox.md` is printed from this table.
"""

from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final


class Fate(StrEnum):
    """What becomes of a claim at its payer."""

    CONTRACT = "contract"
    LINE_DENIED = "line-denied"
    DENIED_LATE = "denied-late"
    DENIED_DUPLICATE = "denied-duplicate"
    PATIENT_PAYS = "patient-pays"
    FORWARDED = "forwarded"
    INFORMATION = "information"
    INTEREST = "interest"
    TAKEN_BACK = "taken-back"
    RECOUPED = "recouped"
    REJECTED = "rejected"
    RETURNED = "returned"
    LINE_REJECTED = "line-rejected"
    PROVIDER_REJECTED = "provider-rejected"
    SUBMITTER_REJECTED = "submitter-rejected"
    SILENT = "silent"


class Stage(StrEnum):
    """Something a payer does on a certain day after it got the claim."""

    ACKNOWLEDGE = "277CA"
    REPORT = "EDI Status"
    ASK = "277 and EDI Status, information requested"
    ADJUDICATE = "835"
    SECOND_PAYER = "835 of the second payer"
    TAKE_BACK = "835, money taken back"


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """The life of a claim of one fate."""

    fate: Fate
    cents: int | None  # of CLM02
    words: str
    days: tuple[tuple[int, Stage], ...]  # after the day the claim was forwarded


_FRONT_END: Final = ((2, Stage.ACKNOWLEDGE), (3, Stage.REPORT))
_PAID: Final = (*_FRONT_END, (14, Stage.ADJUDICATE))
_ASKED: Final = (*_FRONT_END, (5, Stage.ASK), (35, Stage.ADJUDICATE))
_SECOND: Final = (*_PAID, (21, Stage.SECOND_PAYER))
_BACK: Final = (*_PAID, (42, Stage.TAKE_BACK))

LIVES: Final = tuple(
    Life(fate=fate, cents=cents, words=words, days=days)
    for fate, cents, words, days in (
        (Fate.CONTRACT, None, "paid by the contract: CO-45, and the patient's share as PR-1, PR-2 or PR-3", _PAID),
        (Fate.LINE_DENIED, 11, "the first line is denied, CO-197 with M62 (no authorization); the others are paid",
         _PAID),
        (Fate.DENIED_LATE, 12, "the claim is denied, CO-29 (timely filing)", _PAID),
        (Fate.DENIED_DUPLICATE, 13, "the claim is denied, CO-18 with N522, as is a bill the payer knows", _PAID),
        (Fate.PATIENT_PAYS, 14, "paid zero: all that is allowed is the patient's deductible, PR-1", _PAID),
        (Fate.FORWARDED, 15, "paid and forwarded, status 19; a second payer pays the patient's share, status 2",
         _SECOND),
        (Fate.INFORMATION, 16, "information is requested, R4:317; as none comes, denied, CO-252 with M127", _ASKED),
        (Fate.INTEREST, 17, "paid with interest, AMT I and PLB L6", _PAID),
        (Fate.TAKEN_BACK, 21, "paid; four weeks later reversed (22) and paid anew at half, in one 835", _BACK),
        (Fate.RECOUPED, 22, "paid; four weeks later half is kept back from the next payment, PLB WO", _BACK),
        (Fate.REJECTED, 31, "rejected in the payer's front end, A7:187 (service date)", _FRONT_END),
        (Fate.RETURNED, 32, "returned by the payer's front end, A3:33 (subscriber not found)", _FRONT_END),
        (Fate.LINE_REJECTED, 33, "rejected in the payer's front end for a line, A7:454 (procedure)", _FRONT_END),
        (Fate.PROVIDER_REJECTED, 34, "the billing provider is rejected, A3:24; the 277CA names no claim of it",
         _FRONT_END),
        (Fate.SUBMITTER_REJECTED, 35, "the submitter is rejected, A3:24:41; its 277CA names no provider and no claim",
         _FRONT_END),
        (Fate.SILENT, 39, "the payer never answers", ()),
    )
)  # fmt: skip

LIFE_OF: Final = {life.fate: life for life in LIVES}
_BY_CENTS: Final = {life.cents: life.fate for life in LIVES if life.cents is not None}

FRONT_END_REFUSALS: Final = frozenset(
    {Fate.REJECTED, Fate.RETURNED, Fate.LINE_REJECTED, Fate.PROVIDER_REJECTED, Fate.SUBMITTER_REJECTED}
)


def fate_of(charge: Decimal, habit: Fate | None) -> Fate:
    """Return what becomes of a claim by its total charge and its payer's habit."""
    return _BY_CENTS.get(int(charge % 1 * 100)) or habit or Fate.CONTRACT


def cents_to(fate: Fate, total: int) -> int:
    """Return what to add to a total, both in cents, so that it chooses this fate; whole dollars choose the contract."""
    return ((LIFE_OF[fate].cents or 0) - total) % 100
