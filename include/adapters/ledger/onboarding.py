"""What only people know of a clinic's setting up and taking out. `ports.OnboardingLedger` on SQL."""

from dataclasses import asdict
from typing import Any

from sqlalchemy import insert, select

from include.adapters.ledger.engine import Database
from include.adapters.ledger.tables import ONBOARDING
from include.delivery.records import OnboardingNote, Step


def note_row(clinic_key: str, note: OnboardingNote) -> dict[str, Any]:
    """Return a note as it is stored."""
    return {**asdict(note), "step": note.step.value, "clinic_key": clinic_key}


class Onboarding:
    """The ledger's notes on clinics that come and go."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def say(self, clinic_key: str, note: OnboardingNote) -> None:
        """Keep what was done or said, for ever; never a secret."""
        with self._database.write() as connection:
            connection.execute(insert(ONBOARDING), note_row(clinic_key, note))

    def notes(self, clinic_key: str) -> list[OnboardingNote]:
        """Return what was said of a clinic, oldest first."""
        query = select(ONBOARDING).where(ONBOARDING.c.clinic_key == clinic_key).order_by(ONBOARDING.c.id)
        with self._database.read() as connection:
            return [
                OnboardingNote(step=Step(row.step), at=row.at, who=row.who, note=row.note, evidence=row.evidence)
                for row in connection.execute(query)
            ]
