"""
The ledger remembers looks at files too, for ever, and finds a claim by every number it has.

A look is as little to be changed as an event: triggers refuse it. Looks of before are kept.
"""

import sqlalchemy as sa
from alembic import op

from include.adapters.ledger.columns import Instant, RisingId

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

_SUBJECTS = ("claim", "batch", "response")
_NUMBERS = (("submission", "clearinghouse_claim_id"), ("submission", "payer_claim_number"), ("claim", "key"))


def upgrade() -> None:
    before = op.get_bind().execute(sa.text("SELECT at, who, claim_id FROM claim_look ORDER BY id")).mappings().all()
    op.drop_table("claim_look")
    op.create_table(
        "claim_look",
        sa.Column("id", RisingId, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        *(sa.Column(f"{one}_id", RisingId) for one in _SUBJECTS),
        *(
            sa.ForeignKeyConstraint([f"{one}_id"], [f"{one}.id"], name=op.f(f"fk_claim_look_{one}_id_{one}"))
            for one in _SUBJECTS
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_claim_look")),
    )
    if before:
        put = sa.text("INSERT INTO claim_look (at, who, what, claim_id) VALUES (:at, :who, 'the claim', :claim_id)")
        op.get_bind().execute(put, [dict(row) for row in before])
    for one in _SUBJECTS:
        op.create_index(op.f(f"ix_claim_look_{one}_id"), "claim_look", [f"{one}_id"])
    for table, column in _NUMBERS:
        op.create_index(op.f(f"ix_{table}_{column}"), table, [column])
    if op.get_bind().dialect.name == "sqlite":
        _create_sqlite_triggers()
    else:
        _create_postgresql_trigger()


def _create_sqlite_triggers() -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER claim_look_refuses_{change.lower()} BEFORE {change} ON claim_look"
            " BEGIN SELECT RAISE(ABORT, 'looks are kept for ever'); END"
        )


def _create_postgresql_trigger() -> None:
    op.execute(
        "CREATE FUNCTION claim_look_is_kept() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'looks are kept for ever'; END $$"
    )
    op.execute(
        "CREATE TRIGGER claim_look_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON claim_look"
        " FOR EACH STATEMENT EXECUTE FUNCTION claim_look_is_kept()"
    )
