"""
Out of doubt: what a person may say of a file that began to leave and that nobody has confirmed.

"It arrived", "it did not arrive" and "keep waiting" are all recorded with who said it and why. The second makes new
submissions, so it is only believed after the lease and the answer deadline have passed and a fresh look found nothing.
"""

from datetime import datetime, timedelta
from typing import Final

from include.claims.errors import NotAllowed
from include.claims.states import BatchStatus
from include.delivery.apply import apply_stored
from include.delivery.doubt_shown import stem_of
from include.delivery.ports import Ports
from include.delivery.records import Batch
from include.delivery.session import session
from include.delivery.take import take

SAYS_IT_ARRIVED: Final = " says it arrived: "
"""Between who says it and how they know, as the ledger keeps it."""


def it_arrived(batch_id: int, who: str, why: str, ports: Ports) -> None:
    """Record that a person knows the file arrived: its claims are SENT and wait for their answers."""
    _still_in_doubt(batch_id, ports)
    ports.ledger.batches.sent_by_look(batch_id, f"{who}{SAYS_IT_ARRIVED}{why}", ports.now())


def it_did_not_arrive(batch_id: int, who: str, why: str, ports: Ports) -> int:
    """Record that a person knows the file never arrived, and return how many claims are READY to go again."""
    batch = _still_in_doubt(batch_id, ports)
    clinic = ports.ledger.clinics.clinic(batch.clinic_key)
    deadline = batch.created_at + timedelta(hours=clinic.answer_within_hours)
    if ports.now() < deadline:
        raise NotAllowed(
            f"batch {batch_id}: an answer may still come until {deadline:%Y-%m-%d %H:%M} UTC; ask again then"
        )
    _look_everywhere(batch, ports)
    _still_in_doubt(batch_id, ports)
    return ports.ledger.batches.did_not_arrive(batch_id, who, why, ports.now())


def keep_waiting(batch_id: int, who: str, why: str, ports: Ports) -> datetime:
    """Record that a person waits on; return until when nobody is asked again."""
    batch, now = _still_in_doubt(batch_id, ports), ports.now()
    until = now + timedelta(hours=ports.ledger.clinics.clinic(batch.clinic_key).answer_within_hours)
    ports.ledger.doubts.keep_waiting(batch_id, who, why, until, now)
    return until


def _still_in_doubt(batch_id: int, ports: Ports) -> Batch:
    batch = ports.ledger.batches.get(batch_id)
    if batch.status is not BatchStatus.BEGUN:
        raise NotAllowed(f"batch {batch_id} is {batch.status}, not in doubt: there is nothing to decide")
    return batch


def _look_everywhere(batch: Batch, ports: Ports) -> None:
    """Look in inbound and at every response; raise NotAllowed where the file shows up."""
    mailbox = ports.ledger.clinics.mailbox(batch.mailbox_key)
    take(batch.mailbox_key, ports)
    apply_stored(batch.mailbox_key, ports, foreign_again=True)
    with session(mailbox, ports) as here:
        if here.server.look(batch.file_name) is not None:
            raise NotAllowed(
                f"batch {batch.id}: {batch.file_name} lies in inbound; its upload task, run again, says what to do"
            )
        naming = [file.name for file in here.server.list_outbound() if stem_of(batch) in file.name.upper()]
    if naming:
        raise NotAllowed(f"batch {batch.id}: outbound holds {naming[0]}, which names the file; it did arrive")
