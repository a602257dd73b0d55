"""Segments come out whole whatever separates them and however the text arrives."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from include.claims.errors import BadFile
from include.x12.segments import LONGEST_SEGMENT, Delimiters, chunks_of, decode, delimiters_of, join, read_segments

pytestmark = pytest.mark.pure

ISA = "ISA*00*          *00*          *ZZ*731234567      *ZZ*330897513      *260306*0915*^*00501*000000042*0*P*:~"
OTHER_ISA = ISA.translate(str.maketrans("*^:~", "|!>\x1d"))


def segments(text: str, size: int = 1000) -> list[list[str]]:
    """Return the elements of every segment of a text that arrives in chunks of a size."""
    return [elements for elements, _ in read_segments(text[at : at + size] for at in range(0, len(text), size))]


def test_the_header_declares_the_separators():
    """Characters 4, 83, 105 and 106 of the ISA are the separators."""
    found = delimiters_of(OTHER_ISA)

    assert Delimiters(element="|", repetition="!", component=">", segment="\x1d") == found


@pytest.mark.parametrize("between", ["", "\n", "\r\n", "\r\n\r\n"])
@pytest.mark.parametrize("size", [1, 7, 106, 1000])
def test_line_ends_and_chunks_do_not_matter(between, size):
    """The same segments come out with any line ends between them and in chunks of any size."""
    text = between.join([ISA, "GS*HC~", "ST*837*0001~", "IEA*1*000000042~"]) + between

    found = segments(text, size)

    assert [["GS", "HC"], ["ST", "837", "0001"], ["IEA", "1", "000000042"]] == found[1:]
    assert 17 == len(found[0])


@pytest.mark.parametrize("between", ["", "\r\n"])
@pytest.mark.parametrize("size", [1, 50, 1000])
def test_each_interchange_brings_its_own_separators(between, size):
    """A second ISA in one file sets the separators anew."""
    text = f"{ISA}TA1*1~{between}{OTHER_ISA}TA1|2\x1d"

    found = segments(text, size)

    assert ["ISA", "TA1", "ISA", "TA1"] == [one[0] for one in found]
    assert ["TA1", "2"] == found[-1]


def test_a_cut_tail_is_yielded_as_it_is():
    """What follows the last terminator comes out, so that a reader sees the cut."""
    assert ["IK5", "R"] == segments(ISA + "AK2*837~IK5*R")[-1]


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("", "an interchange starts with an ISA"),
        ("hello", "an interchange starts with an ISA"),
        (ISA[:80], "an interchange starts with an ISA"),
        ("x" * 200, "an interchange starts with an ISA"),
        (ISA.replace("*", "A"), "must be three different marks"),
        (ISA[:105] + "*", "must be three different marks"),
        (ISA.replace("731234567      ", "731234567") + "~" * 20, "segment 1: ISA"),
    ],
)
def test_what_is_no_interchange_is_refused(text, rule):
    """A file that does not start with a sound ISA raises BadFile with the place and the rule."""
    with pytest.raises(BadFile, match=rule):
        segments(text)


def test_a_bad_second_header_is_named_by_its_number():
    """The message counts segments through the file."""
    with pytest.raises(BadFile, match="segment 3: ISA"):
        segments(f"{ISA}TA1*1~{ISA.replace('          ', ' ')}{'TA1*2~' * 20}")


@pytest.mark.parametrize("size", [1, 61, 1000])
def test_a_header_that_is_cut_is_no_segment(size):
    """A second ISA that never comes whole is refused: its separators are not known."""
    with pytest.raises(BadFile, match="segment 3: an interchange starts with an ISA"):
        segments(f"{ISA}TA1*1~{ISA[:90]}", size)


@pytest.mark.parametrize("size", [1, 61, 1000])
def test_a_second_header_stays_as_it_came(size):
    """A terminator and a line end inside a fixed width of the next ISA are its own: nothing moves."""
    odd = OTHER_ISA.replace("731234567      ", "731234567~\n    ")

    assert "731234567~\n    " == segments(f"{ISA}TA1*1~{odd}TA1|2\x1d", size)[2][6]


def test_text_without_a_terminator_does_not_fill_the_memory():
    """A segment longer than any guide's is refused instead of gathered."""
    endless = ("x" * 65536 for _ in range(LONGEST_SEGMENT))

    with pytest.raises(BadFile, match="segment 2: no terminator"):
        for _ in read_segments(text for part in ([ISA], endless) for text in part):
            pass


def test_bytes_are_read_with_mark_or_accent():
    """UTF-8 with or without byte order mark and Latin-1 all become text."""
    assert ["ISA", "É", "É"] == [decode(b"\xef\xbb\xbfISA"), decode("É".encode()), decode(b"\xc9")]


@given(st.lists(st.text(alphabet="AB1 ", max_size=4), max_size=5))
def test_what_is_joined_splits_into_the_same(values):
    """A segment that was joined reads back as its elements, empty ones at its end dropped."""
    elements = ["REF", *values]

    text = join(elements, Delimiters())

    while not elements[-1]:
        elements.pop()
    assert [elements] == segments(ISA + text)[1:]


def test_a_text_in_memory_is_cut_without_loss():
    """The chunks of a text add up to it."""
    text = "AB" * 100_000

    assert text == "".join(chunks_of(text))
