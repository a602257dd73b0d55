"""What passes between the use cases and the world: frozen records of ids, counts and claims."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum

from include.claims.model import Claim, Fault, SourceClaim
from include.claims.states import BatchStatus, Delivery, Event, FrontEnd, Usage, Work
from include.officeally.names import FileFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class RunKey:
    """Which DAG run asks; sealed batches belong to it for ever."""

    dag_id: str
    run_id: str


class Kind(StrEnum):
    """What a run's batches are made for."""

    LIVE = "live"  # to be paid
    TEST = "test"  # an OATEST file, made of copies
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

    def __add__(self, other: "StageCounts") -> "StageCounts":
        return StageCounts(
            new=self.new + other.new,
            held=self.held + other.held,
            unchanged=self.unchanged + other.unchanged,
            revised=self.revised + other.revised,
            resubmitted=self.resubmitted + other.resubmitted,
            after_sent=self.after_sent + other.after_sent,
            withdrawn=self.withdrawn + other.withdrawn,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadyClaim:
    """A submission that waits for a batch."""

    submission_id: int
    source: str
    claim_key: str
    revision: str


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchClaim:
    """One submission in its batch, with the content to render."""

    submission_id: int
    position: int  # from 1; the ST of the claim where there is one ST a claim
    control_number: str  # CLM01
    claim: Claim


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
        return f"{self.user}@{self.host}:{self.port}"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class RemoteFile:
    """A file as the server lists it."""

    name: str
    size: int
    modified: int  # seconds since 1970, as the server says


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
    clearinghouse_claim_id: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reading:
    """What a response says, matched to a batch of ours."""

    batch_id: int
    answered_on: str  # ISO date or time the response gives itself
    answers: tuple[Answer, ...]
    is_final: bool = False  # a File Summary: what it does not name is UNACCOUNTED
    clearinghouse_file_ids: tuple[str, ...] = ()


class Table(StrEnum):
    """The tables people keep, by the name of their CSV file."""

    MAILBOX = "mailboxes"
    BILLING_IDENTITY = "billing_identities"
    CLINIC = "clinics"


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
    work: Work
    contradicted: bool
    reasons: tuple[str, ...]  # `code: words` of the hold or the rejection
    charge: Decimal
    file_name: str  # blank where in no batch
    run_id: str  # blank where in no batch


@dataclass(frozen=True, slots=True, kw_only=True)
class SetAside:
    """A response that was not applied."""

    mailbox_key: str
    name: str
    status: ResponseStatus
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LedgerIdentity:
    """Which ledger this is, and how far it has come."""

    instance_id: str
    epoch: int
    highest_interchange_number: int  # of all mailboxes
    numbers_given_out: int  # summed over the mailboxes, so that it rises whichever of them seals
