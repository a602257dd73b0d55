"""The columns of the service line: one row of `pending_claim_lines`."""

from include.claims.circumstances import NoteKind
from include.delivery.circumstance_columns import paper
from include.delivery.column import Column, Kind, Need, Scope, column, columns_at
from include.delivery.party_columns import facility, practitioner, provider


def _line(name: str, path: str, item: str, element: str, meaning: str, **more: object) -> Column:
    return column(name, path, item, element, meaning, scope=Scope.LINE, **more)


LINES = (
    _line(
        "source_line_key", "source_line_key", "", "", "Your own key of the line, unique in its claim, no patient data.",
        need=Need.VALUE,
    ),
    _line(
        "line_number", "", "24", "2400 LX01",
        "The order of the lines; where it is missing they go by service date and line key.", kind=Kind.INTEGER,
    ),
    _line(
        "service_date", "service_date", "24A", "2400 DTP*472", "The day of the service.",
        kind=Kind.DATE, need=Need.VALUE,
    ),
    _line(
        "service_until", "service_until", "24A", "2400 DTP*472", "Its last day, where it went on for days.",
        kind=Kind.DATE,
    ),
    _line("procedure", "procedure", "24D", "2400 SV101-2", "CPT or HCPCS code: `97153`.", need=Need.COLUMN),
    *(
        _line(f"modifier_{n}", f"modifiers.{n - 1}", "24D", f"2400 SV101-{n + 2}", "Modifier: `HM`, `95`.")
        for n in range(1, 5)
    ),
    _line("description", "description", "24", "2400 SV101-7", "What a procedure not otherwise classified was."),
    _line(
        "charge", "charge", "24F", "2400 SV102", "The line's charge.",
        kind=Kind.AMOUNT, need=Need.VALUE, unit="US dollars",
    ),
    _line(
        "units", "units", "24G", "2400 SV104", "Units of service as billed; never computed from the minutes.",
        kind=Kind.QUANTITY, need=Need.VALUE, unit="units of the procedure (15 minutes for most ABA codes)",
    ),
    _line("unit_kind", "unit_kind", "", "2400 SV103", "`UN` units, `MJ` minutes.", codes=("UN", "MJ"), default="UN"),
    _line(
        "diagnosis_pointers", "diagnosis_pointers", "24E", "2400 SV107",
        "Which diagnoses the line treats, the most important first: `1` or `1,2`.",
        kind=Kind.POINTERS, need=Need.COLUMN,
    ),
    _line("line_place_of_service", "place_of_service", "24B", "2400 SV105", "Where it differs from the claim's."),
    *(
        _line(name, name, item, element, meaning, kind=Kind.BOOLEAN, default="false")
        for name, item, element, meaning in (
            ("is_emergency", "24C", "2400 SV109", "The service was an emergency."),
            ("is_epsdt", "24H", "2400 SV111", "The service came of a child's checkup (EPSDT)."),
            ("is_family_planning", "24H", "2400 SV112", "The service was family planning."),
        )
    ),
    *columns_at(
        Scope.LINE,
        ("line_prior_authorization", "prior_authorization", "", "2400 REF*G1", "Where it differs from the claim's."),
        ("line_referral_number", "referral_number", "", "2400 REF*9F", "Where it differs from the claim's."),
    ),
    _line(
        "line_note", "note.text", "24 shaded", "2400 NTE02", "A few words on the line, at most 80 characters.",
        is_needed=True,
    ),
    _line(
        "line_note_kind", "note.kind", "", "2400 NTE01", "`ADD` additional, `DCP` goals.",
        codes=tuple(NoteKind), reads_as=NoteKind, default=NoteKind.ADDITIONAL, is_telling=False,
    ),
    *paper("line_attachment", "attachments.0", "2400", Scope.LINE),
    _line("ndc", "drug.ndc", "24 shaded", "2410 LIN03", "National drug code, eleven digits.", is_needed=True),
    _line("ndc_quantity", "drug.quantity", "24 shaded", "2410 CTP04", "How much.", kind=Kind.QUANTITY, is_needed=True),
    _line(
        "ndc_unit", "drug.unit", "24 shaded", "2410 CTP05-1", "`UN` units, `ML`, `GR`, `ME` milligrams, `F2`.",
        is_needed=True, is_telling=False,
    ),
    _line("prescription_number", "drug.prescription_number", "", "2410 REF*XZ", "The prescription's number."),
    *provider(
        "line_rendering", "who gave this service, where that differs from the claim's", "|24J", "2420A",
        path="rendering", scope=Scope.LINE, has_taxonomy=True,
    ),
    *facility("line_facility", "facility", "2420C", Scope.LINE),
    *provider("line_supervising", "who supervised this service", "|", "2420D", path="supervising", scope=Scope.LINE),
    *provider("line_ordering", "who ordered this service", "17|17b", "2420E", path="ordering", scope=Scope.LINE),
    *provider("line_referring", "who referred to this service", "|", "2420F", path="referring", scope=Scope.LINE),
    _line(
        "session_id", "session_id", "", "", "Your own key of the session; it tells equal services of one day apart.",
    ),
    _line("started_at", "started_at", "", "", "When the session started, clinic's wall clock.", kind=Kind.TIME),
    _line("ended_at", "ended_at", "", "", "When it ended.", kind=Kind.TIME),
    _line("minutes", "minutes", "", "", "How long the service took.", kind=Kind.INTEGER, unit="minutes"),
    *practitioner("technician", "performed_by", "who worked with the patient"),
    *practitioner("supervisor", "supervised_by", "the analyst responsible"),
    _line("location", "location", "", "", "Your own key of the place."),
)  # fmt: skip
