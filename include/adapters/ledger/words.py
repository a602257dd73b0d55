"""
What a person says of a claim that has left: that it goes again, or what else ends the work on it.

A word is an event like any other, with who and why; `include.claims.states.WORDS` says what it makes of the work.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select

from include.adapters.ledger import holds, submissions
from include.adapters.ledger.events import event_row, record, refold, refuse_if_changed
from include.adapters.ledger.tables import CLAIM, CLAIM_REVISION, SUBMISSION
from include.claims.documents import from_document
from include.claims.errors import NotAllowed
from include.claims.model import Frequency
from include.claims.states import HAS_NOT_LEFT, REFUSED_WHOLE, REJECTED, Adjudication, Delivery, Event, FrontEnd, Usage
from include.delivery.story import KINDS


def say(
    connection: Connection,
    control_number: str,
    word: Event,
    *,
    who: str,
    why: str,
    now: datetime,
    seen: int | None = None,
) -> None:
    """Record a person's word on what is left to do for a submission that has left; raise NotAllowed else."""
    _, row = _left(connection, control_number)
    refuse_if_changed(connection, row, seen)
    record(connection, [event_row(row.id, word, now, words=why, data={"who": who})])
    refold(connection, [row.id])


def send_again(
    connection: Connection,
    control_number: str,
    frequency: Frequency,
    *,
    payer_claim_number: str,
    who: str,
    why: str,
    now: datetime,
    seen: int | None = None,
) -> str:
    """Make the claim's next submission as a person wants it, READY or HELD; return its control number."""
    claim, row = _left(connection, control_number)
    refuse_if_changed(connection, row, seen)
    of_claim = select(SUBMISSION).where(SUBMISSION.c.claim_id == claim.id, SUBMISSION.c.usage == Usage.LIVE.value)
    all_of_it = connection.execute(of_claim.order_by(SUBMISSION.c.number)).all()
    replaces = ""
    if frequency is not Frequency.ORIGINAL:
        learned = [one.payer_claim_number for one in all_of_it if one.payer_claim_number]
        replaces = payer_claim_number or next(reversed(learned), "")
    if fault := _why_not(row, all_of_it[-1], frequency, replaces):
        raise NotAllowed(f"claim {control_number}: {fault}")
    revision = _content(connection, claim, row, frequency)
    new = submissions.submission_row(
        claim_id=row.claim_id,
        source=claim.source,
        key=claim.key,
        revision=revision.hash,
        number=row.number + 1,
        usage=Usage.LIVE,
        clinic_key=row.clinic_key,
        payer_id=revision.payer_id,
        # Whenever the source released it: the next run takes it, however old it is.
        ready_at=row.ready_at,
        total_cents=revision.total_cents,
        frequency=frequency.value,
        held_by=holds.blocking(holds.from_json(revision.faults)),
        asked_by=who,
        replaces=replaces,
    )
    ids = submissions.add(connection, [new], now)
    submissions.add_lines(connection, [(ids[new["control_number"]], from_document(revision.document))])
    word = Event.VOIDED if frequency is Frequency.VOID else Event.REPLACED
    data = {"who": who, "as": frequency.value, "next": new["control_number"]}
    record(connection, [event_row(row.id, word, now, words=why, data=data)])
    refold(connection, [row.id])
    return str(new["control_number"])


def _left(connection: Connection, control_number: str) -> tuple[Any, Any]:
    """Return a claim and the live submission of it that has left, both locked."""
    is_it = SUBMISSION.c.control_number == control_number
    its_claim = CLAIM.c.id == select(SUBMISSION.c.claim_id).where(is_it).scalar_subquery()
    # The claim first, as whoever stages it does: nobody makes its next submission beside us.
    claim = connection.execute(select(CLAIM).where(its_claim).with_for_update(key_share=True)).one_or_none()
    row = connection.execute(select(SUBMISSION).where(is_it).with_for_update(key_share=True)).one_or_none()
    if claim is None or row is None:
        raise NotAllowed(f"claim {control_number}: the ledger has no submission of that number; see ./courier report")
    if row.usage != Usage.LIVE.value:
        raise NotAllowed(f"claim {control_number}: it is of a test file, nothing is owed on it")
    if row.delivery in HAS_NOT_LEFT | {Delivery.BATCHED}:
        raise NotAllowed(
            f"claim {control_number} is {row.delivery}: it has not left; mend it, or take it back at the source"
        )
    return claim, row


def _why_not(row: Any, newest: Any, frequency: Frequency, replaces: str) -> str:
    """Return why it may not go again like that, or an empty string."""
    is_original = frequency is Frequency.ORIGINAL
    is_dead = (
        row.delivery == Delivery.UNACCOUNTED.value
        or FrontEnd(row.front_end) in REJECTED
        or row.adjudication == Adjudication.DENIED.value
    )
    stops = {
        f"a later submission of it is {newest.control_number}, {newest.delivery}; say it of that one": (
            newest.id != row.id
        ),
        "its answers contradict each other; find out first what the payer has, then ./courier claims mark it": (
            row.contradicted
        ),
        f"it is {row.delivery}, refused before it was read; ./courier claims renew lets it go": (
            row.delivery in REFUSED_WHOLE
        ),
        f"it is {row.delivery}; a file in doubt is settled first, see ./courier doubt": (
            row.delivery not in {Delivery.SENT.value, Delivery.UNACCOUNTED.value}
        ),
        "it may live at the payer, which would call another original a duplicate; send a replacement": (
            is_original and not is_dead
        ),
        f"the payer has not told its number of the claim, which a {KINDS[frequency]} must name; give --number": (
            not is_original and not replaces
        ),
    }
    return next((words for words, holds_true in stops.items() if holds_true), "")


def _content(connection: Connection, claim: Any, row: Any, frequency: Frequency) -> Any:
    """Return the revision to send: a void is of what was sent, all else is what the source holds now."""
    wanted = row.revision if frequency is Frequency.VOID else claim.revision
    query = select(CLAIM_REVISION).where(CLAIM_REVISION.c.claim_id == row.claim_id, CLAIM_REVISION.c.hash == wanted)
    revision = connection.execute(query).one_or_none()
    if revision is None or revision.document is None:
        raise NotAllowed(
            f"claim {row.control_number}: the source's newest rows could not be read; mend them, and let a run see them"
        )
    return revision
