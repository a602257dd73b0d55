"""What passes between the use cases and the world: frozen records of ids, counts and claims."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Final, NamedTuple

from include.claims.enrollment import State
from include.claims.model import Claim, Fault, Frequency, SourceClaim
from include.claims.remittance import ProviderAdjustment
from include.claims.states import Adjudication, BatchStatus, Delivery, Event, FrontEnd, Usage, Work
from include.officeally.names import FileFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """Which DAG run asks; sealed batches belong to it for ever."""

    dag_id: str
    run_id: str


class Kind(StrEnum):
    """What a run's batches are made for."""

    LIVE = "live"  # to be paid
    TEST = "test"  # an OATEST file, made of copies, and of invented claims where there are too few
    DRY = "dry"  # rendered and shown, never sent, made of copies

    @property
    def usage(self) -> Usage:
        """What a file of this kind is for."""
        return Usage.LIVE if self is Kind.LIVE else Usage.TEST


@dataclass(frozen=True, slots=True, kw_only=True)
class RunOrder:
    """What a run was asked to do; stored when it seals and read back ever after, never recomputed."""

    key: RunKey
    clinic_key: str
    window_end: datetime  # claims with ready_at before it, zone-aware
    kind: Kind
    payer_id: str = ""  # only this payer
    claim_keys: tuple[str, ...] = ()  # only these source claim keys
    is_test_asked_for: bool = False  # by a person: a test file goes even where the clinic has nothing pending


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """One claim of the source with what the rules said of it."""

    claim: SourceClaim
    faults: tuple[Fault, ...]  # those that block make it HELD; the others are kept as warnings


@dataclass(frozen=True, slots=True, kw_only=True)
class StageCounts:
    """What staging did, in claims."""

    new: int = 0
    held: int = 0  # of the new and the changed, those that may not go
    unchanged: int = 0
    revised: int = 0  # READY or HELD took new content
    resubmitted: int = 0  # rejected earlier, changed since: a new submission
    after_sent: int = 0  # changed or cancelled after it left: a person is told
    withdrawn: int = 0  # cancelled at the source before it left
    recognised: int = 0  # still pending at the source, though an earlier process has sent it: it is not sent

    def __add__(self, other: "StageCounts") -> "StageCounts":
        return StageCounts(
            new=self.new + other.new,
            held=self.held + other.held,
            unchanged=self.unchanged + other.unchanged,
            revised=self.revised + other.revised,
            resubmitted=self.resubmitted + other.resubmitted,
            after_sent=self.after_sent + other.after_sent,
            withdrawn=self.withdrawn + other.withdrawn,
            recognised=self.recognised + other.recognised,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryCounts:
    """What the ledger made of some claims that an earlier process sent."""

    imported: int = 0
    known: int = 0  # told before, in the same words
    kept_from_going: int = 0  # of the imported, those that waited here to be sent
    refused: tuple[Fault, ...] = ()

    def __add__(self, other: "HistoryCounts") -> "HistoryCounts":
        return HistoryCounts(
            imported=self.imported + other.imported,
            known=self.known + other.known,
            kept_from_going=self.kept_from_going + other.kept_from_going,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyClaim:
    """A submission that waits for a batch."""

    submission_id: int
    source: str
    claim_key: str
    revision: str
    is_asked_for: bool = False  # by a person: it goes whether the source still holds it as pending or not


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchClaim:
    """One submission in its batch, with the content to render."""

    submission_id: int
    position: int  # from 1; the ST of the claim where there is one ST a claim
    control_number: str  # CLM01
    claim: Claim


@dataclass(frozen=True, slots=True, kw_only=True)
class Billed:
    """Who bills whom with a submission."""

    payer_id: str
    npi: str
    tax_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The claims that go in one file; frozen when sealed."""

    id: int
    number: int  # rising by mailbox; BHT03 and the file name carry it
    clinic_key: str
    mailbox_key: str
    run: RunKey
    kind: Kind
    usage: Usage
    file_name: str
    interchange_number: int  # ISA13
    group_number: int  # GS06
    reference: str  # BHT03
    created_at: datetime  # frozen, zone-aware; ISA09/10, GS04/05, BHT04/05
    settings: Mapping[str, str]  # the profile and submitter values the bytes are made with
    claim_count: int
    total_charge: Decimal
    status: BatchStatus
    payload_sha256: str | None
    size: int | None  # bytes

    @property
    def file_format(self) -> FileFormat:
        """What its file is; settings that do not say were frozen for an 837P."""
        return FileFormat(self.settings.get("format", FileFormat.X12))


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchSummary:
    """What became of a batch, in claims and dollars."""

    batch_id: int
    file_name: str
    status: BatchStatus
    by_delivery: Mapping[Delivery, int]
    by_front_end: Mapping[FrontEnd, int]
    contradicted: int
    awaiting: int  # claims with no verdict of the clearinghouse and not dead on delivery

    @property
    def is_settled(self) -> bool:
        """Every claim has the clearinghouse's verdict, or is known not to have become one there."""
        return self.awaiting == 0


class Refusal(NamedTuple):
    """What a refusal says of a file or set as a whole."""

    codes: tuple[str, ...]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A file that failed, or a set of it that was refused, and all that was heard of it; claims alike in one record."""

    batch_id: int
    set_number: str  # ST02; blank: the whole file
    clinic_key: str
    mailbox_key: str
    file_name: str
    usage: Usage
    control_numbers: tuple[str, ...]  # of claims that have no later submission
    refusals: tuple[Refusal, ...]  # what each refusal of it says
    heard_at: datetime  # when anything was last heard of it
    signs_of_life: tuple[Event, ...]  # whatever else was said of any claim in it
    is_contradicted: bool
    has_new_content: bool  # the source has changed a claim in it since
    is_of_this_epoch: bool
    unread: tuple[str, ...]  # answers that came since and could not be read
    # of these claims
    failed_before: bool  # an earlier submission was refused as a whole too
    may_live: bool  # another submission may be alive
    is_cancelled: bool  # the source took them back

    @property
    def place(self) -> tuple[int, str]:
        """Which file, or which set of it."""
        return self.batch_id, self.set_number


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerIdentity:
    """Whom we talk to, as recorded with every transmission."""

    host: str
    port: int
    user: str
    key_fingerprint: str  # SHA256:... of the host key
    is_sandbox: bool = False  # the server says so in its SSH version
    sandbox_expected: bool = False  # the connection says so (`"sandbox": true` in its extra): demos and tests

    @property
    def account(self) -> str:
        """The name sessions, breaker and taker are serialised by."""
        return f"{self.user}@{self.server}"

    @property
    def server(self) -> str:
        """Where several accounts may be."""
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    """The right to be in an account, for a while."""

    account: str
    holder: str
    token: int  # fencing: rises with every holder
    seconds: float  # how long it was given for, from `acquire`


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountState:
    """How an account stands, for people."""

    account: str
    holder: str  # blank: free
    refused_at: datetime | None  # the breaker is open since then
    reason: str
    mailbox_key: str = ""  # who was there last; blank: not known
    visited_at: datetime | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file as the server lists it."""

    name: str
    size: int
    modified: int  # seconds since 1970, as the server says
    fault: str = ""  # why it cannot be asked for by its name, which then is only how to show it


class ResponseStatus(StrEnum):
    """What became of a file that came back."""

    STORED = "stored"  # raw bytes safe, not applied yet
    APPLIED = "applied"
    FOREIGN = "foreign"  # names no file or claim of ours; looked at again when claims are added
    UNKNOWN = "unknown"  # a name no reader knows; kept and shown
    QUARANTINED = "quarantined"  # does not follow its layout, or contradicts its own keys


@dataclass(frozen=True, slots=True, kw_only=True)
class Response:
    """A file that came back."""

    id: int
    mailbox_key: str
    name: str
    sha256: str
    taken_at: datetime
    status: ResponseStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """One thing a response says of one submission, in our words."""

    control_number: str  # CLM01
    event: Event
    position: int  # where in the response it stands: segment or line number
    codes: tuple[str, ...] = ()
    words: str = ""  # why, in plain words, no patient data
    payer_words: str = field(default="", repr=False)  # free text of a payer: it may name a patient
    answered_on: str = ""  # its own ISO date, where it is not its file's
    clearinghouse_claim_id: str = ""
    payer_claim_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a response says: of one batch of ours, or of claims wherever they went."""

    batch_id: int | None  # None: it mixes claims of many files
    answered_on: str  # ISO date or time the response gives itself
    answers: tuple[Answer, ...]
    is_final: bool = False  # a File Summary: what it does not name is UNACCOUNTED
    clearinghouse_file_ids: tuple[str, ...] = ()
    remarks: tuple[str, ...] = ()  # what in it does not add up; its answers apply all the same


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentNotice:
    """A payment opens: who pays whom how much, and how it is told from every other."""

    segment: int  # where its ST stands in the file
    identity: str  # of payer, payee, trace, date, amount and method: zero-pay traces repeat
    payer_name: str
    payer_id: str
    payee_npi: str
    payee_tax_id: str
    trace: str  # TRN02
    method: str  # BPR04
    handling: str  # BPR01
    paid_on: date
    amount: Decimal  # BPR02, negative where money was taken


@dataclass(frozen=True, slots=True, kw_only=True)
class Posting:
    """What a payment says of one claim."""

    control_number: str  # CLP01
    payer_claim_number: str  # CLP07
    decision: str  # CLP02
    event: Event | None  # what it comes to; None: it decides nothing
    charge: Decimal
    paid: Decimal
    patient: Decimal  # the patient's share
    segment: int
    key: str  # the payment's identity, both claim numbers, the decision, and which of its kind in the payment
    content: str  # SHA-256 of all it says: the same key with another content is never posted by itself
    document: str  # JSON: lines, adjustments, remarks
    codes: tuple[str, ...]
    words: str
    fault: str  # why its money may not be posted; blank where it adds up


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentClosed:
    """A payment ends: what its claims come to and what concerns the provider as a whole."""

    claims_paid: Decimal
    provider_adjustments: tuple[ProviderAdjustment, ...]
    fault: str  # why the payment does not add up; blank where it does
    may_be_a_part: bool  # only its amount is wrong: it may add up with other sets of the same payment


Remittance = Iterator[PaymentNotice | Posting | PaymentClosed]
"""A remittance in the file's order."""


class Posted(StrEnum):
    """Where a posting or a payment is on its way to the practice's books."""

    POSTED = "posted"  # in the feed
    QUARANTINED = "quarantined"  # does not add up: a person accepts it, or the payer sends it anew
    UNMATCHED = "unmatched"  # our payee's, but no claim of ours has its number
    FOREIGN = "foreign"  # another payee's
    CONFLICT = "conflict"  # the payment said something else of the claim before
    REPEATED = "repeated"  # a payment already here, told again


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedRow:
    """A posting as the practice's books get it. Holds no patient data."""

    posting_id: int  # rises by one; a reader remembers the last
    source: str
    claim_key: str
    clinic_key: str
    control_number: str
    payer_name: str
    payer_id: str
    payer_claim_number: str
    trace: str
    method: str
    paid_on: date
    decision: str  # CLP02
    charge: Decimal
    paid: Decimal
    patient: Decimal
    document: str  # JSON: lines with the source's own in them, adjustments, remarks
    response_sha256: str  # the raw remittance it stands in


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenMoney:
    """Money that waits for a person."""

    posting_id: int | None  # None: a payment as a whole
    payment_id: int
    status: Posted
    reason: str
    control_number: str
    paid: Decimal
    payer_name: str
    trace: str
    paid_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Deposit:
    """A payment the bank should have seen; sets of one payment are one deposit."""

    payer_name: str
    payee_npi: str
    trace: str
    method: str
    paid_on: date
    amount: Decimal
    seen_on: date | None
    seen_amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderBalance:
    """What one payer has added to or taken from payments beside their claims, for one reason and reference."""

    payer_name: str
    payee_npi: str
    reason: str  # PLB03-1
    reference: str  # PLB03-2: what it is about, often the payer's number of a claim
    amount: Decimal  # as it changed what was paid: less than nothing was taken
    times: int
    first_on: date
    last_on: date
    source: str  # of the claim whose payer's number the reference is; blank: of none of ours
    claim_key: str

    @property
    def state(self) -> str:
        """Whether it is settled: what is carried from one payment to another comes to nothing in the end."""
        if self.reason not in CARRIED:
            return "for good"
        if not self.amount:
            return "settled"
        return "the payer will take it" if self.amount > 0 else "taken, and nothing tells where it came from"


CARRIED: Final = frozenset({"FB", "WO"})
"""Balances forwarded and overpayments: each is to be seen twice, once either way."""


class Table(StrEnum):
    """The tables people keep, by the name of their CSV file."""

    MAILBOX = "mailboxes"
    BILLING_IDENTITY = "billing_identities"
    CLINIC = "clinics"
    PAYER = "payers"
    ENROLLMENT = "enrollments"
    HOLD = "holds"


CLINIC_TABLES: Final = (Table.MAILBOX, Table.BILLING_IDENTITY, Table.CLINIC)
PAYER_TABLES: Final = (Table.PAYER, Table.ENROLLMENT, Table.HOLD)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimLine:
    """One line of the night report: a submission and where it stands. Holds no patient data."""

    clinic_key: str
    source: str
    claim_key: str
    control_number: str
    usage: Usage
    delivery: Delivery
    front_end: FrontEnd
    adjudication: Adjudication = Adjudication.NONE
    work: Work
    contradicted: bool
    reasons: tuple[str, ...]  # `code: words` of the hold or the rejection
    charge: Decimal
    file_name: str  # blank where in no batch
    run_id: str  # blank where in no batch
    set_answer: Event | None = None  # what the 999 said of its set
    paid: Decimal = Decimal(0)  # what was posted for it


@dataclass(frozen=True, slots=True, kw_only=True)
class ClaimAsk:
    """Which live submissions are asked for, a page at a time; what is blank is not asked about."""

    clinic_keys: Collection[str]
    delivery: str = ""
    front_end: str = ""
    adjudication: str = ""
    work: str = ""
    after: int = 0  # the last id of the page before
    limit: int = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchAsk:
    """Which batches are asked for, a page at a time."""

    clinic_keys: Collection[str]
    status: str = ""
    before: int | None = None  # the last id of the page before
    limit: int = 100


class Place(NamedTuple):
    """One row of the board of enrollments; also where a page of it ends."""

    clinic_key: str  # blank: no clinic bills under this NPI
    npi: str
    payer_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardAsk:
    """What of the board is asked for."""

    clinic_keys: Collection[str]
    with_nobodys: bool = False  # also what no clinic bills under
    payer_id: str = ""
    states: Collection[State] = ()  # rows with a record in one of them; none: all
    after: Place | None = None
    limit: int = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Chapter:
    """One submission of a claim, as its story tells it."""

    line: ClaimLine
    label: str  # `#1` is the first that was live, `T1` the first copy for a test file
    frequency: Frequency
    asked_by: str  # the person who sent it again; blank: nobody had to
    replaces: str  # REF*F8: the payer's number of what it replaces or voids
    clearinghouse_claim_id: str
    payer_claim_number: str
    held_by: tuple[Fault, ...] = ()  # why it is HELD
    claim: Claim | None = field(repr=False)  # what was billed, patients' data; None where it could not be read
    batch_id: int | None = None  # the file it is in
    position: int | None = None  # in that file, from 1
    set_number: str = ""  # ST02
    first_segment: int | None = None  # of its set; of a print image the page


@dataclass(frozen=True, slots=True, kw_only=True)
class Incident:
    """One thing that happened to a claim."""

    label: str  # of the submission it happened to
    recorded_at: datetime
    event: Event
    answered_on: str  # as the answer says itself; blank: it is no answer
    file: str
    position: int
    codes: tuple[str, ...]
    words: str
    payer_words: str = field(repr=False)  # free text of a payer: it may name a patient
    who: str
    money: tuple["Paid", ...] = ()  # what the payment said that is told here
    response_id: int | None = None  # the stored answer it stands in


@dataclass(frozen=True, slots=True, kw_only=True)
class Paid:
    """What one payment said of a submission."""

    payer_name: str
    trace: str
    method: str
    paid_on: date
    decision: str  # CLP02
    charge: Decimal
    paid: Decimal
    patient: Decimal
    payer_claim_number: str
    status: Posted
    reason: str
    document: str  # JSON: lines, adjustments, remarks


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A claim's whole history, in the order in which we learned of it."""

    clinic_key: str
    source: str
    claim_key: str
    chapters: tuple[Chapter, ...]
    incidents: tuple[Incident, ...]
    claim_id: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusRow:
    """A live submission as the practice system gets it; `include.delivery.status_feed` says what each field means."""

    change_id: int  # rises with every change; a reader remembers the last
    changed_at: datetime
    source: str
    claim_key: str
    clinic_key: str
    control_number: str
    submission_number: int
    frequency: Frequency
    payer_id: str
    charge: Decimal
    sent_at: datetime | None
    file_name: str
    delivery: Delivery
    front_end: FrontEnd
    adjudication: Adjudication
    work: Work
    contradicted: bool
    reasons: str  # JSON
    clearinghouse_claim_id: str
    payer_claim_number: str
    paid: Decimal
    patient: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A response that was not applied."""

    mailbox_key: str
    name: str
    status: ResponseStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SealedRun:
    """A live run of a clinic that came as far as sealing, whether it had claims or not."""

    clinic_key: str
    sealed_at: datetime
    batches: int  # made by it, not adopted


class Step(StrEnum):
    """What has to happen before a clinic is live, and after it was."""

    FACTS = "facts"
    REQUEST = "request"
    CREDENTIALS = "credentials"
    CONNECTION = "connection"
    TEST_FILE = "test file"
    HISTORY = "history"
    APPROVAL = "approval"
    RUN = "run"  # of Airflow's, which goes through the steps
    # Off-boarding, a person's word each.
    DRAINED = "drained"
    ARCHIVED = "archived"
    # At any time, from the Claims page.
    CHANGED = "changed"  # a row of a table people keep
    TRIED = "tried"  # the connection


@dataclass(frozen=True, slots=True, kw_only=True)
class OnboardingNote:
    """One thing that was done or said while a clinic was set up or taken out. Holds no secret."""

    step: Step
    at: datetime
    who: str
    note: str = ""
    evidence: str = ""  # of what it is true: another login or host key needs another look


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What people have been told of something that is silent."""

    level: int  # per cent of the time gone by
    at: datetime
    acknowledged_by: str = ""  # who has heard it; blank: nobody


@dataclass(frozen=True, slots=True, kw_only=True)
class Waited:
    """A person's word to keep waiting for a file in doubt."""

    who: str
    why: str
    at: datetime
    until: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """A file that came back, as far as its name tells."""

    name: str
    status: ResponseStatus
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Doubt:
    """A file that began to leave and that nobody has confirmed."""

    batch: Batch
    begun_at: datetime  # the last attempt; without one, since when it is in doubt
    attempts: int  # none: the ledger was restored, and may have forgotten them
    server: str  # user, host and port
    stopped: str  # why the last attempt ended so
    waited: tuple[Waited, ...]
    came: tuple[Came, ...]  # to its mailbox since


@dataclass(frozen=True, slots=True, kw_only=True)
class OldFile:
    """A stored file of ours, or one that came back."""

    name: str
    sha256: str
    size: int
    at: datetime  # when it was sealed or taken


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerIdentity:
    """Which ledger this is, and how far it has come."""

    instance_id: str
    epoch: int
    highest_interchange_number: int  # of all mailboxes
    numbers_given_out: int  # summed over the mailboxes, so that it rises whichever of them seals
    attempts: int = 0  # the newest attempt's id, so that it rises whenever bytes may leave
