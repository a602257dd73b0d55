"""
What is wrong with a claim, placed on the boxes of its form: by a rule's own place, or by what a refusing code is about.

A biller mends a box, not a code. A code that is about no box, or that stands in no table here, is listed without one.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from include.claims.states import Adjudication, Event, FrontEnd
from include.delivery.money_lines import decision_of
from include.delivery.records import Chapter, Incident, Posted
from include.hcfa.marks import BoxFault
from include.x12.adjustment_codes import explained
from include.x12.claim_status_codes import remedies_of, status_of_codes, words_of

_AT_LINES: Final = re.compile(r"lines? (\d+(?:, \d+)*):")

BY_STATUS: Final[Mapping[str, str]] = {  # list 508
    **dict.fromkeys(("33", "30", "32", "29", "164"), "item 1a"),
    **dict.fromkeys(("31", "34"), "item 4"),
    **dict.fromkeys(("153", "132", "560"), "item 33b"),
    **dict.fromkeys(("88", "90", "97", "109"), "item 1a"),
    **dict.fromkeys(("116", "114", "487", "792"), "item 1"),
    **dict.fromkeys(("254", "255", "488", "772"), "item 21"),
    **dict.fromkeys(("453", "454", "475", "507", "448", "732", "796"), "item 24D"),
    **dict.fromkeys(("258", "476"), "item 24G"),
    **dict.fromkeys(("187", "510"), "item 24A"),
    **dict.fromkeys(("84", "252", "674"), "item 23"),
    **dict.fromkeys(("171", "286", "479", "672", "795", "85"), "item 9d and 11d"),
    **dict.fromkeys(("464", "495", "535", "787", "799"), "item 22"),
    **dict.fromkeys(("178", "400"), "item 28"),
    "583": "item 24F",
    "477": "item 24E",
    "249": "item 24B",
    "156": "item 6",
    "163": "item 11",
    "128": "item 25",
}

BY_ENTITY: Final[Mapping[tuple[str, str], str]] = {
    **{(status, entity): item for status in ("125", "504", "505") for entity, item in (
        ("QC", "item 2"), ("IL", "item 4"), ("85", "item 33"), ("82", "item 24J"), ("DN", "item 17"),
    )},
    **{(status, entity): item for status in ("126", "500", "501", "502", "503") for entity, item in (
        ("QC", "item 5"), ("IL", "item 7"), ("85", "item 33"), ("77", "item 32"),
    )},
    **{(status, entity): item for status in ("562", "26", "25", "91") for entity, item in (
        ("85", "item 33a"), ("82", "item 24J"), ("DN", "item 17b"), ("77", "item 32a"),
    )},
    ("145", "85"): "item 33b",
    ("145", "82"): "item 24J",
    **{(status, entity): item for status in ("157", "158") for entity, item in (("QC", "item 3"), ("IL", "item 11a"))},
}  # fmt: skip
"""Of statuses that are about somebody: status and entity."""

BY_REASON: Final[Mapping[str, str]] = {
    **dict.fromkeys(("4", "182", "N519", "N822", "N823"), "item 24D"),
    **dict.fromkeys(("181", "231", "236", "N56", "N657", "M20", "M51", "8"), "item 24D"),
    **dict.fromkeys(("5", "M77"), "item 24B"),
    **dict.fromkeys(("11", "146", "167", "M76", "MA63"), "item 21"),
    **dict.fromkeys(("15", "197", "243", "M62", "N54"), "item 23"),
    **dict.fromkeys(("198", "222", "273", "M53", "N362", "N640", "151"), "item 24G"),
    **dict.fromkeys(("31", "140", "MA27", "MA61", "N382"), "item 1a"),
    **dict.fromkeys(("22", "24", "136", "MA04", "MA83", "MA92"), "item 9d and 11d"),
    **dict.fromkeys(("109", "N418"), "item 1"),
    **dict.fromkeys(("185", "N198", "N288", "N290"), "item 24J"),
    **dict.fromkeys(("183", "N286"), "item 17"),
    **dict.fromkeys(("208", "N257"), "item 33a"),
    "N255": "item 33b",
    "M52": "item 24A",
    "MA36": "item 2",
}
"""Of adjustment reasons (CARC) and remarks (RARC)."""

_REFUSED: Final = frozenset({FrontEnd.REJECTED_BY_CLEARINGHOUSE, FrontEnd.REJECTED_BY_PAYER})
_REFUSALS: Final = frozenset({Event.REJECTED_BY_CLEARINGHOUSE, Event.REJECTED_BY_PAYER})
_DENIED: Final = frozenset({Adjudication.DENIED, Adjudication.PAID_WITH_DENIED_LINES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Wrong:
    """One thing that is wrong: where on the form, what, and what to do."""

    number: int
    place: str  # `item 24J, line 2`; blank where it is on no box
    words: str
    remedy: str
    box: BoxFault | None


def whats_wrong(chapter: Chapter, incidents: Iterable[Incident]) -> list[Wrong]:
    """Return what is wrong with a submission as it stands now, numbered."""
    own = [one for one in incidents if one.label == chapter.label]
    found = dict.fromkeys(_found(chapter, own))
    return [_numbered(number, one) for number, one in enumerate(found, start=1)]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Said:
    place: str
    words: str
    remedy: str
    lines: frozenset[int] = frozenset()


def _numbered(number: int, said: _Said) -> Wrong:
    at = f", line {', '.join(map(str, sorted(said.lines)))}" if said.lines and said.place else ""
    box = BoxFault(number=number, place=said.place, lines=said.lines, words=said.words) if said.place else None
    return Wrong(number=number, place=f"{said.place}{at}", words=said.words, remedy=said.remedy, box=box)


def _found(chapter: Chapter, incidents: Iterable[Incident]) -> Iterator[_Said]:
    for fault in chapter.held_by:
        at = _AT_LINES.match(fault.message)
        lines = frozenset(map(int, at[1].split(", "))) if at else frozenset()
        yield _Said(place=fault.place, words=fault.message, remedy=fault.remedy, lines=lines)
    if chapter.line.adjudication in _DENIED:
        yield from _denied(incidents)
    elif chapter.line.front_end in _REFUSED:
        yield from _refused(incidents)


def _refused(incidents: Iterable[Incident]) -> Iterator[_Said]:
    for one in incidents:
        if one.event not in _REFUSALS:
            continue
        statuses = [code for code in one.codes if ":" in code]
        for code in statuses:
            status = status_of_codes([code])
            yield _Said(place=_place_of(code), words=words_of(status), remedy=" ".join(remedies_of(status)))
        if not statuses:
            words, _, remedy = one.words.partition(". ")
            yield _Said(place="", words=words, remedy=remedy)


def _place_of(code: str) -> str:
    _, status, entity = (*code.split(":"), "", "")[:3]
    return BY_ENTITY.get((status, entity)) or BY_STATUS.get(status, "")


def _denied(incidents: Iterable[Incident]) -> Iterator[_Said]:
    """Yield what the newest decision gives as reasons for lines that it does not pay, a reason once for all of them."""
    decisions = [paid for one in incidents for paid in one.money if paid.status is Posted.POSTED]
    if not decisions:
        return
    lines = decision_of(decisions[-1]).lines
    reasons = [
        (reason.code, line.number)
        for line in lines
        if not line.paid and not line.patient
        for reason in line.reasons
        if reason.code != _CONTRACT
    ]
    for code, found in groupby(sorted(reasons), key=lambda one: one[0]):
        words, _, remedy = explained([code]).partition(". ")
        place = BY_REASON.get(code.rpartition("-")[2], "")
        yield _Said(place=place, words=f"{code}: {words}", remedy=remedy, lines=frozenset(line for _, line in found))


_CONTRACT: Final = "CO-45"
"""What the contract does not allow: no fault."""
