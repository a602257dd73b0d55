"""
The ground: every table of the first ledger, events that nobody can change, the row that says which ledger it is.

Frozen once released: a later change of the tables is a later file.
"""

import uuid
from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

from include.adapters.ledger.columns import Instant, RisingId

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_KEPT_BY_PEOPLE = ("mailbox", "billing_identity", "clinic")


def upgrade() -> None:
    _create_tables()
    if op.get_bind().dialect.name == "sqlite":
        _create_sqlite_triggers()
    else:
        _create_postgresql_triggers()
    _say_who_we_are()


def _say_who_we_are() -> None:
    ledger = sa.table(
        "ledger", sa.column("id"), sa.column("instance_id"), sa.column("epoch"), sa.column("created_at", Instant())
    )
    row = {"id": 1, "instance_id": uuid.uuid4().hex, "epoch": 1, "created_at": datetime.now(UTC)}
    op.bulk_insert(ledger, [row])
    op.execute("INSERT INTO clinic_table_revision (id, revision) VALUES (1, 0)")


def _create_sqlite_triggers() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER event_refuses_{change.lower()} BEFORE {change} ON event"
            " BEGIN SELECT RAISE(ABORT, 'events are kept for ever'); END"
        )
    for table in _KEPT_BY_PEOPLE:
        for change in ("INSERT", "UPDATE", "DELETE"):
            # The BEGIN of a trigger, not a query: no value from outside stands in it.
            counts = "BEGIN UPDATE clinic_table_revision SET revision = revision + 1; END"
            op.execute(f"CREATE TRIGGER {table}_counts_{change.lower()} AFTER {change} ON {table} {counts}")


def _create_postgresql_triggers() -> None:
    op.execute(
        "CREATE FUNCTION event_is_kept() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'events are kept for ever'; END $$"
    )
    op.execute(
        "CREATE TRIGGER event_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON event"
        " FOR EACH STATEMENT EXECUTE FUNCTION event_is_kept()"
    )
    op.execute(
        "CREATE FUNCTION clinic_table_changed() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN UPDATE clinic_table_revision SET revision = revision + 1; RETURN NULL; END $$"
    )
    for table in _KEPT_BY_PEOPLE:
        op.execute(
            f"CREATE TRIGGER {table}_counts_change AFTER INSERT OR UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION clinic_table_changed()"
        )


def _create_tables() -> None:
    op.create_table(
        "account",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("holder", sa.Text(), server_default="", nullable=False),
        sa.Column("token", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.Float(), nullable=False),
        sa.Column("breaker_credential", sa.Text(), server_default="", nullable=False),
        sa.Column("breaker_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("breaker_at", Instant(), nullable=True),
        sa.Column("reset_by", sa.Text(), server_default="", nullable=False),
        sa.Column("reset_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_account")),
    )
    op.create_table(
        "billing_identity",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("clinic_key", sa.Text(), server_default="", nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("npi", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_id", sa.Text(), server_default="", nullable=False),
        sa.Column("tax_id_kind", sa.Text(), server_default="", nullable=False),
        sa.Column("taxonomy", sa.Text(), server_default="", nullable=False),
        sa.Column("street", sa.Text(), server_default="", nullable=False),
        sa.Column("street2", sa.Text(), server_default="", nullable=False),
        sa.Column("city", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.Text(), server_default="", nullable=False),
        sa.Column("postal_code", sa.Text(), server_default="", nullable=False),
        sa.Column("phone", sa.Text(), server_default="", nullable=False),
        sa.Column("effective_from", sa.Text(), server_default="", nullable=False),
        sa.Column("effective_to", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_billing_identity")),
    )
    op.create_table(
        "claim",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("clinic_key", sa.Text(), nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("first_seen_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim")),
        sa.UniqueConstraint("source", "key", name=op.f("uq_claim_source_key")),
    )
    op.create_table(
        "clinic",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("mailbox_key", sa.Text(), server_default="", nullable=False),
        sa.Column("source_connection_id", sa.Text(), server_default="", nullable=False),
        sa.Column("timezone", sa.Text(), server_default="", nullable=False),
        sa.Column("delivery_cron", sa.Text(), server_default="", nullable=False),
        sa.Column("response_cron", sa.Text(), server_default="", nullable=False),
        sa.Column("mode", sa.Text(), server_default="", nullable=False),
        sa.Column("live_since", sa.Text(), server_default="", nullable=False),
        sa.Column("contact", sa.Text(), server_default="", nullable=False),
        sa.Column("claims_per_file", sa.Text(), server_default="", nullable=False),
        sa.Column("answer_within_hours", sa.Text(), server_default="", nullable=False),
        sa.Column("lookback_days", sa.Text(), server_default="", nullable=False),
        sa.Column("oldest_batch_days", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_clinic")),
    )
    op.create_table(
        "clinic_table_revision",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("revision", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_clinic_table_revision_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_clinic_table_revision")),
    )
    op.create_table(
        "delivery_run",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("dag_id", sa.Text(), nullable=False),
        sa.Column("run_id", sa.Text(), nullable=False),
        sa.Column("clinic_key", sa.Text(), nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("sealed_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_delivery_run")),
        sa.UniqueConstraint("dag_id", "run_id", name=op.f("uq_delivery_run_dag_id_run_id")),
    )
    op.create_table(
        "ledger",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("instance_id", sa.Text(), nullable=False),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("epoch_began_at", Instant(), nullable=True),
        sa.Column("epoch_by", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_ledger_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger")),
    )
    op.create_table(
        "mailbox",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("connection_id", sa.Text(), server_default="", nullable=False),
        sa.Column("submitter_id", sa.Text(), server_default="", nullable=False),
        sa.Column("submitter_name", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_name", sa.Text(), server_default="", nullable=False),
        sa.Column("contact_phone", sa.Text(), server_default="", nullable=False),
        sa.Column("profile", sa.Text(), server_default="", nullable=False),
        sa.Column("format", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_mailbox")),
    )
    op.create_table(
        "mailbox_sequence",
        sa.Column("mailbox_key", sa.Text(), nullable=False),
        sa.Column("last_number", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("mailbox_key", name=op.f("pk_mailbox_sequence")),
    )
    op.create_table(
        "payer",
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), server_default="", nullable=False),
        sa.Column("filing_indicator", sa.Text(), server_default="", nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payer")),
    )
    op.create_table(
        "payload",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_payload")),
    )
    op.create_table(
        "response",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("mailbox_key", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("modified", sa.BigInteger(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("taken_at", Instant(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("decided_at", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_response")),
        sa.UniqueConstraint(
            "mailbox_key", "name", "size", "sha256", name=op.f("uq_response_mailbox_key_name_size_sha256")
        ),
    )
    op.create_index(op.f("ix_response_mailbox_key_status"), "response", ["mailbox_key", "status"], unique=False)
    op.create_table(
        "batch",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("mailbox_key", sa.Text(), nullable=False),
        sa.Column("number", sa.BigInteger(), nullable=False),
        sa.Column("clinic_key", sa.Text(), nullable=False),
        sa.Column("delivery_run_id", RisingId, nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("file_stem", sa.Text(), nullable=False),
        sa.Column("interchange_number", sa.BigInteger(), nullable=False),
        sa.Column("group_number", sa.BigInteger(), nullable=False),
        sa.Column("reference", sa.Text(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.Column("settings", sa.Text(), nullable=False),
        sa.Column("claim_count", sa.Integer(), nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("status_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("payload_sha256", sa.Text(), nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("epoch", sa.Integer(), nullable=False),
        sa.Column("clearinghouse_file_ids", sa.Text(), server_default="[]", nullable=False),
        sa.ForeignKeyConstraint(["delivery_run_id"], ["delivery_run.id"], name=op.f("fk_batch_delivery_run_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_batch")),
        sa.UniqueConstraint("mailbox_key", "file_stem", name=op.f("uq_batch_mailbox_key_file_stem")),
        sa.UniqueConstraint("mailbox_key", "group_number", name=op.f("uq_batch_mailbox_key_group_number")),
        sa.UniqueConstraint("mailbox_key", "interchange_number", name=op.f("uq_batch_mailbox_key_interchange_number")),
        sa.UniqueConstraint("mailbox_key", "number", name=op.f("uq_batch_mailbox_key_number")),
    )
    op.create_index(op.f("ix_batch_clinic_key_status"), "batch", ["clinic_key", "status"], unique=False)
    op.create_table(
        "claim_revision",
        sa.Column("claim_id", RisingId, autoincrement=False, nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.Column("document", sa.Text(), nullable=True),
        sa.Column("payer_id", sa.Text(), server_default="", nullable=False),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("first_service_on", sa.Date(), nullable=True),
        sa.Column("last_service_on", sa.Date(), nullable=True),
        sa.Column("ready_at", Instant(), nullable=True),
        sa.Column("faults", sa.Text(), nullable=False),
        sa.Column("seen_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_revision_claim_id")),
        sa.PrimaryKeyConstraint("claim_id", "hash", name=op.f("pk_claim_revision")),
    )
    op.create_table(
        "enrollment",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("billing_npi", sa.Text(), nullable=False),
        sa.Column("payer_id", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("requested_on", sa.Date(), nullable=True),
        sa.Column("effective_from", sa.Date(), nullable=True),
        sa.Column("effective_to", sa.Date(), nullable=True),
        sa.ForeignKeyConstraint(["payer_id"], ["payer.id"], name=op.f("fk_enrollment_payer_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_enrollment")),
        sa.UniqueConstraint("billing_npi", "payer_id", "what", name=op.f("uq_enrollment_billing_npi_payer_id_what")),
    )
    op.create_table(
        "delivery_run_batch",
        sa.Column("delivery_run_id", RisingId, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("batch_id", RisingId, nullable=False),
        sa.Column("adopted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_delivery_run_batch_batch_id")),
        sa.ForeignKeyConstraint(
            ["delivery_run_id"], ["delivery_run.id"], name=op.f("fk_delivery_run_batch_delivery_run_id")
        ),
        sa.PrimaryKeyConstraint("delivery_run_id", "position", name=op.f("pk_delivery_run_batch")),
        sa.UniqueConstraint("delivery_run_id", "batch_id", name=op.f("uq_delivery_run_batch_delivery_run_id_batch_id")),
    )
    op.create_table(
        "submission",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("claim_id", RisingId, nullable=False),
        sa.Column("revision", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("usage", sa.Text(), nullable=False),
        sa.Column("control_number", sa.Text(), nullable=False),
        sa.Column("frequency", sa.Text(), nullable=False),
        sa.Column("clinic_key", sa.Text(), nullable=False),
        sa.Column("payer_id", sa.Text(), server_default="", nullable=False),
        sa.Column("ready_at", Instant(), nullable=True),
        sa.Column("total_cents", sa.BigInteger(), nullable=False),
        sa.Column("delivery", sa.Text(), nullable=False),
        sa.Column("front_end", sa.Text(), nullable=False),
        sa.Column("work", sa.Text(), nullable=False),
        sa.Column("contradicted", sa.Boolean(), nullable=False),
        sa.Column("holds", sa.Text(), server_default="[]", nullable=False),
        sa.Column("batch_id", RisingId, nullable=True),
        sa.Column("position", sa.Integer(), nullable=True),
        sa.Column("set_number", sa.Text(), server_default="", nullable=False),
        sa.Column("first_segment", sa.Integer(), nullable=True),
        sa.Column("clearinghouse_claim_id", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_submission_batch_id")),
        sa.ForeignKeyConstraint(
            ["claim_id", "revision"],
            ["claim_revision.claim_id", "claim_revision.hash"],
            name=op.f("fk_submission_claim_id_revision"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_submission")),
        sa.UniqueConstraint("claim_id", "usage", "number", name=op.f("uq_submission_claim_id_usage_number")),
        sa.UniqueConstraint("control_number", name=op.f("uq_submission_control_number")),
    )
    op.create_index(op.f("ix_submission_batch_id_position"), "submission", ["batch_id", "position"], unique=False)
    op.create_index(
        op.f("ix_submission_clinic_key_usage_delivery_ready_at"),
        "submission",
        ["clinic_key", "usage", "delivery", "ready_at"],
        unique=False,
    )
    op.create_table(
        "transmission",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("batch_id", RisingId, nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("began_batch", sa.Boolean(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("begun_at", Instant(), nullable=False),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("host", sa.Text(), nullable=False),
        sa.Column("port", sa.Integer(), nullable=False),
        sa.Column("login", sa.Text(), nullable=False),
        sa.Column("key_fingerprint", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("lease_holder", sa.Text(), nullable=False),
        sa.Column("lease_token", sa.BigInteger(), nullable=False),
        sa.Column("evidence", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_transmission_batch_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_transmission")),
        sa.UniqueConstraint("batch_id", "attempt", name=op.f("uq_transmission_batch_id_attempt")),
    )
    op.create_table(
        "event",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("submission_id", RisingId, nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("recorded_at", Instant(), nullable=False),
        sa.Column("answered_on", sa.Text(), server_default="", nullable=False),
        sa.Column("file", sa.Text(), server_default="", nullable=False),
        sa.Column("position", sa.Integer(), server_default="0", nullable=False),
        sa.Column("codes", sa.Text(), server_default="[]", nullable=False),
        sa.Column("words", sa.Text(), server_default="", nullable=False),
        sa.Column("data", sa.Text(), server_default="{}", nullable=False),
        sa.Column("response_id", RisingId, nullable=True),
        sa.Column("batch_id", RisingId, nullable=True),
        sa.Column("dedupe", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name=op.f("fk_event_batch_id")),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_event_response_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_event_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_event")),
        sa.UniqueConstraint("submission_id", "dedupe", name=op.f("uq_event_submission_id_dedupe")),
    )
    op.create_table(
        "submission_line",
        sa.Column("submission_id", RisingId, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("control_number", sa.Text(), nullable=False),
        sa.Column("source_line_key", sa.Text(), nullable=False),
        sa.Column("procedure", sa.Text(), nullable=False),
        sa.Column("service_on", sa.Date(), nullable=False),
        sa.Column("units", sa.Text(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("fingerprint", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_submission_line_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", "position", name=op.f("pk_submission_line")),
        sqlite_with_rowid=False,
    )
    op.create_index(op.f("ix_submission_line_fingerprint"), "submission_line", ["fingerprint"], unique=False)
