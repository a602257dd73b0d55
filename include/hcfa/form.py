"""
What stands on the form for a claim: each page as field name and text.

The same fields come out whatever the layout; where they fall is decided when they are drawn. A text may still be too
long for its field or hold what no form shows: `faults` says so, and nothing is ever cut to fit.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Final

from include.claims.circumstances import Attachment, RelatedCause
from include.claims.model import Claim, Frequency, ServiceLine
from include.claims.parties import BillingProvider, Provider, Relationship, ServiceFacility, Sex, Subscriber, TaxIdKind
from include.hcfa import wording
from include.hcfa.fields import LINES_A_PAGE, SERVICE, Page, in_slot
from include.hcfa.item_dates import dates
from include.hcfa.layout import Layout, Totals
from include.hcfa.service import service

SIGNED: Final = "SIGNATURE ON FILE"
CONTINUED: Final = "(CONT.)"
ICD_10: Final = "0"

NO_BOX: Final = ""

COVERAGE: Final = {
    **dict.fromkeys(("MA", "MB", "16"), "coverage_medicare"),
    "MC": "coverage_medicaid",
    "CH": "coverage_tricare",
    "VA": "coverage_champva",
    **dict.fromkeys(("12", "13", "14", "15", "17", "BL", "CI", "DS", "FI", "HM"), "coverage_group"),
}
"""SBR09 and its box in item 1; what is not named is `Other`."""

RELATION: Final = {Relationship.SPOUSE: "relation_spouse", Relationship.CHILD: "relation_child"}
PATIENT_SEX: Final = {Sex.MALE: "patient_male", Sex.FEMALE: "patient_female", Sex.UNKNOWN: NO_BOX}
INSURED_SEX: Final = {Sex.MALE: "insured_male", Sex.FEMALE: "insured_female", Sex.UNKNOWN: NO_BOX}
TAX_ID: Final = {TaxIdKind.EMPLOYER: "tax_id_ein", TaxIdKind.SOCIAL_SECURITY: "tax_id_ssn"}
ASSIGNMENT: Final = {"A": "assignment_yes", "C": "assignment_no"}
CAUSES: Final = {
    RelatedCause.EMPLOYMENT: "employment",
    RelatedCause.AUTO_ACCIDENT: "auto",
    RelatedCause.OTHER_ACCIDENT: "accident",
}
_SLOTS: Final = tuple({one.name: in_slot(one.name, slot) for one in SERVICE} for slot in range(1, LINES_A_PAGE + 1))


@dataclass(frozen=True, slots=True)
class Form:
    """One claim's pages, and the control number that stands on each (item 26)."""

    control_number: str
    pages: tuple[Page, ...]


def as_printed(claim: Claim, control_number: str, layout: Layout) -> Form:
    """Return what the form of a claim says: the same a print image read back says."""
    return Form(control_number, tuple(pages(claim, control_number, layout)))


def pages(claim: Claim, control_number: str, layout: Layout) -> list[Page]:
    """Return the claim's pages, six service lines on each."""
    once = _once(claim, control_number)
    starts = range(0, max(len(claim.lines), 1), LINES_A_PAGE)
    chunks = [claim.lines[start : start + LINES_A_PAGE] for start in starts]
    made = []
    for number, chunk in enumerate(chunks, start=1):
        page = once | _totals(claim, chunk, number, len(chunks), layout.totals)
        for slot, line in enumerate(chunk):
            said = service(claim, line, layout)
            page.update(zip(map(_SLOTS[slot].__getitem__, said), said.values(), strict=True))
        made.append({name: text for name, text in page.items() if text})
    return made


def _once(claim: Claim, control_number: str) -> Page:
    """Return what stands on every page of a claim."""
    page = {
        "account": control_number,
        **_patient(claim),
        **_insured(claim.subscriber),
        **_bill(claim),
        **_billing(claim.billing),
        "billing_id": _billing_id(claim),
        **dict.fromkeys(filter(None, _boxes(claim)), "X"),
    }
    if claim.payer.address is not None:
        page |= {
            "payer_street": wording.street(claim.payer.address),
            "payer_city": wording.city(claim.payer.address),
        }
    if claim.other_payers:
        page |= _other_insurance(claim)
    if claim.facility is not None:
        page |= _facility(claim.facility)
    if claim.dates or claim.accident is not None:
        page |= dates(claim)
    source = who_is_named(claim)
    return page | _source(*source) if source else page


def _boxes(claim: Claim) -> list[str]:
    """Return the boxes with an X, one of each group; a sex that is not known leaves both blank."""
    causes = () if claim.accident is None else claim.accident.causes
    return [
        COVERAGE.get(claim.payer.filing_indicator, "coverage_other"),
        "relation_self" if claim.dependent is None else RELATION.get(claim.dependent.relationship, "relation_other"),
        "other_plan_yes" if claim.other_payers else "other_plan_no",
        "outside_lab_no",
        TAX_ID[claim.billing.tax_id_kind],
        *[f"{name}_{'yes' if cause in causes else 'no'}" for cause, name in CAUSES.items()],
        PATIENT_SEX[claim.patient.sex],
        INSURED_SEX[claim.subscriber.sex],
        ASSIGNMENT.get(claim.accepts_assignment, NO_BOX),
    ]


def _patient(claim: Claim) -> Page:
    patient = claim.patient
    page = {"patient_name": wording.name(patient.name), "patient_birth": wording.day(patient.birth_date)}
    if patient.address is not None:
        page |= {
            "patient_street": wording.street(patient.address),
            "patient_city": wording.plain(patient.address.city),
            "patient_state": patient.address.state,
            "patient_zip": wording.postal_code(patient.address.postal_code),
        }
    return page


def _insured(insured: Subscriber) -> Page:
    page = {
        "insured_id": insured.member_id,
        "insured_name": wording.name(insured.name),
        "insured_birth": wording.day(insured.birth_date),
        "group_number": wording.number(insured.group_number),
        "plan_name": wording.plain(insured.group_name),
    }
    if insured.address is not None:
        page |= {
            "insured_street": wording.street(insured.address),
            "insured_city": wording.plain(insured.address.city),
            "insured_state": insured.address.state,
            "insured_zip": wording.postal_code(insured.address.postal_code),
        }
    return page


def _other_insurance(claim: Claim) -> Page:
    """Return items 9 to 9d; the form names one other insurance, `unsaid` refuses a second."""
    other = claim.other_payers[0]
    return {
        "other_insured_name": wording.name(other.insured),
        "other_policy": wording.number(other.group_number or other.member_id),
        "other_plan_name": wording.plain(other.group_name or other.payer_name),
    }


def _bill(claim: Claim) -> Page:
    page = {
        "payer_name": wording.plain(claim.payer.name),
        "patient_signature": SIGNED if claim.release_of_information == "Y" else "",
        "insured_signature": SIGNED if claim.benefits_assigned == "Y" else "",
        "signature": SIGNED if claim.signature_on_file == "Y" else "",
        "icd_indicator": ICD_10,
        "authorization": wording.number(claim.prior_authorization or claim.referral_number or claim.clia_number),
        "condition_codes": " ".join(claim.condition_codes),
        "additional": _additional(claim),
    }
    for letter, code in zip("abcdefghijkl", claim.diagnoses, strict=False):
        page[f"diagnosis_{letter}"] = code
    if claim.property_claim_number:
        page |= {"other_claim_kind": "Y4", "other_claim_id": wording.number(claim.property_claim_number)}
    if claim.frequency is not Frequency.ORIGINAL:
        page |= {"resubmission": claim.frequency, "original_number": claim.payer_claim_number}
    if claim.accident is not None:
        page["auto_state"] = claim.accident.state
    return page


def _additional(claim: Claim) -> str:
    """Return item 19: the note, then the papers of the claim and of its lines (NUCC: PWK, kind, way, number)."""
    papers = [*claim.attachments, *[paper for line in claim.lines for paper in line.attachments]]
    if claim.note is None and not papers:
        return ""
    note = "" if claim.note is None else wording.plain(claim.note.text)
    return wording.GAP.join(filter(None, (note, *map(_paper, papers))))


def _paper(paper: Attachment) -> str:
    return f"PWK{paper.report}{paper.transmission}{wording.number(paper.control_number)}"


# Remembered: a night has many claims of the few who bill.
@lru_cache(maxsize=64)
def _billing(billing: BillingProvider) -> Page:
    return {
        "tax_id": wording.number(billing.tax_id),
        "billing_phone_area": billing.phone[:3],
        "billing_phone": billing.phone[3:],
        "billing_name": wording.organisation(billing.name, billing.first_name),
        "billing_street": wording.street(billing.address),
        "billing_city": wording.city(billing.address),
        "billing_npi": billing.npi,
    }


def _billing_id(claim: Claim) -> str:
    """Return item 33b: what the payer calls who bills, else the taxonomy, else another number."""
    billing = claim.billing
    if claim.payer.billing_provider_ids:
        return wording.tagged(claim.payer.billing_provider_ids[0])
    if billing.taxonomy:
        return f"{wording.TAXONOMY}{billing.taxonomy}"
    return wording.tagged(billing.other_ids[0]) if billing.other_ids else ""


def _facility(where: ServiceFacility) -> Page:
    return {
        "facility_name": wording.plain(where.name),
        "facility_street": wording.street(where.address),
        "facility_city": wording.city(where.address),
        "facility_npi": where.npi,
        "facility_id": wording.tagged(where.other_ids[0]) if where.other_ids else "",
    }


def who_is_named(claim: Claim) -> tuple[str, Provider] | None:
    """Return item 17: who referred, else who ordered, else who supervised; the form has place for one."""
    for role, found in named_by_role(claim):
        for who in found:
            return role, who
    return None


def named_by_role(claim: Claim) -> tuple[tuple[str, Iterator[Provider]], ...]:
    """Return everybody a claim and its lines name, in the order in which item 17 takes them."""
    lines = claim.lines
    return (
        ("DN", (who for who in (claim.referring, *[line.referring for line in lines]) if who)),
        ("DK", (line.ordering for line in lines if line.ordering)),
        ("DQ", (who for who in (claim.supervising, *[line.supervising for line in lines]) if who)),
    )


def _source(role: str, who: Provider) -> Page:
    page = {"source_role": role, "source_name": wording.signed_name(who.name), "source_npi": who.npi}
    if who.other_ids:
        first = who.other_ids[0]
        page |= {"source_id_kind": first.kind, "source_id": wording.number(first.value)}
    return page


def _totals(claim: Claim, chunk: tuple[ServiceLine, ...], number: int, count: int, totals: Totals) -> Page:
    """Return items 28 and 29 of a page, and which of how many it is."""
    if totals is Totals.EACH_PAGE:
        total = sum((line.charge for line in chunk), Decimal(0))
        return {"total": wording.amount(total), "paid": _paid(claim) if number == 1 else wording.amount(Decimal(0))}
    mark = f"PAGE {number} OF {count}" if count > 1 else ""
    if number < count:
        return {"total": CONTINUED, "page_mark": mark}
    return {"total": wording.amount(claim.total_charge), "paid": _paid(claim), "page_mark": mark}


def _paid(claim: Claim) -> str:
    """Return item 29: what the patient and the other payers have paid."""
    paid = [claim.patient_paid, *[other.paid for other in claim.other_payers]]
    return wording.amount(sum((one for one in paid if one is not None), Decimal(0)))
