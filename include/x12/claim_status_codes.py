"""
What the codes of a claim status mean, in our own short words, and what to do about those a clinic can cure.

Numbers as in X12's lists 507 (categories) and 508 (statuses) and its entity codes; of the statuses those a therapy
clinic meets. A code that is not here is shown as it came, never guessed at.
"""

from collections.abc import Iterable, Mapping
from typing import Final

from include.x12.claim_status import Status, StatusCode

CATEGORIES: Final[Mapping[str, str]] = {
    "A0": "forwarded to the next in line",
    "A1": "received, not yet accepted",
    "A2": "accepted for adjudication",
    "A3": "returned, it cannot be processed as it is",
    "A4": "not found",
    "A5": "accepted and split",
    "A6": "rejected, something is missing",
    "A7": "rejected, something is invalid",
    "A8": "rejected, two things do not go together",
    "DR01": "report received, not yet accepted",
    "DR02": "report accepted",
    "DR03": "report returned, it cannot be processed as it is",
    "DR04": "report not found",
    "DR05": "report rejected, something is missing",
    "DR06": "report rejected, something is invalid",
    "DR07": "report rejected, two things do not go together",
    "DR08": "report accepted with a warning",
    "D0": "the payer's search found nothing",
    "E0": "no answer, the question was faulty",
    "E1": "no answer, a system is down",
    "E2": "no answer, the payer's system does not respond; ask again",
    "E3": "no answer, parts of the question do not go together",
    "E4": "no answer, the trading agreement wants something else",
    "F0": "decided",
    "F1": "decided, paid",
    "F2": "decided, denied",
    "F3": "decided, decision revised",
    "F3F": "decided, decision revised and forwarded",
    "F3N": "decided, decision revised and not forwarded",
    "F4": "decided, nothing to pay",
    "F5": "decided, it cannot be processed",
    "P0": "pending",
    "P1": "pending, in process",
    "P2": "pending, the payer reviews it",
    "P3": "pending, the payer waits for what it asked the provider for",
    "P4": "pending, the payer waits for what it asked the patient for",
    "P5": "pending, the payer holds it",
    "R0": "information requested",
    "R1": "information requested about somebody",
    "R3": "information requested about claim or line",
    "R4": "documents requested",
    "R5": "more detail requested",
    "R6": "information requested that a regulation asks for",
    "R7": "information requested on whether the plan covers the care",
    "R8": "information requested on an exception from coverage",
    "R9": "medical notes requested to judge necessity",
    "R10": "information requested for a grievance or appeal",
    "R11": "information requested before payment",
    "R12": "reason requested for a procedure code",
    "R13": "documents requested again, they could not be read",
    "R14": "documents requested again, others came",
    "R15": "information requested on workers' compensation",
    "R16": "information requested on eligibility",
    "R17": "an earlier request replaced by this one",
    "RQ": "questions asked",
}  # fmt: skip

ENTITIES: Final[Mapping[str, str]] = {
    "03": "the dependent",
    "1P": "the provider",
    "1Z": "the home health provider",
    "36": "the employer",
    "40": "the receiver",
    "41": "the submitter",
    "71": "the attending provider",
    "72": "the operating provider",
    "73": "the other provider",
    "77": "the service location",
    "82": "the rendering provider",
    "85": "the billing provider",
    "87": "the pay-to provider",
    "AY": "the clearinghouse",
    "DK": "the ordering provider",
    "DN": "the referring provider",
    "DQ": "the supervising provider",
    "FA": "the facility",
    "GB": "the other insured",
    "HK": "the subscriber",
    "IL": "the subscriber",
    "PR": "the payer",
    "PRP": "the primary payer",
    "QC": "the patient",
    "QD": "the responsible party",
    "SEP": "the secondary payer",
    "TTP": "the tertiary payer",
}

_MEMBER: Final = "Check member id, name and birth date against the card and the payer's eligibility answer."
_ENROLL: Final = "Enroll the provider with this payer for electronic claims, then send again."
_PROVIDER: Final = "Compare the provider's record with what the payer has on file."
_AUTHORIZATION: Final = "Check number, dates, codes and units of the authorization."
_DIAGNOSIS: Final = "Correct the diagnosis at the source; it must be valid on the service date."
_PROCEDURE: Final = "Check code and modifiers against the payer's ABA billing guide."
_UNITS: Final = "Check the units against the session's minutes and the payer's limit a day."
_OTHER_PAYER: Final = "Correct the other payer's part, or bill it first."
_DATES: Final = "Correct the dates at the source."
_ADDRESS: Final = "Correct the address: a street, and ZIP+4 for the billing provider."
_DUPLICATE: Final = "Do not send again: find the first claim's answer, and replace that one if something changed."
_WAIT: Final = "Nothing to do; wait for the decision."
_SEND_PAPERS: Final = "Send the payer what it asks for, by the way its letter names."

STATUSES: Final[Mapping[str, tuple[str, str]]] = {  # words, remedy
    "0": ("no more can be told electronically", ""),
    "1": ("see the remittance", ""),
    "2": ("a letter says more", "Look for the payer's letter."),
    "3": ("decided, waits for the payment run", _WAIT),
    "6": ("the subscriber owes a balance", ""),
    "12": ("procedure codes were combined", ""),
    "15": ("procedure codes were changed", ""),
    "16": ("forwarded to {entity}", ""),
    "17": ("forwarded by another to {entity}", ""),
    "18": ("{entity} received it and answered with an invalid status", "Ask the clearinghouse what became of it."),
    "19": ("{entity} received it", ""),
    "20": ("accepted for processing", ""),
    "21": ("missing or invalid information", "The other codes beside this one say which."),
    "23": ("returned to {entity}", ""),
    "24": ("{entity} is not approved to send electronically", _ENROLL),
    "25": ("{entity} is not approved", _ENROLL),
    "26": ("{entity} was not found", _PROVIDER),
    "27": ("the policy was cancelled", "Ask the family for the present insurance."),
    "29": ("subscriber and policy number do not match", _MEMBER),
    "30": ("subscriber and member id do not match", _MEMBER),
    "31": ("subscriber and policyholder's name do not match", _MEMBER),
    "32": ("subscriber and policy number not found", _MEMBER),
    "33": ("subscriber and member id not found", _MEMBER),
    "34": ("subscriber and policyholder's name not found", _MEMBER),
    "35": ("claim not found", "Ask the payer by phone before sending again: it may only be late."),
    "38": ("waits for the next round of decisions", _WAIT),
    "40": ("waits for the last approval", _WAIT),
    "41": ("needs handling by hand at the payer", _WAIT),
    "42": ("waits for related charges", ""),
    "44": ("pending an audit of the provider", ""),
    "45": ("waits until benefits are determined", _WAIT),
    "46": ("under internal review", _WAIT),
    "49": ("pending review of the provider's accreditation", _ENROLL),
    "50": ("waits until the payer has verified the provider", _PROVIDER),
    "52": ("the payer looks for other insurance", "Ask the family to answer the payer's letter on other insurance."),
    "53": ("the payer looks into the member's id or group", _MEMBER),
    "54": ("duplicate of a claim or line processed before", _DUPLICATE),
    "55": ("a person at the payer has it", _WAIT),
    "56": ("waits until eligibility is determined", _WAIT),
    "59": ("information was requested by mail, phone or fax", _SEND_PAPERS),
    "60": ("information was requested electronically", _SEND_PAPERS),
    "65": ("paid", ""),
    "72": ("the payment was split", ""),
    "78": ("duplicate of a claim or line still in process", _DUPLICATE),
    "84": ("the service was not authorized", _AUTHORIZATION),
    "85": ("{entity} is not primary", _OTHER_PAYER),
    "88": ("{entity} was not eligible for benefits on these dates", _MEMBER),
    "90": ("{entity} was not eligible for medical benefits on these dates", _MEMBER),
    "91": ("{entity} was not eligible or approved on these dates", _PROVIDER),
    "95": ("information that was requested did not come", _SEND_PAPERS),
    "96": ("no agreement with {entity}", _ENROLL),
    "97": ("{entity} does not know the patient's eligibility", _MEMBER),
    "101": ("processed as an adjustment of an earlier claim", ""),
    "104": ("processed by the plan's provisions", ""),
    "106": ("{entity} does not owe this amount", ""),
    "107": ("processed by the contract's provisions", ""),
    "109": ("{entity} is not eligible", _MEMBER),
    "114": ("{entity} should process it", "Send it to the payer that is named."),
    "116": ("sent to the wrong payer", "Correct the payer id at the source."),
    "121": ("more lines than the payer takes", "Let the source make several claims of it."),
    "123": ("information was requested from {entity}", _SEND_PAPERS),
    "124": ("name, address, phone and id of {entity}", _PROVIDER),
    "125": ("name of {entity}", "Correct the name; it must be the one on file with the payer."),
    "126": ("address of {entity}", _ADDRESS),
    "128": ("tax id of {entity}", _PROVIDER),
    "132": ("Medicaid provider number of {entity}", _PROVIDER),
    "143": ("state license number of {entity}", _PROVIDER),
    "145": ("specialty (taxonomy) of {entity}", "Use the taxonomy the provider is enrolled with."),
    "153": ("id of {entity}", _PROVIDER),
    "156": ("relation of patient and subscriber", _MEMBER),
    "157": ("sex of {entity}", _MEMBER),
    "158": ("birth date of {entity}", _MEMBER),
    "163": ("policy or group number of {entity}", _MEMBER),
    "164": ("member number of {entity}", _MEMBER),
    "171": ("other insurance", _OTHER_PAYER),
    "178": ("charges", "Check that lines and total agree."),
    "187": ("service dates", _DATES),
    "249": ("place of service", "Check the place against what the payer allows for the code."),
    "252": ("authorization number of {entity}", _AUTHORIZATION),
    "254": ("principal diagnosis", _DIAGNOSIS),
    "255": ("diagnosis", _DIAGNOSIS),
    "258": ("days or units of the procedure", _UNITS),
    "286": ("the other payer's remittance", _OTHER_PAYER),
    "287": ("medical necessity", _SEND_PAPERS),
    "294": ("supporting documents", _SEND_PAPERS),
    "297": ("medical notes", _SEND_PAPERS),
    "310": ("progress notes of the last six months", _SEND_PAPERS),
    "345": ("treatment plan", _SEND_PAPERS),
    "400": ("the claim's amounts do not balance", "Check that lines, total and the other payer's amounts agree."),
    "443": ("initial evaluation", _SEND_PAPERS),
    "448": ("invalid billing combination", _PROCEDURE),
    "453": ("modifiers", _PROCEDURE),
    "454": ("procedure code", _PROCEDURE),
    "464": ("the payer's claim number", "A replacement or void must name the payer's latest number of the claim."),
    "475": ("procedure not valid at the patient's age", _PROCEDURE),
    "476": ("units missing or invalid", _UNITS),
    "477": ("a line points to no valid diagnosis", _DIAGNOSIS),
    "479": ("the other payer's id is missing or invalid", _OTHER_PAYER),
    "481": ("the file's format is invalid", "Report it: the file must be made anew, not the claim corrected."),
    "483": ("the benefit is used up", "Ask for an exception or bill the family by the plan's rules."),
    "487": ("claim not found, it should have gone to {entity}", "Send it to the payer that is named."),
    "488": ("diagnosis of the services", _DIAGNOSIS),
    "495": ("a replacement must name the newest claim number", "Use the number the last remittance gives."),
    "496": ("the submitter may not send for {entity}", _ENROLL),
    "500": ("ZIP code of {entity}", _ADDRESS),
    "501": ("state of {entity}", _ADDRESS),
    "502": ("city of {entity}", _ADDRESS),
    "503": ("street of {entity}", _ADDRESS),
    "504": ("last name of {entity}", _MEMBER),
    "505": ("first name of {entity}", _MEMBER),
    "507": ("HCPCS code", _PROCEDURE),
    "510": ("a date lies in the future", _DATES),
    "511": ("a character is not allowed", "Take special characters out at the source."),
    "535": ("frequency of the claim (original, replacement, void)", "A replacement needs the payer's claim number."),
    "560": ("secondary number of {entity}", _PROVIDER),
    "562": ("NPI of {entity}", "Check the NPI, and that the payer has it on file with this tax id."),
    "583": ("charge of a line", "Check that lines and total agree."),
    "672": ("the other payer's amounts do not balance", _OTHER_PAYER),
    "674": ("more than was authorized", _AUTHORIZATION),
    "684": ("a syntax error the 999 tells more of", "Read the 999 of the file."),
    "685": ("decided later, in a batch", "Do not send again; wait for the decision."),
    "717": ("the claim was split for processing", ""),
    "718": ("not sent within the filing limit", "Appeal with the clearinghouse's report of the first sending."),
    "732": ("against the billing guidelines", _PROCEDURE),
    "735": ("included in what another service is paid", _PROCEDURE),
    "743": ("enrollment or credentials of {entity}", _ENROLL),
    "746": ("the batch was sent before", _DUPLICATE),
    "770": ("duplicate of a claim another payer passed on", _DUPLICATE),
    "771": ("too early after the first payer passed it on", "Wait as long as the payer asks, then send again."),
    "772": ("a diagnosis is not specific enough", _DIAGNOSIS),
    "784": ("does not match the electronic visit verification", "Correct visit or claim so that both agree."),
    "787": ("wanted as a new claim, not a replacement", "Send it as an original."),
    "792": ("for the patient's behavioral health plan", "Correct the payer id at the source."),
    "795": ("the first payer's decision is missing", _OTHER_PAYER),
    "796": ("procedure not valid on the service date", _PROCEDURE),
    "799": ("wanted as a replacement, not a new claim", "Send it as a replacement with the payer's claim number."),
}  # fmt: skip

ENROLLMENT_STATUSES: Final = frozenset(code for code, (_words, remedy) in STATUSES.items() if remedy == _ENROLL)
"""List 508, where the remedy is to enroll."""


def words_of(status: Status) -> str:
    """Return what one status says, in plain words, without the payer's free text."""
    return "; ".join(dict.fromkeys(_words(code) for code in status.codes))


def status_of_codes(texts: Iterable[str]) -> Status:
    """Return codes as payers print them in free text, `A7:562:85`, as one status."""
    parts = [(*text.split(":"), "", "")[:3] for text in texts]
    codes = tuple(StatusCode(category=category, status=status, entity=entity) for category, status, entity in parts)
    return Status(codes=codes, effective_on=None, action=None, amount=None, payer_words="")


def remedies_of(status: Status) -> tuple[str, ...]:
    """Return what can be done about it, each sentence once; nothing where no remedy is known."""
    known = (STATUSES[code.status][1] for code in status.codes if code.status in STATUSES)
    return tuple(dict.fromkeys(filter(None, known)))


def _words(code: StatusCode) -> str:
    category = CATEGORIES.get(code.category) or _unknown("category", code.category)
    entity = (ENTITIES.get(code.entity) or _unknown("entity", code.entity)) if code.entity else "somebody"
    if code.status in STATUSES:
        words, _remedy = STATUSES[code.status]
        return f"{category}: {words.format(entity=entity)}"
    about = f" of {entity}" if code.entity else ""
    return f"{category}: {_unknown('status', code.status)}{about}"


def _unknown(kind: str, code: str) -> str:
    return f"{kind} {code}" if code.isalnum() and len(code) <= 5 else f"an unreadable {kind}"
