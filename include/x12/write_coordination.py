"""The loops of an 837P about other payers: 2320 and 2330 for the claim, 2430 for a line."""

from collections.abc import Sequence
from decimal import Decimal
from itertools import groupby

from include.claims.coordination import Adjustment, LineAdjudication, OtherPayer
from include.x12.charset import sanitise
from include.x12.elements import day, maybe_address, maybe_number, number, person, references, segment

_TRIPLETS_A_SEGMENT = 6  # CAS02 to CAS19


def other_payer(other: OtherPayer) -> str:
    """2320, 2330A and 2330B."""
    group = (other.group_number, "") if other.group_number else ("", sanitise(other.group_name))
    kind = (other.insurance_type, "", "", "", other.filing_indicator)
    head = segment("SBR", other.responsibility, other.relationship, *group, *kind)
    moa = segment("MOA", "", "", *other.remarks) if other.remarks else ""
    oi = segment("OI", "", "", other.benefits_assigned, other.signature_source, "", other.release_of_information)
    return (
        f"{head}{adjustments(other.adjustments)}"
        f"{_amount('D', other.paid)}{_amount('A8', other.non_covered)}{_amount('EAF', other.remaining_liability)}"
        f"{oi}{moa}"
        f"NM1*IL*1*{person(other.insured)}*MI*{other.member_id}~{maybe_address(other.insured_address)}"
        f"{_who_pays(other)}"
    )


def _who_pays(other: OtherPayer) -> str:
    decided = f"DTP*573*D8*{day(other.adjudicated_on)}~" if other.adjudicated_on is not None else ""
    numbers = (("G1", other.prior_authorization), ("9F", other.referral_number), ("F8", other.claim_number))
    return (
        f"NM1*PR*2*{sanitise(other.payer_name)}*****PI*{other.payer_id}~{maybe_address(other.payer_address)}{decided}"
        f"{references(other.other_ids)}{''.join([f'REF*{kind}*{value}~' for kind, value in numbers if value])}"
    )


def adjudication(decided: LineAdjudication) -> str:
    """2430."""
    procedure = ":".join(("HC", decided.procedure, *decided.modifiers))
    bundled = "" if decided.bundled_into is None else str(decided.bundled_into)
    head = segment("SVD", decided.payer_id, number(decided.paid), procedure, "", number(decided.units), bundled)
    return (
        f"{head}{adjustments(decided.adjustments)}DTP*573*D8*{day(decided.adjudicated_on)}~"
        f"{_amount('EAF', decided.remaining_liability)}"
    )


def adjustments(given: Sequence[Adjustment]) -> str:
    """CAS: a segment for each group in a row, at most six reasons in each."""
    text = ""
    for group, some in groupby(given, key=lambda one: one.group):
        reasons = list(some)
        for start in range(0, len(reasons), _TRIPLETS_A_SEGMENT):
            triplets = [
                part
                for one in reasons[start : start + _TRIPLETS_A_SEGMENT]
                for part in (one.reason, number(one.amount), maybe_number(one.quantity))
            ]
            text += segment("CAS", group, *triplets)
    return text


def _amount(qualifier: str, amount: Decimal | None) -> str:
    return "" if amount is None else f"AMT*{qualifier}*{number(amount)}~"
