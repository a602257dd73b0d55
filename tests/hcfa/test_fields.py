"""The table of fields: each has a place of its own on the page, and each is used."""

from dataclasses import replace

import pytest

from include.claims.circumstances import Accident, RelatedCause
from include.claims.errors import BadSetting
from include.claims.parties import OtherId, Relationship, TaxIdKind
from include.hcfa.fields import BY_NAME, FIELDS, in_slot
from include.hcfa.form import pages
from include.hcfa.layout import GRID_A, PAGE_LINES, PAPER, Grid, Layout, Totals, places
from tests.builders import a_billing_provider, a_claim, a_dependent, a_payer, a_provider, a_subscriber, lines
from tests.scenarios import SCENARIOS, secondary_after_primary

pytestmark = pytest.mark.pure

LAST_PAGE = Layout(totals=Totals.LAST_PAGE)


def uncommon_claims():
    """Yield claims that fill what no scenario fills."""
    for indicator in ("CH", "VA", "ZZ"):
        yield a_claim(payer=a_payer(filing_indicator=indicator))
    for relationship in (Relationship.SPOUSE, Relationship.OTHER):
        yield a_claim(dependent=a_dependent(relationship=relationship))
    yield a_claim(billing=a_billing_provider(tax_id_kind=TaxIdKind.SOCIAL_SECURITY), accepts_assignment="C")
    yield a_claim(rendering=a_provider(other_ids=(OtherId(kind="G2", value="PAYERS1"),)))
    yield a_claim(subscriber=a_subscriber(sex="M"), dependent=a_dependent(sex="F"))
    yield a_claim(accident=Accident(causes=(RelatedCause.OTHER_ACCIDENT,)))


@pytest.mark.parametrize("layout", [GRID_A, PAPER, Layout(top_margin=3, left_margin=1)])
def test_no_two_fields_share_a_cell_and_all_are_on_the_page(layout):
    """Text that keeps to its field's width can never fall on another's or off the page."""
    cells = [
        (place.line, column)
        for place in places(layout).values()
        for column in range(place.column, place.column + place.width)
    ]

    assert len(cells) == len(set(cells))
    assert all(0 <= line < PAGE_LINES and 0 <= column < layout.columns for line, column in cells)


def test_names_are_unique():
    """A name leads to one field."""
    assert len(FIELDS) == len(BY_NAME)


def test_the_nucc_grid_is_grid_a_shifted():
    """Every field but the payer's block lies two lines lower and three columns to the right."""
    shifted = {name for name in BY_NAME if BY_NAME[name].nucc is None}

    assert {"payer_name", "payer_street", "payer_city"} == set(BY_NAME) - shifted
    for name in shifted:
        before, after = places(GRID_A)[name], places(PAPER)[name]
        assert (before.line + 2, before.column + 3) == (after.line, after.column)


@pytest.mark.parametrize(
    ("name", "line", "column"),
    [
        ("insured_id", 8, 50),
        ("patient_name", 10, 1),
        ("diagnosis_l", 40, 42),
        ("from_6", 54, 1),
        ("supplement_6", 53, 1),
        ("rendering_npi_1", 44, 68),
        ("account", 56, 23),
        ("billing_npi", 61, 50),
    ],
)
def test_places_of_grid_a(name, line, column):
    """A few places as practice systems have printed them for years."""
    assert (line, column) == GRID_A.at(BY_NAME[name])


@pytest.mark.parametrize("margins", [{"top_margin": 6}, {"top_margin": -2}, {"left_margin": 2}, {"left_margin": -1}])
def test_margins_that_push_a_field_off_the_page_are_refused(margins):
    """A layout is valid once it is made."""
    with pytest.raises(BadSetting, match="falls off the 66 lines and 80 columns"):
        Layout(grid=Grid.A, **margins)


def test_every_field_is_filled_by_some_claim():
    """The table has no field that nothing fills, and nothing fills a field that is not in it."""
    claims = [make() for make in SCENARIOS.values()] + list(uncommon_claims())
    claims += [replace(secondary_after_primary(), lines=lines(7))]

    filled = {
        name
        for claim in claims
        for layout in (GRID_A, LAST_PAGE)
        for page in pages(claim, "CN1", layout)
        for name in page
    }

    assert set(BY_NAME) == filled


def test_the_six_service_lines_are_alike():
    """Each slot has the fields of the first, two lines lower."""
    for name in ("from", "charge", "rendering_id"):
        rows = [BY_NAME[in_slot(name, slot)].line for slot in range(1, 7)]

        assert [rows[0] + 2 * step for step in range(6)] == rows
