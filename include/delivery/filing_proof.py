"""
Proof of timely filing: when a claim was sent, under which numbers, who said that they have it, and where that stands.

A payer that denies for a late claim wants dates and documents, not our word. So every fact names the file and the place
where it stands, and nothing is said that no file or record says.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from include.claims.errors import NotAllowed
from include.claims.model import Claim
from include.claims.states import Event
from include.delivery.batch_file import BatchFile
from include.delivery.records import Batch, Chapter, Incident, Story
from include.delivery.render import as_sent
from include.delivery.story import KINDS
from include.officeally.names import FileFormat

LEDGER: Final = "record of the sending"
CLAIM: Final = "the claim as it was sent"

ACCEPTANCES: Final[Mapping[Event, str]] = {
    Event.SET_ACCEPTED: "The clearinghouse received the file and could read it (999)",
    Event.ACCEPTED_BY_CLEARINGHOUSE: "The clearinghouse accepted the claim",
    Event.RECEIVED_BY_PAYER: "The payer received the claim",
    Event.ACCEPTED_BY_PAYER: "The payer accepted the claim",
    Event.MAILED_ON_PAPER: "The clearinghouse mailed the claim to the payer on paper",
    Event.INFORMATION_REQUESTED: "The payer had the claim and asked for more",
    Event.PAID: "The payer decided on the claim (remittance)",
    Event.PAID_WITH_DENIED_LINES: "The payer decided on the claim (remittance)",
    Event.LEFT_TO_PATIENT: "The payer decided on the claim (remittance)",
    Event.DENIED: "The payer decided on the claim (remittance)",
}
"""What proves that somebody has it."""

_MILESTONES: Final[Mapping[str, Collection[Event]]] = {
    "First accepted by the clearinghouse": frozenset({Event.ACCEPTED_BY_CLEARINGHOUSE}),
    "First at the payer": ACCEPTANCES.keys() - {Event.SET_ACCEPTED, Event.ACCEPTED_BY_CLEARINGHOUSE},
}

REFUSALS: Final[Mapping[Event, str]] = {
    Event.SET_REFUSED: "The clearinghouse could not read the claim's part of the file (999)",
    Event.FILE_FAILED: "The clearinghouse refused the file",
    Event.REJECTED_BY_CLEARINGHOUSE: "The clearinghouse rejected the claim",
    Event.REJECTED_BY_PAYER: "The payer rejected the claim",
}
"""What an honest proof does not leave out."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """One thing that is so, and where it stands."""

    what: str
    value: str
    source: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """One submission that left, and what was heard of it."""

    title: str
    sent_at: datetime
    claim: Claim
    control_number: str
    facts: tuple[Fact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FilingProof:
    """All a payer needs to see that a claim was filed in time."""

    claim_key: str
    summary: tuple[Fact, ...]
    claim: tuple[Fact, ...]
    filings: tuple[Filing, ...]  # oldest first
    made_at: datetime
    made_by: str


def filing_proof(story: Story, files: Mapping[int, BatchFile], who: str, now: datetime) -> FilingProof:
    """Gather what proves when a claim was filed; raise NotAllowed where nothing of it has left."""
    filings = sorted(_filings(story, files), key=lambda one: one.sent_at)
    if not filings:
        raise NotAllowed(f"claim {story.claim_key}: it has not been sent from here, so there is no filing to prove")
    first = filings[0]
    return FilingProof(
        claim_key=story.claim_key,
        summary=tuple(_summary(first, story)),
        claim=tuple(_claim_facts(first.claim, first.control_number)),
        filings=tuple(filings),
        made_at=now,
        made_by=who,
    )


def files_of(story: Story) -> set[int]:
    """Return the ids of the files that a proof needs."""
    return {chapter.batch_id for chapter in _live(story) if chapter.batch_id is not None}


def _live(story: Story) -> list[Chapter]:
    return [chapter for chapter in story.chapters if chapter.line.usage == "live"]


def _filings(story: Story, files: Mapping[int, BatchFile]) -> Iterator[Filing]:
    for chapter in _live(story):
        own = [one for one in story.incidents if one.label == chapter.label]
        file = files.get(chapter.batch_id) if chapter.batch_id is not None else None
        sent = file.sent if file else None
        if file is None or sent is None or chapter.claim is None:
            continue
        yield Filing(
            title=f"Submission {chapter.label}, {KINDS[chapter.frequency]}, {chapter.line.control_number}",
            sent_at=sent.ended_at or sent.begun_at,
            claim=as_sent(file.batch, chapter.claim),
            control_number=chapter.line.control_number,
            facts=(*_sending(chapter, file), *_numbers(chapter), *_answers(own)),
        )


def _summary(first: Filing, story: Story) -> Iterator[Fact]:
    service = min(line.service_date for line in first.claim.lines)
    yield Fact(what="First sent", value=moment(first.sent_at), source=LEDGER)
    yield _days("Days from first service to first sending", service, first.sent_at.date())
    for what, events in _MILESTONES.items():
        found = _first_of(story, events)
        if found is None:
            continue
        yield Fact(what=what, value=_said(found), source=_place(found))
        yield _days("Days from first service to that", service, date.fromisoformat(found.answered_on[:10]))


def _first_of(story: Story, events: Collection[Event]) -> Incident | None:
    """Return the first word of that kind on any submission that was to be paid."""
    live = {chapter.label for chapter in _live(story)}
    told = [one for one in story.incidents if one.label in live and one.event in events and one.answered_on]
    return min(told, key=lambda one: one.answered_on, default=None)


def _days(what: str, service: date, until: date) -> Fact:
    return Fact(what=what, value=str((until - service).days), source=f"{service} to {until}")


def _claim_facts(claim: Claim, control_number: str) -> Iterator[Fact]:
    patient, insured, billing = claim.patient, claim.subscriber, claim.billing
    days = sorted(line.service_date for line in claim.lines)
    for item, what, value in (
        ("26", "Patient control number", control_number),
        ("2", "Patient", _name(patient.name.last, patient.name.first)),
        ("3", "Patient's birth date", str(patient.birth_date or "")),
        ("1a", "Member id", insured.member_id),
        ("4", "Insured", _name(insured.name.last, insured.name.first)),
        ("", "Payer", f"{claim.payer.name}, payer id {claim.payer.id}"),
        ("33", "Billing provider", _name(billing.name, billing.first_name)),
        ("33a", "Billing NPI", billing.npi),
        ("25", "Tax id", billing.tax_id),
        ("24A", "Dates of service", f"{days[0]} to {days[-1]}"),
        ("28", "Total charge", f"${claim.total_charge:,.2f}"),
    ):  # fmt: skip
        if value:
            yield Fact(what=what, value=value, source=f"{CLAIM}, item {item}" if item else CLAIM)
    for number, line in enumerate(claim.lines, start=1):
        service = " ".join((line.procedure, *line.modifiers))
        value = f"{line.service_date}  {service}  {line.units} units  ${line.charge:,.2f}"
        yield Fact(what=f"Service line {number}", value=value, source=f"{CLAIM}, item 24")


def _sending(chapter: Chapter, file: BatchFile) -> Iterator[Fact]:
    batch, sent = file.batch, file.sent
    if sent is None:
        return
    ours = f"{LEDGER}, transmission {sent.id}"
    yield Fact(what="Sent", value=moment(sent.ended_at or sent.begun_at), source=ours)
    yield Fact(what="To", value=f"{sent.server} as {sent.login}", source=f"{ours}; host key {sent.key_fingerprint}")
    yield Fact(what="Acknowledged by the server", value=sent.evidence, source=ours)
    yield Fact(what="File", value=batch.file_name, source=f"{LEDGER}, batch {batch.number} of {batch.mailbox_key}")
    yield from _envelope(chapter, batch) if batch.file_format is FileFormat.X12 else _sheet(chapter)
    if batch.payload_sha256:
        size = f"{batch.size:,} bytes" if batch.size else ""
        gone = f"; let go on {file.aged_at:%Y-%m-%d} because of its age" if file.aged_at else ""
        source = f"the file as it was sent, {size}{gone}"
        yield Fact(what="SHA-256 of the file", value=batch.payload_sha256, source=source)
    for one in file.clearinghouse_file_ids:
        yield Fact(what="The clearinghouse's file id", value=one, source="its reports on the file")


def _envelope(chapter: Chapter, batch: Batch) -> Iterator[Fact]:
    yield Fact(what="Interchange control number", value=f"{batch.interchange_number:09d}", source="ISA13 of the file")
    yield Fact(what="Group control number", value=str(batch.group_number), source="GS06 of the file")
    yield Fact(what="Reference", value=batch.reference, source="BHT03 of the file")
    place = f"ST02 {chapter.set_number}, from segment {chapter.first_segment}"
    yield Fact(what="Place in the file", value=f"claim {chapter.position}", source=place)


def _sheet(chapter: Chapter) -> Iterator[Fact]:
    source = f"a print image, from page {chapter.first_segment}"
    yield Fact(what="Place in the file", value=f"claim {chapter.position}", source=source)


def _numbers(chapter: Chapter) -> Iterator[Fact]:
    for what, number, source in (
        ("The clearinghouse's claim id", chapter.clearinghouse_claim_id, "its report, below"),
        ("The payer's claim number", chapter.payer_claim_number, "the payer's answer, below"),
    ):
        if number:
            yield Fact(what=what, value=number, source=source)


def _answers(incidents: Iterable[Incident]) -> Iterator[Fact]:
    told = [one for one in incidents if one.event in ACCEPTANCES or one.event in REFUSALS]
    for one in sorted(told, key=lambda one: one.answered_on):
        yield Fact(what=ACCEPTANCES.get(one.event) or REFUSALS[one.event], value=_said(one), source=_place(one))


def _said(one: Incident) -> str:
    codes = f" ({', '.join(one.codes)})" if one.codes else ""
    return f"{one.answered_on or moment(one.recorded_at)}{codes}"


def _place(one: Incident) -> str:
    at = f", at {one.position}" if one.position else ""
    return f"{one.file}{at}; taken {moment(one.recorded_at)}" if one.file else f"recorded {moment(one.recorded_at)}"


def moment(at: datetime) -> str:
    """Write an instant as a proof has it."""
    return f"{at:%Y-%m-%d %H:%M} UTC"


def _name(last: str, first: str) -> str:
    return ", ".join(part for part in (last, first) if part)
