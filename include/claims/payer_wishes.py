"""
A claim as one payer wants it: what its profile opted in to, done to the claim before rules and renderers see it.

Charges are the source's, to the cent, and every source line can be found again (`ServiceLine.parts`), so that a
remittance is allocated back. Without an `apply` in the profile the claim is returned as it is.
"""

from collections.abc import Iterable
from dataclasses import replace
from decimal import Decimal

from include.claims.circumstances import Note
from include.claims.model import Claim, LinePart, ServiceLine
from include.claims.parties import Practitioner, Provider
from include.claims.payer_profile import Asked, Modifiers, PayerProfile, Rounding, SameDay, TechnicianWork, Units


def as_payer_wants(claim: Claim, profile: PayerProfile) -> Claim:
    """Return the claim with what the payer's profile opted in to; the same object where that is nothing."""
    lines = _lines(claim, profile)
    wanted = claim if lines == claim.lines else _on_the_claim(replace(claim, lines=lines))
    if profile.rendering.apply and profile.rendering.taxonomy is Asked.LEFT_OUT:
        wanted = _without_taxonomy(wanted)
    leaves_out = profile.subscriber_address_for_dependents is Asked.LEFT_OUT and claim.dependent is not None
    if leaves_out and claim.subscriber.address is not None:
        wanted = replace(wanted, subscriber=replace(claim.subscriber, address=None))
    return wanted


def _lines(claim: Claim, profile: PayerProfile) -> tuple[ServiceLine, ...]:
    """Who rendered comes first: lines of two renderers are never one."""
    lines = claim.lines
    if profile.rendering.apply:
        lines = tuple(_with_rendering(claim, line, profile) for line in lines)
    if profile.modifiers.apply:
        lines = tuple(_with_modifier(line, profile.modifiers) for line in lines)
    if profile.sessions.apply and profile.sessions.same_day is SameDay.ONE_LINE:
        lines = tuple(_merged(lines))
    if profile.sessions.apply and profile.sessions.same_day is SameDay.ONE_LINE_A_SESSION:
        lines = tuple(_with_times(line) for line in lines)
    if profile.units.apply:
        lines = tuple(_rounded(line, profile.units) for line in lines)
    return lines


def expected_units(minutes: int, rounding: Rounding, minutes_per_unit: int = 15) -> int | None:
    """Return the units that so many minutes are to a payer; None where it does not say."""
    whole, rest = divmod(minutes, minutes_per_unit)
    match rounding:
        case Rounding.FULL:
            return whole
        case Rounding.UP_TO:
            return whole + (rest > 0)
        case Rounding.MIDPOINT:
            # More than half a unit counts: 8 minutes of 15.
            return whole + (2 * rest > minutes_per_unit)
        case Rounding.AS_BILLED:
            return None


def units_for(line: ServiceLine, units: Units) -> int | None:
    """Return the units a payer counts for a line; None where the minutes or the payer's rule are not known."""
    if line.minutes is None:
        return None
    rounding = units.by_procedure.get(line.procedure, units.rounding)
    return expected_units(
        line.minutes, rounding, units.minutes_by_procedure.get(line.procedure, units.minutes_per_unit)
    )


def expected_modifier(line: ServiceLine, modifiers: Modifiers) -> str | None:
    """Return the modifier the credential bills with, blank for none; None where nothing is said of it."""
    if line.performed_by is None:
        return None
    for one in modifiers.by_credential:
        if one.credential == line.performed_by.credential and (not one.procedures or line.procedure in one.procedures):
            return one.modifier
    return None


def _with_modifier(line: ServiceLine, modifiers: Modifiers) -> ServiceLine:
    expected = expected_modifier(line, modifiers)
    if expected is None or (expected in line.modifiers):
        return line
    of_credentials = {one.modifier for one in modifiers.by_credential}
    rest = tuple(modifier for modifier in line.modifiers if modifier not in of_credentials)
    return replace(line, modifiers=(expected, *rest) if expected else rest)


def _merged(lines: Iterable[ServiceLine]) -> Iterable[ServiceLine]:
    """Yield lines that bill the same as one line, where the first of them stood."""
    groups: dict[object, list[ServiceLine]] = {}
    for position, line in enumerate(lines):
        # What another payer has decided on is told line by line, so it is never merged.
        key = position if line.adjudications else same_bill(line)
        groups.setdefault(key, []).append(line)
    for some in groups.values():
        yield some[0] if len(some) == 1 else _as_one(some)


def same_bill(line: ServiceLine) -> ServiceLine:
    """Return what of a line must agree for two of them to be one."""
    return replace(
        line,
        source_line_key="",
        charge=Decimal(0),
        units=Decimal(0),
        minutes=None,
        session_id="",
        started_at="",
        ended_at="",
        performed_by=None,
        supervised_by=None,
        location="",
        parts=(),
    )


def _as_one(lines: list[ServiceLine]) -> ServiceLine:
    minutes = [line.minutes for line in lines if line.minutes is not None]
    return replace(
        lines[0],
        charge=sum((line.charge for line in lines), Decimal(0)),
        units=sum((line.units for line in lines), Decimal(0)),
        minutes=sum(minutes) if len(minutes) == len(lines) else None,
        session_id="",
        started_at="",
        ended_at="",
        performed_by=lines[0].performed_by if len({line.performed_by for line in lines}) == 1 else None,
        parts=tuple(_part(line) for line in lines),
    )


def _part(line: ServiceLine) -> LinePart:
    return LinePart(
        source_line_key=line.source_line_key,
        units=line.units,
        charge=line.charge,
        started_at=line.started_at,
        ended_at=line.ended_at,
    )


def _with_times(line: ServiceLine) -> ServiceLine:
    """Write a session's times into the note, where there is room for them."""
    if line.note is not None or not (line.started_at and line.ended_at):
        return line
    return replace(line, note=Note(text=session_times(line)))


def session_times(line: ServiceLine) -> str:
    """Return a session's times as a payer reads them in the note: HHMM-HHMM."""
    return f"{line.started_at}-{line.ended_at}"


def _rounded(line: ServiceLine, units: Units) -> ServiceLine:
    counted = units_for(line, units)
    # No unit at all cannot be billed; the rule on units says so to a person.
    if not counted or counted == line.units:
        return line
    return replace(line, units=Decimal(counted), parts=line.parts or (_part(line),))


def _with_rendering(claim: Claim, line: ServiceLine, profile: PayerProfile) -> ServiceLine:
    """Name the technician or the supervisor as who rendered a technician's work."""
    done_by = line.performed_by
    if done_by is None or done_by.credential not in profile.rendering.technicians:
        return line
    who = {
        TechnicianWork.TECHNICIAN: done_by,
        TechnicianWork.SUPERVISOR: line.supervised_by,
        TechnicianWork.AS_BILLED: None,
    }[profile.rendering.technician_work]
    rendering = _provider(who)
    if rendering is None or rendering == (line.rendering or claim.rendering):
        return line
    return replace(line, rendering=rendering)


def _on_the_claim(claim: Claim) -> Claim:
    """Name who rendered all the lines on the claim instead (guide, 2420A: only where it differs from 2310B)."""
    renderers = {line.rendering or claim.rendering for line in claim.lines}
    if len(renderers) > 1:
        return claim
    return replace(claim, rendering=renderers.pop(), lines=tuple(replace(line, rendering=None) for line in claim.lines))


def _provider(who: Practitioner | None) -> Provider | None:
    if who is None or who.name is None or not who.npi:
        return None
    return Provider(name=who.name, npi=who.npi, taxonomy=who.taxonomy)


def _without_taxonomy(claim: Claim) -> Claim:
    rendering = claim.rendering and replace(claim.rendering, taxonomy="")
    lines = tuple(
        line if line.rendering is None else replace(line, rendering=replace(line.rendering, taxonomy=""))
        for line in claim.lines
    )
    return replace(claim, billing=replace(claim.billing, taxonomy=""), rendering=rendering, lines=lines)
