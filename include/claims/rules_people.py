"""Checks on who bills, who gave the service, who is insured and who pays; `scrub` lists them with their sources."""

from datetime import date
from functools import lru_cache

from include.claims.identifiers import is_valid_npi
from include.claims.model import Claim
from include.claims.parties import TaxIdKind
from include.claims.plain_text import is_sendable
from include.claims.shapes import (
    FILING_INDICATORS,
    FIVE_OR_NINE_DIGITS,
    NINE_DIGITS,
    POSTAL_BOX,
    TAXONOMY,
    TEN_DIGITS,
    address_fault,
    name_fault,
    survives,
)

# Remembered: a clinic's few providers stand on all its claims.
_is_valid_npi = lru_cache(maxsize=1024)(is_valid_npi)
_TAX_ID_KINDS = frozenset(TaxIdKind)


def billing_name(claim: Claim, _today: date) -> str:
    """Check: the billing provider has a name that can be sent."""
    if not survives(claim.billing.name):
        return "the billing provider's name is missing"
    return "the billing provider's name is longer than 60 characters" if len(claim.billing.name) > 60 else ""


def billing_npi(claim: Claim, _today: date) -> str:
    """Check: the billing NPI has a right check digit."""
    return "" if _is_valid_npi(claim.billing.npi) else "the billing NPI is not ten digits with a right check digit"


def billing_address(claim: Claim, _today: date) -> str:
    """Check: the billing provider has an address with a nine-digit ZIP code."""
    return address_fault(claim.billing.address, NINE_DIGITS, "nine digits (ZIP+4)")


def billing_street(claim: Claim, _today: date) -> str:
    """Check: the billing address is a street, not a post office box."""
    address = claim.billing.address
    boxed = POSTAL_BOX.search(f"{address.street} {address.street2}".upper())
    return "the billing address is a post office box" if boxed else ""


def tax_id(claim: Claim, _today: date) -> str:
    """Check: the tax id is nine digits."""
    billing = claim.billing
    if NINE_DIGITS.fullmatch(billing.tax_id) is None:
        return "the tax id is not nine digits, without hyphen"
    return "" if billing.tax_id_kind in _TAX_ID_KINDS else "the tax id's kind is neither EI nor SY"


def billing_phone(claim: Claim, _today: date) -> str:
    """Check: the billing phone, where given, is ten digits."""
    phone = claim.billing.phone
    return "" if not phone or TEN_DIGITS.fullmatch(phone) else "the billing phone is not ten digits"


def taxonomy(claim: Claim, _today: date) -> str:
    """Check: taxonomy codes, where given, have their shape."""
    codes = [claim.billing.taxonomy, claim.rendering.taxonomy if claim.rendering else ""]
    wrong = any(code and TAXONOMY.fullmatch(code) is None for code in codes)
    return "a taxonomy code is not ten characters that end in X" if wrong else ""


def rendering_npi(claim: Claim, _today: date) -> str:
    """Check: the NPI of who gave the service has a right check digit."""
    rendering = claim.rendering
    if rendering is None or _is_valid_npi(rendering.npi):
        return ""
    return "the rendering NPI is not ten digits with a right check digit"


def rendering_name(claim: Claim, _today: date) -> str:
    """Check: who gave the service has a name."""
    return name_fault(claim.rendering.name) if claim.rendering else ""


def member_id_present(claim: Claim, _today: date) -> str:
    """Check: the insured person has a member id."""
    return "" if claim.subscriber.member_id.strip() else "the member id is missing"


def member_id_characters(claim: Claim, _today: date) -> str:
    """Check: the member id can be sent as it is."""
    member_id = claim.subscriber.member_id
    if not member_id.strip() or (is_sendable(member_id) and 2 <= len(member_id) <= 80):
        return ""
    return "the member id holds a character that cannot be sent, or is not 2 to 80 long"


def group_number(claim: Claim, _today: date) -> str:
    """Check: the group number, where given, can be sent as it is."""
    group = claim.subscriber.group_number
    if not group or (is_sendable(group) and len(group) <= 50):
        return ""
    return "the group number holds a character that cannot be sent, or is longer than 50"


def subscriber_name(claim: Claim, _today: date) -> str:
    """Check: the insured person has a name."""
    return name_fault(claim.subscriber.name)


def subscriber_birth_date(claim: Claim, today: date) -> str:
    """Check: the insured person has a birth date."""
    return _birth_date_fault(claim.subscriber.birth_date, today)


def _birth_date_fault(born: date | None, today: date) -> str:
    if born is None:
        return "the birth date is missing"
    return "" if date(1880, 1, 1) <= born <= today else "the birth date is in the future, or before 1880"


def subscriber_address(claim: Claim, _today: date) -> str:
    """Check: the insured person has an address."""
    return address_fault(claim.subscriber.address, FIVE_OR_NINE_DIGITS, "five or nine digits")


def dependent_name(claim: Claim, _today: date) -> str:
    """Check: the patient who is not the subscriber has a name."""
    return name_fault(claim.dependent.name) if claim.dependent else ""


def dependent_birth_date(claim: Claim, today: date) -> str:
    """Check: the patient who is not the subscriber has a birth date."""
    return _birth_date_fault(claim.dependent.birth_date, today) if claim.dependent else ""


def dependent_address(claim: Claim, _today: date) -> str:
    """Check: the patient who is not the subscriber has an address."""
    if claim.dependent is None:
        return ""
    return address_fault(claim.dependent.address, FIVE_OR_NINE_DIGITS, "five or nine digits")


def payer_name(claim: Claim, _today: date) -> str:
    """Check: the payer has a name."""
    if not survives(claim.payer.name):
        return "the payer's name is missing"
    return "the payer's name is longer than 60 characters" if len(claim.payer.name) > 60 else ""


def filing_indicator(claim: Claim, _today: date) -> str:
    """Check: the kind of insurance is a code the guide knows."""
    return "" if claim.payer.filing_indicator in FILING_INDICATORS else "the claim filing indicator is no code of SBR09"
