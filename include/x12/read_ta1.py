"""The TA1: whether a whole interchange was taken. Where it was refused, no claim of the file was created."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from include.claims.errors import BadFile
from include.x12.acknowledgement_codes import INTERCHANGE_NOTES, InterchangeVerdict, words_for
from include.x12.interchange import Segment, framed


@dataclass(frozen=True, slots=True, kw_only=True)
class InterchangeAnswer:
    """What the receiver says of one interchange of ours (TA1)."""

    interchange_number: int  # TA101: our ISA13
    verdict: InterchangeVerdict  # TA104
    note: str  # TA105
    answer_number: int  # ISA13 of the answer itself
    segment: int  # where in the answer's file

    @property
    def words(self) -> str:
        """TA105 in plain words."""
        return words_for(INTERCHANGE_NOTES, self.note)


def read_ta1(chunks: Iterable[str]) -> Iterator[InterchangeAnswer]:
    """Yield every TA1 of a file, each after its interchange was read to its end; raise BadFile where it is cut."""
    answer_number = 0
    pending: list[InterchangeAnswer] = []
    for segment in framed(chunks):
        match segment.id:
            case "ISA":
                answer_number = segment.whole_number(13)
            case "TA1":
                pending.append(answer_of(segment, answer_number))
            case "IEA":
                yield from pending
                pending.clear()
            case _:
                pass


def answer_of(segment: Segment, answer_number: int) -> InterchangeAnswer:
    """Return what one TA1 segment says."""
    try:
        verdict = InterchangeVerdict(segment.get(4))
    except ValueError:
        raise BadFile(f"segment {segment.number}: TA104 is none of A, E, R") from None
    return InterchangeAnswer(
        interchange_number=segment.whole_number(1),
        verdict=verdict,
        note=segment.get(5),
        answer_number=answer_number,
        segment=segment.number,
    )
