"""
What people may say of a claim: that it goes again as a replacement or void, and that an alarm was heard.

Submissions of before were asked for by nobody. When another payer decided on a claim that is already here is filled in
from its document by the next collect that sees it changed; until then its secondary clock does not run.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("submission", sa.Column("asked_by", sa.Text(), nullable=False, server_default=""))
    op.add_column("submission", sa.Column("replaces", sa.Text(), nullable=False, server_default=""))
    op.add_column("claim_revision", sa.Column("others_decided_on", sa.Date(), nullable=True))
    op.add_column("alarm_told", sa.Column("acknowledged_by", sa.Text(), nullable=False, server_default=""))
