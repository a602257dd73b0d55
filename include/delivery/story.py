"""
A claim's whole history as a page: what went, what was said of it, what was paid and why not all of it.

For the person with the payer on the telephone: every number somebody may ask for, every reason in plain words. Without
patients' data unless it is asked for.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any, Final, NamedTuple

from include.claims.model import Claim, Frequency
from include.claims.remittance import PayerDecision
from include.delivery.records import Chapter, Incident, Paid, Posted, Story
from include.x12.adjustment_codes import ADJUSTMENT_GROUPS, CLAIM_STATUSES, REASONS, REMARKS, meaning_of, words_of

KINDS: Final[Mapping[Frequency, str]] = {
    Frequency.ORIGINAL: "original",
    Frequency.REPLACEMENT: "replacement",
    Frequency.VOID: "void",
}


class Reason(NamedTuple):
    """Why not all was paid: a code, what it means, and what can be done about it."""

    code: str  # CAS: group and reason; or a remark
    amount: Decimal | None  # None: a remark has none
    words: str
    remedy: str  # blank: nothing is known


_INDENT: Final = " " * 24


def as_text(story: Story, *, phi: bool = False) -> str:
    """Return the page; `phi` adds who the patient is, the days of service and what payers wrote themselves."""
    lines = [f"Claim {story.claim_key} of {story.source}, clinic {story.clinic_key}"]
    newest = story.chapters[-1].claim
    if phi and newest:
        lines += _patient(newest)
    lines += ["", "Submissions", *(line for chapter in story.chapters for line in _chapter(chapter))]
    lines += ["", "What happened", *(line for one in in_order(story.incidents) for line in _incident(one, phi=phi))]
    return "\n".join(lines) + "\n"


def in_order(incidents: Iterable[Incident]) -> Iterator[Incident]:
    """Yield what happened as we learned of it; answers that came together by their own dates."""
    for _, some in groupby(incidents, key=lambda one: bool(one.answered_on)):
        yield from sorted(some, key=lambda one: one.answered_on)


def _patient(claim: Claim) -> Iterator[str]:
    patient, subscriber = claim.patient, claim.subscriber
    born = patient.birth_date
    yield f"Patient {_name(patient.name)}, born {born}; member {subscriber.member_id} of {claim.payer.name}"
    for line in claim.lines:
        yield f"  {line.service_date}  {line.procedure}  {line.units} units  {_dollars(line.charge)}"


def _name(name: Any) -> str:
    return ", ".join(part for part in (name.last, name.first) if part)


def _chapter(chapter: Chapter) -> Iterator[str]:
    line = chapter.line
    usage = "" if line.usage == "live" else f", {line.usage} file"
    kind = KINDS[chapter.frequency] + (f" of {chapter.replaces}" if chapter.replaces else "")
    asked = f", asked for by {chapter.asked_by}" if chapter.asked_by else ""
    yield f"  {chapter.label}  {line.control_number}  {kind}  {_dollars(line.charge)}{usage}{asked}"
    stands = [line.delivery, *(state for state in (line.front_end, line.adjudication) if state != "-")]
    yield f"      {', '.join(stands)}{', CONTRADICTED' if line.contradicted else ''}; to do: {line.work}"
    numbers = {
        "file": line.file_name,
        "run": line.run_id,
        "clearinghouse's number": chapter.clearinghouse_claim_id,
        "payer's number": chapter.payer_claim_number,
    }
    if known := [f"{what} {number}" for what, number in numbers.items() if number]:
        yield f"      {', '.join(known)}"


def _incident(one: Incident, *, phi: bool) -> Iterator[str]:
    when = one.answered_on or f"{one.recorded_at:%Y-%m-%dT%H:%M}"
    said = "; ".join(part for part in (", ".join(one.codes), one.words) if part)
    yield f"  {when:16}  {one.label}  {one.event.replace('_', ' ')}{': ' if said else ''}{said}"
    if one.file:
        yield f"{_INDENT}{one.file}, at {one.position}; recorded {one.recorded_at:%Y-%m-%d %H:%M}"
    if one.who:
        yield f"{_INDENT}by {one.who}"
    if phi and one.payer_words:
        yield f"{_INDENT}in the payer's words: {one.payer_words}"
    for paid in one.money:
        yield from (f"{_INDENT}{line}" for line in _paid(paid))


def _paid(paid: Paid) -> Iterator[str]:
    decision = words_of(CLAIM_STATUSES, paid.decision)
    yield (
        f"{_dollars(paid.paid)} of {_dollars(paid.charge)} by {paid.payer_name}, {paid.method} {paid.trace} of"
        f" {paid.paid_on}; {decision}; the patient's share {_dollars(paid.patient)}"
    )
    if paid.status is not Posted.POSTED:
        yield f"{paid.status}: {paid.reason}" if paid.reason else f"{paid.status}"
    document = json.loads(paid.document)
    is_taken_back = paid.decision == PayerDecision.REVERSAL
    yield from _reasons(document, is_taken_back=is_taken_back)
    for number, line in enumerate(document.get("lines", ()), start=1):
        code = line["procedure"].get("code", "")
        yield f"line {number}: {code}  paid {_dollars(line.get('paid'))} of {_dollars(line.get('charge'))}"
        yield from (f"  {reason}" for reason in _reasons(line, is_taken_back=is_taken_back))


def _reasons(said: Mapping[str, Any], *, is_taken_back: bool) -> Iterator[str]:
    """Yield why not all was paid, and what to do about it; nothing is to be done about what was taken back."""
    found = list(reasons_of(said))
    for one in found:
        yield "  ".join([one.code, *([] if one.amount is None else [_dollars(one.amount)]), one.words])
    remedies = dict.fromkeys(one.remedy for one in found if one.remedy)
    if remedies and not is_taken_back:
        yield f"To do: {' '.join(remedies)}"


def reasons_of(said: Mapping[str, Any]) -> Iterator[Reason]:
    """Yield why a claim or a line was not paid in full, as a payment's document says it."""
    for one in said.get("adjustments", ()):
        meaning = meaning_of(REASONS, one["reason"])
        group = words_of(ADJUSTMENT_GROUPS, one["group"])
        amount = Decimal(one["amount"] or 0)
        yield Reason(f"{one['group']}-{one['reason']}", amount, f"{meaning.words}, {group}", meaning.remedy)
    for code in said.get("remarks", ()):
        meaning = meaning_of(REMARKS, code)
        yield Reason(code, None, meaning.words, meaning.remedy)


def _dollars(amount: Any) -> str:
    value = Decimal(amount or 0)
    return f"{'-' if value < 0 else ''}${abs(value):,.2f}"
