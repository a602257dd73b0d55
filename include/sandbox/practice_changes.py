"""What the invented practice's biller does in the demo after an answer came: correct a claim in its own database."""

import sqlite3
from datetime import UTC, datetime
from pathlib import Path

from include.sandbox.fates import Fate, cents_to
from include.sandbox.practice import TOLD


def told_claim(practice: Path) -> str:
    """Return the key of the claim whose life the demo tells."""
    clinic, place = TOLD
    with sqlite3.connect(practice) as database:
        query = "select claim_no from claims where clinic_id = ? order by id limit 1 offset ?"
        (key,) = database.execute(query, (clinic, place)).fetchone()
    return str(key)


def correct(practice: Path, key: str, *, fate: Fate, authorization: str, now: datetime) -> None:
    """Correct a claim's first session and its authorization, and release it anew; twice is the same as once."""
    with sqlite3.connect(practice) as database:
        claim, total = database.execute("select id, total_cents from claims where claim_no = ?", (key,)).fetchone()
        more = cents_to(fate, total)
        first = "select min(id) from sessions where claim_id = ?"
        database.execute(f"update sessions set cents = cents + ? where id = ({first})", (more, claim))  # noqa: S608  # ours
        database.execute(
            "update claims set total_cents = total_cents + ?, authorization_no = ?, released_at = ? where id = ?",
            (more, authorization, now.astimezone(UTC).isoformat(timespec="seconds"), claim),
        )
