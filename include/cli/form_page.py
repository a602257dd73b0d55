"""The page `docs/form.md` and its picture, printed from the table of fields that the writer and the reader use."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from include.claims.circumstances import Note
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
from include.hcfa.fields import CLAIM, LINES_A_PAGE, SERVICE, Field
from include.hcfa.layout import GRID_A, PAGE_LINES, PAPER
from include.hcfa.print_image import checked_pages
from include.hcfa.svg import write_svg
from include.hcfa.unsaid import BLANK, LEFT_OUT, NEVER, REFUSED, Unsaid

PICTURE = "form.svg"

_HEAD = f"""# The form

Printed from `include/hcfa/` by `make docs`. A claim goes out as an 837P; the CMS-1500 (02/12), which the trade calls
HCFA, is how a person reads it, how a payer on paper gets it, and what a clearinghouse account of type *print image*
takes: a mailbox whose `format` is `print-image` delivers it every night. All are made from one table of fields.

![A claim of invented people on the form]({PICTURE})

## How it is written

- Capital ASCII letters: accents are dropped, other scripts and punctuation become blanks; `-`, `'`, `&` and `/` stay.
- Names are `LAST SUFFIX, FIRST, MIDDLE`; item 17 is `FIRST MIDDLE LAST`.
- Numbers are without hyphens and blanks, except those that stand on a card or come from the payer (items 1a and 22).
- Amounts have a blank where the form has its rule; units have a point only for fractions.
- Days have years of four digits, except in item 24A.
- One X in each group of boxes; a sex that is not known leaves both blank.
- Nothing is cut: what is longer than its field is a fault that names the item, and the claim is not printed.

A print image has {PAGE_LINES} lines a form, each ending in CR LF without blanks before it, and a form feed between
forms.
A PDF is letter paper; `with_form=False` prints the text alone for sheets that are printed already, shifted by points.

## What is agreed with the clearinghouse

Its mapper finds fields by position, so these are settings (`include/hcfa/layout.py`), agreed once and then frozen.
`grid` and `totals` are columns of the mailbox; what is delivered has the others at their defaults, 0 and off.

| setting | values |
| --- | --- |
| `grid` | `A`, or `NUCC`: two lines lower, three columns to the right, the payer on lines 4 to 6 |
| `top_margin`, `left_margin` | lines and columns more or, where negative, fewer |
| `totals` | a claim of more than six lines: `each-page` totals its own lines and payments stand on the first, or \
`last-page` has the claim's totals, `(CONT.)` in item 28 until then, and `PAGE n OF n` on each |
| `session_times` | begin and end of each service in the shaded half of its line, where known; no 837P says them |

## The fields

Line and column count from 1. A service line's fields are those of the first; the other {LINES_A_PAGE - 1} stand two
lines lower each.
"""


def form_page() -> str:
    """Return the page of the form."""
    return "\n".join([_HEAD, *_fields(), *_unsaid()])


def form_picture() -> str:
    """Return a claim of invented people on the form, as SVG."""
    (page,) = checked_pages(_specimen(), "7Q2M4X0KD3VB1H", PAPER)
    return write_svg(page)


def _fields() -> Iterator[str]:
    for title, fields in (("Of the claim", CLAIM), ("Of the service line", SERVICE)):
        yield f"### {title}\n"
        yield "| item | content | grid A | NUCC | width | written | 837P | source of the place |"
        yield "| --- | --- | --- | --- | --- | --- | --- | --- |"
        yield from map(_row, fields)
        yield ""


def _row(field: Field) -> str:
    places = ["{}:{}".format(*layout.at(field)) for layout in (GRID_A, PAPER)]
    written = f"{field.kind}, to the right" if field.is_right else field.kind
    return _cells((field.item, field.content, *places, str(field.width), written, field.element, field.source))


def _unsaid() -> Iterator[str]:
    yield "## What paper cannot say\n"
    yield "A claim that holds one of these is **refused** on paper, because the form would bill something else.\n"
    yield from _table(("what", "where", "why", "what to do"), map(_reasons, REFUSED))
    yield "These are **left out**, and a warning that does not block names them.\n"
    yield from _table(("what", "where", "why", "what to do"), map(_reasons, LEFT_OUT))
    yield "These no form says.\n"
    yield from _table(("what", "why"), NEVER.items())
    yield "## What the form asks and we leave blank\n"
    yield from _table(("item", "why"), BLANK.items())


def _reasons(one: Unsaid) -> tuple[str, ...]:
    return one.what, one.place, one.why, one.remedy


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield _cells(head)
    yield "| --- " * len(head) + "|"
    yield from map(_cells, rows)
    yield ""


def _cells(cells: tuple[str, ...]) -> str:
    return "| " + " | ".join(cell.replace("*", r"\*") for cell in cells) + " |"


def _specimen() -> Claim:
    """Return a claim to look at: a child on a parent's insurance, two services of one day."""
    home = Address(street="45 Sample Ln", city="Beaverton", state="OR", postal_code="97005")
    services = (("97153", "HM", "240.00", 16), ("97155", "HO", "120.00", 4))
    return Claim(
        source="specimen",
        key="1",
        ready_at=datetime(2026, 3, 5, tzinfo=UTC),
        billing=BillingProvider(
            name="Example Harbor ABA LLC",
            npi="1222333449",
            tax_id="731234567",
            tax_id_kind=TaxIdKind.EMPLOYER,
            taxonomy="103K00000X",
            address=Address(street="1200 Example Pkwy", city="Portland", state="OR", postal_code="972010001"),
            phone="5035550100",
        ),
        subscriber=Subscriber(
            name=PersonName(last="Example", first="Testina"),
            member_id="XYZ100200300",
            birth_date=date(1988, 7, 15),
            sex=Sex.FEMALE,
            address=home,
            group_number="GRP00981",
        ),
        dependent=Dependent(
            name=PersonName(last="Example", first="Testo"),
            relationship=Relationship.CHILD,
            birth_date=date(2019, 4, 12),
            sex=Sex.MALE,
            address=home,
        ),
        payer=Payer(id="99999", name="Example Health Plan", address=replace(home, street="1 Payer Plz")),
        rendering=Provider(name=PersonName(last="Sampler", first="Jordan"), npi="1444555662", taxonomy="103K00000X"),
        place_of_service="11",
        diagnoses=("F840",),
        prior_authorization="AUTH-778812",
        note=Note(text="Sibling seen the same day"),
        lines=tuple(
            ServiceLine(
                source_line_key=procedure,
                service_date=date(2026, 3, 2),
                procedure=procedure,
                modifiers=(modifier,),
                charge=Decimal(charge),
                units=Decimal(units),
                diagnosis_pointers=(1,),
            )
            for procedure, modifier, charge, units in services
        ),
    )
