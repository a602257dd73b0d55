"""The form as a picture for a page of text: the same drawing as the PDF's, so docs/form.md cannot show another."""

from collections.abc import Collection, Iterator
from html import escape
from typing import Final

from include.hcfa.drawing import COLUMN, DATA_SIZE, HEIGHT, LABEL_SIZE, LINE, WIDTH, Text, background, data
from include.hcfa.fields import FIELDS, Page
from include.hcfa.layout import PAPER, places

_STYLE: Final = (
    "path{stroke:#b05050;stroke-width:.5}"
    f".l{{fill:#903030;font:{LABEL_SIZE:g}px Helvetica,Arial,sans-serif}}"
    f".d{{font:{DATA_SIZE:g}px Courier,monospace;letter-spacing:1.2px}}"
    "text{white-space:pre}"
)


def write_svg(page: Page, *, style: str = f"<style>{_STYLE}</style>", marked: Collection[str] = ()) -> str:
    """Return one page as SVG; `marked` names items whose places are marked, a page of ours has its own `style`."""
    drawn = background()
    rules = "".join(f"M{rule.x1:g} {rule.y1:g}L{rule.x2:g} {rule.y2:g}" for rule in drawn.rules)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">',
        style,
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>',
        *(
            f'<rect x="{area.x:g}" y="{area.y:g}" width="{area.width:g}" height="{area.height:g}" fill="#f3e3e3"/>'
            for area in drawn.areas
        ),
        *_marks(marked),
        f'<path d="{rules}"/>',
        *(_text(label, "l") for label in drawn.labels),
        *(_text(one, "d") for one in data(page)),
        "</svg>",
    ]
    return "\n".join(lines) + "\n"


def _marks(items: Collection[str]) -> Iterator[str]:
    at = places(PAPER)
    for field in FIELDS:
        if field.item in items:
            place = at[field.name]
            where = f'x="{place.column * COLUMN:g}" y="{place.line * LINE:g}" width="{place.width * COLUMN:g}"'
            yield f'<rect class="mark" {where} height="{LINE:g}" fill="#ffd54f"><title>item {field.item}</title></rect>'


def _text(one: Text, style: str) -> str:
    return f'<text class="{style}" x="{one.x:g}" y="{one.y:g}">{escape(one.words)}</text>'
