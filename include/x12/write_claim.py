"""The loops of an 837P that are the bill itself: 2300 and 2310 for the claim, 2400 to 2430 for its lines."""

from collections.abc import Sequence
from operator import attrgetter
from typing import Final

from include.claims.circumstances import Accident, Attachment, ClaimDate, DateKind, Drug, Note
from include.claims.identifiers import line_control_number
from include.claims.model import Claim, ServiceLine
from include.x12.as_billed import DATE_ORDER, facility_said, line_said, rendering_said
from include.x12.charset import sanitise
from include.x12.elements import day, number, period, segment
from include.x12.write_coordination import adjudication, other_payer
from include.x12.write_parties import facility, provider

ACCIDENT = "439"
REFERENCES: Final = (
    ("4N", "authorization_exception"),
    ("9F", "referral_number"),
    ("G1", "prior_authorization"),
    ("F8", "payer_claim_number"),
    ("X4", "clia_number"),
    ("D9", "clearinghouse_claim_id"),
    ("EA", "medical_record_number"),
    ("P4", "demonstration_project"),
)
"""REF01 of loop 2300 in the guide's order, and the field that holds the number."""

numbers_of = attrgetter(*[name for _, name in REFERENCES])
"""Return the numbers of a claim in that order."""

_QUALIFIERS: Final = tuple(qualifier for qualifier, _ in REFERENCES)

CONDITIONS_A_SEGMENT = 12  # HI01 to HI12


def claim_loops(control_number: str, claim: Claim) -> str:
    """2300 with 2310 and 2320, and its 2400 loops."""
    numbers = "".join(
        [f"REF*{kind}*{value}~" for kind, value in zip(_QUALIFIERS, numbers_of(claim), strict=True) if value]
    )
    diagnoses = f"HI*ABK:{'*ABF:'.join(claim.diagnoses)}~"
    rendering = provider("82", rendering_said(claim))
    if _seldom_of_claim(claim) == _NONE_OF_A_CLAIM:
        head = f"{_clm(control_number, claim)}{numbers}{diagnoses}{rendering}"
    else:
        head = _full_head(control_number, claim, numbers, diagnoses, rendering)
    lines = [_line(claim, control_number, position, line) for position, line in enumerate(claim.lines, start=1)]
    return head + "".join(lines)


_seldom_of_claim = attrgetter(
    "dates", "accident", "attachments", "patient_paid", "file_information", "note", "epsdt_referrals",
    "condition_codes", "referring", "primary_care", "facility", "supervising", "other_payers",
)  # fmt: skip
_NONE_OF_A_CLAIM: Final = ((), None, (), None, (), None, (), (), None, None, None, None, ())


def _full_head(control_number: str, claim: Claim, numbers: str, diagnoses: str, rendering: str) -> str:
    """2300, 2310 and 2320 of a claim that has something few claims have."""
    paid = "" if claim.patient_paid is None else f"AMT*F5*{number(claim.patient_paid)}~"
    others = "".join([other_payer(other) for other in claim.other_payers])
    return (
        f"{_clm(control_number, claim)}{_dates(claim.dates, claim.accident)}{_attachments(claim.attachments)}"
        f"{paid}{numbers}{_told(claim)}{diagnoses}{_conditions(claim.condition_codes)}"
        f"{provider('DN', claim.referring)}{provider('P3', claim.primary_care)}{rendering}"
        f"{facility(facility_said(claim))}{provider('DQ', claim.supervising)}{others}"
    )


def _clm(control_number: str, claim: Claim) -> str:
    head = (
        f"CLM*{control_number}*{number(claim.total_charge)}***{claim.place_of_service}:B:{claim.frequency}"
        f"*{claim.signature_on_file}*{claim.accepts_assignment}*{claim.benefits_assigned}"
        f"*{claim.release_of_information}"
    )
    if claim.accident is None and not (claim.patient_signature_source or claim.special_program or claim.delay_reason):
        return f"{head}~"
    accident = _related_causes(claim.accident)
    seldom = (claim.patient_signature_source, accident, claim.special_program, *[""] * 7, claim.delay_reason)
    return segment(head, *seldom)


def _related_causes(accident: Accident | None) -> str:
    """CLM11: at most two causes, one left out, the state of an auto accident."""
    if accident is None:
        return ""
    causes = [*accident.causes, "", ""][:2]
    return ":".join([*causes, "", accident.state]).rstrip(":")


def _dates(dates: Sequence[ClaimDate], accident: Accident | None) -> str:
    written = [(float(DATE_ORDER[one.kind]), f"DTP*{one.kind}*{period(one.on, one.until)}~") for one in dates]
    if accident is not None and accident.on is not None:
        # The guide has it just before that of the last menstrual period.
        before = DATE_ORDER[DateKind.LAST_MENSTRUAL_PERIOD] - 0.5
        written.append((before, f"DTP*{ACCIDENT}*D8*{day(accident.on)}~"))
    return "".join([text for _, text in sorted(written)])


def _attachments(papers: Sequence[Attachment]) -> str:
    text = ""
    for one in papers:
        key = ("", "", "AC", one.control_number) if one.control_number else ()
        text += segment("PWK", one.report, one.transmission, *key)
    return text


def _told(claim: Claim) -> str:
    """K3, NTE and CRC*ZZ."""
    fixed = "".join([f"K3*{sanitise(one)}~" for one in claim.file_information])
    return f"{fixed}{_note(claim.note)}{_epsdt(claim.epsdt_referrals)}"


def _note(note: Note | None) -> str:
    return "" if note is None else f"NTE*{note.kind}*{sanitise(note.text)}~"


def _epsdt(referrals: Sequence[str]) -> str:
    """CRC*ZZ: NU says that no referral was given."""
    if not referrals:
        return ""
    given = "N" if tuple(referrals) == ("NU",) else "Y"
    return segment("CRC", "ZZ", given, *referrals)


def _conditions(codes: Sequence[str]) -> str:
    """HI*BG, twelve codes a segment."""
    starts = range(0, len(codes), CONDITIONS_A_SEGMENT)
    return "".join(
        [segment("HI", *[f"BG:{code}" for code in codes[start : start + CONDITIONS_A_SEGMENT]]) for start in starts]
    )


seldom_of_line = attrgetter(
    "service_until", "description", "is_emergency", "is_epsdt", "is_family_planning", "attachments",
    "prior_authorization", "referral_number", "note", "drug", "rendering", "facility", "supervising", "ordering",
    "referring", "adjudications",
)  # fmt: skip
NONE_OF_A_LINE: Final = (None, "", False, False, False, (), "", "", None, None, None, None, None, None, None, ())


def _line(claim: Claim, control_number: str, position: int, line: ServiceLine) -> str:
    """2400 and what hangs below it."""
    number_of_line = f"REF*6R*{line_control_number(control_number, position)}~"
    if seldom_of_line(line) != NONE_OF_A_LINE:
        return f"LX*{position}~{_full_line(line_said(claim, line), number_of_line)}"
    place = "" if line.place_of_service == claim.place_of_service else line.place_of_service
    procedure = ":".join((line.procedure, *line.modifiers))
    return f"LX*{position}~{_sv1(line, procedure, place)}~DTP*472*D8*{day(line.service_date)}~{number_of_line}"


def _sv1(line: ServiceLine, procedure: str, place: str) -> str:
    """SV101 to SV107."""
    pointers = ":".join([str(pointer) for pointer in line.diagnosis_pointers])
    return f"SV1*HC:{procedure}*{number(line.charge)}*{line.unit_kind}*{number(line.units)}*{place}**{pointers}"


def _full_line(line: ServiceLine, number_of_line: str) -> str:
    """2400 to 2430 of a line that has something few lines have."""
    procedure = ":".join((line.procedure, *line.modifiers))
    if line.description:
        # SV101-7 stands behind four modifiers, sent or not.
        procedure += ":" * (5 - len(line.modifiers)) + sanitise(line.description)
    marks = ["Y" if said else "" for said in (line.is_emergency, False, line.is_epsdt, line.is_family_planning)]
    authorization = f"REF*G1*{line.prior_authorization}~" if line.prior_authorization else ""
    return (
        f"{segment(_sv1(line, procedure, line.place_of_service), '', *marks)}{_attachments(line.attachments)}"
        f"DTP*472*{period(line.service_date, line.service_until)}~{authorization}{number_of_line}{_seldom(line)}"
    )


def _seldom(line: ServiceLine) -> str:
    """REF*9F, NTE, 2410, 2420 and 2430."""
    referral = f"REF*9F*{line.referral_number}~" if line.referral_number else ""
    decided = "".join([adjudication(one) for one in line.adjudications])
    return (
        f"{referral}{_note(line.note)}{_drug(line.drug)}{provider('82', line.rendering)}{facility(line.facility)}"
        f"{provider('DQ', line.supervising)}{provider('DK', line.ordering)}{provider('DN', line.referring)}{decided}"
    )


def _drug(drug: Drug | None) -> str:
    """2410."""
    if drug is None:
        return ""
    prescription = f"REF*XZ*{drug.prescription_number}~" if drug.prescription_number else ""
    return f"LIN**N4*{drug.ndc}~CTP****{number(drug.quantity)}*{drug.unit}~{prescription}"
