"""
The rules a claim passes before it may go: a table of small named checks, each with its published source.

All faults of a claim come out in one pass, so that a biller mends it once. A check returns what is wrong, or an
empty string; it names lines and diagnoses by position and never repeats what stands there.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Final

from include.claims import rules_people as people
from include.claims import rules_service as service
from include.claims.model import Claim, Fault

Check = Callable[[Claim, date], str]

GUIDE = "005010X222A1"
COMPANION_GUIDE = "Office Ally 837P companion guide, revised 06/08/2022"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One thing a claim must fulfil, where it stands on the form and in the file, and who says so."""

    name: str
    place: str  # CMS-1500 item and 837P element
    check: Check  # what is wrong, blank where nothing is
    remedy: str
    source: str
    blocks: bool = True  # False: a warning; only rules with a published source block


def scrub(claim: Claim, today: date, rules: Iterable[Rule] | None = None) -> tuple[Fault, ...]:
    """Return everything that is wrong with a claim on the day it would go, in the order of the form."""
    found = []
    for rule in RULES if rules is None else rules:
        message = rule.check(claim, today)
        if message:
            found.append(
                Fault(rule=rule.name, place=rule.place, message=message, remedy=rule.remedy, blocks=rule.blocks)
            )
    return tuple(found)


def payer_id_rule(shape: str = "[A-Z0-9]{3,10}") -> Rule:
    """Return the rule on payer ids for a clearinghouse whose ids have this shape (a regular expression)."""
    pattern = re.compile(shape)

    def check(claim: Claim, _today: date) -> str:
        return "" if pattern.fullmatch(claim.payer.id) else "the payer id does not have the clearinghouse's shape"

    return Rule(
        name="payer_id_shape",
        place="item 9d or payer block, 2010BB NM109",
        check=check,
        remedy="look the payer up in the clearinghouse's payer list for professional claims and use that id",
        source=f"{COMPANION_GUIDE}, 2010BB",
    )


_NPI_REMEDY = "check the NPI in the NPPES registry and correct it in the source"
_NAME_REMEDY = "complete the name in the source, in Latin letters"
_ADDRESS_REMEDY = "complete street, city, state and ZIP code in the source"
_EDIT = "a published clearinghouse claim edit"


def _rule(name: str, place: str, check: Check, remedy: str, source: str, *, blocks: bool = True) -> Rule:
    return Rule(name=name, place=place, check=check, remedy=remedy, source=source, blocks=blocks)


RULES: Final[tuple[Rule, ...]] = (
    _rule(
        "member_id_present", "item 1a, 2010BA NM109", people.member_id_present,
        "enter the id on the insurance card", f"{COMPANION_GUIDE}, 2010BA",
    ),
    _rule(
        "member_id_characters", "item 1a, 2010BA NM109", people.member_id_characters,
        "enter the id as the card has it, in capital letters, without * : ~ ^", f"{GUIDE}, 2010BA NM109",
    ),
    _rule(
        "subscriber_name", "item 4, 2010BA NM103", people.subscriber_name, _NAME_REMEDY, f"{COMPANION_GUIDE}, 2010BA",
    ),
    _rule(
        "subscriber_birth_date", "item 11a, 2010BA DMG02", people.subscriber_birth_date,
        "enter the subscriber's birth date in the source", f"{COMPANION_GUIDE}, 2010BA DMG",
    ),
    _rule(
        "subscriber_address", "item 7, 2010BA N3 and N4", people.subscriber_address, _ADDRESS_REMEDY,
        f"{COMPANION_GUIDE}, 2010BA N3 and N4",
    ),
    _rule(
        "group_number_characters", "item 11, 2000B SBR03", people.group_number,
        "enter the group number as the card has it, in capital letters", f"{GUIDE}, 2000B SBR03",
    ),
    _rule("dependent_name", "item 2, 2010CA NM103", people.dependent_name, _NAME_REMEDY, f"{GUIDE}, 2010CA NM1"),
    _rule(
        "dependent_birth_date", "item 3, 2010CA DMG02", people.dependent_birth_date,
        "enter the patient's birth date in the source", f"{GUIDE}, 2010CA DMG",
    ),
    _rule(
        "dependent_address", "item 5, 2010CA N3 and N4", people.dependent_address, _ADDRESS_REMEDY,
        f"{GUIDE}, 2010CA N3 and N4",
    ),
    _rule(
        "payer_name", "payer block, 2010BB NM103", people.payer_name, "complete the payer's name in the source",
        f"{GUIDE}, 2010BB NM103",
    ),
    payer_id_rule(),
    _rule(
        "filing_indicator", "item 1, 2000B SBR09", people.filing_indicator,
        "give the payer one of the codes of SBR09, CI for a commercial plan", f"{GUIDE}, 2000B SBR09",
    ),
    _rule(
        "diagnosis_count", "item 21, 2300 HI", service.diagnosis_count, "list 1 to 12 diagnoses", f"{GUIDE}, 2300 HI",
    ),
    _rule(
        "diagnosis_shape", "item 21, 2300 HI", service.diagnosis_shape,
        "enter ICD-10-CM codes in capital letters without the dot", f"{GUIDE}, 2300 HI; ICD-10-CM",
    ),
    _rule(
        "diagnoses_distinct", "item 21, 2300 HI", service.diagnoses_distinct, "list each diagnosis once", _EDIT,
    ),
    _rule(
        "frequency_supported", "item 22, 2300 CLM05-3", service.frequency,
        "bill an original, or keep the correction until replacements can go", f"{GUIDE}, 2300 CLM05-3 and REF*F8",
    ),
    _rule(
        "authorization_characters", "item 23, 2300 REF*G1", service.authorization,
        "enter the number as the payer gave it, in capital letters", f"{GUIDE}, 2300 REF*G1",
    ),
    _rule(
        "line_count", "item 24, 2400 LX", service.line_count, "bill 1 to 50 lines a claim", f"{GUIDE}, 2400 LX",
    ),
    _rule(
        "line_keys_distinct", "item 24, source line key", service.line_keys,
        "give every service line its own key in the source", "contract of the claim source",
    ),
    _rule(
        "service_date_not_in_future", "item 24A, 2400 DTP*472", service.service_dates,
        "correct the date, or bill when the service was given", _EDIT,
    ),
    _rule(
        "service_date_after_birth", "item 24A, 2400 DTP*472", service.service_after_birth,
        "correct the service date or the birth date", _EDIT,
    ),
    _rule(
        "place_of_service_shape", "item 24B, 2300 CLM05-1 and 2400 SV105", service.place_of_service,
        "enter the two-digit code, 11 for an office", f"{GUIDE}, CLM05-1; code set 237",
    ),
    _rule(
        "procedure_shape", "item 24D, 2400 SV101-2", service.procedures, "enter a CPT or HCPCS code", _EDIT,
    ),
    _rule(
        "modifier_shape", "item 24D, 2400 SV101-3", service.modifiers, "enter at most four modifiers of two characters",
        f"{GUIDE}, 2400 SV101",
    ),
    _rule(
        "modifiers_distinct", "item 24D, 2400 SV101-3", service.modifiers_distinct, "list each modifier once",
        "inferred", blocks=False,
    ),
    _rule(
        "pointers_within_list", "item 24E, 2400 SV107", service.pointers,
        "point to diagnoses that the claim lists", f"{GUIDE}, 2400 SV107",
    ),
    _rule(
        "pointers_distinct", "item 24E, 2400 SV107", service.pointers_distinct, "point to each diagnosis once", _EDIT,
    ),
    _rule(
        "charge_amount", "item 24F, 2400 SV102", service.charges, "enter dollars and cents, zero or more",
        f"{GUIDE}, 2400 SV102",
    ),
    _rule(
        "units_positive", "item 24G, 2400 SV104", service.units, "enter the units of service, more than zero",
        f"{GUIDE}, 2400 SV104",
    ),
    _rule("rendering_npi", "item 24J, 2310B NM109", people.rendering_npi, _NPI_REMEDY, "CMS NPI check digit"),
    _rule("rendering_name", "item 31, 2310B NM103", people.rendering_name, _NAME_REMEDY, f"{GUIDE}, 2310B NM1"),
    _rule(
        "tax_id", "item 25, 2010AA REF02", people.tax_id, "enter the nine digits of the billing provider's tax id",
        f"{COMPANION_GUIDE}, 2010AA REF",
    ),
    _rule(
        "claim_codes", "items 12, 13, 27, 2300 CLM06 to CLM09", service.claim_codes,
        "use the codes of the guide: Y or N; A, B or C; Y, N or W; Y or I", f"{GUIDE}, 2300 CLM",
    ),
    _rule("total_positive", "item 28, 2300 CLM02", service.total, "bill more than zero", _EDIT),
    _rule(
        "billing_name", "item 33, 2010AA NM103", people.billing_name, "complete the billing identity",
        f"{GUIDE}, 2010AA NM1",
    ),
    _rule("billing_npi", "item 33a, 2010AA NM109", people.billing_npi, _NPI_REMEDY, "CMS NPI check digit"),
    _rule(
        "billing_address", "item 33, 2010AA N3 and N4", people.billing_address,
        "complete the billing identity: street, city, state and ZIP+4", f"{GUIDE}, 2010AA N403",
    ),
    _rule(
        "billing_street_not_a_box", "item 33, 2010AA N301", people.billing_street,
        "give the billing identity a street address; a box is a pay-to address", f"{COMPANION_GUIDE}, 2010AA N3",
    ),
    _rule(
        "billing_phone", "item 33, 2010AA PER04", people.billing_phone, "enter ten digits, or nothing",
        f"{GUIDE}, PER04",
    ),
    _rule(
        "taxonomy_shape", "items 24J and 33b, PRV03", people.taxonomy, "enter the ten characters of the taxonomy code",
        f"{GUIDE}, PRV03",
    ),
)  # fmt: skip
"""The rules in the order of the form's items."""
