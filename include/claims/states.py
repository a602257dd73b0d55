"""
The life of a submission, as tables: each axis a fold over the set of its events.

A table names, for a state and an event, the state it moves to, or KEPT (known and kept without moving).
What it does not name is a contradiction: the event is kept, a person looks, nothing is re-sent by itself.
Our own events are folded in the order we wrote them (compare-and-set makes that one order); answers are
folded by their own date, their kind, file and position, never by when they arrived. A person's word on what
is left to do moves no axis; it holds until an answer comes that the person did not know and that moves one.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple


class Usage(StrEnum):
    """What a file is for: ISA15 stays P at Office Ally, the file name tells."""

    LIVE = "live"
    TEST = "test"


class Event(StrEnum):
    """What can happen to a submission, past tense; the ledger keeps every one for ever."""

    # ours, on the way out
    COLLECTED = "collected"
    HELD = "held"  # by what the source must mend, and perhaps by more
    HELD_FOR_A_PERSON = "held_for_a_person"  # only somebody who has looked knows whether it may go
    HELD_FOR_ENROLLMENT = "held_for_enrollment"  # the payer has not consented yet
    HELD_UNTIL_A_DAY = "held_until_a_day"  # somebody said to wait with the payer
    RELEASED = "released"
    REVISED = "revised"  # READY or HELD took the source's new content
    WITHDRAWN = "withdrawn"
    BATCHED = "batched"
    UNBATCHED = "unbatched"  # its batch never left and was given up
    BEGUN = "begun"  # from here on bytes may have left; of a restored ledger's batches nobody knows whether they did
    NOT_STARTED = "not_started"  # proved: no byte left
    SENT = "sent"  # every write and the close were acknowledged
    NOT_ARRIVED = "not_arrived"  # a person said so, with evidence
    KEPT_WAITING = "kept_waiting"  # a person was asked, and waits on
    # not ours: told by a history at cutover
    SENT_ELSEWHERE = "sent_elsewhere"  # an earlier process sent it, under a number of its own
    RECOGNISED = "recognised"  # the source still has it pending: it is what the earlier process sent
    RENEWED = "renewed"  # refused as a file or set: its claim goes again as the next submission
    RIVALLED = "rivalled"  # an earlier submission, given up for this one, was answered after all
    # the source, after it left
    CHANGED_AT_SOURCE = "changed_at_source"
    CANCELLED_AT_SOURCE = "cancelled_at_source"
    # answers about the file
    SET_ACCEPTED = "set_accepted"  # 999 IK5 A or E
    SET_REFUSED = "set_refused"  # 999 IK5 R, M, W, X
    FILE_FAILED = "file_failed"  # TA1 R, failed file: no claim was created
    UNACCOUNTED = "unaccounted"  # the final report does not name it
    # answers about the claim
    PENDED_BY_CLEARINGHOUSE = "pended_by_clearinghouse"
    ACCEPTED_BY_CLEARINGHOUSE = "accepted_by_clearinghouse"
    REJECTED_BY_CLEARINGHOUSE = "rejected_by_clearinghouse"
    RECEIVED_BY_PAYER = "received_by_payer"  # it lies there: timely filing is proved, nothing is decided
    ACCEPTED_BY_PAYER = "accepted_by_payer"  # into adjudication
    REJECTED_BY_PAYER = "rejected_by_payer"  # by its front end: no claim was made of it there
    INFORMATION_REQUESTED = "information_requested"
    NOT_FOUND = "not_found"
    CALLED_DUPLICATE = "called_duplicate"  # an earlier copy is known there: never a reason to send again
    MAILED_ON_PAPER = "mailed_on_paper"
    UNCLEAR = "unclear"  # it says something nobody can place
    # answers about the money
    PAID = "paid"
    PAID_WITH_DENIED_LINES = "paid_with_denied_lines"
    LEFT_TO_PATIENT = "left_to_patient"  # nothing paid, all of it the patient's share
    DENIED = "denied"
    FORWARDED = "forwarded"  # to another payer, CLP02 19 to 21 and 23
    REVERSED = "reversed"  # an earlier decision is taken back, CLP02 22
    # a person's word on what is left to do
    REPLACED = "replaced"  # it went again: as a replacement, or as an original of a claim that is dead
    VOIDED = "voided"  # its void went
    APPEALED = "appealed"
    WRITTEN_OFF = "written_off"
    CLOSED = "closed"  # settled in a way no file tells
    REOPENED = "reopened"  # the word before no longer holds


class Delivery(StrEnum):
    """Where a submission is on its way out."""

    NEW = "NEW"
    READY = "READY"
    HELD = "HELD"
    WITHDRAWN = "WITHDRAWN"
    BATCHED = "BATCHED"
    IN_DOUBT = "IN DOUBT"
    SENT = "SENT"
    SET_REFUSED = "SET REFUSED"
    FILE_FAILED = "FILE FAILED"
    UNACCOUNTED = "UNACCOUNTED"
    NOT_ARRIVED = "NOT ARRIVED"
    RENEWED = "RENEWED"


class FrontEnd(StrEnum):
    """What the clearinghouse, and later the payer's front end, made of it."""

    NONE = "-"
    RECEIVED = "RECEIVED"
    PENDING = "PENDING"
    ACCEPTED_BY_CLEARINGHOUSE = "ACCEPTED BY CLEARINGHOUSE"
    REJECTED_BY_CLEARINGHOUSE = "REJECTED BY CLEARINGHOUSE"
    ACCEPTED_BY_PAYER = "ACCEPTED BY PAYER"
    REJECTED_BY_PAYER = "REJECTED BY PAYER"
    INFORMATION_REQUESTED = "INFORMATION REQUESTED"
    NOT_FOUND = "NOT FOUND"
    CALLED_DUPLICATE = "CALLED DUPLICATE"
    MAILED_ON_PAPER = "MAILED ON PAPER"


class Adjudication(StrEnum):
    """What the payer decided."""

    NONE = "-"
    PAID = "PAID"
    PAID_WITH_DENIED_LINES = "PAID WITH DENIED LINES"
    PATIENT_RESPONSIBILITY = "PATIENT RESPONSIBILITY"
    DENIED = "DENIED"
    FORWARDED = "FORWARDED"
    REVERSED = "REVERSED, AWAITING CORRECTION"


class Work(StrEnum):
    """Who has to do something about it."""

    NOBODY = "nobody"
    SOURCE_MUST_CORRECT = "source must correct"
    PERSON_MUST_DECIDE = "person must decide"
    ENROLLMENT_DUE = "enrollment due"
    REPLACEMENT_DUE = "replacement due"
    VOID_DUE = "void due"
    APPEAL = "appeal"
    WRITTEN_OFF = "written off"
    REPLACED = "replaced"
    VOIDED = "voided"
    CLOSED = "closed"


class Kept(StrEnum):
    """The mark of a pair that is known and moves nothing."""

    KEPT = "kept without moving"


KEPT: Final = Kept.KEPT

E, D, F, A, W = Event, Delivery, FrontEnd, Adjudication, Work

_ABOUT_THE_CLAIM: Final = (
    E.SET_ACCEPTED,
    E.PENDED_BY_CLEARINGHOUSE,
    E.ACCEPTED_BY_CLEARINGHOUSE,
    E.REJECTED_BY_CLEARINGHOUSE,
    E.RECEIVED_BY_PAYER,
    E.ACCEPTED_BY_PAYER,
    E.REJECTED_BY_PAYER,
    E.INFORMATION_REQUESTED,
    E.NOT_FOUND,
    E.CALLED_DUPLICATE,
    E.MAILED_ON_PAPER,
    E.UNCLEAR,
)
_DECISIONS: Final[dict[Event, Adjudication]] = {
    E.PAID: A.PAID,
    E.PAID_WITH_DENIED_LINES: A.PAID_WITH_DENIED_LINES,
    E.LEFT_TO_PATIENT: A.PATIENT_RESPONSIBILITY,
    E.DENIED: A.DENIED,
    E.FORWARDED: A.FORWARDED,
}

# An answer about the file or the claim proves that the file was there: it takes the submission out of doubt.
_ANSWERED: Final[dict[Event, Delivery]] = dict.fromkeys((*_ABOUT_THE_CLAIM, *_DECISIONS, E.REVERSED), D.SENT)
_STILL_SENT: Final[dict[Event, Delivery | Kept]] = dict.fromkeys(_ANSWERED, KEPT)
HOLDS: Final[Mapping[Event, Work]] = {
    E.HELD: W.SOURCE_MUST_CORRECT,
    E.HELD_FOR_A_PERSON: W.PERSON_MUST_DECIDE,
    E.HELD_FOR_ENROLLMENT: W.ENROLLMENT_DUE,
    E.HELD_UNTIL_A_DAY: W.NOBODY,
}
"""What keeps a submission from going, and who has to act; of several the first counts."""

_HELD: Final[dict[Event, Delivery | Kept]] = dict.fromkeys(HOLDS, D.HELD)
_SOURCE_MOVED: Final[dict[Event, Delivery | Kept]] = {E.CHANGED_AT_SOURCE: KEPT, E.CANCELLED_AT_SOURCE: KEPT}

DELIVERY: Final[Mapping[Delivery, Mapping[Event, Delivery | Kept]]] = {
    D.NEW: {E.COLLECTED: D.READY, **_HELD, E.SENT_ELSEWHERE: D.SENT},
    D.READY: {E.BATCHED: D.BATCHED, **_HELD, E.REVISED: D.READY, E.WITHDRAWN: D.WITHDRAWN},
    # Sent while it is held: an answer proves that it went before the ledger was restored.
    D.HELD: {E.RELEASED: D.READY, **_HELD, E.REVISED: D.READY, E.WITHDRAWN: D.WITHDRAWN, E.SENT: D.SENT},
    D.WITHDRAWN: {E.REVISED: D.READY, **_HELD, E.WITHDRAWN: KEPT},
    D.BATCHED: {E.UNBATCHED: D.READY, E.BEGUN: D.IN_DOUBT, **_SOURCE_MOVED},
    D.IN_DOUBT: {
        E.NOT_STARTED: D.BATCHED,
        E.BEGUN: KEPT,
        E.KEPT_WAITING: KEPT,
        E.SENT: D.SENT,
        E.NOT_ARRIVED: D.NOT_ARRIVED,
        E.RENEWED: D.RENEWED,
        E.SET_REFUSED: D.SET_REFUSED,
        E.FILE_FAILED: D.FILE_FAILED,
        E.UNACCOUNTED: D.UNACCOUNTED,
        **_ANSWERED,
        **_SOURCE_MOVED,
    },
    D.SENT: {
        E.SENT: KEPT,
        E.RECOGNISED: KEPT,
        E.RENEWED: D.RENEWED,
        E.SET_REFUSED: D.SET_REFUSED,
        E.FILE_FAILED: D.FILE_FAILED,
        E.UNACCOUNTED: D.UNACCOUNTED,
        **_STILL_SENT,
        **_SOURCE_MOVED,
    },
    # A better answer accounts for it after all. A File Summary has only a day, so it sorts before a 999 of that day.
    D.UNACCOUNTED: {
        E.UNACCOUNTED: KEPT,
        E.SENT: KEPT,
        E.SET_REFUSED: D.SET_REFUSED,
        E.FILE_FAILED: D.FILE_FAILED,
        **_ANSWERED,
        E.SET_ACCEPTED: KEPT,  # that its set could be read does not account for the claim
        **_SOURCE_MOVED,
    },
    D.SET_REFUSED: {
        E.SET_REFUSED: KEPT,
        E.RENEWED: D.RENEWED,
        E.SENT: KEPT,
        E.FILE_FAILED: KEPT,  # both say that no claim was made of it
        E.UNACCOUNTED: KEPT,
        **_SOURCE_MOVED,
    },
    D.FILE_FAILED: {
        E.FILE_FAILED: KEPT,
        E.RENEWED: D.RENEWED,
        E.SENT: KEPT,
        E.SET_REFUSED: KEPT,
        E.UNACCOUNTED: KEPT,
        **_SOURCE_MOVED,
    },
    # Any answer after "it did not arrive" is the dangerous one: not named, so a person looks.
    D.NOT_ARRIVED: {E.NOT_ARRIVED: KEPT, **_SOURCE_MOVED},
    # Our own events are folded first, so the refusals that made us renew it come after: known. A good word is not.
    D.RENEWED: {
        E.RENEWED: KEPT,
        E.SENT: KEPT,
        E.SET_REFUSED: KEPT,
        E.FILE_FAILED: KEPT,
        E.UNACCOUNTED: KEPT,
        **_SOURCE_MOVED,
    },
}

# What the payer says moves the claim on, whatever it said before; a refusal is the exception.
_OF_PAYER: Final[dict[Event, FrontEnd | Kept]] = {
    E.ACCEPTED_BY_PAYER: F.ACCEPTED_BY_PAYER,
    E.REJECTED_BY_PAYER: F.REJECTED_BY_PAYER,
    E.INFORMATION_REQUESTED: F.INFORMATION_REQUESTED,
    E.NOT_FOUND: F.NOT_FOUND,
    E.CALLED_DUPLICATE: F.CALLED_DUPLICATE,
    E.MAILED_ON_PAPER: F.MAILED_ON_PAPER,
}
_VERDICTS: Final[dict[Event, FrontEnd | Kept]] = {
    E.PENDED_BY_CLEARINGHOUSE: F.PENDING,
    E.ACCEPTED_BY_CLEARINGHOUSE: F.ACCEPTED_BY_CLEARINGHOUSE,
    E.REJECTED_BY_CLEARINGHOUSE: F.REJECTED_BY_CLEARINGHOUSE,
    E.RECEIVED_BY_PAYER: F.ACCEPTED_BY_CLEARINGHOUSE,  # what the payer has, the clearinghouse let through
    E.UNCLEAR: KEPT,
    **_OF_PAYER,
}
# Good words of earlier stops, come late: they are known by now.
_BEHIND: Final[dict[Event, FrontEnd | Kept]] = dict.fromkeys(
    (E.SET_ACCEPTED, E.PENDED_BY_CLEARINGHOUSE, E.ACCEPTED_BY_CLEARINGHOUSE, E.RECEIVED_BY_PAYER, E.UNCLEAR), KEPT
)

FRONT_END: Final[Mapping[FrontEnd, Mapping[Event, FrontEnd | Kept]]] = {
    F.NONE: {E.SET_ACCEPTED: F.RECEIVED, **_VERDICTS},
    F.RECEIVED: {E.SET_ACCEPTED: KEPT, **_VERDICTS},
    F.PENDING: {E.SET_ACCEPTED: KEPT, **_VERDICTS, E.PENDED_BY_CLEARINGHOUSE: KEPT},
    F.ACCEPTED_BY_CLEARINGHOUSE: {**_BEHIND, **_OF_PAYER},
    F.REJECTED_BY_CLEARINGHOUSE: {
        E.SET_ACCEPTED: KEPT,
        E.PENDED_BY_CLEARINGHOUSE: KEPT,
        E.REJECTED_BY_CLEARINGHOUSE: KEPT,
        E.NOT_FOUND: KEPT,
        E.UNCLEAR: KEPT,
    },
    F.ACCEPTED_BY_PAYER: {**_BEHIND, **_OF_PAYER, E.ACCEPTED_BY_PAYER: KEPT, E.MAILED_ON_PAPER: KEPT},
    # Only a new submission brings it back to life: a good word after it is for a person.
    F.REJECTED_BY_PAYER: {**_BEHIND, E.REJECTED_BY_PAYER: KEPT, E.NOT_FOUND: KEPT},
    F.INFORMATION_REQUESTED: {**_BEHIND, **_OF_PAYER, E.INFORMATION_REQUESTED: KEPT},
    F.NOT_FOUND: {**_BEHIND, **_OF_PAYER, E.NOT_FOUND: KEPT},
    F.CALLED_DUPLICATE: {**_BEHIND, E.CALLED_DUPLICATE: KEPT, E.NOT_FOUND: KEPT},
    F.MAILED_ON_PAPER: {**_BEHIND, **_OF_PAYER, E.MAILED_ON_PAPER: KEPT},
}

ADJUDICATION: Final[Mapping[Adjudication, Mapping[Event, Adjudication | Kept]]] = {
    A.NONE: {**_DECISIONS, E.REVERSED: A.REVERSED},
    # A part of a claim that a payer split may be paid by itself; a denial after a payment needs the reversal between.
    A.PAID: {E.PAID: KEPT, E.FORWARDED: KEPT, E.REVERSED: A.REVERSED},
    A.PAID_WITH_DENIED_LINES: {
        E.PAID: KEPT,
        E.PAID_WITH_DENIED_LINES: KEPT,
        E.FORWARDED: KEPT,
        E.REVERSED: A.REVERSED,
    },
    A.PATIENT_RESPONSIBILITY: {
        E.LEFT_TO_PATIENT: KEPT,
        E.PAID: A.PAID,
        E.PAID_WITH_DENIED_LINES: A.PAID_WITH_DENIED_LINES,
        E.FORWARDED: KEPT,
        E.REVERSED: A.REVERSED,
    },
    # Some payers decide anew without taking the denial back: it moved no money.
    A.DENIED: {**_DECISIONS, E.DENIED: KEPT, E.REVERSED: A.REVERSED},
    A.FORWARDED: {**_DECISIONS, E.FORWARDED: KEPT, E.REVERSED: A.REVERSED},
    A.REVERSED: {**_DECISIONS, E.REVERSED: KEPT},
}

ANSWERS: Final[tuple[Event, ...]] = (
    E.SET_ACCEPTED,
    E.SET_REFUSED,
    E.FILE_FAILED,
    E.PENDED_BY_CLEARINGHOUSE,
    E.ACCEPTED_BY_CLEARINGHOUSE,
    E.REJECTED_BY_CLEARINGHOUSE,
    E.UNACCOUNTED,
    E.RECEIVED_BY_PAYER,
    E.MAILED_ON_PAPER,
    E.ACCEPTED_BY_PAYER,
    E.NOT_FOUND,
    E.INFORMATION_REQUESTED,
    E.UNCLEAR,
    E.CALLED_DUPLICATE,
    E.REJECTED_BY_PAYER,
    *_DECISIONS,
    E.REVERSED,
)
"""Events that a response file says; in this order where the date does not decide."""

_MONEY: Final = frozenset({*_DECISIONS, E.REVERSED})
# A decision and its reversal of one day are told apart by where they stand in their file.
_ANSWER_RANK: Final = {event: len(ANSWERS) if event in _MONEY else rank for rank, event in enumerate(ANSWERS, start=1)}

WORK: Final[Mapping[Event, Work]] = {
    **HOLDS,
    E.RELEASED: W.NOBODY,
    E.REVISED: W.NOBODY,
    E.WITHDRAWN: W.NOBODY,
    E.BEGUN: W.NOBODY,
    E.RENEWED: W.NOBODY,
    E.CHANGED_AT_SOURCE: W.REPLACEMENT_DUE,
    E.CANCELLED_AT_SOURCE: W.VOID_DUE,
    E.SET_REFUSED: W.PERSON_MUST_DECIDE,
    E.FILE_FAILED: W.PERSON_MUST_DECIDE,
    E.UNACCOUNTED: W.PERSON_MUST_DECIDE,
    E.REJECTED_BY_CLEARINGHOUSE: W.SOURCE_MUST_CORRECT,
    E.ACCEPTED_BY_CLEARINGHOUSE: W.NOBODY,
    E.ACCEPTED_BY_PAYER: W.NOBODY,
    E.REJECTED_BY_PAYER: W.SOURCE_MUST_CORRECT,
    E.INFORMATION_REQUESTED: W.PERSON_MUST_DECIDE,
    E.NOT_FOUND: W.PERSON_MUST_DECIDE,
    E.CALLED_DUPLICATE: W.PERSON_MUST_DECIDE,
    E.UNCLEAR: W.PERSON_MUST_DECIDE,
    E.PAID: W.NOBODY,
    E.PAID_WITH_DENIED_LINES: W.PERSON_MUST_DECIDE,
    E.LEFT_TO_PATIENT: W.NOBODY,
    E.DENIED: W.PERSON_MUST_DECIDE,
    E.FORWARDED: W.NOBODY,
    E.REVERSED: W.NOBODY,
}
"""
Who has to act after an event; an event it does not name leaves the work where it was.

"Nobody" holds unless what the source changed after the claim was batched is still due, and a contradiction stays a
person's until a person ends it.
"""

WORDS: Final[Mapping[Event, Work]] = {
    E.REPLACED: W.REPLACED,
    E.VOIDED: W.VOIDED,
    E.APPEALED: W.APPEAL,
    E.WRITTEN_OFF: W.WRITTEN_OFF,
    E.CLOSED: W.CLOSED,
    E.REOPENED: W.PERSON_MUST_DECIDE,
}
"""What a person's word makes of the work; the newest one counts."""

FINISHED: Final = frozenset({W.REPLACED, W.VOIDED, W.WRITTEN_OFF, W.CLOSED})
"""A person has said that nothing is left to do: no clock runs, no alarm is raised."""

_DUE: Final[Mapping[Event, Work]] = {
    E.CHANGED_AT_SOURCE: W.REPLACEMENT_DUE,
    E.CANCELLED_AT_SOURCE: W.VOID_DUE,
    # The source's newest content is what waits to go: nothing of it is due any more.
    E.RELEASED: W.NOBODY,
    E.REVISED: W.NOBODY,
    E.WITHDRAWN: W.NOBODY,
    E.REPLACED: W.NOBODY,
    E.VOIDED: W.NOBODY,
    E.RENEWED: W.NOBODY,
}

REJECTED: Final = frozenset({F.REJECTED_BY_CLEARINGHOUSE, F.REJECTED_BY_PAYER})
"""No claim was made of it at the payer: corrected, it goes again as an original."""

SETTLED_AT_CLEARINGHOUSE: Final = frozenset(F) - {F.NONE, F.RECEIVED, F.PENDING}
PASSED_CLEARINGHOUSE: Final = SETTLED_AT_CLEARINGHOUSE - {F.REJECTED_BY_CLEARINGHOUSE}
REFUSED_WHOLE: Final = frozenset({D.SET_REFUSED, D.FILE_FAILED})
"""The receiver could not read it, and no claim was made of it: it may go again as it is, once."""

GONE_ON: Final = frozenset({D.NOT_ARRIVED, D.RENEWED})
"""Its claim goes on as another submission."""

HAS_NOT_LEFT: Final = frozenset({D.READY, D.HELD, D.WITHDRAWN})
"""It may still take new content."""

MAY_LIVE: Final = frozenset({D.BATCHED, D.IN_DOUBT, D.SENT})
"""It goes or went, and nobody said that no claim was made of it; a front end that rejected it is the exception."""

DEAD_ON_DELIVERY: Final = REFUSED_WHOLE | GONE_ON | {D.UNACCOUNTED}


class Happened(NamedTuple):
    """An event as the fold needs it: `answered_on`, file and position order answers, `sequence` our own."""

    event: Event
    sequence: int  # the ledger's own rising number
    answered_on: str = ""  # ISO date or time the answer gives itself; of our own events only a history's has one
    file: str = ""
    position: int = 0


@dataclass(frozen=True, slots=True)
class Standing:
    """What a submission's events add up to."""

    delivery: Delivery = Delivery.NEW
    front_end: FrontEnd = FrontEnd.NONE
    adjudication: Adjudication = Adjudication.NONE
    work: Work = Work.NOBODY
    contradicted: bool = False
    due: Work = Work.NOBODY  # what a change at the source asks for once the claim is taken


def fold(events: Iterable[Happened]) -> Standing:
    """Return what a submission's events add up to, whatever order they are given in."""
    ordered = in_order(events)
    said = max((one for one in ordered if one.event in WORDS), key=_by_sequence, default=None)
    return _of_story(tuple(one.event for one in ordered)) if said is None else _with_a_word(ordered, said)


# Remembered: most claims of a batch, and of a payment, have the same story.
@lru_cache(maxsize=4096)
def _of_story(story: tuple[Event, ...]) -> Standing:
    standing = Standing()
    for event in story:
        standing = after(standing, event)
    return standing


def _with_a_word(ordered: Iterable[Happened], said: Happened) -> Standing:
    """Return what events add up to with a person's newest word, which holds until news move something."""
    standing, is_news = Standing(), False
    for happened in ordered:
        reached = after(standing, happened.event)
        is_news |= happened.sequence > said.sequence and replace(standing, work=reached.work) != reached
        standing = reached
    return standing if is_news else replace(standing, work=WORDS[said.event])


def _by_sequence(happened: Happened) -> int:
    return happened.sequence


def in_order(events: Iterable[Happened]) -> list[Happened]:
    """Return a submission's events in the order they are folded."""
    return sorted(events, key=_order)


def after(standing: Standing, event: Event) -> Standing:
    """Return the standing after one more event; a pair no table names marks it contradicted, a word moves nothing."""
    if event in WORDS:
        return replace(standing, due=_DUE.get(event, standing.due))
    delivery = DELIVERY[standing.delivery].get(event)
    front_end = FRONT_END[standing.front_end].get(event) if event in _FRONT_END_EVENTS else KEPT
    adjudication = ADJUDICATION[standing.adjudication].get(event) if event in _MONEY else KEPT
    reached = front_end if isinstance(front_end, FrontEnd) and delivery is not None else standing.front_end
    # Money that moved has moved, wherever the claim was thought to be.
    decided = adjudication if isinstance(adjudication, Adjudication) else standing.adjudication
    contradicted = (
        standing.contradicted
        or None in {delivery, front_end, adjudication}
        or (reached in REJECTED and decided is not Adjudication.NONE)
    )
    due = _DUE.get(event, standing.due)
    # What is said of a submission that was renewed is its successor's business.
    work = standing.work if standing.delivery is Delivery.RENEWED else WORK.get(event, standing.work)
    return Standing(
        delivery=delivery if isinstance(delivery, Delivery) else standing.delivery,
        front_end=reached,
        adjudication=decided,
        work=Work.PERSON_MUST_DECIDE if contradicted else due if work is Work.NOBODY else work,
        contradicted=contradicted,
        due=due,
    )


_FRONT_END_EVENTS: Final = frozenset(_ABOUT_THE_CLAIM)


def _order(happened: Happened) -> tuple[bool, str, int, str, int, int]:
    rank = _ANSWER_RANK.get(happened.event, 0)
    if not rank:
        return (False, "", 0, "", 0, happened.sequence)
    return (True, happened.answered_on, rank, happened.file, happened.position, happened.sequence)


class BatchStatus(StrEnum):
    """Where a file is; its own small life beside its claims'."""

    SEALED = "SEALED"  # claims and numbers frozen, no bytes yet
    RENDERED = "RENDERED"  # bytes stored, never rendered again
    BEGUN = "BEGUN"  # bytes may have left: in doubt until sent or answered
    SENT = "SENT"  # on the server, or taken from it
    ANSWERED = "ANSWERED"  # the clearinghouse's verdict is complete
    RELEASED = "RELEASED"  # never begun, given up, its claims are READY again
    NOT_ARRIVED = "NOT ARRIVED"  # a person said so; keeps its name and numbers


UNFINISHED: Final = frozenset({BatchStatus.SEALED, BatchStatus.RENDERED, BatchStatus.BEGUN})
