"""
What the codes of a remittance mean, in our own short words, and what a biller can do about them.

Code numbers as in the 835's guide 005010X221A1 and X12's external lists 139 (reasons) and 411 (remarks), of which
those stand here that ABA clinics meet most. A code that is not here is shown by its number, never guessed at.
"""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple


class Meaning(NamedTuple):
    """What a code says, and the next step where one is worth taking."""

    words: str
    remedy: str = ""


CLAIM_STATUSES: Final[Mapping[str, str]] = {  # CLP02
    "1": "processed as the first payer",
    "2": "processed as the second payer",
    "3": "processed as the third payer",
    "4": "denied",
    "19": "processed as the first payer and sent on to the next",
    "20": "processed as the second payer and sent on to the next",
    "21": "processed as the third payer and sent on to the next",
    "22": "an earlier payment taken back",
    "23": "not this payer's claim, sent on",
    "25": "a forecast, nothing is paid",
}

ADJUSTMENT_GROUPS: Final[Mapping[str, str]] = {  # CAS01
    "CO": "written off by contract",
    "CR": "correction of an earlier decision",
    "OA": "neither the patient's nor by contract",
    "PI": "withheld by the payer without a contract",
    "PR": "owed by the patient",
}

_AUTHORIZE: Final = "Look up the authorization and its dates; send a replacement with its number, or ask for one."
_IDENTIFY: Final = "Compare name, birth date and member id with the insurance card, correct them and bill anew."
_ENROLL: Final = "Ask the payer whether this provider was enrolled with it on that day; bill anew once it is settled."
_OTHER_PAYER: Final = "Find out which insurance pays first; bill that one, then send its answer along."
_CODE: Final = "Correct the code in the source and send a replacement."
_RECORDS: Final = "Send the records the remark asks for, by the payer's deadline."
_APPEAL: Final = "Appeal with the treatment plan and session notes, or write it off."
_DUPLICATE: Final = "Find the claim it repeats; if both services took place, appeal with their times."
_LIMIT: Final = "Compare units used with units granted; ask for more before the next session."

REASONS: Final[Mapping[str, Meaning]] = {  # CAS02, 05, ..: CARC
    "1": Meaning("the patient's deductible", "Bill the patient, or the next payer first."),
    "2": Meaning("the patient's coinsurance", "Bill the patient, or the next payer first."),
    "3": Meaning("the patient's copayment", "Bill the patient, or the next payer first."),
    "4": Meaning("a modifier is missing or does not go with the procedure", _CODE),
    "5": Meaning("the procedure does not go with the place of service", _CODE),
    "8": Meaning("the procedure does not go with the provider's specialty", "Check the taxonomy that was sent."),
    "11": Meaning("the diagnosis does not support the procedure", _CODE),
    "15": Meaning("the authorization's number is missing or is for something else", _AUTHORIZE),
    "16": Meaning("something is missing or wrong; a remark says what", "Correct what the remark names; bill anew."),
    "18": Meaning("an exact duplicate", _DUPLICATE),
    "22": Meaning("another insurance may have to pay first", _OTHER_PAYER),
    "23": Meaning("what an earlier payer paid or adjusted"),
    "24": Meaning("covered by a managed care plan", _OTHER_PAYER),
    "26": Meaning("the service was before the coverage began", "Find out who insured the patient on that day."),
    "27": Meaning("the service was after the coverage ended", "Find out who insured the patient on that day."),
    "29": Meaning(
        "billed after the filing limit", "Appeal with the 999 and the acceptance that show when it was sent."
    ),
    "31": Meaning("the payer does not know the patient", _IDENTIFY),
    "32": Meaning("the patient is not a dependant under this policy", _IDENTIFY),
    "35": Meaning("the lifetime maximum is used up"),
    "39": Meaning("the authorization was refused when it was asked for", _APPEAL),
    "44": Meaning("discount for prompt payment"),
    "45": Meaning("the charge exceeds the contract's rate"),
    "49": Meaning("a routine or screening service that is not covered"),
    "50": Meaning("not medically necessary in the payer's eyes", _APPEAL),
    "59": Meaning("reduced because of several procedures on one day"),
    "95": Meaning("the plan's procedures were not followed", _APPEAL),
    "96": Meaning("not covered; a remark says why"),
    "97": Meaning("included in what is paid for another service", "Check which services exclude each other that day."),
    "100": Meaning("paid to the patient or the insured", "Bill the patient."),
    "101": Meaning("a forecast of what would be paid"),
    "104": Meaning("withheld under a managed care contract"),
    "107": Meaning("the claim it depends on was not named", _CODE),
    "109": Meaning("another payer's claim", "Check the payer id and the plan on the card; bill the right payer."),
    "119": Meaning("the benefit's maximum for this period is used up", _LIMIT),
    "129": Meaning(
        "what was said of the earlier payer's decision is wrong", "Correct it from that payer's remittance."
    ),
    "131": Meaning("a discount agreed for this claim"),
    "133": Meaning("not decided yet", "Wait for the next remittance, or ask for the claim's status."),
    "136": Meaning("an earlier payer's rules were not followed", _OTHER_PAYER),
    "140": Meaning("member id and name do not belong together", _IDENTIFY),
    "146": Meaning("the diagnosis was not valid on that day", _CODE),
    "147": Meaning("the contracted rate has expired or is not on file", "Call the payer's provider relations."),
    "150": Meaning("the records do not support this level of service", _RECORDS),
    "151": Meaning("the records do not support this many or this frequent services", _RECORDS),
    "163": Meaning("an attachment named in the claim did not arrive", _RECORDS),
    "165": Meaning("the referral is missing or exceeded", "Get the referral's number; send a replacement with it."),
    "167": Meaning("the diagnosis is not covered"),
    "170": Meaning("not payable to this kind of provider", _ENROLL),
    "177": Meaning("the patient does not meet the plan's conditions"),
    "181": Meaning("the procedure was not valid on that day", _CODE),
    "182": Meaning("the modifier was not valid on that day", _CODE),
    "183": Meaning("the referring provider may not refer this service", _ENROLL),
    "185": Meaning("the rendering provider may not perform this service", _ENROLL),
    "193": Meaning("the payer keeps to its first decision"),
    "197": Meaning("no authorization was asked for", _AUTHORIZE),
    "198": Meaning("more was billed than was authorized", _LIMIT),
    "204": Meaning("not covered by the patient's plan"),
    "208": Meaning("the NPI does not match the payer's records", _ENROLL),
    "222": Meaning("beyond the contract's hours, days or units for this period", _LIMIT),
    "226": Meaning("records asked of the clinic did not come or were incomplete", _RECORDS),
    "227": Meaning(
        "the patient or insured has not answered the payer", "Ask the family to call the payer; then bill anew."
    ),
    "231": Meaning("two procedures that exclude each other on one day", _CODE),
    "234": Meaning("not paid on its own"),
    "236": Meaning("the coding edits do not allow this pair of procedures or modifiers", _CODE),
    "242": Meaning("not provided within the network"),
    "243": Meaning("not authorized by the network or primary care provider", _AUTHORIZE),
    "252": Meaning("an attachment is needed to decide", _RECORDS),
    "253": Meaning("cut by federal sequestration"),
    "256": Meaning("not payable under the managed care contract"),
    "272": Meaning("the coverage guidelines are not met", _APPEAL),
    "273": Meaning("the coverage guidelines are exceeded", _LIMIT),
    "A1": Meaning("denied; a remark says why"),
    "B7": Meaning("the provider was not certified for this service on that day", _ENROLL),
    "B11": Meaning("passed on to the right payer", "Wait for that payer's answer."),
    "B13": Meaning("paid before", _DUPLICATE),
    "B15": Meaning("needs another service that was not received or paid", _CODE),
}

REMARKS: Final[Mapping[str, Meaning]] = {  # LQ02, MOA03 to MOA07: RARC
    "M15": Meaning("bundled with another service of that day"),
    "M20": Meaning("the procedure is missing or wrong", _CODE),
    "M25": Meaning("the records do not support this level of service", _RECORDS),
    "M51": Meaning("a procedure code is missing or wrong", _CODE),
    "M52": Meaning("the first day of service is missing or wrong", _CODE),
    "M53": Meaning("the units are missing or wrong", _CODE),
    "M62": Meaning("the authorization's number is missing or wrong", _AUTHORIZE),
    "M76": Meaning("a diagnosis is missing or wrong", _CODE),
    "M77": Meaning("the place of service is missing or wrong", _CODE),
    "M80": Meaning("not paid beside another service of the same session"),
    "M86": Meaning("the same or a like service was paid within the period", _DUPLICATE),
    "M127": Meaning("the patient's records are missing", _RECORDS),
    "MA01": Meaning("the decision may be appealed"),
    "MA04": Meaning("the first payer's answer is missing or unreadable", _OTHER_PAYER),
    "MA07": Meaning("also sent to Medicaid"),
    "MA13": Meaning("the patient may be billed only for what is marked as theirs"),
    "MA18": Meaning("also sent to the supplementary insurer"),
    "MA27": Meaning("the member id or the name is missing or wrong", _IDENTIFY),
    "MA36": Meaning("the patient's name is missing or wrong", _IDENTIFY),
    "MA61": Meaning("the insured's number is missing or wrong", _IDENTIFY),
    "MA63": Meaning("the principal diagnosis is missing or wrong", _CODE),
    "MA67": Meaning("a correction of an earlier claim"),
    "MA83": Meaning("it was not said whether the plan pays first", _OTHER_PAYER),
    "MA92": Meaning("the other insurance's plan is missing", _OTHER_PAYER),
    "MA130": Meaning("could not be processed; it cannot be appealed", "Correct it and send a new claim."),
    "N4": Meaning("the earlier payer's explanation is missing or wrong", _OTHER_PAYER),
    "N19": Meaning("incidental to the main procedure"),
    "N29": Meaning("notes, reports or charts are missing", _RECORDS),
    "N30": Meaning("the patient is not eligible for this service"),
    "N54": Meaning("the claim does not agree with the authorized services", _AUTHORIZE),
    "N56": Meaning("the procedure is not right for the service or the day", _CODE),
    "N95": Meaning("this kind of provider may not bill this service", _ENROLL),
    "N130": Meaning("the plan's booklet tells the limits of this service"),
    "N179": Meaning(
        "the payer has asked the member for something", "Ask the family to call the payer; then bill anew."
    ),
    "N198": Meaning("the rendering provider does not belong to who is paid", _ENROLL),
    "N255": Meaning("the billing provider's taxonomy is missing or wrong", _CODE),
    "N257": Meaning("the billing provider's number is missing or wrong", _ENROLL),
    "N286": Meaning("the referring provider's number is missing or wrong", _CODE),
    "N288": Meaning("the rendering provider's taxonomy is missing or wrong", _CODE),
    "N290": Meaning("the rendering provider's number is missing or wrong", _ENROLL),
    "N362": Meaning("more days or units than the payer accepts", _LIMIT),
    "N381": Meaning("the contract tells limits and payment"),
    "N382": Meaning("the patient's number is missing or wrong", _IDENTIFY),
    "N418": Meaning("sent to the wrong payer", "Check the payer id and the plan on the card; bill the right payer."),
    "N519": Meaning("these modifiers do not go together", _CODE),
    "N522": Meaning("a duplicate of a claim that is processed or being processed", _DUPLICATE),
    "N570": Meaning("credentials are missing or out of date", _ENROLL),
    "N640": Meaning("more or more often than approved", _LIMIT),
    "N657": Meaning("to be billed with another code", _CODE),
    "N822": Meaning("a modifier is missing", _CODE),
    "N823": Meaning("a modifier is incomplete or wrong", _CODE),
}

PROVIDER_REASONS: Final[Mapping[str, str]] = {  # PLB03-1
    "50": "charge for late filing",
    "51": "interest as a penalty",
    "72": "a refund of the provider's, entered",
    "90": "allowance for early payment",
    "AH": "origination fee",
    "AM": "applied to a borrower's account",
    "AP": "benefits paid ahead",
    "B2": "rebate",
    "B3": "allowance for recovery",
    "BD": "bad debt",
    "BN": "bonus",
    "C5": "temporary allowance",
    "CR": "interest on capitation",
    "CS": "adjustment",
    "CT": "capitation",
    "CV": "capital, passed through",
    "CW": "nurse anaesthetist, passed through",
    "DM": "direct medical education, passed through",
    "E3": "withheld",
    "FB": "balance carried forward",
    "FC": "allocation from a fund",
    "GO": "graduate medical education, passed through",
    "HM": "supplement for clotting factor",
    "IP": "incentive premium",
    "IR": "withheld for the tax authority",
    "IS": "interim settlement",
    "J1": "not reimbursable",
    "L3": "penalty",
    "L6": "interest the payer owes",
    "LE": "levy",
    "LS": "lump sum",
    "OA": "organ acquisition, passed through",
    "OB": "offset for an affiliated provider",
    "PI": "periodic interim payment",
    "PL": "final payment",
    "RA": "adjustment of earlier periods",
    "RE": "return on equity",
    "SL": "repayment of a student loan",
    "TL": "third party liability",
    "WO": "overpayment taken back",
    "WU": "recovery, not specified",
}

_LONGEST_CODE: Final = 5


def meaning_of(codes: Mapping[str, Meaning], code: str) -> Meaning:
    """Return what a reason or remark means, or that it is not known here."""
    return codes.get(code) or Meaning(words_of({}, code))


def words_of(codes: Mapping[str, str], code: str) -> str:
    """Return what a status, group or provider's reason means, or that it is not known here."""
    shown = f"code {code}" if code.isalnum() and len(code) <= _LONGEST_CODE else "an unreadable code"
    return codes.get(code, shown)


def explained(codes: Iterable[str]) -> str:
    """Return what denials mean, given as `CO-197` and `M62`, each in words, and then what can be done about them."""
    found = [_meaning_of_denial(code) for code in codes]
    words = "; ".join(dict.fromkeys(one.words for one in found))
    return ". ".join([words, *dict.fromkeys(one.remedy.rstrip(".") for one in found if one.remedy)])


def _meaning_of_denial(code: str) -> Meaning:
    group, _, reason = code.partition("-")
    return meaning_of(REASONS, reason) if group in ADJUSTMENT_GROUPS and reason else meaning_of(REMARKS, code)
