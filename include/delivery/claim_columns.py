"""
The contract `pending_claim_lines`, version 1, as one table: what an adopter's view or CSV may say, column by column.

One row a service line, the claim's columns repeated on each. The reader, `./courier source check` and
`docs/claim-source.md` all come from this table, so the three cannot disagree.
"""

from include.claims.coordination import Responsibility
from include.claims.model import Frequency
from include.claims.parties import Relationship
from include.delivery.circumstance_columns import CIRCUMSTANCES
from include.delivery.column import Column, Kind, Need, column
from include.delivery.line_columns import LINES
from include.delivery.party_columns import address, facility, other_id, person, provider

VIEW = "pending_claim_lines"
CONTRACT_VERSION = 1
SELF = "18"
"""SBR02: the patient is the subscriber."""


def _relationship(code: str) -> Relationship | None:
    return None if code == SELF else Relationship(code)


_KEYS = (
    column(
        "contract_version", "", "", "", "The version of this contract the view was written for.",
        kind=Kind.INTEGER, codes=(str(CONTRACT_VERSION),), default=str(CONTRACT_VERSION),
    ),
    column("clinic_key", "", "", "", "The clinic's key in the clinic table.", need=Need.VALUE),
    column(
        "source_claim_key", "", "", "",
        "Your own key of the claim: unique in this source over all clinics, never used again, no patient data.",
        need=Need.VALUE,
    ),
    column("patient_key", "patient_key", "", "", "Your own key of the patient: not a name, not a member id."),
    column(
        "cancelled", "", "", "", "True: you take the claim back. It does not go; where it has gone, a person is told.",
        kind=Kind.BOOLEAN, need=Need.COLUMN, default="false",
    ),
    column(
        "line_count", "", "", "", "How many rows the claim has; a claim with fewer or more is half-written and waits.",
        kind=Kind.INTEGER, need=Need.VALUE, unit="rows",
    ),
    column(
        "claim_total", "", "28", "2300 CLM02",
        "The claim's charge as kept with the claim, not summed in the view; it must equal the sum of `charge`.",
        kind=Kind.AMOUNT, need=Need.VALUE, unit="US dollars",
    ),
    column(
        "ready_at", "ready_at", "", "",
        "When the claim was released for billing; set it anew when the claim is changed or cancelled.",
        kind=Kind.TIMESTAMP, need=Need.VALUE,
    ),
)  # fmt: skip

_PAYER = (
    column(
        "billing_npi", "", "33a", "2010AA NM109",
        "Who bills: the NPI of one of the clinic's billing identities in force on the dates of service.",
        need=Need.VALUE,
    ),
    column(
        "payer_id", "payer.id", "header", "2010BB NM109", "The payer, by the clearinghouse's own id for claims.",
        need=Need.COLUMN,
    ),
    column("payer_name", "payer.name", "header", "2010BB NM103", "The payer's name.", need=Need.COLUMN),
    *address("payer", "payer.address", "header", "2010BB", "Street or post office box of the payer."),
    *other_id("payer", "payer.other_ids.0", "2010BB REF", "`FY` office, `2U` payer, `NF` NAIC code, `EI` tax id."),
    *other_id("billing", "payer.billing_provider_ids.0", "2010BB REF", "`G2` the payer's, `LU` location.", item="33b"),
    column(
        "filing_indicator", "payer.filing_indicator", "1", "2000B SBR09",
        "The kind of insurance: `CI` commercial, `BL` Blue Cross Blue Shield, `MC` Medicaid, `CH` TRICARE.",
        default="CI",
    ),
    column("insurance_type", "payer.insurance_type", "", "2000B SBR05", "Why Medicare is not the first to pay: `12`."),
    column(
        "responsibility", "responsibility", "", "2000B SBR01",
        "The payer's turn: `P` first, `S` second, `T` third; what the others said stands in `claim_other_payers`.",
        codes=tuple(Responsibility), reads_as=Responsibility, default=Responsibility.PRIMARY,
    ),
)  # fmt: skip

_BILL = (
    column(
        "place_of_service", "place_of_service", "24B", "2300 CLM05-1",
        "Where most lines were given: `11` office, `12` home, `03` school.", need=Need.COLUMN,
    ),
    column(
        "frequency", "frequency", "22", "2300 CLM05-3", "`1` original, `7` replacement, `8` void.",
        codes=tuple(Frequency), reads_as=Frequency, default=Frequency.ORIGINAL,
    ),
    column(
        "payer_claim_number", "payer_claim_number", "22", "2300 REF*F8",
        "The payer's number of the claim that is replaced or voided.",
    ),
    *(
        column(
            f"diagnosis_{number}", f"diagnoses.{number - 1}", f"21{chr(64 + number)}", f"2300 HI{number:02d}-2",
            "ICD-10-CM, the principal diagnosis; a dot is dropped." if number == 1 else "ICD-10-CM.",
            need=Need.COLUMN if number == 1 else Need.NOTHING, dropped=".",
        )
        for number in range(1, 13)
    ),
    column(
        "condition_codes", "condition_codes", "10d", "2300 HI*BG", "Condition codes: `W2` or `W2,AB`.",
        kind=Kind.CODES,
    ),
    column("prior_authorization", "prior_authorization", "23", "2300 REF*G1", "The payer's authorization number."),
    column("referral_number", "referral_number", "23", "2300 REF*9F", "The payer's referral number."),
    column(
        "authorization_exception", "authorization_exception", "", "2300 REF*4N",
        "Why there is no authorization: `1` urgent care, `3` emergency care, `7` special handling.",
    ),
    column(
        "accepts_assignment", "accepts_assignment", "27", "2300 CLM07",
        "`A` assigned, `B` for laboratory services only, `C` not assigned.", codes=("A", "B", "C"), default="A",
    ),
    column(
        "benefits_assigned", "benefits_assigned", "13", "2300 CLM08", "Whether the payer is to pay the provider.",
        codes=("Y", "N", "W"), default="Y",
    ),
    column(
        "release_of_information", "release_of_information", "12", "2300 CLM09",
        "`Y` signed statement on file, `I` informed consent.", codes=("Y", "I"), default="Y",
    ),
    column(
        "signature_on_file", "signature_on_file", "31", "2300 CLM06", "Whether the provider's signature is on file.",
        codes=("Y", "N"), default="Y",
    ),
    column(
        "patient_signature_source", "patient_signature_source", "12", "2300 CLM10",
        "`P` where the provider signed for the patient.", codes=("P",),
    ),
    column(
        "patient_paid", "patient_paid", "29", "2300 AMT*F5", "What the patient has paid towards the claim.",
        kind=Kind.AMOUNT, unit="US dollars",
    ),
)  # fmt: skip

_PEOPLE = (
    column(
        "patient_relationship", "dependent.relationship", "6", "2000B SBR02, 2000C PAT01",
        "`18` the patient is the subscriber; `01` spouse, `19` child, `G8` other: the `patient_` columns tell.",
        codes=(SELF, *Relationship), reads_as=_relationship, need=Need.VALUE,
        is_deciding=True,
    ),
    column(
        "subscriber_member_id", "subscriber.member_id", "1a", "2010BA NM109",
        "The id on the insurance card, as printed.", need=Need.COLUMN,
    ),
    column("group_number", "subscriber.group_number", "11", "2000B SBR03", "The group or policy number."),
    column("group_name", "subscriber.group_name", "11c", "2000B SBR04", "The plan's name, where there is no number."),
    *person("subscriber", "subscriber", "the person insured", "4|11a|7", loop="2010BA", need=Need.COLUMN),
    *person("patient", "dependent", "the patient, if not the subscriber", "2|3|5", loop="2010CA", need=Need.NOTHING),
    *provider("rendering", "who gave the service", "31|24J", "2310B", has_taxonomy=True),
    *provider("referring", "who referred the patient", "17|17b", "2310A DN"),
    *provider("primary_care", "the primary care provider", "|", "2310A P3"),
    *provider("supervising", "who supervised", "17|17b", "2310D"),
    *facility("facility", "facility", "2310C"),
)  # fmt: skip

COLUMNS: tuple[Column, ...] = (*_KEYS, *_PAYER, *_BILL, *_PEOPLE, *CIRCUMSTANCES, *LINES)
"""The whole contract, in the order of its documentation."""

BY_NAME = {one.name: one for one in COLUMNS}
