"""
The contract `pending_claim_lines`, version 1, as one table: what an adopter's view or CSV must say, column by column.

One row a service line, the claim's columns repeated on each. The reader, `./courier source check` and
`docs/claim-source.md` all come from this table, so the three cannot disagree.
"""

from dataclasses import dataclass
from enum import Enum, StrEnum

from include.claims.model import Frequency
from include.claims.parties import Relationship

VIEW = "pending_claim_lines"
CONTRACT_VERSION = 1
SELF = "18"
"""SBR02: the patient is the subscriber."""


class Kind(StrEnum):
    """What a cell holds, by the word the documentation uses."""

    TEXT = "text"
    DATE = "date"
    TIME = "time of day"
    TIMESTAMP = "timestamp with zone"
    AMOUNT = "decimal, at most 2 places"
    QUANTITY = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    POINTERS = "list of integers"


class Scope(StrEnum):
    """Whether a column speaks of the claim, repeated on its rows, or of one service line."""

    CLAIM = "claim"
    LINE = "line"


class Need(Enum):
    """How much of a column must be there."""

    VALUE = "column and value"  # an empty cell makes the claim unreadable
    COLUMN = "column"  # an empty cell is read; the billing rules say whether the claim may go
    NOTHING = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """One column of the contract."""

    name: str
    kind: Kind = Kind.TEXT
    scope: Scope = Scope.CLAIM
    need: Need = Need.NOTHING
    item: str = ""  # CMS-1500 (02/12)
    element: str = ""  # 837P 005010X222A1
    unit: str = ""
    meaning: str
    codes: tuple[str, ...] = ()  # the only values there are
    default: str = ""  # what an empty cell means
    dropped: str = ""  # a mark that may stand in the cell and is not billed
    is_used: bool = True  # False: known and checked, but nothing is made of it yet


def _person(prefix: str, who: str, item: str, loop: str, need: Need) -> tuple[Column, ...]:
    """Return the columns of an insured person or a patient."""
    name, birth, home = item.split("|")

    def column(part: str, meaning: str, at: str, element: str, **more: object) -> Column:
        given = {"need": need, **more}
        return Column(name=f"{prefix}_{part}", item=at, element=f"{loop} {element}", meaning=meaning, **given)  # type: ignore[arg-type]

    optional = Need.NOTHING
    return (
        column("last_name", f"Last name of {who}.", name, "NM103"),
        column("first_name", f"First name of {who}.", name, "NM104"),
        column("middle_name", "Middle name or initial.", name, "NM105", need=optional),
        column("name_suffix", "`JR`, `III`.", name, "NM107", need=optional),
        column("birth_date", f"Birth date of {who}.", birth, "DMG02", kind=Kind.DATE),
        column("sex", "As the payer has it on file.", birth, "DMG03", codes=("F", "M", "U"), default="U"),
        column("street", "Street and number of the home.", home, "N301"),
        column("street2", "Flat, suite, floor.", home, "N302", need=optional),
        column("city", "City.", home, "N401"),
        column("state", "Two capital letters.", home, "N402"),
        column("postal_code", "5 or 9 digits; a hyphen is dropped.", home, "N403", dropped="-"),
    )


_KEYS = (
    Column(
        name="contract_version",
        kind=Kind.INTEGER,
        codes=(str(CONTRACT_VERSION),),
        default=str(CONTRACT_VERSION),
        meaning="The version of this contract the view was written for.",
    ),
    Column(name="clinic_key", need=Need.VALUE, meaning="The clinic's key in the clinic table."),
    Column(
        name="source_claim_key",
        need=Need.VALUE,
        meaning="Your own key of the claim: unique in this source over all clinics, never used again, no patient data.",
    ),
    Column(
        name="cancelled",
        kind=Kind.BOOLEAN,
        need=Need.COLUMN,
        default="false",
        meaning="True: you take the claim back. It does not go; where it has gone, a person is told.",
    ),
    Column(
        name="line_count",
        kind=Kind.INTEGER,
        need=Need.VALUE,
        unit="rows",
        meaning="How many rows the claim has; a claim with fewer or more is half-written and waits.",
    ),
    Column(
        name="claim_total",
        kind=Kind.AMOUNT,
        need=Need.VALUE,
        unit="US dollars",
        item="28",
        element="2300 CLM02",
        meaning="The claim's charge as kept with the claim, not summed in the view; it must equal the sum of `charge`.",
    ),
    Column(
        name="ready_at",
        kind=Kind.TIMESTAMP,
        need=Need.VALUE,
        meaning="When the claim was released for billing; set it anew when the claim is changed or cancelled.",
    ),
)

_BILL = (
    Column(
        name="billing_npi",
        need=Need.VALUE,
        item="33a",
        element="2010AA NM109",
        meaning="Who bills: the NPI of one of the clinic's billing identities in force on the dates of service.",
    ),
    Column(
        name="payer_id",
        need=Need.COLUMN,
        item="header",
        element="2010BB NM109",
        meaning="The payer, by the clearinghouse's own id for claims.",
    ),
    Column(name="payer_name", need=Need.COLUMN, item="header", element="2010BB NM103", meaning="The payer's name."),
    Column(
        name="filing_indicator",
        item="1",
        element="2000B SBR09",
        default="CI",
        meaning="The kind of insurance: `CI` commercial, `BL` Blue Cross Blue Shield, `MC` Medicaid, `CH` TRICARE.",
    ),
    Column(
        name="place_of_service",
        need=Need.COLUMN,
        item="24B",
        element="2300 CLM05-1",
        meaning="Where most lines were given: `11` office, `12` home, `03` school.",
    ),
    Column(
        name="frequency",
        item="22",
        element="2300 CLM05-3",
        codes=tuple(Frequency),
        default=Frequency.ORIGINAL,
        meaning="`1` original, `7` replacement, `8` void.",
    ),
    Column(
        name="payer_claim_number",
        item="22",
        element="2300 REF*F8",
        is_used=False,
        meaning="The payer's number of the claim that is replaced or voided.",
    ),
    *(
        Column(
            name=f"diagnosis_{number}",
            need=Need.COLUMN if number == 1 else Need.NOTHING,
            item=f"21{chr(64 + number)}",
            element=f"2300 HI{number:02d}-2",
            dropped=".",
            meaning="ICD-10-CM, the principal diagnosis; a dot is dropped." if number == 1 else "ICD-10-CM.",
        )
        for number in range(1, 13)
    ),
    Column(name="prior_authorization", item="23", element="2300 REF*G1", meaning="The payer's authorization number."),
    Column(
        name="accepts_assignment",
        item="27",
        element="2300 CLM07",
        codes=("A", "B", "C"),
        default="A",
        meaning="`A` assigned, `B` for laboratory services only, `C` not assigned.",
    ),
    Column(
        name="benefits_assigned",
        item="13",
        element="2300 CLM08",
        codes=("Y", "N", "W"),
        default="Y",
        meaning="Whether the payer is to pay the provider.",
    ),
    Column(
        name="release_of_information",
        item="12",
        element="2300 CLM09",
        codes=("Y", "I"),
        default="Y",
        meaning="`Y` signed statement on file, `I` informed consent.",
    ),
    Column(
        name="signature_on_file",
        item="31",
        element="2300 CLM06",
        codes=("Y", "N"),
        default="Y",
        meaning="Whether the provider's signature is on file.",
    ),
)

_PEOPLE = (
    Column(
        name="patient_relationship",
        need=Need.VALUE,
        item="6",
        element="2000B SBR02, 2000C PAT01",
        codes=(SELF, *Relationship),
        meaning="`18` the patient is the subscriber; `01` spouse, `19` child, `G8` other: the `patient_` columns tell.",
    ),
    Column(
        name="subscriber_member_id",
        need=Need.COLUMN,
        item="1a",
        element="2010BA NM109",
        meaning="The id on the insurance card, as printed.",
    ),
    Column(name="group_number", item="11", element="2000B SBR03", meaning="The group or policy number."),
    *_person("subscriber", "the person insured", "4|11a|7", "2010BA", Need.COLUMN),
    *_person("patient", "the patient, where that is not the subscriber", "2|3|5", "2010CA", Need.NOTHING),
    Column(name="rendering_last_name", item="31", element="2310B NM103", meaning="Last name of who gave the service."),
    Column(name="rendering_first_name", item="31", element="2310B NM104", meaning="First name."),
    Column(name="rendering_middle_name", item="31", element="2310B NM105", meaning="Middle name or initial."),
    Column(name="rendering_npi", item="24J", element="2310B NM109", meaning="NPI of who gave the service."),
    Column(name="rendering_taxonomy", item="24J", element="2310B PRV03", meaning="Ten characters ending in X."),
)


def _line(name: str, item: str, element: str, meaning: str, **more: object) -> Column:
    return Column(name=name, scope=Scope.LINE, item=item, element=element, meaning=meaning, **more)  # type: ignore[arg-type]


_LINES = (
    _line(
        "source_line_key", "", "", "Your own key of the line, unique in its claim, no patient data.", need=Need.VALUE
    ),
    _line(
        "line_number",
        "24",
        "2400 LX01",
        "The order of the lines; where it is missing they go by service date and line key.",
        kind=Kind.INTEGER,
    ),
    _line("service_date", "24A", "2400 DTP*472", "The day of the service.", kind=Kind.DATE, need=Need.VALUE),
    _line("procedure", "24D", "2400 SV101-2", "CPT or HCPCS code: `97153`.", need=Need.COLUMN),
    *(
        _line(f"modifier_{number}", "24D", f"2400 SV101-{number + 2}", "Modifier: `HM`, `95`.")
        for number in range(1, 5)
    ),
    _line("charge", "24F", "2400 SV102", "The line's charge.", kind=Kind.AMOUNT, need=Need.VALUE, unit="US dollars"),
    _line(
        "units",
        "24G",
        "2400 SV104",
        "Units of service as billed; never computed from the minutes.",
        kind=Kind.QUANTITY,
        need=Need.VALUE,
        unit="units of the procedure (15 minutes for most ABA codes)",
    ),
    _line(
        "diagnosis_pointers",
        "24E",
        "2400 SV107",
        "Which diagnoses the line treats, the most important first: `1` or `1,2`.",
        kind=Kind.POINTERS,
        need=Need.COLUMN,
    ),
    _line("line_place_of_service", "24B", "2400 SV105", "Where it differs from the claim's."),
    _line("session_id", "", "", "Your own key of the session; it tells two equal services of one day apart."),
    _line("started_at", "", "", "When the session started, clinic's wall clock.", kind=Kind.TIME),
    _line("ended_at", "", "", "When it ended.", kind=Kind.TIME),
    _line("minutes", "", "", "How long the service took.", kind=Kind.INTEGER, unit="minutes", is_used=False),
    _line("technician_id", "", "", "Your own key of the technician.", is_used=False),
    _line("technician_credential", "", "", "`RBT`, `BCBA`, `BCaBA`.", is_used=False),
    _line("supervisor_npi", "", "", "NPI of the supervising analyst.", is_used=False),
    _line("location", "", "", "Your own key of the place.", is_used=False),
)

COLUMNS: tuple[Column, ...] = (*_KEYS, *_BILL, *_PEOPLE, *_LINES)
"""The whole contract, in the order of its documentation."""

BY_NAME = {column.name: column for column in COLUMNS}
