"""
What the overview has counted, kept between two requests: a hundred thousand claims are not counted at every look.

Where claims stand is always as the ledger has it now: it numbers every change, so only the clinics whose claims have
changed since are counted anew. Pictures of weeks and months are kept for some minutes, and say when they were drawn.
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import Any, Final, Protocol, TypeVar

from include.delivery.standing import Glance, Late, Standing, glance_of

T = TypeVar("T")

KEPT_FOR: Final = timedelta(minutes=10)
_MOST: Final = 32
"""Different sets of clinics whose pictures are kept: as many as people with different rights, about."""


class CountedLedger(Protocol):
    """The part of `ports.ConsoleLedger` that is asked here."""

    def changes(self, after: int) -> tuple[int, set[str]]:
        """Return the number of the last change of a live claim, and the clinics whose claims changed after another."""

    def standings(self, clinic_keys: Collection[str], late: Late | None = None) -> list[Standing]:
        """Return how many claims of some clinics stand alike."""


class Memory:
    """One for each process that serves the page."""

    def __init__(self) -> None:
        """Begin knowing nothing."""
        self._counting, self._drawing = Lock(), Lock()  # who looks at claims does not wait for who draws
        self._late: Late | None = None
        self._last = 0
        self._counted: dict[str, tuple[Glance, list[Standing]]] = {}
        self._drawn: dict[object, tuple[datetime, Any]] = {}

    def glances(self, ledger: CountedLedger, clinic_keys: Collection[str], late: Late) -> Mapping[str, Glance]:
        """Return where the claims of some clinics stand now; of a clinic without claims, a row of nought."""
        counted = self._count(ledger, clinic_keys, late)
        return {key: counted[key][0] for key in clinic_keys}

    def standings(self, ledger: CountedLedger, clinic_keys: Collection[str], late: Late) -> Iterator[Standing]:
        """Yield how many claims of some clinics stand alike now."""
        counted = self._count(ledger, clinic_keys, late)
        for key in clinic_keys:
            yield from counted[key][1]

    def _count(
        self, ledger: CountedLedger, clinic_keys: Collection[str], late: Late
    ) -> Mapping[str, tuple[Glance, list[Standing]]]:
        """Count the clinics that have changed, and return all that is known."""
        with self._counting:
            last, changed = ledger.changes(self._last)
            # Another hour makes other claims late; a lower number is another ledger.
            if late != self._late or last < self._last:
                self._counted = {}
            self._late, self._last = late, last
            known = {key: one for key, one in self._counted.items() if key not in changed}
            if unknown := set(clinic_keys) - known.keys():
                found: dict[str, list[Standing]] = {key: [] for key in unknown}
                for one in ledger.standings(unknown, late):
                    found[one.clinic_key].append(one)
                known |= {key: (glance_of(key, alike), alike) for key, alike in found.items()}
            self._counted = known
            return known

    def drawn(self, what: object, now: datetime, draw: Callable[[], T]) -> tuple[datetime, T]:
        """Return a picture, drawn anew where it is too old, and when it was drawn."""
        with self._drawing:
            kept = self._drawn.pop(what, None)
            if kept is None or not timedelta(0) <= now - kept[0] < KEPT_FOR:
                kept = now, draw()
            self._drawn[what] = kept
            while len(self._drawn) > _MOST:
                del self._drawn[next(iter(self._drawn))]
            return kept
