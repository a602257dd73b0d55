"""
The frame every X12 file has: interchange, group, set, and the counts that prove nothing is missing.

Readers take their segments from here; what is cut or miscounted raises BadFile with the segment's number, so that
nobody acts on half a file.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Final, NamedTuple

from include.claims.errors import BadFile
from include.x12.segments import Delimiters, read_runs


class Segment(NamedTuple):
    """A segment with where it stands."""

    elements: list[str]
    delimiters: Delimiters
    number: int  # in the file, from 1
    in_set: int  # in its ST..SE, ST being 1; 0 outside

    @property
    def id(self) -> str:
        """The segment's name, `CLM`."""
        return self.elements[0]

    def get(self, position: int) -> str:
        """Return an element by its number in the guide, blank where it was not sent."""
        return self.elements[position] if position < len(self.elements) else ""

    def parts(self, position: int) -> list[str]:
        """Return the components of an element."""
        return self.get(position).split(self.delimiters.component)

    def whole_number(self, position: int) -> int:
        """Return an element that must be a whole number; the message never shows what stood there."""
        return whole_number(self.get(position), f"segment {self.number}: {self.id}{position:02d}")


def whole_number(text: str, place: str) -> int:
    """Return a whole number of at most ten digits; raise BadFile with the place, never with the text."""
    if not text.isascii() or not text.isdigit() or len(text) > 10:
        raise BadFile(f"{place} is not a whole number")
    return int(text)


def place_in_set(set_number: str, segment: int) -> str:
    """Return where in a set something stands; without its ST02 where that is no number, for it could be anything."""
    named = f"set {set_number}, " if set_number.isascii() and set_number.isdigit() and len(set_number) <= 9 else ""
    return f"{named}segment {segment}"


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenSet:
    """A set whose own frame does not hold: its count or its number is wrong."""

    set_number: str  # ST02
    segment: int  # in its ST..SE
    message: str


def framed(chunks: Iterable[str], broken: list[BrokenSet] | None = None) -> Iterator[Segment]:
    """
    Yield every segment of a file, its frame checked: an SE, GE or IEA comes out only if its counts agree.

    A set that is miscounted raises BadFile too, unless a list is given to gather such sets in.
    """
    frame = Frame(broken)
    number = 0
    for segments, delimiters in read_runs(chunks):
        for segment in segments:
            number += 1
            elements = segment.split(delimiters.element)
            if frame.set_at and elements[0] not in CHECKS:
                # Nearly every segment comes this way, and what it costs is what reading costs: no call of ours.
                yield tuple.__new__(Segment, (elements, delimiters, number, number - frame.set_at + 1))
            else:
                yield frame.place(elements, delimiters, number)
    frame.finish(number)


class Frame:
    """Knows which ISA, GS and ST are open and what was counted in each."""

    def __init__(self, broken: list[BrokenSet] | None) -> None:
        self._broken = broken
        self._open: list[Segment] = []  # ISA, GS, ST
        self._groups = self._sets = 0
        self.set_at = 0  # the number of the ST that is open; 0 outside a set

    def place(self, elements: list[str], delimiters: Delimiters, number: int) -> Segment:
        """Return a segment with where it stands; raise BadFile where it may not. Segments of a set may be left out."""
        check = CHECKS.get(elements[0])
        in_set = number - self.set_at + 1 if self.set_at else 0
        depth = len(self._open)
        if depth < 3 and check is None:
            raise BadFile(f"segment {number}: only TA1 and envelope segments may stand here: {_ALLOWED[depth]}")
        if elements[0] == "ST":
            in_set = 1
        segment = Segment(elements, delimiters, number, in_set)
        if check is not None:
            check(self, segment)
        return segment

    def finish(self, last: int) -> None:
        """Raise BadFile where the file ends within its frame."""
        if self._open:
            missing = " and ".join(_END[one.id] for one in reversed(self._open))
            raise BadFile(f"segment {last}: the file ends here, {missing} missing: it is cut")

    def _opens(self, segment: Segment, depth: int) -> None:
        if len(self._open) != depth:
            raise BadFile(f"segment {segment.number}: {segment.id} may not stand here: {_ALLOWED[len(self._open)]}")
        self._open.append(segment)

    def _closes(self, segment: Segment, depth: int) -> Segment:
        if len(self._open) != depth:
            raise BadFile(f"segment {segment.number}: {segment.id} may not stand here: {_ALLOWED[len(self._open)]}")
        return self._open.pop()

    def interchange(self, segment: Segment) -> None:
        """Take an ISA."""
        self._opens(segment, 0)
        self._groups = 0

    def group(self, segment: Segment) -> None:
        """Take a GS."""
        self._opens(segment, 1)
        self._groups += 1
        self._sets = 0

    def start_set(self, segment: Segment) -> None:
        """Take an ST."""
        self._opens(segment, 2)
        self._sets += 1
        self.set_at = segment.number

    def end_set(self, segment: Segment) -> None:
        """Take an SE: its count and number must agree."""
        head = self._closes(segment, 3)
        self.set_at = 0
        counted = segment.in_set
        fault = ""
        if segment.get(1) != str(counted):
            fault = f"SE01 does not say the {counted} segments that were read"
        elif segment.get(2) != head.get(2):
            fault = "SE02 is not the number in ST02"
        if fault and self._broken is None:
            raise BadFile(f"segment {segment.number}: {fault}")
        if fault and self._broken is not None:
            self._broken.append(BrokenSet(set_number=head.get(2), segment=counted, message=fault))

    def end_group(self, segment: Segment) -> None:
        """Take a GE: its count and number must agree."""
        head = self._closes(segment, 2)
        if segment.whole_number(1) != self._sets:
            raise BadFile(f"segment {segment.number}: GE01 does not say the {self._sets} sets that were read")
        if segment.get(2) != head.get(6):
            raise BadFile(f"segment {segment.number}: GE02 is not the group's number in GS06")

    def end_interchange(self, segment: Segment) -> None:
        """Take an IEA: its count and number must agree."""
        head = self._closes(segment, 1)
        if segment.whole_number(1) != self._groups:
            raise BadFile(f"segment {segment.number}: IEA01 does not say the {self._groups} groups that were read")
        if segment.get(2) != head.get(13):
            raise BadFile(f"segment {segment.number}: IEA02 is not the interchange's number in ISA13")

    def answer(self, segment: Segment) -> None:
        """Take a TA1."""
        if len(self._open) != 1:
            raise BadFile(f"segment {segment.number}: a TA1 stands between ISA and GS only")


CHECKS: Final[dict[str, Callable[[Frame, Segment], None]]] = {
    "ISA": Frame.interchange,
    "TA1": Frame.answer,
    "GS": Frame.group,
    "ST": Frame.start_set,
    "SE": Frame.end_set,
    "GE": Frame.end_group,
    "IEA": Frame.end_interchange,
}
_END: Final = {"ISA": "IEA", "GS": "GE", "ST": "SE"}
_ALLOWED: Final = (
    "an ISA opens the file and each interchange",
    "TA1, GS or IEA follow an ISA",
    "ST or GE follow a GS and an SE",
    "an SE ends the set first",
)
