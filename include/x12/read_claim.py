"""The loops of an 837P that are the bill itself, made into a claim and its lines."""

from decimal import Decimal
from typing import Final

from include.claims.circumstances import Accident, Attachment, ClaimDate, DateKind, Drug, Note, NoteKind, RelatedCause
from include.claims.coordination import Responsibility
from include.claims.model import Claim, Frequency, ServiceLine
from include.x12.as_billed import NOT_SAID
from include.x12.claim_loops import ClaimLoops, LineLoops, Loop
from include.x12.interchange import Segment
from include.x12.read_coordination import adjudication, other_payer
from include.x12.read_elements import Unreadable, amount, code, maybe_day, number, period
from include.x12.read_parties import (
    billing_provider,
    dependent,
    facility,
    payer,
    property_claim_number,
    provider,
    subscriber,
)
from include.x12.write_claim import ACCIDENT, REFERENCES


def claim_of(found: ClaimLoops) -> Claim:
    """Return the claim these loops say; raise Unreadable at its first fault."""
    clm, loop = found.head, found.claim
    place, qualifier, frequency = (*clm.parts(5), "", "", "")[:3]
    if qualifier != "B":
        raise Unreadable("CLM05-2 is not B", clm)
    if "DTP*472" in loop:
        raise Unreadable("DTP*472 stands in 2300; the guide has it in 2400 only", loop["DTP*472"][0])
    if not found.lines:
        raise Unreadable("the claim has no 2400 LX", clm)
    sbr = found.above["2000B"].first("SBR") if "2000B" in found.above else None
    return Claim(
        source="",
        key="",
        ready_at=NOT_SAID,
        billing=billing_provider(found),
        subscriber=subscriber(found),
        dependent=dependent(found),
        payer=payer(found),
        responsibility=Responsibility.PRIMARY if sbr is None else code(Responsibility, sbr.get(1), sbr, "SBR01"),
        other_payers=tuple(other_payer(one) for one in found.other_payers),
        rendering=provider(loop, "82"),
        referring=provider(loop, "DN"),
        primary_care=provider(loop, "P3"),
        supervising=provider(loop, "DQ"),
        facility=facility(loop),
        place_of_service=place,
        frequency=code(Frequency, frequency, clm, "CLM05-3"),
        diagnoses=_diagnoses(loop),
        condition_codes=tuple(part[1] for hi in loop.get("HI*BG", ()) for part in _coded(hi, "BG", "BG")),
        property_claim_number=property_claim_number(found),
        accident=_accident(clm, loop),
        dates=tuple(_dates(loop)),
        attachments=_attachments(loop),
        patient_paid=amount(loop, "F5"),
        note=_note(loop),
        file_information=tuple(k3.get(1) for k3 in loop.get("K3", ())),
        epsdt_referrals=_epsdt(loop),
        signature_on_file=clm.get(6),
        accepts_assignment=clm.get(7),
        benefits_assigned=clm.get(8),
        release_of_information=clm.get(9),
        patient_signature_source=clm.get(10),
        special_program=clm.get(12),
        delay_reason=clm.get(20),
        lines=tuple(_line(position, line, clm) for position, line in enumerate(found.lines, start=1)),
        **{name: loop.value(f"REF*{kind}", 2) for kind, name in REFERENCES},  # type: ignore[arg-type]
    )


def _diagnoses(loop: Loop) -> tuple[str, ...]:
    hi = loop.first("HI*ABK")
    if hi is None:
        raise Unreadable("2300 has no HI*ABK")
    return tuple(part[1] for part in _coded(hi, "ABK", "ABF"))


def _coded(hi: Segment, first: str, others: str) -> list[list[str]]:
    parts = [hi.parts(position) for position in range(1, len(hi.elements))]
    if any(len(part) < 2 or part[0] != (others if at else first) for at, part in enumerate(parts)):
        raise Unreadable(f"HI: one {first} first, then {others}, each with its code", hi)
    return parts


def _accident(clm: Segment, loop: Loop) -> Accident | None:
    causes, on = clm.parts(11), maybe_day(loop, f"DTP*{ACCIDENT}", 2)
    if not causes[0] and on is None:
        return None
    return Accident(
        causes=tuple(code(RelatedCause, one, clm, "CLM11") for one in causes[:3] if one),
        state=causes[3] if len(causes) > 3 else "",
        on=on,
    )


_DATES: Final = tuple((f"DTP*{kind}", kind) for kind in DateKind)


def _dates(loop: Loop) -> list[ClaimDate]:
    found = []
    for key, kind in _DATES:
        for dtp in loop.get(key, ()):
            on, until = period(dtp, 2)
            found.append(ClaimDate(kind=kind, on=on, until=until))
    return found


def _attachments(loop: Loop) -> tuple[Attachment, ...]:
    return tuple(
        Attachment(report=pwk.get(1), transmission=pwk.get(2), control_number=pwk.get(6)) for pwk in loop.get("PWK", ())
    )


def _note(loop: Loop) -> Note | None:
    nte = loop.first("NTE")
    return None if nte is None else Note(kind=code(NoteKind, nte.get(1), nte, "NTE01"), text=nte.get(2))


def _epsdt(loop: Loop) -> tuple[str, ...]:
    crc = loop.first("CRC*ZZ")
    return () if crc is None else tuple(one for one in crc.elements[3:6] if one)


def _line(position: int, found: LineLoops, clm: Segment) -> ServiceLine:
    loop = found.own
    sv1, dtp = loop.first("SV1"), loop.first("DTP*472")
    if sv1 is None or dtp is None:
        raise Unreadable(f"line {position}: SV1 or DTP*472 is missing", clm)
    product, *procedure = sv1.parts(1)
    if product != "HC" or not procedure:
        raise Unreadable(f"line {position}: SV101 does not start with HC and a procedure", sv1)
    if sv1.get(3) not in {"UN", "MJ"}:
        raise Unreadable(f"line {position}: SV103 is neither UN nor MJ", sv1)
    first, last = period(dtp, 2)
    return ServiceLine(
        source_line_key=str(position),
        service_date=first,
        service_until=last,
        procedure=procedure[0],
        modifiers=tuple(modifier for modifier in procedure[1:5] if modifier),
        description=procedure[5] if len(procedure) > 5 else "",
        charge=number(sv1, 2),
        units=number(sv1, 4),
        unit_kind=sv1.get(3),
        diagnosis_pointers=tuple(_pointer(part, sv1) for part in sv1.parts(7) if part),
        place_of_service=sv1.get(5),
        is_emergency=sv1.get(9) == "Y",
        is_epsdt=sv1.get(11) == "Y",
        is_family_planning=sv1.get(12) == "Y",
        prior_authorization=loop.value("REF*G1", 2),
        referral_number=loop.value("REF*9F", 2),
        note=_note(loop),
        attachments=_attachments(loop),
        drug=None if found.drug is None else _drug(found.drug),
        rendering=provider(loop, "82"),
        facility=facility(loop),
        supervising=provider(loop, "DQ"),
        ordering=provider(loop, "DK"),
        referring=provider(loop, "DN"),
        adjudications=tuple(adjudication(one) for one in found.adjudications),
    )


def _drug(loop: Loop) -> Drug:
    lin, ctp = loop["LIN"][0], loop.first("CTP")
    if lin.get(2) != "N4" or ctp is None:
        raise Unreadable("2410: LIN02 is not N4, or CTP is missing", lin)
    return Drug(
        ndc=lin.get(3),
        quantity=number(ctp, 4) if ctp.get(4) else Decimal(0),
        unit=ctp.parts(5)[0],
        prescription_number=loop.value("REF*XZ", 2),
    )


def _pointer(text: str, segment: Segment) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise Unreadable("SV107 holds what is no diagnosis pointer", segment)
    return int(text)
