"""Rules on the service lines: item 24, loops 2400 and 2410."""

from collections.abc import Iterator
from typing import Final

from include.claims.circumstances import NoteKind
from include.claims.code_lists import DRUG_UNITS, PLACES_OF_SERVICE, REPORT_TYPES, TRANSMISSIONS
from include.claims.model import Claim, ServiceLine
from include.claims.plain_text import is_sendable
from include.claims.scrutiny import EDIT, FORM, GUIDE, INFERRED, Rule, Scrutiny, rule
from include.claims.shapes import (
    ELEVEN_DIGITS,
    LONGEST_NUMBER,
    MODIFIER,
    MOST_FOUR,
    MOST_LINES,
    PROCEDURE,
    at_lines,
    attachment_faults,
    is_money,
    is_quantity,
    text_fault,
)


def place_of_service(claim: Claim, _look: Scrutiny) -> str:
    """Check: places of service are codes of CMS's list."""
    if claim.place_of_service not in PLACES_OF_SERVICE:
        return "the place of service is no code of CMS's list"
    wrong = [
        n
        for n, line in enumerate(claim.lines, start=1)
        if line.place_of_service and line.place_of_service not in PLACES_OF_SERVICE
    ]
    return at_lines(wrong, "the place of service is no code of CMS's list")


def line_count(claim: Claim, _look: Scrutiny) -> str:
    """Check: the claim has 1 to 50 service lines."""
    count = len(claim.lines)
    return "" if 1 <= count <= MOST_LINES else f"{count} service lines; a claim has 1 to {MOST_LINES}"


def line_keys(claim: Claim, _look: Scrutiny) -> str:
    """Check: every line has its own key."""
    keys = {line.source_line_key for line in claim.lines}
    return "" if len(keys) == len(claim.lines) else "two lines have the same source line key"


def procedures(claim: Claim, _look: Scrutiny) -> str:
    """Check: procedures look like CPT or HCPCS codes."""
    wrong = [n for n, line in enumerate(claim.lines, start=1) if PROCEDURE.fullmatch(line.procedure) is None]
    return at_lines(wrong, "the procedure is not five capital letters or digits with at least one digit")


def modifiers(claim: Claim, _look: Scrutiny) -> str:
    """Check: a line has at most four modifiers of two characters."""
    wrong = [
        n
        for n, line in enumerate(claim.lines, start=1)
        if len(line.modifiers) > MOST_FOUR or any(MODIFIER.fullmatch(one) is None for one in line.modifiers)
    ]
    return at_lines(wrong, "more than four modifiers, or one that is not two capital letters or digits")


def modifiers_distinct(claim: Claim, _look: Scrutiny) -> str:
    """Check: no line lists a modifier twice."""
    wrong = [n for n, line in enumerate(claim.lines, start=1) if len(set(line.modifiers)) < len(line.modifiers)]
    return at_lines(wrong, "a modifier is listed twice")


def charges(claim: Claim, _look: Scrutiny) -> str:
    """Check: charges are dollars and cents, zero or more."""
    wrong = [n for n, line in enumerate(claim.lines, start=1) if not is_money(line.charge)]
    return at_lines(wrong, "the charge is negative, too large or has more than two decimals")


def units(claim: Claim, _look: Scrutiny) -> str:
    """Check: units are more than zero."""
    wrong = [n for n, line in enumerate(claim.lines, start=1) if not (is_quantity(line.units) and line.units > 0)]
    return at_lines(wrong, "the units are not more than zero, too many or have more than three decimals")


def service_dates(claim: Claim, look: Scrutiny) -> str:
    """Check: no service lies in the future."""
    wrong = [n for n, line in enumerate(claim.lines, start=1) if line.service_date > look.today]
    return at_lines(wrong, "the service date is in the future")


def service_after_birth(claim: Claim, _look: Scrutiny) -> str:
    """Check: no service lies before the patient's birth."""
    born = (claim.dependent or claim.subscriber).birth_date
    if born is None:
        return ""
    wrong = [n for n, line in enumerate(claim.lines, start=1) if line.service_date < born]
    return at_lines(wrong, "the service date is before the patient's birth")


def pointers(claim: Claim, _look: Scrutiny) -> str:
    """Check: each line points to 1 to 4 diagnoses that the claim lists."""
    known = len(claim.diagnoses)
    wrong = [
        n
        for n, line in enumerate(claim.lines, start=1)
        if not 1 <= len(line.diagnosis_pointers) <= MOST_FOUR
        or any(not 1 <= pointer <= known for pointer in line.diagnosis_pointers)
    ]
    return at_lines(wrong, f"needs 1 to 4 diagnosis pointers, each to one of the claim's {known} diagnoses")


def pointers_distinct(claim: Claim, _look: Scrutiny) -> str:
    """Check: no line points to a diagnosis twice."""
    wrong = [
        n
        for n, line in enumerate(claim.lines, start=1)
        if len(set(line.diagnosis_pointers)) < len(line.diagnosis_pointers)
    ]
    return at_lines(wrong, "points to the same diagnosis twice")


def procedures_listed(claim: Claim, look: Scrutiny) -> str:
    """Check: procedures stand in the list, where that is mounted."""
    known = look.lists.procedures
    if known is None:
        return ""
    wrong = [n for n, line in enumerate(claim.lines, start=1) if line.procedure not in known]
    return at_lines(wrong, "the procedure is not in the mounted list")


def service_ranges(claim: Claim, look: Scrutiny) -> str:
    """Check: a service that went on for days ends after it began, and not in the future."""
    wrong = [
        n
        for n, line in enumerate(claim.lines, start=1)
        if line.service_until is not None and not line.service_date <= line.service_until <= look.today
    ]
    return at_lines(wrong, "the service ends before it begins, or in the future")


def grouped_days(claim: Claim, _look: Scrutiny) -> str:
    """Check: days billed on one line are as many as the units."""
    wrong = [
        n
        for n, line in enumerate(claim.lines, start=1)
        if line.service_until is not None and line.units != (line.service_until - line.service_date).days + 1
    ]
    return at_lines(wrong, "several days on one line, but not one unit a day")


def units_on_paper(claim: Claim, _look: Scrutiny) -> str:
    """Check: the form has three columns for units."""
    wrong = [n for n, line in enumerate(claim.lines, start=1) if line.units.is_finite() and line.units > 999]
    return at_lines(wrong, "more than 999 units do not fit the form")


def unit_kinds(claim: Claim, _look: Scrutiny) -> str:
    """Check: what is counted is units or minutes."""
    wrong = [n for n, line in enumerate(claim.lines, start=1) if line.unit_kind not in {"UN", "MJ"}]
    return at_lines(wrong, "the unit kind is neither UN nor MJ")


def line_numbers(claim: Claim, _look: Scrutiny) -> str:
    """Check: a line's own authorization and referral can be sent as they are."""
    wrong = [
        n
        for n, line in enumerate(claim.lines, start=1)
        for number in (line.prior_authorization, line.referral_number)
        if number and not (is_sendable(number) and len(number) <= 50)
    ]
    return at_lines(wrong, "an authorization or referral holds a character that cannot be sent, or is longer than 50")


def supplements(claim: Claim, _look: Scrutiny) -> str:
    """Check: notes, descriptions, papers and drugs of the lines."""
    return "; ".join(
        f"line {number}: {fault}"
        for number, line in enumerate(claim.lines, start=1)
        if line.note or line.description or line.attachments or line.drug
        for fault in _supplement_faults(line)
    )


def _supplement_faults(line: ServiceLine) -> Iterator[str]:
    if line.note is not None:
        if line.note.kind not in {NoteKind.ADDITIONAL, NoteKind.GOALS, NoteKind.THIRD_PARTY}:
            yield "a line's note is ADD, DCP or TPO"
        if fault := text_fault(line.note.text):
            yield f"the note {fault}"
    if line.description and (fault := text_fault(line.description)):
        yield f"the description {fault}"
    yield from attachment_faults("", line.attachments, REPORT_TYPES, TRANSMISSIONS)
    if line.drug is not None:
        if ELEVEN_DIGITS.fullmatch(line.drug.ndc) is None or line.drug.unit not in DRUG_UNITS:
            yield "the drug's NDC is not eleven digits, or its unit none of F2, GR, ME, ML, UN"
        if not (is_quantity(line.drug.quantity) and line.drug.quantity > 0):
            yield "the drug's quantity is not more than zero, too large or has more than three decimals"
        if not is_sendable(line.drug.prescription_number) or len(line.drug.prescription_number) > LONGEST_NUMBER:
            yield "the drug's prescription number cannot be sent"


RULES: Final[tuple[Rule, ...]] = (
    rule("line_count", "item 24, 2400 LX", line_count, "bill 1 to 50 lines a claim", f"{GUIDE}, 2400 LX"),
    rule(
        "line_keys_distinct", "item 24, source line key", line_keys,
        "give every service line its own key in the source", "contract of the claim source",
    ),
    rule(
        "line_supplements", "item 24 shaded, 2400 NTE, PWK, SV101-7 and 2410", supplements,
        "correct the line's note, paper, description or drug", f"{GUIDE}, 2400 and 2410",
    ),
    rule(
        "service_date_not_in_future", "item 24A, 2400 DTP*472", service_dates,
        "correct the date, or bill when the service was given", EDIT,
    ),
    rule(
        "service_range", "item 24A, 2400 DTP*472 RD8", service_ranges, "correct the first or the last day", EDIT,
    ),
    rule(
        "grouped_days", "item 24A, 2400 DTP*472 RD8", grouped_days, "bill each day on its own line", FORM, blocks=False,
    ),
    rule(
        "service_date_after_birth", "item 24A, 2400 DTP*472", service_after_birth,
        "correct the service date or the birth date", EDIT,
    ),
    rule(
        "place_of_service", "item 24B, 2300 CLM05-1 and 2400 SV105", place_of_service,
        "enter the two-digit code, 11 for an office", f"{GUIDE}, CLM05-1; code set 237",
    ),
    rule("procedure_shape", "item 24D, 2400 SV101-2", procedures, "enter a CPT or HCPCS code", EDIT),
    rule(
        "procedure_listed", "item 24D, 2400 SV101-2", procedures_listed,
        "correct the code, or mount the newest list of procedures", "the mounted list", blocks=False,
    ),
    rule(
        "modifier_shape", "item 24D, 2400 SV101-3", modifiers, "enter at most four modifiers of two characters",
        f"{GUIDE}, 2400 SV101",
    ),
    rule(
        "modifiers_distinct", "item 24D, 2400 SV101-3", modifiers_distinct, "list each modifier once", INFERRED,
        blocks=False,
    ),
    rule(
        "pointers_within_list", "item 24E, 2400 SV107", pointers, "point to diagnoses that the claim lists",
        f"{GUIDE}, 2400 SV107",
    ),
    rule("pointers_distinct", "item 24E, 2400 SV107", pointers_distinct, "point to each diagnosis once", EDIT),
    rule(
        "charge_amount", "item 24F, 2400 SV102", charges, "enter dollars and cents, zero or more",
        f"{GUIDE}, 2400 SV102",
    ),
    rule(
        "units_positive", "item 24G, 2400 SV104", units, "enter the units of service, more than zero",
        f"{GUIDE}, 2400 SV104",
    ),
    rule("unit_kind", "item 24G, 2400 SV103", unit_kinds, "use UN, or MJ for minutes", f"{GUIDE}, 2400 SV103"),
    rule(
        "units_on_paper", "item 24G, 2400 SV104", units_on_paper, "nothing for an 837P; on paper, bill two lines", FORM,
        blocks=False,
    ),
    rule(
        "line_number_characters", "item 23, 2400 REF*G1 and REF*9F", line_numbers,
        "enter the number as the payer gave it, in capital letters", f"{GUIDE}, 2400 REF",
    ),
)  # fmt: skip
"""In the order of the form's items."""
