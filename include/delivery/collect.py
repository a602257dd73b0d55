"""
Collect a clinic's pending claims and reserve them in this run's batches.

A clinic whose login was refused collects nothing until the login changes; a dry run, which sends nothing, still may.
First what earlier runs left unfinished is adopted; then the source is read and staged in small idempotent chunks, and
what was refused before it was read goes again where nothing stops it; a test file that would be too small is filled
up; then one short transaction seals the batches. Asked again, the same run gets the same batches.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import partial
from itertools import islice
from typing import TypeVar
from zoneinfo import ZoneInfo

from include.claims.errors import LoginRefused
from include.claims.model import Claim, SourceClaim
from include.claims.parties import Payer
from include.claims.scrub import RuleBook
from include.claims.states import BatchStatus
from include.delivery.apply import apply_stored
from include.delivery.clinic_table import Clinic, Mailbox, Mode
from include.delivery.invent import invent
from include.delivery.judge import judged
from include.delivery.ports import ClaimSource, Ports
from include.delivery.records import Batch, Kind, RunOrder, StageCounts
from include.delivery.render import frozen_settings, name_of
from include.delivery.render_forms import is_as_agreed
from include.delivery.renew import Renewed, renew
from include.delivery.session import stop_refused
from include.hcfa.layout import Layout
from include.officeally.names import FileFormat

T = TypeVar("T")

FIRST_EPOCH = 1
"""Of a ledger that was never restored."""

CHUNK = 500
"""Claims a staging transaction: small enough to repeat after a kill, large enough to be quick."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Collected:
    """What a run has to deliver."""

    batch_ids: list[int] = field(default_factory=list)
    counts: StageCounts = field(default_factory=StageCounts)
    withdrawn: int = 0
    renewed: int = 0  # claims whose file failed or set was refused, READY again
    put_off: str = ""  # why what could be renewed was not
    beyond_lookback: int = 0  # still pending at the source, too old to be looked at: an alarm
    refused: str = ""  # why nothing was collected at all
    payers: Mapping[str, Payer] = field(default_factory=dict)  # of the claims pending at the source, by id


def collect(order: RunOrder, ports: Ports) -> Collected:
    """Return the batches of this run: adopted ones first, then the claims that are ready before the window's end."""
    sealed = ports.ledger.batches.sealed(order.key)
    if sealed is not None:
        return Collected(batch_ids=sealed)
    clinic = ports.ledger.clinics.clinic(order.clinic_key)
    if refused := why_not(clinic, order):
        return Collected(refused=refused)
    ports.watermark.check(ports.ledger.identity)
    mailbox = ports.ledger.clinics.mailbox(clinic.mailbox_key)
    if order.kind is not Kind.DRY:
        _stop_while_paused(clinic, mailbox, ports)
    adopted = _adopt(clinic, mailbox, ports) if order.kind is Kind.LIVE else []
    source = ports.source(clinic)
    book = ports.rule_book()
    form = mailbox.layout if mailbox.format is FileFormat.PRINT_IMAGE else None
    staging = _stage_everything(clinic, order, source, book, ports, form=form)
    batch_ids = ports.ledger.batches.seal(
        order,
        clinic,
        ports.now(),
        adopted=adopted,
        invented=invent(order, clinic, staging.payers, book, ports, form=form),
        name_of=partial(name_of, mailbox.format),
        settings=frozen_settings(mailbox, book),
    )
    ports.watermark.raise_to(ports.ledger.identity())
    return replace(
        staging,
        batch_ids=batch_ids,
        beyond_lookback=source.older(clinic.key, _lookback_start(clinic, order)),
    )


def why_not(clinic: Clinic, order: RunOrder) -> str:
    """Return why this clinic's run may collect nothing, or an empty string."""
    if clinic.mode in {Mode.PAUSED, Mode.ARCHIVED}:
        return f"clinic {clinic.key} is {clinic.mode}: set its mode to live when it may deliver again"
    if order.kind is Kind.DRY:
        return ""
    if not clinic.mode.allows(order.kind.usage):
        return f"clinic {clinic.key} is in mode {clinic.mode}: it sends no {order.kind} file"
    ends_on = order.window_end.astimezone(ZoneInfo(clinic.timezone)).date()
    if order.kind is Kind.LIVE and clinic.live_since and ends_on < clinic.live_since:
        return f"clinic {clinic.key} is live since {clinic.live_since}: the window ends before, on {ends_on}"
    return ""


def _stop_while_paused(clinic: Clinic, mailbox: Mailbox, ports: Ports) -> None:
    """Raise LoginRefused where the clinic's login was refused: nothing is sealed that could not be sent."""
    try:
        stop_refused(mailbox, ports)
    except LoginRefused as refused:
        raise LoginRefused(f"clinic {clinic.key}: deliveries are paused, nothing was collected. {refused}") from refused


def _adopt(clinic: Clinic, mailbox: Mailbox, ports: Ports) -> list[int]:
    """Take over what earlier runs left: nobody waits for a run that will never come."""
    now = ports.now()
    adopted = []
    for batch in ports.ledger.batches.unfinished(clinic.key, now):
        reason = _why_given_up(batch, clinic, mailbox, now)
        if reason and batch.status is not BatchStatus.BEGUN and ports.ledger.batches.give_up(batch.id, reason, now):
            continue
        adopted.append(batch.id)
    return adopted


def _why_given_up(batch: Batch, clinic: Clinic, mailbox: Mailbox, now: datetime) -> str:
    """Return why a batch that never began is given up, its claims to go in a new one, or an empty string."""
    if now - batch.created_at > timedelta(days=clinic.oldest_batch_days):
        return f"older than {clinic.oldest_batch_days} days and never begun"
    if batch.mailbox_key != mailbox.key:
        return f"never begun, and the clinic delivers by mailbox {mailbox.key} by now"
    if not is_as_agreed(batch, mailbox):
        return f"never begun, and mailbox {mailbox.key} takes another format or layout by now"
    return ""


def _stage_everything(
    clinic: Clinic, order: RunOrder, source: ClaimSource, book: RuleBook, ports: Ports, *, form: Layout | None
) -> Collected:
    """Bring the ledger up to the source: what is pending, what goes again, and what READY claims have become since."""
    identities = ports.ledger.clinics.billing_identities(clinic.key)
    today = ports.now().astimezone(ZoneInfo(clinic.timezone)).date()
    seen: set[str] = set()
    payers: dict[str, Payer] = {}
    claims = ports.ledger.claims

    def stage(items: Iterable[SourceClaim]) -> StageCounts:
        counts = StageCounts()
        for chunk in _chunks(items, CHUNK):
            seen.update(item.key for item in chunk)
            payers.update({item.payer.id: item.payer for item in chunk if isinstance(item, Claim)})
            counts += claims.stage(clinic.key, judged(chunk, today, book, claims, form), ports.now())
        return counts

    since = _lookback_start(clinic, order)
    counts = stage(source.pending(clinic.key, identities, since, order.window_end))
    if counts.held:
        _remember_what_was_forgotten(clinic, ports)
    renewed = renew(clinic.key, ports) if order.kind is Kind.LIVE else Renewed()
    seen -= renewed.claim_keys  # they are looked up below, and go with the source's content of now
    withdrawn = 0
    # READY since an earlier night and not seen in this reading: ask the source again before it goes.
    waiting = (ready for ready in ports.ledger.claims.ready(clinic.key, order) if ready.source == source.name)
    stale = [ready for ready in waiting if ready.claim_key not in seen]
    for some in _chunks(stale, CHUNK):
        counts += stage(source.by_key(clinic.key, identities, [ready.claim_key for ready in some]))
        gone = [one.submission_id for one in some if one.claim_key not in seen and not one.is_asked_for]
        withdrawn += ports.ledger.claims.withdraw(gone, "no longer pending at the source", ports.now())
    return Collected(
        counts=counts,
        withdrawn=withdrawn,
        renewed=len(renewed.claim_keys),
        put_off=renewed.put_off,
        payers=payers,
    )


def _remember_what_was_forgotten(clinic: Clinic, ports: Ports) -> None:
    """In a restored ledger, read once more the answers that named nothing of ours: they may name what is held now."""
    if ports.ledger.identity().epoch > FIRST_EPOCH:
        apply_stored(clinic.mailbox_key, ports, foreign_again=True)
        ports.ledger.money.match_again(ports.now())


def _lookback_start(clinic: Clinic, order: RunOrder) -> datetime:
    return order.window_end - timedelta(days=clinic.lookback_days)


def _chunks(items: Iterable[T], size: int) -> Iterator[list[T]]:
    iterator = iter(items)
    while chunk := list(islice(iterator, size)):
        yield chunk
