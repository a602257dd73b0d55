"""
The envelope of an 837P: who sends, who receives, which numbers, and how the receiver wants its claims.

Everything the bytes depend on beside the claims stands here, so that a batch frozen with its envelope
always comes out as the same bytes.
"""

import re
from dataclasses import dataclass
from datetime import datetime

from include.claims.errors import BadSetting
from include.claims.plain_text import is_sendable

VERSION = "005010X222A1"
"""GS08 and ST03: the professional claim's implementation guide with its errata."""

_PARTY = re.compile(r"[A-Z0-9]{2,15}")
_QUALIFIER = re.compile(r"[A-Z0-9]{2}")
_REFERENCE = re.compile(r"[A-Z0-9]{1,30}")
_PHONE = re.compile(r"[2-9][0-9]{9}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """Who sends a file of claims to whom, under which numbers (ISA, GS, BHT, loops 1000A and 1000B)."""

    interchange_number: int  # ISA13
    group_number: int  # GS06
    reference: str  # BHT03
    created_at: datetime  # ISA09/10, GS04/05, BHT04/05, as the clock it carries shows it
    sender_qualifier: str  # ISA05
    sender_id: str  # ISA06
    receiver_qualifier: str  # ISA07
    receiver_id: str  # ISA08
    group_sender: str  # GS02
    group_receiver: str  # GS03
    usage: str = "P"  # ISA15
    submitter_name: str  # 1000A NM103
    submitter_id: str  # 1000A NM109
    contact_name: str  # 1000A PER02
    contact_phone: str  # 1000A PER04
    receiver_name: str  # 1000B NM103
    receiver_code: str  # 1000B NM109
    claims_per_set: int = 1  # a syntax error costs the whole ST..SE
    subscriber_details_always: bool = False  # N3, N4, DMG of the subscriber although another is the patient

    def __post_init__(self) -> None:
        """Refuse what no interchange can carry, all of it at once."""
        faults = [f"{field}: {rule}" for field, fits, rule in self._checks() if not fits]
        if faults:
            raise BadSetting(f"envelope of interchange {self.interchange_number}: {'; '.join(faults)}")

    def _checks(self) -> list[tuple[str, bool, str]]:
        return [
            ("interchange_number", 1 <= self.interchange_number <= 999_999_999, "ISA13 has one to nine digits"),
            ("group_number", 1 <= self.group_number <= 999_999_999, "GS06 has one to nine digits"),
            ("reference", _REFERENCE.fullmatch(self.reference) is not None, "BHT03 is 1 to 30 of A-Z 0-9"),
            ("created_at", self.created_at.tzinfo is not None, "must say its time zone"),
            *((name, _PARTY.fullmatch(getattr(self, name)) is not None, "2 to 15 of A-Z 0-9") for name in _PARTIES),
            *((name, _QUALIFIER.fullmatch(getattr(self, name)) is not None, "two of A-Z 0-9") for name in _QUALIFIERS),
            *((name, is_sendable(getattr(self, name)), "capital letters, no separators") for name in _NAMES),
            *((name, 1 <= len(getattr(self, name)) <= 60, "has 1 to 60 characters") for name in _NAMES),
            ("usage", self.usage in {"P", "T"}, "ISA15 is P or T"),
            ("contact_phone", _PHONE.fullmatch(self.contact_phone) is not None, "PER04 has ten digits"),
            ("claims_per_set", 1 <= self.claims_per_set <= 5000, "the guide recommends at most 5000 claims a set"),
        ]


_PARTIES = ("sender_id", "receiver_id", "group_sender", "group_receiver", "submitter_id", "receiver_code")
_QUALIFIERS = ("sender_qualifier", "receiver_qualifier")
_NAMES = ("submitter_name", "contact_name", "receiver_name")
