"""
An 837P read back into claims: what proves that a file says what was billed, and what the sandbox takes in.

It reads files of the shape we write, by whomever written, and keeps to the first fault of each claim: the next
claim is read all the same. What a file cannot say (the practice's own keys, sessions) comes back blank.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import Final, TypeVar

from include.claims.errors import BadFile
from include.claims.model import Claim, Frequency, ServiceLine
from include.claims.parties import (
    Address,
    BillingProvider,
    Dependent,
    Payer,
    PersonName,
    Provider,
    Relationship,
    Sex,
    Subscriber,
    TaxIdKind,
)
from include.x12.as_billed import NOT_SAID
from include.x12.claim_loops import NO_LOOP, ClaimLoops, Loop, LoopReader
from include.x12.interchange import BrokenSet, Segment, framed

_NUMBER: Final = re.compile(r"-?(?:[0-9]{1,15}(?:\.[0-9]{0,8})?|\.[0-9]{1,8})")


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadEnvelope:
    """Who sent the claim to whom, under which numbers."""

    interchange_number: int  # ISA13
    group_number: int  # GS06
    usage: str  # ISA15
    sender_id: str  # ISA06
    receiver_id: str  # ISA08
    group_sender: str  # GS02
    group_receiver: str  # GS03
    version: str  # GS08
    set_number: str  # ST02
    reference: str  # BHT03
    submitter_name: str  # 1000A NM103
    submitter_id: str  # 1000A NM109
    receiver_code: str  # 1000B NM109


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadClaim:
    """One claim as a file says it."""

    control_number: str  # CLM01
    set_number: str  # ST02
    segment: int  # its CLM counted from ST as 1
    total_charge: Decimal  # CLM02 as written; the claim's own total is the sum of its lines
    claim: Claim
    line_control_numbers: tuple[str, ...]  # REF*6R by line, blank where not sent
    envelope: ReadEnvelope


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokenClaim:
    """A claim that could not be read, and why; holds no patient data."""

    control_number: str  # CLM01
    set_number: str  # ST02
    segment: int  # the segment at fault, counted from ST as 1
    message: str


def read_837p(chunks: Iterable[str], broken: list[BrokenClaim | BrokenSet] | None = None) -> Iterator[ReadClaim]:
    """
    Yield the claims of an 837P one by one.

    A claim or a set that cannot be read raises BadFile, or is put in `broken` where a list is given, and reading
    goes on behind it; a broken set is known at its end only, after its claims. A file whose ISA, GS, GE or IEA do
    not hold raises BadFile in any case.
    """
    sets: list[BrokenSet] = []
    reading = LoopReader()
    for segment in framed(chunks, None if broken is None else sets):
        ended = reading.take(segment)
        if ended is not None:
            try:
                yield _read_claim(ended)
            except _Unreadable as fault:
                found = fault.about(ended)
                if broken is None:
                    raise BadFile(f"set {found.set_number}, segment {found.segment}: {found.message}") from None
                broken.append(found)
        if broken is not None and sets:
            broken.extend(sets)
            sets.clear()


class _Unreadable(Exception):
    """A claim cannot be read; says where and why, never what stood there."""

    def __init__(self, message: str, segment: Segment | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.segment = segment

    def about(self, claim: ClaimLoops) -> BrokenClaim:
        at = claim.head if self.segment is None else self.segment
        return BrokenClaim(
            control_number=claim.head.get(1),
            set_number=claim.frame["ST"].get(2),
            segment=at.in_set,
            message=self.message,
        )


def _read_claim(found: ClaimLoops) -> ReadClaim:
    clm = found.head
    place, qualifier, frequency = (*clm.parts(5), "", "", "")[:3]
    if qualifier != "B":
        raise _Unreadable("CLM05-2 is not B", clm)
    if "DTP*472" in found.claim:
        raise _Unreadable("DTP*472 stands in 2300; the guide has it in 2400 only", found.claim["DTP*472"])
    if not found.lines:
        raise _Unreadable("the claim has no 2400 LX", clm)
    claim = Claim(
        source="",
        key="",
        ready_at=NOT_SAID,
        billing=_billing(found),
        subscriber=_subscriber(found),
        dependent=_dependent(found),
        payer=_payer(found),
        rendering=_rendering(found),
        place_of_service=place,
        frequency=_code(Frequency, frequency, clm, "CLM05-3"),
        diagnoses=_diagnoses(found),
        prior_authorization=_value(found.claim, "REF*G1", 2),
        signature_on_file=clm.get(6),
        accepts_assignment=clm.get(7),
        benefits_assigned=clm.get(8),
        release_of_information=clm.get(9),
        lines=tuple(_line(number, line, clm) for number, line in enumerate(found.lines, start=1)),
    )
    return ReadClaim(
        control_number=clm.get(1),
        set_number=found.frame["ST"].get(2),
        segment=clm.in_set,
        total_charge=_decimal(clm, 2),
        claim=claim,
        line_control_numbers=tuple(_value(line, "REF*6R", 2) for line in found.lines),
        envelope=_envelope(found),
    )


def _envelope(found: ClaimLoops) -> ReadEnvelope:
    isa, gs, st = found.frame["ISA"], found.frame["GS"], found.frame["ST"]
    submitter, receiver = found.loops.get("1000A", NO_LOOP), found.loops.get("1000B", NO_LOOP)
    return ReadEnvelope(
        interchange_number=isa.whole_number(13),
        group_number=gs.whole_number(6),
        usage=isa.get(15),
        sender_id=isa.get(6).rstrip(),
        receiver_id=isa.get(8).rstrip(),
        group_sender=gs.get(2),
        group_receiver=gs.get(3),
        version=gs.get(8),
        set_number=st.get(2),
        reference=found.frame["BHT"].get(3) if "BHT" in found.frame else "",
        submitter_name=_value(submitter, "NM1", 3),
        submitter_id=_value(submitter, "NM1", 9),
        receiver_code=_value(receiver, "NM1", 9),
    )


def _billing(found: ClaimLoops) -> BillingProvider:
    loop = _loop(found, "2010AA")
    kind = next((kind for kind in TaxIdKind if f"REF*{kind}" in loop), None)
    if kind is None:
        raise _Unreadable("2010AA has no REF*EI or REF*SY")
    address = _address(loop)
    if address is None:
        raise _Unreadable("2010AA has no N3 and N4")
    return BillingProvider(
        name=_value(loop, "NM1", 3),
        npi=_value(loop, "NM1", 9),
        tax_id=_value(loop, f"REF*{kind}", 2),
        tax_id_kind=kind,
        taxonomy=_value(found.loops.get("2000A", NO_LOOP), "PRV", 3),
        address=address,
        phone=_value(loop, "PER*IC", 4),
    )


def _subscriber(found: ClaimLoops) -> Subscriber:
    loop, level = _loop(found, "2010BA"), _loop(found, "2000B")
    return Subscriber(
        name=_name(loop["NM1"]),
        member_id=_value(loop, "NM1", 9),
        birth_date=_birth_date(loop),
        sex=_sex(loop),
        address=_address(loop),
        group_number=_value(level, "SBR", 3),
    )


def _dependent(found: ClaimLoops) -> Dependent | None:
    if "2000C" not in found.loops:
        return None
    loop = _loop(found, "2010CA")
    pat = _loop(found, "2000C").get("PAT")
    if pat is None:
        raise _Unreadable("2000C has no PAT")
    return Dependent(
        name=_name(loop["NM1"]),
        relationship=_code(Relationship, pat.get(1), pat, "PAT01"),
        birth_date=_birth_date(loop),
        sex=_sex(loop),
        address=_address(loop),
    )


def _payer(found: ClaimLoops) -> Payer:
    loop = _loop(found, "2010BB")
    filing = _value(_loop(found, "2000B"), "SBR", 9)
    return Payer(id=_value(loop, "NM1", 9), name=_value(loop, "NM1", 3), filing_indicator=filing)


def _rendering(found: ClaimLoops) -> Provider | None:
    loop = found.loops.get("2310B")
    if loop is None:
        return None
    return Provider(name=_name(loop["NM1"]), npi=_value(loop, "NM1", 9), taxonomy=_value(loop, "PRV", 3))


def _diagnoses(found: ClaimLoops) -> tuple[str, ...]:
    hi = found.claim.get("HI*ABK")
    if hi is None:
        raise _Unreadable("2300 has no HI*ABK")
    parts = [hi.parts(position) for position in range(1, len(hi.elements))]
    if any(len(part) < 2 or part[0] != ("ABK" if at == 0 else "ABF") for at, part in enumerate(parts)):
        raise _Unreadable("HI: one ABK first, then ABF, each with its code", hi)
    return tuple(part[1] for part in parts)


def _line(number: int, loop: Loop, clm: Segment) -> ServiceLine:
    sv1, dtp = loop.get("SV1"), loop.get("DTP*472")
    if sv1 is None or dtp is None:
        raise _Unreadable(f"line {number}: SV1 or DTP*472 is missing", clm)
    product, *procedure = sv1.parts(1)
    if product != "HC" or not procedure:
        raise _Unreadable(f"line {number}: SV101 does not start with HC and a procedure", sv1)
    if sv1.get(3) != "UN":
        raise _Unreadable(f"line {number}: SV103 is not UN", sv1)
    return ServiceLine(
        source_line_key=str(number),
        service_date=_date(dtp, 2),
        procedure=procedure[0],
        modifiers=tuple(modifier for modifier in procedure[1:5] if modifier),
        charge=_decimal(sv1, 2),
        units=_decimal(sv1, 4),
        diagnosis_pointers=tuple(_pointer(part, sv1) for part in sv1.parts(7) if part),
        place_of_service=sv1.get(5),
    )


def _loop(found: ClaimLoops, loop: str) -> Loop:
    head = "NM1" if loop.startswith("2010") else "HL"
    segments = found.loops.get(loop, NO_LOOP)
    if head not in segments:
        raise _Unreadable(f"the claim has no {loop} {head} above it")
    return segments


def _value(loop: Loop, segment: str, position: int) -> str:
    return loop[segment].get(position) if segment in loop else ""


def _name(nm1: Segment) -> PersonName:
    return PersonName(last=nm1.get(3), first=nm1.get(4), middle=nm1.get(5), suffix=nm1.get(7))


def _address(loop: Loop) -> Address | None:
    n3, n4 = loop.get("N3"), loop.get("N4")
    if n3 is None or n4 is None:
        return None
    return Address(street=n3.get(1), street2=n3.get(2), city=n4.get(1), state=n4.get(2), postal_code=n4.get(3))


def _birth_date(loop: Loop) -> date | None:
    return _date(loop["DMG"], 1) if "DMG" in loop else None


def _sex(loop: Loop) -> Sex:
    """DMG03; a subscriber whose DMG the guide leaves out is UNKNOWN."""
    return _code(Sex, loop["DMG"].get(3), loop["DMG"], "DMG03") if "DMG" in loop else Sex.UNKNOWN


_C = TypeVar("_C", bound=StrEnum)


def _code(kind: type[_C], value: str, segment: Segment, place: str) -> _C:
    try:
        return kind(value)
    except ValueError:
        raise _Unreadable(f"{place} is none of {', '.join(kind)}", segment) from None


def _date(segment: Segment, position: int) -> date:
    """Return the D8 date whose qualifier stands at the position."""
    text = segment.get(position + 1)
    try:
        if segment.get(position) == "D8" and len(text) == 8 and text.isdigit():
            return date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        pass
    raise _Unreadable(f"{segment.id}{position + 1:02d} is not a date CCYYMMDD", segment)


def _decimal(segment: Segment, position: int) -> Decimal:
    text = segment.get(position)
    if _NUMBER.fullmatch(text) is None:
        raise _Unreadable(f"{segment.id}{position:02d} is not a number", segment)
    return Decimal(text)


def _pointer(text: str, segment: Segment) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= 2):
        raise _Unreadable("SV107 holds what is no diagnosis pointer", segment)
    return int(text)
