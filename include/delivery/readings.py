"""
What a response says, matched to a batch of ours: one function a kind of file.

A response is bound to a batch by its keys before anything it says is believed. A good word needs one key; a refusal
needs two that agree, because a refused file invites a second sending.
"""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace

from include.claims.errors import BadFile, NeedsReview
from include.claims.states import Event
from include.delivery.ports import ResponseLedger
from include.delivery.records import Answer, Batch, Reading, Response
from include.officeally.claim_edits import explained
from include.officeally.failed_files import cure_of
from include.officeally.file_summary import FileSummary, Verdict, read_file_summary
from include.officeally.names import FileFormat, ResponseName
from include.officeally.text_report import lines_of
from include.x12.acknowledgement_codes import GroupVerdict, InterchangeVerdict
from include.x12.read_999 import GroupAnswer, read_999
from include.x12.read_ta1 import read_ta1
from include.x12.refusals import Cure, cures_of
from include.x12.segments import chunks_of


class Foreign(NeedsReview):
    """The response names no file of ours; another program may share the account."""


_VERDICTS: Mapping[Verdict, Event] = {
    Verdict.ACCEPTED: Event.ACCEPTED_BY_CLEARINGHOUSE,
    Verdict.REJECTED: Event.REJECTED_BY_CLEARINGHOUSE,
    Verdict.PENDING: Event.PENDED_BY_CLEARINGHOUSE,
}


_WITHOUT_REASON: Mapping[Verdict, str] = {
    Verdict.REJECTED: "the report gives no reason. Ask the clearinghouse's support, with its claim id"
}
SAYS_DUPLICATE = re.compile(r"\bDUPLICATE\b", re.IGNORECASE)
"""The clearinghouse's and payers' codes for it are not published; their words for it are one word."""


def file_summary(response: Response, name: ResponseName, text: str, ledger: ResponseLedger) -> Reading:
    """Read the clearinghouse's own edits, claim by claim; a summary without claims says that the file failed."""
    summary = read_file_summary(lines_of(text))
    batch = ledger.batch_by_file(response.mailbox_key, summary.file_name)
    day = summary.processed_on or summary.uploaded_on
    answered_on = (day or response.taken_at.date()).isoformat()
    if batch is None:
        return _of_a_file_forgotten(summary, answered_on, ledger)
    if summary.failed and name.file_id != summary.file_id:
        raise BadFile(
            f"File Summary of {summary.file_name}: it says that the file failed, but its name and its text give"
            " different file ids; a refusal needs two keys, so a person must look"
        )
    answers = _failed(batch, ledger, summary) if summary.failed else _claims(summary)
    return Reading(
        batch_id=batch.id,
        answered_on=answered_on,
        answers=answers,
        is_final=not summary.failed,
        clearinghouse_file_ids=(summary.file_id, *(part.file_id for part in summary.parts)),
    )


def _of_a_file_forgotten(summary: FileSummary, answered_on: str, ledger: ResponseLedger) -> Reading:
    """Read it for the claims that a restored ledger holds; a file that names none of them is foreign."""
    gone = ledger.may_have_gone([row.account_number for row in summary.rows])
    if not gone:
        raise Foreign(f"File Summary of {summary.file_name}: no file of that name was sent from this mailbox")
    answers = tuple(one for one in _claims(summary) if one.control_number in gone)
    return Reading(batch_id=None, answered_on=answered_on, answers=answers)


def _claims(summary: FileSummary) -> tuple[Answer, ...]:
    return tuple(
        Answer(
            control_number=row.account_number,
            event=_event_of(row.verdict, summary.words(row)),
            position=row.line,
            codes=row.codes,
            words=explained(row.codes, summary.errors) or _WITHOUT_REASON.get(row.verdict, ""),
            clearinghouse_claim_id=row.clearinghouse_claim_id,
        )
        for row in summary.rows
    )


def _event_of(verdict: Verdict, words: str) -> Event:
    # What came before is alive: to take this for a rejection would send the claim again.
    is_duplicate = verdict is Verdict.REJECTED and SAYS_DUPLICATE.search(words)
    return Event.CALLED_DUPLICATE if is_duplicate else _VERDICTS[verdict]


def _failed(batch: Batch, ledger: ResponseLedger, summary: FileSummary) -> tuple[Answer, ...]:
    said = "; ".join(summary.errors.values())
    cures = [cure_of(said)] if said else []
    return _of_file(
        Answer(
            control_number="",
            event=_refusal(Event.FILE_FAILED, cures),
            position=0,
            codes=tuple(summary.errors),
            words=_with_remedies(said or "the file failed: the clearinghouse created no claim of it", cures),
        ),
        batch,
        ledger,
    )


def _of_file(answer: Answer, batch: Batch, ledger: ResponseLedger) -> tuple[Answer, ...]:
    """Return what is said of a whole file for each of its claims."""
    numbers = ledger.control_numbers(batch.id).values()
    return tuple(replace(answer, control_number=number) for in_set in numbers for number in in_set)


def _refusal(event: Event, cures: Collection[Cure]) -> Event:
    # What came before is alive: to take this for a refusal would let the claim go again.
    return Event.CALLED_DUPLICATE if Cure.LOOK in cures else event


def _with_remedies(words: str, cures: Iterable[Cure]) -> str:
    return ". ".join(filter(None, [words, *(cure.remedy for cure in cures)]))


def acknowledgement_999(response: Response, name: ResponseName, text: str, ledger: ResponseLedger) -> Reading:
    """Read whether the file and each of its sets could be read; a refused set created no claim."""
    groups = list(read_999(chunks_of(text)))
    if not groups:
        return _interchange(response, name, text, ledger)
    if len(groups) != 1:
        # One upload is one functional group (837P companion guide), so its answer speaks of one.
        raise BadFile(f"999: it answers {len(groups)} groups, a file of ours has one")
    group = groups[0]
    interchange = group.interchange.interchange_number if group.interchange else None
    batch = ledger.batch_by_group(response.mailbox_key, group.group_number, interchange)
    if batch is None or batch.file_format is not FileFormat.X12:
        raise Foreign(f"999 of group {group.group_number}: no 837P with that number was sent from this mailbox")
    numbers = ledger.control_numbers(batch.id)
    answers = _sets(group, numbers) + _unlisted_sets(group, numbers)
    if any(answer.event is not Event.SET_ACCEPTED for answer in answers):
        _demand_second_key(batch, name, interchange)
    return Reading(batch_id=batch.id, answered_on=iso_moment(group.answered_on), answers=answers)


def _interchange(response: Response, name: ResponseName, text: str, ledger: ResponseLedger) -> Reading:
    """Read a TA1 that stands alone: the whole interchange was refused, and no 999 follows."""
    answers = list(read_ta1(chunks_of(text)))
    if len(answers) != 1:
        raise BadFile(f"TA1: the file answers {len(answers)} interchanges, a file of ours is one")
    (answer,) = answers
    number = answer.interchange_number
    batch = ledger.batch_by_group(response.mailbox_key, number, number)
    if batch is None:
        raise Foreign(f"TA1 of interchange {number}: no file with that number was sent from this mailbox")
    if answer.verdict is not InterchangeVerdict.REFUSED:
        return Reading(batch_id=batch.id, answered_on="", answers=())
    codes = (f"TA105 {answer.note}",)
    cures = cures_of(codes)
    event = _refusal(Event.FILE_FAILED, cures)
    if event is Event.FILE_FAILED:
        _demand_second_key(batch, name, None)
    words = _with_remedies(answer.words, cures)
    said = Answer(control_number="", event=event, position=answer.segment, codes=codes, words=words)
    return Reading(
        batch_id=batch.id,
        answered_on=response.taken_at.date().isoformat(),
        answers=_of_file(said, batch, ledger),
    )


def _sets(group: GroupAnswer, numbers: Mapping[str, Sequence[str]]) -> tuple[Answer, ...]:
    answers = []
    for answered in group.sets:
        if answered.set_number not in numbers:
            raise BadFile(f"segment {answered.segment}: AK202 names a set that was not in group {group.group_number}")
        codes = () if answered.verdict.is_accepted else answered.all_codes
        cures = cures_of(codes)
        answers += [
            Answer(
                control_number=number,
                event=_refusal(Event.SET_REFUSED, cures) if codes else Event.SET_ACCEPTED,
                position=answered.segment,
                codes=codes,
                words=_with_remedies(answered.words, cures),
            )
            for number in numbers[answered.set_number]
        ]
    return tuple(answers)


def _unlisted_sets(group: GroupAnswer, numbers: Mapping[str, Sequence[str]]) -> tuple[Answer, ...]:
    """Return what a group's verdict says of the sets its 999 leaves out; a partial one says nothing of them."""
    if group.verdict is GroupVerdict.PARTIALLY_ACCEPTED:
        return ()
    refused = group.verdict.is_refused
    codes = (f"AK901 {group.verdict}", *(f"AK905 {code}" for code in group.codes)) if refused else ()
    event = Event.SET_REFUSED if refused else Event.SET_ACCEPTED
    words = _with_remedies(group.words, cures_of(codes))
    listed = {answered.set_number for answered in group.sets}
    return tuple(
        Answer(control_number=number, event=event, position=0, codes=codes, words=words)
        for set_number, in_set in numbers.items()
        if set_number not in listed
        for number in in_set
    )


def _demand_second_key(batch: Batch, name: ResponseName, interchange: int | None) -> None:
    named = name.our_stem.upper() == batch.file_name.rsplit(".", 1)[0].upper()
    if not named and interchange != batch.interchange_number:
        raise BadFile(
            f"999 of group {batch.group_number}: it refuses sets of {batch.file_name}, but neither its name nor a TA1"
            " agrees; a refusal needs two keys, so a person must look"
        )


def iso_moment(moment: str) -> str:
    """Return CCYYMMDDHHMM as an ISO time, which sorts beside the days of the text reports."""
    return f"{moment[:4]}-{moment[4:6]}-{moment[6:8]}T{moment[8:10]}:{moment[10:12]}"
