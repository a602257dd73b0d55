"""What the JSON API answers: keys, codes, counts and dollars. No patient's data is in any of it."""

from datetime import datetime
from decimal import Decimal
from typing import Final

from pydantic import BaseModel, ConfigDict

from include.claims.states import Adjudication, BatchStatus, Delivery, FrontEnd, Usage, Work
from include.delivery.clinic_board import ClinicLine
from include.delivery.enrollment_board import Cell
from include.delivery.file_hops import Hop
from include.delivery.records import Batch, BatchSummary, ClaimLine, Incident, Kind, Place, Story
from include.delivery.standing import Glance

HELD_OVER: Final = ConfigDict(from_attributes=True, extra="forbid")


class Problem(BaseModel):
    """Why it was refused."""

    detail: str


class Money(BaseModel):
    """Claims and what they charge, in US dollars."""

    model_config = HELD_OVER
    claims: int
    dollars: Decimal


class Clinic(BaseModel):
    """A clinic with its checks."""

    key: str
    name: str
    mode: str
    mailbox: str
    bills_as: list[str]  # NPIs
    next_delivery: datetime | None
    next_response: datetime | None
    setup: str
    problems: list[str]

    @classmethod
    def of(cls, line: ClinicLine) -> "Clinic":
        """Return it from the board."""
        return cls(
            key=line.key,
            name=line.name,
            mode=line.mode,
            mailbox=line.mailbox_key,
            bills_as=list(line.billing),
            next_delivery=line.next_delivery,
            next_response=line.next_response,
            setup=line.setup,
            problems=list(line.problems),
        )


class Clinics(BaseModel):
    """All of them."""

    clinics: list[Clinic]


class ClinicStanding(BaseModel):
    """Where a clinic's live claims stand."""

    clinic: str
    stages: dict[str, Money]
    needs_person: Money

    @classmethod
    def of(cls, glance: Glance) -> "ClinicStanding":
        """Return it from the overview."""
        return cls(
            clinic=glance.clinic_key,
            stages={name: money(hop) for name, hop in glance.stages.items()},
            needs_person=money(glance.needs_person),
        )


class Overview(BaseModel):
    """Clinics, the one with the most money that waits for a person first."""

    clinics: list[ClinicStanding]


class Queue(BaseModel):
    """What waits for somebody, by what they have to do."""

    work: Work
    waiting: Money


class Queues(BaseModel):
    """The kinds of work, the most money first."""

    queues: list[Queue]


class Claim(BaseModel):
    """A submission of a claim and where it stands."""

    clinic: str
    source: str
    claim: str  # the source's key
    control_number: str
    usage: Usage
    delivery: Delivery
    front_end: FrontEnd
    adjudication: Adjudication
    work: Work
    contradicted: bool
    reasons: list[str]
    charge: Decimal
    paid: Decimal
    file: str
    run: str

    @classmethod
    def of(cls, line: ClaimLine) -> "Claim":
        """Return it from a line of the report."""
        return cls(
            clinic=line.clinic_key,
            source=line.source,
            claim=line.claim_key,
            control_number=line.control_number,
            usage=line.usage,
            delivery=line.delivery,
            front_end=line.front_end,
            adjudication=line.adjudication,
            work=line.work,
            contradicted=line.contradicted,
            reasons=list(line.reasons),
            charge=line.charge,
            paid=line.paid,
            file=line.file_name,
            run=line.run_id,
        )


class Claims(BaseModel):
    """A page of claims."""

    claims: list[Claim]
    next: int | None  # `after` of the next page; none: this is the last


class Happened(BaseModel):
    """One thing that happened to a submission."""

    submission: str  # `#1` is the first live one, `T1` the first test copy
    at: datetime
    event: str
    answered_on: str
    file: str
    position: int
    codes: list[str]
    words: str
    who: str

    @classmethod
    def of(cls, incident: Incident) -> "Happened":
        """Return it without what a payer wrote, which may name a patient."""
        return cls(
            submission=incident.label,
            at=incident.recorded_at,
            event=incident.event,
            answered_on=incident.answered_on,
            file=incident.file,
            position=incident.position,
            codes=list(incident.codes),
            words=incident.words,
            who=incident.who,
        )


class Submission(Claim):
    """A submission with the numbers others gave it."""

    label: str
    frequency: str
    clearinghouse_number: str
    payer_number: str


class ClaimStory(BaseModel):
    """A claim's submissions and all that happened to them, in the order in which we learned of it."""

    clinic: str
    source: str
    claim: str
    submissions: list[Submission]
    events: list[Happened]

    @classmethod
    def of(cls, story: Story) -> "ClaimStory":
        """Return it without what was billed."""
        return cls(
            clinic=story.clinic_key,
            source=story.source,
            claim=story.claim_key,
            submissions=[
                Submission(
                    **Claim.of(one.line).model_dump(),
                    label=one.label,
                    frequency=one.frequency,
                    clearinghouse_number=one.clearinghouse_claim_id,
                    payer_number=one.payer_claim_number,
                )
                for one in story.chapters
            ],
            events=[Happened.of(one) for one in story.incidents],
        )


class Stories(BaseModel):
    """The claims a name means; several where it is not unique."""

    claims: list[ClaimStory]


class BatchLine(BaseModel):
    """A file of claims."""

    id: int
    clinic: str
    mailbox: str
    kind: Kind
    usage: Usage
    status: BatchStatus
    file: str
    interchange_number: int
    group_number: int
    reference: str
    created_at: datetime
    claims: int
    charge: Decimal
    dag_id: str
    run_id: str

    @classmethod
    def of(cls, batch: Batch) -> "BatchLine":
        """Return it without its settings."""
        return cls(
            id=batch.id,
            clinic=batch.clinic_key,
            mailbox=batch.mailbox_key,
            kind=batch.kind,
            usage=batch.usage,
            status=batch.status,
            file=batch.file_name,
            interchange_number=batch.interchange_number,
            group_number=batch.group_number,
            reference=batch.reference,
            created_at=batch.created_at,
            claims=batch.claim_count,
            charge=batch.total_charge,
            dag_id=batch.run.dag_id,
            run_id=batch.run.run_id,
        )


class Batches(BaseModel):
    """A page of batches, newest first."""

    batches: list[BatchLine]
    next: int | None  # `before` of the next page; none: this is the last


class BatchDetail(BatchLine):
    """A file of claims and what became of them."""

    delivery: dict[Delivery, int]
    front_end: dict[FrontEnd, int]
    contradicted: int
    awaiting: int

    @classmethod
    def with_summary(cls, batch: Batch, summary: BatchSummary) -> "BatchDetail":
        """Return it with what its claims add up to."""
        return cls(
            **BatchLine.of(batch).model_dump(),
            delivery=dict(summary.by_delivery),
            front_end=dict(summary.by_front_end),
            contradicted=summary.contradicted,
            awaiting=summary.awaiting,
        )


class Enrollment(BaseModel):
    """What a payer was asked for, and how that stands."""

    clinic: str  # blank: no clinic bills under this NPI
    npi: str
    payer_id: str
    payer: str
    what: str
    enrollment: str
    state: str
    days: str
    claims: str  # what it does to them: goes, warns or holds
    remarks: list[str]
    note: str

    @classmethod
    def of(cls, place: Place, payer: str, what: str, cell: Cell) -> "Enrollment":
        """Return it from the board."""
        return cls(
            clinic=place.clinic_key,
            npi=place.npi,
            payer_id=place.payer_id,
            payer=payer,
            what=what,
            enrollment=cell.key,
            state=cell.state,
            days=cell.days,
            claims=cell.effect,
            remarks=list(cell.remarks),
            note=cell.note,
        )


class Enrollments(BaseModel):
    """A page of the board of enrollments."""

    enrollments: list[Enrollment]
    next: str | None  # `after` of the next page; none: this is the last


def money(hop: Hop) -> Money:
    """Return claims and dollars."""
    return Money.model_validate(hop)
