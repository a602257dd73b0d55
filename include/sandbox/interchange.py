"""One interchange of the sandbox's: everything it says in X12 goes out through here, as one unbroken line."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from include.sandbox.upload import RECEIVER
from include.x12.segments import Delimiters, join

_MARKS: Final = Delimiters()
_NO_MARKS: Final = str.maketrans(dict.fromkeys("*^:~", " "))


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """ISA, GS and ST of one answer."""

    at: datetime
    control_number: str  # ISA13
    group_number: str  # GS06
    receiver: str  # ISA08
    group_receiver: str  # GS03
    group: str  # GS01
    kind: str  # ST01
    version: str  # GS08


def written(frame: Frame, body: Sequence[Sequence[str]], *, ta1: Sequence[str] = (), names_guide: bool = True) -> bytes:
    """Return the interchange of one set; the 835 alone does not name its guide in ST03."""
    at = frame.at
    guide = [frame.version] if names_guide else []
    segments = [
        ["GS", frame.group, RECEIVER, frame.group_receiver, f"{at:%Y%m%d}", f"{at:%H%M}", frame.group_number, "X",
         frame.version],
        ["ST", frame.kind, "0001", *guide],
        *body,
        ["SE", str(len(body) + 2), "0001"],
        ["GE", "1", frame.group_number],
    ]  # fmt: skip
    return _interchange(frame, [*([ta1] if ta1 else []), *segments], groups="1")


def written_alone(frame: Frame, ta1: Sequence[str]) -> bytes:
    """Return the interchange that holds a TA1 and no group."""
    return _interchange(frame, [ta1], groups="0")


def _interchange(frame: Frame, segments: Sequence[Sequence[str]], *, groups: str) -> bytes:
    at = frame.at
    header = [
        "ISA", "00", " " * 10, "00", " " * 10, "ZZ", RECEIVER.ljust(15), "ZZ", frame.receiver[:15].ljust(15),
        f"{at:%y%m%d}", f"{at:%H%M}", "^", "00501", frame.control_number, "0", "P", ":",
    ]  # fmt: skip
    whole = [header, *segments, ["IEA", groups, frame.control_number]]
    return "".join(join(segment, _MARKS) for segment in whole).encode()


def plain(text: str) -> str:
    """Return a text that came from elsewhere without the marks that separate here."""
    return text.translate(_NO_MARKS)


def money(value: Decimal) -> str:
    """Return an amount as X12 has it: no needless zeros, no exponent."""
    text = f"{value:f}"
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"
