"""Why a submission is HELD: blocking rules, most of them for the source, and questions only a person can answer."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Final

from include.claims.model import Fault
from include.claims.states import HOLDS, Event

CONFIRM_NOT_CORRECTED: Final = Fault(
    rule="confirm_not_corrected_at_clearinghouse",
    place="claim",
    message="the clearinghouse rejected it and the source has changed it since",
    remedy="look whether it was already corrected on the clearinghouse's website; release it only if it was not",
)
RESTORED: Final = Fault(
    rule="ledger_restored",
    place="ledger",
    message="it was ready before the ledger was restored, so it may have gone already",
    remedy="look for it at the clearinghouse; release it only if it is not there",
)
POSSIBLE_DUPLICATE: Final = Fault(
    rule="possible_duplicate",
    place="claim",
    message="an earlier submission that was given up was answered after all",
    remedy="read the answer to the earlier submission; release this one only if the payer does not have the claim",
)

HELD_BY_PERSON: Final = "held_by_a_person"

STORED_RESTORED: Final = f'"rule": "{RESTORED.rule}"'
"""What a stored list of holds has in it where a claim waits because the ledger was restored."""

_FOR_A_PERSON: Final = frozenset({CONFIRM_NOT_CORRECTED.rule, RESTORED.rule, POSSIBLE_DUPLICATE.rule, HELD_BY_PERSON})


def by_person(who: str, why: str) -> Fault:
    """Return the hold that somebody laid on a claim, in their words."""
    return Fault(rule=HELD_BY_PERSON, place="claim", message=f"{why} ({who})", remedy="release it once that is settled")


_EVENT_OF: Final = {
    **dict.fromkeys(_FOR_A_PERSON, Event.HELD_FOR_A_PERSON),
    "claims_enrollment": Event.HELD_FOR_ENROLLMENT,
    "payer_hold": Event.HELD_UNTIL_A_DAY,
}
"""What another than the source has to see to; every other rule is mended there."""


def event_of(faults: Iterable[Fault]) -> Event:
    """Return what happens to a submission that these faults hold: who has to act first."""
    events = {_EVENT_OF.get(fault.rule, Event.HELD) for fault in faults}
    return next(event for event in HOLDS if event in events)


def is_for_a_person(fault: Fault) -> bool:
    """Tell whether a person may release what this holds; every other hold ends once its rule finds no fault."""
    return fault.rule in _FOR_A_PERSON


def blocking(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return the faults that keep a claim from going."""
    return tuple(fault for fault in faults if fault.blocks)


def to_json(faults: Iterable[Fault]) -> str:
    """Return faults as they are stored."""
    listed = [asdict(fault) for fault in faults]
    return json.dumps(listed) if listed else "[]"


def from_json(stored: str) -> tuple[Fault, ...]:
    """Read back what `to_json` wrote."""
    return () if stored == "[]" else tuple(Fault(**fault) for fault in json.loads(stored))


def words(faults: Iterable[Fault]) -> str:
    """Return the faults in a sentence each."""
    return "; ".join(f"{fault.place}: {fault.message}" for fault in faults)
