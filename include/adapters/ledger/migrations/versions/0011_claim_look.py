"""Who looked at which claim's patient data, and when: asked for by whoever guards it, kept as long as the claim."""

import sqlalchemy as sa
from alembic import op

from include.adapters.ledger.columns import Instant, RisingId

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "claim_look",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("claim_id", RisingId, nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["claim_id"], ["claim.id"], name=op.f("fk_claim_look_claim_id_claim")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_look")),
    )
    op.create_index(op.f("ix_claim_look_claim_id"), "claim_look", ["claim_id"])
