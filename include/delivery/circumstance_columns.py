"""The columns of what a claim may have to tell beside who, what and how much: accidents, dates, notes, papers."""

from typing import Final

from include.claims.circumstances import DateKind, NoteKind, RelatedCause
from include.delivery.column import Column, Kind, Scope, column, columns_at

_DATES: Final[dict[DateKind, tuple[str, str]]] = {
    DateKind.ONSET: ("14", "When the illness began."),
    DateKind.INITIAL_TREATMENT: ("15", "First treatment of this condition."),
    DateKind.LAST_SEEN: ("15", "When the attending physician last saw the patient."),
    DateKind.ACUTE_MANIFESTATION: ("15", "Acute manifestation of a chronic condition."),
    DateKind.LAST_MENSTRUAL_PERIOD: ("14", "Last menstrual period."),
    DateKind.LAST_XRAY: ("15", "Last X-ray."),
    DateKind.PRESCRIPTION: ("15", "When hearing or vision aids were prescribed."),
    DateKind.DISABILITY: ("16", "Disability with a known end, its first day"),
    DateKind.DISABILITY_BEGINS: ("16", "Disability of unknown end: its first day."),
    DateKind.DISABILITY_ENDS: ("16", "Disability of unknown beginning: its last day."),
    DateKind.LAST_WORKED: ("", "Last day at work."),
    DateKind.RETURN_TO_WORK: ("", "First day back at work."),
    DateKind.ADMISSION: ("18", "Admitted to hospital."),
    DateKind.DISCHARGE: ("18", "Discharged from hospital."),
    DateKind.ASSUMED_CARE: ("15", "When care was taken over."),
    DateKind.RELINQUISHED_CARE: ("15", "When care was handed on."),
    DateKind.FIRST_CONTACT: ("15", "Property and casualty: when the patient first came."),
    DateKind.REPRICER_RECEIVED: ("", "When the repricer had the claim."),
}


def _dates() -> tuple[Column, ...]:
    """Return a column for each kind of date; disability alone goes from a day until another."""
    found = []
    for kind, (item, meaning) in _DATES.items():
        name = "disability_from" if kind is DateKind.DISABILITY else f"{kind.name.lower()}_date"
        path, is_range = f"dates.{kind.name}.on", kind is DateKind.DISABILITY
        found.append(column(name, path, item, f"2300 DTP*{kind}", meaning, kind=Kind.DATE, is_needed=is_range))
    until = "disability_until", f"dates.{DateKind.DISABILITY.name}.until", "16", f"2300 DTP*{DateKind.DISABILITY}"
    return (*found, column(*until, "Its last day.", kind=Kind.DATE))


def paper(prefix: str, path: str, loop: str, scope: Scope = Scope.CLAIM) -> tuple[Column, ...]:
    """Return the columns of a paper that belongs to the bill."""
    what, how = f"{loop} PWK01", f"{loop} PWK02"
    return (
        *columns_at(
            scope,
            (f"{prefix}_report", f"{path}.report", "19", what, "A paper: `OZ` support data, `B4` referral."),
            is_needed=True,
        ),
        *columns_at(
            scope,
            (f"{prefix}_transmission", f"{path}.transmission", "", how, "`AA` held here, `EL` electronic, `FX` fax."),
            is_needed=True,
            is_telling=False,
        ),
        *columns_at(
            scope,
            (f"{prefix}_control_number", f"{path}.control_number", "", f"{loop} PWK06", "The paper's number."),
        ),
    )  # fmt: skip


CIRCUMSTANCES = (
    column(
        "accident_kinds", "accident.causes", "10", "2300 CLM11",
        "What the condition comes of: `EM` employment, `AA` car accident, `OA` other accident; `AA,EM`.",
        kind=Kind.CODES, reads_as=RelatedCause, codes=tuple(RelatedCause), is_needed=True,
    ),
    column("accident_state", "accident.state", "10b", "2300 CLM11-4", "Where a car was in it: two capital letters."),
    column("accident_date", "accident.on", "15", "2300 DTP*439", "When it happened.", kind=Kind.DATE),
    *_dates(),
    column(
        "claim_note", "note.text", "19", "2300 NTE02", "A few words to the payer, at most 80 characters.",
        is_needed=True,
    ),
    column(
        "claim_note_kind", "note.kind", "", "2300 NTE01", "What the note is.",
        codes=tuple(NoteKind), reads_as=NoteKind, default=NoteKind.ADDITIONAL, is_telling=False,
    ),
    *paper("attachment_1", "attachments.0", "2300"),
    *paper("attachment_2", "attachments.1", "2300"),
    *columns_at(
        Scope.CLAIM,
        ("clearinghouse_claim_id", "clearinghouse_claim_id", "", "2300 REF*D9", "The clearinghouse's number of it."),
        ("medical_record_number", "medical_record_number", "", "2300 REF*EA", "The number of the patient's record."),
        ("demonstration_project", "demonstration_project", "", "2300 REF*P4", "The payer's project number."),
        ("clia_number", "clia_number", "23", "2300 REF*X4", "The laboratory's number."),
        ("property_claim_number", "property_claim_number", "11b", "2010BA or CA REF*Y4", "Property and casualty."),
        ("file_information_1", "file_information.0", "", "2300 K3", "What a state's rules ask for."),
        ("file_information_2", "file_information.1", "", "2300 K3", "The same, the next 80 characters."),
        ("special_program", "special_program", "", "2300 CLM12", "`02` handicapped children, `03`, `05`, `09`."),
        ("delay_reason", "delay_reason", "", "2300 CLM20", "Why the claim is late: `1` eligibility, `7` third party."),
    ),
    column(
        "epsdt_referrals", "epsdt_referrals", "24H", "2300 CRC*ZZ",
        "What a child's checkup led to: `AV`, `NU`, `S2`, `ST`; `AV,S2`.", kind=Kind.CODES,
    ),
)  # fmt: skip
