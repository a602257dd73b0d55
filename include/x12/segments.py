"""
X12 as segments: text in, lists of elements out, and back.

The interchange header says which characters separate; nothing is assumed. Streams: a 300 MB file never
becomes a list. Positions are the segment's number in its file, from 1; readers count within ST..SE themselves.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from include.claims.errors import BadFile

ISA_LENGTH = 106
"""The interchange header with its terminator: 105 characters and one (X12.5)."""

LONGEST_SEGMENT = 1 << 20
"""No segment of a healthcare guide comes near; text without any terminator must not fill the memory."""

_CHUNK = 1 << 16
_BLANKS = "\r\n "


class Delimiters(NamedTuple):
    """The four separators an interchange declares in its ISA."""

    element: str = "*"  # character 4
    repetition: str = "^"  # ISA11
    component: str = ":"  # ISA16
    segment: str = "~"  # after ISA16


def delimiters_of(header: str, number: int = 1) -> Delimiters:
    """Return the separators of an ISA segment of 106 characters; raise BadFile where it is not one."""
    if len(header) < ISA_LENGTH or not header.startswith("ISA"):
        raise BadFile(f"segment {number}: an interchange starts with an ISA of 105 characters and a terminator")
    found = Delimiters(element=header[3], repetition=header[82], component=header[104], segment=header[105])
    used = (found.element, found.component, found.segment)
    if len(set(used)) < len(used) or any(mark.isalnum() or mark == " " for mark in used):
        raise BadFile(f"segment {number}: ISA: characters 4, 105 and 106 must be three different marks")
    if header.count(found.element, 0, ISA_LENGTH) != 16:
        raise BadFile(f"segment {number}: ISA: sixteen elements expected, each padded to its fixed width")
    return found


def decode(raw: bytes) -> str:
    """
    Return the text of a file as it comes: UTF-8 with or without byte order mark, else Latin-1.

    Raise BadFile where a NUL stands in it: no answer has one, and no database keeps it.
    """
    if b"\0" in raw:
        raise BadFile(f"byte {raw.index(0)} is a NUL: this is no text; ask for the file again")
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("latin-1")


def read_segments(chunks: Iterable[str]) -> Iterator[tuple[list[str], Delimiters]]:
    """
    Yield every segment as its elements (the id first), with the separators in force.

    Line ends between segments and blanks before an ISA are dropped; each ISA sets the separators anew. Text after
    the last terminator is an unfinished segment and is yielded as it is, so that the caller sees the cut.
    """
    for segments, marks in read_runs(chunks):
        element = marks.element
        for segment in segments:
            yield segment.split(element), marks


def read_runs(chunks: Iterable[str]) -> Iterator[tuple[list[str], Delimiters]]:
    """Yield the same segments uncut, some hundred at a time: for a reader that cannot afford a call for each."""
    cutter = _Cutter()
    for chunk in chunks:
        # However much comes at once: what follows a header is cut anew, which must stay a little at a time.
        for piece in chunks_of(chunk):
            yield from cutter.feed(piece)
    yield from cutter.finish()


class _Cutter:
    """Holds the text whose terminator has not come yet, and the separators in force."""

    def __init__(self) -> None:
        self._rest = ""
        self._at_header = True
        self._marks: Delimiters | None = None
        self._number = 0

    def feed(self, chunk: str) -> Iterator[tuple[list[str], Delimiters]]:
        self._rest += chunk
        while True:
            if self._at_header:
                self._rest = self._rest.lstrip()
                if len(self._rest) < ISA_LENGTH:
                    return
                yield self._header()
            yield self._until_next_header()
            if not self._at_header:
                return

    def _header(self) -> tuple[list[str], Delimiters]:
        self._number += 1
        self._marks = delimiters_of(self._rest, self._number)
        header, self._rest = self._rest[: ISA_LENGTH - 1], self._rest[ISA_LENGTH:]
        self._at_header = False
        return [header], self._marks

    def _until_next_header(self) -> tuple[list[str], Delimiters]:
        marks = self._marks
        assert marks is not None
        text = self._rest
        segments = text.split(marks.segment)
        at = _header_in(segments) if "ISA" in text else None
        if at is not None:
            # The separators of what follows are not known yet: put it back together as it came.
            self._rest = marks.segment.join(segments[at:])
            self._at_header = True
            segments = segments[:at]
        if any(blank in text for blank in _BLANKS):
            segments = [raw.lstrip(_BLANKS) if raw[:1] in _BLANKS else raw for raw in segments]
        if at is not None:
            return self._counted(segments), marks
        self._rest = segments.pop()
        found = self._counted(segments)
        if len(self._rest) > LONGEST_SEGMENT:
            raise BadFile(f"segment {self._number + 1}: no terminator within {LONGEST_SEGMENT} characters")
        return found, marks

    def _counted(self, segments: list[str]) -> list[str]:
        if "" in segments:
            segments = [segment for segment in segments if segment]
        self._number += len(segments)
        return segments

    def finish(self) -> Iterator[tuple[list[str], Delimiters]]:
        rest = self._rest.strip()
        if self._marks is None or (self._at_header and rest):
            delimiters_of(rest, self._number + 1)  # raises: the header is not complete
        elif rest:
            yield [rest], self._marks


def _header_in(segments: list[str]) -> int | None:
    return next((at for at, segment in enumerate(segments) if segment.lstrip(_BLANKS).startswith("ISA")), None)


def chunks_of(text: str) -> Iterator[str]:
    """Cut a text that is already in memory, so that its segments never are all at once."""
    for start in range(0, len(text), _CHUNK):
        yield text[start : start + _CHUNK]


def join(elements: Iterable[str], delimiters: Delimiters) -> str:
    """Return one segment with its terminator, empty elements at its end dropped."""
    return delimiters.element.join(elements).rstrip(delimiters.element) + delimiters.segment
