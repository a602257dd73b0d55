"""A clinic's row says how much its tasks weigh where those of many clinics wait for a slot."""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("clinic", sa.Column("priority", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("clinic", "priority")
