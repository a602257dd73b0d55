"""
The ledger remembers how far a clinic's setting up has come, and caps its first live night.

A mailbox learns its account's user name. Clinics of before that have delivered have had their first night.
"""

import sqlalchemy as sa
from alembic import op

from include.adapters.ledger.columns import Instant, RisingId

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("mailbox", sa.Column("user_name", sa.Text(), nullable=False, server_default=""))
    op.add_column("clinic", sa.Column("first_night_claims", sa.Text(), nullable=False, server_default=""))
    op.create_table(
        "onboarding",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("clinic_key", sa.Text(), nullable=False),
        sa.Column("step", sa.Text(), nullable=False),
        sa.Column("at", Instant(), nullable=False),
        *(sa.Column(name, sa.Text(), nullable=False, server_default="") for name in ("who", "note", "evidence")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_onboarding")),
    )
    op.create_index(op.f("ix_onboarding_clinic_key"), "onboarding", ["clinic_key"])
