"""
"Why is this claim not paid?", answered in a sentence, with the reasons and what to do: a biller reads it aloud.

Read from the claim's newest live submission; each axis of its life has its sentences in a table. Holds no patient data.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from include.claims.states import Adjudication, Delivery, FrontEnd, Work
from include.delivery.records import Chapter, Paid, Posted, Story
from include.delivery.story import Reason, reasons_of
from include.x12.claim_status_codes import remedies_of, status_of_codes

BY_ADJUDICATION: Final[Mapping[Adjudication, str]] = {
    Adjudication.PAID: "It is paid.",
    Adjudication.PAID_WITH_DENIED_LINES: "It is paid in part: the payer denied some of its lines.",
    Adjudication.PATIENT_RESPONSIBILITY: "The payer pays nothing of it: all of it is the patient's share.",
    Adjudication.DENIED: "The payer denied it.",
    Adjudication.FORWARDED: "The payer passed it on to another payer, whose answer is still to come.",
    Adjudication.REVERSED: "The payer took its payment back, and its new decision is still to come.",
}
BY_FRONT_END: Final[Mapping[FrontEnd, str]] = {
    FrontEnd.NONE: "It was sent, and nothing was heard of it yet.",
    FrontEnd.RECEIVED: "The clearinghouse has its file and has not said yet what becomes of the claim.",
    FrontEnd.PENDING: "The clearinghouse is still looking at it.",
    FrontEnd.ACCEPTED_BY_CLEARINGHOUSE: "The clearinghouse took it and passed it on; the payer has not answered yet.",
    FrontEnd.REJECTED_BY_CLEARINGHOUSE: "The clearinghouse rejected it, so the payer never got it.",
    FrontEnd.ACCEPTED_BY_PAYER: "The payer has it and has not decided yet.",
    FrontEnd.REJECTED_BY_PAYER: "The payer's front end rejected it: no claim was made of it there.",
    FrontEnd.INFORMATION_REQUESTED: "The payer waits for more information about it.",
    FrontEnd.NOT_FOUND: "The payer was asked for it and cannot find it.",
    FrontEnd.CALLED_DUPLICATE: "It was called a duplicate: an earlier copy is there already.",
    FrontEnd.MAILED_ON_PAPER: "The clearinghouse mailed it to the payer on paper; no electronic answer will come.",
}
BY_DELIVERY: Final[Mapping[Delivery, str]] = {
    Delivery.NEW: "It was not looked at yet.",
    Delivery.READY: "It goes with the clinic's next run.",
    Delivery.HELD: "It is held here and was not sent.",
    Delivery.WITHDRAWN: "The practice took it back before it was sent.",
    Delivery.BATCHED: "It is in a file that is not sent yet.",
    Delivery.IN_DOUBT: "Its file may or may not have arrived; nothing goes again before that is known.",
    Delivery.SET_REFUSED: "The clearinghouse could not read its part of the file, so no claim was made of it.",
    Delivery.FILE_FAILED: "The clearinghouse refused the whole file, so no claim was made of it.",
    Delivery.UNACCOUNTED: "The clearinghouse's final report on the file does not name it.",
    Delivery.NOT_ARRIVED: "Its file did not arrive, as a person has said.",
    Delivery.RENEWED: "Its file was refused unread, and it goes again in another.",
}
"""What is said while it is not simply sent."""

TO_DO: Final[Mapping[Work, str]] = {
    Work.SOURCE_MUST_CORRECT: "Correct it in the practice system; the next run takes it up by itself.",
    Work.ENROLLMENT_DUE: "Enroll with the payer; once it approves, the claim goes by itself.",
    Work.PERSON_MUST_DECIDE: "Somebody has to decide what becomes of it.",
    Work.REPLACEMENT_DUE: "The practice changed it after it was sent: send a replacement.",
    Work.VOID_DUE: "The practice cancelled it after it was sent: void it.",
    Work.APPEAL: "An appeal is under way.",
    Work.WRITTEN_OFF: "Nothing: it is written off.",
    Work.REPLACED: "Nothing: another submission took its place.",
    Work.VOIDED: "Nothing: it is voided.",
    Work.CLOSED: "Nothing: it is closed.",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """Why a claim is not paid, and what to do."""

    sentence: str
    reasons: tuple[str, ...]  # `code: words`
    to_do: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LineMoney:
    """What the payer made of one service line."""

    number: int
    procedure: str
    charge: Decimal
    paid: Decimal
    reasons: tuple[str, ...]  # why not all of it


def newest(story: Story) -> Chapter:
    """Return the submission that counts: the last live one, or the last of all."""
    live = [chapter for chapter in story.chapters if chapter.line.usage == "live"]
    return (live or list(story.chapters))[-1]


def why_not_paid(story: Story) -> Answer:
    """Return the answer in a sentence, the reasons in words, and what to do about them."""
    chapter = newest(story)
    line = chapter.line
    return Answer(
        sentence=_sentence(line.delivery, line.front_end, line.adjudication),
        reasons=line.reasons,
        to_do=tuple(dict.fromkeys(_to_do(story, chapter))),
    )


def _sentence(delivery: Delivery, front_end: FrontEnd, adjudication: Adjudication) -> str:
    if adjudication in BY_ADJUDICATION:
        return BY_ADJUDICATION[adjudication]
    return BY_DELIVERY.get(delivery) or BY_FRONT_END[front_end]


def _to_do(story: Story, chapter: Chapter) -> Iterator[str]:
    line = chapter.line
    if line.work in TO_DO:
        yield TO_DO[line.work]
    yield from (fault.remedy for fault in chapter.held_by if line.delivery is Delivery.HELD)
    if line.work is Work.NOBODY:
        return
    for one in story.incidents:
        if one.label == chapter.label:
            yield from remedies_of(status_of_codes(code for code in one.codes if ":" in code))
    if paid := last_payment(story):
        document = json.loads(paid.document)
        for said in (document, *document.get("lines", ())):
            yield from (reason.remedy for reason in reasons_of(said) if reason.remedy)


def last_payment(story: Story) -> Paid | None:
    """Return what was posted last for the submission that counts; None where nothing was."""
    label = newest(story).label
    posted = [
        paid for one in story.incidents if one.label == label for paid in one.money if paid.status is Posted.POSTED
    ]
    return posted[-1] if posted else None


def money_by_line(paid: Paid) -> list[LineMoney]:
    """Return what a payment made of each service line."""
    return [
        LineMoney(
            number=number,
            procedure=line["procedure"].get("code", ""),
            charge=Decimal(str(line.get("charge") or 0)),
            paid=Decimal(str(line.get("paid") or 0)),
            reasons=tuple(_as_words(reason) for reason in reasons_of(line)),
        )
        for number, line in enumerate(json.loads(paid.document).get("lines", ()), start=1)
    ]


def _as_words(reason: Reason) -> str:
    amount = "" if reason.amount is None else f" {reason.amount:,.2f}"
    return f"{reason.code}{amount}: {reason.words}"
