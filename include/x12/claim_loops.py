"""
The segments of an 837P sorted into its loops, claim by claim, before anybody makes sense of them.

A claim inherits what stands above it (billing provider, subscriber, payer, patient) until a new level replaces it.
"""

from dataclasses import dataclass
from typing import Final

from include.claims.errors import BadFile
from include.x12.interchange import Segment

Loop = dict[str, Segment]
"""A loop's segments by id, with the qualifier where the guide tells them apart by it: `NM1`, `REF*G1`."""

NO_LOOP: Final[Loop] = {}

_LOOP_OF_NAME: Final = {
    "41": "1000A", "40": "1000B", "85": "2010AA", "87": "2010AB", "PE": "2010AC", "IL": "2010BA", "PR": "2010BB",
    "QC": "2010CA", "82": "2310B",
}  # fmt: skip
_LEVELS: Final = {"20": "2000A", "22": "2000B", "23": "2000C"}
_BELOW: Final = {
    "2000A": ("2010AA", "2010AB", "2010AC", "2000B", "2010BA", "2010BB", "2000C", "2010CA"),
    "2000B": ("2010BA", "2010BB", "2000C", "2010CA"),
    "2000C": ("2010CA",),
}
_BY_QUALIFIER: Final = frozenset({"REF", "DTP", "PER", "HI"})


@dataclass(slots=True)
class ClaimLoops:
    """One claim's segments by loop, ready to be made sense of."""

    loops: dict[str, Loop]
    claim: Loop
    lines: list[Loop]
    head: Segment  # CLM
    frame: dict[str, Segment]  # ISA, GS, ST, BHT


class LoopReader:
    """Sorts segments into loops; a claim is complete when something else begins."""

    def __init__(self) -> None:
        self._frame: dict[str, Segment] = {}
        self._loops: dict[str, Loop] = {}
        self._open: ClaimLoops | None = None
        self._loop: Loop = {}

    def take(self, segment: Segment) -> ClaimLoops | None:
        """Sort in one segment; return the claim it ends, if any."""
        name = segment.elements[0]
        ended = None
        if name in {"CLM", "HL", "SE"}:
            ended, self._open = self._open, None
        if name in {"ISA", "GS", "ST", "BHT"}:
            self._start(segment)
        elif name == "HL":
            self._level(segment)
        elif name == "CLM":
            self._claim(segment)
        elif self._open is not None:
            self._in_claim(self._open, segment)
        else:
            self._above_claim(segment)
        return ended

    def _start(self, segment: Segment) -> None:
        if segment.id == "ST" and segment.get(1) != "837":
            raise BadFile(f"segment {segment.number}: ST01 is not 837, the set is of another kind")
        if segment.id == "ST":
            self._loops = {}
            self._loop = {}
        self._frame = {**self._frame, segment.id: segment}

    def _level(self, segment: Segment) -> None:
        loop = _LEVELS.get(segment.get(3), "")
        for below in _BELOW.get(loop, ()):
            self._loops.pop(below, None)
        self._loop = self._loops[loop] = {"HL": segment}

    def _claim(self, segment: Segment) -> None:
        self._loop = {"CLM": segment}
        self._open = ClaimLoops(dict(self._loops), self._loop, [], segment, self._frame)

    def _in_claim(self, claim: ClaimLoops, segment: Segment) -> None:
        if segment.id == "LX":
            self._loop = {}
            claim.lines.append(self._loop)
        elif segment.id in {"NM1", "SBR", "LIN", "SVD", "LQ"}:
            # Of the loops below a claim only 2310B is part of our claim; others are read over.
            loop = "2310B" if segment.get(1) == "82" and not claim.lines else "other"
            self._loop = claim.loops[loop] = {}
        self._keep(segment)

    def _above_claim(self, segment: Segment) -> None:
        if segment.id == "NM1":
            loop = _LOOP_OF_NAME.get(segment.get(1), "other")
            self._loop = self._loops[loop] = {}
        self._keep(segment)

    def _keep(self, segment: Segment) -> None:
        key = segment.id
        if key in _BY_QUALIFIER:
            key = f"{key}*{segment.parts(1)[0]}"
        self._loop.setdefault(key, segment)
