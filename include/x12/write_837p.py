"""
Claims as an 837P (005010X222A1), the file a clearinghouse takes.

Each loop is one function that returns its text; numbers are counted from the text itself, so that SE01 cannot
disagree with what was written. The same envelope and claims always give the same bytes.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from io import BytesIO
from itertools import islice

from include.claims.errors import BadFile
from include.claims.model import Claim
from include.claims.parties import BillingProvider
from include.x12.envelope import VERSION, Envelope
from include.x12.sendable import refuse_what_cannot_be_sent
from include.x12.write_claim import claim_loops
from include.x12.write_parties import billing_provider, people

RENDERER = "837p-2"
"""Changes whenever the same claims would give other bytes; a batch remembers which one made it."""


@dataclass(frozen=True, slots=True)
class Rendered:
    """A file's bytes, and where in it each submission stands."""

    content: bytes
    starts: dict[int, tuple[str, int]]  # submission id: (ST02, number of its CLM counted from ST as 1)


def write_837p(envelope: Envelope, claims: Iterable[tuple[int, str, Claim]]) -> Rendered:
    """
    Return the file that bills these claims, each given as submission id, patient control number (CLM01) and claim.

    Free text is made plain; an identifier that could not be sent unaltered raises BadFile, which the blocking
    rules are there to prevent.
    """
    writing = _Writing(envelope)
    # Bytes as they come: the text of a large file beside its bytes would double the memory.
    content = BytesIO()
    content.write(_head(envelope).encode("ascii"))
    sets = 0
    for sets, chunk in enumerate(_sets(envelope, claims), start=1):
        content.write(writing.set_text(sets, chunk).encode("ascii"))
    if not sets:
        raise BadFile(f"interchange {envelope.interchange_number}: no claim to write; a file holds at least one")
    content.write(f"GE*{sets}*{envelope.group_number}~IEA*1*{envelope.interchange_number:09d}~".encode("ascii"))
    return Rendered(content.getvalue(), writing.starts)


class Proof:
    """Tells whether a claim can be written at all, before it shares a file with others."""

    def __init__(self, envelope: Envelope) -> None:
        """Take the envelope of a specimen; what it repeats is made once, not for every claim."""
        self._writing = _Writing(envelope)

    def check(self, claim: Claim) -> None:
        """Raise what `write_837p` would raise for the claim."""
        self._writing.set_text(1, [(0, "0", claim)]).encode("ascii")


def _sets(envelope: Envelope, claims: Iterable[tuple[int, str, Claim]]) -> Iterator[list[tuple[int, str, Claim]]]:
    rest = iter(claims)
    while chunk := list(islice(rest, envelope.claims_per_set)):
        yield chunk


def _head(envelope: Envelope) -> str:
    at = envelope.created_at
    return (
        f"ISA*00*{'':10}*00*{'':10}*{envelope.sender_qualifier}*{envelope.sender_id:15}"
        f"*{envelope.receiver_qualifier}*{envelope.receiver_id:15}*{at:%y%m%d}*{at:%H%M}"
        f"*^*00501*{envelope.interchange_number:09d}*0*{envelope.usage}*:~"
        f"GS*HC*{envelope.group_sender}*{envelope.group_receiver}*{at:%Y%m%d}*{at:%H%M}"
        f"*{envelope.group_number}*X*{VERSION}~"
    )


class _Writing:
    """A file being written: what every set repeats is made once, and where each claim stands is noted."""

    def __init__(self, envelope: Envelope) -> None:
        self.starts: dict[int, tuple[str, int]] = {}
        self._details_always = envelope.subscriber_details_always
        self._header = _set_header(envelope)
        self._header_segments = 1 + self._header.count("~")
        self._billing: BillingProvider | None = None
        self._billing_text = ""

    def set_text(self, number: int, claims: list[tuple[int, str, Claim]]) -> str:
        """Return one ST..SE."""
        set_number = f"{number:04d}"
        parts = [f"ST*837*{set_number}*{VERSION}~", self._header]
        segments = self._header_segments
        level = billing_level = 0
        billing = None
        for submission_id, control_number, claim in claims:
            refuse_what_cannot_be_sent(control_number, claim)
            above = ""
            if billing is None or claim.billing != billing:
                billing = claim.billing
                level = billing_level = level + 1
                above = f"HL*{level}**20*1~{self._billing_loop(billing)}"
            above += people(claim, level + 1, billing_level, subscriber_details_always=self._details_always)
            level += 1 if claim.dependent is None else 2
            bill = claim_loops(control_number, claim)
            segments += above.count("~")
            self.starts[submission_id] = (set_number, segments + 1)
            segments += bill.count("~")
            parts += (above, bill)
        parts.append(f"SE*{segments + 1}*{set_number}~")
        return "".join(parts)

    def _billing_loop(self, billing: BillingProvider) -> str:
        if billing != self._billing:
            self._billing, self._billing_text = billing, billing_provider(billing)
        return self._billing_text


def _set_header(envelope: Envelope) -> str:
    """Return what follows each ST: BHT, 1000A, 1000B."""
    at = envelope.created_at
    return (
        f"BHT*0019*00*{envelope.reference}*{at:%Y%m%d}*{at:%H%M}*CH~"
        f"NM1*41*2*{envelope.submitter_name}*****46*{envelope.submitter_id}~"
        f"PER*IC*{envelope.contact_name}*TE*{envelope.contact_phone}~"
        f"NM1*40*2*{envelope.receiver_name}*****46*{envelope.receiver_code}~"
    )
