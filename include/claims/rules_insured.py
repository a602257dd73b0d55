"""Rules on who is insured, who is treated and who is asked to pay: items 1 to 7, 11 and the payer block."""

import re
from datetime import date
from typing import Final

from include.claims.code_lists import FILING_INDICATORS, INSURANCE_TYPES
from include.claims.coordination import Responsibility
from include.claims.model import Claim
from include.claims.plain_text import is_sendable
from include.claims.scrutiny import COMPANION_GUIDE, GUIDE, Rule, Scrutiny, rule
from include.claims.shapes import (
    EARLIEST,
    FIVE_OR_NINE_DIGITS,
    address_fault,
    ids_fault,
    is_longer,
    name_fault,
    survives,
)

ADDRESS_REMEDY = "complete street, city, state and ZIP code in the source"
NAME_REMEDY = "complete the name in the source, in Latin letters"
_MEDICARE = frozenset({"MA", "MB"})


def member_id_present(claim: Claim, _look: Scrutiny) -> str:
    """Check: the insured person has a member id."""
    return "" if claim.subscriber.member_id.strip() else "the member id is missing"


def member_id_characters(claim: Claim, _look: Scrutiny) -> str:
    """Check: the member id can be sent as it is."""
    member_id = claim.subscriber.member_id
    if not member_id.strip() or (is_sendable(member_id) and 2 <= len(member_id) <= 80):
        return ""
    return "the member id holds a character that cannot be sent, or is not 2 to 80 long"


def group_number(claim: Claim, _look: Scrutiny) -> str:
    """Check: the group number, where given, can be sent as it is."""
    group = claim.subscriber.group_number
    if not group or (is_sendable(group) and len(group) <= 50):
        return ""
    return "the group number holds a character that cannot be sent, or is longer than 50"


def subscriber_name(claim: Claim, _look: Scrutiny) -> str:
    """Check: the insured person has a name."""
    return name_fault(claim.subscriber.name)


def subscriber_birth_date(claim: Claim, look: Scrutiny) -> str:
    """Check: the insured person has a birth date."""
    return _birth_date_fault(claim.subscriber.birth_date, look.today)


def _birth_date_fault(born: date | None, today: date) -> str:
    if born is None:
        return "the birth date is missing"
    return "" if EARLIEST <= born <= today else "the birth date is in the future, or before 1880"


def subscriber_address(claim: Claim, _look: Scrutiny) -> str:
    """Check: the insured person has an address."""
    return address_fault(claim.subscriber.address, FIVE_OR_NINE_DIGITS, "five or nine digits")


def dependent_name(claim: Claim, _look: Scrutiny) -> str:
    """Check: the patient who is not the subscriber has a name."""
    return name_fault(claim.dependent.name) if claim.dependent else ""


def dependent_birth_date(claim: Claim, look: Scrutiny) -> str:
    """Check: the patient who is not the subscriber has a birth date."""
    return _birth_date_fault(claim.dependent.birth_date, look.today) if claim.dependent else ""


def dependent_address(claim: Claim, _look: Scrutiny) -> str:
    """Check: the patient who is not the subscriber has an address."""
    if claim.dependent is None:
        return ""
    return address_fault(claim.dependent.address, FIVE_OR_NINE_DIGITS, "five or nine digits")


def payer_name(claim: Claim, _look: Scrutiny) -> str:
    """Check: the payer has a name."""
    if not survives(claim.payer.name):
        return "the payer's name is missing"
    return "the payer's name is longer than 60 characters" if is_longer(claim.payer.name, 60) else ""


def filing_indicator(claim: Claim, _look: Scrutiny) -> str:
    """Check: the kind of insurance is a code the guide knows."""
    return "" if claim.payer.filing_indicator in FILING_INDICATORS else "the claim filing indicator is no code of SBR09"


def payer_id_listed(claim: Claim, look: Scrutiny) -> str:
    """Check: the payer's id stands in the clearinghouse's list, where that is mounted."""
    known = look.lists.payer_ids
    return "" if known is None or claim.payer.id in known else "the payer id is not in the clearinghouse's payer list"


def payer_numbers(claim: Claim, _look: Scrutiny) -> str:
    """Check: what payers call themselves and the provider can be sent as it is."""
    payer = claim.payer
    return "; ".join(
        fault
        for fault in (
            ids_fault(payer.other_ids, {"2U", "EI", "FY", "NF"}),
            ids_fault(payer.billing_provider_ids, {"G2", "LU"}),
        )
        if fault
    )


def payer_address(claim: Claim, _look: Scrutiny) -> str:
    """Check: the payer's address, where given, is whole."""
    address = claim.payer.address
    return "" if address is None else address_fault(address, FIVE_OR_NINE_DIGITS, "five or nine digits")


def group_name(claim: Claim, _look: Scrutiny) -> str:
    """Check: the plan's name, where given, fits."""
    return "the plan name is longer than 60 characters" if is_longer(claim.subscriber.group_name, 60) else ""


def insurance_type(claim: Claim, _look: Scrutiny) -> str:
    """Check: where Medicare does not pay first, the claim says why."""
    payer = claim.payer
    if payer.insurance_type and payer.insurance_type not in INSURANCE_TYPES:
        return "the insurance type is no code of SBR05"
    is_later = claim.responsibility is not Responsibility.PRIMARY
    if payer.filing_indicator in _MEDICARE and is_later and not payer.insurance_type:
        return "Medicare is not the first to pay, and the insurance type does not say why"
    return ""


def payer_id_rule(shape: str = "[A-Z0-9]{3,10}") -> Rule:
    """Return the rule on payer ids for a clearinghouse whose ids have this shape (a regular expression)."""
    pattern = re.compile(shape)

    def check(claim: Claim, _look: Scrutiny) -> str:
        """Check: the payer id has the shape of the clearinghouse's ids."""
        return "" if pattern.fullmatch(claim.payer.id) else "the payer id does not have the clearinghouse's shape"

    return rule(
        "payer_id_shape", "item 9d or payer block, 2010BB NM109", check,
        "look the payer up in the clearinghouse's payer list for professional claims and use that id",
        f"{COMPANION_GUIDE}, 2010BB",
    )  # fmt: skip


RULES: Final[tuple[Rule, ...]] = (
    rule(
        "member_id_present", "item 1a, 2010BA NM109", member_id_present,
        "enter the id on the insurance card", f"{COMPANION_GUIDE}, 2010BA",
    ),
    rule(
        "member_id_characters", "item 1a, 2010BA NM109", member_id_characters,
        "enter the id as the card has it, in capital letters, without * : ~ ^", f"{GUIDE}, 2010BA NM109",
    ),
    rule("subscriber_name", "item 4, 2010BA NM103", subscriber_name, NAME_REMEDY, f"{COMPANION_GUIDE}, 2010BA"),
    rule(
        "subscriber_birth_date", "item 11a, 2010BA DMG02", subscriber_birth_date,
        "enter the subscriber's birth date in the source", f"{COMPANION_GUIDE}, 2010BA DMG",
    ),
    rule(
        "subscriber_address", "item 7, 2010BA N3 and N4", subscriber_address, ADDRESS_REMEDY,
        f"{COMPANION_GUIDE}, 2010BA N3 and N4",
    ),
    rule(
        "group_number_characters", "item 11, 2000B SBR03", group_number,
        "enter the group number as the card has it, in capital letters", f"{GUIDE}, 2000B SBR03",
    ),
    rule(
        "group_name_length", "item 11c, 2000B SBR04", group_name, "shorten the plan's name", f"{GUIDE}, 2000B SBR04",
    ),
    rule("dependent_name", "item 2, 2010CA NM103", dependent_name, NAME_REMEDY, f"{GUIDE}, 2010CA NM1"),
    rule(
        "dependent_birth_date", "item 3, 2010CA DMG02", dependent_birth_date,
        "enter the patient's birth date in the source", f"{GUIDE}, 2010CA DMG",
    ),
    rule(
        "dependent_address", "item 5, 2010CA N3 and N4", dependent_address, ADDRESS_REMEDY,
        f"{GUIDE}, 2010CA N3 and N4",
    ),
    rule(
        "payer_name", "payer block, 2010BB NM103", payer_name, "complete the payer's name in the source",
        f"{GUIDE}, 2010BB NM103",
    ),
    rule(
        "payer_address", "payer block, 2010BB N3 and N4", payer_address,
        "complete the payer's address, or leave it out", f"{GUIDE}, 2010BB N3 and N4",
    ),
    payer_id_rule(),
    rule(
        "payer_id_listed", "payer block, 2010BB NM109", payer_id_listed,
        "look the payer up, and mount the newest payer list", "the clearinghouse's payer list", blocks=False,
    ),
    rule(
        "payer_numbers", "items 32b and 33b, 2010BB REF", payer_numbers,
        "give each number its qualifier, as the payer wrote it", f"{GUIDE}, 2010BB REF",
    ),
    rule(
        "filing_indicator", "item 1, 2000B SBR09", filing_indicator,
        "give the payer one of the codes of SBR09, CI for a commercial plan", f"{GUIDE}, 2000B SBR09",
    ),
    rule(
        "insurance_type", "item 11d, 2000B SBR05", insurance_type,
        "say with a code of SBR05 why Medicare pays later", f"{GUIDE}, 2000B SBR05",
    ),
)  # fmt: skip
"""In the order of the form's items."""
