"""
What is said of claims wherever they were sent: 277CA and 277, and the EDI Status report; one function a kind of file.

Such a file mixes claims of many uploads, so its answers are bound by control number alone. A verdict is put in our own
words, the same for every format; what a payer writes in free text is kept beside them, because it may name a patient.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from include.claims.states import Event
from include.delivery.ports import ResponseLedger
from include.delivery.readings import SAYS_DUPLICATE, Foreign, iso_moment
from include.delivery.records import Answer, Reading, Response
from include.officeally.edi_status import PayerAnswer, PayerStatus, read_edi_status
from include.officeally.names import ResponseName
from include.officeally.text_report import lines_of
from include.x12.claim_status import (
    AnswerHead,
    BatchAnswer,
    ClaimAnswer,
    ClaimVerdict,
    ProviderAnswer,
    SourceKind,
    Status,
)
from include.x12.claim_status_codes import remedies_of, status_of_codes, words_of
from include.x12.read_277 import read_277
from include.x12.segments import chunks_of
from include.x12.status_totals import Tally

V, E = ClaimVerdict, Event

_OF_ANYBODY: Final[Mapping[ClaimVerdict, Event | None]] = {
    V.DUPLICATE: E.CALLED_DUPLICATE,
    V.UNCLEAR: E.UNCLEAR,
    V.NOT_FOUND: E.NOT_FOUND,
    V.INFORMATION_REQUESTED: E.INFORMATION_REQUESTED,
    V.UNANSWERED: None,  # the question failed: nothing is said of the claim
}
EVENTS: Final[Mapping[SourceKind, Mapping[ClaimVerdict, Event | None]]] = {
    SourceKind.CLEARINGHOUSE: {
        **_OF_ANYBODY,
        V.REJECTED: E.REJECTED_BY_CLEARINGHOUSE,
        V.DENIED: E.UNCLEAR,
        V.PENDED: E.PENDED_BY_CLEARINGHOUSE,
        # It took the claim; what the payer makes of it comes from the payer.
        **dict.fromkeys((V.SPLIT, V.RECEIVED, V.FORWARDED, V.ACCEPTED, V.DECIDED), E.ACCEPTED_BY_CLEARINGHOUSE),
    },
    SourceKind.PAYER: {
        **_OF_ANYBODY,
        V.REJECTED: E.REJECTED_BY_PAYER,
        V.RECEIVED: E.RECEIVED_BY_PAYER,
        # How it was decided is the remittance's to say: money is never posted on a status.
        **dict.fromkeys((V.DENIED, V.PENDED, V.SPLIT, V.FORWARDED, V.ACCEPTED, V.DECIDED), E.ACCEPTED_BY_PAYER),
    },
}
"""What a verdict is, by who gives it."""

_PAYERS: Final[Mapping[PayerStatus, Event]] = {
    PayerStatus.ACCEPTED: E.ACCEPTED_BY_PAYER,
    PayerStatus.PENDING: E.RECEIVED_BY_PAYER,
    PayerStatus.REJECTED: E.REJECTED_BY_PAYER,
    PayerStatus.UNKNOWN: E.UNCLEAR,
}
_READ_ITS_WORDS: Final = "It gives no code: read its words at the clearinghouse, under the claim id of this answer."
_LOOK_IT_UP: Final = "Look the code up in X12's list 508 and correct the claim at the source, or ask who sent it."
_CODE: Final = re.compile(r"\b(?:A[0-8]|DR0\d|D0|E[0-4]|F[0-5]|P[0-5]|R\d{1,2}):\d{1,4}(?::\w{2})?\b")


def claim_status(response: Response, name: ResponseName, text: str, ledger: ResponseLedger) -> Reading:
    """Read a 277CA or 277: claims one by one, or all of a batch or provider where it refuses them as a whole."""
    head: AnswerHead | None = None
    batch: BatchAnswer | None = None
    provider: ProviderAnswer | None = None
    answers: list[Answer] = []
    refusals: list[_Refusal] = []
    tally = Tally()
    for said in read_277(chunks_of(text)):
        tally.add(said)
        if isinstance(said, AnswerHead):
            head, batch, provider = said, None, None
            continue
        assert head is not None, "read_277 begins with who answers"
        if isinstance(said, ClaimAnswer):
            # What stands above it is explained by it.
            refusals = [one for one in refusals if one.whole is not batch and one.whole is not provider]
            answers += _of_claim(said, head)
            continue
        if isinstance(said, BatchAnswer):
            batch, provider = said, None
        else:
            provider = said
        if said.statuses and said.verdict in {V.REJECTED, V.DUPLICATE}:
            refusals.append(_Refusal(said, head, batch))
    for refusal in refusals:
        answers += _of_all(refusal, response, name, ledger)
    if head is None or not answers:
        raise Foreign(f"{name.kind.value}: it speaks of no claim")
    return Reading(
        batch_id=None,
        answered_on=iso_moment(head.answered_on),
        answers=tuple(answers),
        remarks=(*tally.faults(), *_more_than_sent(tally, response, ledger)),
    )


def _more_than_sent(tally: Tally, response: Response, ledger: ResponseLedger) -> Iterator[str]:
    """
    Say where an answer counts more than our file held.

    Less is no fault: one upload is answered in parts, by payer and by day; what is missing is open in the night report.
    """
    for counted in tally.batches:
        reference, totals = counted.reference, counted.whole.totals
        batch = ledger.batch_by_reference(response.mailbox_key, reference) if reference else None
        if batch is None:
            continue
        claims = (totals.accepted or 0) + (totals.rejected or 0)
        dollars = (totals.accepted_amount or 0) + (totals.rejected_amount or 0)
        if claims > batch.claim_count or dollars > batch.total_charge:
            yield (
                f"segment {counted.whole.segment}: it counts {claims} claims and ${dollars:,.2f} of file"
                f" {batch.file_name}, which holds {batch.claim_count} and ${batch.total_charge:,.2f}"
            )


class _Refusal(NamedTuple):
    """A batch or a provider's claims refused as a whole."""

    whole: BatchAnswer | ProviderAnswer
    head: AnswerHead
    batch: BatchAnswer | None  # the one it stands under


def _of_claim(said: ClaimAnswer, head: AnswerHead) -> Iterator[Answer]:
    event = EVENTS[head.source][said.verdict]
    if event is None:
        return
    statuses = [*said.statuses, *(status for line in said.lines for status in line.statuses)]
    days = [status.effective_on for status in statuses if status.effective_on is not None]
    moment = iso_moment(head.answered_on)
    day = max(days).isoformat() if days else moment
    yield Answer(
        control_number=said.control_number,
        event=event,
        position=said.segment,
        codes=_codes(statuses),
        words=_words(statuses),
        payer_words=" | ".join(filter(None, (status.payer_words for status in statuses))),
        answered_on=day if day < moment[:10] else moment,
        clearinghouse_claim_id=said.clearinghouse_claim_id,
        payer_claim_number=said.payer_claim_number,
    )


def _of_all(refusal: _Refusal, response: Response, name: ResponseName, ledger: ResponseLedger) -> Iterator[Answer]:
    """Yield the refusal for every claim it is about; a batch it cannot be tied to makes the file foreign."""
    whole, batch = refusal.whole, refusal.batch
    ours = None if batch is None else ledger.batch_by_reference(response.mailbox_key, batch.batch_reference)
    if ours is None:
        raise Foreign(f"{name.kind.value}: it refuses a batch that was not sent from this mailbox")
    npi = whole.provider_npi if isinstance(whole, ProviderAnswer) else ""
    # A batch mixes payers, and a payer speaks of its own claims.
    payer = refusal.head.source_id if refusal.head.source is SourceKind.PAYER else ""
    for number in ledger.control_numbers_of(ours.id, npi, payer):
        yield Answer(
            control_number=number,
            event=EVENTS[refusal.head.source][whole.verdict] or E.UNCLEAR,
            position=whole.segment,
            codes=_codes(whole.statuses),
            words=_words(whole.statuses),
            answered_on=iso_moment(refusal.head.answered_on),
        )


def edi_status(response: Response, _name: ResponseName, text: str, _ledger: ResponseLedger) -> Reading:
    """Read what payers answered since the last report; a claim's last answer of a day counts."""
    report = read_edi_status(lines_of(text))
    if not report.answers:
        raise Foreign("EDI Status report: it speaks of no claim")
    return Reading(
        batch_id=None,
        answered_on=response.taken_at.date().isoformat(),
        answers=tuple(_of_payer(answer) for answer in report.answers),
    )


def _of_payer(said: PayerAnswer) -> Answer:
    event = _PAYERS[said.status]
    codes = tuple(dict.fromkeys(_CODE.findall(said.payer_words)))
    is_duplicate = SAYS_DUPLICATE.search(said.payer_words) or status_of_codes(codes).verdict is V.DUPLICATE
    if event is E.REJECTED_BY_PAYER and is_duplicate:
        event = E.CALLED_DUPLICATE
    words = f"{said.status_word.lower()} by payer {said.payer_id}"
    return Answer(
        control_number=said.account_number,
        event=event,
        position=said.line,
        codes=codes,
        words="; ".join([words, *_reasons(event, codes)]),
        payer_words=said.payer_words,
        answered_on=said.processed_on.isoformat() if said.processed_on else "",
        clearinghouse_claim_id=said.clearinghouse_claim_id,
        payer_claim_number=said.payer_reference,
    )


def _reasons(event: Event, codes: Sequence[str]) -> Iterator[str]:
    """Yield what a payer's codes mean and what to do; its free text may name a patient and is not shown."""
    if codes:
        yield _words([status_of_codes(codes)])
    elif event in {E.REJECTED_BY_PAYER, E.CALLED_DUPLICATE}:
        yield _READ_ITS_WORDS


def _codes(statuses: Sequence[Status]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(code.text for status in statuses for code in status.codes))


def _words(statuses: Sequence[Status]) -> str:
    said = [words_of(status) for status in statuses]
    remedies = [remedy for status in statuses for remedy in remedies_of(status)]
    if not remedies and any(status.verdict is V.REJECTED for status in statuses):
        remedies = [_LOOK_IT_UP]
    return "; ".join(dict.fromkeys([*said, *remedies]))
