"""
Whether a file of claims is exactly what we would write: the look at an 837P before it goes.

A file is read, written again from what was read, and the two are compared: a segment lost, doubled, moved or miscounted
cannot come out the same. Values are the rules' matter. Only files of our own making can pass; that is the point.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from typing import Final

from include.claims.errors import BadFile, ClaimsError
from include.x12.interchange import BrokenSet, place_in_set
from include.x12.read_837p import BrokenClaim, ReadClaim, read_837p
from include.x12.segments import chunks_of, read_segments
from include.x12.write_837p import write_837p

_ID: Final = re.compile("[A-Z][A-Z0-9]{1,2}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Deviation:
    """One thing in a file that is not as we write it; holds no patient data."""

    place: str  # `set 0001, segment 22` or `segment 30`
    message: str


def deviations(text: str, claims: list[ReadClaim] | None = None) -> list[Deviation]:
    """Return what is not as we write it, none where the file is sound; its claims are put in `claims`, if given."""
    broken: list[BrokenClaim | BrokenSet] = []
    read: list[ReadClaim] = [] if claims is None else claims
    try:
        read.extend(read_837p(chunks_of(text), broken))
    except BadFile as error:
        return [Deviation(place="file", message=str(error))]
    if broken:
        return [Deviation(place=place_in_set(one.set_number, one.segment), message=one.message) for one in broken]
    if not read:
        return [Deviation(place="file", message="it holds no claim")]
    return [*_repeated_numbers(read), *_differences(text, read)]


def _repeated_numbers(read: list[ReadClaim]) -> Iterator[Deviation]:
    counts = Counter(one.control_number for one in read)
    for one in read:
        if counts[one.control_number] > 1:
            place = place_in_set(one.set_number, one.segment)
            yield Deviation(place=place, message="CLM01 stands on more than one claim")


def _differences(text: str, read: list[ReadClaim]) -> list[Deviation]:
    """Return the first segment that would be written otherwise."""
    per_set = max(Counter(one.set_number for one in read).values())
    numbered = [(position, one.control_number, one.claim) for position, one in enumerate(read, start=1)]
    found = []
    for details_always in (False, True):
        try:
            envelope = read[0].envelope.as_written(claims_per_set=per_set, subscriber_details_always=details_always)
            again = write_837p(envelope, numbered).content.decode()
        except ClaimsError as error:
            return [Deviation(place="file", message=str(error))]
        difference = _first_difference(text, again)
        if difference is None:
            return []
        found.append(difference)
    # The assumption that went further is the right one.
    return [max(found, key=lambda one: one[0])[1]]


def _first_difference(text: str, again: str) -> tuple[int, Deviation] | None:
    ours = (elements for elements, _ in read_segments([again]))
    theirs = (elements for elements, _ in read_segments(chunks_of(text)))
    for position, (found, expected) in enumerate(zip_longest(theirs, ours), start=1):
        if found != expected:
            return position, Deviation(place=f"segment {position}", message=_said(found, expected))
    return None


def _said(found: list[str] | None, expected: list[str] | None) -> str:
    if found is None or expected is None:
        return "the file ends too early" if found is None else f"{_name(found)} stands behind the end"
    if found[0] != expected[0]:
        return f"{_name(found)} stands where {expected[0]} belongs"
    if len(found) != len(expected):
        return f"{found[0]} has {len(found) - 1} elements, {len(expected) - 1} belong there"
    at = next(at for at, pair in enumerate(zip(found, expected, strict=True)) if pair[0] != pair[1])
    return f"{found[0]}{at:02d} is not as it would be written"


def _name(segment: list[str]) -> str:
    """Return a segment's id; where a separator was lost it could be anything."""
    return segment[0] if _ID.fullmatch(segment[0]) else "what is no segment"
