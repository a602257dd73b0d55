"""
The 999 (005010X231A1): whether each set of a file was clean enough to be read at all.

It says nothing of the claims themselves. Groups come out only after their interchange was read to its end and
every count agreed. Copies of our own data in IK4 are dropped: they may be a patient's.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, NamedTuple, TypeVar

from include.claims.errors import BadFile
from include.x12.acknowledgement_codes import (
    ELEMENT_FAULTS,
    GROUP_FAULTS,
    SEGMENT_FAULTS,
    SET_FAULTS,
    GroupVerdict,
    SetVerdict,
    words_for,
)
from include.x12.interchange import Segment, framed, whole_number
from include.x12.read_ta1 import InterchangeAnswer, answer_of


@dataclass(frozen=True, slots=True, kw_only=True)
class ElementFault:
    """What is wrong with one element of a segment (IK4)."""

    position: int  # IK401-1
    component: int  # IK401-2, 0 where the element has none
    code: str  # IK403

    @property
    def words(self) -> str:
        """The fault and its place, in plain words."""
        part = f", component {self.component}" if self.component else ""
        return f"element {self.position}{part}: {words_for(ELEMENT_FAULTS, self.code)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentFault:
    """What is wrong with one segment of a set (IK3)."""

    segment_id: str  # IK301
    position: int  # IK302: counted from ST as 1
    loop: str  # IK303, blank where not said
    code: str  # IK304
    control_number: str  # CTX: the claim's CLM01 where the receiver names it
    elements: tuple[ElementFault, ...]

    @property
    def words(self) -> str:
        """The fault and its place, in plain words."""
        loop = f" in {self.loop}" if self.loop else ""
        head = f"segment {self.position} ({self.segment_id}{loop}): {words_for(SEGMENT_FAULTS, self.code)}"
        return "; ".join([head, *(element.words for element in self.elements)])


class SetAnswer(NamedTuple):
    """What the receiver says of one set of ours (AK2 to IK5); a tuple, because a file has thousands."""

    set_number: str  # AK202: our ST02
    verdict: SetVerdict  # IK501
    codes: tuple[str, ...]  # IK502 to IK506
    faults: tuple[SegmentFault, ...]
    segment: int  # where in the answer's file its AK2 stands

    @property
    def all_codes(self) -> tuple[str, ...]:
        """Every code with the element it stood in, `IK304 8 SV1`, `IK403 7`, each once."""
        segments = [f"IK304 {fault.code} {fault.segment_id}" for fault in self.faults]
        elements = [f"IK403 {element.code}" for fault in self.faults for element in fault.elements]
        return tuple(
            dict.fromkeys([f"IK501 {self.verdict}", *(f"IK502 {c}" for c in self.codes), *segments, *elements])
        )

    @property
    def words(self) -> str:
        """Why, in plain words without any data of a patient."""
        return ". ".join([*(fault.words for fault in self.faults), *(words_for(SET_FAULTS, c) for c in self.codes)])


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupAnswer:
    """What the receiver says of one functional group of ours (AK1 to AK9)."""

    answer_number: int  # ISA13 of the answer
    answer_group: int  # GS06 of the answer
    answered_on: str  # GS04 and GS05 of the answer, CCYYMMDDHHMM
    interchange: InterchangeAnswer | None  # the TA1 in front of it
    group_number: int  # AK102: our GS06
    version: str  # AK103: our GS08
    verdict: GroupVerdict  # AK901
    sets_claimed: int  # AK902: GE01 as it stood in our file
    sets_received: int  # AK903
    sets_accepted: int  # AK904
    codes: tuple[str, ...]  # AK905 to AK909
    sets: tuple[SetAnswer, ...]

    @property
    def words(self) -> str:
        """Why the group fared so, in plain words."""
        return ". ".join(words_for(GROUP_FAULTS, code) for code in self.codes)


def read_999(chunks: Iterable[str]) -> Iterator[GroupAnswer]:
    """Yield what a 999 says of each of our groups; raise BadFile with the place where it is cut or contradictory."""
    reading = _Reading()
    for segment in framed(chunks):
        take = _TAKES.get(segment.elements[0])
        if take is not None:
            take(reading, segment)
            if reading.done:
                yield from reading.done
                reading.done.clear()


_Code = TypeVar("_Code", bound=StrEnum)
_SET_VERDICTS: Final = {one.value: one for one in SetVerdict}
_GROUP_VERDICTS: Final = {one.value: one for one in GroupVerdict}


def _verdict(kinds: Mapping[str, _Code], segment: Segment) -> _Code:
    found = kinds.get(segment.get(1))
    if found is None:
        raise BadFile(f"segment {segment.number}: {segment.id}01 is none of {', '.join(kinds)}")
    return found


class _Reading:
    """A 999 being put together: what is open, and what waits for its interchange's end."""

    def __init__(self) -> None:
        self.done: list[GroupAnswer] = []
        self._pending: list[GroupAnswer] = []
        self._answer_number = 0
        self._interchange: InterchangeAnswer | None = None
        self._group_head: Segment | None = None
        self._about: Segment | None = None  # AK1
        self._sets: list[SetAnswer] = []
        self._set: Segment | None = None  # AK2
        self._faults: list[SegmentFault] = []
        self._at: Segment | None = None  # IK3
        self._control_number = ""
        self._elements: list[ElementFault] = []

    def isa(self, segment: Segment) -> None:
        self._answer_number = segment.whole_number(13)
        self._interchange = None

    def ta1(self, segment: Segment) -> None:
        self._interchange = answer_of(segment, self._answer_number)

    def gs(self, segment: Segment) -> None:
        self._group_head = segment

    def st(self, segment: Segment) -> None:
        if segment.get(1) != "999":
            raise BadFile(f"segment {segment.number}: ST01 is not 999, the set is of another kind")
        self._about = self._set = self._at = None

    def ak1(self, segment: Segment) -> None:
        self._about = segment
        self._sets = []

    def ak2(self, segment: Segment) -> None:
        self._refuse_open_set(segment)
        if self._about is None:
            raise BadFile(f"segment {segment.number}: AK2 before the AK1 that names its group")
        self._set = segment
        self._faults = []

    def ik3(self, segment: Segment) -> None:
        self._close_fault()
        if self._set is None:
            raise BadFile(f"segment {segment.number}: IK3 outside an AK2")
        self._at = segment
        self._control_number = ""
        self._elements = []

    def ctx(self, segment: Segment) -> None:
        name, *value = segment.parts(1)
        # Other names come with other values, a member id among them: only the claim's own number is ours to keep.
        if name == "CLM01" and value and value[0].isalnum():
            self._control_number = value[0]

    def ik4(self, segment: Segment) -> None:
        if self._at is None:
            raise BadFile(f"segment {segment.number}: IK4 outside an IK3")
        position, *rest = segment.parts(1)
        place = f"segment {segment.number}: IK401"
        component = whole_number(rest[0], place) if rest and rest[0] else 0
        self._elements.append(
            ElementFault(position=whole_number(position, place), component=component, code=segment.get(3))
        )

    def ik5(self, segment: Segment) -> None:
        self._close_fault()
        if self._set is None:
            raise BadFile(f"segment {segment.number}: IK5 outside an AK2")
        self._sets.append(
            SetAnswer(
                set_number=self._set.get(2),
                verdict=_verdict(_SET_VERDICTS, segment),
                codes=tuple(filter(None, segment.elements[2:7])),
                faults=tuple(self._faults),
                segment=self._set.number,
            )
        )
        self._set = None

    def ak9(self, segment: Segment) -> None:
        self._refuse_open_set(segment)
        if self._about is None or self._group_head is None:
            raise BadFile(f"segment {segment.number}: AK9 before the AK1 that names its group")
        answer = GroupAnswer(
            answer_number=self._answer_number,
            answer_group=self._group_head.whole_number(6),
            answered_on=self._group_head.get(4) + self._group_head.get(5),
            interchange=self._interchange,
            group_number=self._about.whole_number(2),
            version=self._about.get(3),
            verdict=_verdict(_GROUP_VERDICTS, segment),
            sets_claimed=segment.whole_number(2),
            sets_received=segment.whole_number(3),
            sets_accepted=segment.whole_number(4),
            codes=tuple(filter(None, segment.elements[5:10])),
            sets=tuple(self._sets),
        )
        _refuse_contradiction(answer, segment)
        self._pending.append(answer)
        self._about = None

    def se(self, segment: Segment) -> None:
        self._refuse_open_set(segment)
        if self._about is not None:
            raise BadFile(f"segment {segment.number}: the set ends without the AK9 of its group")

    def iea(self, _segment: Segment) -> None:
        self.done, self._pending = self._pending, []

    def _close_fault(self) -> None:
        if self._at is None:
            return
        self._faults.append(
            SegmentFault(
                segment_id=self._at.get(1),
                position=self._at.whole_number(2),
                loop=self._at.get(3),
                code=self._at.get(4),
                control_number=self._control_number,
                elements=tuple(self._elements),
            )
        )
        self._at = None

    def _refuse_open_set(self, segment: Segment) -> None:
        if self._set is not None:
            raise BadFile(
                f"segment {segment.number}: {segment.id} before the IK5 of the AK2 in segment {self._set.number}"
            )


def _refuse_contradiction(answer: GroupAnswer, segment: Segment) -> None:
    """Raise BadFile where the counts belie the list: a 999 may leave sets out, but not more than it counts."""
    listed = len(answer.sets)
    accepted = sum(one.verdict.is_accepted for one in answer.sets)
    if listed > answer.sets_received or answer.sets_accepted > answer.sets_received:
        raise BadFile(f"segment {segment.number}: AK903 says fewer sets than are listed or accepted")
    if listed == answer.sets_received and accepted != answer.sets_accepted:
        raise BadFile(f"segment {segment.number}: AK904 does not say the {accepted} sets whose IK5 accepts them")


_TAKES: Final[dict[str, Callable[[_Reading, Segment], None]]] = {
    "ISA": _Reading.isa, "TA1": _Reading.ta1, "GS": _Reading.gs, "ST": _Reading.st, "AK1": _Reading.ak1,
    "AK2": _Reading.ak2, "IK3": _Reading.ik3, "CTX": _Reading.ctx, "IK4": _Reading.ik4, "IK5": _Reading.ik5,
    "AK9": _Reading.ak9, "SE": _Reading.se, "IEA": _Reading.iea,
}  # fmt: skip
