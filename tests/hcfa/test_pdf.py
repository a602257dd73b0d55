"""The PDF: text where the table of fields says, on a form drawn once, the same bytes every time."""

from io import BytesIO
from itertools import pairwise

import pytest
from pypdf import PdfReader

from include.claims.errors import BadFile
from include.hcfa.drawing import COLUMN, HEIGHT, LINE, Text, background
from include.hcfa.form import pages
from include.hcfa.layout import PAPER, Layout, Totals, places
from include.hcfa.pdf import write_pdf
from include.hcfa.svg import write_svg
from tests.builders import a_claim, a_line, lines, the_worked_example
from tests.scenarios import a_full_form

pytestmark = pytest.mark.pure


def texts_of(content, number=0):
    """Return words and place of every text of a page, in points from the lower left."""
    found = []

    def visit(operator, operands, _page_matrix, matrix):
        if operator == b"Tj":
            found.append((_decoded(operands[0]), round(matrix[4], 2), round(matrix[5], 2)))

    PdfReader(BytesIO(content)).pages[number].extract_text(visitor_operand_before=visit)
    return found


def _decoded(words):
    return words.decode("ascii") if isinstance(words, bytes) else words


def expected_of(claim):
    """Return the same from the table of fields: the first column's left edge, within the line."""
    (page,) = pages(claim, "CN1", PAPER)
    at = places(PAPER)
    for name, text in page.items():
        place = at[name]
        first = place.column + (place.width - len(text) if place.is_right else 0)
        yield text, first * COLUMN, HEIGHT - (place.line + 1) * LINE


@pytest.mark.parametrize("make", [the_worked_example, a_full_form])
def test_text_stands_where_the_table_says(make):
    """Each text begins in its first column and stands on its line."""
    found = texts_of(write_pdf([("CN1", make())], with_form=False))

    assert set(found) <= set(texts_of(write_pdf([("CN1", make())])))
    expected = sorted(expected_of(make()))
    assert len(expected) == len(found)
    for (text, x, y), (words, left, base) in zip(expected, sorted(found), strict=True):
        assert text == words
        assert abs(x - left) < 0.1
        assert 0 < base - y < LINE / 2


def test_the_text_alone_can_be_shifted():
    """For printed sheets the form is left out and the text moved by points."""
    plain = texts_of(write_pdf([("CN1", a_claim())], with_form=False))

    moved = texts_of(write_pdf([("CN1", a_claim())], with_form=False, shift=(3.5, 2.0)))

    assert [(text, round(x + 3.5, 2), round(y - 2.0, 2)) for text, x, y in plain] == moved
    assert "Insured" not in PdfReader(BytesIO(write_pdf([("CN1", a_claim())], with_form=False))).pages[0].extract_text()


def test_the_form_is_drawn_once():
    """A hundred pages use one drawing: a page more costs its text."""
    one, hundred = (len(write_pdf([("CN1", a_claim())] * count)) for count in (1, 100))

    assert (hundred - one) / 99 < 6_000
    assert b"Insured's id" in write_pdf([("CN1", a_claim())])


def test_the_same_claims_give_the_same_bytes():
    """Nothing in the file tells when it was made."""
    assert write_pdf([("CN1", a_full_form())]) == write_pdf([("CN1", a_full_form())])


def test_pages_are_those_of_the_form():
    """Fifty lines are nine pages, totalled as the layout says."""
    content = write_pdf([("CN1", a_claim(lines=lines(50)))], Layout(totals=Totals.LAST_PAGE))

    assert 9 == len(PdfReader(BytesIO(content)).pages)
    assert "(CONT.)" in {text for text, _, _ in texts_of(content)}
    assert "12000 00" in {text for text, _, _ in texts_of(content, 8)}


def test_what_does_not_fit_is_refused():
    """The PDF refuses what the print image refuses."""
    with pytest.raises(BadFile, match="item 24G"):
        write_pdf([("CN1", a_claim(lines=(a_line(unit_kind="MJ"),)))])
    with pytest.raises(BadFile, match="no claim to print"):
        write_pdf([])


def test_the_picture_shows_the_same():
    """The SVG has every label of the drawing and every text of the page."""
    (page,) = pages(a_full_form(), "CN1", PAPER)

    picture = write_svg(page)

    assert all(f">{text}</text>" in picture for text in page.values())
    assert len(background().labels) + len(page) == picture.count("<text ")


def test_no_label_runs_into_the_next():
    """Labels on one height end before the next begins, so that the form can be read."""
    from reportlab.pdfbase.pdfmetrics import stringWidth

    heights: dict[float, list[Text]] = {}
    for label in background().labels:
        heights.setdefault(label.y, []).append(label)
    for row in heights.values():
        row.sort(key=lambda label: label.x)
        for before, after in pairwise(row):
            assert before.x + stringWidth(before.words, "Helvetica", 5) < after.x, (before, after)
