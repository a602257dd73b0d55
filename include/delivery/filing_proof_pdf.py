"""The proof of timely filing as a PDF: what was sent when, who said that they have it, then the form as it was sent."""

from collections.abc import Iterable, Iterator
from io import BytesIO
from typing import Any, Final
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Flowable, PageBreak, Paragraph, SimpleDocTemplate, Spacer, Table

from include.delivery.filing_proof import Fact, FilingProof, moment
from include.hcfa.form import pages
from include.hcfa.layout import PAPER
from include.hcfa.pdf import draw_page

_MARGIN: Final = 54
_WIDTHS: Final = (130, 200, 174)
_SMALL: Final = ParagraphStyle("small", fontName="Helvetica", fontSize=8.5, leading=11)
_BOLD: Final = ParagraphStyle("bold", parent=_SMALL, fontName="Helvetica-Bold")
_SOFT: Final = ParagraphStyle("soft", parent=_SMALL, textColor=HexColor(0x52606D))
_TITLE: Final = ParagraphStyle("title", fontName="Helvetica-Bold", fontSize=16, leading=20, spaceAfter=4)
_HEAD: Final = ParagraphStyle("head", fontName="Helvetica-Bold", fontSize=11, leading=14, spaceBefore=10, spaceAfter=3)
_LOOK: Final[Any] = [
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, HexColor(0xD5DCE5)),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 2),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2),
]


def write_filing_proof(proof: FilingProof) -> bytes:
    """Return the proof as a PDF; the same proof always gives the same bytes."""
    content = BytesIO()
    document = SimpleDocTemplate(
        content, pagesize=LETTER, leftMargin=_MARGIN, rightMargin=_MARGIN, topMargin=_MARGIN, bottomMargin=_MARGIN,
        title="Proof of timely filing", invariant=1,
    )  # fmt: skip
    document.build(list(_story(proof)), onFirstPage=_foot(proof), onLaterPages=_foot(proof))
    return content.getvalue()


def _story(proof: FilingProof) -> Iterator[Flowable]:
    yield Paragraph("Proof of timely filing", _TITLE)
    yield Paragraph(_text(f"Claim {proof.claim_key}. Each fact names the file or record in which it stands."), _SOFT)
    yield from _section("In short", proof.summary)
    yield from _section("The claim", proof.claim)
    for filing in proof.filings:
        yield from _section(filing.title, filing.facts)
    yield Spacer(1, 8)
    yield Paragraph("The form of the claim as it was first sent follows.", _SOFT)
    first = proof.filings[0]
    for page in pages(first.claim, first.control_number, PAPER):
        yield PageBreak()
        yield _Form(page)


def _section(title: str, facts: Iterable[Fact]) -> Iterator[Flowable]:
    yield Paragraph(_text(title), _HEAD)
    rows = [
        [Paragraph(_text(fact.what), _BOLD), Paragraph(_text(fact.value), _SMALL), Paragraph(_text(fact.source), _SOFT)]
        for fact in facts
    ]
    yield Table(rows, colWidths=_WIDTHS, style=_LOOK, hAlign="LEFT")


def _text(words: str) -> str:
    """Return words as a paragraph takes them: it reads markup, and names and file names are none."""
    return escape(words)


class _Form(Flowable):
    """A page of the form, drawn over the whole sheet."""

    def __init__(self, page: dict[str, str]) -> None:
        super().__init__()
        self._page = page

    def wrap(self, *_room: Any) -> tuple[float, float]:
        """Take no room: it is drawn from the sheet's own corner."""
        return 0, 0

    def drawOn(self, canvas: Any, *_place: float, **_room: float) -> None:  # noqa: N802  # reportlab's name
        """Draw it."""
        draw_page(canvas, self._page)


def _foot(proof: FilingProof) -> Any:
    made = f"Made {moment(proof.made_at)} by {proof.made_by} with Claim Courier"

    def draw(canvas: Any, document: Any) -> None:
        canvas.setFont("Helvetica", 7)
        canvas.drawString(_MARGIN, _MARGIN / 2, f"{made}. Page {document.page}")

    return draw
