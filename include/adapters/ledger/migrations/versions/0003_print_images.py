"""
A mailbox learns how its account has mapped print images: the grid, and what a claim of several forms totals.

Mailboxes of before have blanks there, which are the defaults.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("grid", "totals"):
        op.add_column("mailbox", sa.Column(name, sa.Text(), nullable=False, server_default=""))
