"""Random claims that the blocking rules let go, with names as people really type them."""

import os
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from hypothesis import strategies as st

from include.claims.circumstances import Accident, Attachment, ClaimDate, DateKind, Drug, Note, RelatedCause
from include.claims.coordination import Adjustment, AdjustmentGroup, LineAdjudication, OtherPayer, Responsibility
from include.claims.model import Claim, ServiceLine
from include.claims.parties import (
    Address,
    Dependent,
    OtherId,
    PersonName,
    Provider,
    Relationship,
    ServiceFacility,
    Sex,
    Subscriber,
)
from tests.builders import (
    BILLING_NPI,
    OTHER_BILLING_NPI,
    OTHER_RENDERING_NPI,
    RENDERING_NPI,
    TODAY,
    a_billing_provider,
    a_claim,
    a_payer,
)

LONG_AGO = TODAY - timedelta(days=200)
EXAMPLES = 1000 if os.environ.get("COURIER_LONG") else 25
"""How many random claims a property is tried with."""

# A letter first, so that a name always survives; separators, accents, other scripts and blanks after it.
_typed = st.text(alphabet="abcXYZ éßñØ李*:~^'-.,#_  \t", max_size=8)
names = st.builds(lambda letter, rest: letter + rest, st.sampled_from("AbÉÆzñ"), _typed)
maybe_names = st.one_of(st.just(""), names)
identifiers = st.from_regex(r"[A-Z0-9][A-Z0-9 \-/.]{0,10}[A-Z0-9]", fullmatch=True).filter(
    lambda text: "  " not in text
)
birthdays = st.dates(date(1930, 1, 1), date(2025, 12, 31))

people = st.builds(PersonName, last=names, first=names, middle=maybe_names, suffix=st.sampled_from(["", "Jr", "III"]))
addresses = st.builds(
    Address,
    street=names,
    street2=maybe_names,
    city=names.map(lambda city: city + "ton"),
    state=st.sampled_from(["OR", "WA", "AA"]),
    postal_code=st.from_regex(r"[0-9]{5}([0-9]{4})?", fullmatch=True),
)
amounts = st.integers(1, 99_999).map(lambda cents: Decimal(cents) / 100)
units = st.sampled_from([Decimal(1), Decimal("16.00"), Decimal("0.5"), Decimal("1E+1"), Decimal("2.25")])
diagnoses = st.lists(
    st.from_regex(r"[A-Z][0-9][0-9A-Z]{1,5}", fullmatch=True), min_size=1, max_size=12, unique=True
).filter(lambda codes: codes[0][0] not in "VWXY")  # an external cause never comes first


providers = st.builds(
    Provider,
    name=people,
    npi=st.sampled_from([RENDERING_NPI, OTHER_RENDERING_NPI]),
    other_ids=st.one_of(st.just(()), st.builds(OtherId, kind=st.just("0B"), value=identifiers).map(lambda one: (one,))),
)
facilities = st.builds(
    ServiceFacility,
    name=names,
    npi=st.sampled_from(["", OTHER_RENDERING_NPI]),
    address=st.builds(replace, addresses, postal_code=st.just("970050009")),
)
notes = st.builds(Note, text=names)
papers = st.sampled_from([
    Attachment(report="OZ", transmission="AA"),
    Attachment(report="B4", transmission="FX", control_number="PAPER1"),
])  # fmt: skip
ranges = st.tuples(st.integers(1, 60), st.integers(0, 9)).map(
    lambda drawn: (TODAY - timedelta(days=60 + drawn[0] + drawn[1]), TODAY - timedelta(days=60 + drawn[0]))
)


@st.composite
def claim_dates(draw: Any) -> tuple[ClaimDate, ...]:
    """Draw dates of different kinds, all before the first service."""
    kinds = set(DateKind) - {DateKind.DISABILITY_BEGINS, DateKind.DISABILITY_ENDS}
    found = []
    for kind in draw(st.lists(st.sampled_from(sorted(kinds)), max_size=3, unique=True)):
        on, until = draw(ranges)
        found.append(ClaimDate(kind=kind, on=on, until=until if kind is DateKind.DISABILITY else None))
    return tuple(found)


_seldom = st.fixed_dictionaries({}, optional={
    "referring": providers,
    "supervising": providers,
    "facility": facilities,
    "referral_number": identifiers,
    "medical_record_number": identifiers,
    "clearinghouse_claim_id": identifiers,
    "dates": claim_dates(),
    "attachments": st.lists(papers, max_size=2).map(tuple),
    "patient_paid": st.integers(0, 50).map(lambda cents: Decimal(cents) / 100),
    "note": notes,
    "condition_codes": st.just(("W2", "AB")),
    "file_information": st.lists(names, max_size=2).map(tuple),
    "accident": st.sampled_from([
        Accident(causes=(RelatedCause.OTHER_ACCIDENT,), on=LONG_AGO),
        Accident(causes=(RelatedCause.AUTO_ACCIDENT, RelatedCause.EMPLOYMENT), state="OR", on=LONG_AGO),
    ]),
})  # fmt: skip
seldom = st.deferred(lambda: _seldom)
"""What few claims have, each with its own chance; deferred, for hypothesis would else print all of it."""

_seldom_of_a_line = st.fixed_dictionaries({}, optional={
    "note": notes,
    "rendering": providers,
    "supervising": providers,
    "ordering": providers,
    "prior_authorization": identifiers,
    "referral_number": identifiers,
    "is_emergency": st.booleans(),
    "drug": st.just(Drug(ndc="01234567891", quantity=Decimal("2.5"), unit="ML", prescription_number="RX77")),
    "description": names,
})  # fmt: skip
seldom_of_a_line = st.deferred(lambda: _seldom_of_a_line)


def paid_before(claim: Claim) -> Claim:
    """Return a claim as its second payer gets it: of each line the first has paid half and allowed no more."""
    lines = []
    for line in claim.lines:
        paid = (line.charge / 2).quantize(Decimal("0.01"))
        rest = Adjustment(group=AdjustmentGroup.CONTRACT, reason="45", amount=line.charge - paid)
        decided = LineAdjudication(
            payer_id="88888", paid=paid, procedure=line.procedure, modifiers=line.modifiers, units=line.units,
            adjustments=(rest,), adjudicated_on=TODAY,
        )  # fmt: skip
        lines.append(replace(line, adjudications=(decided,)))
    primary = OtherPayer(
        responsibility=Responsibility.PRIMARY, insured=PersonName(last="EXAMPLE", first="TESTINA"),
        member_id="ABC900", payer_id="88888", payer_name="EXAMPLE BLUE PLAN", claim_number="ICN1",
        paid=sum((line.adjudications[0].paid for line in lines), Decimal(0)),
    )  # fmt: skip
    return replace(claim, responsibility=Responsibility.SECONDARY, other_payers=(primary,), lines=tuple(lines))


@st.composite
def service_lines(draw: Any, diagnosis_count: int) -> ServiceLine:
    """Draw one service line of a claim that lists so many diagnoses."""
    pointers = st.lists(st.integers(1, diagnosis_count), min_size=1, max_size=min(4, diagnosis_count), unique=True)
    line = ServiceLine(
        source_line_key="",
        service_date=TODAY - timedelta(days=draw(st.integers(0, 60))),
        procedure=draw(st.sampled_from(["97151", "97153", "0373T", "H0031"])),
        modifiers=tuple(draw(st.lists(st.sampled_from(["HM", "HN", "HO", "95", "U1"]), max_size=4, unique=True))),
        charge=draw(amounts),
        units=draw(units),
        diagnosis_pointers=tuple(draw(pointers)),
        place_of_service=draw(st.sampled_from(["", "11", "12", "03"])),
        session_id=draw(st.sampled_from(["", "S-1"])),
    )
    return replace(line, **draw(st.one_of(st.just({}), seldom_of_a_line)))


@st.composite
def claims(draw: Any) -> Claim:
    """Draw a claim that passes every blocking rule on TODAY."""
    codes = tuple(draw(diagnoses))
    # The most lines a claim may have come from few drawn ones, or drawing would take all the time.
    drawn = draw(st.lists(service_lines(len(codes)), min_size=1, max_size=3))
    count = draw(st.sampled_from([len(drawn), 50]))
    subscriber = st.builds(
        Subscriber, name=people, member_id=identifiers, birth_date=birthdays, sex=st.sampled_from(Sex),
        address=addresses, group_number=st.one_of(st.just(""), identifiers),
    )  # fmt: skip
    dependent = st.builds(
        Dependent, name=people, relationship=st.sampled_from(Relationship), birth_date=birthdays,
        sex=st.sampled_from(Sex), address=addresses,
    )  # fmt: skip
    rendering = st.builds(
        Provider, name=people, npi=st.sampled_from([RENDERING_NPI, OTHER_RENDERING_NPI, BILLING_NPI]),
        taxonomy=st.sampled_from(["", "106S00000X"]),
    )  # fmt: skip
    claim = a_claim(
        billing=a_billing_provider(
            name=draw(names), npi=draw(st.sampled_from([BILLING_NPI, OTHER_BILLING_NPI])),
            taxonomy=draw(st.sampled_from(["", "103K00000X"])), phone=draw(st.sampled_from(["", "5035550100"])),
        ),
        subscriber=draw(subscriber),
        dependent=draw(st.one_of(st.none(), dependent)),
        payer=a_payer(id=draw(st.sampled_from(["99999", "SKEX0", "EXAMPLE1"])), name=draw(names)),
        rendering=draw(st.one_of(st.none(), rendering)),
        place_of_service=draw(st.sampled_from(["11", "12"])),
        diagnoses=codes,
        prior_authorization=draw(st.one_of(st.just(""), identifiers)),
        lines=tuple(replace(drawn[n % len(drawn)], source_line_key=f"L-{n}") for n in range(count)),
    )  # fmt: skip
    claim = replace(claim, **draw(st.one_of(st.just({}), seldom)))
    return paid_before(claim) if draw(st.booleans()) else claim


@st.composite
def claims_for_paper(draw: Any) -> Claim:
    """Draw a claim that fits the form, most of the time: one number for all lines, fractions of units short."""
    claim: Claim = draw(claims())
    lines = [
        replace(
            line,
            units=Decimal("2.5") if line.units == Decimal("2.25") else line.units,
            prior_authorization="",
            referral_number="",
            ordering=claim.lines[0].ordering,
            supervising=claim.supervising and claim.lines[0].supervising,
        )
        for line in claim.lines
    ]
    return replace(claim, lines=tuple(lines))
