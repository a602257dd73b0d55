"""Faults are marked on the boxes they concern."""

import re

import pytest

from include.claims.scrub import RULES
from include.hcfa.drawing import COLUMN, LINE
from include.hcfa.fields import BY_NAME, LINES_A_PAGE
from include.hcfa.form import pages
from include.hcfa.layout import PAPER, places
from include.hcfa.marks import BoxFault, items_of, marks_of
from include.hcfa.svg import inline_svg
from tests.builders import a_claim, lines

pytestmark = pytest.mark.pure


def fault(place: str, *at: int) -> BoxFault:
    """Return a fault at some lines."""
    return BoxFault(number=1, place=place, lines=frozenset(at), words="it is <wrong>")


@pytest.mark.parametrize(
    ("place", "items"),
    [
        ("item 24J, 2310B NM109", ("24J",)),
        ("item 24I and 24J, 2310B REF", ("24I", "24J")),
        ("item 9d or payer block, 2010BB NM109", ("9d",)),
        ("item 21, 2300 HI", ("21",)),
        ("claim C-1, column line_count", ()),
        ("", ()),
    ],
)
def test_a_place_names_items(place, items):
    """What follows the comma is the 837P's business."""
    assert items == items_of(place)


@pytest.mark.parametrize("rule", [rule for rule in RULES if rule.place.startswith("item ")], ids=lambda rule: rule.name)
def test_every_rules_place_is_on_the_form(rule):
    """A rule that names an item is marked somewhere."""
    assert marks_of([fault(rule.place)], 1, 1)


@pytest.mark.parametrize("name", [name for name, field in BY_NAME.items() if field.item[:1].isdigit()])
def test_every_box_can_be_marked_where_it_stands(name):
    """The mark of an item covers every field of it."""
    at = places(PAPER)[name]
    x, y = round(at.column * COLUMN, 2), at.line * LINE

    areas = [mark.area for mark in marks_of([fault(f"item {BY_NAME[name].item}")], 1, LINES_A_PAGE)]

    assert any(one.x <= x < one.x + one.width and one.y <= y < one.y + one.height for one in areas)


def test_a_fault_of_some_lines_is_marked_on_these_only():
    """Line 8 is the second of the second page."""
    found = [marks_of([fault("item 24G, 2400 SV104", 2, 8)], page, 9) for page in (1, 2)]

    assert [1, 1] == [len(marks) for marks in found]
    assert found[0][0].area == found[1][0].area


def test_a_fault_of_no_line_is_marked_on_each_there_is():
    """Nine lines are six and three."""
    assert [6, 3] == [len(marks_of([fault("item 24J")], page, 9)) for page in (1, 2)]


def test_the_picture_carries_the_number_the_words_and_no_style_of_its_own():
    """Words are escaped; a page that forbids inline style shows it all the same."""
    (page,) = pages(a_claim(lines=lines(2)), "CN1", PAPER)

    picture = inline_svg(page, marks_of([fault("item 1a")], 1, 2), label='CMS-1500 of "CN1"')

    assert "<title>1: it is &lt;wrong&gt;</title>" in picture
    assert 'aria-label="CMS-1500 of &quot;CN1&quot;"' in picture
    assert re.search(r"<style|style=|<script", picture) is None
