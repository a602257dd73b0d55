"""
What a claim can say and the paper form cannot: one table, asked of every claim and printed in docs/form.md.

Most of it is left out with a warning, for the payer has it from elsewhere or asks. Where leaving it out would bill
something else than was done, the claim is refused on paper; it can still go as an 837P.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from operator import attrgetter
from typing import Final

from include.claims.circumstances import NoteKind
from include.claims.coordination import Responsibility
from include.claims.model import Claim, Frequency, ServiceLine
from include.claims.parties import OtherId, Provider
from include.hcfa import wording
from include.hcfa.form import ASSIGNMENT, named_by_role
from include.hcfa.item_dates import NOWHERE, has_two_leaves, onset_dates, other_dates

MOST_MODIFIERS: Final = 4
MOST_DIAGNOSES: Final = 12

AS_837P: Final = "send it as an 837P"
ATTACH: Final = "attach the other payer's remittance"
BY_LETTER: Final = "tell the payer beside the form, or send the claim as an 837P"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unsaid:
    """One thing a claim may hold that the form has no place for."""

    rule: str
    place: str
    what: str
    why: str
    remedy: str = BY_LETTER
    is_so: Callable[[Claim], object]


def _left_out(rule: str, place: str, what: str, why: str, is_so: Callable[[Claim], object], **more: str) -> Unsaid:
    return Unsaid(rule=f"form_leaves_out_{rule}", place=place, what=what, why=why, is_so=is_so, **more)


def _refused(rule: str, place: str, what: str, why: str, is_so: Callable[[Claim], object], **more: str) -> Unsaid:
    given = {"remedy": AS_837P, **more}
    return Unsaid(rule=f"form_cannot_say_{rule}", place=place, what=what, why=why, is_so=is_so, **given)


def _has(*fields: str) -> Callable[[Claim], bool]:
    """Tell whether any of these fields of a claim is filled."""
    read = [attrgetter(field) for field in fields]
    return lambda claim: any(one(claim) for one in read)


def _lines_where(is_so: Callable[[ServiceLine], object]) -> Callable[[Claim], bool]:
    return lambda claim: any(is_so(line) for line in claim.lines)


def _differs(field: str) -> Callable[[Claim], bool]:
    """Tell whether a line says another thing of the kind than its claim."""
    return lambda claim: any(getattr(line, field) not in (None, "", getattr(claim, field)) for line in claim.lines)


def _names_two(claim: Claim) -> bool:
    """Tell whether two people did the same for different lines; item 17 would name one for all."""
    return any(len({_known_by(who) for who in found}) > 1 for _, found in named_by_role(claim))


def _known_by(who: Provider) -> tuple[str, str]:
    return who.npi, wording.signed_name(who.name)


def _roles(claim: Claim) -> int:
    return sum(1 for _, found in named_by_role(claim) if list(found))


def _numbers_of_people(claim: Claim) -> Iterator[tuple[OtherId, ...]]:
    yield claim.payer.billing_provider_ids
    people = (claim.rendering, claim.referring, claim.supervising)
    of_lines = [(line.rendering, line.referring, line.ordering, line.supervising) for line in claim.lines]
    for who in (claim.facility, *people, *[one for some in of_lines for one in some]):
        if who is not None:
            yield who.other_ids


def _pushed_out_of_33b(claim: Claim) -> bool:
    own = len(claim.billing.other_ids) + bool(claim.billing.taxonomy)
    return own + bool(claim.payer.billing_provider_ids) > 1


def _taxonomy_beside_number(claim: Claim) -> bool:
    people = (claim.rendering, *[line.rendering for line in claim.lines])
    return any(who is not None and who.taxonomy and who.other_ids for who in people)


def _notes(claim: Claim) -> Iterator[NoteKind]:
    yield from (note.kind for note in (claim.note, *[line.note for line in claim.lines]) if note is not None)


_decided = attrgetter("claim_number", "prior_authorization", "referral_number", "other_ids", "remarks", "adjustments")


def _was_asked_before(claim: Claim) -> bool:
    by_line = any(line.adjudications for line in claim.lines)
    return by_line or any(any(_decided(other)) or other.paid is not None for other in claim.other_payers)


LEFT_OUT: Final = (
    _left_out(
        "referral", "item 23, REF*9F", "a referral number beside an authorization", "item 23 takes one number",
        lambda claim: claim.referral_number and claim.prior_authorization,
    ),
    _left_out(
        "clia", "item 23, REF*X4", "a laboratory's number beside another", "item 23 takes one number",
        lambda claim: claim.clia_number and (claim.prior_authorization or claim.referral_number),
    ),
    _left_out(
        "onset_date", "item 14, DTP*484", "a second date of item 14", "item 14 takes one date",
        lambda claim: len(onset_dates(claim)) > 1,
    ),
    _left_out(
        "other_date", "item 15, DTP", "a second date of item 15", "item 15 takes one date, the accident's first",
        lambda claim: len(other_dates(claim)) > 1,
    ),
    _left_out(
        "leave", "item 16, DTP*360, 361", "begin or end of a leave, beside its period", "item 16 has one period",
        has_two_leaves,
    ),
    _left_out(
        "date", "2300 DTP*297, 296, 050", "when the patient last worked, returned, or a repricer had the claim",
        "no item", lambda claim: any(one.kind in NOWHERE for one in claim.dates),
    ),
    _left_out(
        "second_role", "item 17, 2310D and 2420E", "who ordered or supervised, beside who referred",
        "item 17 takes one person", lambda claim: _roles(claim) > 1,
    ),
    _left_out("primary_care", "2310A NM1*P3", "the primary care provider", "no item", _has("primary_care")),
    _left_out(
        "second_number", "items 17a, 24I, 32b and 33b, REF", "a second number of a person or a place",
        "these items take one number", lambda claim: any(len(ids) > 1 for ids in _numbers_of_people(claim)),
    ),
    _left_out(
        "billing_number", "item 33b, 2010AA REF", "taxonomy or licence of who bills, beside another number",
        "item 33b takes one number, the payer's own first", _pushed_out_of_33b,
    ),
    _left_out(
        "taxonomy", "item 24J, PRV", "the taxonomy of who rendered, beside another number",
        "item 24J takes one number", _taxonomy_beside_number,
    ),
    _left_out(
        "pay_to", "2010AB", "another address for payments", "item 33 is the address of who bills",
        _has("billing.pay_to"), remedy="have the payer know the address from the enrollment",
    ),
    _left_out(
        "payer_details", "2000B SBR05, 2010BB REF", "the payer's further numbers and the type of insurance", "no item",
        lambda claim: claim.payer.other_ids or claim.payer.insurance_type,
    ),
    _left_out(
        "other_insurance", "items 9 to 9d, 2320 and 2330", "whose turn it is, and what more is known of the other",
        "the form has the other insured's name, one number and the plan's name",
        lambda claim: claim.other_payers or claim.responsibility is not Responsibility.PRIMARY, remedy=ATTACH,
    ),
    _left_out(
        "adjudication", "2320, 2430", "what another payer decided, and its numbers",
        "the form has the sum paid in item 29", _was_asked_before, remedy=ATTACH,
    ),
    _left_out(
        "authorization_exception", "2300 REF*4N", "why there is no authorization", "no item",
        _has("authorization_exception"),
    ),
    _left_out(
        "record_numbers", "2300 REF*D9, EA, P4", "numbers of the clearinghouse, the record, a project", "no item",
        _has("clearinghouse_claim_id", "medical_record_number", "demonstration_project"),
    ),
    _left_out("file_information", "2300 K3", "what a state's rules ask for", "no item", _has("file_information")),
    _left_out(
        "program", "2300 CLM12, CLM20", "a special program and the reason of a delay", "no item",
        _has("special_program", "delay_reason"),
    ),
    _left_out(
        "who_signed", "item 12, CLM10", "that the provider signed for the patient", "item 12 says on file or nothing",
        _has("patient_signature_source"),
    ),
    _left_out(
        "screening", "item 24H, CRC*ZZ", "a second EPSDT referral, or which of EPSDT and family planning",
        "item 24H takes one code and one letter",
        lambda claim: claim.epsdt_referrals[1:]
        or any(line.is_epsdt and line.is_family_planning for line in claim.lines if not claim.epsdt_referrals),
    ),
    _left_out(
        "prescription", "2410 REF*XZ", "a prescription's number", "no item",
        _lines_where(lambda line: line.drug is not None and line.drug.prescription_number),
    ),
    _left_out(
        "note_kind", "items 19 and 24, NTE01", "what kind of note it is", "the form has the words alone",
        lambda claim: any(kind is not NoteKind.ADDITIONAL for kind in _notes(claim)),
    ),
)  # fmt: skip
"""What goes without being said; each is a warning that does not block."""

_OF_CLAIM: Final = (
    _refused(
        "second_other_payer", "item 9, 2320", "a second other insurance", "the payer would believe there is one",
        lambda claim: claim.other_payers[1:],
    ),
    _refused(
        "diagnoses", "item 21, HI", "more than twelve diagnoses", "item 21 has twelve places",
        lambda claim: len(claim.diagnoses) > MOST_DIAGNOSES, remedy="correct the claim in the source",
    ),
    _refused(
        "assignment", "item 27, CLM07", "assignment for laboratory services alone", "item 27 is yes or no",
        lambda claim: claim.accepts_assignment not in ASSIGNMENT,
    ),
    _refused(
        "replaced_claim", "item 22, REF*F8", "a replacement or void without the payer's claim number, or the reverse",
        "it would be billed twice", lambda claim: (claim.frequency is Frequency.ORIGINAL) is bool(
            claim.payer_claim_number
        ), remedy="give a replacement or void the payer's claim number, an original none",
    ),
)  # fmt: skip

_OF_LINES: Final = (
    _refused(
        "line_authorization", "item 23, 2400 REF*G1", "another authorization for one line",
        "the line would be billed under the claim's", _differs("prior_authorization"),
    ),
    _refused(
        "line_referral", "item 23, 2400 REF*9F", "another referral for one line",
        "the line would be billed under the claim's", _differs("referral_number"),
    ),
    _refused(
        "line_facility", "item 32, 2420C", "another place for one line", "the line would be billed at the claim's",
        _differs("facility"),
    ),
    _refused(
        "line_people", "item 17, 2420D to 2420F", "two people who referred, ordered or supervised",
        "item 17 would name one for all lines", _names_two,
    ),
    _refused(
        "minutes", "item 24G, SV103", "minutes", "they would be read as units",
        _lines_where(lambda line: line.unit_kind != "UN"),
    ),
    _refused(
        "modifiers", "item 24D, SV101", "more than four modifiers", "another service would be billed",
        _lines_where(lambda line: len(line.modifiers) > MOST_MODIFIERS), remedy="correct the line in the source",
    ),
)  # fmt: skip

REFUSED: Final = (*_OF_CLAIM, *_OF_LINES)
"""What is never printed; each blocks the claim on paper."""

NEVER: Final = {
    "the payer's id (2010BB NM109)": "the form knows a payer by name and address; agree with the clearinghouse how its "
    "id is found",
    "the name of who rendered (2310B, 2420A NM103-7)": "item 24J has the NPI, item 31 a signature on file",
    "the kind of plan (SBR09) and of relative (PAT01), finer than the boxes": "items 1 and 6 have a box for all others",
    "the line's control number (REF*6R)": "remittances of paper claims name lines by day and procedure",
    "who submits and who receives (1000A, 1000B)": "the form has no envelope",
}
"""What every 837P says and no form."""

BLANK: Final = {
    "1": "the box FECA: no filing indicator of the 837P means it alone",
    "5, 7": "phones of patient and insured: an 837P has no place for them",
    "8, 9b, 9c, 30": "reserved by the NUCC",
    "12, 31": "days of signing: a claim does not say them, and the signatures are on file",
    "20": "outside laboratories: not a service of our clinics",
}
"""What the form asks and we leave blank."""


_seldom = attrgetter(
    "prior_authorization", "referral_number", "facility", "referring", "ordering", "supervising", "unit_kind"
)
_NOTHING_SELDOM: Final = ("", "", None, None, None, None, "UN")


def is_refused(claim: Claim) -> bool:
    """Tell whether printing the claim would bill something else."""
    if any(one.is_so(claim) for one in _OF_CLAIM):
        return True
    # Asked once a line whether anything rare is there, because hardly a line has it.
    if all(_seldom(line) == _NOTHING_SELDOM and len(line.modifiers) <= MOST_MODIFIERS for line in claim.lines):
        return False
    return any(one.is_so(claim) for one in _OF_LINES)
