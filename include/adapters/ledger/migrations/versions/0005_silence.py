"""
The ledger remembers what alarms have told, and when an account was last visited.

Accounts of before have no visit; the next one is the first.
"""

import sqlalchemy as sa
from alembic import op

from include.adapters.ledger.columns import Instant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("visited_at", sa.Float(), nullable=True))
    op.create_table(
        "alarm_told",
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("told_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_alarm_told")),
    )
