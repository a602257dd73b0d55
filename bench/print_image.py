"""
A print image from claims in memory, beside the same fields drawn one character at a time.

No library we know writes print images from claims. The peer is what one would write first: a grid of characters a
page, a loop over every letter; it takes its texts from ours, so what is compared is the drawing alone.
"""

from collections.abc import Callable

from bench import Case
from bench.render_837p import different_claims, numbered
from include.claims.model import Claim
from include.hcfa.form import pages
from include.hcfa.layout import GRID_A, PAGE_LINES, places
from include.hcfa.print_image import write_print_image

TITLE = "Print image, one form a claim, one thread"


def _ours(line_count: int) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        claims = different_claims(line_count)
        return lambda: write_print_image(numbered(claims, size), GRID_A)

    return prepare


def _naive(line_count: int) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        claims = different_claims(line_count)
        return lambda: b"\f".join(_drawn(claim, number) for _, number, claim in numbered(claims, size))

    return prepare


def _drawn(claim: Claim, control_number: str) -> bytes:
    (page,) = pages(claim, control_number, GRID_A)
    grid = [[" "] * GRID_A.columns for _ in range(PAGE_LINES)]
    for name, text in page.items():
        line, column, width, is_right = places(GRID_A)[name]
        start = column + width - len(text) if is_right else column
        for at, letter in enumerate(text, start):
            grid[line][at] = letter
    return "".join(f"{''.join(row).rstrip()}\r\n" for row in grid).encode()


CASES = tuple(
    Case(name=name, group=f"{count} line{'s' if count > 1 else ''} a claim", sizes=(5_000, 100_000), prepare=of(count))
    for count in (1, 6)
    for name, of in (("Claim Courier, from claims", _ours), ("a grid of characters", _naive))
)
