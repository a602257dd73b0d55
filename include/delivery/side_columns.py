"""
The optional views beside `pending_claim_lines`, as tables: what other payers said, and what was authorized.

A view that is not there says nothing; of CSV files it is a file beside: `claims.other_payers.csv` for `claims.csv`.
"""

from dataclasses import dataclass
from typing import Final

from include.claims.coordination import AdjustmentGroup, Responsibility
from include.claims.parties import Relationship
from include.delivery.column import Column, Kind, Need, Scope, column, columns_at
from include.delivery.party_columns import address, other_id

_DOLLARS = "US dollars"
_SELF = "18"


_CLAIM_KEY = column(
    "source_claim_key", "", "", "", "The claim's key in `pending_claim_lines`, written alike.", need=Need.VALUE
)

OTHER_PAYER_COLUMNS: Final = (
    _CLAIM_KEY,
    column(
        "responsibility", "responsibility", "", "2320 SBR01", "Its turn: `P` first, `S` second, `T` third.",
        codes=tuple(Responsibility), reads_as=Responsibility, need=Need.VALUE,
    ),
    column("payer_id", "payer_id", "", "2330B NM109", "The clearinghouse's id of that payer.", need=Need.VALUE),
    column("payer_name", "payer_name", "", "2330B NM103", "Its name.", need=Need.COLUMN),
    *address("payer", "payer_address", "", "2330B", "Street or post office box of that payer."),
    column("member_id", "member_id", "", "2330A NM109", "The id on that payer's card.", need=Need.COLUMN),
    *columns_at(
        Scope.CLAIM,
        ("insured_last_name", "insured.last", "9", "2330A NM103", "Last name of whom that payer insures."),
        ("insured_first_name", "insured.first", "9", "2330A NM104", "First name."),
        need=Need.COLUMN,
    ),
    *columns_at(
        Scope.CLAIM,
        ("insured_middle_name", "insured.middle", "9", "2330A NM105", "Middle name or initial."),
        ("insured_name_suffix", "insured.suffix", "9", "2330A NM107", "`JR`, `III`."),
    ),
    *address("insured", "insured_address", "", "2330A", "Street and number of the home."),
    column(
        "relationship", "relationship", "", "2320 SBR02", "The patient is to the insured: `18` the same.",
        codes=(_SELF, *Relationship), default=_SELF,
    ),
    column("group_number", "group_number", "9a", "2320 SBR03", "The group or policy number."),
    column("group_name", "group_name", "9d", "2320 SBR04", "The plan's name, where there is no number."),
    column("insurance_type", "insurance_type", "", "2320 SBR05", "Why Medicare is not the first to pay."),
    column("filing_indicator", "filing_indicator", "", "2320 SBR09", "The kind of insurance.", default="CI"),
    column("claim_number", "claim_number", "", "2330B REF*F8", "That payer's number of the claim."),
    column("prior_authorization", "prior_authorization", "", "2330B REF*G1", "That payer's authorization number."),
    column("referral_number", "referral_number", "", "2330B REF*9F", "That payer's referral number."),
    *other_id("payer", "other_ids.0", "2330B REF", "`2U` payer, `FY` office, `NF` NAIC code, `EI` tax id."),
    column(
        "adjudicated_on", "adjudicated_on", "", "2330B DTP*573", "When it decided; empty where the lines say it.",
        kind=Kind.DATE,
    ),
    *(
        column(name, name, "", f"2320 {element}", meaning, kind=Kind.AMOUNT, unit=_DOLLARS)
        for name, element, meaning in (
            ("paid", "AMT*D", "What it paid for the claim; `0` where it denied; empty where it was not asked before."),
            ("non_covered", "AMT*A8", "What it does not cover at all."),
            ("remaining_liability", "AMT*EAF", "What it says the patient still owes."),
        )
    ),
    column("remarks", "remarks", "", "2320 MOA03", "Its remark codes: `MA07` or `MA07,N30`.", kind=Kind.CODES),
    column(
        "benefits_assigned", "benefits_assigned", "", "2320 OI03", "Whether it is to pay the provider.",
        codes=("Y", "N", "W"), default="Y",
    ),
    column(
        "signature_source", "signature_source", "", "2320 OI04", "`P` where the provider signed for the patient.",
        codes=("P",),
    ),
    column(
        "release_of_information", "release_of_information", "", "2320 OI06",
        "`Y` signed statement on file, `I` informed consent.", codes=("Y", "I"), default="Y",
    ),
)  # fmt: skip

ADJUSTMENT_COLUMNS: Final = (
    _CLAIM_KEY,
    column(
        "source_line_key", "", "", "", "The line's key in `pending_claim_lines`; empty: the row is of the claim.",
        need=Need.COLUMN,
    ),
    column(
        "payer_id", "decision.payer_id", "", "2430 SVD01", "Whose word it is: a payer of `claim_other_payers`.",
        need=Need.VALUE, is_telling=False,
    ),
    column(
        "paid", "decision.paid", "", "2430 SVD02", "What that payer paid for the line; `0` where it denied.",
        kind=Kind.AMOUNT, unit=_DOLLARS, is_needed=True,
    ),
    column(
        "adjudicated_on", "decision.adjudicated_on", "", "2430 DTP*573", "When it decided on the line.",
        kind=Kind.DATE, is_needed=True,
    ),
    column(
        "procedure", "decision.procedure", "", "2430 SVD03-2",
        "The procedure it decided on; empty: as billed, with the modifiers billed.", is_telling=False,
    ),
    *(
        column(
            f"modifier_{n}", f"decision.modifiers.{n - 1}", "", f"2430 SVD03-{n + 2}", "A modifier beside it.",
            is_telling=False,
        )
        for n in range(1, 5)
    ),
    column(
        "units", "decision.units", "", "2430 SVD05", "The units it decided on; empty: as billed.",
        kind=Kind.QUANTITY, is_telling=False,
    ),
    column(
        "bundled_into", "decision.bundled_into", "", "2430 SVD06", "The line it was paid with, counted from 1.",
        kind=Kind.INTEGER,
    ),
    column(
        "remaining_liability", "decision.remaining_liability", "", "2430 AMT*EAF", "What the patient still owes of it.",
        kind=Kind.AMOUNT, unit=_DOLLARS,
    ),
    column(
        "adjustment_group", "adjustment.group", "", "2430 CAS01, 2320 CAS01",
        "Who bears it: `CO` contract, `PR` patient, `OA` other, `PI` payer, `CR` correction.",
        codes=tuple(AdjustmentGroup), reads_as=AdjustmentGroup, is_needed=True,
    ),
    column(
        "adjustment_reason", "adjustment.reason", "", "2430 CAS02, 2320 CAS02",
        "The claim adjustment reason code: `45`.",
        is_needed=True,
    ),
    column(
        "adjustment_amount", "adjustment.amount", "", "2430 CAS03, 2320 CAS03",
        "What was not paid for this reason; with a minus where more was paid.",
        kind=Kind.SIGNED_AMOUNT, unit=_DOLLARS, is_needed=True,
    ),
    column(
        "adjustment_quantity", "adjustment.quantity", "", "2430 CAS04, 2320 CAS04", "Units not paid for this reason.",
        kind=Kind.QUANTITY,
    ),
)  # fmt: skip

AUTHORIZATION_COLUMNS: Final = (
    _CLAIM_KEY,
    column("authorization_number", "number", "23", "2300 REF*G1", "The payer's number of it.", need=Need.VALUE),
    column("procedure", "procedure", "", "", "What it is for: `97153`; empty: any procedure."),
    column("units", "units", "", "", "How much it allows; empty: not limited, or not known.", kind=Kind.QUANTITY),
    column("starts_on", "starts_on", "", "", "Its first day.", kind=Kind.DATE, need=Need.VALUE),
    column("ends_on", "ends_on", "", "", "Its last day.", kind=Kind.DATE, need=Need.VALUE),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SideView:
    """An optional view of a source, or a file beside its claims."""

    name: str
    columns: tuple[Column, ...]
    row: str  # what one row is

    @property
    def suffix(self) -> str:
        """What the file beside `claims.csv` ends in: `.other_payers.csv`."""
        return f".{self.name.removeprefix('claim_')}.csv"


OTHER_PAYERS: Final = SideView(
    name="claim_other_payers",
    columns=OTHER_PAYER_COLUMNS,
    row="another payer of a claim, and what it paid if it was asked",
)
LINE_ADJUSTMENTS: Final = SideView(
    name="claim_line_adjustments",
    columns=ADJUSTMENT_COLUMNS,
    row="one reason why a payer paid less, beside what it decided on the line",
)
AUTHORIZATIONS: Final = SideView(
    name="authorizations", columns=AUTHORIZATION_COLUMNS, row="what a payer allowed in advance for the claim's patient"
)
SIDE_VIEWS: Final = {view.name: view for view in (OTHER_PAYERS, LINE_ADJUSTMENTS, AUTHORIZATIONS)}
