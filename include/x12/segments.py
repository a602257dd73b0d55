"""
X12 as segments: text in, lists of elements out, and back.

The interchange header says which characters separate; nothing is assumed. Streams: a 300 MB file never
becomes a list. Positions are the segment's number in its file, from 1; readers count within ST..SE themselves.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from include.claims.errors import BadFile

ISA_LENGTH = 106
"""The interchange header with its terminator: 105 characters and one (X12.5)."""

_CHUNK = 1 << 16


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The four separators an interchange declares in its ISA."""

    element: str = "*"  # character 4
    repetition: str = "^"  # ISA11
    component: str = ":"  # ISA16
    segment: str = "~"  # after ISA16


def delimiters_of(header: str) -> Delimiters:
    """Return the separators of an ISA segment of 106 characters; raise BadFile where it is not one."""
    if len(header) < ISA_LENGTH or not header.startswith("ISA"):
        raise BadFile("segment 1: an interchange starts with an ISA of 105 characters and a terminator")
    found = Delimiters(element=header[3], repetition=header[82], component=header[104], segment=header[105])
    used = (found.element, found.component, found.segment)
    if len(set(used)) < len(used) or any(mark.isalnum() or mark == " " for mark in used):
        raise BadFile("segment 1: the ISA's separators are not three different marks (characters 4, 105 and 106)")
    return found


def decode(raw: bytes) -> str:
    """Return the text of a file as it comes: UTF-8 with or without byte order mark, else Latin-1."""
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
    buffer = ""
    delimiters: Delimiters | None = None
    for chunk in chunks:
        buffer += chunk
        while True:
            if delimiters is None or buffer.startswith("ISA") or buffer[:1].isspace():
                buffer = buffer.lstrip()
                if buffer[:3] in {"ISA", "IS", "I", ""} and len(buffer) < ISA_LENGTH:
                    break
                if buffer.startswith("ISA"):
                    delimiters = delimiters_of(buffer)
            if delimiters is None:
                raise BadFile("segment 1: an interchange starts with ISA")
            end = buffer.rfind(delimiters.segment) + 1
            # Everything up to the next ISA is under these separators; the rest waits for its own.
            following = buffer.find(delimiters.segment + "ISA", 3)
            newline = min(
                (at for at in (buffer.find(delimiters.segment + e + "ISA", 3) for e in ("\n", "\r\n")) if at > 0),
                default=-1,
            )
            starts = [at for at in (following, newline) if at > 0]
            if starts:
                end = min(end, min(starts) + 1)
            if end == 0:
                break
            head, buffer = buffer[:end], buffer[end:]
            for segment in head.split(delimiters.segment)[:-1]:
                text = segment.strip("\r\n ") if segment[:1] in "\r\n " else segment
                if text:
                    yield text.split(delimiters.element), delimiters
            if not starts:
                break
    rest = buffer.strip()
    if rest:
        if delimiters is None:
            raise BadFile("segment 1: an interchange starts with an ISA of 105 characters and a terminator")
        yield rest.split(delimiters.element), delimiters


def chunks_of(text: str) -> Iterator[str]:
    """Cut a text that is already in memory, so that its segments never are all at once."""
    for start in range(0, len(text), _CHUNK):
        yield text[start : start + _CHUNK]


def join(elements: Iterable[str], delimiters: Delimiters) -> str:
    """Return one segment with its terminator, empty elements at its end dropped."""
    return delimiters.element.join(elements).rstrip(delimiters.element) + delimiters.segment
