"""
An 837P from claims in memory, one set a claim, beside two libraries that write X12.

Neither peer builds a claim, so they are given more: pyx12's writer gets the finished segments, x12sdk the finished
models, and both only write them out. Ours starts from the claim. All write a hundred different claims over and over.
"""

import io
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, islice

from bench import Case
from include.claims.model import Claim
from include.claims.parties import PersonName
from include.x12.write_837p import write_837p
from tests.builders import a_claim, a_dependent_claim, a_subscriber, an_envelope

TITLE = "837P rendering, one-line claims, one set a claim, one thread"

_DIFFERENT = 100


def _claims() -> list[Claim]:
    """Return the different claims, every other one of a dependant."""
    made = []
    for number in range(_DIFFERENT):
        name = PersonName(last=f"EXAMPLE{number}", first="TESTINA")
        subscriber = a_subscriber(name=name, member_id=f"XYZ{number:09d}")
        build = a_dependent_claim if number % 2 else a_claim
        # A claim read from a ledger shares no object with the next one.
        made.append(replace(build(subscriber=subscriber), billing=replace(a_claim().billing)))
    return made


def _numbered(claims: list[Claim], size: int) -> Iterator[tuple[int, str, Claim]]:
    over_and_over = cycle(claims)
    return ((number, f"CN{number:012d}", next(over_and_over)) for number in range(1, size + 1))


def _ours(size: int) -> Callable[[], object]:
    claims = _claims()
    return lambda: write_837p(an_envelope(), _numbered(claims, size))


def _pyx12(size: int) -> Callable[[], object]:
    from pyx12.segment import Segment
    from pyx12.x12file import X12Writer

    text = write_837p(an_envelope(), _numbered(_claims(), _DIFFERENT)).content.decode()
    segments = [Segment(f"{raw}~", "~", "*", ":") for raw in text.split("~")[:-1]]
    # SE, GE and IEA it writes by itself.
    head, body = segments[:2], [one for one in segments[2:] if one.get_seg_id() not in {"SE", "GE", "IEA"}]
    a_hundred = len(body)

    def work() -> object:
        out = io.StringIO()
        writer = X12Writer(out, "~", "*", ":", "", "^")
        for segment in (*head, *islice(cycle(body), a_hundred * size // _DIFFERENT)):
            if segment.get_seg_id() == "ST" and len(writer.loops) > 2:
                writer._popToLoop("ST")  # noqa: SLF001 - what Write does on an SE
            writer.Write(segment)
        writer.close()
        return out.getvalue()

    return work


def _x12sdk(size: int) -> Callable[[], object]:
    from x12sdk.io import X12ModelReader, write_transactions

    text = write_837p(an_envelope(), _numbered(_claims(), _DIFFERENT)).content.decode()
    with X12ModelReader(text) as reader:
        models = list(reader.models())

    def work() -> object:
        return write_transactions(
            islice(cycle(models), size),
            sender_id="731234567",
            receiver_id="330897513",
            usage_indicator="P",
        )

    return work


CASES = (
    Case(name="Claim Courier, from claims", sizes=(5_000, 100_000), prepare=_ours),
    Case(name="pyx12 X12Writer, from segments", sizes=(5_000, 100_000), prepare=_pyx12),
    Case(name="x12sdk, from ready models", sizes=(5_000, 100_000), prepare=_x12sdk),
)
