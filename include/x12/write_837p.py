"""
Claims as an 837P (005010X222A1), the file a clearinghouse takes.

Each loop is one function that returns its text; numbers are counted from the text itself, so that SE01 cannot
disagree with what was written. The same envelope and claims always give the same bytes.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from itertools import islice

from include.claims.errors import BadFile
from include.claims.identifiers import line_control_number
from include.claims.model import Claim, Frequency, ServiceLine
from include.claims.parties import Address, BillingProvider, PersonName
from include.claims.plain_text import are_sendable
from include.x12.charset import sanitise
from include.x12.envelope import VERSION, Envelope

RENDERER = "837p-1"
"""Changes whenever the same claims would give other bytes; a batch remembers which one made it."""

MOST_LINES = 50  # 2400 LX
MOST_DIAGNOSES = 12  # HI

_EMPTY_TAIL = re.compile(r"\*+~")


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
        self._envelope = envelope
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
            _refuse_what_cannot_be_sent(control_number, claim)
            above = ""
            if billing is None or claim.billing != billing:
                billing = claim.billing
                level = billing_level = level + 1
                above = f"HL*{level}**20*1~{self._billing_loop(billing)}"
            above += _people(self._envelope, claim, level + 1, billing_level)
            level += 1 if claim.dependent is None else 2
            bill = _claim(control_number, claim)
            segments += above.count("~")
            self.starts[submission_id] = (set_number, segments + 1)
            segments += bill.count("~")
            parts += (above, bill)
        parts.append(f"SE*{segments + 1}*{set_number}~")
        return "".join(parts)

    def _billing_loop(self, billing: BillingProvider) -> str:
        if billing != self._billing:
            self._billing, self._billing_text = billing, _billing_provider(billing)
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


def _billing_provider(billing: BillingProvider) -> str:
    """2000A PRV and 2010AA."""
    taxonomy = f"PRV*BI*PXC*{billing.taxonomy}~" if billing.taxonomy else ""
    name = sanitise(billing.name)
    phone = f"PER*IC*{name}*TE*{billing.phone}~" if billing.phone else ""
    return (
        f"{taxonomy}NM1*85*2*{name}*****XX*{billing.npi}~{_address(billing.address)}"
        f"REF*{billing.tax_id_kind}*{billing.tax_id}~{phone}"
    )


def _people(envelope: Envelope, claim: Claim, level: int, billing_level: int) -> str:
    """2000B with 2010BA and 2010BB, and 2000C with 2010CA where the patient is another than the subscriber."""
    subscriber, payer, dependent = claim.subscriber, claim.payer, claim.dependent
    details = ""
    if dependent is None or envelope.subscriber_details_always:
        details = _details(subscriber.address, subscriber.birth_date, subscriber.sex)
    himself, children = ("18", 0) if dependent is None else ("", 1)
    text = (
        f"HL*{level}*{billing_level}*22*{children}~"
        f"SBR*P*{himself}*{subscriber.group_number}******{payer.filing_indicator}~"
        f"NM1*IL*1*{_person(subscriber.name)}*MI*{subscriber.member_id}~{details}"
        f"NM1*PR*2*{sanitise(payer.name)}*****PI*{payer.id}~"
    )
    if dependent is None:
        return text
    patient = _trim(f"NM1*QC*1*{_person(dependent.name)}~")
    return (
        f"{text}HL*{level + 1}*{level}*23*0~PAT*{dependent.relationship}~{patient}"
        f"{_details(dependent.address, dependent.birth_date, dependent.sex)}"
    )


def _details(address: Address | None, birth_date: date | None, sex: str) -> str:
    """N3, N4 and DMG of a person; what the source does not hold is left out, the rules say whether that may be."""
    born = f"DMG*D8*{_day(birth_date)}*{sex}~" if birth_date is not None else ""
    return f"{_address(address)}{born}" if address is not None else born


def _address(address: Address) -> str:
    second = sanitise(address.street2)
    street = f"{sanitise(address.street)}*{second}" if second else sanitise(address.street)
    return f"N3*{street}~N4*{sanitise(address.city)}*{address.state}*{address.postal_code}~"


def _person(name: PersonName) -> str:
    """NM103 to NM107: last, first, middle, no prefix, suffix."""
    return f"{sanitise(name.last)}*{sanitise(name.first)}*{sanitise(name.middle)}**{sanitise(name.suffix)}"


def _claim(control_number: str, claim: Claim) -> str:
    """2300 with 2310B and its 2400 loops."""
    authorization = f"REF*G1*{claim.prior_authorization}~" if claim.prior_authorization else ""
    diagnoses = "*ABF:".join(claim.diagnoses)
    head = (
        f"CLM*{control_number}*{_number(claim.total_charge)}***{claim.place_of_service}:B:{claim.frequency}"
        f"*{claim.signature_on_file}*{claim.accepts_assignment}*{claim.benefits_assigned}"
        f"*{claim.release_of_information}~{authorization}HI*ABK:{diagnoses}~{_rendering(claim)}"
    )
    return head + "".join(
        [_line(claim, control_number, number, line) for number, line in enumerate(claim.lines, start=1)]
    )


def _rendering(claim: Claim) -> str:
    """2310B, only where another than the billing provider gave the service (guide; CG lists it so too)."""
    rendering = claim.rendering
    if rendering is None or rendering.npi == claim.billing.npi:
        return ""
    taxonomy = f"PRV*PE*PXC*{rendering.taxonomy}~" if rendering.taxonomy else ""
    return f"NM1*82*1*{_person(rendering.name)}*XX*{rendering.npi}~{taxonomy}"


def _line(claim: Claim, control_number: str, number: int, line: ServiceLine) -> str:
    procedure = ":".join((line.procedure, *line.modifiers))
    # SV105 is sent only where it differs from the claim's.
    place = "" if line.place_of_service == claim.place_of_service else line.place_of_service
    pointers = ":".join([str(pointer) for pointer in line.diagnosis_pointers])
    return (
        f"LX*{number}~SV1*HC:{procedure}*{_number(line.charge)}*UN*{_number(line.units)}*{place}**{pointers}~"
        f"DTP*472*D8*{_day(line.service_date)}~"
        f"REF*6R*{line_control_number(control_number, number)}~"
    )


def _number(value: Decimal) -> str:
    """Return an amount or a quantity as X12 writes numbers: no exponent, no zeros it does not need."""
    text = format(value, "f")
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    return text.removeprefix("0") or "0"


def _day(on: date) -> str:
    return f"{on.year:04d}{on.month:02d}{on.day:02d}"


def _trim(segment: str) -> str:
    return _EMPTY_TAIL.sub("~", segment)


def _refuse_what_cannot_be_sent(control_number: str, claim: Claim) -> None:
    """Raise BadFile for what would not read back as it is; names and addresses are made plain instead."""
    subscriber, payer, rendering = claim.subscriber, claim.payer, claim.rendering
    identifiers = [
        control_number, claim.billing.npi, claim.billing.tax_id, claim.billing.taxonomy, claim.billing.phone,
        *_postal(claim.billing.address), subscriber.member_id, subscriber.group_number, payer.id,
        payer.filing_indicator, claim.place_of_service, claim.prior_authorization, claim.accepts_assignment,
        claim.benefits_assigned, claim.release_of_information, claim.signature_on_file, *claim.diagnoses,
    ]  # fmt: skip
    if subscriber.address is not None:
        identifiers += _postal(subscriber.address)
    if claim.dependent is not None and claim.dependent.address is not None:
        identifiers += _postal(claim.dependent.address)
    if rendering is not None:
        identifiers += (rendering.npi, rendering.taxonomy)
    for line in claim.lines:
        identifiers += (line.procedure, line.place_of_service, *line.modifiers)
    fault = ""
    if not are_sendable(identifiers):
        fault = "an identifier holds a separator, a lower-case letter or a blank at its end; correct it in the source"
    elif claim.frequency is not Frequency.ORIGINAL:
        fault = f"CLM05-3: frequency {claim.frequency.name} needs REF*F8, which is not written yet; bill an original"
    elif not 1 <= len(claim.lines) <= MOST_LINES:
        fault = f"2400: {len(claim.lines)} service lines; a claim has 1 to {MOST_LINES}"
    elif not 1 <= len(claim.diagnoses) <= MOST_DIAGNOSES:
        fault = f"HI: {len(claim.diagnoses)} diagnoses; a claim has 1 to {MOST_DIAGNOSES}"
    if fault:
        raise BadFile(f"claim {control_number if control_number.isalnum() else '(bad control number)'}: {fault}")


def _postal(address: Address) -> tuple[str, str]:
    return address.state, address.postal_code
