"""
The payer list, enrollments and holds as people keep them: loose text by a key, as the clinic table.

The tables of before were never written by anything.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_TABLES = {
    "payer": (
        "name", "claims_need_enrollment", "remittances_need_enrollment", "remittances_id", "eligibility_id",
    ),
    "enrollment": (
        "payer_id", "npi", "tax_id", "what", "state", "requested_on", "requested_by", "effective_from",
        "effective_to", "moves_from", "bank_changed_on", "note",
    ),
    "payer_hold": ("payer_id", "npi", "starts_on", "ends_on", "reason"),
}  # fmt: skip


def upgrade() -> None:
    op.drop_table("enrollment")
    op.drop_table("payer")
    for name, columns in _TABLES.items():
        op.create_table(
            name,
            sa.Column("key", sa.Text(), nullable=False),
            *(sa.Column(column, sa.Text(), server_default="", nullable=False) for column in columns),
            sa.PrimaryKeyConstraint("key", name=op.f(f"pk_{name}")),
        )
    op.create_index(op.f("ix_enrollment_npi_payer_id"), "enrollment", ["npi", "payer_id"])
