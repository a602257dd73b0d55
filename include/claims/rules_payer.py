"""
Rules that are a payer's own: each asks its profile, and says nothing where the profile says nothing.

They look at the claim as the payer is to get it, so what a profile lets us change (`payer_wishes`) never faults here.
Section 4.3 of the facts in the design is why: what one of these payers asks for, another denies.
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Final

from include.claims.coordination import Responsibility
from include.claims.model import Claim, Frequency, ServiceLine
from include.claims.payer_profile import Asked, Rounding, SameDay, TechnicianWork
from include.claims.payer_wishes import expected_modifier, same_bill, session_times, units_for
from include.claims.scrutiny import INFERRED, PROFILE, NotChecked, Rule, Scrutiny, rule
from include.claims.shapes import at_lines

_TELEHEALTH_MODIFIERS = frozenset({"95", "GT"})


def _where(is_wrong: Iterable[bool]) -> list[int]:
    """Return the positions, from 1, of what is true."""
    return [number for number, wrong in enumerate(is_wrong, start=1) if wrong]


def units_match_minutes(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: each line's units are what the payer's rounding makes of its minutes."""
    units = look.profile.units
    if units.rounding is Rounding.AS_BILLED and not units.by_procedure:
        return ""
    asked = [
        line for line in claim.lines if units.by_procedure.get(line.procedure, units.rounding) != Rounding.AS_BILLED
    ]
    if any(line.minutes is None for line in asked):
        return NotChecked("minutes")
    wrong = [line in asked and units_for(line, units) != line.units for line in claim.lines]
    return at_lines(_where(wrong), "the units are not what the payer's rounding makes of the minutes")


def units_per_day(claim: Claim, look: Scrutiny) -> str:
    """Check: no procedure has more units a day than the payer's table of medically unlikely edits."""
    table = look.profile.units.most_per_day
    if not table:
        return ""
    billed: dict[tuple[str, date], Decimal] = {}
    for line in claim.lines:
        key = (line.procedure, line.service_date)
        billed[key] = billed.get(key, Decimal(0)) + line.units
    over = [
        f"{procedure} on one day: {units.normalize():f} units, the table has {most}"
        for (procedure, on), units in billed.items()
        if (most := look.lists.unit_limits.most(table, procedure, on)) is not None and units > most
    ]
    return "; ".join(over)


def same_day_lines(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: one procedure twice on a day is on one line, or each session has its times, as the payer wants it."""
    wanted = look.profile.sessions.same_day
    if wanted is SameDay.AS_BILLED:
        return ""
    if wanted is SameDay.ONE_LINE:
        bills = [same_bill(line) for line in claim.lines]
        return at_lines(
            _where((bill in bills[:at] for at, bill in enumerate(bills))), "bills again what a line before it bills"
        )
    if not all(line.started_at and line.ended_at for line in claim.lines):
        return NotChecked("session times")
    wrong = [line.note is None or session_times(line) not in line.note.text for line in claim.lines]
    return at_lines(_where(wrong), "the note does not hold the session's times (HHMM-HHMM)")


def technician_rendering(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: who is named as rendering a technician's work is whom the payer wants there."""
    rendering = look.profile.rendering
    if rendering.technician_work is TechnicianWork.AS_BILLED:
        return ""
    if any(line.performed_by is None for line in claim.lines):
        return NotChecked("technician")
    by_technicians = [line for line in claim.lines if _credential(line) in rendering.technicians]
    wanted = attrgetter(_WHOM[rendering.technician_work])
    if any(wanted(line) is None or not wanted(line).npi for line in by_technicians):
        return NotChecked(f"{rendering.technician_work} NPI")
    wrong = [line in by_technicians and _rendering_npi(claim, line) != wanted(line).npi for line in claim.lines]
    return at_lines(_where(wrong), f"the {rendering.technician_work} is not who is named as rendering")


_WHOM: Final = {TechnicianWork.TECHNICIAN: "performed_by", TechnicianWork.SUPERVISOR: "supervised_by"}


def _credential(line: ServiceLine) -> str:
    return line.performed_by.credential if line.performed_by else ""


def _rendering_npi(claim: Claim, line: ServiceLine) -> str:
    rendering = line.rendering or claim.rendering
    # Without a rendering provider it is who bills (guide, 2310B).
    return rendering.npi if rendering else claim.billing.npi


def credential_modifier(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: a line has the modifier of the credential that gave the service, and none of another's."""
    modifiers = look.profile.modifiers
    if not modifiers.by_credential:
        return ""
    if any(line.performed_by is None for line in claim.lines):
        return NotChecked("technician")
    of_credentials = {one.modifier for one in modifiers.by_credential}
    wrong = [
        (expected := expected_modifier(line, modifiers)) is not None
        and of_credentials & set(line.modifiers) - {""} != {expected} - {""}
        for line in claim.lines
    ]
    return at_lines(_where(wrong), "the modifier is not the one of who gave the service")


def telehealth(claim: Claim, look: Scrutiny) -> str:
    """Check: place of service and modifier agree on whether it was telehealth, as this payer wants to see it."""
    wanted = look.profile.telehealth
    if not wanted.modifier and not wanted.accepted_places:
        return ""
    faults = []
    for number, line in enumerate(claim.lines, start=1):
        place = line.place_of_service or claim.place_of_service
        is_remote, marks = place in wanted.places, _TELEHEALTH_MODIFIERS & set(line.modifiers)
        if is_remote and wanted.accepted_places and place not in wanted.accepted_places:
            faults.append(f"line {number}: the payer does not take this telehealth place of service")
        if wanted.modifier and marks != ({wanted.modifier} if is_remote else set()):
            faults.append(f"line {number}: place of service and telehealth modifier do not agree")
    return "; ".join(faults)


def telehealth_contradicts(claim: Claim, look: Scrutiny) -> str:
    """Check: a telehealth modifier stands beside a telehealth place of service."""
    if look.profile.telehealth.modifier:
        return ""  # the payer's own rule says it
    places = look.profile.telehealth.places
    wrong = [
        (line.place_of_service or claim.place_of_service) not in places
        and not _TELEHEALTH_MODIFIERS.isdisjoint(line.modifiers)
        for line in claim.lines
    ]
    return at_lines(_where(wrong), "a telehealth modifier, but a place of service that is none")


def taxonomy_asked(claim: Claim, look: Scrutiny) -> str:
    """Check: taxonomy codes stand on the claim, or do not, as the payer wants it."""
    asked = look.profile.rendering.taxonomy
    if asked is Asked.AS_BILLED:
        return ""
    codes = [
        claim.billing.taxonomy,
        *[who.taxonomy for who in (claim.rendering, *[line.rendering for line in claim.lines]) if who],
    ]
    if asked is Asked.REQUIRED:
        return "" if all(codes) else "the payer wants a taxonomy code of who bills and of who rendered"
    return "the payer wants no taxonomy code" if any(codes) else ""


def subscriber_address_asked(claim: Claim, look: Scrutiny) -> str:
    """Check: the subscriber's address stands on a dependent's claim, or does not, as the payer wants it."""
    asked = look.profile.subscriber_address_for_dependents
    if asked is Asked.AS_BILLED or claim.dependent is None:
        return ""
    is_there = claim.subscriber.address is not None
    if asked is Asked.REQUIRED:
        return "" if is_there else "the payer wants the subscriber's address on a dependent's claim"
    return "the payer wants no subscriber's address on a dependent's claim" if is_there else ""


def referring_provider_asked(claim: Claim, look: Scrutiny) -> str:
    """Check: somebody referred the patient, where the payer asks for it."""
    is_missing = look.profile.referring_provider_required and claim.referring is None
    return "the payer asks who referred the patient" if is_missing else ""


def filing_limit(claim: Claim, look: Scrutiny) -> str | NotChecked:
    """Check: the payer can still have the claim in time."""
    left = _days_gone(claim, look)
    if isinstance(left, NotChecked) or left is None:
        return left or ""
    gone, days = left
    return f"{gone} days have gone by, the payer allows {days}" if gone > days else ""


def filing_warning(claim: Claim, look: Scrutiny) -> str:
    """Check: no warning threshold of the filing limit has been passed."""
    left = _days_gone(claim, look)
    if isinstance(left, NotChecked) or left is None:
        return ""
    gone, days = left
    passed = [share for share in look.profile.filing.warn_at if share * days <= gone <= days]
    return f"{gone} of {days} days to file have gone by ({max(passed):.0%} and more)" if passed else ""


def _days_gone(claim: Claim, look: Scrutiny) -> tuple[int, int] | NotChecked | None:
    """Return days gone and days allowed by the clock that runs for this claim; None where the profile has none."""
    filing = look.profile.filing
    if not claim.lines:
        return None
    if claim.frequency is not Frequency.ORIGINAL:
        # The source does not say when the payer decided on what is replaced.
        return None if filing.corrected_days is None else NotChecked("adjudication date of the replaced claim")
    if claim.responsibility is not Responsibility.PRIMARY and filing.secondary_days is not None:
        decided = claim.others_decided_on
        return ((look.today - decided).days, filing.secondary_days) if decided else NotChecked("primary's date")
    if filing.original_days is None:
        return None
    return (look.today - min(line.service_date for line in claim.lines)).days, filing.original_days


RULES: Final[tuple[Rule, ...]] = (
    rule(
        "subscriber_address_asked", "item 7, 2010BA N3 and N4", subscriber_address_asked,
        "give the address in the source, or let the profile leave it out", PROFILE,
    ),
    rule(
        "referring_provider_asked", "item 17, 2310A NM1", referring_provider_asked,
        "enter who referred the patient, with NPI", PROFILE,
    ),
    rule(
        "filing_limit", "item 24A, 2400 DTP*472", filing_limit,
        "send it today and appeal with the reason for the delay (CLM20)", PROFILE, blocks=False,
    ),
    rule(
        "filing_warning", "item 24A, 2400 DTP*472", filing_warning, "send it soon", PROFILE, blocks=False,
    ),
    rule(
        "telehealth_asked", "items 24B and 24D, 2400 SV105 and SV101", telehealth,
        "correct place of service or modifier as the payer's profile says", PROFILE,
    ),
    rule(
        "telehealth_contradicts", "items 24B and 24D, 2400 SV105 and SV101", telehealth_contradicts,
        "correct the place of service or take the modifier away", INFERRED, blocks=False,
    ),
    rule(
        "credential_modifier", "item 24D, 2400 SV101-3", credential_modifier,
        "correct the modifier in the source, or let the profile apply it", PROFILE,
    ),
    rule(
        "same_day_lines", "item 24, 2400", same_day_lines,
        "bill as the payer wants it, or let the profile apply it", PROFILE,
    ),
    rule(
        "units_match_minutes", "item 24G, 2400 SV104", units_match_minutes,
        "correct units or minutes in the source, or let the profile round", PROFILE,
    ),
    rule(
        "units_per_day", "item 24G, 2400 SV104", units_per_day,
        "check the units; keep the notes that show the need, since above the edit it is paid with records only",
        "CMS medically unlikely edits, MAI 3", blocks=False,
    ),
    rule(
        "technician_rendering", "item 24J, 2310B and 2420A NM109", technician_rendering,
        "name whom the payer wants in the source, or let the profile do it", PROFILE,
    ),
    rule(
        "taxonomy_asked", "items 24J and 33b, PRV03", taxonomy_asked,
        "give the codes in the source, or let the profile leave them out", PROFILE,
    ),
)  # fmt: skip
"""In the order of the form's items."""
