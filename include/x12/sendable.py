"""
What the writer of an 837P refuses: identifiers that would not read back as they are, and limits the guide sets.

The blocking rules hold such claims first; this is the last look before bytes are made. Names, addresses and notes are
made plain instead, so they are not looked at here.
"""

from operator import attrgetter
from typing import Final

from include.claims.coordination import OtherPayer
from include.claims.errors import BadFile
from include.claims.model import Claim, Frequency, ServiceLine
from include.claims.parties import Address, OtherId, Provider, ServiceFacility
from include.claims.plain_text import are_sendable
from include.x12.write_claim import NONE_OF_A_LINE, numbers_of, seldom_of_line

LONGEST_CONTROL_NUMBER: Final = 20  # CLM01: the guide obliges nobody to return more
MOST_LINES: Final = 50  # 2400 LX
MOST_DIAGNOSES: Final = 12  # HI
MOST_ATTACHMENTS: Final = 10  # PWK
MOST_OTHER_PAYERS: Final = 10  # 2320
MOST_ADJUDICATIONS: Final = 15  # 2430


def refuse_what_cannot_be_sent(control_number: str, claim: Claim) -> None:
    """Raise BadFile for what would not read back as it is, naming the claim by its control number only."""
    fault = ""
    if not are_sendable(_identifiers(control_number, claim)):
        fault = "an identifier holds a separator, a lower-case letter or a blank at its end; correct it in the source"
    elif (claim.frequency is Frequency.ORIGINAL) is bool(claim.payer_claim_number):
        fault = "CLM05-3: a replacement or void needs the payer's claim number (REF*F8), an original has none"
    elif len(control_number) > LONGEST_CONTROL_NUMBER:
        fault = (
            f"CLM01: {len(control_number)} characters; a patient control number has {LONGEST_CONTROL_NUMBER} at most"
        )
    else:
        fault = _beyond_limits(claim)
    if fault:
        raise BadFile(f"claim {control_number if control_number.isalnum() else '(bad control number)'}: {fault}")


def _beyond_limits(claim: Claim) -> str:
    """Return the first limit of the guide that the claim breaks."""
    for what, count, least, most in (
        ("2400: {} service lines", len(claim.lines), 1, MOST_LINES),
        ("HI: {} diagnoses", len(claim.diagnoses), 1, MOST_DIAGNOSES),
        ("2320: {} other payers", len(claim.other_payers), 0, MOST_OTHER_PAYERS),
        ("PWK: {} attachments", len(claim.attachments), 0, MOST_ATTACHMENTS),
    ):
        if not least <= count <= most:
            return f"{what.format(count)}; a claim has {least} to {most}"
    if claim.other_payers and any(len(line.adjudications) > MOST_ADJUDICATIONS for line in claim.lines):
        return f"2430: a line has at most {MOST_ADJUDICATIONS} adjudications"
    return ""


_of_claim = attrgetter(
    "billing.npi", "billing.tax_id", "billing.taxonomy", "billing.phone", "subscriber.member_id",
    "subscriber.group_number", "payer.id", "payer.filing_indicator", "payer.insurance_type", "place_of_service",
    "accepts_assignment", "benefits_assigned", "release_of_information", "signature_on_file",
    "patient_signature_source", "special_program", "delay_reason", "property_claim_number",
)  # fmt: skip


def _identifiers(control_number: str, claim: Claim) -> list[str]:
    """Return everything of a claim that must read back as it is."""
    billing, payer = claim.billing, claim.payer
    found = [
        control_number, *_of_claim(claim), *numbers_of(claim), *claim.diagnoses, *claim.condition_codes,
        *claim.epsdt_referrals,
    ]  # fmt: skip
    _add_address(found, billing.address)
    _add_address(found, billing.pay_to)
    _add_address(found, claim.subscriber.address)
    _add_address(found, payer.address)
    if claim.dependent is not None:
        _add_address(found, claim.dependent.address)
    for ids in (billing.other_ids, payer.other_ids, payer.billing_provider_ids):
        _add_ids(found, ids)
    for who in (claim.rendering, claim.referring, claim.primary_care, claim.supervising):
        _add_provider(found, who)
    if claim.rendering is not None:
        found.append(claim.rendering.taxonomy)
    _add_facility(found, claim.facility)
    if claim.accident is not None:
        found.append(claim.accident.state)
    for paper in claim.attachments:
        found += (paper.report, paper.transmission, paper.control_number)
    for other in claim.other_payers:
        _add_other_payer(found, other)
    for line in claim.lines:
        _add_line(found, line)
    return list(filter(None, found))


def _add_address(found: list[str], address: Address | None) -> None:
    if address is not None:
        found += (address.state, address.postal_code)


def _add_ids(found: list[str], ids: tuple[OtherId, ...]) -> None:
    for one in ids:
        found += (one.kind, one.value)


def _add_provider(found: list[str], who: Provider | None) -> None:
    if who is not None:
        found.append(who.npi)
        _add_ids(found, who.other_ids)


def _add_facility(found: list[str], where: ServiceFacility | None) -> None:
    if where is not None:
        found.append(where.npi)
        _add_address(found, where.address)
        _add_ids(found, where.other_ids)


def _add_other_payer(found: list[str], other: OtherPayer) -> None:
    found += (
        other.relationship, other.group_number, other.insurance_type, other.filing_indicator, other.member_id,
        other.payer_id, other.claim_number, other.prior_authorization, other.referral_number, other.benefits_assigned,
        other.signature_source, other.release_of_information, *other.remarks,
        *[one.reason for one in other.adjustments],
    )  # fmt: skip
    _add_address(found, other.insured_address)
    _add_address(found, other.payer_address)
    _add_ids(found, other.other_ids)


def _add_line(found: list[str], line: ServiceLine) -> None:
    found += (line.procedure, line.place_of_service, line.unit_kind, *line.modifiers)
    if seldom_of_line(line) == NONE_OF_A_LINE:
        return
    found += (line.prior_authorization, line.referral_number)
    for who in (line.rendering, line.supervising, line.ordering, line.referring):
        _add_provider(found, who)
    if line.rendering is not None:
        found.append(line.rendering.taxonomy)
    _add_facility(found, line.facility)
    for paper in line.attachments:
        found += (paper.report, paper.transmission, paper.control_number)
    if line.drug is not None:
        found += (line.drug.ndc, line.drug.unit, line.drug.prescription_number)
    for decided in line.adjudications:
        found += (decided.payer_id, decided.procedure, *decided.modifiers)
        found += [one.reason for one in decided.adjustments]
