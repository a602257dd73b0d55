"""
The claims a clinic meets, one a name: each is written out under `tests/samples/<name>/` in all its shapes.

`make samples` writes them anew; the difference is for a person to read.
"""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from include.claims.circumstances import (
    Accident,
    Attachment,
    ClaimDate,
    DateKind,
    Drug,
    Note,
    NoteKind,
    RelatedCause,
)
from include.claims.coordination import Adjustment, AdjustmentGroup, LineAdjudication, OtherPayer, Responsibility
from include.claims.model import Claim, Frequency
from include.claims.parties import OtherId, PersonName, Provider, ServiceFacility
from include.claims.payer_profile import PayerProfile, Rounding, Units
from include.claims.payer_wishes import as_payer_wants
from tests.builders import (
    OTHER_RENDERING_NPI,
    RENDERING_NPI,
    a_billing_provider,
    a_claim,
    a_dependent_claim,
    a_line,
    a_payer,
    a_provider,
    a_subscriber,
    an_address,
    the_worked_example,
)

REFERRING_NPI = "1555666779"
SUPERVISING_NPI = "1666777887"
FACILITY_NPI = "1777888995"


def a_referring_provider() -> Provider:
    """Return an invented physician who refers."""
    return Provider(name=PersonName(last="REFERRER", first="ROBIN", middle="Q"), npi=REFERRING_NPI)


def a_supervising_provider() -> Provider:
    """Return an invented analyst who supervises."""
    return Provider(name=PersonName(last="OVERSEER", first="SAM"), npi=SUPERVISING_NPI)


def a_facility() -> ServiceFacility:
    """Return an invented school where a service was given."""
    return ServiceFacility(
        name="EXAMPLE ELEMENTARY SCHOOL",
        npi=FACILITY_NPI,
        address=an_address(street="9 SAMPLE SCHOOL RD", postal_code="970050009"),
    )


def the_primary(**changes: object) -> OtherPayer:
    """Return an invented primary payer that has paid 150 of 240 dollars."""
    primary = OtherPayer(
        responsibility=Responsibility.PRIMARY,
        group_number="GRP00555",
        filing_indicator="BL",
        insured=PersonName(last="EXAMPLE", first="TESTINA"),
        member_id="ABC900800700",
        payer_id="88888",
        payer_name="EXAMPLE BLUE PLAN",
        claim_number="ICN2026030001",
        adjudicated_on=None,
        paid=Decimal("150.00"),
        remaining_liability=Decimal("50.00"),
        remarks=("MA07",),
    )
    return replace(primary, **changes)  # type: ignore[arg-type]


def what_the_primary_paid(**changes: object) -> LineAdjudication:
    """Return the primary's word on the one line: 150 paid, 40 contractual, 50 left to the patient."""
    decided = LineAdjudication(
        payer_id="88888",
        paid=Decimal("150.00"),
        procedure="97153",
        modifiers=("HM",),
        units=Decimal(16),
        adjustments=(
            Adjustment(group=AdjustmentGroup.CONTRACT, reason="45", amount=Decimal("40.00")),
            Adjustment(group=AdjustmentGroup.PATIENT, reason="2", amount=Decimal("30.00")),
            Adjustment(group=AdjustmentGroup.PATIENT, reason="3", amount=Decimal("20.00")),
        ),
        adjudicated_on=date(2026, 3, 4),
        remaining_liability=Decimal("50.00"),
    )
    return replace(decided, **changes)  # type: ignore[arg-type]


def secondary_after_primary() -> Claim:
    """Return the bill to the second payer once the first has answered."""
    return a_claim(
        responsibility=Responsibility.SECONDARY,
        other_payers=(the_primary(),),
        lines=(a_line(adjudications=(what_the_primary_paid(),)),),
    )


def an_accident() -> Claim:
    """Return a claim after a car accident."""
    return a_claim(
        accident=Accident(
            causes=(RelatedCause.AUTO_ACCIDENT,),
            state="OR",
            on=date(2026, 2, 14),
        ),
        property_claim_number="PC778",
        dates=(ClaimDate(kind=DateKind.ONSET, on=date(2026, 2, 14)),),
    )


def telehealth() -> Claim:
    """Return a parent training over video, the family at home."""
    line = a_line(procedure="97156", modifiers=("HO", "95"), units=Decimal(4), charge=Decimal("120.00"))
    return a_claim(place_of_service="10", lines=(line,))


def fifty_lines() -> Claim:
    """Return the most lines a claim may have, a day each."""
    some = (
        a_line(source_line_key=f"L-{number}", service_date=date(2026, 1, 1) + timedelta(days=number))
        for number in range(50)
    )
    return a_claim(lines=tuple(some))


def twelve_diagnoses() -> Claim:
    """Return the most diagnoses a claim may list, and a line that points at four of them."""
    codes = ("F840", "F88", "F809", "F82", "F901", "R620", "R4689", "Z7389", "F900", "F911", "G4700", "R633")
    return a_claim(diagnoses=codes, lines=(a_line(diagnosis_pointers=(1, 12, 3, 4)),))


def everything() -> Claim:
    """Return a claim that has every segment our clinics can meet, however unlikely together."""
    line = a_line(
        service_date=date(2026, 3, 2),
        service_until=date(2026, 3, 3),
        description="UNLISTED EXAMPLE SERVICE",
        is_emergency=True,
        is_epsdt=True,
        is_family_planning=True,
        place_of_service="03",
        prior_authorization="LINEAUTH1",
        referral_number="LINEREF1",
        note=Note(text="0900-1300"),
        attachments=(Attachment(report="OZ", transmission="EL", control_number="PAPER2"),),
        drug=Drug(ndc="01234567891", quantity=Decimal("2.5"), unit="ML", prescription_number="RX77"),
        rendering=Provider(
            name=PersonName(last="HELPER", first="JO"),
            npi=OTHER_RENDERING_NPI,
            taxonomy="106S00000X",
            other_ids=(OtherId(kind="G2", value="HELPER1"),),
        ),
        facility=a_facility(),
        supervising=Provider(name=PersonName(last="SECOND", first="SKY"), npi=RENDERING_NPI),
        ordering=Provider(name=PersonName(last="ORDERER", first="OLLIE"), npi=REFERRING_NPI),
        referring=Provider(name=PersonName(last="SENDER", first="SUE"), npi=REFERRING_NPI),
        adjudications=(what_the_primary_paid(bundled_into=2),),
    )
    by_the_minute = a_line(source_line_key="L-2", unit_kind="MJ", units=Decimal(45), charge=Decimal("60.50"))
    return a_dependent_claim(
        responsibility=Responsibility.SECONDARY,
        billing=a_billing_provider(
            pay_to=an_address(street="PO BOX 12", postal_code="972010012"),
            other_ids=(OtherId(kind="0B", value="LIC4455"),),
        ),
        subscriber=a_subscriber(group_number="", group_name="EXAMPLE WORKERS"),
        payer=a_payer(
            address=an_address(street="1 PAYER PLZ"),
            filing_indicator="MB",
            insurance_type="12",
            other_ids=(OtherId(kind="FY", value="OFFICE7"),),
            billing_provider_ids=(OtherId(kind="G2", value="PAYERSNAME9"),),
        ),
        other_payers=(
            the_primary(
                group_number="",
                group_name="EXAMPLE UNION",
                relationship="19",
                insured_address=an_address(),
                payer_address=an_address(street="2 PAYER PLZ"),
                other_ids=(OtherId(kind="2U", value="88889"),),
                prior_authorization="OTHERAUTH",
                referral_number="OTHERREF",
                signature_source="P",
                non_covered=None,
            ),
            the_primary(
                responsibility=Responsibility.TERTIARY,
                payer_id="77777",
                payer_name="EXAMPLE STATE PLAN",
                claim_number="",
                paid=None,
                remaining_liability=None,
                remarks=(),
                non_covered=Decimal("300.50"),
            ),
            the_primary(
                responsibility=Responsibility.FOURTH,
                payer_id="66666",
                payer_name="EXAMPLE FOURTH PLAN",
                paid=Decimal(0),
                remaining_liability=None,
                adjudicated_on=date(2026, 3, 3),
                adjustments=tuple(
                    Adjustment(group=AdjustmentGroup.OTHER, reason=str(number), amount=Decimal(1), quantity=Decimal(1))
                    for number in (20, 21, 22, 23, 24, 26, 27)
                ),
                remarks=(),
            ),
        ),
        rendering=a_provider(other_ids=(OtherId(kind="0B", value="LIC1"),)),
        referring=a_referring_provider(),
        primary_care=Provider(name=PersonName(last="FAMILYDOC", first="PAT"), npi=RENDERING_NPI),
        supervising=a_supervising_provider(),
        facility=replace(a_facility(), other_ids=(OtherId(kind="LU", value="SITE4"),)),
        frequency=Frequency.REPLACEMENT,
        payer_claim_number="ICN2026020009",
        condition_codes=("W2", "AB"),
        referral_number="REFERRAL1",
        authorization_exception="3",
        clearinghouse_claim_id="CLEAR123",
        medical_record_number="MRN55",
        demonstration_project="DEMO1",
        clia_number="12D4567890",
        property_claim_number="PC778",
        accident=Accident(
            causes=(RelatedCause.AUTO_ACCIDENT, RelatedCause.EMPLOYMENT),
            state="OR",
            on=date(2026, 2, 14),
        ),
        dates=tuple(
            ClaimDate(
                kind=kind,
                on=date(2026, 2, 20),
                until=date(2026, 2, 25) if kind is DateKind.DISABILITY else None,
            )
            for kind in DateKind
            if kind not in {DateKind.DISABILITY_BEGINS, DateKind.DISABILITY_ENDS}
        ),
        attachments=(
            Attachment(report="OZ", transmission="AA"),
            Attachment(report="B4", transmission="FX", control_number="PAPER1"),
        ),
        patient_paid=Decimal("10.00"),
        note=Note(kind=NoteKind.ADDITIONAL, text="SIBLING SEEN THE SAME DAY"),
        file_information=("STATE DATA 1", "STATE DATA 2"),
        epsdt_referrals=("AV", "S2"),
        special_program="02",
        delay_reason="7",
        patient_signature_source="P",
        lines=(line, by_the_minute),
    )


def a_full_form() -> Claim:
    """Return a claim that fills nearly every field of the paper form."""
    line = a_line(
        modifiers=("HM", "95", "U1", "U2"),
        diagnosis_pointers=(1, 2, 3, 12),
        is_emergency=True,
        is_epsdt=True,
        is_family_planning=True,
        note=Note(text="0900-1300"),
        drug=Drug(ndc="01234567891", quantity=Decimal("2.5"), unit="ML"),
    )
    days = (DateKind.ONSET, DateKind.DISABILITY, DateKind.ADMISSION, DateKind.DISCHARGE)
    return a_claim(
        payer=a_payer(address=an_address(street="1 PAYER PLZ")),
        subscriber=a_subscriber(group_number="", group_name="EXAMPLE WORKERS"),
        accident=Accident(
            causes=(RelatedCause.AUTO_ACCIDENT, RelatedCause.EMPLOYMENT),
            state="OR",
            on=date(2026, 2, 14),
        ),
        property_claim_number="PC778",
        condition_codes=("W2", "AB"),
        dates=tuple(
            ClaimDate(
                kind=kind,
                on=date(2026, 2, 20),
                until=date(2026, 2, 25) if kind is DateKind.DISABILITY else None,
            )
            for kind in days
        ),
        epsdt_referrals=("AV",),
        referring=replace(a_referring_provider(), other_ids=(OtherId(kind="0B", value="LIC77"),)),
        facility=replace(a_facility(), other_ids=(OtherId(kind="LU", value="SITE4"),)),
        note=Note(text="SIBLING SEEN THE SAME DAY"),
        attachments=(Attachment(report="OZ", transmission="AA"),),
        patient_paid=Decimal("10.00"),
        diagnoses=twelve_diagnoses().diagnoses,
        frequency=Frequency.REPLACEMENT,
        payer_claim_number="ICN2026020009",
        lines=tuple(replace(line, source_line_key=f"L-{number}") for number in range(1, 7)),
    )


def rounded(rounding: Rounding) -> Claim:
    """Return a session of 68 minutes as a payer wants it that counts its units so: five by halves, four by wholes."""
    line = a_line(minutes=68, units=Decimal("4.53"), charge=Decimal("75.00"), started_at="0900", ended_at="1008")
    return as_payer_wants(a_claim(lines=(line,)), PayerProfile(units=Units(rounding=rounding, apply=True)))


SCENARIOS: Final[dict[str, Callable[[], Claim]]] = {
    "self": a_claim,
    "dependent": the_worked_example,
    "dependent_as_own_subscriber": lambda: a_claim(
        subscriber=a_subscriber(
            name=PersonName(last="EXAMPLE", first="TESTO"), member_id="MEDICAID77", birth_date=date(2019, 4, 12)
        ),
        payer=a_payer(filing_indicator="MC"),
    ),
    "secondary_after_primary": secondary_after_primary,
    "replacement": lambda: a_claim(frequency=Frequency.REPLACEMENT, payer_claim_number="ICN2026020009"),
    "void": lambda: a_claim(frequency=Frequency.VOID, payer_claim_number="ICN2026020009"),
    "accident": an_accident,
    "referring_provider": lambda: a_claim(referring=a_referring_provider()),
    "telehealth": telehealth,
    "supervising": lambda: a_claim(supervising=a_supervising_provider(), facility=a_facility(), place_of_service="03"),
    "fifty_lines": fifty_lines,
    "twelve_diagnoses": twelve_diagnoses,
    "a_person_who_bills": lambda: a_claim(
        billing=a_billing_provider(name="SAMPLER", first_name="JORDAN", npi=RENDERING_NPI), rendering=None
    ),
    "units_by_one_payer": lambda: rounded(Rounding.MIDPOINT),
    "units_by_another_payer": lambda: rounded(Rounding.FULL),
    "test_mode": lambda: a_claim(key="C-TEST"),
    "a_full_form": a_full_form,
    "everything": everything,
}
"""Claims that the rules let go on TODAY (`everything` shows what can be written, not what would be billed)."""
