"""
Seal a run's batches: one short transaction that reserves claims, gives out numbers and freezes what bytes depend on.

Called again for the same run it returns what the first call sealed, whatever has become READY since.
"""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Connection, func, insert, select, update

from include.adapters.ledger import invented, submissions
from include.adapters.ledger.batch_rows import file_stem
from include.adapters.ledger.changes import note_change
from include.adapters.ledger.clinics import read_clinic
from include.adapters.ledger.events import (
    cached,
    ids_of_batch,
    record_for_batch,
    refold,
)
from include.adapters.ledger.many import insert_once, update_each
from include.adapters.ledger.ready import ready_query
from include.adapters.ledger.tables import (
    BATCH,
    CLAIM,
    CLINIC,
    DELIVERY_RUN,
    DELIVERY_RUN_BATCH,
    LEDGER,
    MAILBOX_SEQUENCE,
    SUBMISSION,
)
from include.claims.errors import BadSetting, NotAllowed
from include.claims.states import BatchStatus, Event, Standing, Usage, after
from include.delivery.clinic_table import Clinic
from include.delivery.records import Kind, RunKey, RunOrder, Staged
from include.officeally.profile import FEWEST_TEST_CLAIMS, MOST_TEST_CLAIMS

LARGEST_NUMBER = 999_999_999
"""ISA13 has nine digits (X12.5)."""

_AS_BATCHED = cached(after(after(Standing(), Event.COLLECTED), Event.BATCHED))["delivery"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A run on its way to its batches."""

    order: RunOrder
    now: datetime
    name_of: Callable[[int, Usage], str]
    settings: Mapping[str, str]
    adopted: Sequence[int]
    invented: Sequence[Staged]

    def within(self, connection: Connection) -> list[int]:
        """Seal, or return what was sealed before."""
        run_id = self._enter(connection)
        if run_id is None:
            return sealed_by(connection, self.order.key) or []
        # The row as it is now decides, not what the task was started with.
        clinic = read_clinic(connection, self.order.clinic_key)
        self._check_mode(clinic)
        own = [] if self._is_before_going_live(clinic) else self._batches(connection, run_id, clinic)
        adopted = [one for one in dict.fromkeys(self.adopted) if one not in own]
        rows = [
            {"delivery_run_id": run_id, "position": position, "batch_id": batch_id, "adopted": batch_id not in own}
            for position, batch_id in enumerate([*adopted, *own])
        ]
        if rows:
            connection.execute(insert(DELIVERY_RUN_BATCH), rows)
        return [*adopted, *own]

    def _enter(self, connection: Connection) -> int | None:
        """Write the run down and return its id; None where it has sealed before, a twin waits here for the first."""
        row = {
            "dag_id": self.order.key.dag_id,
            "run_id": self.order.key.run_id,
            "clinic_key": self.order.clinic_key,
            "asked": json.dumps(asdict(self.order), default=str, sort_keys=True),
            "sealed_at": self.now,
        }
        entered = insert_once(connection, DELIVERY_RUN).values(row).on_conflict_do_nothing()
        return connection.scalar(entered.returning(DELIVERY_RUN.c.id))

    def _check_mode(self, clinic: Clinic) -> None:
        kind = self.order.kind
        if kind is not Kind.DRY and not clinic.mode.allows(kind.usage):
            raise NotAllowed(f"clinic {clinic.key} is in mode {clinic.mode}: it sends no {kind} file")

    def _is_before_going_live(self, clinic: Clinic) -> bool:
        ends_on = self.order.window_end.astimezone(ZoneInfo(clinic.timezone)).date()
        return self.order.kind is Kind.LIVE and clinic.live_since is not None and ends_on < clinic.live_since

    def _batches(self, connection: Connection, run_id: int, clinic: Clinic) -> list[int]:
        files = self._files(connection, clinic)
        if not files:
            return []
        epoch = connection.scalar(select(LEDGER.c.epoch))
        first = _take_numbers(connection, clinic.mailbox_key, len(files))
        made = []
        for number, ids in enumerate(files, start=first):
            row = self._batch_row(run_id, clinic, number, epoch, len(ids))
            made.append(self._fill(connection, row, ids))
        return made

    def _files(self, connection: Connection, clinic: Clinic) -> list[list[int]]:
        """Return the submissions that go, file by file; a test is one file."""
        size = clinic.claims_per_file
        if self.order.kind is Kind.TEST:
            one = self._test_file(connection, min(max(size, FEWEST_TEST_CLAIMS), MOST_TEST_CLAIMS))
            return [one] if one else []
        if self.invented:
            raise NotAllowed(f"run {self.order.key.run_id}: a {self.order.kind} file takes no invented claims")
        ready = self._reserve(connection, self._at_most(connection, clinic))
        return [ready[at : at + size] for at in range(0, len(ready), size)]

    def _test_file(self, connection: Connection, at_most: int) -> list[int]:
        """Return copies, and where they are too few as many invented claims as are lacking."""
        copies = self._copies(connection, at_most)
        filling = self.invented[: max(FEWEST_TEST_CLAIMS - len(copies), 0)]
        ids = [*copies, *invented.add(connection, self.order.clinic_key, filling, self.now)]
        if 0 < len(ids) < FEWEST_TEST_CLAIMS:
            raise NotAllowed(
                f"clinic {self.order.clinic_key}: {len(ids)} claims for a test file, {FEWEST_TEST_CLAIMS} to"
                f" {MOST_TEST_CLAIMS} are asked for; start another run, which fills it up anew"
            )
        return ids

    def _at_most(self, connection: Connection, clinic: Clinic) -> int | None:
        """Return how many claims may go: few on a clinic's first live night, else all of them."""
        cap = clinic.first_night_claims
        if self.order.kind is not Kind.LIVE or not cap or _has_delivered(connection, clinic.key):
            return None
        # Of two runs at once only one is the first.
        connection.execute(select(CLINIC.c.key).where(CLINIC.c.key == clinic.key).with_for_update())
        return None if _has_delivered(connection, clinic.key) else cap

    def _reserve(self, connection: Connection, at_most: int | None) -> list[int]:
        """Return the submissions that go, locked; copies of them for a dry run."""
        if self.order.kind is not Kind.LIVE:
            return self._copies(connection, MOST_TEST_CLAIMS)
        query = ready_query(self.order.clinic_key, self.order)
        # What another transaction holds right now waits for the next run.
        locked = query.limit(at_most).with_for_update(of=SUBMISSION, skip_locked=True, key_share=True)
        return list(connection.scalars(locked))

    def _copies(self, connection: Connection, at_most: int) -> list[int]:
        """Return copies of the submissions that would go: enough to judge by."""
        rows = connection.execute(ready_query(self.order.clinic_key, self.order).limit(at_most)).all()
        claims = select(CLAIM.c.id).where(CLAIM.c.id.in_([row.claim_id for row in rows])).order_by(CLAIM.c.id)
        # Two test runs must not give the same copy number to one claim.
        connection.execute(claims.with_for_update(key_share=True)).all()
        return submissions.copy(connection, [row.id for row in rows], Usage.TEST, self.now)

    def _batch_row(self, run_id: int, clinic: Clinic, number: int, epoch: int | None, count: int) -> dict[str, Any]:
        usage = self.order.kind.usage
        name = self.name_of(number, usage)
        return {
            "mailbox_key": clinic.mailbox_key,
            "number": number,
            "clinic_key": clinic.key,
            "delivery_run_id": run_id,
            "kind": self.order.kind.value,
            "usage": usage.value,
            "file_name": name,
            "file_stem": file_stem(name),
            # One number for all four: whoever reads any of them in a report knows the batch.
            "interchange_number": number,
            "group_number": number,
            "reference": f"{number:09d}",
            "created_at": self.now,
            "settings": json.dumps(dict(self.settings), sort_keys=True),
            "claim_count": count,
            "total_cents": 0,
            "status": BatchStatus.SEALED.value,
            "epoch": epoch,
        }

    def _fill(self, connection: Connection, row: Mapping[str, Any], ids: Sequence[int]) -> int:
        batch_id = int(connection.execute(insert(BATCH).returning(BATCH.c.id), row).scalar_one())
        # READY and not contradicted: no answer is known, so the fold ends in BATCHED and needs no second reading.
        batched = {"batch_id": batch_id, "delivery": _AS_BATCHED}
        placed = [{"id": one, "position": place, **batched} for place, one in enumerate(ids, start=1)]
        update_each(connection, SUBMISSION, placed)
        note_change(connection, ids)
        total = select(func.sum(SUBMISSION.c.total_cents)).where(SUBMISSION.c.batch_id == batch_id).scalar_subquery()
        connection.execute(update(BATCH).where(BATCH.c.id == batch_id).values(total_cents=total))
        record_for_batch(connection, batch_id, Event.BATCHED, self.now, dedupe=f"batched:{batch_id}")
        return batch_id


def _has_delivered(connection: Connection, clinic_key: str) -> bool:
    """Tell whether a clinic has had a live batch that was not given up."""
    query = select(BATCH.c.id).where(
        BATCH.c.clinic_key == clinic_key,
        BATCH.c.kind == Kind.LIVE.value,
        BATCH.c.status != BatchStatus.RELEASED.value,
    )
    return connection.execute(query.limit(1)).first() is not None


def sealed_by(connection: Connection, run: RunKey) -> list[int] | None:
    """Return the batches of a run, adopted ones first; None where it has not sealed."""
    query = select(DELIVERY_RUN.c.id).where(DELIVERY_RUN.c.dag_id == run.dag_id, DELIVERY_RUN.c.run_id == run.run_id)
    run_id = connection.scalar(query)
    if run_id is None:
        return None
    batches = (
        select(DELIVERY_RUN_BATCH.c.batch_id)
        .where(DELIVERY_RUN_BATCH.c.delivery_run_id == run_id)
        .order_by(DELIVERY_RUN_BATCH.c.position)
    )
    return list(connection.scalars(batches))


def unbatch(connection: Connection, batch_id: int, reason: str, now: datetime) -> list[int]:
    """Take the submissions out of a batch that never began, and return them."""
    ids = ids_of_batch(connection, batch_id)
    record_for_batch(connection, batch_id, Event.UNBATCHED, now, dedupe=f"unbatched:{batch_id}", words=reason)
    free = update(SUBMISSION).where(SUBMISSION.c.batch_id == batch_id)
    connection.execute(free.values(batch_id=None, position=None, set_number="", first_segment=None))
    refold(connection, ids)
    return ids


def _take_numbers(connection: Connection, mailbox_key: str, count: int) -> int:
    """Take the next numbers of a mailbox, in one statement that locks its row, and return the first."""
    take = insert_once(connection, MAILBOX_SEQUENCE).values(mailbox_key=mailbox_key, last_number=count)
    raised = MAILBOX_SEQUENCE.c.last_number + count
    take = take.on_conflict_do_update(index_elements=["mailbox_key"], set_={"last_number": raised})
    last = int(connection.execute(take.returning(MAILBOX_SEQUENCE.c.last_number)).scalar_one())
    if last > LARGEST_NUMBER:
        raise BadSetting(f"mailbox {mailbox_key}: number {last} does not fit ISA13's nine digits; open a new mailbox")
    return last - count + 1
