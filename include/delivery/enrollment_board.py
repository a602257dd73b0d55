"""
How enrollments stand, as a board: a row a clinic, provider and payer, a column for each thing a payer is asked for.

What a state does to claims, and what people are reminded of, is `include.claims.enrollment`; this puts it in its place.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from include.claims.enrollment import (
    STATES,
    Effect,
    Enrolled,
    Enrollment,
    Patience,
    Reminder,
    State,
    What,
    by_payer_and_npi,
    reminders,
)
from include.delivery.clinic_table import Row
from include.delivery.kept_tables import faults_of
from include.delivery.payer_table import enrollment_from_row
from include.delivery.records import Place, Table

WAITING: Final = tuple(state for state, meaning in STATES.items() if meaning.effect is not Effect.GOES)
"""The states in which something is still to be done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """What a payer was asked for, and how that stands."""

    key: str
    state: str
    days: str
    effect: Effect
    remarks: tuple[str, ...] = ()
    note: str = ""
    records: int = 1  # of one kind: this one, and those before it


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardRow:
    """A clinic's provider with a payer."""

    place: Place
    cells: Mapping[What, Sequence[Cell]] = field(default_factory=dict)  # several where tax ids have one each


def board(places: Sequence[Place], rows: Iterable[Row], today: date, patience: Patience) -> list[BoardRow]:
    """Return the rows of these places, from all the records there are of their payers and providers."""
    kept, wrong = _read(rows)
    reminded: dict[str, list[Reminder]] = defaultdict(list)
    for one, reminder in reminders(kept, today, patience):
        reminded[one.key].append(reminder)
    by_pair = by_payer_and_npi(kept)
    found = []
    for place in places:
        own = by_pair.get((place.payer_id, place.npi), [])
        cells = {what: list(_cells(what, own, today, reminded)) for what in What}
        for row in wrong[place.payer_id, place.npi]:
            cells[_what_of(row)].append(_unreadable(row))
        found.append(BoardRow(place=place, cells=cells))
    return found


def remarks(one: Enrollment, today: date, reminded: Sequence[Reminder]) -> Iterator[str]:
    """Yield what is to be said of an enrollment: why nothing goes, and what a person has to see to."""
    if words := one.sentence(today):
        yield words.partition(": ")[2]
    if one.moves_from and one.state is State.APPROVED:
        yield f"it moved from {one.moves_from}: see that the next remittances come here, then blank moves_from"
    yield from (f"{reminder.about}: {reminder.sentence}; {reminder.remedy}" for reminder in reminded)


def _read(rows: Iterable[Row]) -> tuple[list[Enrollment], dict[tuple[str, str], list[Row]]]:
    kept: list[Enrollment] = []
    wrong: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        if faults_of(Table.ENROLLMENT, row):
            wrong[str(row["payer_id"]), str(row["npi"])].append(row)
        else:
            kept.append(enrollment_from_row(row))
    return kept, wrong


def _cells(
    what: What, own: Sequence[Enrollment], today: date, reminded: Mapping[str, Sequence[Reminder]]
) -> Iterator[Cell]:
    alike: dict[str, list[Enrollment]] = defaultdict(list)
    for one in own:
        if one.what is what:
            alike[one.tax_id].append(one)
    for tax_id, some in sorted(alike.items()):
        known = Enrolled(enrollments=by_payer_and_npi(some))
        counts = known.counting(what, some[0].payer_id, some[0].npi, tax_id, today)
        assert counts is not None
        said = [reminder for one in some for reminder in reminded.get(one.key, ())]
        yield Cell(
            key=counts.key,
            state=str(counts.state),
            days=_days(counts),
            effect=_effect(counts, today),
            remarks=tuple(remarks(counts, today, said)),
            note=counts.note,
            records=len(some),
        )


def _effect(one: Enrollment, today: date) -> Effect:
    """Return what it does to claims: what is not of claims never holds one."""
    effect = one.meaning(today).effect
    return Effect.WARNS if effect is Effect.HOLDS and one.what is not What.CLAIMS else effect


def _days(one: Enrollment) -> str:
    if one.state is State.REQUESTED:
        return f"since {one.requested_on}, by {one.requested_by}"
    words = (("from", one.effective_from), ("to", one.effective_to))
    return " ".join(f"{word} {day}" for word, day in words if day)


def _unreadable(row: Row) -> Cell:
    said = tuple(faults_of(Table.ENROLLMENT, row))
    return Cell(key=str(row["key"]), state="cannot be read", days="", effect=Effect.WARNS, remarks=said)


def _what_of(row: Row) -> What:
    return next((what for what in What if what == row["what"]), What.CLAIMS)
