"""
Stored files may lie outside the database, as objects: such a row says which and how large, and has no bytes.

There is no way back while one does: `./courier ledger payloads --back` brings them into the database first.
"""

import sqlalchemy as sa
from alembic import op

from include.claims.errors import BadSetting

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _content_may_be_null(True)
    op.add_column("payload_aged", sa.Column("outside", sa.Boolean(), server_default=sa.false(), nullable=False))
    is_outside = sa.text("outside")
    op.create_index(
        op.f("ix_payload_aged_outside"),
        "payload_aged",
        ["outside"],
        sqlite_where=is_outside,
        postgresql_where=is_outside,
    )


def downgrade() -> None:
    if op.get_bind().scalar(sa.text("SELECT count(*) FROM payload WHERE content IS NULL")):
        raise BadSetting(
            "ledger: files lie outside it, and the program of before does not know where; bring them back first:"
            " ./courier ledger payloads --back"
        )
    op.drop_index(op.f("ix_payload_aged_outside"), "payload_aged")
    op.drop_column("payload_aged", "outside")
    _content_may_be_null(False)


def _content_may_be_null(may: bool) -> None:
    # SQLite writes the table anew, and takes as long as a copy of the stored files takes.
    with op.batch_alter_table("payload") as table:
        table.alter_column("content", existing_type=sa.LargeBinary(), nullable=may)
