"""
What is known of a file in doubt and what is not, as a person needs it to say what became of it.

First everybody who may know is asked once more: the server's two folders, and every report that lies there. What that
settles is asked of nobody. Holds no patient data.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from include.claims.errors import ClaimsError, LedgerUnreachable
from include.claims.states import BatchStatus
from include.delivery.apply import apply_stored
from include.delivery.clinic_table import Clinic
from include.delivery.ports import Ports
from include.delivery.records import Batch, Doubt
from include.delivery.session import session
from include.delivery.take import take


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A file in doubt, in sentences."""

    subject: str
    known: tuple[str, ...]
    unknown: tuple[str, ...]
    choices: tuple[str, ...]

    def __str__(self) -> str:
        """Say it as a page, which reads well as plain text and as Markdown."""
        parts = (("Known", self.known), ("Not known", self.unknown), ("What you may say", self.choices))
        return "\n\n".join(f"{title}:\n\n" + "\n".join(f"- {one}" for one in said) for title, said in parts)


def due(ports: Ports) -> list[Doubt]:
    """Return the files in doubt about which a person is to be asked now: no answer came in time."""
    clinics, now = ports.ledger.clinics, ports.now()
    return [one for one in ports.ledger.doubts.all() if asked_from(one, clinics.clinic(one.batch.clinic_key)) <= now]


def asked_from(doubt: Doubt, clinic: Clinic) -> datetime:
    """Return from when on a person is asked: the answer's deadline, or as long as somebody keeps waiting."""
    deadline = answer_by(doubt, clinic)
    return max([deadline, *(one.until for one in doubt.waited)])


def answer_by(doubt: Doubt, clinic: Clinic) -> datetime:
    """Return until when the last attempt may still be answered."""
    return max(doubt.begun_at, doubt.batch.created_at) + timedelta(hours=clinic.answer_within_hours)


def show(batch_id: int, ports: Ports) -> Shown | None:
    """Ask server and reports once more, and return what is known of a file; None where it is not in doubt any more."""
    batch = ports.ledger.batches.get(batch_id)
    seen = _seen(batch, ports) if batch.status is BatchStatus.BEGUN else ()
    if ports.ledger.batches.get(batch_id).status is not BatchStatus.BEGUN:
        return None
    doubt, clinic = ports.ledger.doubts.of(batch_id), ports.ledger.clinics.clinic(batch.clinic_key)
    return Shown(
        subject=f"{batch.clinic_key}: did {batch.file_name} arrive?",
        known=tuple(_known(doubt, seen)),
        unknown=tuple(_unknown(doubt, clinic, ports.now())),
        choices=tuple(_choices(doubt, clinic, ports.now())),
    )


def _seen(batch: Batch, ports: Ports) -> Sequence[str]:
    """Take what lies in outbound, look into both folders, and say what was seen, or what kept us from seeing it."""
    at = f"on {_minute(ports.now())}"
    try:
        take(batch.mailbox_key, ports)
        apply_stored(batch.mailbox_key, ports, foreign_again=True)
        with session(ports.ledger.clinics.mailbox(batch.mailbox_key), ports) as here:
            lying, listing = here.server.look(batch.file_name), here.server.list_outbound()
    except LedgerUnreachable:
        raise
    except ClaimsError as kept_away:
        return (f"the server was not looked at {at}: {kept_away}",)
    naming = [file.name for file in listing if stem_of(batch) in file.name.upper()]
    inbound = "no file of that name"
    if lying is not None:
        inbound = f"{lying.size:,} of its {batch.size or 0:,} bytes; run its upload task again, which says what to do"
    said = f"naming it: {', '.join(naming)}" if naming else "and no name among them is its own"
    return (f"inbound held {inbound} {at}", f"outbound held {len(listing)} files {at}, {said}")


def stem_of(batch: Batch) -> str:
    """Return how reports name a file."""
    return batch.file_name.split(".", 1)[0].upper()


def _known(doubt: Doubt, seen: Sequence[str]) -> Iterator[str]:
    batch = doubt.batch
    size = f", {batch.size:,} bytes" if batch.size else ""
    yield f"file {batch.file_name} of batch {batch.id}: {batch.claim_count} claims, ${batch.total_charge:,.2f}{size}"
    if doubt.attempts:
        yield f"attempt {doubt.attempts} began on {_minute(doubt.begun_at)}, to {doubt.server}"
    if doubt.stopped:
        yield f"why it is not known: {doubt.stopped}"
    yield from seen
    naming = [one for one in doubt.came if stem_of(batch) in one.name.upper()]
    yield f"{len(doubt.came)} reports came since, {len(naming)} of them with its name"
    yield from (f"{one.name} came on {_minute(one.at)} and is {one.status}" for one in naming)
    yield from (
        f"{one.who} kept waiting on {_minute(one.at)}, until {_minute(one.until)}: {one.why}" for one in doubt.waited
    )


def _unknown(doubt: Doubt, clinic: Clinic, now: datetime) -> Iterator[str]:
    yield "whether the clearinghouse has the file: no report that could be read names it or a claim of it"
    yield "whether it has the whole of it: nobody acknowledged the last byte"
    if (deadline := answer_by(doubt, clinic)) > now:
        yield f"whether it will still answer: it has until {_minute(deadline)}"


def _choices(doubt: Doubt, clinic: Clinic, now: datetime) -> Iterator[str]:
    yield "*It arrived*: the file counts as sent, its claims wait for their answers, and nothing is sent again"
    deadline = answer_by(doubt, clinic)
    since = f" You may say so from {_minute(deadline)} on." if deadline > now else ""
    yield (
        "*It did not arrive*: the server is looked through once more; where nothing of the file is there, its claims go"
        f" again under new control numbers. Say it only if the clearinghouse said so.{since}"
    )
    yield f"*Keep waiting*: nothing changes, and you are asked again in {clinic.answer_within_hours} hours"


def _minute(at: datetime) -> str:
    return f"{at:%Y-%m-%d %H:%M} UTC"
