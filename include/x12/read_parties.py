"""The loops of an 837P that say who, made into the people and places of a claim."""

from include.claims.parties import (
    BillingProvider,
    Dependent,
    Payer,
    Provider,
    Relationship,
    ServiceFacility,
    Sex,
    Subscriber,
    TaxIdKind,
)
from include.x12.claim_loops import NO_LOOP, ClaimLoops, Loop
from include.x12.read_elements import Unreadable, address, code, maybe_day, other_ids, person


def billing_provider(found: ClaimLoops) -> BillingProvider:
    """2000A PRV, 2010AA and 2010AB."""
    loop = _loop(found, "2010AA")
    kind = next((kind for kind in TaxIdKind if f"REF*{kind}" in loop), None)
    if kind is None:
        raise Unreadable("2010AA has no REF*EI or REF*SY")
    where = address(loop)
    if where is None:
        raise Unreadable("2010AA has no N3 and N4")
    return BillingProvider(
        name=loop.value("NM1", 3),
        first_name=loop.value("NM1", 4),
        npi=loop.value("NM1", 9),
        tax_id=loop.value(f"REF*{kind}", 2),
        tax_id_kind=kind,
        taxonomy=found.above.get("2000A", NO_LOOP).value("PRV", 3),
        address=where,
        phone=loop.value("PER*IC", 4),
        pay_to=address(found.above.get("2010AB", NO_LOOP)),
        other_ids=other_ids(loop, "0B", "1G"),
    )


def subscriber(found: ClaimLoops) -> Subscriber:
    """2000B SBR and 2010BA."""
    loop, level = _loop(found, "2010BA"), _loop(found, "2000B")
    return Subscriber(
        name=person(loop["NM1"][0]),
        member_id=loop.value("NM1", 9),
        birth_date=maybe_day(loop, "DMG", 1),
        sex=_sex(loop),
        address=address(loop),
        group_number=level.value("SBR", 3),
        group_name=level.value("SBR", 4),
    )


def dependent(found: ClaimLoops) -> Dependent | None:
    """2000C PAT and 2010CA."""
    if "2000C" not in found.above:
        return None
    loop = _loop(found, "2010CA")
    pat = _loop(found, "2000C").first("PAT")
    if pat is None:
        raise Unreadable("2000C has no PAT")
    return Dependent(
        name=person(loop["NM1"][0]),
        relationship=code(Relationship, pat.get(1), pat, "PAT01"),
        birth_date=maybe_day(loop, "DMG", 1),
        sex=_sex(loop),
        address=address(loop),
    )


def property_claim_number(found: ClaimLoops) -> str:
    """REF*Y4 of whoever is the patient."""
    patient = "2010CA" if "2000C" in found.above else "2010BA"
    return found.above.get(patient, NO_LOOP).value("REF*Y4", 2)


def payer(found: ClaimLoops) -> Payer:
    """2000B SBR and 2010BB."""
    loop, level = _loop(found, "2010BB"), _loop(found, "2000B")
    return Payer(
        id=loop.value("NM1", 9),
        name=loop.value("NM1", 3),
        filing_indicator=level.value("SBR", 9),
        insurance_type=level.value("SBR", 5),
        address=address(loop),
        other_ids=other_ids(loop, "2U", "EI", "FY", "NF"),
        billing_provider_ids=other_ids(loop, "G2", "LU"),
    )


def provider(home: Loop, role: str) -> Provider | None:
    """2310 or 2420 of this NM101."""
    loop = home.parties.get(role)
    if loop is None:
        return None
    return Provider(
        name=person(loop["NM1"][0]),
        npi=loop.value("NM1", 9),
        taxonomy=loop.value("PRV", 3),
        other_ids=other_ids(loop, "0B", "1G", "G2", "LU"),
    )


def facility(home: Loop) -> ServiceFacility | None:
    """2310C or 2420C."""
    loop = home.parties.get("77")
    if loop is None:
        return None
    where = address(loop)
    if where is None:
        raise Unreadable("NM1*77 has no N3 and N4", loop["NM1"][0])
    return ServiceFacility(
        name=loop.value("NM1", 3),
        npi=loop.value("NM1", 9),
        address=where,
        other_ids=other_ids(loop, "0B", "G2", "LU"),
    )


def _loop(found: ClaimLoops, loop: str) -> Loop:
    head = "NM1" if loop.startswith("2010") else "HL"
    segments = found.above.get(loop, NO_LOOP)
    if head not in segments:
        raise Unreadable(f"the claim has no {loop} {head} above it")
    return segments


def _sex(loop: Loop) -> Sex:
    """DMG03; a subscriber whose DMG the guide leaves out is UNKNOWN."""
    dmg = loop.first("DMG")
    return Sex.UNKNOWN if dmg is None else code(Sex, dmg.get(3), dmg, "DMG03")
