"""One claim for each rule that has exactly its fault: what the tests of the rule book and its page go through."""

from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any, Final

from include.claims.circumstances import Accident, Attachment, ClaimDate, DateKind, Drug, Note, NoteKind, RelatedCause
from include.claims.coordination import Adjustment, AdjustmentGroup, Responsibility
from include.claims.model import Claim, Frequency
from include.claims.parties import OtherId, PersonName, Practitioner, TaxIdKind
from tests.builders import (
    NPI_WITH_A_BAD_CHECK_DIGIT,
    OTHER_RENDERING_NPI,
    TODAY,
    a_billing_provider,
    a_claim,
    a_dependent,
    a_dependent_claim,
    a_line,
    a_payer,
    a_provider,
    a_subscriber,
    an_address,
    lines,
)
from tests.scenarios import (
    a_facility,
    secondary_after_primary,
    the_primary,
    what_the_primary_paid,
)

NOBODY = PersonName(last="", first="")
A_TECHNICIAN = Practitioner(key="T-1", credential="RBT")
BILLING_ADDRESS = a_billing_provider().address


def billed(**changes: Any) -> Claim:
    """Return a claim whose billing provider is changed."""
    return a_claim(billing=a_billing_provider(**changes))


def insured(**changes: Any) -> Claim:
    """Return a claim whose subscriber is changed."""
    return a_claim(subscriber=a_subscriber(**changes))


def cared(**changes: Any) -> Claim:
    """Return a claim whose dependent is changed."""
    return a_dependent_claim(dependent=a_dependent(**changes))


def served(**changes: Any) -> Claim:
    """Return a claim whose only line is changed."""
    return a_claim(lines=(a_line(**changes),))


def second_payer(**changes: Any) -> Claim:
    """Return a claim to the second payer, changed."""
    return replace(secondary_after_primary(), **changes)


def primary(**changes: Any) -> Claim:
    """Return a claim to the second payer, whose first payer is changed."""
    return second_payer(other_payers=(the_primary(**changes),))


def decided(**changes: Any) -> Claim:
    """Return a claim to the second payer, where what the first made of the line is changed."""
    return second_payer(lines=(a_line(adjudications=(what_the_primary_paid(**changes),)),))


def dated(kind: DateKind, on: date, until: date | None = None) -> Claim:
    """Return a claim with one date."""
    return a_claim(dates=(ClaimDate(kind=kind, on=on, until=until),))


FAULTS: Final = [
    ("member_id_present", insured(member_id="")),
    ("member_id_present", insured(member_id="  ")),
    ("member_id_characters", insured(member_id="XYZ*1")),
    ("member_id_characters", insured(member_id="xyz1")),
    ("member_id_characters", insured(member_id="XYZ1 ")),
    ("member_id_characters", insured(member_id="X")),
    ("subscriber_name", insured(name=NOBODY)),
    ("subscriber_name", insured(name=PersonName(last="李", first="TESTINA"))),
    ("subscriber_name", insured(name=PersonName(last="X" * 61, first="TESTINA"))),
    ("subscriber_name", insured(name=PersonName(last="ß" * 31, first="TESTINA"))),
    ("subscriber_birth_date", insured(birth_date=None)),
    ("subscriber_birth_date", a_dependent_claim(subscriber=a_subscriber(birth_date=TODAY + timedelta(days=1)))),
    ("subscriber_address", insured(address=None)),
    ("subscriber_address", insured(address=an_address(street=""))),
    ("subscriber_address", insured(address=an_address(postal_code="97005-1234"))),
    ("subscriber_address", insured(address=an_address(state="Or"))),
    ("subscriber_address", insured(address=an_address(city="X" * 31))),
    ("group_number_characters", insured(group_number="G~1")),
    ("dependent_name", cared(name=NOBODY)),
    ("dependent_birth_date", cared(birth_date=None)),
    ("dependent_address", cared(address=None)),
    ("payer_name", a_claim(payer=a_payer(name=""))),
    ("payer_id_shape", a_claim(payer=a_payer(id="12"))),
    ("payer_id_shape", a_claim(payer=a_payer(id="example plan"))),
    ("filing_indicator", a_claim(payer=a_payer(filing_indicator="XX"))),
    ("diagnosis_count", a_claim(diagnoses=tuple(f"F{n}" for n in range(80, 93)))),
    ("diagnosis_shape", a_claim(diagnoses=("F84.0",))),
    ("diagnosis_shape", a_claim(diagnoses=("f840",))),
    ("diagnoses_distinct", a_claim(diagnoses=("F840", "F840"))),
    ("authorization_characters", a_claim(prior_authorization="A:1")),
    ("line_count", a_claim(lines=lines(51))),
    ("line_keys_distinct", a_claim(lines=(a_line(), a_line()))),
    ("service_date_not_in_future", served(service_date=TODAY + timedelta(days=1))),
    ("service_date_after_birth", cared(birth_date=date(2026, 3, 3))),
    ("place_of_service", a_claim(place_of_service="office")),
    ("place_of_service", served(place_of_service="1")),
    ("procedure_shape", served(procedure="9715")),
    ("procedure_shape", served(procedure="ABCDE")),
    ("modifier_shape", served(modifiers=("H",))),
    ("modifier_shape", served(modifiers=("HM", "HN", "HO", "U1", "U2"))),
    ("pointers_within_list", served(diagnosis_pointers=(2,))),
    ("pointers_within_list", served(diagnosis_pointers=(0,))),
    ("pointers_within_list", served(diagnosis_pointers=())),
    ("pointers_distinct", served(diagnosis_pointers=(1, 1))),
    ("charge_amount", a_claim(lines=(a_line(), a_line(source_line_key="L-2", charge=Decimal(-1))))),
    ("charge_amount", served(charge=Decimal("240.005"))),
    ("units_positive", served(units=Decimal(0))),
    ("units_positive", served(units=Decimal("NaN"))),
    ("units_positive", served(units=Decimal("0.0001"))),
    ("rendering_npi", a_claim(rendering=a_provider(npi=NPI_WITH_A_BAD_CHECK_DIGIT))),
    ("rendering_name", a_claim(rendering=a_provider(name=NOBODY))),
    ("tax_id", billed(tax_id="73-1234567")),
    ("claim_codes", a_claim(accepts_assignment="X")),
    ("total_positive", served(charge=Decimal(0))),
    ("billing_name", billed(name="")),
    ("billing_name", billed(name="ß" * 31)),
    ("billing_name", billed(first_name="X" * 36)),
    ("billing_npi", billed(npi=NPI_WITH_A_BAD_CHECK_DIGIT)),
    ("billing_npi", billed(npi="")),
    ("billing_address", billed(address=replace(BILLING_ADDRESS, postal_code="97201"))),
    ("billing_street_not_a_box", billed(address=replace(BILLING_ADDRESS, street="P.O. Box 12"))),
    ("billing_street_not_a_box", billed(address=replace(BILLING_ADDRESS, street2="po box 12"))),
    ("billing_street_not_a_box", billed(address=replace(BILLING_ADDRESS, street="12 MAIN ST PMB 4"))),
    ("billing_phone", billed(phone="555-0100")),
    ("taxonomy_shape", billed(taxonomy="103K")),
    ("taxonomy_shape", served(rendering=a_provider(npi=OTHER_RENDERING_NPI, taxonomy="103K"))),
    ("frequency_number", a_claim(frequency=Frequency.REPLACEMENT)),
    ("frequency_number", a_claim(payer_claim_number="ICN1")),
    ("group_name_length", insured(group_name="X" * 61)),
    ("payer_address", a_claim(payer=a_payer(address=an_address(city="")))),
    ("payer_numbers", a_claim(payer=a_payer(other_ids=(OtherId(kind="XX", value="1"),)))),
    ("payer_numbers", a_claim(payer=a_payer(billing_provider_ids=(OtherId(kind="G2", value="a*b"),)))),
    ("insurance_type", a_claim(payer=a_payer(insurance_type="99"))),
    ("insurance_type", second_payer(payer=a_payer(filing_indicator="MB"))),
    ("accident", a_claim(accident=Accident(causes=()))),
    ("accident", a_claim(accident=Accident(causes=(RelatedCause.OTHER_ACCIDENT,)))),
    ("accident", a_claim(accident=Accident(causes=(RelatedCause.AUTO_ACCIDENT,), on=date(2026, 2, 1)))),
    ("accident", a_claim(accident=Accident(causes=(RelatedCause.OTHER_ACCIDENT,), on=date(2026, 3, 5)))),
    ("accident", a_claim(accident=Accident(causes=(RelatedCause.OTHER_ACCIDENT,), on=date(1, 1, 1)))),
    ("accident", a_claim(accident=Accident(causes=(RelatedCause.EMPLOYMENT,), state="Or"))),
    ("condition_codes", a_claim(condition_codes=("W",))),
    ("condition_codes", a_claim(condition_codes=("W2", "W2"))),
    ("seldom_codes", a_claim(delay_reason="77")),
    ("seldom_codes", a_claim(epsdt_referrals=("NU", "AV"))),
    ("claim_dates", dated(DateKind.ONSET, TODAY + timedelta(days=1))),
    ("claim_dates", dated(DateKind.ONSET, date(1, 1, 1))),
    ("claim_dates", dated(DateKind.DISABILITY, date(2026, 2, 1))),
    ("claim_dates", dated(DateKind.ONSET, date(2026, 2, 1), until=date(2026, 2, 2))),
    ("claim_dates", a_claim(dates=(ClaimDate(kind=DateKind.ONSET, on=date(2026, 2, 1)),) * 2)),
    ("admission_date", a_claim(place_of_service="21")),
    ("attachments", a_claim(attachments=(Attachment(report="OZ", transmission="EL"),))),
    ("attachments", a_claim(attachments=(Attachment(report="00", transmission="AA"),))),
    ("attachments", a_claim(attachments=(Attachment(report="OZ", transmission="EL", control_number="1"),))),
    ("claim_note", a_claim(note=Note(text="X" * 81))),
    ("claim_note", a_claim(note=Note(text="李"))),
    ("claim_note", a_claim(file_information=("X",) * 11)),
    ("principal_diagnosis", a_claim(diagnoses=("V0001XA",))),
    ("number_characters", a_claim(referral_number="r*1")),
    ("number_characters", a_claim(medical_record_number="X" * 51)),
    ("patient_paid", a_claim(patient_paid=Decimal(-1))),
    ("patient_paid", a_claim(patient_paid=Decimal(241))),
    ("line_supplements", served(note=Note(kind=NoteKind.CERTIFICATION, text="X"))),
    ("line_supplements", served(description="X" * 81)),
    ("line_supplements", served(attachments=(Attachment(report="OZ", transmission="EL"),))),
    ("line_supplements", served(drug=Drug(ndc="123", quantity=Decimal(1), unit="ML"))),
    ("line_supplements", served(drug=Drug(ndc="01234567891", quantity=Decimal("1E+30"), unit="ML"))),
    ("service_range", served(service_until=date(2026, 3, 1))),
    ("service_range", served(service_until=TODAY + timedelta(days=1), units=Decimal(6))),
    ("unit_kind", served(unit_kind="F2")),
    ("line_number_characters", served(prior_authorization="a:1")),
    ("other_providers", a_claim(referring=a_provider(npi=NPI_WITH_A_BAD_CHECK_DIGIT))),
    ("other_providers", served(rendering=a_provider(npi=""))),
    ("other_providers", served(ordering=a_provider(name=NOBODY))),
    ("rendering_numbers", a_claim(rendering=a_provider(other_ids=(OtherId(kind="EI", value="1"),)))),
    ("facilities", a_claim(facility=replace(a_facility(), address=an_address()))),
    ("facilities", served(facility=replace(a_facility(), npi="123"))),
    ("facilities", a_claim(facility=replace(a_facility(), name="ß" * 31))),
    ("social_security_number", billed(tax_id_kind=TaxIdKind.SOCIAL_SECURITY)),
    ("pay_to_address", billed(pay_to=an_address(postal_code="1"))),
    ("billing_numbers", billed(other_ids=(OtherId(kind="G2", value="1"),))),
    ("other_payers_complete", primary(insured=NOBODY)),
    ("other_payers_complete", primary(relationship="77")),
    ("other_payers_complete", primary(insurance_type="99")),
    ("other_payers_complete", primary(group_name="X" * 61)),
    ("other_payers_complete", primary(claim_number="a*b")),
    ("turns_distinct", primary(responsibility=Responsibility.SECONDARY)),
    ("later_payer_has_an_earlier", a_claim(responsibility=Responsibility.SECONDARY)),
    ("other_amounts", primary(remaining_liability=Decimal(-1))),
    ("other_amounts", primary(remarks=("nonsense",))),
    ("other_amounts", primary(adjustments=(
        Adjustment(group=AdjustmentGroup.CONTRACT, reason="45", amount=Decimal(1), quantity=Decimal("1E-9")),
        Adjustment(group=AdjustmentGroup.CONTRACT, reason="45", amount=Decimal(-1)),
    ))),
    ("line_answers", decided(units=Decimal(-1))),
    ("line_answers", decided(bundled_into=3)),
    ("line_answers", decided(units=Decimal("NaN"))),
    ("line_answers", decided(procedure="97:153")),
    ("line_answers", decided(modifiers=("",))),
    ("line_answers", decided(remaining_liability=Decimal("1E+30"))),
    ("decided_in_the_past", decided(adjudicated_on=TODAY + timedelta(days=1))),
    ("lines_balance", a_claim(
        responsibility=Responsibility.SECONDARY, other_payers=(the_primary(paid=Decimal(151)),),
        lines=(a_line(adjudications=(what_the_primary_paid(paid=Decimal(151)),)),),
    )),
    ("claim_balances", primary(paid=Decimal(151))),
    ("decided_once", primary(adjudicated_on=date(2026, 3, 4))),
]  # fmt: skip
"""Every rule that blocks by itself, with a claim that has this fault and no other."""

WARNINGS: Final = [
    ("modifiers_distinct", served(modifiers=("HM", "HM"))),
    ("units_on_paper", served(units=Decimal(1000))),
    ("grouped_days", served(service_until=date(2026, 3, 3))),
    ("one_number_on_the_form", a_claim(referral_number="R1")),
    ("clia_for_laboratories", a_claim(prior_authorization="", clia_number="12D4567890")),
    ("telehealth_contradicts", served(modifiers=("HM", "95"))),
    ("technician_procedure", served(procedure="97155", performed_by=A_TECHNICIAN)),
    ("times_hold_minutes", served(started_at="0900", ended_at="1000", minutes=61)),
]
"""The faults of rules that only warn and look at the claim alone."""
