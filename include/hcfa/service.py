"""A service line on the form: items 24A to 24J and the shaded half above; fields are named without their slot."""

from typing import Final

from include.claims.circumstances import Drug
from include.claims.model import Claim, ServiceLine
from include.claims.parties import Provider
from include.hcfa import wording
from include.hcfa.fields import Page
from include.hcfa.layout import Layout

_LETTERS: Final = dict(enumerate("ABCDEFGHIJKL", start=1))


def service(claim: Claim, line: ServiceLine, layout: Layout) -> Page:
    """Return one service line, fields named without their slot."""
    first = wording.short_day(line.service_date)
    page = {
        "from": first,
        "to": first if line.service_until is None else wording.short_day(line.service_until),
        "place": line.place_of_service or claim.place_of_service,
        "procedure": line.procedure,
        "pointers": "".join([_LETTERS.get(pointer, wording.UNWRITABLE) for pointer in line.diagnosis_pointers]),
        "charge": wording.amount(line.charge),
        "units": wording.units(line.units),
        "supplement": _supplement(line, layout),
    }
    for number, modifier in enumerate(line.modifiers[:4], start=1):
        page[f"modifier_{number}"] = modifier
    if line.is_emergency:
        page["emergency"] = "Y"
    if line.is_epsdt or line.is_family_planning:
        page |= _screening(claim, line)
    who = line.rendering or claim.rendering
    # NUCC, items 24I and 24J: only where it is another than items 33a and 33b say.
    if who is not None and who.npi != claim.billing.npi:
        page |= _rendering(who)
    return page


def _screening(claim: Claim, line: ServiceLine) -> Page:
    """Return item 24H: a referral code in the shaded half says EPSDT by itself (NUCC)."""
    if not (line.is_epsdt and claim.epsdt_referrals):
        return {"screening": "Y"}
    return {"epsdt_code": claim.epsdt_referrals[0], "screening": "Y" if line.is_family_planning else ""}


def _rendering(who: Provider) -> Page:
    """Return items 24I and 24J: a number the payer or a state gave goes before the taxonomy."""
    page = {"rendering_npi": who.npi}
    if who.other_ids:
        page |= {"rendering_id_kind": who.other_ids[0].kind, "rendering_id": wording.number(who.other_ids[0].value)}
    elif who.taxonomy:
        page |= {"rendering_id_kind": wording.TAXONOMY, "rendering_id": who.taxonomy}
    return page


def _supplement(line: ServiceLine, layout: Layout) -> str:
    """Return the shaded half of a line: drug, description, times, note (NUCC, item 24)."""
    found = []
    if line.drug is not None:
        found.append(_drug(line.drug))
    if line.description:
        found.append(f"{wording.TAXONOMY}{wording.plain(line.description)}")
    if layout.session_times and line.started_at and line.ended_at:
        found.append(f"7BEGIN {line.started_at} END {line.ended_at}")
    if line.note is not None:
        found.append(wording.plain(line.note.text))
    return wording.GAP.join(filter(None, found))


def _drug(drug: Drug) -> str:
    return f"N4{wording.number(drug.ndc)} {drug.unit}{wording.units(drug.quantity)}"
