"""A remittance's archive is opened with bounds; whatever is odd about it is refused with the reason."""

import io
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from include.claims.errors import BadFile
from include.officeally import era_zip
from include.officeally.era_zip import open_era_zip
from tests.strategies import EXAMPLES

pytestmark = pytest.mark.pure

NAME = "1026347812_ERA_835_5010_20260312.835"
TWIN = "1026347812_ERA_STATUS_5010_20260312.txt"
CONTENT = b"ISA*00*" + bytes(range(256)) * 9


def a_zip(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    """Return an archive of these members."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, compress_type=method)
    return out.getvalue()


def patched(raw: bytes, *, central: int, local: int, value: bytes) -> bytes:
    """Return an archive with bytes of its first member's two headers changed."""
    made = bytearray(raw)
    at = raw.index(b"PK\x01\x02") + central
    made[at : at + len(value)] = value
    made[local : local + len(value)] = value
    return bytes(made)


@pytest.mark.parametrize("method", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED])
def test_the_835_and_its_twin_come_out(method):
    """The 835 is returned whole, at once or in pieces; the print report is there where asked for."""
    opened = open_era_zip(a_zip({NAME: CONTENT, TWIN: b"CHECK 1"}, method))

    assert (NAME, len(CONTENT)) == (opened.name, opened.size)
    assert CONTENT == opened.remittance() == b"".join(opened.chunks())
    assert b"CHECK 1" == opened.print_report()


def test_the_twin_may_be_missing_or_empty():
    """Only the 835 matters."""
    assert b"" == open_era_zip(a_zip({NAME: CONTENT})).print_report()
    assert CONTENT == open_era_zip(a_zip({TWIN: b"", NAME.upper(): CONTENT})).remittance()


def test_nothing_of_the_content_is_in_a_repr():
    """A remittance names patients."""
    assert "ISA" not in repr(open_era_zip(a_zip({NAME: CONTENT, TWIN: b"CHECK 1"})))


@pytest.mark.parametrize(
    ("raw", "message"),
    [
        (b"", "not a zip file, or damaged"),
        (b"ISA*00*", "not a zip file, or damaged"),
        (a_zip({}), "exactly one member ending in .835 is expected, 0 are there"),
        (a_zip({TWIN: b"x"}), "exactly one member ending in .835 is expected, 0 are there"),
        (a_zip({NAME: CONTENT, "2" + NAME: CONTENT}), "exactly one member ending in .835 is expected, 2 are there"),
        (a_zip({NAME: CONTENT, TWIN: b"x", "b.txt": b"x"}), "more than 2 members"),
        (a_zip({f"{n}.835": b"x" for n in range(500)}), "more than 2 members"),
        (a_zip({NAME: CONTENT, "setup.exe": b"MZ"}), "member 2: neither .835 nor .txt"),
        (a_zip({NAME: b""}), "member 1: it is empty"),
        (a_zip({f"../{NAME}": CONTENT}), "member 1: its name is a path"),
        (a_zip({f"in/{NAME}": CONTENT}), "member 1: its name is a path"),
        (a_zip({f"/etc/{NAME}": CONTENT}), "member 1: its name is a path"),
        (a_zip({"folder/": b""}), "member 1: its name is a path"),
        (a_zip({f"C:{NAME}": CONTENT}), "member 1: its name is a path"),
        (a_zip({"..\\a.835": CONTENT}), "member 1: its name is a path"),
        (a_zip({"a\n.835": CONTENT}), "member 1: its name is a path, or holds marks"),
        (a_zip({"a\u202e.835": CONTENT}), "member 1: its name is a path, or holds marks"),
        (a_zip({NAME: CONTENT}, zipfile.ZIP_BZIP2), "compressed in a way remittances are not"),
        (a_zip({NAME: CONTENT}, zipfile.ZIP_LZMA), "compressed in a way remittances are not"),
        (a_zip({NAME: b"0" * (2 << 20)}), "more than 200 times its size"),
        (patched(a_zip({NAME: CONTENT}), central=8, local=6, value=b"\x01\x00"), "it is encrypted"),
        (patched(a_zip({NAME: CONTENT}), central=24, local=22, value=b"\x00\x00\x00\x40"), "larger than"),
    ],
)  # fmt: skip
def test_an_odd_archive_is_refused(raw, message):
    """Each with its own reason, before anything is unpacked."""
    with pytest.raises(BadFile, match=message):
        open_era_zip(raw)


def test_an_archive_too_large_is_not_even_opened(monkeypatch):
    """Its size alone is enough."""
    monkeypatch.setattr(era_zip, "LARGEST_ARCHIVE", 100)

    with pytest.raises(BadFile, match="larger than 100 bytes"):
        open_era_zip(a_zip({NAME: CONTENT}))


def test_a_size_that_lies_gives_no_more_than_it_says():
    """A member that says it is small and unpacks to much is cut at what it said, and its checksum gives it away."""
    bomb = patched(a_zip({NAME: b"0" * (2 << 20)}), central=24, local=22, value=(1000).to_bytes(4, "little"))

    with pytest.raises(BadFile, match="the member is damaged"):
        open_era_zip(bomb).remittance()


@pytest.mark.parametrize("value", [b"\xff\xff\x0f\x00", b"\x00\x00\x00\x01"])
def test_a_size_that_says_too_much_is_noticed(value):
    """A member that ends before its size is not taken for whole."""
    longer = patched(a_zip({NAME: CONTENT}, zipfile.ZIP_STORED), central=24, local=22, value=value)

    with pytest.raises(BadFile, match=r"damaged|shorter|more than"):
        open_era_zip(longer).remittance()


def test_a_flipped_bit_is_noticed():
    """The checksum is looked at before the last piece is believed."""
    raw = bytearray(a_zip({NAME: CONTENT}, zipfile.ZIP_STORED))
    raw[raw.index(b"ISA")] ^= 1

    with pytest.raises(BadFile, match="the member is damaged"):
        open_era_zip(bytes(raw)).remittance()


@settings(max_examples=EXAMPLES * 4)
@given(at=st.integers(0, 2600), noise=st.binary(min_size=1, max_size=8), cut=st.booleans())
def test_no_damage_makes_it_crash(at, noise, cut):
    """A damaged archive is unpacked or refused with BadFile; nothing else comes out."""
    raw = a_zip({NAME: CONTENT, TWIN: b"CHECK 1"})
    at %= len(raw)

    with suppress(BadFile):
        opened = open_era_zip(raw[:at] + noise + (b"" if cut else raw[at + len(noise) :]))
        opened.remittance()
        opened.print_report()
