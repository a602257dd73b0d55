"""
A claim's whole history as a page: what went, what was said of it, what was paid and why not all of it.

For the person with the payer on the telephone: every number somebody may ask for, every reason in plain words. Without
patients' data unless it is asked for.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from typing import Any, Final

from include.claims.model import Claim, Frequency
from include.delivery.records import Chapter, Incident, Paid, Posted, Story
from include.x12.adjustment_codes import ADJUSTMENT_GROUPS, CLAIM_STATUSES, REASONS, REMARKS, meaning_of, words_of

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
    lines += ["", "What happened", *(line for one in story.incidents for line in _incident(one, phi=phi))]
    return "\n".join(lines) + "\n"


def _patient(claim: Claim) -> Iterator[str]:
    patient, subscriber = claim.patient, claim.subscriber
    born = patient.birth_date
    yield f"Patient {_name(patient.name)}, born {born}; member {subscriber.member_id} of {claim.payer.name}"
    for line in claim.lines:
        yield f"  {line.service_date}  {line.procedure}  {line.units} units  ${line.charge:,.2f}"


def _name(name: Any) -> str:
    return ", ".join(part for part in (name.last, name.first) if part)


def _chapter(chapter: Chapter) -> Iterator[str]:
    line = chapter.line
    usage = "" if line.usage == "live" else f", {line.usage} file"
    kind = KINDS[chapter.frequency] + (f" of {chapter.replaces}" if chapter.replaces else "")
    asked = f", asked for by {chapter.asked_by}" if chapter.asked_by else ""
    yield f"  #{chapter.number}  {line.control_number}  {kind}  ${line.charge:,.2f}{usage}{asked}"
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
    yield f"  {when:16}  #{one.number}  {one.event.replace('_', ' ')}{': ' if said else ''}{said}"
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
        f"${paid.paid:,.2f} of ${paid.charge:,.2f} by {paid.payer_name}, {paid.method} {paid.trace} of {paid.paid_on};"
        f" {decision}; the patient's share ${paid.patient:,.2f}"
    )
    if paid.status is not Posted.POSTED:
        yield f"{paid.status}: {paid.reason}" if paid.reason else f"{paid.status}"
    document = json.loads(paid.document)
    yield from _reasons(document)
    for number, line in enumerate(document.get("lines", ()), start=1):
        yield f"line {number}: {line['procedure'].get('code', '')}  paid ${_money(line.get('paid'))} of {_charge(line)}"
        yield from (f"  {reason}" for reason in _reasons(line))


def _reasons(said: Mapping[str, Any]) -> Iterator[str]:
    for one in said.get("adjustments", ()):
        meaning = meaning_of(REASONS, one["reason"])
        group = words_of(ADJUSTMENT_GROUPS, one["group"])
        words = _sentence((meaning.words, group, meaning.remedy))
        yield f"{one['group']}-{one['reason']}  ${_money(one['amount'])}  {words}"
    for code in said.get("remarks", ()):
        meaning = meaning_of(REMARKS, code)
        yield f"{code}  {_sentence((meaning.words, meaning.remedy))}"


def _sentence(parts: Iterable[str]) -> str:
    return "; ".join(part for part in parts if part)


def _charge(line: Mapping[str, Any]) -> str:
    return f"${_money(line.get('charge'))}"


def _money(amount: Any) -> str:
    return f"{Decimal(amount or 0):,.2f}"
