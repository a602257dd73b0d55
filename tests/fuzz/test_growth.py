"""
What a reader costs grows with the file and no faster, whatever is repeated in it; a bomb costs nothing.

Not marked pure, as it takes half a minute.
"""

import os
import time
import tracemalloc
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from functools import partial

import pytest

from include.claims.errors import ClaimsError
from include.delivery.remittances import remittance_of
from include.x12.read_277 import read_277
from include.x12.read_837p import read_837p
from include.x12.segments import ISA_LENGTH, chunks_of, decode
from tests.fuzz import seeds
from tests.fuzz.readers import NAMED, READERS, Reader

LARGE, SAMPLES = (1_000_000, 3) if os.environ.get("COURIER_LONG") else (100_000, 1)
SLOW_SECONDS = 1
"""Below it a ratio says nothing."""

NOT_OF_LINES = {"era-zip", "names"}


def cost(reader: Reader, raw: bytes) -> float:
    """Return the seconds a file takes."""
    begun = time.process_time()
    with suppress(ClaimsError):
        reader.read(raw)
    return time.process_time() - begun


def repeated(raw: bytes) -> Iterator[Callable[[int], bytes]]:
    """Yield, for each segment or line of its own kind, what repeats it in its place up to a size."""
    end = raw[ISA_LENGTH - 1 : ISA_LENGTH] if raw.startswith(b"ISA") else b"\n"
    parts = [part + end for part in raw.split(end)]
    kinds = {part.strip()[:3]: at for at, part in enumerate(parts)}
    for at in kinds.values():
        yield partial(_repeat, b"".join(parts[: at + 1]), parts[at], b"".join(parts[at + 1 :]))


def _repeat(before: bytes, part: bytes, after: bytes, size: int) -> bytes:
    return before + part * (size // len(part)) + after


@pytest.mark.slow
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("reader", [one for one in READERS if one.name not in NOT_OF_LINES], ids=lambda one: one.name)
def test_nothing_that_is_repeated_grows_out_of_hand(reader):
    """Four times as much of any one segment or line takes less than ten times as long."""
    for raw in reader.seeds()[:SAMPLES]:
        for grown in repeated(raw):
            large = cost(reader, grown(LARGE))

            assert large < SLOW_SECONDS or large < 10 * cost(reader, grown(LARGE // 4)), grown(0)[-200:]


STREAMS: dict[str, tuple[Callable[[Iterable[str]], Iterable[object]], Callable[[], list[bytes]], str, int]] = {
    "277": (read_277, seeds.statuses, "TRN*2*CN", 8_000),
    "837p": (lambda chunks: read_837p(chunks, []), seeds.claims, "CLM*", 800),
    "postings": (remittance_of, seeds.remittances, "CLP*", 3_000),
}
"""How it is read, sound files, what a claim begins with, and how many of them; the 835 itself has its own test."""


@pytest.mark.parametrize("name", STREAMS)
def test_what_streams_stays_flat(name):
    """Thousands of claims take what a piece of text takes: nothing is kept of those that came out."""
    read, sound, begins, count = STREAMS[name]
    text = decode(sound()[0])
    at = text.index(begins)
    end = text.index("SE*", at)
    chunks = chunks_of(text[:at] + text[at:end] * count + text[end:])

    assert peak_of(lambda: deque(read(chunks), maxlen=0)) < 2_000_000


@pytest.mark.parametrize("name", ["ta1", "answers-999", "answers-277", "answers-file-summary", "answers-edi-status"])
def test_what_is_kept_whole_takes_a_multiple_of_the_file(name):
    """An answer is applied as a whole: whatever is repeated in it, forty times its size is enough."""
    reader = NAMED[name]
    for grown in repeated(reader.seeds()[0]):
        raw = grown(60_000)

        assert peak_of(partial(reader.read, raw)) < 40 * len(raw)


def peak_of(work: Callable[[], object]) -> int:
    """Return the most bytes that some work holds at once."""
    tracemalloc.start()
    try:
        with suppress(ClaimsError):
            work()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def claiming(raw: bytes, size: int) -> bytes:
    """Return an archive that says of its first member that it unpacks to so much."""
    made = bytearray(raw)
    for header, at in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = raw.index(header) + at
        made[place : place + 4] = size.to_bytes(4, "little")
    return bytes(made)


NOUGHTS = seeds.zipped({"1_ERA_835_5010_20260312.835": bytes(32 << 20)})


@pytest.mark.parametrize(
    "bomb",
    [NOUGHTS, claiming(NOUGHTS, 1_000), claiming(NOUGHTS, (1 << 32) - 1), seeds.zipped({"1.835": NOUGHTS})],
    ids=["says it", "says little", "says more", "packed twice"],
)
def test_a_bomb_takes_no_memory(bomb):
    """What unpacks to a thousand times its size is refused by what it says, or cut at it."""
    assert peak_of(lambda: NAMED["era-zip"].read(bomb)) < 1_000_000
