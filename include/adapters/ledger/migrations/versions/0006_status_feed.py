"""
What became of claims, as a view for the practice system, with a number for every change that rises by commits.

Submissions of before are numbered in the order in which they were made.
"""

import sqlalchemy as sa
from alembic import op

from include.adapters.ledger.columns import Instant, RisingId

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "submission_change",
        sa.Column("submission_id", RisingId, autoincrement=False, nullable=False),
        sa.Column("change_id", sa.BigInteger(), nullable=False),
        sa.Column("changed_at", Instant(), nullable=False),
        sa.ForeignKeyConstraint(["submission_id"], ["submission.id"], name=op.f("fk_submission_change_submission_id")),
        sa.PrimaryKeyConstraint("submission_id", name=op.f("pk_submission_change")),
        sa.UniqueConstraint("change_id", name=op.f("uq_submission_change_change_id")),
    )
    op.execute(
        "INSERT INTO submission_change (submission_id, change_id, changed_at)"
        " SELECT id, row_number() OVER (ORDER BY id), CURRENT_TIMESTAMP FROM submission WHERE usage = 'live'"
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    op.execute(_VIEW.format(**_sqlite() if is_sqlite else _postgresql()))


def _sqlite() -> dict[str, str]:
    def dollars(cents: str) -> str:
        # Text, since SQLite has no exact decimals.
        sign = f"CASE WHEN {cents} < 0 THEN '-' ELSE '' END"
        return f"printf('%s%d.%02d', {sign}, abs({cents}) / 100, abs({cents}) % 100)"

    held = (
        "json_object('event', 'held', 'codes', json_array(json_extract(value, '$.rule')), 'words',"
        " json_extract(value, '$.message') || '; ' || json_extract(value, '$.remedy'))"
    )
    told = "json_object('event', told.event, 'codes', json(told.codes), 'words', told.words)"
    return {
        **{name: dollars(cents) for name, cents in _CENTS.items()},
        "noon": "event.answered_on || ' 12:00:00.000000'",
        "holds": f"(SELECT json_group_array({held}) FROM json_each(submission.holds))",  # noqa: S608  # no input
        "answers": f"json_group_array({told})",
    }


def _postgresql() -> dict[str, str]:
    held = (
        "json_build_object('event', 'held', 'codes', json_build_array(value ->> 'rule'), 'words',"
        " (value ->> 'message') || '; ' || (value ->> 'remedy'))"
    )
    told = "json_build_object('event', told.event, 'codes', told.codes::json, 'words', told.words)"
    return {
        **{name: f"CAST({cents} / 100.0 AS numeric(14, 2))" for name, cents in _CENTS.items()},
        "noon": "CAST(event.answered_on || 'T12:00:00Z' AS timestamp with time zone)",
        "holds": (
            f"(SELECT coalesce(json_agg({held}), '[]')::text"  # noqa: S608  # no input
            " FROM json_array_elements(submission.holds::json))"
        ),
        "answers": f"coalesce(json_agg({told} ORDER BY told.first), '[]')::text",
    }


_CENTS = {
    "charge": "submission.total_cents",
    "paid": "coalesce(sum(posting.paid_cents), 0)",
    "patient": "coalesce(sum(posting.patient_cents), 0)",
}

_VIEW = """
CREATE VIEW claim_status_feed AS
SELECT
    submission_change.change_id,
    submission_change.changed_at,
    claim.source,
    claim.key AS claim_key,
    submission.clinic_key,
    submission.control_number,
    submission.number AS submission_number,
    submission.frequency,
    submission.payer_id,
    {charge} AS charge,
    (
        SELECT min(CASE event.event WHEN 'sent' THEN event.recorded_at ELSE {noon} END)
        FROM event
        WHERE event.submission_id = submission.id AND event.event IN ('sent', 'sent_elsewhere')
    ) AS sent_at,
    batch.file_name,
    submission.delivery,
    submission.front_end,
    submission.adjudication,
    submission.work,
    submission.contradicted,
    CASE submission.delivery WHEN 'READY' THEN '[]' WHEN 'HELD' THEN {holds} ELSE (
        SELECT {answers}
        FROM (
            SELECT event.event, event.codes, event.words, min(event.id) AS first
            FROM event
            WHERE event.submission_id = submission.id AND event.event IN (
                'rejected_by_clearinghouse', 'rejected_by_payer', 'information_requested', 'not_found',
                'called_duplicate', 'unclear', 'denied', 'paid_with_denied_lines', 'set_refused', 'file_failed',
                'unaccounted', 'not_arrived', 'rivalled'
            )
            GROUP BY event.event, event.codes, event.words
            ORDER BY min(event.id)
        ) AS told
    ) END AS reasons,
    submission.clearinghouse_claim_id,
    submission.payer_claim_number,
    (SELECT {paid} FROM posting WHERE posting.submission_id = submission.id AND posting.feed_id IS NOT NULL) AS paid,
    (SELECT {patient} FROM posting WHERE posting.submission_id = submission.id AND posting.feed_id IS NOT NULL)
        AS patient
FROM submission_change
JOIN submission ON submission.id = submission_change.submission_id
JOIN claim ON claim.id = submission.claim_id
LEFT JOIN batch ON batch.id = submission.batch_id
"""
