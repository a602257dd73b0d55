"""Failed files and refused sets, all that was heard of them, and how they go again. `ports.RenewalLedger` on SQL."""

import json
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, and_, exists, func, or_, select

from include.adapters.ledger import submissions
from include.adapters.ledger.batch_rows import file_stem
from include.adapters.ledger.columns import Instant
from include.adapters.ledger.engine import Database
from include.adapters.ledger.events import event_row, lock, record, refold
from include.adapters.ledger.ready import may_live
from include.adapters.ledger.tables import BATCH, CLAIM, EVENT, LEDGER, RESPONSE, SUBMISSION
from include.claims.states import ANSWERS, REFUSED_WHOLE, Delivery, Event, Usage
from include.delivery.records import Refusal, Refused, ResponseStatus

_OTHER = SUBMISSION.alias("other")
_SAME_CLAIM = and_(_OTHER.c.claim_id == SUBMISSION.c.claim_id, _OTHER.c.usage == SUBMISSION.c.usage)
_LAST_WORD_OF_SOURCE = (
    select(EVENT.c.event)
    .where(
        EVENT.c.submission_id == SUBMISSION.c.id,
        EVENT.c.event.in_([Event.CHANGED_AT_SOURCE.value, Event.CANCELLED_AT_SOURCE.value]),
    )
    .order_by(EVENT.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
_REFUSED = (
    select(
        SUBMISSION.c.id,
        SUBMISSION.c.control_number,
        SUBMISSION.c.delivery,
        SUBMISSION.c.set_number,
        SUBMISSION.c.batch_id,
        SUBMISSION.c.usage,
        CLAIM.c.key,
        *(BATCH.c[name] for name in ("clinic_key", "mailbox_key", "file_name", "file_stem", "created_at", "epoch")),
        exists()
        .where(
            _SAME_CLAIM,
            _OTHER.c.number < SUBMISSION.c.number,
            _OTHER.c.delivery.in_([Delivery.RENEWED.value, *(state.value for state in REFUSED_WHOLE)]),
        )
        .label("failed_before"),
        exists()
        .where(
            _SAME_CLAIM,
            _OTHER.c.id != SUBMISSION.c.id,
            or_(
                _OTHER.c.contradicted,
                may_live(_OTHER),
            ),
        )
        .label("may_live"),
        func.coalesce(Event.CANCELLED_AT_SOURCE.value == _LAST_WORD_OF_SOURCE, False).label("is_cancelled"),
    )
    .join(CLAIM, CLAIM.c.id == SUBMISSION.c.claim_id)
    .join(BATCH, BATCH.c.id == SUBMISSION.c.batch_id)
    .where(
        SUBMISSION.c.delivery.in_([state.value for state in REFUSED_WHOLE]),
        # What goes on as a later submission is settled here.
        ~exists().where(_SAME_CLAIM, _OTHER.c.number > SUBMISSION.c.number),
    )
    .order_by(SUBMISSION.c.batch_id, SUBMISSION.c.position)
)
"""Submissions whose file failed or whose set was refused, and what else is known of each."""

_NOT_READ = (ResponseStatus.STORED.value, ResponseStatus.QUARANTINED.value, ResponseStatus.UNKNOWN.value)
_REFUSALS = frozenset({Event.SET_REFUSED.value, Event.FILE_FAILED.value})
_NO_SIGN = _REFUSALS | {Event.UNACCOUNTED.value}


class Renewals:
    """The ledger's failed files and refused sets."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def refused(self, clinic_key: str = "", *, name: str = "") -> list[Refused]:
        """Return the failed files and refused sets whose claims have no later submission."""
        if name:
            files = select(BATCH.c.id).where(BATCH.c.file_stem == file_stem(name))
            is_named = or_(SUBMISSION.c.control_number == name, SUBMISSION.c.batch_id.in_(files))
        else:
            is_named = SUBMISSION.c.usage == Usage.LIVE.value
        if clinic_key:
            is_named = and_(is_named, SUBMISSION.c.clinic_key == clinic_key)
        with self._database.read() as connection:
            return [one for one, _ in _refused(connection, is_named)]

    def renew(
        self, going: Sequence[Refused], may_go: Callable[[Refused], bool], now: datetime, *, why: str, who: str = ""
    ) -> list[str]:
        """Make the next submission of each claim of these that still may go, in one short transaction."""
        wanted = {number for one in going for number in one.control_numbers}
        with self._database.write() as connection:
            # Whoever records an answer to one of these waits for us, or we for it.
            in_files = SUBMISSION.c.batch_id.in_({one.batch_id for one in going})
            lock(connection, connection.scalars(select(SUBMISSION.c.id).where(in_files)))
            again = [row for one, rows in _refused(connection, in_files) if may_go(one) for row in rows]
            again = [row for row in again if row.control_number in wanted]
            _renew(connection, [row.id for row in again], now, why=why, who=who)
        return [row.key for row in again]


def _renew(connection: Connection, ids: Sequence[int], now: datetime, *, why: str, who: str) -> None:
    submissions.copy(connection, ids, Usage.LIVE, now)
    words = f"it goes again as the claim's next submission: {why}"
    data = {"who": who} if who else {}
    record(connection, [event_row(one, Event.RENEWED, now, words=words, data=data, dedupe="renewed") for one in ids])
    refold(connection, ids)


def _refused(connection: Connection, *conditions: ColumnElement[bool]) -> Iterator[tuple[Refused, list[Any]]]:
    """Yield what was refused, each with its rows; claims of one file or set that stand differently come apart."""
    found: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
    for row in connection.execute(_REFUSED.where(*conditions)):
        set_number = row.set_number if row.delivery == Delivery.SET_REFUSED.value else ""
        found[row.batch_id, set_number, row.failed_before, row.may_live, row.is_cancelled].append(row)
    epoch = connection.scalar(select(LEDGER.c.epoch))
    heads = {rows[0].batch_id: rows[0] for rows in found.values()}
    files = {batch_id: _File.read(connection, head, epoch) for batch_id, head in heads.items()}
    for (batch_id, set_number, *_), rows in found.items():
        yield files[batch_id].record(rows, set_number), rows


@dataclass(frozen=True, slots=True)
class _File:
    """All that is known of a file of which something was refused, read once for its sets, which may be thousands."""

    said: Mapping[str, Sequence[Any]]  # by set: what answers said of it, and when that was last heard
    odd_sets: frozenset[str]  # with a claim whose answers contradict each other
    new_sets: frozenset[str]  # with a claim that the source has changed
    unread: tuple[str, ...]
    is_of_this_epoch: bool

    @classmethod
    def read(cls, connection: Connection, row: Any, epoch: int | None) -> "_File":
        """Read what is known of a row's file."""
        in_file = SUBMISSION.c.batch_id == row.batch_id
        has_changed = and_(CLAIM.c.id == SUBMISSION.c.claim_id, CLAIM.c.revision != SUBMISSION.c.revision)
        sets = select(SUBMISSION.c.set_number).where(in_file).distinct()
        return cls(
            said=_said_of(connection, in_file),
            odd_sets=frozenset(connection.scalars(sets.where(SUBMISSION.c.contradicted))),
            new_sets=frozenset(connection.scalars(sets.join(CLAIM, has_changed))),
            unread=_unread(connection, row),
            is_of_this_epoch=row.epoch == epoch,
        )

    def record(self, rows: Sequence[Any], set_number: str) -> Refused:
        """Return what is known of some claims of the file: of one set, or blank for the whole of it."""
        first = rows[0]
        said = self.said[set_number] if set_number else [one for some in self.said.values() for one in some]
        refusals = [one for one in said if one.event in _REFUSALS]
        return Refused(
            batch_id=first.batch_id,
            set_number=set_number,
            clinic_key=first.clinic_key,
            mailbox_key=first.mailbox_key,
            file_name=first.file_name,
            usage=Usage(first.usage),
            control_numbers=tuple(row.control_number for row in rows),
            refusals=tuple(dict.fromkeys(Refusal(tuple(json.loads(one.codes)), one.words) for one in refusals)),
            heard_at=max(one.at for one in said),
            signs_of_life=tuple(sorted({Event(one.event) for one in said if one.event not in _NO_SIGN})),
            is_contradicted=bool(self.odd_sets) if not set_number else set_number in self.odd_sets,
            has_new_content=bool(self.new_sets) if not set_number else set_number in self.new_sets,
            is_of_this_epoch=self.is_of_this_epoch,
            unread=self.unread,
            failed_before=first.failed_before,
            may_live=first.may_live,
            is_cancelled=first.is_cancelled,
        )


def _said_of(connection: Connection, in_file: ColumnElement[bool]) -> Mapping[str, Sequence[Any]]:
    what = (SUBMISSION.c.set_number, EVENT.c.event, EVENT.c.codes, EVENT.c.words)
    query = (
        select(*what, func.max(EVENT.c.recorded_at, type_=Instant()).label("at"))
        .join(SUBMISSION, SUBMISSION.c.id == EVENT.c.submission_id)
        .where(in_file, EVENT.c.event.in_([event.value for event in ANSWERS]))
        .group_by(*what)
        .order_by(*what)
    )
    found: dict[str, list[Any]] = defaultdict(list)
    for row in connection.execute(query):
        found[row.set_number].append(row)
    return found


def _unread(connection: Connection, row: Any) -> tuple[str, ...]:
    """Return the answers that came to the mailbox since the file was sealed, and that nobody could read."""
    query = (
        select(RESPONSE.c.name, RESPONSE.c.status)
        .where(RESPONSE.c.mailbox_key == row.mailbox_key, RESPONSE.c.taken_at >= row.created_at)
        .order_by(RESPONSE.c.id)
    )
    return tuple(
        one.name
        for one in connection.execute(query.where(RESPONSE.c.status.in_(_NOT_READ)))
        # A kind of file that has no reader may be of anybody, unless it carries our file's name.
        if one.status != ResponseStatus.UNKNOWN.value or row.file_stem in one.name.casefold()
    )
