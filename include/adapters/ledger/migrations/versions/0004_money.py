"""
Submissions learn what the payer decided; payments, what they say of each claim, and what they take from providers.

Submissions of before have no decision, which is right: no remittance was read until now.
"""

import sqlalchemy as sa
from alembic import op

from include.adapters.ledger.columns import Instant, RisingId

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("adjudication", sa.Text(), nullable=False, server_default="-"))
    op.add_column("submission", sa.Column("payer_claim_number", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "payment",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("response_id", RisingId, nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("identity", sa.Text(), nullable=False),
        *(_text(name) for name in ("payer_name", "payer_id", "payee_npi", "payee_tax_id")),
        sa.Column("is_ours", sa.Boolean(), nullable=False),
        *(_text(name) for name in ("trace", "method", "handling")),
        sa.Column("paid_on", sa.Date(), nullable=False),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.Column("claims_cents", sa.BigInteger(), nullable=False),
        sa.Column("provider_cents", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        *(_text(name) for name in ("reason", "decided_by")),
        sa.Column("deposited_on", sa.Date(), nullable=True),
        sa.Column("deposited_cents", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["response_id"], ["response.id"], name=op.f("fk_payment_response_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment")),
        sa.UniqueConstraint("response_id", "segment", name=op.f("uq_payment_response_id_segment")),
    )
    op.create_index(op.f("ix_payment_identity"), "payment", ["identity"], unique=False)
    op.create_table(
        "posting",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("payment_id", RisingId, nullable=False),
        sa.Column("submission_id", RisingId, nullable=True),
        sa.Column("feed_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("control_number", sa.Text(), nullable=False),
        _text("payer_claim_number"),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("charge_cents", sa.BigInteger(), nullable=False),
        sa.Column("paid_cents", sa.BigInteger(), nullable=False),
        sa.Column("patient_cents", sa.BigInteger(), nullable=False),
        sa.Column("segment", sa.Integer(), nullable=False),
        sa.Column("event", sa.Text(), nullable=True),
        *(_text(name) for name in ("codes", "words", "fault")),
        sa.Column("status", sa.Text(), nullable=False),
        *(_text(name) for name in ("reason", "decided_by")),
        sa.Column("document", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_posting_payment_id")),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_posting_submission_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_posting")),
        sa.UniqueConstraint("feed_id", name=op.f("uq_posting_feed_id")),
        sa.UniqueConstraint("key", "content", name=op.f("uq_posting_key_content")),
    )
    for name in ("payment_id", "submission_id", "control_number", "status"):
        op.create_index(op.f(f"ix_posting_{name}"), "posting", [name], unique=False)
    op.create_table(
        "provider_adjustment",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("payment_id", RisingId, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("provider_id", sa.Text(), nullable=False),
        sa.Column("fiscal_year_ends_on", sa.Date(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        _text("reference"),
        sa.Column("cents", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["payment_id"], ["payment.id"], name=op.f("fk_provider_adjustment_payment_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_adjustment")),
        sa.UniqueConstraint("payment_id", "position", name=op.f("uq_provider_adjustment_payment_id_position")),
    )
    op.create_index(op.f("ix_provider_adjustment_payment_id"), "provider_adjustment", ["payment_id"], unique=False)
    op.create_table(
        "posting_reader",
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("acknowledged_id", sa.BigInteger(), nullable=False),
        sa.Column("acknowledged_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_posting_reader")),
    )


def _text(name: str) -> "sa.Column[str]":
    return sa.Column(name, sa.Text(), nullable=False, server_default="")
