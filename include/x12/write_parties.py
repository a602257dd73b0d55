"""The loops of an 837P that say who: billing provider, subscriber, payer, patient, providers, facility."""

from datetime import date

from include.claims.model import Claim
from include.claims.parties import Address, BillingProvider, Provider, ServiceFacility
from include.x12.charset import sanitise
from include.x12.elements import address, day, maybe_address, person, references, segment, trim


def billing_provider(billing: BillingProvider) -> str:
    """2000A PRV, 2010AA and 2010AB."""
    taxonomy = f"PRV*BI*PXC*{billing.taxonomy}~" if billing.taxonomy else ""
    first_name = sanitise(billing.first_name)
    kind, name = ("1", f"{sanitise(billing.name)}*{first_name}") if first_name else ("2", f"{sanitise(billing.name)}*")
    contact = sanitise(f"{billing.first_name} {billing.name}" if billing.first_name else billing.name)
    phone = f"PER*IC*{contact}*TE*{billing.phone}~" if billing.phone else ""
    # 2010AB is an address and nothing else: an id there is refused.
    pay_to = f"NM1*87*{kind}~{address(billing.pay_to)}" if billing.pay_to is not None else ""
    return (
        f"{taxonomy}NM1*85*{kind}*{name}****XX*{billing.npi}~{address(billing.address)}"
        f"REF*{billing.tax_id_kind}*{billing.tax_id}~{references(billing.other_ids)}{phone}{pay_to}"
    )


def people(claim: Claim, level: int, billing_level: int, *, subscriber_details_always: bool) -> str:
    """2000B with 2010BA and 2010BB, and 2000C with 2010CA where the patient is another than the subscriber."""
    subscriber, payer, dependent = claim.subscriber, claim.payer, claim.dependent
    details = ""
    if dependent is None or subscriber_details_always:
        details = _details(subscriber.address, subscriber.birth_date, subscriber.sex)
    himself, children = ("18", 0) if dependent is None else ("", 1)
    # SBR04 is for groups without a number (guide, 2000B SBR04).
    group = f"{subscriber.group_number}*" if subscriber.group_number else f"*{sanitise(subscriber.group_name)}"
    property_claim = f"REF*Y4*{claim.property_claim_number}~" if claim.property_claim_number else ""
    insured = property_claim if dependent is None else ""
    text = (
        f"HL*{level}*{billing_level}*22*{children}~"
        f"SBR*{claim.responsibility}*{himself}*{group}*{payer.insurance_type}****{payer.filing_indicator}~"
        f"NM1*IL*1*{person(subscriber.name)}*MI*{subscriber.member_id}~{details}{insured}"
        f"NM1*PR*2*{sanitise(payer.name)}*****PI*{payer.id}~{maybe_address(payer.address)}"
        f"{references(payer.other_ids)}{references(payer.billing_provider_ids)}"
    )
    if dependent is None:
        return text
    patient = trim(f"NM1*QC*1*{person(dependent.name)}~")
    return (
        f"{text}HL*{level + 1}*{level}*23*0~PAT*{dependent.relationship}~{patient}"
        f"{_details(dependent.address, dependent.birth_date, dependent.sex)}{property_claim}"
    )


def _details(where: Address | None, birth_date: date | None, sex: str) -> str:
    """N3, N4 and DMG of a person; what the source does not hold is left out, the rules say whether that may be."""
    born = f"DMG*D8*{day(birth_date)}*{sex}~" if birth_date is not None else ""
    return f"{address(where)}{born}" if where is not None else born


def provider(role: str, who: Provider | None) -> str:
    """2310A, B, D and 2420A, D, E, F: the role is NM101, `82` who rendered the service."""
    if who is None:
        return ""
    npi = f"*XX*{who.npi}" if who.npi else ""
    taxonomy = f"PRV*PE*PXC*{who.taxonomy}~" if who.taxonomy and role == "82" else ""
    named = f"NM1*{role}*1*{person(who.name)}{npi}~"
    return f"{named if npi else trim(named)}{taxonomy}{references(who.other_ids)}"


def facility(where: ServiceFacility | None) -> str:
    """2310C and 2420C."""
    if where is None:
        return ""
    npi = ("XX", where.npi) if where.npi else ()
    named = segment("NM1", "77", "2", sanitise(where.name), "", "", "", "", *npi)
    return f"{named}{address(where.address)}{references(where.other_ids)}"
