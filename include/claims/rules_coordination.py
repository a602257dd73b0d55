"""Rules on other payers: the second payer must be told what the first made of it (items 9 to 9d, 2320 to 2430)."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from decimal import Decimal
from functools import wraps
from typing import Final

from include.claims.code_lists import FILING_INDICATORS, INSURANCE_TYPES
from include.claims.coordination import Adjustment, LineAdjudication, OtherPayer, Responsibility
from include.claims.model import Claim
from include.claims.parties import Relationship
from include.claims.plain_text import is_sendable
from include.claims.scrutiny import EDIT, GUIDE, Rule, Scrutiny, rule
from include.claims.shapes import (
    EARLIEST,
    FIVE_OR_NINE_DIGITS,
    MODIFIER,
    MOST_FOUR,
    MOST_OTHER_PAYERS,
    PROCEDURE,
    address_fault,
    ids_fault,
    is_longer,
    is_money,
    is_quantity,
    name_fault,
    survives,
)

_REASON = re.compile(r"[A-Z]?[0-9]{1,3}")
_REMARK = re.compile(r"[A-Z]{1,2}[0-9]{1,4}")
_RELATIONSHIPS = frozenset({"18", *Relationship})
_MOST_REMARKS = 5


def _where_there_are_others(check: Callable[[Claim], str]) -> Callable[[Claim, Scrutiny], str]:
    """Return a check that most claims, which have one payer, pass at once."""

    @wraps(check)
    def asked(claim: Claim, _look: Scrutiny) -> str:
        return check(claim) if claim.other_payers else ""

    return asked


def _each(claim: Claim, faults_of: Callable[[OtherPayer], Iterator[str]]) -> str:
    """Return what is wrong by other payer, counted as the claim lists them."""
    return "; ".join(
        f"other payer {number}: {fault}"
        for number, other in enumerate(claim.other_payers, start=1)
        for fault in faults_of(other)
    )


def later_payer_has_an_earlier(claim: Claim, _look: Scrutiny) -> str:
    """Check: who is not the first to pay learns from another payer's answer."""
    if claim.responsibility in {Responsibility.PRIMARY, Responsibility.UNKNOWN}:
        return ""
    if any(other.paid is not None for other in claim.other_payers):
        return ""
    return "the payer is not the first, but no other payer's answer stands on the claim"


def turns_are_distinct(claim: Claim) -> str:
    """Check: every payer has its own turn."""
    turns = Counter([claim.responsibility, *[other.responsibility for other in claim.other_payers]])
    return "two payers have the same turn" if any(n > 1 for turn, n in turns.items() if turn != "U") else ""


def others_are_complete(claim: Claim) -> str:
    """Check: each other payer names itself and its insured."""
    fault = f"more than {MOST_OTHER_PAYERS} other payers" if len(claim.other_payers) > MOST_OTHER_PAYERS else ""
    ids = Counter(other.payer_id for other in claim.other_payers)
    twice = "an other payer's id stands twice" if any(n > 1 for n in ids.values()) else ""
    return "; ".join(one for one in (fault, twice, _each(claim, _identity_faults)) if one)


def _identity_faults(other: OtherPayer) -> Iterator[str]:
    if fault := name_fault(other.insured):
        yield f"the insured: {fault}"
    if not survives(other.payer_name) or is_longer(other.payer_name, 60) or is_longer(other.group_name, 60):
        yield "the payer's name is missing, or it or the plan's name is longer than 60 characters"
    if not 2 <= len(other.member_id) <= 80 or not 2 <= len(other.payer_id) <= 80:
        yield "the member id or the payer id is not 2 to 80 characters long"
    if other.relationship not in _RELATIONSHIPS or other.filing_indicator not in FILING_INDICATORS:
        yield "the relationship or the filing indicator is no code of the guide"
    if other.insurance_type and other.insurance_type not in INSURANCE_TYPES:
        yield "the insurance type is no code of SBR05"
    for address in (other.insured_address, other.payer_address):
        if address is not None and (fault := address_fault(address, FIVE_OR_NINE_DIGITS, "five or nine digits")):
            yield fault
    numbers = (
        other.member_id, other.payer_id, other.group_number, other.claim_number, other.prior_authorization,
        other.referral_number,
    )  # fmt: skip
    if not all(is_sendable(one) and len(one) <= 80 for one in numbers):
        yield "a number holds a character that cannot be sent, or is longer than 80"
    if fault := ids_fault(other.other_ids, {"2U", "EI", "FY", "NF"}):
        yield fault


def amounts_are_money(claim: Claim) -> str:
    """Check: what others paid and left over is money, and adjustments have codes."""
    return _each(claim, _amount_faults)


def _amount_faults(other: OtherPayer) -> Iterator[str]:
    if any(one is not None and not is_money(one) for one in (other.paid, other.non_covered, other.remaining_liability)):
        yield "an amount is negative, too large or has more than two decimals"
    yield from _adjustment_faults(other.adjustments)
    if len(other.remarks) > _MOST_REMARKS or any(_REMARK.fullmatch(one) is None for one in other.remarks):
        yield f"more than {_MOST_REMARKS} remark codes, or one that is none"
    codes = (other.benefits_assigned in {"Y", "N", "W"}, other.release_of_information in {"Y", "I"})
    if not all(codes) or other.signature_source not in {"", "P"}:
        yield "benefits, signature source or release is no code of the guide"


def _adjustment_faults(given: Sequence[Adjustment]) -> Iterator[str]:
    for one in given:
        if _REASON.fullmatch(one.reason) is None or not is_money(abs(one.amount)) or one.amount == 0:
            yield "an adjustment has no reason code, no amount or one with more than two decimals"
            return
        if one.quantity is not None and not is_quantity(abs(one.quantity)):
            yield "an adjustment's quantity is too large or has more than three decimals"
            return


def line_answers(claim: Claim) -> str:
    """Check: what other payers made of a line names a payer of the claim, in money, with codes."""
    known = {other.payer_id for other in claim.other_payers}
    faults = []
    for number, line in enumerate(claim.lines, start=1):
        if len(line.adjudications) > 15 or len({one.payer_id for one in line.adjudications}) < len(line.adjudications):
            faults.append(f"line {number}: a payer's answer stands twice, or there are more than 15")
        for decided in line.adjudications:
            if decided.payer_id not in known:
                faults.append(f"line {number}: decided on by a payer that the claim does not list")
            if not is_money(decided.paid) or not is_quantity(decided.units) or not _is_service(decided):
                faults.append(f"line {number}: the paid amount, units, procedure or modifiers of an answer are wrong")
            if decided.remaining_liability is not None and not is_money(decided.remaining_liability):
                faults.append(f"line {number}: what the patient still owes is no amount")
            if decided.bundled_into is not None and not 1 <= decided.bundled_into <= len(claim.lines):
                faults.append(f"line {number}: bundled into a line that the claim does not have")
            faults += [f"line {number}: {fault}" for fault in _adjustment_faults(decided.adjustments)]
    return "; ".join(faults)


def _is_service(decided: LineAdjudication) -> bool:
    return (
        PROCEDURE.fullmatch(decided.procedure) is not None
        and len(decided.modifiers) <= MOST_FOUR
        and all(MODIFIER.fullmatch(one) is not None for one in decided.modifiers)
    )


def lines_balance(claim: Claim) -> str:
    """Check: of each line, what a payer paid and what it adjusted is what was charged."""
    wrong = [
        str(number)
        for number, line in enumerate(claim.lines, start=1)
        for decided in line.adjudications
        # What was bundled elsewhere is paid there, so it may not balance by itself.
        if decided.bundled_into is None
        and decided.paid + sum((one.amount for one in decided.adjustments), Decimal(0)) != line.charge
    ]
    return f"line {', '.join(wrong)}: paid and adjusted is not what was charged" if wrong else ""


def claims_balance(claim: Claim) -> str:
    """Check: what a payer paid in all is what it paid by line, less what it took off the claim."""
    faults = []
    for number, other in enumerate(claim.other_payers, start=1):
        by_line = [d for line in claim.lines for d in line.adjudications if d.payer_id == other.payer_id]
        if not by_line or other.paid is None:
            continue
        expected = sum((d.paid for d in by_line), Decimal(0)) - sum((a.amount for a in other.adjustments), Decimal(0))
        if expected != other.paid:
            faults.append(f"other payer {number}: paid is not the sum of its lines")
    return "; ".join(faults)


def decided_once(claim: Claim) -> str:
    """Check: the day of an answer stands on the claim or on its lines, not on both, and on one where it paid."""
    faults = []
    on_lines = {one.payer_id for line in claim.lines for one in line.adjudications}
    for number, other in enumerate(claim.other_payers, start=1):
        has_day = other.adjudicated_on is not None
        if has_day and other.payer_id in on_lines:
            faults.append(f"other payer {number}: decided on both by claim and by line")
        if other.paid is not None and not has_day and other.payer_id not in on_lines:
            faults.append(f"other payer {number}: paid, but the day it decided is missing")
    return "; ".join(faults)


def decided_in_the_past(claim: Claim, look: Scrutiny) -> str:
    """Check: no other payer's answer is dated in the future."""
    if not claim.other_payers:
        return ""
    days = [other.adjudicated_on or EARLIEST for other in claim.other_payers]
    days += [one.adjudicated_on for line in claim.lines for one in line.adjudications]
    wrong = not all(EARLIEST <= on <= look.today for on in days)
    return "the day of another payer's answer is in the future, or before 1880" if wrong else ""


_REMEDY = "take the numbers from the other payer's remittance as they stand"

RULES: Final[tuple[Rule, ...]] = (
    rule(
        "other_payers_complete", "items 9 to 9d, 2320 and 2330", _where_there_are_others(others_are_complete),
        "complete the other insurance in the source", f"{GUIDE}, 2320 and 2330",
    ),
    rule(
        "turns_distinct", "item 11d, 2000B and 2320 SBR01", _where_there_are_others(turns_are_distinct),
        "say which payer is primary, which secondary", EDIT,
    ),
    rule(
        "later_payer_has_an_earlier", "items 9d and 29, 2320 AMT*D", later_payer_has_an_earlier,
        "wait for the first payer's answer and put it on the claim", f"{GUIDE}, 2320 AMT*D",
    ),
    rule(
        "other_amounts", "item 29, 2320 CAS, AMT and MOA", _where_there_are_others(amounts_are_money), _REMEDY,
        f"{GUIDE}, 2320",
    ),
    rule(
        "line_answers", "not on the form, 2430 SVD and CAS", _where_there_are_others(line_answers), _REMEDY,
        f"{GUIDE}, 2430",
    ),
    rule("lines_balance", "not on the form, 2430 SVD02 and CAS", _where_there_are_others(lines_balance), _REMEDY, EDIT),
    rule("claim_balances", "item 29, 2320 AMT*D and CAS", _where_there_are_others(claims_balance), _REMEDY, EDIT),
    rule(
        "decided_in_the_past", "not on the form, 2330B and 2430 DTP*573", decided_in_the_past, _REMEDY,
        f"{GUIDE}, 2430 DTP*573",
    ),
    rule(
        "decided_once", "not on the form, 2330B and 2430 DTP*573", _where_there_are_others(decided_once), _REMEDY,
        EDIT,
    ),
)  # fmt: skip
"""From who the other payers are to what they paid."""
