"""Runs, batches and transmissions: the exactly-once protocol's memory. `ports.BatchLedger` on SQL."""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, func, select

from include.adapters.ledger import submissions, transmissions
from include.adapters.ledger.accounts import is_current
from include.adapters.ledger.batch_rows import BATCHES, batch_of, locked_batch, move, unknown_batch
from include.adapters.ledger.clinics import read_clinic
from include.adapters.ledger.encrypted import OwnWords
from include.adapters.ledger.engine import Database
from include.adapters.ledger.events import event_row, ids_of_batch, record, record_for_batch, refold
from include.adapters.ledger.holds import RESTORED
from include.adapters.ledger.many import update_each
from include.adapters.ledger.sealing import Seal, sealed_by, unbatch
from include.adapters.ledger.tables import BATCH, CLAIM_REVISION, ITS_REVISION, LEDGER, SUBMISSION
from include.claims.documents import from_document
from include.claims.errors import LeaseHeld, NotAllowed
from include.claims.model import Claim, Frequency
from include.claims.states import (
    DEAD_ON_DELIVERY,
    SETTLED_AT_CLEARINGHOUSE,
    UNFINISHED,
    BatchStatus,
    Delivery,
    Event,
    FrontEnd,
    Usage,
    Work,
)
from include.delivery.clinic_table import Clinic
from include.delivery.records import (
    Batch,
    BatchClaim,
    BatchSummary,
    Kind,
    Lease,
    RunKey,
    RunOrder,
    ServerIdentity,
    Staged,
)

_PAGE = 500
"""Claims read in one short transaction: a large batch must not become a list."""

_AS_SENT = ("id", "position", "control_number", "frequency", "asked_by", "replaces")
_NEVER_BEGUN = (BatchStatus.SEALED, BatchStatus.RENDERED)


class Batches:
    """The ledger's batches."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def sealed(self, run: RunKey) -> list[int] | None:
        """Return the batch ids this run sealed or adopted, or None where it has not sealed yet."""
        with self._database.read() as connection:
            return sealed_by(connection, run)

    def seal(
        self,
        order: RunOrder,
        clinic: Clinic,
        now: datetime,
        *,
        name_of: Callable[[int, Usage], str],
        settings: Mapping[str, str],
        adopted: Sequence[int] = (),
        invented: Sequence[Staged] = (),
    ) -> list[int]:
        """Reserve the order's READY claims in batches, in one short transaction, and return their ids, adopted first.

        The clinic's row is read again in the transaction and decides; `clinic` only has to be the order's.
        """
        if clinic.key != order.clinic_key:
            raise NotAllowed(f"run {order.key.run_id}: it is for clinic {order.clinic_key}, not {clinic.key}")
        seal = Seal(order=order, now=now, name_of=name_of, settings=settings, adopted=adopted, invented=invented)
        with self._database.write() as connection:
            return seal.within(connection)

    def unfinished(self, clinic_key: str, before: datetime) -> list[Batch]:
        """Return the clinic's live batches sealed before then that are SEALED, RENDERED or BEGUN, oldest first."""
        query = BATCHES.where(
            BATCH.c.clinic_key == clinic_key,
            BATCH.c.kind == Kind.LIVE.value,
            BATCH.c.status.in_([status.value for status in UNFINISHED]),
            BATCH.c.created_at < before,
        )
        with self._database.read() as connection:
            return [batch_of(row) for row in connection.execute(query.order_by(BATCH.c.id))]

    def give_up(self, batch_id: int, reason: str, now: datetime) -> bool:
        """Release the claims of a batch that never began (compare-and-set); False where it began meanwhile."""
        with self._database.write() as connection:
            return give_up(connection, batch_id, reason, now)

    def get(self, batch_id: int) -> Batch:
        """Return a batch."""
        with self._database.read() as connection:
            row = connection.execute(BATCHES.where(BATCH.c.id == batch_id)).one_or_none()
        if row is None:
            raise unknown_batch(batch_id)
        return batch_of(row)

    def claims(self, batch_id: int) -> Iterator[BatchClaim]:
        """Stream the batch's claims in position order."""
        query = (
            select(*(SUBMISSION.c[name] for name in _AS_SENT), CLAIM_REVISION.c.document)
            .join(CLAIM_REVISION, ITS_REVISION)
            .where(SUBMISSION.c.batch_id == batch_id)
            .order_by(SUBMISSION.c.position)
            .limit(_PAGE)
        )
        last = 0
        while True:
            with self._database.read() as connection:
                rows = connection.execute(query.where(SUBMISSION.c.position > last)).all()
            for row in rows:
                yield BatchClaim(
                    submission_id=row.id,
                    position=row.position,
                    control_number=row.control_number,
                    claim=_as_asked(from_document(row.document), row),
                )
            if len(rows) < _PAGE:
                return
            last = rows[-1].position

    def rendered(self, batch_id: int, sha256: str, size: int, starts: Mapping[int, tuple[str, int]]) -> bool:
        """Record the bytes of a SEALED batch and where each submission stands in them; False: it had bytes."""
        with self._database.write() as connection:
            locked_batch(connection, batch_id)
            bytes_of = {"payload_sha256": sha256, "size": size}
            if not move(connection, batch_id, [BatchStatus.SEALED], BatchStatus.RENDERED, **bytes_of):
                return False
            rows = [{"id": one, "set_number": st02, "first_segment": first} for one, (st02, first) in starts.items()]
            update_each(connection, SUBMISSION, rows)
            return True

    def begin(self, batch_id: int, lease: Lease, server: ServerIdentity, now: datetime) -> int:
        """Commit *begun* and return the transmission's id, or raise and change nothing."""
        with self._database.write() as connection:
            return transmissions.begin(connection, batch_id, lease, server, now)

    def server_of(self, batch_id: int) -> str:
        """Return the server a batch's file began to go to, as `host:port`; blank where it never began."""
        with self._database.read() as connection:
            last = transmissions.latest(connection, batch_id)
        return f"{last.host}:{last.port}" if last else ""

    def not_started(self, transmission_id: int, reason: str, now: datetime) -> None:
        """End a transmission of which no byte left; the batch is RENDERED again where this one had begun it."""
        with self._database.write() as connection:
            transmissions.not_started(connection, transmission_id, reason, now)

    def sent(self, transmission_id: int, evidence: str, now: datetime) -> None:
        """End a transmission whose every write and close were acknowledged, or whose file was seen whole."""
        with self._database.write() as connection:
            transmissions.sent(connection, transmission_id, evidence, now)

    def sent_by_look(self, batch_id: int, evidence: str, now: datetime) -> None:
        """Mark a BEGUN batch SENT because the whole file was seen on the server."""
        with self._database.write() as connection:
            transmissions.sent_by_look(connection, batch_id, evidence, now)

    def broken(self, transmission_id: int, reason: str, now: datetime) -> None:
        """End a transmission that stopped after it began; the batch stays BEGUN."""
        with self._database.write() as connection:
            transmissions.broken(connection, transmission_id, reason, now)

    def did_not_arrive(self, batch_id: int, who: str, why: str, now: datetime) -> int:
        """Let a person void a BEGUN batch after the lease and its deadline; return how many new submissions are READY.

        The voided file keeps its keys; each of its claims gets a new submission with a new control number.
        """
        with self._database.write() as connection:
            batch = locked_batch(connection, batch_id)
            if batch.status != BatchStatus.BEGUN.value:
                raise NotAllowed(f"batch {batch_id} is {batch.status}, not in doubt: there is nothing to void")
            _check_deadlines(connection, batch_id, batch.clinic_key, now)
            move(connection, batch_id, [BatchStatus.BEGUN], BatchStatus.NOT_ARRIVED, status_reason=OwnWords(why))
            ids = ids_of_batch(connection, batch_id)
            voided = {"who": who}
            key = f"not_arrived:{batch_id}"
            record_for_batch(connection, batch_id, Event.NOT_ARRIVED, now, dedupe=key, words=why, data=voided)
            standings = refold(connection, ids)
            if batch.usage != Usage.LIVE.value:
                return 0
            # What the source has taken back, and what was answered after all, does not go again.
            again = [
                one
                for one, standing in sorted(standings.items())
                if standing.delivery is Delivery.NOT_ARRIVED
                and not standing.contradicted
                and standing.due is not Work.VOID_DUE
            ]
            return len(submissions.copy(connection, again, Usage.LIVE, now))

    def summary(self, batch_id: int) -> BatchSummary:
        """Return what the batch's submissions add up to now."""
        batch = self.get(batch_id)
        with self._database.read() as connection:
            return summary_of(connection, batch_id, batch.file_name, batch.status)


def give_up(connection: Connection, batch_id: int, reason: str, now: datetime) -> bool:
    """Release the claims of a batch that never began; False where it began meanwhile."""
    batch = locked_batch(connection, batch_id)
    if not move(connection, batch_id, _NEVER_BEGUN, BatchStatus.RELEASED, status_reason=reason):
        return bool(batch.status == BatchStatus.RELEASED.value)
    ids = unbatch(connection, batch_id, reason, now)
    if batch.usage == Usage.TEST.value:
        record(connection, [event_row(one, Event.WITHDRAWN, now, words="a copy is used once") for one in ids])
        refold(connection, ids)
    elif batch.epoch != connection.scalar(select(LEDGER.c.epoch)):
        submissions.hold(connection, ids, RESTORED, now)
    return True


def summary_of(connection: Connection, batch_id: int, file_name: str, status: BatchStatus) -> BatchSummary:
    """Return what a batch's submissions add up to."""
    columns = (SUBMISSION.c.delivery, SUBMISSION.c.front_end, SUBMISSION.c.contradicted)
    query = select(*columns, func.count()).where(SUBMISSION.c.batch_id == batch_id).group_by(*columns)
    by_delivery: Counter[Delivery] = Counter()
    by_front_end: Counter[FrontEnd] = Counter()
    contradicted = awaiting = 0
    for delivery, front_end, is_contradicted, count in connection.execute(query):
        by_delivery[Delivery(delivery)] += count
        by_front_end[FrontEnd(front_end)] += count
        contradicted += count if is_contradicted else 0
        awaiting += count if front_end not in SETTLED_AT_CLEARINGHOUSE and delivery not in DEAD_ON_DELIVERY else 0
    return BatchSummary(
        batch_id=batch_id,
        file_name=file_name,
        status=status,
        by_delivery=by_delivery,
        by_front_end=by_front_end,
        contradicted=contradicted,
        awaiting=awaiting,
    )


def _check_deadlines(connection: Connection, batch_id: int, clinic_key: str, now: datetime) -> None:
    """Raise while the last attempt may still be running, or its answer may still come."""
    last = transmissions.latest(connection, batch_id)
    if last is None:
        return
    if is_current(connection, last.account, last.lease_token):
        raise LeaseHeld(f"batch {batch_id}: {last.lease_holder} may still be sending it; ask again when its lease ends")
    deadline = last.begun_at + timedelta(hours=read_clinic(connection, clinic_key).answer_within_hours)
    if now < deadline:
        raise NotAllowed(f"batch {batch_id}: an answer may still come until {deadline:%Y-%m-%d %H:%M} UTC; ask then")


def _as_asked(claim: Claim, submission: Any) -> Claim:
    """Return a claim as the person who sends it again wants it: what it replaces or voids is named."""
    if not submission.asked_by:
        return claim
    return replace(claim, frequency=Frequency(submission.frequency), payer_claim_number=submission.replaces)
