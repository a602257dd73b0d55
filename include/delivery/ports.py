"""
What the use cases need of the world, as protocols; adapters implement them.

The contract tests in `tests/contract` hold the ledger to them on every database, `tests/adapters` the rest.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Protocol

from include.claims.deadlines import Unsettled, Waits
from include.claims.earlier import SentElsewhere
from include.claims.enrollment import PATIENCE, Enrolled, Patience
from include.claims.facts import BilledLine, OtherClaims
from include.claims.model import Frequency, SourceClaim
from include.claims.scrub import NO_BOOK, RuleBook
from include.claims.states import Event, Usage
from include.delivery.batch_file import AnswerFile, BatchFile, PlacedClaim, StoredAnswer
from include.delivery.clinic_table import BillingIdentity, Clinic, Mailbox, Row
from include.delivery.figures import LastRun, Night, Owed, Verdicts, Week
from include.delivery.file_hops import Alike, Hop
from include.delivery.finding import Beside, Found
from include.delivery.looks import Look
from include.delivery.queues import Ask, Queue, Subject, Waiting
from include.delivery.records import (
    AccountState,
    Batch,
    BatchAsk,
    BatchClaim,
    BatchSummary,
    Billed,
    BoardAsk,
    ClaimAsk,
    ClaimLine,
    Deposit,
    Doubt,
    FeedRow,
    HistoryCounts,
    Lease,
    LedgerIdentity,
    OldFile,
    OnboardingNote,
    OpenMoney,
    Place,
    ProviderBalance,
    Reading,
    ReadyClaim,
    Refused,
    Remittance,
    RemoteFile,
    Response,
    ResponseStatus,
    RunKey,
    RunOrder,
    SealedRun,
    ServerIdentity,
    SetAside,
    StageCounts,
    Staged,
    StatusRow,
    Story,
    Table,
    Told,
)
from include.delivery.runs import HeldFor, Login, SeenRun, SilentClaim
from include.delivery.standing import Late, Standing


class ClaimLedger(Protocol):
    """Claims, revisions, submissions and their events."""

    def stage(self, clinic_key: str, chunk: Sequence[Staged], now: datetime) -> StageCounts:
        """Record what the source holds, idempotently and in one transaction; sections 4 and 5.1 of the design."""

    def sent_elsewhere(
        self, clinic_key: str, chunk: Sequence[SentElsewhere], now: datetime, *, dry_run: bool = False
    ) -> HistoryCounts:
        """Record claims that an earlier process sent, in one transaction: sent, under the numbers it gave them.

        What waited to be sent here is withdrawn. Told again in the same words nothing changes. Refused, one by one, is
        what was told in other words before, a number that is taken, and a claim that we have sent ourselves.
        """

    def others(self, own: Sequence[BilledLine]) -> OtherClaims:
        """Return what the rules over time must know beside these lines: others that may be alive, units used up.

        Over all clinics; of what is dead (rejected, withdrawn, held, failed) nothing is returned.
        """

    def enrolled(self, payer_ids: Collection[str], npis: Collection[str]) -> Enrolled:
        """Return what is kept of these payers and of these providers with them; rows that cannot be read are left out.

        The whole payer list comes along where one of the ids is not in it.
        """

    def billed(self, control_numbers: Collection[str]) -> Mapping[str, Billed]:
        """Return by whom and to whom these submissions are billed; of a claim that cannot be read, nothing."""

    def ready(self, clinic_key: str, order: RunOrder) -> Iterator[ReadyClaim]:
        """Return the READY live submissions the order covers (window, payer, claim keys), oldest first."""

    def withdraw(self, submission_ids: Iterable[int], reason: str, now: datetime) -> int:
        """Withdraw READY or HELD submissions the source no longer holds as pending; return how many."""

    def release(self, control_number: str, who: str, why: str, now: datetime, *, seen: int | None = None) -> None:
        """Let a person release a HELD submission; raise NotAllowed where it is not HELD or a blocking rule holds it.

        `seen`, here and below, is the newest event of the claim that the person knew: raise ChangedMeanwhile where
        there is a newer one, so that of two people who act on one claim the second is told.
        """

    def hold(self, control_number: str, who: str, why: str, now: datetime, *, seen: int | None = None) -> None:
        """Let a person keep a READY or HELD submission from going until one releases it; raise NotAllowed else."""

    def say(
        self, control_number: str, word: Event, *, who: str, why: str, now: datetime, seen: int | None = None
    ) -> None:
        """Record a person's word on what is left to do for a claim; raise NotAllowed where it has not left.

        `word` is one of `states.WORDS` but REPLACED and VOIDED, which `send_again` records.
        """

    def send_again(
        self,
        control_number: str,
        frequency: Frequency,
        *,
        payer_claim_number: str = "",
        who: str,
        why: str,
        now: datetime,
        seen: int | None = None,
    ) -> str:
        """Make the claim's next submission, as a replacement, a void or an original; return its control number.

        A replacement and a void name the payer's newest number of the claim, or the one given. Raise NotAllowed where
        the claim has not left, a later submission of it is there, its answers contradict each other, or an original
        would stand beside a claim that may live.
        """


class BatchLedger(Protocol):
    """Runs, batches and transmissions: the exactly-once protocol's memory."""

    def sealed(self, run: RunKey) -> list[int] | None:
        """Return the batch ids this run sealed or adopted, or None where it has not sealed yet."""

    def seal(
        self,
        order: RunOrder,
        clinic: Clinic,
        now: datetime,
        *,
        name_of: Callable[[int, Usage], str],
        settings: Mapping[str, str],
        adopted: Sequence[int] = (),
        invented: Sequence[Staged] = (),
    ) -> list[int]:
        """Reserve the order's READY claims in batches, in one short transaction, and return their ids, adopted first.

        A second call for the same run returns what the first sealed. Live orders move submissions to BATCHED; test
        and dry orders make copies and touch no live submission. Control numbers are allocated here, once.

        A test order makes one file, of 5 to 100 claims: as many of the invented ones as it lacks of copies go in.
        NotAllowed where that is not enough, and where another order than a test's has invented claims.
        """

    def unfinished(self, clinic_key: str, before: datetime) -> list[Batch]:
        """Return the clinic's live batches sealed before then that are SEALED, RENDERED or BEGUN, oldest first."""

    def give_up(self, batch_id: int, reason: str, now: datetime) -> bool:
        """Release the claims of a batch that never began (compare-and-set); False where it began meanwhile."""

    def get(self, batch_id: int) -> Batch:
        """Return a batch."""

    def claims(self, batch_id: int) -> Iterator[BatchClaim]:
        """Stream the batch's claims in position order."""

    def rendered(self, batch_id: int, sha256: str, size: int, starts: Mapping[int, tuple[str, int]]) -> bool:
        """Record the bytes of a SEALED batch and where each submission stands in them; False: it had bytes.

        `starts` has `(ST02, first segment)` by submission, of a print image no set and the first page.
        """

    def begin(self, batch_id: int, lease: "Lease", server: "ServerIdentity", now: datetime) -> int:
        """Commit *begun* and return the transmission's id, or raise and change nothing.

        In one transaction: the lease is current by the database's clock (LeaseHeld), the batch is RENDERED or BEGUN,
        the clinic's mode as the ledger has it now allows the batch's usage and the file name agrees, the ledger is
        in its own epoch (LedgerRestored), a live batch does not go to a sandbox (NotAllowed).
        """

    def server_of(self, batch_id: int) -> str:
        """Return the server a batch's file began to go to, as `host:port`; blank where it never began."""

    def not_started(self, transmission_id: int, reason: str, now: datetime) -> None:
        """End a transmission of which no byte left; the batch is RENDERED again where this one had begun it."""

    def sent(self, transmission_id: int, evidence: str, now: datetime) -> None:
        """End a transmission whose every write and close were acknowledged, or whose file was seen whole."""

    def sent_by_look(self, batch_id: int, evidence: str, now: datetime) -> None:
        """Mark a BEGUN batch SENT because the whole file was seen on the server."""

    def broken(self, transmission_id: int, reason: str, now: datetime) -> None:
        """End a transmission that stopped after it began; the batch stays BEGUN."""

    def did_not_arrive(self, batch_id: int, who: str, why: str, now: datetime) -> int:
        """Let a person void a BEGUN batch after the lease and its deadline; return how many new submissions are READY.

        The voided file keeps its keys; each of its claims gets a new submission with a new control number.
        """

    def summary(self, batch_id: int) -> "BatchSummary":
        """Return what the batch's submissions add up to now."""


class DoubtLedger(Protocol):
    """Files that began to leave and that nobody has confirmed."""

    def all(self) -> list[Doubt]:
        """Return the live files that began to leave and that nobody has confirmed, oldest first."""

    def of(self, batch_id: int) -> Doubt:
        """Return what is known of one; raise NotAllowed where it is not in doubt."""

    def keep_waiting(self, batch_id: int, who: str, why: str, until: datetime, now: datetime) -> None:
        """Record that a person waits on, and quiet the alarms of the file's claims; NotAllowed if not in doubt."""


class RenewalLedger(Protocol):
    """What was refused before it was read, and how it goes again."""

    def refused(self, clinic_key: str = "", *, name: str = "") -> list[Refused]:
        """Return the failed files and refused sets whose claims have no later submission.

        Live ones of one clinic, or of all where blank; or by `name` what a file name or a control number means, test
        files too. Claims of one file that stand differently come apart.
        """

    def renew(
        self, going: Sequence[Refused], may_go: Callable[[Refused], bool], now: datetime, *, why: str, who: str = ""
    ) -> list[str]:
        """Make the next submission of each claim of these that still may go, in one short transaction.

        Locked, then asked again: two at once renew it once. Return the claims' keys at the source.
        """


class AccountLedger(Protocol):
    """One session an account, and one breaker."""

    def states(self) -> list[AccountState]:
        """Return every account that was ever visited, by name."""

    def stop_refused(self, account: str, credential: str, mailbox_key: str) -> None:
        """Raise LoginRefused while the breaker is open for this login; nothing is taken or changed."""

    def acquire(self, account: str, holder: str, seconds: float, credential: str, mailbox_key: str = "") -> Lease:
        """Take the account by the database's clock; raise LeaseHeld, or LoginRefused while the breaker is open.

        `credential` is a salted fingerprint of user and password: a changed one closes the breaker. The account
        remembers for which mailbox it was taken last.
        """

    def release(self, lease: Lease) -> None:
        """Give the account back; nothing happens where another holds it by now."""

    def trip(self, account: str, credential: str, reason: str, now: datetime) -> None:
        """Open the breaker: this credential was refused."""

    def reset(self, account: str, who: str, now: datetime) -> None:
        """Let a person close the breaker."""


class Server(Protocol):
    """An open session on the clearinghouse's server; every error is already one of ours."""

    identity: ServerIdentity

    def look(self, name: str) -> RemoteFile | None:
        """Return the file in `inbound`, None only where the server said "no such file"; anything else raises."""

    def read_inbound(self, name: str, limit: int) -> bytes:
        """Read back a file of ours in `inbound`, at most `limit` bytes."""

    def put(self, name: str, content: bytes, may_go_on: Callable[[], bool]) -> None:
        """Create the file exclusively and write it; return only if every write, the handle's size and CLOSE agree.

        Raises ServerUnreachable or NeedsRepair where it is proved that no file was opened, TransferBroken after that.
        `may_go_on` is asked before the open and before every chunk.
        """

    def append_tail(self, name: str, content: bytes, offset: int, may_go_on: Callable[[], bool]) -> None:
        """Write `content[offset:]` into the existing file, never creating it; same guarantees as `put`."""

    def list_outbound(self) -> list[RemoteFile]:
        """Return the regular files in `outbound`; one with a `fault` cannot be fetched."""

    def fetch(self, name: str, limit: int) -> bytes:
        """Read a response; raise BadFile where it is longer than `limit` bytes, TransferBroken where it has gone."""


class Mailboxes(Protocol):
    """Opens sessions by mailbox; knows the Airflow connections behind them."""

    def identity(self, mailbox: Mailbox) -> ServerIdentity:
        """Return whom a session would talk to, without connecting; raise BadSetting where the connection is wrong."""

    def credential(self, mailbox: Mailbox) -> str:
        """Return a salted fingerprint of the login, so that a changed password is noticed."""

    def open(self, mailbox: Mailbox) -> AbstractContextManager[Server]:
        """Connect and log in once; raise LoginRefused, HostKeyMismatch, ServerUnreachable or BadSetting."""


class Vault(Protocol):
    """Bytes by SHA-256, compressed and encrypted at rest."""

    def store(self, content: bytes) -> str:
        """Keep the bytes and return their SHA-256 in hex; storing the same bytes twice is one entry."""

    def load(self, sha256: str) -> bytes:
        """Return the bytes, their hash checked."""


class ClaimSource(Protocol):
    """The practice's pending claims."""

    name: str

    def pending(
        self, clinic_key: str, identities: Sequence[BillingIdentity], since: datetime, until: datetime
    ) -> Iterator[SourceClaim]:
        """Stream the clinic's pending claims with since <= ready_at < until, ordered by claim, memory flat.

        A claim whose `ready_at` itself cannot be read comes too, as an UnreadableClaim; what the source takes back
        comes as a CancelledClaim.
        """

    def by_key(
        self, clinic_key: str, identities: Sequence[BillingIdentity], keys: Sequence[str]
    ) -> Iterator[SourceClaim]:
        """Look up single claims again; what is missing is no longer pending."""

    def older(self, clinic_key: str, since: datetime) -> int:
        """Count the claims still pending from before `since`: beyond the lookback, so an alarm."""


class ResponseLedger(Protocol):
    """Files that came back and what they changed."""

    def known(self, mailbox_key: str) -> set[tuple[str, int, int]]:
        """Return (name, size, modified) of every file taken from the mailbox."""

    def store(self, mailbox_key: str, file: RemoteFile, sha256: str, now: datetime) -> int:
        """Record a raw file; the same name, size and hash is one response, whose id is returned again."""

    def refuse(self, mailbox_key: str, file: RemoteFile, reason: str, now: datetime) -> None:
        """Record a file that is left on the server as QUARANTINED, once; it counts as known from then on."""

    def unapplied(self, mailbox_key: str) -> list[Response]:
        """Return the responses with status STORED or FOREIGN, oldest first."""

    def batch_by_group(self, mailbox_key: str, group_number: int, interchange_number: int | None) -> Batch | None:
        """Return the batch a 999 or TA1 answers."""

    def batch_by_file(self, mailbox_key: str, file_name: str) -> Batch | None:
        """Return the batch of an uploaded file name, exact and case-insensitive, with or without extension."""

    def batch_by_reference(self, mailbox_key: str, reference: str) -> Batch | None:
        """Return the batch whose BHT03 a 277CA names."""

    def control_numbers_of(self, batch_id: int, npi: str, payer_id: str) -> Sequence[str]:
        """Return the CLM01s of a batch's claims that this NPI billed to this payer; blank means any."""

    def control_numbers(self, batch_id: int) -> Mapping[str, Sequence[str]]:
        """Return the CLM01s of a batch by their ST02, in position order."""

    def may_have_gone(self, control_numbers: Collection[str]) -> Collection[str]:
        """Return those of these CLM01s that are held because the ledger was restored."""

    def apply(self, response_id: int, reading: Reading, now: datetime) -> ResponseStatus:
        """Record the answers as events, move the submissions, close batches where settled: one transaction, once.

        A reading that is of no batch and names no claim of ours leaves the response FOREIGN.
        """

    def post(self, response_id: int, remittance: Remittance, now: datetime) -> ResponseStatus:
        """Record payments and what they say of each claim, once, in one transaction.

        Statuses apply whatever the money does. Money that does not add up is quarantined at the smallest scope, a
        payment told again changes nothing, other content for what was posted is a conflict. What becomes POSTED gets
        the next numbers of the feed.
        """

    def set_aside(self, response_id: int, status: ResponseStatus, reason: str, now: datetime) -> None:
        """Mark a response FOREIGN, UNKNOWN or QUARANTINED with the reason."""

    def read_again(self, response_id: int) -> None:
        """Let a person have a response read once more that was set aside; raise NotAllowed where it was applied."""


class MoneyLedger(Protocol):
    """Payments, on their way to the practice's books."""

    def feed(self, after: int, limit: int) -> list[FeedRow]:
        """Return the next postings by rising id; whoever has seen an id has seen all before it."""

    def acknowledge(self, reader: str, posting_id: int, now: datetime) -> None:
        """Remember how far a reader has come; raise NotAllowed where it would go back."""

    def acknowledged(self, reader: str) -> int:
        """Return the last posting a reader acknowledged, 0 where it never did."""

    def open(self) -> list[OpenMoney]:
        """Return the payments and postings that wait for a person, oldest first."""

    def accept(self, payment_id: int, posting_id: int | None, who: str, why: str) -> None:
        """Let a person accept what does not add up, or the newer of two words on a claim; raise NotAllowed else."""

    def match(self, posting_id: int, control_number: str, who: str, now: datetime) -> None:
        """Let a person say which claim of ours an unmatched posting is of; raise NotAllowed else."""

    def match_again(self, now: datetime) -> int:
        """Give unmatched postings to claims that have become known since; return how many."""

    def deposits(self) -> list[Deposit]:
        """Return the payments that move money, by day and payer."""

    def provider_balances(self) -> list[ProviderBalance]:
        """Return what payers added and took beside claims, by payer, payee, reason and reference, unsettled first.

        Of payments that count only; what waits for a person is not in it.
        """

    def seen_at_bank(self, trace: str, amount: Decimal, on: date) -> bool:
        """Note that the bank got a payment; False where no open payment of ours has that trace."""


class ClinicLedger(Protocol):
    """The clinic table as the ledger has it; rows are checked when read, BadSetting names the row."""

    def clinic(self, key: str) -> Clinic:
        """Return one clinic; raise BadSetting where it is missing or wrong."""

    def mailbox(self, key: str) -> Mailbox:
        """Return one mailbox; raise BadSetting where it is missing or wrong."""

    def billing_identities(self, clinic_key: str) -> list[BillingIdentity]:
        """Return who may bill for a clinic; raise BadSetting where a row is wrong."""

    def mailboxes_answering(self, clinic_key: str, now: datetime, quiet: timedelta) -> list[Mailbox]:
        """Return the clinic's own mailbox, then those it had before that may still answer.

        They may while a file is unanswered or younger than `quiet`, or the payer has not decided on a claim of it;
        after two years nobody does.
        """

    def revision(self) -> int:
        """Return a number that rises with every change of the tables."""

    def rows(self, table: "Table") -> list[Mapping[str, object]]:
        """Return every row of a table as it stands, unchecked, its CSV columns only, ordered by key."""

    def row(self, table: "Table", key: str) -> Row | None:
        """Return one row as it stands, unchecked; None where there is none."""

    def put(self, table: "Table", rows: Sequence[Mapping[str, object]]) -> tuple[int, int]:
        """Add and change rows by key in one transaction, remove none; return (added, changed)."""

    def change(self, table: "Table", before: Row, after: Row, clinic_key: str, note: OnboardingNote) -> bool:
        """Change one row that still stands as it was shown, or add one where none was, and keep the word of who did it.

        False, and nothing is changed or kept, where it stands otherwise by now.
        """


class ReportLedger(Protocol):
    """What people are shown."""

    def claim_lines(self, clinic_key: str = "", control_number: str = "") -> Iterator[ClaimLine]:
        """Stream submissions with where they stand, by clinic and key; blank means all."""

    def batches(self, clinic_key: str = "") -> list[Batch]:
        """Return batches by clinic and number; blank means all."""

    def status_feed(self, after: int, limit: int, clinic_key: str = "") -> list[StatusRow]:
        """Return the live submissions that changed last after a change, by rising change; blank means all clinics.

        Whoever has seen a change has seen all before it, however late they were committed.
        """

    def set_aside(self) -> list[SetAside]:
        """Return the responses a person should look at."""

    def stories(self, name: str) -> list[Story]:
        """Return the whole history of the claim of that control number, source key, payer's or clearinghouse's number.

        Several where the name is not unique: sources may use one key twice.
        """


class ConsoleLedger(Protocol):
    """The ledger as the Claims page reads it: counted and paged by the database, never a claim at a time."""

    def changes(self, after: int) -> tuple[int, set[str]]:
        """Return the number of the last change of a live claim, and the clinics whose claims changed after another."""

    def standings(self, clinic_keys: Collection[str], late: Late | None = None) -> list[Standing]:
        """Return how many claims of some clinics stand alike, each by its newest live submission.

        With `late` it is also told how many of them nobody has answered by their deadline.
        """

    def last_runs(self, clinic_keys: Collection[str]) -> Mapping[str, LastRun]:
        """Return the newest live run of each clinic that sealed, with what it made itself."""

    def owed(self, clinic_keys: Collection[str]) -> list[Owed]:
        """Return what is not settled, by payer and day of first service."""

    def weeks(self, clinic_keys: Collection[str], until: datetime) -> list[Week]:
        """Return the clearinghouse's verdicts of the last weeks before a moment, oldest week first, none left out."""

    def verdicts(self, clinic_keys: Collection[str]) -> list[Verdicts]:
        """Return what became of claims at first sight and in the end, by clinic and payer."""

    def night(self, clinic_keys: Collection[str], since: datetime) -> Night:
        """Return the live files sealed since then: how many, where their claims stand, and those that do not add up."""

    def runs(self, clinic_key: str, limit: int, run_id: str = "") -> list[SeenRun]:
        """Return a clinic's newest runs that sealed with their files, newest first; or the one of this id."""

    def held_for(self, clinic_key: str, limit: int) -> list[HeldFor]:
        """Return the held claims of a clinic by reason, most money first."""

    def silent_claims(self, clinic_key: str, late: Late, limit: int) -> list[SilentClaim]:
        """Return the claims of a clinic that are silent past their deadline, most money first."""

    def login(self, mailbox_key: str) -> Login | None:
        """Return the account a mailbox's newest file went to; None where none went."""

    def waiting(self, queue: Queue, ask: Ask) -> list[Waiting]:
        """Return a page of a queue; raise ValueError where it is to begin at what is no place of it."""

    def waiting_total(self, queue: Queue, ask: Ask) -> Hop:
        """Count all of a queue as it is asked for."""

    def named(self, subject: Subject, ids: Collection[str]) -> list[Waiting]:
        """Return things by what an act names them, however they stand by now, in the order given."""

    def enrollment_places(self, ask: BoardAsk) -> list[Place]:
        """Return a page of the board of enrollments: by clinic, NPI and payer, after the place asked for."""

    def enrollment_total(self, ask: BoardAsk) -> int:
        """Count all the places there are as it is asked for."""

    def enrollments_at(self, places: Sequence[Place]) -> list[Row]:
        """Return every record of these providers with these payers, unchecked."""

    def payer_names(self, payer_ids: Collection[str]) -> Mapping[str, str]:
        """Return what the payer list calls these payers; nothing of one it does not list."""

    def setup_notes(self, clinic_keys: Collection[str]) -> Mapping[str, OnboardingNote]:
        """Return what was last said of each clinic's setting up."""

    def claim_page(self, ask: ClaimAsk) -> list[tuple[int, ClaimLine]]:
        """Return live submissions by rising id, each with its id, after the one asked for."""

    def batch_page(self, ask: BatchAsk) -> list[Batch]:
        """Return batches, newest first, before the one asked for."""

    def find(self, name: str, clinic_keys: Collection[str] | None, limit: int) -> list[Found]:
        """Return the claims that a number or key may mean, newest first; None: of every clinic.

        A control number of ours means one claim, whatever else is called so.
        """

    def story(self, claim_id: int) -> Story:
        """Return the whole history of one claim."""

    def beside(self, claim_id: int) -> list[Beside]:
        """Return the claims that replace, void or continue a claim, or that it does."""

    def batch_standings(self, batch_ids: Collection[int]) -> Mapping[int, Sequence[Standing]]:
        """Return how many claims of each file stand alike."""

    def batch(self, batch_id: int) -> BatchFile | None:
        """Return a file with all that was done with it; None where there is none of that id."""

    def batch_claims(self, batch_id: int, skip: int, limit: int) -> list[PlacedClaim]:
        """Return a part of a file's claims, in the file's order."""

    def batch_hops(self, batch_id: int) -> list[Alike]:
        """Return how many claims of a file stand alike."""

    def batch_answers(self, batch_id: int) -> list[AnswerFile]:
        """Return the files that came back and speak of a file's claims, oldest first."""

    def answer(self, response_id: int) -> StoredAnswer | None:
        """Return a file that came back, with every clinic whose patients it may name; None where there is none."""

    def looked(self, look: Look) -> None:
        """Keep for ever that somebody looked at patients' data; before anything of it is shown."""

    def looks(self, claim_id: int, limit: int) -> list[Look]:
        """Return the newest looks at a claim and at the files it stands in, newest first."""


class SilenceLedger(Protocol):
    """What did not happen, and what people have been told about it."""

    def unsettled(self, clinic_key: str = "") -> Iterator[Unsettled]:
        """Stream the newest live submission of every claim that is not settled; blank means every clinic."""

    def runs(self, since: datetime) -> list[SealedRun]:
        """Return the live runs sealed since then, oldest first."""

    def visits(self) -> Mapping[str, datetime | None]:
        """Return when each mailbox that ever sent a file was last visited, or last brought one; None: not known."""

    def told(self) -> Mapping[str, Told]:
        """Return what alarms have told, by key."""

    def remember(self, told: Mapping[str, int], gone: Collection[str], now: datetime) -> None:
        """Remember what was told now and how bad it was, and forget what is over."""

    def acknowledge(self, what: str, who: str) -> int:
        """Tell no more of a claim, clinic or account until it gets worse; return how many alarms that quiets."""


class OnboardingLedger(Protocol):
    """What of a clinic's setting up and taking out only people know."""

    def say(self, clinic_key: str, note: OnboardingNote) -> None:
        """Keep what was done or said, for ever; never a secret."""

    def notes(self, clinic_key: str) -> list[OnboardingNote]:
        """Return what was said of a clinic, oldest first."""


class AgeingLedger(Protocol):
    """Stored files that are old enough to go."""

    def may_go(self, before: datetime) -> Iterator[OldFile]:
        """Stream the files sent or received before then whose bytes are here and speak of nothing that is open."""

    def let_go(self, sha256s: Sequence[str], before: datetime, who: str, now: datetime) -> int:
        """Let these bytes go where they still may, and keep that they were here; return how many went."""

    def finish(self) -> None:
        """Do what an earlier round was stopped at."""


class Watermark(Protocol):
    """How far the ledger had come, kept outside it: a restored or cloned ledger is older than its own past."""

    def check(self, look: Callable[[], LedgerIdentity]) -> None:
        """Raise LedgerRestored where the ledger is another one, or behind what was already sealed or begun.

        The ledger is looked at after the mark: runs of other clinics seal meanwhile.
        """

    def raise_to(self, identity: LedgerIdentity) -> None:
        """Remember how far the ledger has come."""


class Ledger(Protocol):
    """The claims ledger, by concern; one database behind all of them."""

    def identity(self) -> LedgerIdentity:
        """Return which ledger this is, and how far it has come."""

    @property
    def claims(self) -> ClaimLedger:
        """Claims, revisions, submissions."""

    @property
    def batches(self) -> BatchLedger:
        """Runs, batches, transmissions."""

    @property
    def doubts(self) -> DoubtLedger:
        """Files nobody has confirmed."""

    @property
    def renewals(self) -> RenewalLedger:
        """Failed files and refused sets."""

    @property
    def accounts(self) -> AccountLedger:
        """Sessions and breakers."""

    @property
    def responses(self) -> ResponseLedger:
        """What came back."""

    @property
    def money(self) -> MoneyLedger:
        """Payments and postings."""

    @property
    def clinics(self) -> ClinicLedger:
        """The clinic table."""

    @property
    def report(self) -> ReportLedger:
        """What people are shown."""

    @property
    def console(self) -> ConsoleLedger:
        """What the Claims page shows."""

    @property
    def silence(self) -> SilenceLedger:
        """What did not happen."""

    @property
    def onboarding(self) -> OnboardingLedger:
        """Setting clinics up and taking them out."""

    @property
    def ageing(self) -> AgeingLedger:
        """Old files."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """The world, joined once by the composition root and handed to every use case."""

    ledger: Ledger
    vault: Vault
    mailboxes: Mailboxes
    source: Callable[[Clinic], ClaimSource]
    watermark: Watermark
    now: Callable[[], datetime]  # zone-aware, UTC
    monotonic: Callable[[], float]  # seconds, for deadlines
    sleep: Callable[[float], None]
    rule_book: Callable[[], RuleBook] = lambda: NO_BOOK  # with payers' profiles and mounted code lists
    holder: str  # who holds leases: host, process, a random part
    lease_seconds: float = 240.0  # longer than 5,000 claims take on a slow line, shorter than the retries' patience
    waits: Waits = field(default_factory=Waits)  # how long each answer may take
    quiet: timedelta = Waits().quiet  # how long nothing else may be heard before what was refused goes again
    settle_seconds: float = 2.0  # how long a remote file must rest unchanged to be called still
    patience: Patience = PATIENCE  # how long requests for enrollment may take
    old_mailbox: timedelta = timedelta(days=90)  # how long a mailbox a clinic has left is visited whatever became of it
