"""
The fields of the CMS-1500 (02/12): one table that the writer, the reader, the PDF and docs/form.md are made from.

Lines and columns count from 1 and are those of grid A, ten characters and six lines to the inch, as practice systems
have printed the form for years; the other grid in use is the same, two lines lower and three columns to the right.
"""

from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

LINES_A_PAGE: Final = 6
"""Service lines (item 24) of one form."""


Page = dict[str, str]
"""What stands on one form: field name and text; a field that is not named is blank."""


class Kind(StrEnum):
    """How a field is written; the value says it to a reader of docs/form.md."""

    TEXT = "capitals without punctuation"
    NUMBER = "a number without hyphens and blanks"
    AS_IS = "as it is"
    DAY = "MM DD YYYY"
    SHORT_DAY = "MM DD YY"
    AMOUNT = "dollars, a blank where the form has its rule, cents"
    BOX = "X"


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One place on the form that can be filled."""

    name: str
    item: str  # of the CMS-1500 (02/12)
    content: str  # in a biller's words
    line: int  # in grid A
    column: int  # in grid A
    width: int
    element: str  # loop and element of the 837P (005010X222A1)
    kind: Kind = Kind.TEXT
    is_right: bool = False  # justified to the right
    source: str = "grid A"  # of the place; widths are the NUCC's where nothing else is said
    nucc: tuple[int, int] | None = None  # line and column in the NUCC grid, where that is no mere shift
    caption: str = ""  # of a box, where the PDF draws the form
    slot: int = 0  # of a service line: 1 to 6


def _field(name: str, item: str, content: str, at: tuple[int, int, int], element: str, **more: object) -> Field:
    line, column, width = at
    given = {"line": line, "column": column, "width": width, "element": element, **more}
    return Field(name=name, item=item, content=content, **given)  # type: ignore[arg-type]


def _box(name: str, item: str, content: str, at: tuple[int, int], element: str, **more: object) -> Field:
    return _field(name, item, content, (*at, 1), element, kind=Kind.BOX, **more)


_NUMBER: Final = {"kind": Kind.NUMBER}
_AS_IS: Final = {"kind": Kind.AS_IS}
_DAY: Final = {"kind": Kind.DAY}
_AMOUNT: Final = {"kind": Kind.AMOUNT, "is_right": True}

_PEOPLE: Final = (
    _field("payer_name", "head", "Payer's name", (2, 41, 35), "2010BB NM103", nucc=(4, 47)),
    _field("page_mark", "head", "Page of pages", (3, 1, 20), "", source="IHS"),
    _field("payer_street", "head", "Payer's street", (4, 41, 35), "2010BB N301-2", nucc=(5, 47)),
    _field("payer_city", "head", "Payer's city, state, ZIP", (5, 41, 35), "2010BB N401-3", nucc=(6, 47)),
    _box("coverage_medicare", "1", "Coverage: Medicare", (8, 1), "2000B SBR09", caption="Medicare"),
    _box("coverage_medicaid", "1", "Coverage: Medicaid", (8, 8), "2000B SBR09", caption="Medicaid"),
    _box("coverage_tricare", "1", "Coverage: TRICARE", (8, 15), "2000B SBR09", caption="TRICARE"),
    _box("coverage_champva", "1", "Coverage: CHAMPVA", (8, 24), "2000B SBR09", caption="CHAMPVA"),
    _box("coverage_group", "1", "Coverage: a health plan", (8, 31), "2000B SBR09", caption="Plan"),
    _box("coverage_other", "1", "Coverage: other", (8, 45), "2000B SBR09", caption="Other"),
    _field("insured_id", "1a", "Insured's id, as on the card", (8, 50, 29), "2010BA NM109", **_AS_IS),
    _field("patient_name", "2", "Patient's name", (10, 1, 28), "2010CA or 2010BA NM103-7"),
    _field("patient_birth", "3", "Patient's birth date", (10, 31, 10), "2010CA or 2010BA DMG02", **_DAY),
    _box("patient_male", "3", "Patient is male", (10, 42), "2010CA or 2010BA DMG03", caption="M"),
    _box("patient_female", "3", "Patient is female", (10, 47), "2010CA or 2010BA DMG03", caption="F"),
    _field("insured_name", "4", "Insured's name", (10, 50, 29), "2010BA NM103-7"),
    _field("patient_street", "5", "Patient's street", (12, 1, 28), "2010CA or 2010BA N301-2"),
    _box("relation_self", "6", "Patient is the insured", (12, 33), "2000B SBR02", caption="Self"),
    _box("relation_spouse", "6", "Patient is the spouse", (12, 38), "2000C PAT01", caption="Spouse"),
    _box("relation_child", "6", "Patient is a child", (12, 42), "2000C PAT01", caption="Child"),
    _box("relation_other", "6", "Patient is otherwise related", (12, 47), "2000C PAT01", caption="Other"),
    _field("insured_street", "7", "Insured's street", (12, 50, 29), "2010BA N301-2"),
    _field("patient_city", "5", "Patient's city", (14, 1, 24), "2010CA or 2010BA N401"),
    _field("patient_state", "5", "Patient's state", (14, 26, 3), "2010CA or 2010BA N402", **_AS_IS),
    _field("insured_city", "7", "Insured's city", (14, 50, 23), "2010BA N401"),
    _field("insured_state", "7", "Insured's state", (14, 74, 4), "2010BA N402", **_AS_IS),
    _field("patient_zip", "5", "Patient's ZIP", (16, 1, 12), "2010CA or 2010BA N403", **_AS_IS),
    _field("insured_zip", "7", "Insured's ZIP", (16, 50, 12), "2010BA N403", **_AS_IS),
    _field("other_insured_name", "9", "Other insured's name", (18, 1, 28), "2330A NM103-7"),
    _field("group_number", "11", "Group number", (18, 50, 29), "2000B SBR03", **_NUMBER),
    _field("other_policy", "9a", "Other policy or group", (20, 1, 28), "2320 SBR03 or 2330A NM109", **_NUMBER),
    _box("employment_yes", "10a", "Condition comes of the work", (20, 35), "2300 CLM11 EM", caption="Yes"),
    _box("employment_no", "10a", "It does not", (20, 41), "2300 CLM11", caption="No"),
    _field("insured_birth", "11a", "Insured's birth date", (20, 53, 10), "2010BA DMG02", **_DAY),
    _box("insured_male", "11a", "Insured is male", (20, 68), "2010BA DMG03", caption="M"),
    _box("insured_female", "11a", "Insured is female", (20, 75), "2010BA DMG03", caption="F"),
    _box("auto_yes", "10b", "Of a car accident", (22, 35), "2300 CLM11 AA", caption="Yes"),
    _box("auto_no", "10b", "It does not", (22, 41), "2300 CLM11", caption="No"),
    _field("auto_state", "10b", "State of the car accident", (22, 45, 2), "2300 CLM11-4", **_AS_IS),
    _field("other_claim_kind", "11b", "Kind of the other claim id", (22, 50, 2), "2010BA or 2010CA REF01", **_AS_IS),
    _field("other_claim_id", "11b", "Other claim id", (22, 52, 28), "2010BA or 2010CA REF*Y4", **_NUMBER),
    _box("accident_yes", "10c", "Of another accident", (24, 35), "2300 CLM11 OA", caption="Yes"),
    _box("accident_no", "10c", "It does not", (24, 41), "2300 CLM11", caption="No"),
    _field("plan_name", "11c", "Insurance plan's name", (24, 50, 29), "2000B SBR04"),
    _field("other_plan_name", "9d", "Other plan's name", (26, 1, 28), "2320 SBR04 or 2330B NM103"),
    _field(
        "condition_codes",
        "10d",
        "Condition codes",
        (26, 34, 16),
        "2300 HI*BG",
        source="grid A; IHS: column 30, 19 wide",
    ),
    _box("other_plan_yes", "11d", "There is another plan", (26, 52), "2320", caption="Yes"),
    _box("other_plan_no", "11d", "There is none", (26, 57), "2320", caption="No"),
    _field("patient_signature", "12", "Patient's signature", (29, 7, 24), "2300 CLM09"),
    _field("insured_signature", "13", "Insured's signature", (29, 55, 23), "2300 CLM08"),
)

_NARROW_19: Final = "grid A; NUCC: 71 wide, over the boxes of item 20"

_CARE: Final = (
    _field("onset_date", "14", "Onset or last period", (32, 2, 10), "2300 DTP*431, DTP*484", **_DAY),
    _field("onset_kind", "14", "Kind of that date", (32, 16, 3), "2300 DTP01", **_AS_IS),
    _field("other_date_kind", "15", "Kind of the other date", (32, 31, 3), "2300 DTP01", **_AS_IS),
    _field("other_date", "15", "Other date", (32, 37, 10), "2300 DTP*439, 454, 304, ..", **_DAY),
    _field("unable_from", "16", "Unable to work from", (32, 54, 10), "2300 DTP*314, DTP*360", **_DAY),
    _field("unable_until", "16", "Unable to work until", (32, 68, 10), "2300 DTP*314, DTP*361", **_DAY),
    _field("source_id_kind", "17a", "Kind of the number", (33, 30, 2), "2310A, 2310D, 2420E REF01", **_AS_IS),
    _field("source_id", "17a", "Number of who referred", (33, 33, 17), "2310A, 2310D, 2420E REF02", **_NUMBER),
    _field("source_role", "17", "DN referred, DK ordered, DQ supervised", (34, 1, 2), "NM101", **_AS_IS),
    _field("source_name", "17", "Who referred, ordered or supervised", (34, 4, 24), "2310A, 2310D, 2420E NM103-7"),
    _field("source_npi", "17b", "NPI of who referred", (34, 33, 10), "2310A, 2310D, 2420E NM109", **_NUMBER),
    _field("hospital_from", "18", "In hospital from", (34, 54, 10), "2300 DTP*435", **_DAY),
    _field("hospital_until", "18", "In hospital until", (34, 68, 10), "2300 DTP*096", **_DAY),
    _field("additional", "19", "Note, papers", (36, 1, 48), "2300 NTE, 2300 and 2400 PWK", source=_NARROW_19),
    _box("outside_lab_no", "20", "No laboratory outside", (36, 57), "2400 PS102", caption="No"),
    _field("icd_indicator", "21", "0: ICD-10", (37, 42, 1), "2300 HI01-1", **_AS_IS),
    *(
        _field(
            f"diagnosis_{letter.lower()}", f"21{letter}", f"Diagnosis {letter}",
            (38 + number // 4, 3 + 13 * (number % 4), 7), f"2300 HI{number + 1:02d}-2", **_AS_IS,
        )
        for number, letter in enumerate("ABCDEFGHIJKL")
    ),
    _field("resubmission", "22", "7 replaces, 8 voids", (38, 50, 11), "2300 CLM05-3", **_AS_IS),
    _field("original_number", "22", "Payer's number of that claim", (38, 62, 18), "2300 REF*F8", **_AS_IS),
    _field("authorization", "23", "Authorization, referral or CLIA", (40, 50, 29), "2300 REF*G1, 9F, X4", **_NUMBER),
)  # fmt: skip

SERVICE: Final = (
    _field("supplement", "24", "Shaded: drug, description, note", (43, 1, 61), "2410 LIN, CTP; 2400 SV101-7, NTE"),
    _field("epsdt_code", "24H", "Shaded: EPSDT referral", (43, 63, 2), "2300 CRC*ZZ", **_AS_IS),
    _field("rendering_id_kind", "24I", "Shaded: kind of the number", (43, 65, 2), "REF01; ZZ for PRV", **_AS_IS),
    _field("rendering_id", "24J", "Shaded: who rendered", (43, 68, 11), "2310B, 2420A REF02, PRV03", **_NUMBER),
    _field("from", "24A", "From", (44, 1, 8), "2400 DTP*472", kind=Kind.SHORT_DAY),
    _field("to", "24A", "To", (44, 10, 8), "2400 DTP*472", kind=Kind.SHORT_DAY),
    _field("place", "24B", "Place of service", (44, 19, 2), "2400 SV105 or 2300 CLM05-1", **_AS_IS),
    _field("emergency", "24C", "Emergency", (44, 22, 2), "2400 SV109"),
    _field("procedure", "24D", "Procedure", (44, 25, 6), "2400 SV101-2", **_AS_IS),
    *(
        _field(
            f"modifier_{number}", "24D", f"Modifier {number}", (44, 30 + 3 * number, 2), f"2400 SV101-{number + 2}",
            **_AS_IS,
        )
        for number in range(1, 5)
    ),
    _field("pointers", "24E", "Diagnoses it is for", (44, 45, 4), "2400 SV107", **_AS_IS),
    _field("charge", "24F", "Charge", (44, 50, 8), "2400 SV102", **_AMOUNT),
    _field("units", "24G", "Units", (44, 59, 3), "2400 SV104", **_AS_IS),
    _field("screening", "24H", "EPSDT or family planning", (44, 63, 1), "2400 SV111, SV112"),
    _field("rendering_npi", "24J", "NPI of who rendered", (44, 68, 10), "2310B or 2420A NM109", **_NUMBER),
)  # fmt: skip
"""One service line; the form has six, each two lines below the one before."""

_TAIL: Final = (
    _field("tax_id", "25", "Tax id", (56, 1, 15), "2010AA REF02", **_NUMBER),
    _box("tax_id_ssn", "25", "It is a social security number", (56, 17), "2010AA REF*SY", caption="SSN"),
    _box("tax_id_ein", "25", "It is an employer's", (56, 19), "2010AA REF*EI", caption="EIN"),
    _field("account", "26", "Patient control number", (56, 23, 14), "2300 CLM01", **_AS_IS),
    _box("assignment_yes", "27", "Accepts assignment", (56, 38), "2300 CLM07", caption="Yes"),
    _box("assignment_no", "27", "Does not", (56, 43), "2300 CLM07", caption="No"),
    _field("total", "28", "Total charge", (56, 51, 9), "2300 CLM02", source="IHS; grid A: column 52", **_AMOUNT),
    _field("paid", "29", "Paid by the patient and others", (56, 62, 8), "2300 AMT*F5, 2320 AMT*D", **_AMOUNT),
    _field("billing_phone_area", "33", "Phone: area", (57, 66, 3), "2010AA PER04", **_NUMBER),
    _field("billing_phone", "33", "Phone", (57, 70, 9), "2010AA PER04", **_NUMBER),
    _field("facility_name", "32", "Place of service: name", (58, 23, 26), "2310C NM103"),
    _field("billing_name", "33", "Who bills", (58, 50, 29), "2010AA NM103-4"),
    _field("facility_street", "32", "Place of service: street", (59, 23, 26), "2310C N301-2"),
    _field("billing_street", "33", "Street of who bills", (59, 50, 29), "2010AA N301-2"),
    _field("signature", "31", "Provider's signature", (60, 1, 21), "2300 CLM06"),
    _field("facility_city", "32", "Place of service: city, state, ZIP", (60, 23, 26), "2310C N401-3"),
    _field("billing_city", "33", "City, state, ZIP of who bills", (60, 50, 29), "2010AA N401-3"),
    _field("facility_npi", "32a", "NPI of the place", (61, 23, 10), "2310C NM109", **_NUMBER),
    _field("facility_id", "32b", "Kind and number of the place", (61, 36, 14), "2310C REF", **_NUMBER),
    _field("billing_npi", "33a", "NPI of who bills", (61, 50, 10), "2010AA NM109", **_NUMBER),
    _field("billing_id", "33b", "Kind and number of who bills", (61, 63, 17), "2010BB REF*G2, 2000A PRV03", **_NUMBER),
)

CLAIM: Final = (*_PEOPLE, *_CARE, *_TAIL)
"""What stands on the form once."""


def in_slot(name: str, slot: int) -> str:
    """Return the name of a service line's field in one of the six places."""
    return f"{name}_{slot}"


FIELDS: Final = (
    *_PEOPLE,
    *_CARE,
    *(
        replace(one, name=in_slot(one.name, slot), line=one.line + 2 * (slot - 1), slot=slot)
        for slot in range(1, LINES_A_PAGE + 1)
        for one in SERVICE
    ),
    *_TAIL,
)
"""Every field of the form."""

BY_NAME: Final = {one.name: one for one in FIELDS}
