"""
Rules over time: what this claim is beside the other claims of the ledger and the night.

These are what ABA claims are denied and audited for: a service billed twice, an authorization used up, one person in
two places. They need facts that not every source gives; then they say so.
"""

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from functools import wraps
from typing import Final

from include.claims.code_lists import ANALYST_PROCEDURES, DIRECTION, GROUP_PROCEDURES, ONE_TO_ONE, TREATMENT
from include.claims.facts import BilledLine, authorization_use
from include.claims.model import Authorization, Claim, Frequency, ServiceLine
from include.claims.scrutiny import INFERRED, NotChecked, Rule, Scrutiny, rule
from include.claims.shapes import at_lines

_NO_LEDGER = NotChecked("ledger")

_CROWDED: Final = {
    "technician_day": NotChecked("technician key of one person's own"),
    "patient_day": NotChecked("patient who is one person"),
}


def _unasked(look: Scrutiny, by: str) -> NotChecked | None:
    """Return why nobody can be asked what else went on on somebody's day; None where it is known."""
    if not look.facts.are_known:
        return _NO_LEDGER
    is_crowded = any(getattr(line, by) in look.facts.crowded for line in look.own)
    return _CROWDED[by] if is_crowded else None


def _billed_before(claim: Claim, look: Scrutiny) -> Iterator[tuple[int, BilledLine, list[BilledLine]]]:
    """Yield each line with what other claims bill under its fingerprint, where nothing has voided it."""
    known = look.facts.by_fingerprint
    if not known or claim.frequency is not Frequency.ORIGINAL:
        return
    for number, line in enumerate(look.own, start=1):
        others = _of_others(line, known.get(line.fingerprint, ()))
        if others and not any(one.frequency is Frequency.VOID for one in others):
            yield number, line, others


def _of_others(line: BilledLine, lines: Iterable[BilledLine]) -> list[BilledLine]:
    return [one for one in lines if (one.source, one.claim_key) != (line.source, line.claim_key)]


def _is_same_bill(one: BilledLine, other: BilledLine) -> bool:
    return (one.modifiers, one.place_of_service, one.charge, one.rendering_npi) == (
        other.modifiers, other.place_of_service, other.charge, other.rendering_npi,
    )  # fmt: skip


def billed_twice(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: no other claim bills the same service of the same day to the same payer."""
    if not look.facts.are_known:
        return _NO_LEDGER
    wrong = [n for n, line, others in _billed_before(claim, look) if any(_is_same_bill(line, one) for one in others)]
    return at_lines(wrong, "another claim bills this very service")


def billed_alike(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: no other claim bills the same service with other modifiers, place, charge or rendering provider."""
    if not look.facts.are_known:
        return _NO_LEDGER
    wrong = [
        n for n, line, others in _billed_before(claim, look) if not any(_is_same_bill(line, one) for one in others)
    ]
    return at_lines(
        wrong, "another claim bills this service, with other modifiers, place, charge or rendering provider"
    )


def _allowed(claim: Claim, line: ServiceLine) -> list[Authorization]:
    number = line.prior_authorization or claim.prior_authorization
    return [one for one in claim.authorizations if one.number == number and one.procedure in {"", line.procedure}]


def _where_authorized(
    check: Callable[[Claim, Scrutiny], str | NotChecked],
) -> Callable[[Claim, Scrutiny], str | NotChecked]:
    """Return a check that asks only where a number is billed, and says so where the source keeps no authorizations."""

    @wraps(check)
    def asked(claim: Claim, look: Scrutiny) -> str | NotChecked:
        if not claim.prior_authorization and not any(line.prior_authorization for line in claim.lines):
            return ""
        return check(claim, look) if claim.authorizations else NotChecked("authorizations")

    return asked


def authorized_days(claim: Claim, _look: Scrutiny) -> str:
    """Check: the authorization that a line names is for its procedure and holds on its day."""
    wrong = [
        number
        for number, line in enumerate(claim.lines, start=1)
        if (line.prior_authorization or claim.prior_authorization)
        and not any(one.starts_on <= line.service_date <= one.ends_on for one in _allowed(claim, line))
    ]
    return at_lines(wrong, "the authorization named does not allow this procedure on this day")


def authorized_units(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: this claim and those sent before use no more units than were authorized."""
    if not look.facts.are_known:
        return _NO_LEDGER
    billed: dict[str, Decimal] = {}
    most: dict[str, Decimal] = {}
    for line in claim.lines:
        limits = [one.units for one in _allowed(claim, line) if one.units is not None]
        if use := limits and authorization_use(claim, line):
            billed[use] = billed.get(use, look.facts.units_used.get(use, Decimal(0))) + line.units
            most[use] = max(limits)
    over = [
        f"{use.rpartition('|')[2]}: {units.normalize():f} units with those billed before,"
        f" {most[use].normalize():f} authorized"
        for use, units in billed.items()
        if units > most[use]
    ]
    return "; ".join(over)


def _at_once(look: Scrutiny, by: str) -> Iterator[tuple[int, BilledLine, BilledLine]]:
    """Yield each line with every line, of this claim too, that went on at the same time on the same person's day."""
    for number, line in enumerate(look.own, start=1):
        key = getattr(line, by)
        if not (key and line.has_times):
            continue
        others = [one for one in look.own if one is not line and getattr(one, by) == key]
        others += _of_others(line, getattr(look.facts, f"by_{by}").get(key, ()))
        yield from ((number, line, one) for one in others if line.overlaps(one))


def _is_same_session(one: BilledLine, other: BilledLine) -> bool:
    """Tell whether it is one session, billed to the next payer too."""
    return bool(one.session) and one.session == other.session and one.source == other.source


def technician_overlap(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: nobody gives two clients one-to-one services at one time."""
    if unasked := _unasked(look, "technician_day"):
        return unasked
    if any(line.performed_by is None or not line.started_at for line in claim.lines):
        return NotChecked("technician and session times")
    wrong = {
        number
        for number, line, other in _at_once(look, "technician_day")
        if line.patient_day != other.patient_day and not {line.procedure, other.procedure} <= GROUP_PROCEDURES
    }
    return at_lines(sorted(wrong), "who gave it was with another client at the same time")


def client_overlap(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: no client is in two one-to-one sessions at one time."""
    if unasked := _unasked(look, "patient_day"):
        return unasked
    if not all(line.started_at for line in claim.lines):
        return NotChecked("session times")
    may_direct = look.profile.sessions.direction_may_overlap
    wrong = {
        number
        for number, line, other in _at_once(look, "patient_day")
        if {line.procedure, other.procedure} <= ONE_TO_ONE
        and not (may_direct and {line.procedure, other.procedure} == {TREATMENT, DIRECTION})
        and (line.procedure != other.procedure or not _is_same_session(line, other))
    }
    return at_lines(sorted(wrong), "the client was in another one-to-one session at the same time")


def group_of_one(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: a group service has another client in it, where the day of who gave it is known."""
    groups = [number for number, line in enumerate(claim.lines, start=1) if line.procedure in GROUP_PROCEDURES]
    if not groups:
        return ""
    if unasked := _unasked(look, "technician_day"):
        return unasked
    if any(claim.lines[number - 1].performed_by is None or not claim.lines[number - 1].started_at for number in groups):
        return NotChecked("technician and session times")
    shared = {
        number
        for number, line, other in _at_once(look, "technician_day")
        if line.patient_day != other.patient_day and other.procedure == line.procedure
    }
    return at_lines([number for number in groups if number not in shared], "no other client of the group is billed yet")


def technician_procedure(claim: Claim, look: Scrutiny) -> str:
    """Check: a technician gave no service that is an analyst's."""
    technicians = look.profile.rendering.technicians
    wrong = [
        number
        for number, line in enumerate(claim.lines, start=1)
        if line.performed_by and line.performed_by.credential in technicians and line.procedure in ANALYST_PROCEDURES
    ]
    return at_lines(wrong, "a technician is named for a service that an analyst gives")


def times_hold_minutes(claim: Claim, _look: Scrutiny) -> str:
    """Check: a service took no longer than from when it began to when it ended."""
    wrong = [
        number
        for number, line in enumerate(claim.lines, start=1)
        if line.minutes is not None and 0 < _between(line.started_at, line.ended_at) < line.minutes
    ]
    return at_lines(wrong, "more minutes than lie between its start and its end")


def _between(start: str, end: str) -> int:
    """Return the minutes from HHMM to HHMM of one day, none where one of them is not known."""
    if not (start and end):
        return 0
    return (int(end[:2]) - int(start[:2])) * 60 + int(end[2:]) - int(start[2:])


RULES: Final[tuple[Rule, ...]] = (
    rule(
        "authorized_days", "item 23, 2300 and 2400 REF*G1", _where_authorized(authorized_days),
        "bill under the authorization of that day and procedure, or ask the payer for one", INFERRED, blocks=False,
    ),
    rule(
        "authorized_units", "items 23 and 24G, 2300 REF*G1 and 2400 SV104", _where_authorized(authorized_units),
        "ask the payer for more units before they are denied", INFERRED, blocks=False,
    ),
    rule(
        "billed_twice", "item 24, 2400", billed_twice,
        "find the other claim by its session; void it first, or withdraw this one",
        "X12 claim adjustment reason code 18 (exact duplicate)",
    ),
    rule(
        "billed_alike", "item 24, 2400", billed_alike,
        "look whether it is a correction; then send it as a replacement of the other claim", INFERRED, blocks=False,
    ),
    rule(
        "technician_overlap", "item 24A, sessions of the source", technician_overlap,
        "correct the times, or bill the group code where it was a group", INFERRED, blocks=False,
    ),
    rule(
        "client_overlap", "item 24A, sessions of the source", client_overlap,
        "correct the times; only one of the two will be paid", INFERRED, blocks=False,
    ),
    rule(
        "group_of_one", "item 24D, 2400 SV101-2", group_of_one,
        "bill one-to-one where nobody else was there; else nothing, the others follow", INFERRED, blocks=False,
    ),
    rule(
        "technician_procedure", "item 24D, 2400 SV101-2", technician_procedure,
        "correct the procedure or who gave the service", INFERRED, blocks=False,
    ),
    rule(
        "times_hold_minutes", "item 24G, sessions of the source", times_hold_minutes,
        "correct minutes or times in the source", INFERRED, blocks=False,
    ),
)  # fmt: skip
"""From what was allowed to what was done."""
