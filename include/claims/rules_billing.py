"""Rules on who bills, who gave the service and where: items 17, 25, 31, 32 and 33."""

from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from include.claims.identifiers import is_valid_npi
from include.claims.model import Claim
from include.claims.parties import Provider, ServiceFacility, TaxIdKind
from include.claims.rules_insured import ADDRESS_REMEDY, NAME_REMEDY
from include.claims.scrutiny import COMPANION_GUIDE, GUIDE, Rule, Scrutiny, rule
from include.claims.shapes import (
    FIVE_OR_NINE_DIGITS,
    NINE_DIGITS,
    POSTAL_BOX,
    TAXONOMY,
    TEN_DIGITS,
    address_fault,
    ids_fault,
    is_longer,
    name_fault,
    survives,
)

NPI_REMEDY = "check the NPI in the NPPES registry and correct it in the source"

# Remembered: a clinic's few providers stand on all its claims.
_is_valid_npi = lru_cache(maxsize=1024)(is_valid_npi)
_TAX_ID_KINDS = frozenset(TaxIdKind)


def billing_name(claim: Claim, _look: Scrutiny) -> str:
    """Check: the billing provider has a name that can be sent."""
    if not survives(claim.billing.name):
        return "the billing provider's name is missing"
    if is_longer(claim.billing.name, 60) or is_longer(claim.billing.first_name, 35):
        return "the billing provider's name is longer than 60 characters, or the first name than 35"
    return ""


def billing_npi(claim: Claim, _look: Scrutiny) -> str:
    """Check: the billing NPI has a right check digit."""
    return "" if _is_valid_npi(claim.billing.npi) else "the billing NPI is not ten digits with a right check digit"


def billing_address(claim: Claim, _look: Scrutiny) -> str:
    """Check: the billing provider has an address with a nine-digit ZIP code."""
    return address_fault(claim.billing.address, NINE_DIGITS, "nine digits (ZIP+4)")


def billing_street(claim: Claim, _look: Scrutiny) -> str:
    """Check: the billing address is a street, not a post office box."""
    address = claim.billing.address
    boxed = POSTAL_BOX.search(f"{address.street} {address.street2}".upper())
    return "the billing address is a post office box" if boxed else ""


def tax_id(claim: Claim, _look: Scrutiny) -> str:
    """Check: the tax id is nine digits."""
    billing = claim.billing
    if NINE_DIGITS.fullmatch(billing.tax_id) is None:
        return "the tax id is not nine digits, without hyphen"
    return "" if billing.tax_id_kind in _TAX_ID_KINDS else "the tax id's kind is neither EI nor SY"


def billing_phone(claim: Claim, _look: Scrutiny) -> str:
    """Check: the billing phone, where given, is ten digits."""
    phone = claim.billing.phone
    return "" if not phone or TEN_DIGITS.fullmatch(phone) else "the billing phone is not ten digits"


def taxonomy(claim: Claim, _look: Scrutiny) -> str:
    """Check: taxonomy codes that are sent have their shape."""
    wrong = any(TAXONOMY.fullmatch(code) is None for code in _taxonomies(claim))
    return "a taxonomy code is not ten characters that end in X" if wrong else ""


def _taxonomies(claim: Claim) -> list[str]:
    """Return the codes of who bills and who gave the service; the guide asks nobody else's."""
    everybody = (claim.billing, claim.rendering, *[line.rendering for line in claim.lines])
    return [who.taxonomy for who in everybody if who is not None and who.taxonomy]


def rendering_npi(claim: Claim, _look: Scrutiny) -> str:
    """Check: the NPI of who gave the service has a right check digit."""
    rendering = claim.rendering
    if rendering is None or _is_valid_npi(rendering.npi):
        return ""
    return "the rendering NPI is not ten digits with a right check digit"


def rendering_name(claim: Claim, _look: Scrutiny) -> str:
    """Check: who gave the service has a name."""
    return name_fault(claim.rendering.name) if claim.rendering else ""


def taxonomy_listed(claim: Claim, look: Scrutiny) -> str:
    """Check: taxonomy codes stand in the list, where that is mounted."""
    known = look.lists.taxonomies
    if known is None:
        return ""
    return "" if known.issuperset(_taxonomies(claim)) else "a taxonomy code is not in the mounted list"


def social_security_number(claim: Claim, _look: Scrutiny) -> str:
    """Check: only a person who bills under their own name may give a social security number."""
    billing = claim.billing
    is_misused = billing.tax_id_kind is TaxIdKind.SOCIAL_SECURITY and not billing.first_name
    return "the tax id is a social security number, but an organisation bills" if is_misused else ""


def pay_to_address(claim: Claim, _look: Scrutiny) -> str:
    """Check: the address payments go to, where given, is whole; a post office box is right here."""
    pay_to = claim.billing.pay_to
    return "" if pay_to is None else address_fault(pay_to, FIVE_OR_NINE_DIGITS, "five or nine digits")


def billing_numbers(claim: Claim, _look: Scrutiny) -> str:
    """Check: the billing provider's other numbers can be sent as they are."""
    return ids_fault(claim.billing.other_ids, {"0B", "1G"})


def _others(claim: Claim) -> Iterator[tuple[str, Provider, bool]]:
    """Yield who else had to do with the claim, and whether the guide lets them be without an NPI."""
    for role, who, npi_may_miss in (
        ("referring", claim.referring, True),
        ("primary care", claim.primary_care, True),
        ("supervising", claim.supervising, True),
    ):
        if who is not None:
            yield role, who, npi_may_miss
    for number, line in enumerate(claim.lines, start=1):
        for role, who, npi_may_miss in (
            ("rendering", line.rendering, False),
            ("supervising", line.supervising, True),
            ("ordering", line.ordering, True),
            ("referring", line.referring, True),
        ):
            if who is not None:
                yield f"line {number}: {role}", who, npi_may_miss


def other_providers(claim: Claim, _look: Scrutiny) -> str:
    """Check: everybody else named has a name and, where it is given or needed, a right NPI."""
    faults = []
    for role, who, npi_may_miss in _others(claim):
        if fault := name_fault(who.name):
            faults.append(f"{role} provider: {fault}")
        if not (_is_valid_npi(who.npi) or (npi_may_miss and not who.npi)):
            faults.append(f"{role} provider: the NPI is not ten digits with a right check digit")
        if fault := ids_fault(who.other_ids, {"0B", "1G", "G2", "LU"}):
            faults.append(f"{role} provider: {fault}")
    return "; ".join(faults)


def rendering_numbers(claim: Claim, _look: Scrutiny) -> str:
    """Check: the rendering provider's other numbers can be sent as they are."""
    return "" if claim.rendering is None else ids_fault(claim.rendering.other_ids, {"0B", "1G", "G2", "LU"})


def facilities(claim: Claim, _look: Scrutiny) -> str:
    """Check: every place of service named has a name, an address with ZIP+4 and, if any, a right NPI."""
    faults = [_facility_fault("", claim.facility)] if claim.facility else []
    faults += [_facility_fault(f"line {n}: ", line.facility) for n, line in enumerate(claim.lines, 1) if line.facility]
    return "; ".join(fault for fault in faults if fault)


def _facility_fault(place: str, facility: ServiceFacility) -> str:
    faults = [address_fault(facility.address, NINE_DIGITS, "nine digits (ZIP+4)")]
    if not survives(facility.name) or is_longer(facility.name, 60):
        faults.append("the name is missing or longer than 60 characters")
    if facility.npi and not _is_valid_npi(facility.npi):
        faults.append("the NPI is not ten digits with a right check digit")
    faults.append(ids_fault(facility.other_ids, {"0B", "G2", "LU"}))
    return f"{place}{'; '.join(one for one in faults if one)}" if any(faults) else ""


RULES: Final[tuple[Rule, ...]] = (
    rule(
        "other_providers", "items 17, 17b and 24J, 2310A, 2310D and 2420", other_providers,
        "complete name and NPI of the referring, supervising, ordering or rendering provider",
        f"{GUIDE}, 2310 and 2420",
    ),
    rule("rendering_npi", "item 24J, 2310B NM109", rendering_npi, NPI_REMEDY, "CMS NPI check digit"),
    rule("rendering_name", "item 31, 2310B NM103", rendering_name, NAME_REMEDY, f"{GUIDE}, 2310B NM1"),
    rule(
        "rendering_numbers", "item 24I and 24J, 2310B REF", rendering_numbers,
        "give each number its qualifier, as it was issued", f"{GUIDE}, 2310B REF",
    ),
    rule(
        "tax_id", "item 25, 2010AA REF02", tax_id, "enter the nine digits of the billing provider's tax id",
        f"{COMPANION_GUIDE}, 2010AA REF",
    ),
    rule(
        "social_security_number", "item 25, 2010AA REF*SY", social_security_number,
        "give the organisation's employer number, or the first name of the person who bills", f"{GUIDE}, 2010AA REF*SY",
    ),
    rule("facilities", "items 32 and 32a, 2310C and 2420C", facilities, ADDRESS_REMEDY, f"{GUIDE}, 2310C"),
    rule("billing_name", "item 33, 2010AA NM1", billing_name, "complete the billing identity", f"{GUIDE}, 2010AA NM1"),
    rule("billing_npi", "item 33a, 2010AA NM109", billing_npi, NPI_REMEDY, "CMS NPI check digit"),
    rule(
        "billing_address", "item 33, 2010AA N3 and N4", billing_address,
        "complete the billing identity: street, city, state and ZIP+4", f"{GUIDE}, 2010AA N403",
    ),
    rule(
        "billing_street_not_a_box", "item 33, 2010AA N301", billing_street,
        "give the billing identity a street address; a box is a pay-to address", f"{COMPANION_GUIDE}, 2010AA N3",
    ),
    rule(
        "billing_phone", "item 33, 2010AA PER04", billing_phone, "enter ten digits, or nothing", f"{GUIDE}, PER04",
    ),
    rule(
        "billing_numbers", "item 33b, 2010AA REF", billing_numbers, "give each number its qualifier, as it was issued",
        f"{GUIDE}, 2010AA REF",
    ),
    rule(
        "pay_to_address", "not on the form, 2010AB N3 and N4", pay_to_address,
        "complete the address payments go to, or leave it out", f"{GUIDE}, 2010AB",
    ),
    rule(
        "taxonomy_shape", "items 24J and 33b, PRV03", taxonomy, "enter the ten characters of the taxonomy code",
        f"{GUIDE}, PRV03",
    ),
    rule(
        "taxonomy_listed", "items 24J and 33b, PRV03", taxonomy_listed,
        "correct the code, or mount the newest taxonomy list", "NUCC taxonomy", blocks=False,
    ),
)  # fmt: skip
"""In the order of the form's items."""
