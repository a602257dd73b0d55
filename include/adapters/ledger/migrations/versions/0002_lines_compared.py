"""
Lines learn what other claims' rules compare them by; their REF*6R goes, because a payer's profile may merge lines.

Lines of before have blanks there: they are still found by their fingerprint, which is what blocks a duplicate.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

_KEYS = ("patient_day", "technician_day", "authorization_use")
_TEXTS = ("modifiers", "place_of_service", "rendering_npi", "session", "started_at", "ended_at")


def upgrade() -> None:
    for name in (*_KEYS, *_TEXTS):
        op.add_column("submission_line", sa.Column(name, sa.Text(), nullable=False, server_default=""))
    for name in _KEYS:
        op.create_index(op.f(f"ix_submission_line_{name}"), "submission_line", [name], unique=False)
    op.drop_column("submission_line", "control_number")
