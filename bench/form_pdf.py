"""
The form as a PDF, beside the same drawing made anew on every page.

No library we know draws this form from a claim. The peer is plain reportlab as one would write it first: the empty
form and the text drawn page by page.
"""

from collections.abc import Callable
from io import BytesIO

from reportlab.pdfgen.canvas import Canvas

from bench import Case
from bench.render_837p import different_claims, numbered
from include.hcfa.drawing import DATA_SIZE, HEIGHT, LABEL_SIZE, WIDTH, background, data
from include.hcfa.form import pages
from include.hcfa.layout import PAPER
from include.hcfa.pdf import write_pdf

TITLE = "The form as PDF, one line a claim, one thread"


def _ours(size: int) -> Callable[[], object]:
    claims = different_claims(1)
    return lambda: write_pdf((number, claim) for _, number, claim in numbered(claims, size))


def _drawn_anew(size: int) -> Callable[[], object]:
    claims = different_claims(1)

    def work() -> object:
        content = BytesIO()
        canvas = Canvas(content, pagesize=(WIDTH, HEIGHT), invariant=1, pageCompression=0)
        for _, number, claim in numbered(claims, size):
            _draw(canvas)
            canvas.setFont("Courier", DATA_SIZE)
            for one in data(pages(claim, number, PAPER)[0]):
                canvas.drawString(one.x, HEIGHT - one.y, one.words)
            canvas.showPage()
        canvas.save()
        return content.getvalue()

    return work


def _draw(canvas: Canvas) -> None:
    drawn = background()
    for area in drawn.areas:
        canvas.rect(area.x, HEIGHT - area.y - area.height, area.width, area.height, stroke=0, fill=1)
    for rule in drawn.rules:
        canvas.line(rule.x1, HEIGHT - rule.y1, rule.x2, HEIGHT - rule.y2)
    canvas.setFont("Helvetica", LABEL_SIZE)
    for label in drawn.labels:
        canvas.drawString(label.x, HEIGHT - label.y, label.words)


CASES = tuple(
    Case(name=name, sizes=(500, 2_000), prepare=prepare)
    for name, prepare in (("Claim Courier, form drawn once", _ours), ("reportlab, form on every page", _drawn_anew))
)
