"""
Files as they come broken: one fault, or a few, put into a sound file where a transfer, a program or a person would.

Most damage to an X12 file is followed by putting its counts right again, so that it gets past the frame into the
reader behind; the rest leaves them wrong.
"""

import io
import re
import zipfile
from collections.abc import Callable, Sequence
from random import Random
from typing import Final

from include.x12.segments import ISA_LENGTH
from tests.fuzz.seeds import zipped

ODD: Final = (
    "", "0", "-1", "1", "2", "9" * 10, "9" * 11, "9" * 40, "-.", ".", "+1", "1.2.3", "1E5", "-0", "NaN", "Infinity",
    "٣", "²", "１２", "00000000", "20260230", "20260302", "99999999", "20260302-20260301", "D8", "RD8", "A" * 300,
    "ISA", "\x00", "\x1d", "\x85", "\u2028", "\ufeff", "é", " ", "-", "R", "A", "22", "HC:97153", "::::", "XX", "PR",
    "CO", "QC", "U", "WQ", "A7:54", "A3:33:IL", "837P", "OATEST", "a\nb", "1,234.50", "$1.00", "13/45/2026",
)  # fmt: skip
SEGMENTS: Final = re.split(
    r"\s+",
    """
    ISA GS*HP*A*B*20260306*0930*1*X*005010X221A1 ST*835*0001 ST*999*0001 ST*277*0001 ST*837*0001 SE*2*0001 GE*1*1
    IEA*1*000000042 TA1*000000042*260306*0915*R*025 LX*1 CLP*CN1*1*120*90*0*12*ICN1*12*1 SVC*HC:97155*120*90**4
    CAS*CO*45*30*1*2*3*4 PLB*1*20261231*WO:1*5 NM1*QC*1*A*B****MI*C NM1 HL*1**20*1 HL*2*1*21*1 HL*3*2*19*1 HL*4*3*PT
    HL*4*3*22 TRN*2*CN0001 STC*A7:54*20260307*U*240 REF*1K*ICN0001 REF*6R*L1 DTP*472*RD8*20260302-20260304
    DTM*232*20260302 AK1*HC*42*005010X222A1 AK2*837*0001 IK3*HI*9*2300*8 CTX*CLM01:CN0001 IK4*1:2*1271*7 IK5*R*5
    AK9*P*2*2*1 QTY*90*1 AMT*YU*240 LQ*HE*N54 MOA***N54 CLM*C-1*240***11:B:1*Y*A*Y*Y SV1*HC:97153*120*UN*8***1
    SBR*P*18*******CI SVD*88888*60*HC:97153**8 HI*ABK:F840 LIN**N4*01234567891 CTP****2*ML
    BHT*0019*00*1*20260306*0930*CH BPR*I*90*C*CHK************20260320 *
""".strip(),
)


def damage(raw: bytes, random: Random) -> bytes:
    """Return a file with one fault or a few."""
    for _ in range(random.choice((1, 1, 1, 2, 3, 6))):
        raw = _once(raw, random)
    return raw


def _once(raw: bytes, random: Random) -> bytes:
    if raw[:2] == b"PK" and random.random() < 0.7:
        return _archive(raw, random)
    if random.random() < 0.1:
        return random.choice(_BYTES)(raw, random)
    text = raw.decode("utf-8", "surrogateescape")
    header = text.lstrip("\ufeff \r\n")
    broken = _x12(header, random) if header.startswith("ISA") and len(header) > ISA_LENGTH else _report(text, random)
    return broken.encode("utf-8", "surrogateescape")


# --- bytes ---


def _cut(raw: bytes, random: Random) -> bytes:
    return raw[: random.randint(0, len(raw))]


def _flip(raw: bytes, random: Random) -> bytes:
    made = bytearray(raw or b"x")
    made[random.randrange(len(made))] ^= 1 << random.randrange(8)
    return bytes(made)


def _spill(raw: bytes, random: Random) -> bytes:
    at = random.randint(0, len(raw))
    return raw[:at] + random.randbytes(random.randint(1, 9)) + raw[at + random.choice((0, 1, 9)) :]


def _stutter(raw: bytes, random: Random) -> bytes:
    at, size = random.randint(0, len(raw)), random.randint(1, 80)
    return raw[:at] + raw[at : at + size] * random.choice((2, 3, 50)) + raw[at + size :]


def _encoded(raw: bytes, random: Random) -> bytes:
    text = raw.decode("latin-1")
    return random.choice((
        b"\xef\xbb\xbf" + raw, b"\r\n " + raw, raw + b"\x1a", raw + raw, raw.swapcase(), text.encode("utf-16"),
        text.replace("E", "É").encode(), text.replace("E", "É").encode("latin-1"),
    ))  # fmt: skip


_BYTES: Final = (_cut, _flip, _spill, _stutter, _encoded)

# --- X12 ---


def _x12(text: str, random: Random) -> str:
    element, end = text[3], text[ISA_LENGTH - 1]
    segments = [one.strip("\r\n").split(element) for one in text.split(end)]
    change = random.choice(_SEGMENT_FAULTS if random.random() < 0.4 else _ELEMENT_FAULTS)
    change(segments, element, random)
    if random.random() < 0.75:
        _count(segments)
    broken = (end + random.choice(("", "", "", "\n", "\r\n"))).join(element.join(one) for one in segments)
    if random.random() < 0.05:
        broken = broken.translate(str.maketrans(element + end + ":", "".join(random.sample("|>~*+\x1d\x1e^é", 3))))
    return broken


def _count(segments: list[list[str]]) -> None:
    """Put SE, GE and IEA right."""
    opened: dict[str, tuple[int, str]] = {}
    counts = {"GS": 0, "ST": 0}
    for number, one in enumerate(segments):
        name = one[0]
        if name == "ISA":
            opened[name] = (number, one[13] if len(one) > 13 else "")
            counts["GS"] = 0
        elif name in counts:
            opened[name] = (number, "".join(one[6:7] if name == "GS" else one[2:3]))
            counts[name] += 1
            counts |= {"ST": 0} if name == "GS" else {}
        elif name in _HEADS and (head := opened.get(_HEADS[name])):
            count = number - head[0] + 1 if name == "SE" else counts["ST" if name == "GE" else "GS"]
            one[1:] = [str(count), head[1]]


_HEADS: Final = {"SE": "ST", "GE": "GS", "IEA": "ISA"}
_Fault = Callable[[list[list[str]], str, Random], None]


def _place(segments: Sequence[object], random: Random) -> int:
    return random.randrange(1, max(len(segments), 2))


def _drop(segments: list[list[str]], _element: str, random: Random) -> None:
    at = _place(segments, random)
    del segments[at : at + random.choice((1, 1, 2, 9))]


def _double(segments: list[list[str]], _element: str, random: Random) -> None:
    at, size = _place(segments, random), random.choice((1, 1, 3, 12))
    segments[at:at] = [list(one) for one in segments[at : at + size]] * random.choice((1, 1, 2, 20))


def _move(segments: list[list[str]], _element: str, random: Random) -> None:
    at = _place(segments, random)
    moved = segments[at : at + random.choice((1, 1, 4))]
    del segments[at : at + len(moved)]
    to = _place(segments, random)
    segments[to:to] = moved


def _insert(segments: list[list[str]], element: str, random: Random) -> None:
    found = random.choice(SEGMENTS)
    made = segments[0] if found == "ISA" else found.split("*")
    segments.insert(_place(segments, random), list(made))


def _join(segments: list[list[str]], _element: str, random: Random) -> None:
    at = _place(segments, random)
    if at + 1 < len(segments):
        segments[at : at + 2] = [segments[at] + segments[at + 1]]


_SEGMENT_FAULTS: Final[tuple[_Fault, ...]] = (_drop, _double, _move, _insert, _insert, _join)


def _of_one(change: Callable[[list[str], int, Random], None]) -> _Fault:
    def fault(segments: list[list[str]], _element: str, random: Random) -> None:
        one = segments[_place(segments, random) % len(segments)]
        if len(one) > 1:
            change(one, random.randrange(1, len(one)), random)

    return fault


def _odd(one: list[str], at: int, random: Random) -> None:
    one[at] = random.choice(ODD)


def _shift(one: list[str], at: int, random: Random) -> None:
    one[at:at] = [""] * random.choice((1, 1, 3, 30))


def _short(one: list[str], at: int, _random: Random) -> None:
    del one[at:]


def _missing(one: list[str], at: int, _random: Random) -> None:
    del one[at]


def _within(one: list[str], at: int, random: Random) -> None:
    parts = one[at].split(":")
    parts[random.randrange(len(parts))] = random.choice(ODD)
    one[at] = ":".join(parts)


def _edit(one: list[str], at: int, random: Random) -> None:
    text = one[at] or "0"
    place = random.randrange(len(text))
    one[at] = text[:place] + random.choice("0123456789-.:^ AXé") + text[place + random.choice((0, 1)) :]


def _renamed(one: list[str], _at: int, random: Random) -> None:
    one[0] = random.choice(SEGMENTS).partition("*")[0]


_ELEMENT_FAULTS: Final = tuple(
    map(_of_one, (_odd, _odd, _odd, _shift, _short, _missing, _within, _edit, _edit, _renamed))
)

# --- reports, forms and names: lines and columns ---


def _report(text: str, random: Random) -> str:
    lines = text.split("\n")
    at = random.randrange(len(lines))
    line = lines[at]
    place = random.randint(0, len(line))
    match random.randrange(9):
        case 0:
            del lines[at : at + random.choice((1, 1, 3))]
        case 1:
            lines[at:at] = lines[at : at + random.choice((1, 3, 8))] * random.choice((1, 2, 20))
        case 2:
            lines.insert(random.randrange(len(lines)), line)
        case 3:
            lines[at] = line[:place] + random.choice(ODD) + line[place:]
        case 4:
            odd = random.choice(ODD)
            lines[at] = line[:place] + odd + line[place + len(odd) :]
        case 5:
            lines[at] = line[:place] + " " * random.choice((1, 2, 30)) + line[place:]
        case 6:
            lines[at] = line[:place]
        case 7:
            lines[at] = (
                line[:place] + random.choice(("\t", "\r", "\f", ":", "=" * 30, "-" * 30, ")", "$")) + line[place:]
            )
        case _:
            size = random.randint(1, 12)
            lines[at] = line[:place] + line[place : place + size] * random.choice((2, 9, 300)) + line[place + size :]
    return "\n".join(lines)


# --- archives ---


_LARGEST_MEMBER: Final = 1 << 14  # so that damage upon damage stays small


def _archive(raw: bytes, random: Random) -> bytes:
    """Break what is inside and pack it again, or break its names and ways."""
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            members = {name: archive.read(name)[:_LARGEST_MEMBER] for name in archive.namelist()}
    except Exception:  # noqa: BLE001 - an archive that is broken already
        return _flip(raw, random)
    method = random.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2))
    name = random.choice([*members, "x.835"])
    match random.randrange(4):
        case 0:
            members[random.choice(("../a.835", "b.txt", "c.835", "\x01.835", "é.835", "A.TXT", ".835"))] = b"x"
        case 1:
            members[name] = members.get(name, b"") * random.choice((0, 2, 200))
        case 2:
            members.pop(name, None)
        case _:
            members[name] = _once(members.get(name, b"ISA"), random)
    return zipped(members, method)
