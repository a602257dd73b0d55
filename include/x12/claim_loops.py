"""
The segments of an 837P sorted into its loops, claim by claim, before anybody makes sense of them.

A claim inherits what stands above it (billing provider, subscriber, payer, patient) until a new level replaces it.
"""

from dataclasses import dataclass, field
from typing import Final

from include.claims.errors import BadFile
from include.x12.interchange import Segment

_LOOP_OF_NAME: Final = {
    "41": "1000A", "40": "1000B", "85": "2010AA", "87": "2010AB", "PE": "2010AC", "IL": "2010BA", "PR": "2010BB",
    "QC": "2010CA",
}  # fmt: skip
_LEVELS: Final = {"20": "2000A", "22": "2000B", "23": "2000C"}
_BELOW: Final = {
    "2000A": ("2010AA", "2010AB", "2010AC", "2000B", "2010BA", "2010BB", "2000C", "2010CA"),
    "2000B": ("2010BA", "2010BB", "2000C", "2010CA"),
    "2000C": ("2010CA",),
}
_FRAME: Final = frozenset({"ISA", "GS", "ST", "BHT"})
_ENDS: Final = frozenset({"SE", "GE", "IEA"})
_BY_QUALIFIER: Final = frozenset({"REF", "DTP", "PER", "HI", "AMT", "CRC"})


class Loop(dict[str, list[Segment]]):
    """
    A loop's segments by id, in order, with the qualifier where the guide tells them apart by it: `NM1`, `REF*G1`.

    The loops below it that stand for a person or place hang at it by NM101, `82` who rendered.
    """

    __slots__ = ("parties",)

    def __init__(self) -> None:
        super().__init__()
        self.parties: dict[str, Loop] = {}

    def first(self, key: str) -> Segment | None:
        """Return the first segment of this name, if any."""
        found = self.get(key)
        return found[0] if found else None

    def value(self, key: str, position: int) -> str:
        """Return an element of the first segment of this name, blank where there is none."""
        found = self.get(key)
        return found[0].get(position) if found else ""

    def keep(self, segment: Segment) -> None:
        """Put a segment in."""
        key = segment.elements[0]
        if key in _BY_QUALIFIER:
            key = f"{key}*{segment.parts(1)[0]}"
        self.setdefault(key, []).append(segment)


NO_LOOP: Final = Loop()


@dataclass(slots=True)
class LineLoops:
    """One service line: its own segments with its people, its drug and what other payers made of it."""

    own: Loop
    drug: Loop | None = None  # 2410
    adjudications: list[Loop] = field(default_factory=list)  # 2430


@dataclass(slots=True)
class ClaimLoops:
    """One claim's segments by loop, ready to be made sense of."""

    above: dict[str, Loop]  # 1000A to 2010CA
    claim: Loop  # 2300, with the people of 2310
    head: Segment  # CLM
    frame: dict[str, Segment]  # ISA, GS, ST, BHT
    other_payers: list[Loop] = field(default_factory=list)  # 2320, with 2330
    lines: list[LineLoops] = field(default_factory=list)  # 2400


class LoopReader:
    """Sorts segments into loops; a claim is complete when something else begins."""

    def __init__(self) -> None:
        self._frame: dict[str, Segment] = {}
        self._above: dict[str, Loop] = {}
        self._open: ClaimLoops | None = None
        self._loop = Loop()

    def take(self, segment: Segment) -> ClaimLoops | None:
        """Sort in one segment; return the claim it ends, if any."""
        name = segment.elements[0]
        ended = None
        if name in {"CLM", "HL", "SE"}:
            ended, self._open = self._open, None
        if name in _FRAME:
            self._start(segment)
        elif name == "HL":
            self._level(segment)
        elif name == "CLM":
            self._claim(segment)
        elif self._open is not None:
            self._in_claim(self._open, segment)
        elif name not in _ENDS:
            self._above_claim(segment)
        return ended

    def _start(self, segment: Segment) -> None:
        if segment.id == "ST" and segment.get(1) != "837":
            raise BadFile(f"segment {segment.number}: ST01 is not 837, the set is of another kind")
        if segment.id == "ST":
            self._above = {}
            self._loop = Loop()
        self._frame = {**self._frame, segment.id: segment}

    def _level(self, segment: Segment) -> None:
        loop = _LEVELS.get(segment.get(3), "")
        for below in _BELOW.get(loop, ()):
            self._above.pop(below, None)
        self._loop = self._above[loop] = Loop()
        self._loop.keep(segment)

    def _claim(self, segment: Segment) -> None:
        self._loop = Loop()
        self._loop.keep(segment)
        self._open = ClaimLoops(dict(self._above), self._loop, segment, self._frame)

    def _in_claim(self, claim: ClaimLoops, segment: Segment) -> None:
        opens = _OPENS.get(segment.elements[0])
        if opens is not None:
            self._loop = opens(claim, segment)
        self._loop.keep(segment)

    def _above_claim(self, segment: Segment) -> None:
        if segment.id == "NM1":
            self._loop = self._above[_LOOP_OF_NAME.get(segment.get(1), "other")] = Loop()
        self._loop.keep(segment)


def _open_line(claim: ClaimLoops, _segment: Segment) -> Loop:
    line = LineLoops(Loop())
    claim.lines.append(line)
    return line.own


def _open_other_payer(claim: ClaimLoops, _segment: Segment) -> Loop:
    loop = Loop()
    claim.other_payers.append(loop)
    return loop


def _open_party(claim: ClaimLoops, segment: Segment) -> Loop:
    """2420 in a line, 2330 in another payer, 2310 in the claim."""
    home = claim.other_payers[-1] if claim.other_payers else claim.claim
    if claim.lines:
        home = claim.lines[-1].own
    loop = Loop()
    home.parties.setdefault(segment.get(1), loop)
    return loop


def _open_drug(claim: ClaimLoops, _segment: Segment) -> Loop:
    loop = Loop()
    if claim.lines:
        claim.lines[-1].drug = loop
    return loop


def _open_adjudication(claim: ClaimLoops, _segment: Segment) -> Loop:
    loop = Loop()
    if claim.lines:
        claim.lines[-1].adjudications.append(loop)
    return loop


def _open_form(_claim: ClaimLoops, _segment: Segment) -> Loop:
    """2440, which is read over."""
    return Loop()


_OPENS: Final = {
    "LX": _open_line,
    "SBR": _open_other_payer,
    "NM1": _open_party,
    "LIN": _open_drug,
    "SVD": _open_adjudication,
    "LQ": _open_form,
}
"""What opens a loop below a claim."""
