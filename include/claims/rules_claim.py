"""Rules on the claim as a whole: dates, accident, notes, papers, numbers, diagnoses, total (items 10 to 23 and 28)."""

from collections import Counter
from typing import Final

from include.claims.circumstances import DateKind, RelatedCause
from include.claims.code_lists import (
    DELAY_REASONS,
    EPSDT_REFERRALS,
    INPATIENT,
    REPORT_TYPES,
    SPECIAL_PROGRAMS,
    STATES,
    TRANSMISSIONS,
)
from include.claims.model import Claim, Frequency
from include.claims.plain_text import is_sendable
from include.claims.scrutiny import EDIT, FORM, GUIDE, INFERRED, Rule, Scrutiny, rule
from include.claims.shapes import (
    CONDITION,
    DIAGNOSIS,
    EARLIEST,
    MOST_ATTACHMENTS,
    MOST_CONDITIONS,
    MOST_DIAGNOSES,
    MOST_MONEY,
    attachment_faults,
    is_money,
    text_fault,
)

_ACCIDENTS = frozenset({RelatedCause.AUTO_ACCIDENT, RelatedCause.OTHER_ACCIDENT})
_NUMBERS: Final = {
    "referral number": "referral_number",
    "authorization exception": "authorization_exception",
    "CLIA number": "clia_number",
    "clearinghouse claim id": "clearinghouse_claim_id",
    "medical record number": "medical_record_number",
    "demonstration project": "demonstration_project",
    "property and casualty claim number": "property_claim_number",
    "payer's claim number": "payer_claim_number",
}


def claim_codes(claim: Claim, _look: Scrutiny) -> str:
    """Check: signature, assignment, benefits and release are codes of the guide."""
    fits = (
        claim.signature_on_file in {"Y", "N"}
        and claim.accepts_assignment in {"A", "B", "C"}
        and claim.benefits_assigned in {"Y", "N", "W"}
        and claim.release_of_information in {"Y", "I"}
    )
    return "" if fits else "signature, assignment, benefits or release is not one of its codes"


def diagnosis_count(claim: Claim, _look: Scrutiny) -> str:
    """Check: the claim lists 1 to 12 diagnoses."""
    count = len(claim.diagnoses)
    return "" if 1 <= count <= MOST_DIAGNOSES else f"{count} diagnoses; a claim has 1 to {MOST_DIAGNOSES}"


def diagnosis_shape(claim: Claim, _look: Scrutiny) -> str:
    """Check: diagnoses look like ICD-10-CM without the dot."""
    wrong = [number for number, code in enumerate(claim.diagnoses, start=1) if DIAGNOSIS.fullmatch(code) is None]
    if not wrong:
        return ""
    return f"diagnosis {', '.join(map(str, wrong))}: not an ICD-10-CM code of 3 to 7 characters without the dot"


def diagnoses_distinct(claim: Claim, _look: Scrutiny) -> str:
    """Check: no diagnosis is listed twice."""
    return "" if len(set(claim.diagnoses)) == len(claim.diagnoses) else "a diagnosis is listed twice"


def authorization(claim: Claim, _look: Scrutiny) -> str:
    """Check: the authorization number, where given, can be sent as it is."""
    number = claim.prior_authorization
    if not number or (is_sendable(number) and len(number) <= 50):
        return ""
    return "the authorization number holds a character that cannot be sent, or is longer than 50"


def total(claim: Claim, _look: Scrutiny) -> str:
    """Check: the claim bills more than nothing."""
    # A comparison with NaN raises, so such charges are looked for first.
    sound = all(line.charge.is_finite() for line in claim.lines) and 0 < claim.total_charge <= MOST_MONEY
    return "" if sound else "the total charge is not more than zero, or too large to send"


def frequency_number(claim: Claim, _look: Scrutiny) -> str:
    """Check: a replacement or void names what it replaces, an original names nothing."""
    is_original = claim.frequency is Frequency.ORIGINAL
    if not is_original and not claim.payer_claim_number:
        return "a replacement or void needs the payer's number of the claim it replaces"
    return "an original names a claim it would replace" if is_original and claim.payer_claim_number else ""


def numbers(claim: Claim, _look: Scrutiny) -> str:
    """Check: every other number of the claim can be sent as it is."""
    wrong = [
        words
        for words, name in _NUMBERS.items()
        if (value := getattr(claim, name)) and not (is_sendable(value) and len(value) <= 50)
    ]
    return f"{', '.join(wrong)}: a character that cannot be sent, or longer than 50" if wrong else ""


def accident(claim: Claim, _look: Scrutiny) -> str:
    """Check: an accident says what it was, when, and where a car was in it the state; not after the service."""
    found = claim.accident
    if found is None:
        return ""
    faults = []
    if not found.causes:
        faults.append("it does not say what kind of accident it was")
    if len(found.causes) > 2:
        faults.append("more than two causes")
    if _ACCIDENTS & set(found.causes) and found.on is None:
        faults.append("the accident's date is missing")
    if RelatedCause.AUTO_ACCIDENT in found.causes and not found.state:
        faults.append("the state of the auto accident is missing")
    if found.state and found.state not in STATES:
        faults.append("its state is not the two capital letters of a state")
    if found.on is not None and any(line.service_date < found.on for line in claim.lines):
        faults.append("the accident is later than a service")
    if found.on is not None and found.on < EARLIEST:
        faults.append("the accident's date is before 1880")
    return "; ".join(faults)


def dates(claim: Claim, look: Scrutiny) -> str:
    """Check: each kind of date once, ranges the right way round and only for disability, none in the future."""
    if not claim.dates:
        return ""
    faults = [
        f"{kind.name}: given twice" for kind, count in Counter(one.kind for one in claim.dates).items() if count > 1
    ]
    for one in claim.dates:
        if one.until is not None and (one.kind is not DateKind.DISABILITY or one.until < one.on):
            faults.append(f"{one.kind.name}: a range belongs to DISABILITY, from the earlier to the later day")
        if one.kind is DateKind.DISABILITY and one.until is None:
            faults.append("DISABILITY: both days are needed; else use DISABILITY_BEGINS or DISABILITY_ENDS")
        if one.on < EARLIEST or (one.on > look.today and one.kind not in _MAY_COME):
            faults.append(f"{one.kind.name}: in the future, or before 1880")
    return "; ".join(faults)


_MAY_COME = frozenset({DateKind.RETURN_TO_WORK, DateKind.DISABILITY_ENDS, DateKind.DISABILITY})


def admission(claim: Claim, _look: Scrutiny) -> str:
    """Check: an inpatient place of service has the day of admission."""
    places = {claim.place_of_service, *[line.place_of_service for line in claim.lines]}
    if not INPATIENT & places or any(one.kind is DateKind.ADMISSION for one in claim.dates):
        return ""
    return "the place of service is inpatient, and the admission date is missing"


def attachments(claim: Claim, _look: Scrutiny) -> str:
    """Check: papers have codes of the guide, and a number unless they are held here."""
    faults = attachment_faults("", claim.attachments, REPORT_TYPES, TRANSMISSIONS)
    if len(claim.attachments) > MOST_ATTACHMENTS:
        faults.append(f"more than {MOST_ATTACHMENTS} attachments")
    return "; ".join(faults)


def note(claim: Claim, _look: Scrutiny) -> str:
    """Check: the note says something in 80 characters, and so do a state's own lines."""
    texts = [*([("the note", claim.note.text)] if claim.note else []), *[("K3", one) for one in claim.file_information]]
    faults = [f"{what} {fault}" for what, text in texts if (fault := text_fault(text))]
    if len(claim.file_information) > 10:
        faults.append("more than ten K3")
    return "; ".join(faults)


def condition_codes(claim: Claim, _look: Scrutiny) -> str:
    """Check: condition codes look like codes, each once."""
    codes = claim.condition_codes
    if not codes:
        return ""
    if len(codes) > MOST_CONDITIONS or len(set(codes)) < len(codes):
        return f"more than {MOST_CONDITIONS} condition codes, or one twice"
    wrong = any(CONDITION.fullmatch(code) is None for code in codes)
    return "a condition code is not two or three capital letters or digits" if wrong else ""


def patient_paid(claim: Claim, _look: Scrutiny) -> str:
    """Check: what the patient paid is money, and no more than was billed."""
    paid = claim.patient_paid
    if paid is None or (
        is_money(paid) and all(is_money(line.charge) for line in claim.lines) and paid <= claim.total_charge
    ):
        return ""
    return "what the patient paid is negative, has more than two decimals or is more than the total"


def seldom_codes(claim: Claim, _look: Scrutiny) -> str:
    """Check: special program, delay reason, signature source and EPSDT referral are codes of the guide."""
    faults = [
        what
        for what, found, codes in (
            ("special program", claim.special_program, SPECIAL_PROGRAMS),
            ("delay reason", claim.delay_reason, DELAY_REASONS),
            ("patient signature source", claim.patient_signature_source, {"P"}),
        )
        if found and found not in codes
    ]
    referrals = claim.epsdt_referrals
    if referrals and (
        not set(referrals) <= EPSDT_REFERRALS or len(referrals) > 3 or ("NU" in referrals and len(referrals) > 1)
    ):
        faults.append("EPSDT referral")
    return f"{', '.join(faults)}: not a code of the guide" if faults else ""


def principal_diagnosis(claim: Claim, _look: Scrutiny) -> str:
    """Check: an external cause is never the principal diagnosis."""
    first = claim.diagnoses[0][:1] if claim.diagnoses else ""
    return "the principal diagnosis is an external cause (V to Y)" if first and first in "VWXY" else ""


def diagnosis_exists(claim: Claim, look: Scrutiny) -> str:
    """Check: diagnoses are billable ICD-10-CM codes, where a list is there to ask."""
    is_known = look.lists.is_diagnosis
    if is_known is None:
        return ""
    wrong = [str(n) for n, code in enumerate(claim.diagnoses, 1) if DIAGNOSIS.fullmatch(code) and not is_known(code)]
    return f"diagnosis {', '.join(wrong)}: no billable ICD-10-CM code of the list" if wrong else ""


def clia(claim: Claim, _look: Scrutiny) -> str:
    """Check: a laboratory's number stands beside laboratory work only."""
    has_tests = any(line.procedure.startswith("8") for line in claim.lines)
    return "" if not claim.clia_number or has_tests else "a CLIA number without a laboratory service"


def one_authorization(claim: Claim, _look: Scrutiny) -> str:
    """Check: the form has room for one of authorization, referral and CLIA number."""
    count = sum(map(bool, (claim.prior_authorization, claim.referral_number, claim.clia_number)))
    return "" if count < 2 else "the form can show only one of authorization, referral and CLIA number"


RULES: Final[tuple[Rule, ...]] = (
    rule(
        "accident", "items 10a to 10c, 2300 CLM11 and DTP*439", accident,
        "complete the accident: kind, date, and the state of an auto accident", f"{GUIDE}, 2300 CLM11 and DTP*439",
    ),
    rule(
        "condition_codes", "item 10d, 2300 HI*BG", condition_codes, "enter the codes as NUBC lists them",
        f"{GUIDE}, 2300 HI*BG",
    ),
    rule(
        "claim_codes", "items 12, 13, 27, 2300 CLM06 to CLM09", claim_codes,
        "use the codes of the guide: Y or N; A, B or C; Y, N or W; Y or I", f"{GUIDE}, 2300 CLM",
    ),
    rule(
        "seldom_codes", "not on the form, 2300 CLM10, CLM12, CLM20 and CRC*ZZ", seldom_codes,
        "use a code of the guide, or leave it out", f"{GUIDE}, 2300 CLM and CRC",
    ),
    rule(
        "claim_dates", "items 14 to 16 and 18, 2300 DTP", dates, "correct the dates in the source",
        f"{GUIDE}, 2300 DTP",
    ),
    rule(
        "admission_date", "item 18, 2300 DTP*435", admission, "enter the admission date, or the right place of service",
        f"{GUIDE}, 2300 DTP*435",
    ),
    rule(
        "attachments", "item 19, 2300 PWK", attachments, "give each paper its kind, how it comes and its number",
        f"{GUIDE}, 2300 PWK",
    ),
    rule("claim_note", "item 19, 2300 NTE and K3", note, "write at most 80 characters", f"{GUIDE}, 2300 NTE02"),
    rule(
        "diagnosis_count", "item 21, 2300 HI", diagnosis_count, "list 1 to 12 diagnoses", f"{GUIDE}, 2300 HI",
    ),
    rule(
        "diagnosis_shape", "item 21, 2300 HI", diagnosis_shape,
        "enter ICD-10-CM codes in capital letters without the dot", f"{GUIDE}, 2300 HI; ICD-10-CM",
    ),
    rule("diagnoses_distinct", "item 21, 2300 HI", diagnoses_distinct, "list each diagnosis once", EDIT),
    rule(
        "diagnosis_exists", "item 21, 2300 HI", diagnosis_exists,
        "correct the code, or install the newest ICD-10-CM list", "ICD-10-CM", blocks=False,
    ),
    rule(
        "principal_diagnosis", "item 21A, 2300 HI01", principal_diagnosis,
        "list the condition first, its external cause after it", EDIT,
    ),
    rule(
        "frequency_number", "item 22, 2300 CLM05-3 and REF*F8", frequency_number,
        "give the payer's claim number (835 CLP07) with 7 or 8, and none with 1", f"{GUIDE}, 2300 REF*F8",
    ),
    rule(
        "authorization_characters", "item 23, 2300 REF*G1", authorization,
        "enter the number as the payer gave it, in capital letters", f"{GUIDE}, 2300 REF*G1",
    ),
    rule(
        "number_characters", "items 11b, 22 and 23, 2300 REF", numbers,
        "enter the number as it was given, in capital letters, without * : ~ ^", f"{GUIDE}, 2300 REF02",
    ),
    rule(
        "one_number_on_the_form", "item 23, 2300 REF", one_authorization,
        "nothing for an 837P; on paper the authorization goes first", FORM, blocks=False,
    ),
    rule(
        "clia_for_laboratories", "item 23, 2300 REF*X4", clia, "leave the CLIA number out", INFERRED, blocks=False,
    ),
    rule("total_positive", "item 28, 2300 CLM02", total, "bill more than zero", EDIT),
    rule(
        "patient_paid", "item 29, 2300 AMT*F5", patient_paid, "enter what the patient paid toward this claim", EDIT,
    ),
)  # fmt: skip
"""In the order of the form's items."""
