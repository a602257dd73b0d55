"""
Claims of invented people, one call each: the only place where made-up identifiers with valid check digits live.

Every builder takes changes by field name and defaults to something the blocking rules let go.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from include.claims.invented import invented_claims
from include.claims.model import Claim, ServiceLine
from include.claims.parties import (
    Address,
    BillingProvider,
    Dependent,
    Payer,
    PersonName,
    Provider,
    Relationship,
    Sex,
    Subscriber,
    TaxIdKind,
)
from include.x12.envelope import Envelope

TODAY = date(2026, 3, 6)
"""The day the samples are billed on; every default service lies before it."""

READY_AT = datetime(2026, 3, 5, 18, 30, tzinfo=UTC)

BILLING_NPI = "1222333449"
OTHER_BILLING_NPI = "1333444556"
RENDERING_NPI = "1444555662"
OTHER_RENDERING_NPI = "1900000005"
NPI_WITH_A_BAD_CHECK_DIGIT = "1222333440"


def an_address(**changes: Any) -> Address:
    """Return an invented home."""
    home = Address(street="45 SAMPLE LN", city="BEAVERTON", state="OR", postal_code="97005")
    return replace(home, **changes)


def a_billing_provider(**changes: Any) -> BillingProvider:
    """Return an invented clinic that bills, at a street address with a nine-digit ZIP."""
    clinic = BillingProvider(
        name="EXAMPLE HARBOR ABA LLC",
        npi=BILLING_NPI,
        tax_id="731234567",
        tax_id_kind=TaxIdKind.EMPLOYER,
        taxonomy="103K00000X",
        address=Address(street="1200 EXAMPLE PKWY STE 210", city="PORTLAND", state="OR", postal_code="972010001"),
        phone="5035550100",
    )
    return replace(clinic, **changes)


def a_provider(**changes: Any) -> Provider:
    """Return an invented behavior analyst."""
    analyst = Provider(name=PersonName(last="SAMPLER", first="JORDAN"), npi=RENDERING_NPI, taxonomy="103K00000X")
    return replace(analyst, **changes)


def a_payer(**changes: Any) -> Payer:
    """Return an invented payer."""
    return replace(Payer(id="99999", name="EXAMPLE HEALTH PLAN"), **changes)


def a_subscriber(**changes: Any) -> Subscriber:
    """Return an invented insured person with everything Office Ally's guide lists."""
    person = Subscriber(
        name=PersonName(last="EXAMPLE", first="TESTINA"),
        member_id="XYZ100200300",
        birth_date=date(1988, 7, 15),
        sex=Sex.FEMALE,
        address=an_address(),
        group_number="GRP00981",
    )
    return replace(person, **changes)


def a_dependent(**changes: Any) -> Dependent:
    """Return an invented child of the subscriber."""
    child = Dependent(
        name=PersonName(last="EXAMPLE", first="TESTO"),
        relationship=Relationship.CHILD,
        birth_date=date(2019, 4, 12),
        sex=Sex.MALE,
        address=an_address(),
    )
    return replace(child, **changes)


def a_line(**changes: Any) -> ServiceLine:
    """Return four hours of one-to-one treatment by a technician."""
    line = ServiceLine(
        source_line_key="L-1",
        service_date=date(2026, 3, 2),
        procedure="97153",
        modifiers=("HM",),
        charge=Decimal("240.00"),
        units=Decimal(16),
        diagnosis_pointers=(1,),
    )
    return replace(line, **changes)


def a_claim(**changes: Any) -> Claim:
    """Return a one-line claim of a patient who is the subscriber; it passes every rule on TODAY."""
    claim = Claim(
        source="example_practice",
        key="C-1",
        ready_at=READY_AT,
        billing=a_billing_provider(),
        subscriber=a_subscriber(),
        payer=a_payer(),
        rendering=a_provider(),
        place_of_service="11",
        diagnoses=("F840",),
        prior_authorization="AUTH778812",
        lines=(a_line(),),
    )
    return replace(claim, **changes)


def a_dependent_claim(**changes: Any) -> Claim:
    """Return a one-line claim of a child on a parent's insurance."""
    return replace(a_claim(key="C-2", dependent=a_dependent()), **changes)


def lines(count: int, **changes: Any) -> tuple[ServiceLine, ...]:
    """Return that many lines with keys L-1, L-2 and so on."""
    return tuple(a_line(source_line_key=f"L-{number}", **changes) for number in range(1, count + 1))


def invented(**changes: Any) -> list[Claim]:
    """Return the claims a test file of the clinic `harbor` is filled up with."""
    about: dict[str, Any] = {"service_date": date(2026, 3, 5), "ready_at": READY_AT, **changes}
    return invented_claims("harbor", a_billing_provider(), a_payer(), **about)


def the_worked_example() -> Claim:
    """Return the two-line claim of a child whose file is written out in `tests/samples/worked_example.837p`."""
    analyst = Provider(name=PersonName(last="RIVERA", first="JORDAN"), npi="1987654328", taxonomy="103K00000X")
    return Claim(
        source="example_practice",
        key="BH-17",
        ready_at=READY_AT,
        billing=a_billing_provider(name="BRIGHT HARBOR ABA LLC", npi="1876543210", phone=""),
        subscriber=a_subscriber(name=PersonName(last="DOE", first="MORGAN")),
        dependent=a_dependent(name=PersonName(last="DOE", first="AVERY"), sex=Sex.FEMALE),
        payer=a_payer(),
        rendering=analyst,
        place_of_service="11",
        diagnoses=("F840",),
        prior_authorization="AUTH778812",
        lines=(
            a_line(),
            a_line(
                source_line_key="L-2",
                service_date=date(2026, 3, 4),
                procedure="97155",
                modifiers=("HO",),
                charge=Decimal("120.00"),
                units=Decimal(4),
            ),
        ),
    )


def an_envelope(**changes: Any) -> Envelope:
    """Return an envelope as the implementation guide alone would have it."""
    guide = Envelope(
        interchange_number=42,
        group_number=42,
        reference="B2026030600042",
        created_at=datetime(2026, 3, 6, 9, 15, tzinfo=UTC),
        sender_qualifier="ZZ",
        sender_id="731234567",
        receiver_qualifier="ZZ",
        receiver_id="330897513",
        group_sender="731234567",
        group_receiver="OA",
        submitter_name="BRIGHT HARBOR ABA LLC",
        submitter_id="731234567",
        contact_name="BILLING DEPT",
        contact_phone="5035550100",
        receiver_name="OFFICE ALLY",
        receiver_code="330897513",
    )
    return replace(guide, **changes)
