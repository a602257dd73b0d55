"""
What a claim of the source means for what the ledger holds of it: one pure decision a claim, no database.

    what the ledger has                      the source's content    what is done
    nothing                                  any                     NEW: first submission, READY or HELD
    READY, HELD, WITHDRAWN                   new, or other faults    TAKE: the submission takes it, READY or HELD
    sent by an earlier process, told only    what was sent           RECOGNISE: its content is known now, nothing goes
    rejected by clearinghouse or payer       changed                 RESUBMIT: next submission, HELD for a person
    sent                                     changed, and says       REPLACE: next submission
                                             itself that it replaces
                                             or voids
    in a batch, in doubt, sent, failed       changed                 TELL: replacement due, once a revision
    any                                      the same                NOTHING

A claim the source takes back is WITHDRAWN where it has not left, and a person is told where it has. A void that a
person asked for is of what was sent, and goes whatever the source says by now.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto

from include.adapters.ledger import holds
from include.claims.documents import described
from include.claims.earlier import is_told_only, is_what_was_sent
from include.claims.model import CancelledClaim, Claim, Fault, Frequency
from include.claims.states import HAS_NOT_LEFT, MAY_LIVE, REJECTED, Delivery, FrontEnd
from include.delivery.records import Staged


class Action(Enum):
    """What staging does with one claim."""

    NOTHING = auto()
    NEW = auto()
    TAKE = auto()
    RESUBMIT = auto()
    RECOGNISE = auto()
    REPLACE = auto()
    TELL_CHANGED = auto()
    TELL_CANCELLED = auto()
    WITHDRAW = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A claim as the source shows it now, with its revision worked out."""

    source: str
    key: str
    revision: str  # blank where the source takes it back
    claim: Claim | None  # None where it could not be read, or is taken back
    document: str | None
    ready_at: datetime | None
    faults: tuple[Fault, ...]  # warnings too

    @property
    def is_cancelled(self) -> bool:
        """The source takes the claim back."""
        return not self.revision


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The newest live submission of a claim, as the ledger has it."""

    submission_id: int
    claim_id: int
    number: int
    revision: str
    ready_at: datetime | None
    delivery: Delivery
    front_end: FrontEnd
    contradicted: bool
    frequency: Frequency
    is_asked_for: bool  # by a person
    holds: tuple[Fault, ...]
    has_living_sibling: bool  # an earlier submission may be alive at the payer

    @property
    def has_not_left(self) -> bool:
        """It may still take new content."""
        return self.delivery in HAS_NOT_LEFT

    @property
    def holds_for_a_person(self) -> tuple[Fault, ...]:
        """What stays a hold whatever the source mends."""
        return tuple(fault for fault in self.holds if holds.is_for_a_person(fault))

    @property
    def holds_of_rules(self) -> tuple[Fault, ...]:
        """What the source can mend."""
        return tuple(fault for fault in self.holds if not holds.is_for_a_person(fault))


def seen(staged: Staged) -> Seen:
    """Return a staged claim with its revision and document."""
    item = staged.claim
    if isinstance(item, Claim):
        revision, document = described(item)
        return Seen(
            source=item.source,
            key=item.key,
            revision=revision,
            claim=item,
            document=document,
            ready_at=item.ready_at,
            faults=staged.faults,
        )
    if isinstance(item, CancelledClaim):
        return Seen(source=item.source, key=item.key, revision="", claim=None, document=None, ready_at=None, faults=())
    return Seen(
        source=item.source,
        key=item.key,
        # Marked, so that it can never be taken for the revision of a claim that was read.
        revision=f"unreadable:{item.content_hash}",
        claim=None,
        document=None,
        ready_at=item.ready_at,
        faults=staged.faults or item.faults,
    )


def decide(now_seen: Seen, latest: Latest | None) -> Action:
    """Return what to do about a claim, given the ledger's newest submission of it."""
    if latest is None:
        return Action.NOTHING if now_seen.is_cancelled else Action.NEW
    if latest.has_not_left:
        return _about_one_that_waits(now_seen, latest)
    if now_seen.is_cancelled:
        return Action.TELL_CANCELLED
    return Action.NOTHING if latest.revision == now_seen.revision else _about_one_that_left(now_seen, latest)


def holds_of(now_seen: Seen, action: Action, latest: Latest | None, restored_at: datetime | None) -> tuple[Fault, ...]:
    """Return what keeps the submission from going after the action; nothing: it is READY."""
    if action is Action.RECOGNISE:
        return ()  # it has gone
    rules = holds.blocking(_must_block(now_seen))
    if action is Action.RESUBMIT:
        return (holds.CONFIRM_NOT_CORRECTED, *rules)
    if action is Action.TAKE and latest is not None:
        # It was withdrawn while an earlier submission turned out to live, and now the source wants it after all.
        asks = latest.delivery is Delivery.WITHDRAWN and latest.has_living_sibling
        return tuple(dict.fromkeys([*latest.holds_for_a_person, *([holds.POSSIBLE_DUPLICATE] if asks else []), *rules]))
    # A restored ledger has forgotten what it sent since its backup: what was ready then may have gone.
    was_there_before = restored_at is not None and (now_seen.ready_at is None or now_seen.ready_at < restored_at)
    return (holds.RESTORED, *rules) if was_there_before else rules


def may_live(delivery: Delivery, front_end: FrontEnd) -> bool:
    """Tell whether a submission may be alive at the clearinghouse or the payer."""
    return delivery in MAY_LIVE and front_end not in REJECTED


def _about_one_that_waits(now_seen: Seen, latest: Latest) -> Action:
    if latest.is_asked_for and latest.frequency is Frequency.VOID:
        return Action.NOTHING
    is_withdrawn = latest.delivery is Delivery.WITHDRAWN
    if now_seen.is_cancelled:
        return Action.NOTHING if is_withdrawn else Action.WITHDRAW
    faults = holds.blocking(_must_block(now_seen))
    is_as_it_was = latest.revision == now_seen.revision and not is_withdrawn
    return Action.NOTHING if is_as_it_was and set(faults) == set(latest.holds_of_rules) else Action.TAKE


def _about_one_that_left(now_seen: Seen, latest: Latest) -> Action:
    is_told = is_told_only(latest.revision)
    if is_told and now_seen.claim is None:  # nobody can tell whether it is what was sent; it does not go either way
        return Action.NOTHING
    if is_told and now_seen.claim and is_what_was_sent(now_seen.claim, latest.revision, latest.ready_at):
        return Action.RECOGNISE
    if _was_rejected(latest):
        return Action.RESUBMIT
    if is_told:
        return Action.TELL_CHANGED  # the earlier process may have sent this one too
    says_so_itself = now_seen.claim is not None and now_seen.claim.frequency is not Frequency.ORIGINAL
    return Action.REPLACE if says_so_itself and _lives(latest) else Action.TELL_CHANGED


def _lives(latest: Latest) -> bool:
    return latest.delivery is Delivery.SENT and latest.front_end not in REJECTED and not latest.contradicted


def _was_rejected(latest: Latest) -> bool:
    is_rejected = latest.delivery is Delivery.SENT and latest.front_end in REJECTED
    return is_rejected and not latest.contradicted and not latest.has_living_sibling


def _must_block(now_seen: Seen) -> Sequence[Fault]:
    """Return the faults; a claim that could not be read is held even where nobody said why."""
    if now_seen.claim is not None or holds.blocking(now_seen.faults):
        return now_seen.faults
    unreadable = Fault(
        rule="claim_readable",
        place="claim",
        message="its rows could not be read",
        remedy="run `./courier source check` and mend the rows it names",
    )
    return (unreadable, *now_seen.faults)
