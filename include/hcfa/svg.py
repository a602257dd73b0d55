"""The form as a picture for a page of text: the same drawing as the PDF's, so docs/form.md cannot show another."""

from collections.abc import Iterator, Sequence
from html import escape
from typing import Final

from include.hcfa.drawing import DATA_SIZE, HEIGHT, LABEL_SIZE, WIDTH, Area, Text, background, data
from include.hcfa.fields import Page
from include.hcfa.marks import Mark

_STYLE: Final = (
    "path{stroke:#b05050;stroke-width:.5}"
    f".l{{fill:#903030;font:{LABEL_SIZE:g}px Helvetica,Arial,sans-serif}}"
    f".d{{font:{DATA_SIZE:g}px Courier,monospace;letter-spacing:1.2px}}"
    "text{white-space:pre}"
)

_OPEN: Final = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}">'


def write_svg(page: Page) -> str:
    """Return one page as a picture that stands alone."""
    return "\n".join([_OPEN, f"<style>{_STYLE}</style>", *_form(page), "</svg>"]) + "\n"


def inline_svg(page: Page, marks: Sequence[Mark] = (), *, label: str) -> str:
    """Return one page as a part of a web page, which brings the style itself, with faults marked on their boxes."""
    named = f'<svg class="form" role="img" aria-label="{escape(label)}" viewBox="0 0 {WIDTH} {HEIGHT}">'
    return "\n".join([named, *_form(page), *map(_mark, marks), "</svg>"])


def _form(page: Page) -> Iterator[str]:
    drawn = background()
    rules = "".join(f"M{rule.x1:g} {rule.y1:g}L{rule.x2:g} {rule.y2:g}" for rule in drawn.rules)
    yield f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#fff"/>'
    for area in drawn.areas:
        yield f'<rect {_box(area)} fill="#f3e3e3"/>'
    yield f'<path d="{rules}"/>'
    yield from (_text(label, "l") for label in drawn.labels)
    yield from (_text(one, "d") for one in data(page))


def _mark(one: Mark) -> str:
    """Return a frame around a box, and its fault's number: colour alone says nothing to some."""
    x, y = one.area.x + one.area.width, one.area.y
    return (
        f'<g class="mark"><title>{escape(f"{one.number}: {one.words}")}</title><rect {_box(one.area)}/>'
        f'<circle cx="{x:g}" cy="{y:g}" r="6"/><text x="{x:g}" y="{y + 3:g}">{one.number}</text></g>'
    )


def _box(area: Area) -> str:
    return f'x="{area.x:g}" y="{area.y:g}" width="{area.width:g}" height="{area.height:g}"'


def _text(one: Text, style: str) -> str:
    return f'<text class="{style}" x="{one.x:g}" y="{one.y:g}">{escape(one.words)}</text>'
