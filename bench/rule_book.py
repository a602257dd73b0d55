"""
The rule book over claims in memory, beside pyx12's full validation of their 837P.

No library we know asks a payer's rules of a claim. pyx12 is the nearest: it holds a finished file against the guide's
maps, structure and code lists, one set a claim. It sees less of what the rules see and more of the segments, so the
ratio says what a look costs, not who looks better.
"""

import io
import logging
from collections.abc import Callable

from bench import Case
from bench.render_837p import different_claims, numbered
from include.claims.scrub import NO_BOOK
from include.x12.write_837p import write_837p
from tests.builders import TODAY, an_envelope

TITLE = "Rule book, every rule, one thread"

_OURS = "Claim Courier, all rules"
_PYX12 = "pyx12, validation of the file"


def _ours(line_count: int) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        claims = different_claims(line_count)

        def work() -> object:
            blocked = sum(
                any(fault.blocks for fault in NO_BOOK.faults(NO_BOOK.as_payer_wants(claim), TODAY))
                for _, _, claim in numbered(claims, size)
            )
            assert not blocked
            return blocked

        return work

    return prepare


def _pyx12(line_count: int) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        import pyx12.params
        import pyx12.x12n_document

        logging.getLogger("pyx12").setLevel(logging.CRITICAL)
        text = write_837p(an_envelope(), numbered(different_claims(line_count), size)).content.decode()

        def work() -> object:
            return pyx12.x12n_document.x12n_document(
                pyx12.params.params(), io.StringIO(text), fd_997=None, fd_html=None
            )

        return work

    return prepare


CASES = tuple(
    Case(name=name, group=f"{count} line{'s' if count > 1 else ''} a claim", sizes=sizes, prepare=of(count))
    for count in (1, 6)
    for name, sizes, of in ((_OURS, (1_000, 5_000, 100_000), _ours), (_PYX12, (1_000,), _pyx12))
)
