"""
A claim's whole history as a page: what went, what was said of it, what was paid and why not all of it.

For the person with the payer on the telephone: every number somebody may ask for, every reason in plain words. Without
patients' data unless it is asked for.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import groupby
from typing import Any, Final

from include.claims.model import Claim, Frequency
from include.claims.remittance import PayerDecision
from include.delivery.money_lines import Reason, decision_of
from include.delivery.records import Chapter, Incident, Paid, Posted, Story

KINDS: Final[Mapping[Frequency, str]] = {
    Frequency.ORIGINAL: "original",
    Frequency.REPLACEMENT: "replacement",
    Frequency.VOID: "void",
}


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
    told = decision_of(paid)
    yield (
        f"{_dollars(paid.paid)} of {_dollars(paid.charge)} by {paid.payer_name}, {paid.method} {paid.trace} of"
        f" {paid.paid_on}; {told.decision}; the patient's share {_dollars(paid.patient)}"
    )
    if paid.status is not Posted.POSTED:
        yield f"{paid.status}: {paid.reason}" if paid.reason else f"{paid.status}"
    is_taken_back = paid.decision == PayerDecision.REVERSAL
    yield from _reasons(told.reasons, is_taken_back=is_taken_back)
    for line in told.lines:
        yield f"line {line.number}: {line.procedure}  paid {_dollars(line.paid)} of {_dollars(line.charge)}"
        yield from (f"  {reason}" for reason in _reasons(line.reasons, is_taken_back=is_taken_back))


def _reasons(found: Sequence[Reason], *, is_taken_back: bool) -> Iterator[str]:
    """Yield why not all was paid, and what to do about it; nothing is to be done about what was taken back."""
    yield from (_reason(one) for one in found)
    remedies = dict.fromkeys(one.remedy for one in found if one.remedy)
    if remedies and not is_taken_back:
        yield f"To do: {' '.join(remedies)}"


def _reason(one: Reason) -> str:
    if one.amount is None:
        return f"{one.code}  {one.words}"
    return f"{one.code}  {_dollars(one.amount)}  {one.words}, {one.bearer}"


def _dollars(amount: Decimal) -> str:
    return f"{'-' if amount < 0 else ''}${abs(amount):,.2f}"
