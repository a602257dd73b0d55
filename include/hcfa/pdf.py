"""
The form as a PDF: to read beside a claim, to print, or the text alone for sheets that are printed already.

The empty form is drawn once a file and used by each page. The same claims always give the same bytes.
"""

from collections.abc import Iterable
from io import BytesIO
from typing import Final

from reportlab.lib.colors import HexColor, black
from reportlab.pdfgen.canvas import Canvas

from include.claims.errors import BadFile
from include.claims.model import Claim
from include.hcfa.drawing import DATA_SIZE, HEIGHT, LABEL_SIZE, WIDTH, background, data
from include.hcfa.fields import Page
from include.hcfa.layout import PAPER, Layout
from include.hcfa.print_image import checked_pages

FONT: Final = "Courier"
FONT_PITCH: Final = 7.2 - 0.6 * DATA_SIZE
"""What Courier lacks to ten characters an inch; it is 0.6 of its size wide."""

LABEL_FONT: Final = "Helvetica"
RULE_COLOUR: Final = HexColor(0xB05050)
LABEL_COLOUR: Final = HexColor(0x903030)
SHADE: Final = HexColor(0xF3E3E3)
_EMPTY_FORM: Final = "form"


def write_pdf(
    claims: Iterable[tuple[str, Claim]],
    layout: Layout = PAPER,
    *,
    with_form: bool = True,
    shift: tuple[float, float] = (0.0, 0.0),
) -> bytes:
    """
    Return the forms of these claims, each given as patient control number and claim, a page of letter paper each.

    `with_form=False` prints the text alone, `shift` moves it right and down by points: no two printers feed alike.
    The layout says how pages are totalled; where text stands is the paper's business.
    """
    content = BytesIO()
    canvas = Canvas(content, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=0)
    canvas.setTitle("CMS-1500")
    if with_form:
        _draw_empty_form(canvas)
    count = 0
    for control_number, claim in claims:
        for page in checked_pages(claim, control_number, layout):
            if with_form:
                canvas.doForm(_EMPTY_FORM)
            _draw_data(canvas, page, shift)
            canvas.showPage()
            count += 1
    if not count:
        raise BadFile("PDF: no claim to print; a file holds at least one form")
    canvas.save()
    return content.getvalue()


def draw_page(canvas: Canvas, page: Page) -> None:
    """Draw one page of a claim on a sheet of another document."""
    _draw_background(canvas)
    canvas.setFillColor(black)
    _draw_data(canvas, page, (0.0, 0.0))


def _draw_empty_form(canvas: Canvas) -> None:
    canvas.beginForm(_EMPTY_FORM)
    _draw_background(canvas)
    canvas.endForm()


def _draw_background(canvas: Canvas) -> None:
    drawn = background()
    canvas.setFillColor(SHADE)
    for area in drawn.areas:
        canvas.rect(area.x, HEIGHT - area.y - area.height, area.width, area.height, stroke=0, fill=1)
    canvas.setStrokeColor(RULE_COLOUR)
    canvas.setLineWidth(0.5)
    canvas.lines([(rule.x1, HEIGHT - rule.y1, rule.x2, HEIGHT - rule.y2) for rule in drawn.rules])
    canvas.setFillColor(LABEL_COLOUR)
    canvas.setFont(LABEL_FONT, LABEL_SIZE)
    for label in drawn.labels:
        canvas.drawString(label.x, HEIGHT - label.y, label.words)


def _draw_data(canvas: Canvas, page: Page, shift: tuple[float, float]) -> None:
    right, down = shift
    text = canvas.beginText()
    text.setFont(FONT, DATA_SIZE)
    text.setCharSpace(FONT_PITCH)
    for one in data(page):
        text.setTextOrigin(one.x + right, HEIGHT - one.y - down)
        text.textOut(one.words)
    canvas.drawText(text)
