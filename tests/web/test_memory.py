"""What is kept between two requests is never older than it says."""

from collections.abc import Collection
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from include.claims.deadlines import Waits
from include.claims.states import Adjudication, Delivery, FrontEnd, Work
from include.delivery.standing import Late, Standing, late_by
from include.web.memory import KEPT_FOR, Memory

pytestmark = pytest.mark.pure

NOON = datetime(2026, 3, 6, 12, 0, tzinfo=UTC)
LATE = late_by(NOON, Waits(), {})


class Counting:
    """A ledger that says what it was asked."""

    def __init__(self) -> None:
        self.last = 0
        self.changed: set[str] = set()
        self.asked: list[set[str]] = []

    def changes(self, after: int) -> tuple[int, set[str]]:
        """Return what the test says has changed."""
        return self.last, self.changed if after != self.last else set()

    def standings(self, clinic_keys: Collection[str], late: Late | None = None) -> list[Standing]:
        """Return one claim a clinic."""
        self.asked.append(set(clinic_keys))
        return [
            Standing(
                clinic_key=key,
                delivery=Delivery.READY,
                front_end=FrontEnd.NONE,
                adjudication=Adjudication.NONE,
                work=Work.NOBODY,
                contradicted=False,
                claims=len(self.asked),
                charge=Decimal(100),
            )
            for key in clinic_keys
        ]


def test_only_the_clinics_that_changed_are_counted_anew():
    """Of the others, what was counted holds."""
    ledger, memory = Counting(), Memory()
    memory.glances(ledger, {"a", "b"}, LATE)
    memory.glances(ledger, {"a", "b"}, LATE)
    ledger.last, ledger.changed = 7, {"b"}

    found = memory.glances(ledger, {"a", "b"}, LATE)

    assert [{"a", "b"}, {"b"}] == ledger.asked
    assert {"a": 1, "b": 2} == {key: glance.stages["ready"].claims for key, glance in found.items()}


def test_another_hour_counts_everything_anew():
    """With the hour, claims become late that nobody has touched."""
    ledger, memory = Counting(), Memory()
    memory.glances(ledger, {"a"}, LATE)

    memory.glances(ledger, {"a"}, late_by(NOON + timedelta(hours=1), Waits(), {}))

    assert [{"a"}, {"a"}] == ledger.asked


def test_another_ledger_counts_everything_anew():
    """One whose changes are behind was restored."""
    ledger, memory = Counting(), Memory()
    ledger.last = 9
    memory.glances(ledger, {"a"}, LATE)
    ledger.last = 3

    memory.glances(ledger, {"a"}, LATE)

    assert [{"a"}, {"a"}] == ledger.asked


def test_a_picture_is_kept_for_some_minutes():
    """It says when it was drawn, and clocks that go back draw it anew."""
    memory, drawn = Memory(), iter(range(9))

    def look(at: datetime) -> tuple[datetime, int]:
        return memory.drawn("picture", at, lambda: next(drawn))

    assert (NOON, 0) == look(NOON)
    assert (NOON, 0) == look(NOON + KEPT_FOR - timedelta(seconds=1))
    assert (NOON + KEPT_FOR, 1) == look(NOON + KEPT_FOR)
    assert (NOON, 2) == look(NOON)


def test_no_more_pictures_are_kept_than_people_have_different_rights():
    """The oldest goes first; memory does not grow with visits."""
    memory, drawn = Memory(), []
    for number in range(100):
        memory.drawn(number, NOON, lambda: drawn.append(1))

    memory.drawn(0, NOON, lambda: drawn.append(1))
    memory.drawn(99, NOON, lambda: drawn.append(1))

    assert 101 == len(drawn)


def test_who_looks_at_claims_does_not_wait_for_who_draws():
    """A large ledger's pictures take seconds."""
    ledger, memory = Counting(), Memory()

    _, seen = memory.drawn("picture", NOON, lambda: memory.glances(ledger, {"a"}, LATE))

    assert {"a"} == seen.keys()
