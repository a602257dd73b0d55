"""Checks on the claim itself and its service lines; `scrub` lists them with their sources."""

from datetime import date
from decimal import Decimal

from include.claims.model import Claim, Frequency
from include.claims.plain_text import is_sendable
from include.claims.shapes import (
    CENT,
    DIAGNOSIS,
    MODIFIER,
    MOST_DIAGNOSES,
    MOST_FOUR,
    MOST_LINES,
    MOST_MONEY,
    PROCEDURE,
    TWO_DIGITS,
    at_lines,
)


def place_of_service(claim: Claim, _today: date) -> str:
    """Check: places of service are two digits."""
    if TWO_DIGITS.fullmatch(claim.place_of_service) is None:
        return "the place of service is not two digits"
    wrong = (
        number
        for number, line in enumerate(claim.lines, start=1)
        if line.place_of_service and TWO_DIGITS.fullmatch(line.place_of_service) is None
    )
    return at_lines(wrong, "the place of service is not two digits")


def frequency(claim: Claim, _today: date) -> str:
    """Check: the claim is an original."""
    return "" if claim.frequency is Frequency.ORIGINAL else "replacements and voids are not sent yet"


def claim_codes(claim: Claim, _today: date) -> str:
    """Check: signature, assignment, benefits and release are codes of the guide."""
    fits = (
        claim.signature_on_file in {"Y", "N"}
        and claim.accepts_assignment in {"A", "B", "C"}
        and claim.benefits_assigned in {"Y", "N", "W"}
        and claim.release_of_information in {"Y", "I"}
    )
    return "" if fits else "signature, assignment, benefits or release is not one of its codes"


def diagnosis_count(claim: Claim, _today: date) -> str:
    """Check: the claim lists 1 to 12 diagnoses."""
    count = len(claim.diagnoses)
    return "" if 1 <= count <= MOST_DIAGNOSES else f"{count} diagnoses; a claim has 1 to {MOST_DIAGNOSES}"


def diagnosis_shape(claim: Claim, _today: date) -> str:
    """Check: diagnoses look like ICD-10-CM without the dot."""
    wrong = [number for number, code in enumerate(claim.diagnoses, start=1) if DIAGNOSIS.fullmatch(code) is None]
    if not wrong:
        return ""
    return f"diagnosis {', '.join(map(str, wrong))}: not an ICD-10-CM code of 3 to 7 characters without the dot"


def diagnoses_distinct(claim: Claim, _today: date) -> str:
    """Check: no diagnosis is listed twice."""
    return "" if len(set(claim.diagnoses)) == len(claim.diagnoses) else "a diagnosis is listed twice"


def authorization(claim: Claim, _today: date) -> str:
    """Check: the authorization number, where given, can be sent as it is."""
    number = claim.prior_authorization
    if not number or (is_sendable(number) and len(number) <= 50):
        return ""
    return "the authorization number holds a character that cannot be sent, or is longer than 50"


def total(claim: Claim, _today: date) -> str:
    """Check: the claim bills more than nothing."""
    # A comparison with NaN raises, so such charges are looked for first.
    sound = all(line.charge.is_finite() for line in claim.lines) and 0 < claim.total_charge <= MOST_MONEY
    return "" if sound else "the total charge is not more than zero, or too large to send"


def line_count(claim: Claim, _today: date) -> str:
    """Check: the claim has 1 to 50 service lines."""
    count = len(claim.lines)
    return "" if 1 <= count <= MOST_LINES else f"{count} service lines; a claim has 1 to {MOST_LINES}"


def line_keys(claim: Claim, _today: date) -> str:
    """Check: every line has its own key."""
    keys = {line.source_line_key for line in claim.lines}
    return "" if len(keys) == len(claim.lines) else "two lines have the same source line key"


def procedures(claim: Claim, _today: date) -> str:
    """Check: procedures look like CPT or HCPCS codes."""
    wrong = (n for n, line in enumerate(claim.lines, start=1) if PROCEDURE.fullmatch(line.procedure) is None)
    return at_lines(wrong, "the procedure is not five capital letters or digits with at least one digit")


def modifiers(claim: Claim, _today: date) -> str:
    """Check: a line has at most four modifiers of two characters."""
    wrong = (
        n
        for n, line in enumerate(claim.lines, start=1)
        if len(line.modifiers) > MOST_FOUR or any(MODIFIER.fullmatch(one) is None for one in line.modifiers)
    )
    return at_lines(wrong, "more than four modifiers, or one that is not two capital letters or digits")


def modifiers_distinct(claim: Claim, _today: date) -> str:
    """Check: no line lists a modifier twice."""
    wrong = (n for n, line in enumerate(claim.lines, start=1) if len(set(line.modifiers)) < len(line.modifiers))
    return at_lines(wrong, "a modifier is listed twice")


def charges(claim: Claim, _today: date) -> str:
    """Check: charges are dollars and cents, zero or more."""
    wrong = (n for n, line in enumerate(claim.lines, start=1) if not _is_money(line.charge))
    return at_lines(wrong, "the charge is negative, too large or has more than two decimals")


def _is_money(amount: Decimal) -> bool:
    return amount.is_finite() and 0 <= amount <= MOST_MONEY and amount == amount.quantize(CENT)


def units(claim: Claim, _today: date) -> str:
    """Check: units are more than zero."""
    wrong = (n for n, line in enumerate(claim.lines, start=1) if not _is_quantity(line.units))
    return at_lines(wrong, "the units are not more than zero, or too long to send")


def _is_quantity(units: Decimal) -> bool:
    return units.is_finite() and 0 < units < 100_000 and units == units.quantize(CENT)


def service_dates(claim: Claim, today: date) -> str:
    """Check: no service lies in the future."""
    wrong = (n for n, line in enumerate(claim.lines, start=1) if line.service_date > today)
    return at_lines(wrong, "the service date is in the future")


def service_after_birth(claim: Claim, _today: date) -> str:
    """Check: no service lies before the patient's birth."""
    born = (claim.dependent or claim.subscriber).birth_date
    if born is None:
        return ""
    wrong = (n for n, line in enumerate(claim.lines, start=1) if line.service_date < born)
    return at_lines(wrong, "the service date is before the patient's birth")


def pointers(claim: Claim, _today: date) -> str:
    """Check: each line points to 1 to 4 diagnoses that the claim lists."""
    known = len(claim.diagnoses)
    wrong = (
        n
        for n, line in enumerate(claim.lines, start=1)
        if not 1 <= len(line.diagnosis_pointers) <= MOST_FOUR
        or any(not 1 <= pointer <= known for pointer in line.diagnosis_pointers)
    )
    return at_lines(wrong, f"needs 1 to 4 diagnosis pointers, each to one of the claim's {known} diagnoses")


def pointers_distinct(claim: Claim, _today: date) -> str:
    """Check: no line points to a diagnosis twice."""
    wrong = (
        n
        for n, line in enumerate(claim.lines, start=1)
        if len(set(line.diagnosis_pointers)) < len(line.diagnosis_pointers)
    )
    return at_lines(wrong, "points to the same diagnosis twice")
