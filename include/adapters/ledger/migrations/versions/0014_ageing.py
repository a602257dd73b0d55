"""
The ledger remembers which stored files it has let go, and finds the files and claims that an answer speaks of.

The way back loses nothing of before: only what was let go, and since when, is forgotten with its table.
"""

import sqlalchemy as sa
from alembic import op

from include.adapters.ledger.columns import Instant

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

_IS_TOLD = sa.text("response_id IS NOT NULL")


def upgrade() -> None:
    op.create_table(
        "payload_aged",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stored_at", Instant(), nullable=False),
        sa.Column("aged_at", Instant(), nullable=False),
        sa.Column("aged_by", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_payload_aged")),
    )
    op.create_index(op.f("ix_batch_payload_sha256"), "batch", ["payload_sha256"])
    op.create_index(op.f("ix_response_sha256"), "response", ["sha256"])
    op.create_index(
        op.f("ix_event_response_id"), "event", ["response_id"], sqlite_where=_IS_TOLD, postgresql_where=_IS_TOLD
    )


def downgrade() -> None:
    for table, column in (("event", "response_id"), ("response", "sha256"), ("batch", "payload_sha256")):
        op.drop_index(op.f(f"ix_{table}_{column}"), table)
    op.drop_table("payload_aged")
