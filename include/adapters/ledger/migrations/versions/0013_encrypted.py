"""
Patients' data may be encrypted, and events and looks are chained from here on.

Nothing is encrypted here, because a migration has no key: `./courier ledger rotate` does it, and both are read until
then. Whose turn it is to pay gets a column, since SQL cannot look into an encrypted document. Where a person's words
are the reason, the status feed says only that. An event may be encrypted anew, and not else be changed.
"""

from importlib import import_module

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

_KEPT = (
    "id", "submission_id", "event", "recorded_at", "answered_on", "file", "position", "codes", "response_id",
    "batch_id", "dedupe",
)  # fmt: skip
_ENCRYPTED = ("words", "data")


def upgrade() -> None:
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.add_column("claim_revision", sa.Column("responsibility", sa.Text(), server_default="", nullable=False))
    turn = "json_extract(document, '$.responsibility')" if is_sqlite else "document::json ->> 'responsibility'"
    op.execute(f"UPDATE claim_revision SET responsibility = coalesce({turn}, '') WHERE document IS NOT NULL")  # noqa: S608 - only names of ours
    _hide_people_s_words(is_sqlite=is_sqlite)
    _create_tables()
    op.execute(
        "INSERT INTO audit (id, events_before, looks_before) SELECT 1, (SELECT coalesce(max(id), 0) FROM event),"
        " (SELECT coalesce(max(id), 0) FROM claim_look)"
    )
    if is_sqlite:
        _create_sqlite_triggers()
    else:
        _create_postgresql_triggers()


def _hide_people_s_words(*, is_sqlite: bool) -> None:
    feed = vars(import_module("include.adapters.ledger.migrations.versions.0006_status_feed"))
    parts: dict[str, str] = feed["_sqlite" if is_sqlite else "_postgresql"]()
    message = "json_extract(value, '$.message')" if is_sqlite else "(value ->> 'message')"
    parts["holds"] = parts["holds"].replace(message, _shown(message))
    words = _shown("event.words")
    view: str = feed["_VIEW"]
    view = view.replace("event.words, min", f"{words} AS words, min").replace("event.words\n", f"{words}\n")
    if is_sqlite:
        op.execute("DROP VIEW claim_status_feed")
    else:  # in its place, so that whoever may read it still may
        view = view.replace("CREATE VIEW", "CREATE OR REPLACE VIEW")
    op.execute(view.format(**parts))


def _shown(words: str) -> str:
    return f"CASE WHEN {words} LIKE 'enc1.%' THEN 'a person has said so' ELSE {words} END"


def _create_tables() -> None:
    op.create_table(
        "audit",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), server_default="", nullable=False),
        sa.Column("events_before", sa.BigInteger(), nullable=False),
        sa.Column("looks_before", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_audit_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
    )
    op.create_table(
        "audit_link",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("rows_of", sa.Text(), nullable=False),
        sa.Column("marks", sa.LargeBinary(), nullable=False),
        sa.Column("hash", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_link")),
    )


def _create_sqlite_triggers() -> None:
    other = [f"NEW.{name} IS NOT OLD.{name}" for name in _KEPT]
    clear = [f"(NEW.{name} IS NOT OLD.{name} AND NEW.{name} NOT LIKE 'enc1.%')" for name in _ENCRYPTED]
    op.execute("DROP TRIGGER event_refuses_update")
    op.execute(
        f"CREATE TRIGGER event_refuses_update BEFORE UPDATE ON event WHEN {' OR '.join([*other, *clear])}"
        " BEGIN SELECT RAISE(ABORT, 'events are kept for ever'); END"
    )
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER audit_link_refuses_{change.lower()} BEFORE {change} ON audit_link"
            " BEGIN SELECT RAISE(ABORT, 'the audit is kept for ever'); END"
        )


def _create_postgresql_triggers() -> None:
    other = [f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in _KEPT]
    clear = [f"(NEW.{name} IS DISTINCT FROM OLD.{name} AND NEW.{name} NOT LIKE 'enc1.%')" for name in _ENCRYPTED]
    op.execute("DROP TRIGGER event_refuses_change ON event")
    op.execute(
        "CREATE TRIGGER event_refuses_change BEFORE DELETE OR TRUNCATE ON event"
        " FOR EACH STATEMENT EXECUTE FUNCTION event_is_kept()"
    )
    op.execute(
        f"CREATE TRIGGER event_refuses_update BEFORE UPDATE ON event FOR EACH ROW"
        f" WHEN ({' OR '.join([*other, *clear])}) EXECUTE FUNCTION event_is_kept()"
    )
    op.execute(
        "CREATE FUNCTION audit_is_kept() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RAISE EXCEPTION 'the audit is kept for ever'; END $$"
    )
    op.execute(
        "CREATE TRIGGER audit_link_refuses_change BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_link"
        " FOR EACH STATEMENT EXECUTE FUNCTION audit_is_kept()"
    )
