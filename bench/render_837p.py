"""
An 837P from claims in memory, one set a claim, beside three libraries that write X12.

No peer builds a claim, so they are given more: pyx12's and node-x12's writers get the finished segments, x12sdk the
finished models, and all only write them out. Ours starts from the claim. All write a hundred different claims over
and over.
"""

import io
import json
from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import cycle, islice

from bench import Case
from bench.node import IS_HERE, node_x12
from include.claims.model import Claim
from include.claims.parties import PersonName
from include.x12.write_837p import write_837p
from tests.builders import a_claim, a_dependent_claim, a_subscriber, an_envelope, lines

TITLE = "837P rendering, one set a claim, one thread"

_DIFFERENT = 100


def different_claims(line_count: int) -> list[Claim]:
    """Return the different claims, every other one of a dependant."""
    made = []
    for number in range(_DIFFERENT):
        name = PersonName(last=f"EXAMPLE{number}", first="TESTINA")
        subscriber = a_subscriber(name=name, member_id=f"XYZ{number:09d}")
        build = a_dependent_claim if number % 2 else a_claim
        # A claim read from a ledger shares no object with the next one.
        billing = replace(a_claim().billing)
        made.append(replace(build(subscriber=subscriber), billing=billing, lines=lines(line_count)))
    return made


def numbered(claims: list[Claim], size: int) -> Iterator[tuple[int, str, Claim]]:
    """Return so many claims over and over, each with a number of its own."""
    over_and_over = cycle(claims)
    return ((number, f"CN{number:012d}", next(over_and_over)) for number in range(1, size + 1))


def _segments(line_count: int) -> list[str]:
    text = write_837p(an_envelope(), numbered(different_claims(line_count), _DIFFERENT)).content.decode()
    return text.split("~")[:-1]


def _ours(line_count: int) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        claims = different_claims(line_count)
        return lambda: write_837p(an_envelope(), numbered(claims, size))

    return prepare


def _pyx12(line_count: int) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        from pyx12.segment import Segment
        from pyx12.x12file import X12Writer

        segments = [Segment(f"{raw}~", "~", "*", ":") for raw in _segments(line_count)]
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

    return prepare


def _x12sdk(line_count: int) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        from x12sdk.io import X12ModelReader, write_transactions

        with X12ModelReader("".join(f"{segment}~" for segment in _segments(line_count))) as reader:
            models = list(reader.models())
        given = {"sender_id": "731234567", "receiver_id": "330897513", "usage_indicator": "P"}
        return lambda: write_transactions(islice(cycle(models), size), **given)

    return prepare


def _node_x12(line_count: int) -> Callable[[int], Callable[[], object]]:
    def prepare(size: int) -> Callable[[], object]:
        header, group, *rest = [segment.split("*")[1:] for segment in _segments(line_count)]
        sets: list[list[list[str]]] = []
        for segment in [one.split("*") for one in _segments(line_count)[2 : 2 + len(rest)]]:
            if segment[0] == "ST":
                sets.append([])
            if segment[0] not in {"SE", "GE", "IEA"}:
                sets[-1].append(segment)
        given = json.dumps({"header": header, "group": group, "sets": sets})
        return node_x12("node_x12.cjs", f"{line_count}.json", given, str(size))

    return prepare


_PEERS = (
    ("Claim Courier, from claims", _ours),
    ("pyx12 X12Writer, from segments", _pyx12),
    ("x12sdk, from ready models", _x12sdk),
    *((("node-x12, from segments", _node_x12),) if IS_HERE else ()),
)
CASES = tuple(
    Case(name=name, group=f"{count} line{'s' if count > 1 else ''} a claim", sizes=(5_000, 100_000), prepare=of(count))
    for count in (1, 6)
    for name, of in _PEERS
)
