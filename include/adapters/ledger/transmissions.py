"""
Attempts to put a batch on the server: *begun*, and how each one ended. Every step is a compare-and-set.

Begun means that bytes may have left. It is committed before the put, and only a proof takes it back.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from include.adapters.ledger.accounts import is_current
from include.adapters.ledger.batch_rows import locked_batch, move
from include.adapters.ledger.clinics import read_clinic
from include.adapters.ledger.encrypted import OwnWords
from include.adapters.ledger.events import ids_of_batch, record_for_batch, refold
from include.adapters.ledger.tables import LEDGER, SUBMISSION, TRANSMISSION
from include.claims.errors import BadSetting, InDoubt, LeaseHeld, LedgerRestored, NotAllowed
from include.claims.states import BatchStatus, Event, Usage
from include.delivery.records import Kind, Lease, ServerIdentity


class State(StrEnum):
    """How an attempt stands."""

    BEGUN = "begun"
    NOT_STARTED = "not started"  # proved: no byte left
    SENT = "sent"
    BROKEN = "broken"  # it stopped, bytes may have left
    OVERTAKEN = "overtaken"  # its holder was not heard of again; another looked and went on


def begin(connection: Connection, batch_id: int, lease: Lease, server: ServerIdentity, now: datetime) -> int:
    """Commit *begun* and return the transmission's id; raise what forbids it."""
    if lease.account != server.account or not is_current(connection, lease.account, lease.token):
        raise LeaseHeld(f"batch {batch_id}: the lease on {lease.account} has run out or is another's; nothing was sent")
    batch = locked_batch(connection, batch_id)
    _check_may_leave(connection, batch, server)
    _end_open_ones(connection, batch_id, State.OVERTAKEN, f"overtaken by lease {lease.token}", now)
    attempt = connection.scalar(select(func.count()).where(TRANSMISSION.c.batch_id == batch_id)) or 0
    row = {
        "batch_id": batch_id,
        "attempt": attempt + 1,
        "began_batch": batch.status == BatchStatus.RENDERED.value,
        "state": State.BEGUN.value,
        "begun_at": now,
        "host": server.host,
        "port": server.port,
        "login": server.user,
        "key_fingerprint": server.key_fingerprint,
        "account": server.account,
        "lease_holder": lease.holder,
        "lease_token": lease.token,
    }
    transmission_id = int(connection.execute(insert(TRANSMISSION).returning(TRANSMISSION.c.id), row).scalar_one())
    move(connection, batch_id, [BatchStatus.RENDERED], BatchStatus.BEGUN)
    _tell(connection, batch_id, Event.BEGUN, now, dedupe=f"begun:{transmission_id}", words=f"attempt {attempt + 1}")
    return transmission_id


def not_started(connection: Connection, transmission_id: int, reason: str, now: datetime) -> None:
    """End an attempt of which no byte left; the batch is RENDERED again where this attempt had begun it."""
    transmission = _end(connection, transmission_id, State.NOT_STARTED, reason, now)
    if transmission is None or not transmission.began_batch:
        return
    move(connection, transmission.batch_id, [BatchStatus.BEGUN], BatchStatus.RENDERED)
    _tell(
        connection, transmission.batch_id, Event.NOT_STARTED, now, dedupe=f"not_started:{transmission_id}", words=reason
    )


def sent(connection: Connection, transmission_id: int, evidence: str, now: datetime) -> None:
    """End an attempt whose every write and close were acknowledged."""
    transmission = _end(connection, transmission_id, State.SENT, evidence, now)
    if transmission is None:
        return
    move(connection, transmission.batch_id, [BatchStatus.BEGUN], BatchStatus.SENT)
    _tell(connection, transmission.batch_id, Event.SENT, now, dedupe=f"sent:{transmission_id}", words=evidence)


def broken(connection: Connection, transmission_id: int, reason: str, now: datetime) -> None:
    """End an attempt that stopped after it began; the batch stays BEGUN."""
    _end(connection, transmission_id, State.BROKEN, reason, now)


def sent_by_look(connection: Connection, batch_id: int, evidence: str, now: datetime) -> None:
    """Mark a BEGUN batch SENT because somebody saw the whole file, or knows that it arrived."""
    batch = locked_batch(connection, batch_id)
    if batch.status in {BatchStatus.SENT.value, BatchStatus.ANSWERED.value}:
        return
    if batch.status != BatchStatus.BEGUN.value:
        raise InDoubt(
            f"batch {batch_id} is {batch.status}, yet its file was seen on the server: another ledger or a person put"
            " it there; find out who before anything is sent"
        )
    _end_open_ones(connection, batch_id, State.SENT, evidence, now)
    move(connection, batch_id, [BatchStatus.BEGUN], BatchStatus.SENT)
    # It may be a person's word on it.
    _tell(connection, batch_id, Event.SENT, now, dedupe=f"sent_by_look:{batch_id}", words=OwnWords(evidence))


def latest(connection: Connection, batch_id: int) -> Any:
    """Return the last attempt at a batch, or None."""
    query = select(TRANSMISSION).where(TRANSMISSION.c.batch_id == batch_id).order_by(TRANSMISSION.c.attempt.desc())
    return connection.execute(query.limit(1)).one_or_none()


def _check_may_leave(connection: Connection, batch: Any, server: ServerIdentity) -> None:
    """Raise unless status, epoch, mode, usage, file name and server agree."""
    place = f"batch {batch.id}, file {batch.file_name}"
    if batch.kind == Kind.DRY.value:
        raise NotAllowed(f"{place}: a dry run is never sent")
    if batch.status not in {BatchStatus.RENDERED.value, BatchStatus.BEGUN.value}:
        raise NotAllowed(f"{place}: it is {batch.status}; only a RENDERED or BEGUN batch is put on a server")
    _check_not_answered_already(connection, batch, place)
    epoch = connection.scalar(select(LEDGER.c.epoch))
    if batch.epoch != epoch:
        raise LedgerRestored(
            f"{place}: sealed in epoch {batch.epoch}, the ledger was restored since and is in epoch {epoch}; a"
            f" report naming the file settles it, or a person does: ./courier doubt {batch.id}"
        )
    usage = Usage(batch.usage)
    clinic = read_clinic(connection, batch.clinic_key)
    if not clinic.mode.allows(usage):
        raise NotAllowed(f"{place}: clinic {clinic.key} is in mode {clinic.mode} now, which sends no {usage} file")
    if batch.status == BatchStatus.RENDERED.value and batch.mailbox_key != clinic.mailbox_key:
        raise NotAllowed(
            f"{place}: sealed for mailbox {batch.mailbox_key}, and clinic {clinic.key} delivers by mailbox"
            f" {clinic.mailbox_key} by now; the clinic's next run gives it up and seals its claims anew"
        )
    if ("OATEST" in batch.file_name.upper()) is not (usage is Usage.TEST):
        raise NotAllowed(
            f"{place}: OATEST stands in a file name if and only if the file is a test; this one is {usage}"
        )
    if usage is Usage.LIVE and server.is_sandbox and not server.sandbox_expected:
        raise NotAllowed(
            f"{place}: {server.account} says it is the sandbox; a live file does not go there unless the connection's"
            ' extra says "sandbox": true'
        )
    if server.sandbox_expected and not server.is_sandbox:
        raise NotAllowed(
            f'{place}: {server.account} is no sandbox, but the connection\'s extra says "sandbox": true; invented'
            " claims must never reach a real clearinghouse"
        )


def _check_not_answered_already(connection: Connection, batch: Any, place: str) -> None:
    """Raise where the clearinghouse spoke of a file that never began: somebody else must have sent it."""
    if batch.status != BatchStatus.RENDERED.value:
        return
    odd = select(func.count()).where(SUBMISSION.c.batch_id == batch.id, SUBMISSION.c.contradicted)
    if count := connection.scalar(odd):
        raise InDoubt(
            f"{place}: {count} of its claims were answered before it was ever sent; find out who sent them, then give"
            " the batch up: its other claims go with the next run"
        )


def _end(connection: Connection, transmission_id: int, state: State, evidence: str, now: datetime) -> Any:
    """End an open attempt and return it; None where it ended so before, LeaseHeld where it ended otherwise."""
    query = select(TRANSMISSION).where(TRANSMISSION.c.id == transmission_id)
    found = connection.execute(query).one_or_none()
    if found is None:
        raise BadSetting(f"transmission {transmission_id}: the ledger has none of that id")
    # The batch first, as everywhere, so that two transactions queue instead of blocking each other.
    locked_batch(connection, found.batch_id)
    ended = update(TRANSMISSION).where(TRANSMISSION.c.id == transmission_id, TRANSMISSION.c.state == State.BEGUN.value)
    ended = ended.values(state=state.value, evidence=evidence, ended_at=now)
    if connection.execute(ended).rowcount == 1:
        return found
    current = connection.execute(query.with_for_update()).one()
    if current.state == state.value:
        return None
    raise LeaseHeld(
        f"batch {found.batch_id}, attempt {found.attempt}: it is {current.state} by now, so it cannot be {state};"
        " look at the server again"
    )


def _end_open_ones(connection: Connection, batch_id: int, state: State, evidence: str, now: datetime) -> None:
    open_ones = TRANSMISSION.c.batch_id == batch_id, TRANSMISSION.c.state == State.BEGUN.value
    ended = {"state": state.value, "evidence": evidence, "ended_at": now}
    connection.execute(update(TRANSMISSION).where(*open_ones).values(**ended))


def _tell(connection: Connection, batch_id: int, event: Event, now: datetime, *, dedupe: str, words: str) -> None:
    """Record an event of the whole batch and refold its submissions."""
    ids = ids_of_batch(connection, batch_id)
    record_for_batch(connection, batch_id, event, now, dedupe=dedupe, words=words)
    refold(connection, ids)
