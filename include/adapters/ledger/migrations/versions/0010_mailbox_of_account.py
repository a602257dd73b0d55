"""
An account remembers which mailbox was there last, so that a refused login tells whose deliveries stand still.

Accounts of before learn it with their next session.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("account", sa.Column("mailbox_key", sa.Text(), nullable=False, server_default=""))
