"""
An 837P read back into claims: what proves that a file says what was billed, and what the sandbox takes in.

It reads files of the shape we write, by whomever written, and keeps to the first fault of each claim: the next
claim is read all the same. What a file cannot say (the practice's own keys, sessions) comes back blank.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from decimal import Decimal

from include.claims.errors import BadFile
from include.claims.model import Claim
from include.x12.claim_loops import NO_LOOP, ClaimLoops, LoopReader
from include.x12.envelope import Envelope
from include.x12.interchange import BrokenSet, framed, place_in_set
from include.x12.read_claim import claim_of
from include.x12.read_elements import Unreadable, number


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
    sender_qualifier: str  # ISA05
    receiver_qualifier: str  # ISA07
    created: str  # ISA09 and ISA10, YYMMDDHHMM
    contact_name: str  # 1000A PER02
    contact_phone: str  # 1000A PER04
    receiver_name: str  # 1000B NM103

    def as_written(self, *, claims_per_set: int, subscriber_details_always: bool) -> Envelope:
        """Return the envelope that would give this header again; raise BadFile or BadSetting where none would."""
        try:
            created_at = datetime.strptime(self.created, "%y%m%d%H%M").replace(tzinfo=UTC)
        except ValueError:
            raise BadFile("ISA09 and ISA10 are not a date YYMMDD and a time HHMM") from None
        same = {one.name: getattr(self, one.name) for one in fields(Envelope) if hasattr(self, one.name)}
        return Envelope(
            created_at=created_at,
            claims_per_set=claims_per_set,
            subscriber_details_always=subscriber_details_always,
            **same,
        )


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
            except Unreadable as fault:
                found = _broken(ended, fault)
                if broken is None:
                    raise BadFile(f"{place_in_set(found.set_number, found.segment)}: {found.message}") from None
                broken.append(found)
        if broken is not None and sets:
            broken.extend(sets)
            sets.clear()


def _broken(found: ClaimLoops, fault: Unreadable) -> BrokenClaim:
    at = found.head if fault.segment is None else fault.segment
    return BrokenClaim(
        control_number=found.head.get(1),
        set_number=found.frame["ST"].get(2),
        segment=at.in_set,
        message=fault.message,
    )


def _read_claim(found: ClaimLoops) -> ReadClaim:
    claim = claim_of(found)
    return ReadClaim(
        control_number=found.head.get(1),
        set_number=found.frame["ST"].get(2),
        segment=found.head.in_set,
        total_charge=number(found.head, 2),
        claim=claim,
        line_control_numbers=tuple(line.own.value("REF*6R", 2) for line in found.lines),
        envelope=_envelope(found),
    )


def _envelope(found: ClaimLoops) -> ReadEnvelope:
    isa, gs, st = found.frame["ISA"], found.frame["GS"], found.frame["ST"]
    submitter, receiver = found.above.get("1000A", NO_LOOP), found.above.get("1000B", NO_LOOP)
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
        submitter_name=submitter.value("NM1", 3),
        submitter_id=submitter.value("NM1", 9),
        receiver_code=receiver.value("NM1", 9),
        sender_qualifier=isa.get(5),
        receiver_qualifier=isa.get(7),
        created=isa.get(9) + isa.get(10),
        contact_name=submitter.value("PER*IC", 2),
        contact_phone=submitter.value("PER*IC", 4),
        receiver_name=receiver.value("NM1", 3),
    )
