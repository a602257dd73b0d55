"""
One fault at a time, put into a sound file: what a scrubber must see and a validator may miss.

Each mutation changes the segments of a sample in one place. The kinds are those that claims are really refused for:
the envelope, the structure, the levels, single elements, what depends on something else, and what the business means.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, reduce
from typing import Any, Final

from include.x12.write_837p import write_837p
from tests.builders import a_claim, a_line, an_envelope, the_worked_example
from tests.scenarios import secondary_after_primary

Segments = list[str]


@dataclass(frozen=True, slots=True)
class Mutation:
    """One defect: its kind, its name and what makes it."""

    kind: str
    name: str
    change: Callable[[Segments], Segments]
    sample: str = "dependent"


@cache
def sound_file(sample: str) -> str:
    """Return a file without a fault, by the sample's name."""
    claims = {
        "dependent": [the_worked_example()],
        "two claims": [a_claim(), a_claim(key="C-9", lines=(a_line(source_line_key="L-9"),))],
        "self": [a_claim()],
        "secondary": [secondary_after_primary()],
    }[sample]
    numbered = [(number, f"CN{number:012d}", claim) for number, claim in enumerate(claims, start=1)]
    details = sample != "dependent"
    return write_837p(an_envelope(subscriber_details_always=details), numbered).content.decode()


def mutated(mutation: Mutation) -> str:
    """Return the sample with the fault in it."""
    sound = sound_file(mutation.sample)
    text = "".join(f"{segment}~" for segment in mutation.change(sound.split("~")[:-1]))
    assert text != sound, mutation.name
    return text


def _replace(old: str, new: str) -> Callable[[Segments], Segments]:
    """Change the first segment that holds a text, and count what was added or lost as a careful forger would."""
    return lambda segments: _recounted(_with(segments, _first(segments, old), lambda one: one.replace(old, new, 1)))


def _element(start: str, position: int, value: str) -> Callable[[Segments], Segments]:
    """Change one element of the first segment that starts so."""

    def put(segment: str) -> str:
        elements = segment.split("*")
        elements += [""] * (position + 1 - len(elements))
        elements[position] = value
        return "*".join(elements).rstrip("*")

    return lambda segments: _with(segments, _first(segments, start), put)


def _everywhere(old: str, new: str) -> Callable[[Segments], Segments]:
    """Change a text wherever it stands, so that no part of the file contradicts another."""
    return lambda segments: [one.replace(old, new) for one in segments]


def _both(*changes: Callable[[Segments], Segments]) -> Callable[[Segments], Segments]:
    """Make one fault that takes several changes, such as an amount and the total it is part of."""
    return lambda segments: reduce(lambda found, change: change(found), changes, segments)


def _drop(start: str) -> Callable[[Segments], Segments]:
    """Leave out the first segment that starts so, counts mended."""
    return lambda segments: _recounted([one for at, one in enumerate(segments) if at != _first(segments, start)])


def _twice(start: str) -> Callable[[Segments], Segments]:
    """Repeat the first segment that starts so, counts mended."""

    def change(segments: Segments) -> Segments:
        at = _first(segments, start)
        return _recounted([*segments[: at + 1], *segments[at:]])

    return change


def _insert_before(start: str, new: str) -> Callable[[Segments], Segments]:
    """Put a segment before the first that starts so, counts mended."""

    def change(segments: Segments) -> Segments:
        at = _first(segments, start)
        return _recounted([*segments[:at], new, *segments[at:]])

    return change


def _swap(start: str) -> Callable[[Segments], Segments]:
    """Exchange the first segment that starts so with the next."""

    def change(segments: Segments) -> Segments:
        at = _first(segments, start)
        return [*segments[:at], segments[at + 1], segments[at], *segments[at + 2 :]]

    return change


def _first(segments: Segments, text: str) -> int:
    return next(at for at, one in enumerate(segments) if one.startswith(text) or text in one)


def _with(segments: Segments, at: int, change: Callable[[str], str]) -> Segments:
    return [change(one) if place == at else one for place, one in enumerate(segments)]


def _recounted(segments: Segments) -> Segments:
    """Set every SE01 right, so that the fault is the one that was meant."""
    found, start = [], 0
    for at, segment in enumerate(segments):
        start = at if segment.startswith("ST*") else start
        found.append(f"SE*{at - start + 1}*{segment.split('*')[2]}" if segment.startswith("SE*") else segment)
    return found


def _each(kind: str, *mutations: Any) -> tuple[Mutation, ...]:
    return tuple(Mutation(kind, *one) for one in mutations)


_ENVELOPE = _each(
    "envelope",
    ("SE01 one too many", _element("SE*", 1, "36")),
    ("SE02 is not ST02", _element("SE*", 2, "0002")),
    ("GE01 one too many", _element("GE*", 1, "2")),
    ("GE02 is not GS06", _element("GE*", 2, "43")),
    ("IEA01 one too many", _element("IEA*", 1, "2")),
    ("IEA02 is not ISA13", _element("IEA*", 2, "000000043")),
    ("ST03 is another guide", _element("ST*", 3, "005010X223A2")),
    ("GS01 is another function", _element("GS*", 1, "HP")),
)
_STRUCTURE = _each(
    "structure",
    ("no BHT", _drop("BHT*")),
    ("no submitter contact", _drop("PER*IC*BILLING")),
    ("no billing N3", _drop("N3*1200")),
    ("no billing N4", _drop("N4*PORTLAND")),
    ("no tax id", _drop("REF*EI")),
    ("no payer", _drop("NM1*PR")),
    ("no SBR", _drop("SBR*")),
    ("no PAT", _drop("PAT*")),
    ("no patient DMG", _drop("DMG*")),
    ("no HI", _drop("HI*")),
    ("no SV1", _drop("SV1*")),
    ("no line date", _drop("DTP*472")),
    ("an unknown segment", _insert_before("HI*", "ZZZ*1")),
    ("the service date in 2300", _insert_before("REF*G1", "DTP*472*D8*20260302")),
    ("N4 before N3", _swap("N3*1200")),
    ("HI before REF", _swap("REF*G1")),
    ("SBR twice", _twice("SBR*")),
)
_LEVELS = _each(
    "levels",
    ("HL numbers jump", _element("HL*3", 1, "4")),
    ("HL parent is the wrong level", _element("HL*3", 2, "1")),
    ("HL04 says no child", _element("HL*2", 4, "0")),
    ("LX numbers jump", _element("LX*2", 1, "3")),
)
_ELEMENTS = _each(
    "elements",
    ("place of service 88", _replace("11:B:1", "88:B:1")),
    ("place of service one digit", _replace("11:B:1", "1:B:1")),
    ("frequency 9", _replace("11:B:1", "11:B:9")),
    ("CLM05-2 not B", _replace("11:B:1", "11:A:1")),
    ("assignment Q", _element("CLM*", 7, "Q")),
    ("sex X", _element("DMG*", 3, "X")),
    ("birth date impossible", _element("DMG*", 2, "20190431")),
    ("service date impossible", _element("DTP*472", 3, "20260231")),
    ("service date six digits", _element("DTP*472", 3, "260302")),
    ("charge with three decimals", _element("SV1*", 2, "240.005")),
    ("charge with three decimals, total mended", _both(_element("SV1*", 2, "240.005"), _element("CLM*", 2, "360.005"))),
    ("charge not a number", _element("SV1*", 2, "24O")),
    ("units negative", _element("SV1*", 4, "-16")),
    ("units zero", _element("SV1*", 4, "0")),
    ("unit kind F2", _element("SV1*", 3, "F2")),
    ("relationship 77", _element("PAT*", 1, "77")),
    ("filing indicator XX", _element("SBR*", 9, "XX")),
    ("responsibility Q", _element("SBR*", 1, "Q")),
    ("NM109 qualifier", _replace("*XX*1876543210", "*ZZ*1876543210")),
    ("control number of 21 characters", _element("CLM*", 1, "A" * 21)),
    ("control number of 21 characters, on its lines too", _everywhere("CN000000000001", "CN0000000000000000001")),
    ("procedure of four characters", _replace("HC:97153", "HC:9715")),
    ("modifier of three characters", _replace(":HM", ":HMX")),
    ("an element too many", _element("LX*1", 2, "1")),
    ("billing ZIP of five digits", _element("N4*PORTLAND", 3, "97201")),
    ("billing state ZZ", _element("N4*PORTLAND", 2, "ZZ")),
    ("patient ZIP of four digits", _element("N4*BEAVERTON", 3, "9700")),
    ("tax id of eight digits", _element("REF*EI", 2, "73123456")),
    ("phone of nine digits", _element("PER*IC*BILLING", 4, "503555010")),
    ("billing phone of nine digits", _element("PER*IC*EXAMPLE", 4, "503555010"), "self"),
    ("taxonomy of nine characters", _element("PRV*BI", 3, "103K00000")),
    ("diagnosis with a dot", _replace("ABK:F840", "ABK:F84.0")),
    ("ICD-9 qualifier", _replace("ABK:F840", "BK:F840")),
    ("lower case name", _replace("*DOE*AVERY", "*Doe*AVERY")),
    ("a repetition mark in a name", _replace("*DOE*AVERY", "*DOE*AV^ERY")),
)
_SITUATIONAL = _each(
    "situational",
    ("SBR02 blank without a patient loop", _element("SBR*", 2, ""), "self"),
    ("self-subscriber without DMG", _drop("DMG*"), "self"),
    ("place 21 without an admission date", _replace("11:B:1", "21:B:1")),
    ("replacement without the payer's number", _replace("11:B:1", "11:B:7")),
    ("void without the payer's number", _replace("11:B:1", "11:B:8")),
    ("accident without its date", _element("CLM*", 11, "AA:::OR")),
    ("secondary without another payer", _element("SBR*P", 1, "S"), "self"),
    ("attachment without its number", _insert_before("REF*G1", "PWK*OZ*EL")),
)
_BUSINESS = _each(
    "business",
    ("billing NPI's check digit", _replace("1876543210", "1876543211")),
    ("rendering NPI's check digit", _replace("1987654328", "1987654329")),
    ("total is not the sum", _element("CLM*", 2, "361")),
    ("pointer past the diagnoses", _element("SV1*", 7, "2")),
    ("a pointer twice", _element("SV1*", 7, "1:1")),
    ("post office box as billing address", _element("N3*1200", 1, "PO BOX 14")),
    ("a diagnosis twice", _element("HI*", 2, "ABF:F840")),
    ("a diagnosis that does not exist", _replace("ABK:F840", "ABK:A99Z9")),
    ("a procedure that does not exist", _replace("HC:97153", "HC:97999")),
    ("a taxonomy that does not exist", _element("PRV*BI", 3, "103K00009X")),
    ("service the day after the file", _element("DTP*472", 3, "20260307")),
    ("service in the future", _element("DTP*472", 3, "20270302")),
    ("service before birth", _element("DTP*472", 3, "20180302")),
    ("born in the future", _element("DMG*", 2, "20270412")),
    ("two claims with one number", _element("CLM*CN000000000002", 1, "CN000000000001"), "two claims"),
    ("two lines with one number", _replace("L02", "L01")),
    ("negative charge", _element("SV1*", 2, "-240")),
    ("negative charge, total mended", _both(_element("SV1*", 2, "-24"), _element("CLM*", 2, "96"))),
    ("no charge at all", _both(_element("SV1*", 2, "0"), _element("CLM*", 2, "0")), "self"),
    ("paid and adjusted is not the charge", _element("SVD*", 2, "151"), "secondary"),
    ("two payers with one turn", _element("SBR*P*18*GRP00555", 1, "S"), "secondary"),
    ("adjudicated by a payer not on the claim", _element("SVD*", 1, "77777"), "secondary"),
)
MUTATIONS: Final = (*_ENVELOPE, *_STRUCTURE, *_LEVELS, *_ELEMENTS, *_SITUATIONAL, *_BUSINESS)
