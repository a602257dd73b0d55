"""
"Why is it not paid?", answered in one sentence, and what to do next: for every state a claim can be in.

The sentences are a table by state, in the words of a biller; what a payer or the clearinghouse said is put into them.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final

from include.claims.states import Adjudication, Delivery, Event, FrontEnd, Work
from include.delivery.box_faults import Wrong, whats_wrong
from include.delivery.records import Chapter, Incident, Posted, Story


class Tone(StrEnum):
    """How a claim stands, as a colour and a mark say it."""

    GOOD = "good"
    WAITING = "wait"
    BAD = "bad"


@dataclass(frozen=True, slots=True, kw_only=True)
class PlainAnswer:
    """What a biller is told first."""

    tone: Tone
    stands: str  # a word or two
    why: str  # a sentence
    then: tuple[str, ...]  # what to do next, a sentence each; none: nothing


@dataclass(frozen=True, slots=True)
class _Row:
    tone: Tone
    stands: str
    why: str  # with {payer}, {said}, {paid}, {charge}, {patient}
    then: str = ""


_G, _W, _B = Tone.GOOD, Tone.WAITING, Tone.BAD
_CORRECT: Final = "Correct it in the practice system; the next run collects it and asks whether it may go again."

HELD: Final = _Row(_B, "held", "It is not paid because it has not gone: {said}.")

ON_ITS_WAY: Final[Mapping[Delivery, _Row]] = {
    Delivery.NEW: _Row(_W, "new", "It is not paid because it has not been collected yet.", "Wait for the next run."),
    Delivery.READY: _Row(_W, "ready", "It is not paid because it has not gone yet: it goes with the next run."),
    Delivery.HELD: HELD,
    Delivery.WITHDRAWN: _Row(
        _W, "withdrawn", "It did not go, because the practice system took it back.",
        "Release it there again if it is to be billed.",
    ),
    Delivery.BATCHED: _Row(_W, "in a file", "It is not paid because its file has not left yet."),
    Delivery.IN_DOUBT: _Row(
        _B, "in doubt", "Nobody knows whether its file arrived: bytes may have left, and nothing has answered them.",
        "Look for the file at the clearinghouse by its name and numbers, then say whether it arrived.",
    ),
    Delivery.SET_REFUSED: _Row(
        _B, "refused", "It is not paid because its part of the file could not be read: {said}.",
        "Mend what is named, then let it go again.",
    ),
    Delivery.FILE_FAILED: _Row(
        _B, "file failed", "It is not paid because the whole file was refused and no claim was made of it: {said}.",
        "Mend what is named, then let it go again.",
    ),
    Delivery.UNACCOUNTED: _Row(
        _B, "unaccounted", "It went, but the clearinghouse's final report on the file does not name it.",
        "Ask the clearinghouse for it by the control number and the file's name.",
    ),
    Delivery.NOT_ARRIVED: _Row(_W, "did not arrive", "Its file did not arrive; the claim goes on as a new submission."),
    Delivery.RENEWED: _Row(_W, "goes again", "It was refused before it was read; it goes again as a new submission."),
}  # fmt: skip

AT_THE_FRONT: Final[Mapping[FrontEnd, _Row]] = {
    FrontEnd.NONE: _Row(_W, "sent", "It was sent and nothing has answered yet.", "Wait for the clearinghouse."),
    FrontEnd.RECEIVED: _Row(
        _W, "received", "The clearinghouse could read the file; it has not said yet whether it takes the claim.",
        "Wait for the clearinghouse's report.",
    ),
    FrontEnd.PENDING: _Row(
        _W, "pending", "The clearinghouse is still working on it.", "Wait for the clearinghouse's report.",
    ),
    FrontEnd.ACCEPTED_BY_CLEARINGHOUSE: _Row(
        _W, "at the clearinghouse", "The clearinghouse took it; {payer} has not answered yet.",
        "Wait for {payer}'s answer.",
    ),
    FrontEnd.REJECTED_BY_CLEARINGHOUSE: _Row(
        _B, "rejected by clearinghouse", "It is not paid because the clearinghouse rejected it: {said}.", _CORRECT,
    ),
    FrontEnd.ACCEPTED_BY_PAYER: _Row(
        _W, "at the payer", "{payer} has it and has not decided yet.", "Wait for the remittance.",
    ),
    FrontEnd.REJECTED_BY_PAYER: _Row(
        _B, "rejected by payer", "It is not paid because {payer} rejected it before reading it as a claim: {said}.",
        _CORRECT,
    ),
    FrontEnd.INFORMATION_REQUESTED: _Row(
        _B, "information requested", "It is not paid because {payer} wants to know more: {said}.",
        "Send what is asked for, the way the payer's letter names.",
    ),
    FrontEnd.NOT_FOUND: _Row(
        _B, "not found", "{payer} says that it does not have it: {said}.",
        "Ask the payer by phone before sending anything again: it may only be late. The proof of timely filing helps.",
    ),
    FrontEnd.CALLED_DUPLICATE: _Row(
        _B, "called a duplicate", "It is not paid because it was taken for a copy of an earlier claim: {said}.",
        "Find the first claim and its answer; do not send this one again.",
    ),
    FrontEnd.MAILED_ON_PAPER: _Row(
        _W, "mailed on paper", "The clearinghouse printed it and mailed it to {payer}; paper takes weeks.",
        "Wait for the payer's letter or payment.",
    ),
}  # fmt: skip

DECIDED: Final[Mapping[Adjudication, _Row]] = {
    Adjudication.PAID: _Row(_G, "paid", "It is paid: {paid} of {charge}, and {patient} is the patient's share."),
    Adjudication.PAID_WITH_DENIED_LINES: _Row(
        _B, "paid in part", "{paid} of {charge} is paid; some lines were denied: {said}.",
    ),
    Adjudication.PATIENT_RESPONSIBILITY: _Row(
        _W, "patient owes", "{payer} paid nothing, because all it allows is the patient's share: {patient}.",
        "Bill the patient, or the next payer first.",
    ),
    Adjudication.DENIED: _Row(_B, "denied", "It is not paid because {payer} denied it: {said}."),
    Adjudication.FORWARDED: _Row(
        _W, "sent on", "{payer} has decided and sent it on to the next payer.",
        "Wait for the next payer's answer; do not bill it yourself meanwhile.",
    ),
    Adjudication.REVERSED: _Row(
        _W, "taken back", "{payer} took its decision back and has not told a new one yet.",
        "Wait for the corrected remittance.",
    ),
}  # fmt: skip

BY_WORD: Final[Mapping[Work, _Row]] = {
    Work.APPEAL: _Row(_W, "appealed", "{payer} did not pay it, and it was appealed.", "Wait for the appeal's answer."),
    Work.WRITTEN_OFF: _Row(_W, "written off", "It is not paid, and somebody wrote it off."),
    Work.CLOSED: _Row(_W, "closed", "Somebody closed it: it is settled in a way no file tells."),
    Work.REPLACED: _Row(_W, "replaced", "Another submission has taken its place."),
    Work.VOIDED: _Row(_W, "voided", "It was taken back at the payer by a void."),
}
"""What a person said last holds until news come."""

DUE: Final[Mapping[Work, str]] = {
    Work.ENROLLMENT_DUE: "Enroll with the payer; once it approves, the claim goes by itself.",
    Work.REPLACEMENT_DUE: "The practice changed it after it was sent: send a replacement.",
    Work.VOID_DUE: "The practice cancelled it after it was sent: void it.",
}
"""What is to be done besides, whatever its state says."""

CONTRADICTED: Final = _Row(
    _B, "answers contradict", "Its answers contradict each other, so nobody can tell what became of it.",
    "Read the events below, ask the payer, then say what is so.",
)  # fmt: skip

_NO_CHARGE: Final = "nothing"
_BAD_NEWS: Final = frozenset({
    Event.HELD, Event.SET_REFUSED, Event.FILE_FAILED, Event.REJECTED_BY_CLEARINGHOUSE, Event.REJECTED_BY_PAYER,
    Event.INFORMATION_REQUESTED, Event.NOT_FOUND, Event.CALLED_DUPLICATE, Event.DENIED, Event.PAID_WITH_DENIED_LINES,
})  # fmt: skip


def newest(story: Story) -> Chapter:
    """Return the submission that counts: the newest that is to be paid, else the newest test copy."""
    live = [chapter for chapter in story.chapters if chapter.line.usage == "live"]
    return (live or list(story.chapters))[-1]


def plain_answer(story: Story) -> PlainAnswer:
    """Say where a claim stands, why it is not paid, and what to do next."""
    chapter = newest(story)
    own = [one for one in story.incidents if one.label == chapter.label]
    row = _row_of(chapter)
    wrong = whats_wrong(chapter, own)
    words = _words(chapter, own, wrong)
    then = [DUE.get(chapter.line.work, ""), row.then.format(**words), *(one.remedy for one in wrong)]
    return PlainAnswer(
        tone=row.tone,
        stands=row.stands,
        why=row.why.format(**words),
        then=tuple(dict.fromkeys(_sentence(one) for one in then if one)),
    )


def _row_of(chapter: Chapter) -> _Row:
    line = chapter.line
    if line.contradicted and line.work not in BY_WORD:
        return CONTRADICTED
    if line.work in BY_WORD:
        return BY_WORD[line.work]
    if line.adjudication in DECIDED:
        return DECIDED[line.adjudication]
    if line.delivery in ON_ITS_WAY:
        return ON_ITS_WAY[line.delivery]
    return AT_THE_FRONT[line.front_end]


def _words(chapter: Chapter, incidents: Sequence[Incident], wrong: Sequence[Wrong]) -> dict[str, str]:
    posted = [one for incident in incidents for one in incident.money if one.status is Posted.POSTED]
    patient = posted[-1].patient if posted else Decimal(0)
    return {
        "payer": chapter.claim.payer.name if chapter.claim else "the payer",
        "said": "; ".join(one.words for one in wrong) or _last_said(incidents),
        "paid": f"${chapter.line.paid:,.2f}",
        "charge": f"${chapter.line.charge:,.2f}",
        "patient": f"${patient:,.2f}" if patient else _NO_CHARGE,
    }


def _last_said(incidents: Sequence[Incident]) -> str:
    said = [one for one in incidents if one.event in _BAD_NEWS]
    if not said:
        return "no reason is known"
    return said[-1].words.rstrip(".") or ", ".join(said[-1].codes) or "no reason was given"


def _sentence(words: str) -> str:
    return f"{words[:1].upper()}{words[1:].rstrip('.')}."
