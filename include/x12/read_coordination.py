"""The loops of an 837P about other payers, made into what they are and what they paid."""

from collections.abc import Iterator
from decimal import Decimal

from include.claims.coordination import Adjustment, AdjustmentGroup, LineAdjudication, OtherPayer, Responsibility
from include.x12.claim_loops import Loop
from include.x12.interchange import Segment
from include.x12.read_elements import Unreadable, address, amount, code, day, maybe_day, number, other_ids, person


def other_payer(loop: Loop) -> OtherPayer:
    """2320, 2330A and 2330B."""
    sbr = loop["SBR"][0]
    insured, payer = loop.parties.get("IL"), loop.parties.get("PR")
    if insured is None or payer is None:
        raise Unreadable("2320 has no 2330A NM1*IL or no 2330B NM1*PR", sbr)
    moa = loop.first("MOA")
    return OtherPayer(
        responsibility=code(Responsibility, sbr.get(1), sbr, "SBR01"),
        relationship=sbr.get(2),
        group_number=sbr.get(3),
        group_name=sbr.get(4),
        insurance_type=sbr.get(5),
        filing_indicator=sbr.get(9),
        insured=person(insured["NM1"][0]),
        member_id=insured.value("NM1", 9),
        insured_address=address(insured),
        payer_id=payer.value("NM1", 9),
        payer_name=payer.value("NM1", 3),
        payer_address=address(payer),
        claim_number=payer.value("REF*F8", 2),
        prior_authorization=payer.value("REF*G1", 2),
        referral_number=payer.value("REF*9F", 2),
        other_ids=other_ids(payer, "2U", "EI", "FY", "NF"),
        adjudicated_on=maybe_day(payer, "DTP*573", 2),
        paid=amount(loop, "D"),
        non_covered=amount(loop, "A8"),
        remaining_liability=amount(loop, "EAF"),
        adjustments=tuple(_adjustments(loop)),
        remarks=() if moa is None else tuple(remark for remark in moa.elements[3:8] if remark),
        benefits_assigned=loop.value("OI", 3),
        signature_source=loop.value("OI", 4),
        release_of_information=loop.value("OI", 6),
    )


def adjudication(loop: Loop) -> LineAdjudication:
    """2430."""
    svd = loop["SVD"][0]
    product, *procedure = svd.parts(3)
    if product != "HC" or not procedure:
        raise Unreadable("SVD03 does not start with HC and a procedure", svd)
    decided = loop.first("DTP*573")
    if decided is None:
        raise Unreadable("2430 has no DTP*573", svd)
    return LineAdjudication(
        payer_id=svd.get(1),
        paid=number(svd, 2),
        procedure=procedure[0],
        modifiers=tuple(modifier for modifier in procedure[1:5] if modifier),
        units=number(svd, 5),
        bundled_into=_line_number(svd, 6) if svd.get(6) else None,
        adjustments=tuple(_adjustments(loop)),
        adjudicated_on=day(decided, 2),
        remaining_liability=amount(loop, "EAF"),
    )


def _adjustments(loop: Loop) -> Iterator[Adjustment]:
    for cas in loop.get("CAS", ()):
        group = code(AdjustmentGroup, cas.get(1), cas, "CAS01")
        for at in range(2, len(cas.elements), 3):
            yield Adjustment(
                group=group, reason=cas.get(at), amount=number(cas, at + 1), quantity=_maybe_number(cas, at + 2)
            )


def _maybe_number(segment: Segment, position: int) -> Decimal | None:
    return number(segment, position) if segment.get(position) else None


def _line_number(segment: Segment, position: int) -> int:
    text = segment.get(position)
    # A claim's own fault: Segment.whole_number would refuse the file for it.
    if not (text.isascii() and text.isdigit() and len(text) <= 6):
        raise Unreadable(f"{segment.id}{position:02d} is not a whole number", segment)
    return int(text)
