"""
The ledger's tables, one place for all of them; the migrations make them, a test holds the two together.

What people keep by hand (the clinic table; payers, enrollments, holds) is loose text and is checked when it is read.
Money is whole cents, times are UTC. `submission` caches what its events add up to; only `events.refold` writes that.
"""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
)

from include.adapters.ledger.columns import Instant, RisingId
from include.adapters.ledger.encrypted import Encrypted, EncryptedHolds, EncryptedWhereOwn
from include.delivery.clinic_table import BILLING_IDENTITY_COLUMNS, CLINIC_COLUMNS, MAILBOX_COLUMNS
from include.delivery.payer_table import ENROLLMENT_COLUMNS, HOLD_COLUMNS, PAYER_COLUMNS

METADATA = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _text(name: str) -> Column[str]:
    return Column(name, Text, nullable=False, server_default="")


def _encrypted(name: str) -> Column[str]:
    return Column(name, Encrypted, nullable=False, server_default="")


def _kept_by_people(name: str, columns: tuple[str, ...]) -> Table:
    key, *others = columns
    return Table(name, METADATA, Column(key, Text, primary_key=True), *(_text(column) for column in others))


LEDGER = Table(
    "ledger",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("instance_id", Text, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("epoch_began_at", Instant),  # null in the first epoch
    _text("epoch_by"),
    CheckConstraint("id = 1", name="one_row"),
)
"""Who this ledger is; one row."""

# --- the clinic table -------------------------------------------------------------------------------------------

MAILBOX = _kept_by_people("mailbox", MAILBOX_COLUMNS)
BILLING_IDENTITY = _kept_by_people("billing_identity", BILLING_IDENTITY_COLUMNS)
CLINIC = _kept_by_people("clinic", CLINIC_COLUMNS)

CLINIC_TABLE_REVISION = Table(
    "clinic_table_revision",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("revision", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""Rises with every change of the three tables above, by triggers, so that changes by hand count too."""

MAILBOX_SEQUENCE = Table(
    "mailbox_sequence",
    METADATA,
    Column("mailbox_key", Text, primary_key=True),
    Column("last_number", BigInteger, nullable=False),
)
"""The highest number a mailbox has used for a batch, ISA13, GS06 and BHT03. No row: none."""

# --- what people keep of payers -----------------------------------------------------------------------------------

PAYER = _kept_by_people("payer", tuple(PAYER_COLUMNS))
ENROLLMENT = _kept_by_people("enrollment", tuple(ENROLLMENT_COLUMNS))
Index(None, ENROLLMENT.c.npi, ENROLLMENT.c.payer_id)
PAYER_HOLD = _kept_by_people("payer_hold", tuple(HOLD_COLUMNS))

# --- claims -----------------------------------------------------------------------------------------------------

CLAIM = Table(
    "claim",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("source", Text, nullable=False),
    Column("key", Text, nullable=False),
    Column("clinic_key", Text, nullable=False),
    Column("revision", Text, nullable=False),  # the last one seen at the source
    Column("first_seen_at", Instant, nullable=False),
    UniqueConstraint("source", "key"),
)

CLAIM_REVISION = Table(
    "claim_revision",
    METADATA,
    Column("claim_id", RisingId, ForeignKey("claim.id"), primary_key=True, autoincrement=False),
    Column("hash", Text, primary_key=True),
    Column("document", Encrypted),  # null where the claim could not be read
    _text("payer_id"),
    _text("responsibility"),  # SBR01: whose turn it is to pay; blank: not known, so the first one's
    Column("total_cents", BigInteger, nullable=False),
    Column("first_service_on", Date),
    Column("last_service_on", Date),
    Column("others_decided_on", Date),  # the newest day on which another payer has decided on it
    Column("ready_at", Instant),
    Column("faults", Text, nullable=False),  # JSON, warnings too
    Column("seen_at", Instant, nullable=False),
)

SUBMISSION = Table(
    "submission",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("claim_id", RisingId, nullable=False),
    Column("revision", Text, nullable=False),
    Column("number", Integer, nullable=False),
    Column("usage", Text, nullable=False),
    Column("control_number", Text, nullable=False, unique=True),  # CLM01
    Column("frequency", Text, nullable=False),  # CLM05-3
    # Where a person asked for it: who, and the payer's number of what it replaces or voids (REF*F8).
    _text("asked_by"),
    _text("replaces"),
    # Copied from the revision, so that sealing reads one index.
    Column("clinic_key", Text, nullable=False),
    _text("payer_id"),
    Column("ready_at", Instant),
    Column("total_cents", BigInteger, nullable=False),
    # What the events add up to.
    Column("delivery", Text, nullable=False),
    Column("front_end", Text, nullable=False),
    Column("adjudication", Text, nullable=False, server_default="-"),
    Column("work", Text, nullable=False),
    Column("contradicted", Boolean, nullable=False),
    Column("holds", EncryptedHolds, nullable=False, server_default="[]"),  # JSON: why it is HELD
    Column("batch_id", RisingId, ForeignKey("batch.id")),
    Column("position", Integer),
    _text("set_number"),  # ST02; blank in a print image
    Column("first_segment", Integer),  # of the set; in a print image the first page
    _text("clearinghouse_claim_id"),
    _text("payer_claim_number"),  # the newest the payer gave: REF*1K, CLP07
    ForeignKeyConstraint(["claim_id", "revision"], ["claim_revision.claim_id", "claim_revision.hash"]),
    UniqueConstraint("claim_id", "usage", "number"),
    Index(None, "clinic_key", "usage", "delivery", "ready_at"),
    Index(None, "batch_id", "position"),
)

ITS_REVISION = (CLAIM_REVISION.c.claim_id == SUBMISSION.c.claim_id) & (CLAIM_REVISION.c.hash == SUBMISSION.c.revision)
"""How a submission is joined to what it carries."""

SUBMISSION_LINE = Table(
    "submission_line",
    METADATA,
    Column("submission_id", RisingId, ForeignKey("submission.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("source_line_key", Text, nullable=False),
    Column("procedure", Text, nullable=False),
    Column("service_on", Date, nullable=False),
    Column("units", Text, nullable=False),
    Column("cents", BigInteger, nullable=False),
    Column("fingerprint", Text, nullable=False, index=True),
    # What other claims' rules compare it by; include.claims.facts says how the keys are made.
    Column("patient_day", Text, nullable=False, server_default="", index=True),
    Column("technician_day", Text, nullable=False, server_default="", index=True),
    Column("authorization_use", Text, nullable=False, server_default="", index=True),
    _text("modifiers"),
    _text("place_of_service"),
    _text("rendering_npi"),
    _text("session"),
    _text("started_at"),
    _text("ended_at"),
    sqlite_with_rowid=False,
)
"""A submission's lines as the source has them; a payer's profile may merge or round them in the file."""

# --- batches ----------------------------------------------------------------------------------------------------

DELIVERY_RUN = Table(
    "delivery_run",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("dag_id", Text, nullable=False),
    Column("run_id", Text, nullable=False),
    Column("clinic_key", Text, nullable=False),
    Column("asked", Text, nullable=False),  # the RunOrder as JSON
    Column("sealed_at", Instant, nullable=False),
    UniqueConstraint("dag_id", "run_id"),
)

DELIVERY_RUN_BATCH = Table(
    "delivery_run_batch",
    METADATA,
    Column("delivery_run_id", RisingId, ForeignKey("delivery_run.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("batch_id", RisingId, ForeignKey("batch.id"), nullable=False),
    Column("adopted", Boolean, nullable=False),
    UniqueConstraint("delivery_run_id", "batch_id"),
)

BATCH = Table(
    "batch",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("mailbox_key", Text, nullable=False),
    Column("number", BigInteger, nullable=False),
    Column("clinic_key", Text, nullable=False),
    Column("delivery_run_id", RisingId, ForeignKey("delivery_run.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("usage", Text, nullable=False),
    Column("file_name", Text, nullable=False),
    Column("file_stem", Text, nullable=False),  # case folded, without the extension: how reports name it
    Column("interchange_number", BigInteger, nullable=False),  # ISA13
    Column("group_number", BigInteger, nullable=False),  # GS06
    Column("reference", Text, nullable=False),  # BHT03
    Column("created_at", Instant, nullable=False),
    Column("settings", Text, nullable=False),  # JSON
    Column("claim_count", Integer, nullable=False),
    Column("total_cents", BigInteger, nullable=False),
    Column("status", Text, nullable=False),
    Column("status_reason", EncryptedWhereOwn, nullable=False, server_default=""),
    Column("payload_sha256", Text),
    Column("size", BigInteger),
    Column("epoch", Integer, nullable=False),
    Column("clearinghouse_file_ids", Text, nullable=False, server_default="[]"),  # JSON
    UniqueConstraint("mailbox_key", "number"),
    UniqueConstraint("mailbox_key", "interchange_number"),
    UniqueConstraint("mailbox_key", "group_number"),
    UniqueConstraint("mailbox_key", "file_stem"),
    Index(None, "clinic_key", "status"),
)

TRANSMISSION = Table(
    "transmission",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("batch_id", RisingId, ForeignKey("batch.id"), nullable=False),
    Column("attempt", Integer, nullable=False),
    Column("began_batch", Boolean, nullable=False),  # the batch was RENDERED before it
    Column("state", Text, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
    Column("host", Text, nullable=False),
    Column("port", Integer, nullable=False),
    Column("login", Text, nullable=False),
    Column("key_fingerprint", Text, nullable=False),
    Column("account", Text, nullable=False),
    Column("lease_holder", Text, nullable=False),
    Column("lease_token", BigInteger, nullable=False),
    _encrypted("evidence"),
    UniqueConstraint("batch_id", "attempt"),
)

ACCOUNT = Table(
    "account",
    METADATA,
    Column("name", Text, primary_key=True),
    _text("holder"),  # blank: free
    Column("token", BigInteger, nullable=False),
    Column("expires_at", Float, nullable=False),  # seconds since 1970 by the database's clock
    Column("visited_at", Float),  # by the same clock: when somebody last got the account
    _text("mailbox_key"),  # for which mailbox; blank: not known
    _text("breaker_credential"),  # blank: closed
    _text("breaker_reason"),
    Column("breaker_at", Instant),
    _text("reset_by"),
    Column("reset_at", Instant),
)

# --- answers ----------------------------------------------------------------------------------------------------

RESPONSE = Table(
    "response",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("mailbox_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("size", BigInteger, nullable=False),
    Column("modified", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("taken_at", Instant, nullable=False),
    Column("status", Text, nullable=False),
    _text("reason"),
    Column("decided_at", Instant),
    UniqueConstraint("mailbox_key", "name", "size", "sha256"),
    Index(None, "mailbox_key", "status"),
)

PAYMENT = Table(
    "payment",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("response_id", RisingId, ForeignKey("response.id"), nullable=False),
    Column("segment", Integer, nullable=False),  # where its ST stands in the file
    Column("identity", Text, nullable=False, index=True),  # payer, payee, trace, date, amount and method
    _text("payer_name"),
    _text("payer_id"),
    _text("payee_npi"),
    _text("payee_tax_id"),
    Column("is_ours", Boolean, nullable=False),  # its payee is a billing identity of ours
    _text("trace"),
    _text("method"),
    _text("handling"),
    Column("paid_on", Date, nullable=False),
    Column("cents", BigInteger, nullable=False),  # BPR02; less than nothing where money was taken
    Column("claims_cents", BigInteger, nullable=False),  # CLP04 of its claims
    Column("provider_cents", BigInteger, nullable=False),  # PLB, as it raises the payment
    Column("status", Text, nullable=False),
    _text("reason"),
    _encrypted("decided_by"),  # who and why
    Column("deposited_on", Date),
    Column("deposited_cents", BigInteger),
    UniqueConstraint("response_id", "segment"),
)
"""One ST of a remittance: a payment, or the notice that nothing is paid; what the bank should have received."""

POSTING = Table(
    "posting",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("payment_id", RisingId, ForeignKey("payment.id"), nullable=False, index=True),
    Column("submission_id", RisingId, ForeignKey("submission.id"), index=True),
    # Rises as postings become ready to be fetched, without a gap that could be filled later; null until then.
    Column("feed_id", BigInteger, unique=True),
    Column("key", Text, nullable=False),  # payment, both claim numbers, decision and occurrence
    Column("content", Text, nullable=False),  # SHA-256 of all it says
    Column("control_number", Text, nullable=False, index=True),  # CLP01
    _text("payer_claim_number"),  # CLP07
    Column("decision", Text, nullable=False),  # CLP02
    Column("charge_cents", BigInteger, nullable=False),
    Column("paid_cents", BigInteger, nullable=False),
    Column("patient_cents", BigInteger, nullable=False),
    Column("segment", Integer, nullable=False),
    Column("event", Text),  # what it comes to; null: it decides nothing
    _text("codes"),
    _text("words"),
    _text("fault"),  # why its money does not add up
    Column("status", Text, nullable=False, index=True),
    _text("reason"),
    _encrypted("decided_by"),  # who and why
    Column("document", Encrypted, nullable=False),  # JSON: lines, adjustments, remarks
    UniqueConstraint("key", "content"),
)
"""What one payment says of one claim."""

PROVIDER_ADJUSTMENT = Table(
    "provider_adjustment",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("payment_id", RisingId, ForeignKey("payment.id"), nullable=False, index=True),
    Column("position", Integer, nullable=False),
    Column("provider_id", Text, nullable=False),
    Column("fiscal_year_ends_on", Date),
    Column("reason", Text, nullable=False),  # PLB03-1
    _text("reference"),  # PLB03-2
    Column("cents", BigInteger, nullable=False),  # positive lowers the payment
    UniqueConstraint("payment_id", "position"),
)

POSTING_READER = Table(
    "posting_reader",
    METADATA,
    Column("name", Text, primary_key=True),
    Column("acknowledged_id", BigInteger, nullable=False),
    Column("acknowledged_at", Instant, nullable=False),
)
"""How far each program that posts our payments has come."""

EVENT = Table(
    "event",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("submission_id", RisingId, ForeignKey("submission.id"), nullable=False),
    Column("event", Text, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    _text("answered_on"),
    _text("file"),
    Column("position", Integer, nullable=False, server_default="0"),
    Column("codes", Text, nullable=False, server_default="[]"),  # JSON
    Column("words", EncryptedWhereOwn, nullable=False, server_default=""),
    Column("data", Encrypted, nullable=False, server_default="{}"),  # JSON: who, a payer's own words
    Column("response_id", RisingId, ForeignKey("response.id")),
    Column("batch_id", RisingId, ForeignKey("batch.id")),
    # What makes it the same event told twice; null where a compare-and-set already sees to it.
    Column("dedupe", Text),
    UniqueConstraint("submission_id", "dedupe"),
)
"""What happened, for ever: triggers refuse DELETE, and every UPDATE but to encrypt what a row says anew."""

SUBMISSION_CHANGE = Table(
    "submission_change",
    METADATA,
    Column("submission_id", RisingId, ForeignKey("submission.id"), primary_key=True, autoincrement=False),
    # Given at the end of a transaction, under a lock: who has seen a number has seen all below it.
    Column("change_id", BigInteger, nullable=False, unique=True),
    Column("changed_at", Instant, nullable=False),
)
"""When a live submission last changed; what it has become is the view `claim_status_feed`."""

ALARM_TOLD = Table(
    "alarm_told",
    METADATA,
    Column("key", Text, primary_key=True),  # what is silent: a clock and a claim, or a clinic
    Column("level", Integer, nullable=False),  # per cent of the time gone by when it was told
    Column("told_at", Instant, nullable=False),
    _text("acknowledged_by"),  # told no more until it gets worse
)
"""What people have been told and when; a row goes once there is nothing to tell."""

ONBOARDING = Table(
    "onboarding",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("clinic_key", Text, nullable=False, index=True),
    Column("step", Text, nullable=False),
    Column("at", Instant, nullable=False),
    _text("who"),
    _text("note"),
    _text("evidence"),  # of what it was said: a connection, a file; another one needs another word
)
"""What of a clinic's setting up and taking out only people know; never a secret, never changed."""

PAYLOAD = Table(
    "payload",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("content", LargeBinary),  # compressed, then encrypted; null: it lies outside, as an object of that name
    Column("size", BigInteger, nullable=False),  # of the bytes as they were
    Column("stored_at", Instant, nullable=False),
)

PAYLOAD_AGED = Table(
    "payload_aged",
    METADATA,
    Column("sha256", Text, primary_key=True),
    Column("size", BigInteger, nullable=False),
    Column("stored_at", Instant, nullable=False),
    Column("aged_at", Instant, nullable=False),
    _text("aged_by"),
    Column("outside", Boolean, nullable=False, server_default=false()),  # its object has still to be deleted
)
"""Which payloads were let go because of their age, when and by whom."""

CLAIM_LOOK = Table(
    "claim_look",
    METADATA,
    Column("id", RisingId, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("who", Text, nullable=False),
    Column("what", Text, nullable=False),
    # One of the three: a claim, or a file with many of them.
    Column("claim_id", RisingId, ForeignKey("claim.id"), index=True),
    Column("batch_id", RisingId, ForeignKey("batch.id"), index=True),
    Column("response_id", RisingId, ForeignKey("response.id"), index=True),
)
"""Who looked at which patients' data, for ever: triggers refuse UPDATE and DELETE."""

# --- the audit ----------------------------------------------------------------------------------------------------

AUDIT = Table(
    "audit",
    METADATA,
    Column("id", Integer, primary_key=True, autoincrement=False),
    _encrypted("key"),  # what the chain is made with; blank until its first link
    Column("events_before", BigInteger, nullable=False),  # the last of those that no link holds
    Column("looks_before", BigInteger, nullable=False),
    CheckConstraint("id = 1", name="one_row"),
)
"""Where the chain over events and looks begins; one row."""

AUDIT_LINK = Table(
    "audit_link",
    METADATA,
    # Given at the end of a transaction, under a lock, without a gap.
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("rows_of", Text, nullable=False),  # event, claim_look
    Column("marks", LargeBinary, nullable=False),  # id and digest of every row that the transaction wrote
    Column("hash", Text, nullable=False),  # of the marks and of the link before
)
"""What each transaction wrote of events and looks, chained: triggers refuse UPDATE and DELETE."""

# Whoever looks for a claim has one of its numbers, and does not say which.
Index(None, SUBMISSION.c.clearinghouse_claim_id)
Index(None, SUBMISSION.c.payer_claim_number)
Index(None, CLAIM.c.key)

Index(None, PAYLOAD_AGED.c.outside, sqlite_where=PAYLOAD_AGED.c.outside, postgresql_where=PAYLOAD_AGED.c.outside)

# Which files have these bytes, and which claims a file that came back speaks of.
Index(None, BATCH.c.payload_sha256)
Index(None, RESPONSE.c.sha256)
_IS_TOLD = EVENT.c.response_id.is_not(None)
Index(None, EVENT.c.response_id, sqlite_where=_IS_TOLD, postgresql_where=_IS_TOLD)
