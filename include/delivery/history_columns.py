"""
What a history may say: the columns of a CSV of the claims an earlier process sent, for the cutover.

Most are the contract's own (`pending_claim_lines`), so that the old system exports by the query it is read with; few
must be there. The reader and `docs/cutover.md` both come from this table.
"""

from dataclasses import replace

from include.claims.states import Event
from include.delivery.claim_columns import BY_NAME, COLUMNS, SELF
from include.delivery.column import Column, Kind, Need, Scope, column

LONGEST_CONTROL_NUMBER = 20
"""HIPAA's limit for CLM01 in an 837P, whatever process wrote it."""

_DECISIONS = {one.value: one for one in (Event.PAID, Event.LEFT_TO_PATIENT, Event.DENIED)}


def _contracts(name: str, meaning: str = "", *, need: Need = Need.NOTHING) -> Column:
    """Return a column of the contract as a history has it."""
    known = BY_NAME[name]
    return replace(known, need=need, meaning=meaning or known.meaning)


_CLAIM = (
    _contracts("source_claim_key", "Your own key of the claim, as the view has it.", need=Need.VALUE),
    column(
        "control_number", "", "26", "2300 CLM01",
        "What the earlier process called the claim: answers name it. 1 to 20 characters, as they were sent.",
        need=Need.VALUE,
    ),
    column("sent_on", "", "", "", "The day it was sent.", kind=Kind.DATE, need=Need.VALUE),
    _contracts("payer_id", need=Need.VALUE),
    _contracts("claim_total", "The claim's charge as it was sent.", need=Need.VALUE),
    _contracts("clinic_key", "Rows of other clinics than the one asked for are passed over; empty means that one."),
    _contracts("frequency"),
    column(
        "given_claim_number", "", "", "2200D REF*1K, CLP07",
        "The number the payer gave this claim, where it has answered; it proves that the claim was filed.",
    ),
    column(
        "decision", "", "", "", "What the payer has decided since; empty where it has not.",
        codes=tuple(_DECISIONS), reads_as=_DECISIONS.get,
    ),
    column("decided_on", "", "", "", "The day of that decision.", kind=Kind.DATE),
    _contracts("billing_npi", "Who billed; empty means the clinic's only billing identity, where it has one."),
    _contracts("prior_authorization"),
    _contracts("place_of_service"),
    _contracts("rendering_npi"),
    _contracts("subscriber_member_id", "The id on the insurance card. Kept as a part of a hash only."),
    replace(
        _contracts("patient_relationship", f"`{SELF}` the patient is the subscriber; anything else: a dependent."),
        codes=(), reads_as=None,
    ),
    _contracts("patient_last_name", "Last name of a dependent. Kept as a part of a hash only, as the next two are."),
    _contracts("patient_first_name", "First name of a dependent."),
    _contracts("patient_birth_date", "Birth date of a dependent."),
)  # fmt: skip

_LINE = (
    _contracts("service_date", "The day of the service; without a procedure, the first day of the claim's services."),
    _contracts("procedure", "Where it is filled, the row is a service line: day, charge and units are needed too."),
    _contracts("charge"),
    _contracts("units"),
    *(_contracts(f"modifier_{number}") for number in range(1, 5)),
    *(
        _contracts(name)
        for name in (
            "source_line_key", "line_place_of_service", "line_prior_authorization", "line_rendering_npi",
            "session_id", "started_at", "ended_at", "technician_id",
        )
    ),
)  # fmt: skip

HISTORY_COLUMNS: tuple[Column, ...] = (*_CLAIM, *_LINE)
"""What is read of a history, in the order of its documentation."""

_READ = frozenset(one.name for one in HISTORY_COLUMNS)
TAKEN_COLUMNS: tuple[Column, ...] = (
    *HISTORY_COLUMNS,
    *(replace(one, need=Need.NOTHING) for one in COLUMNS if one.name not in _READ),
)
"""What may stand there: the rest of the contract is passed over, so that one query serves both."""

OF_CLAIM = tuple(one.name for one in HISTORY_COLUMNS if one.scope is Scope.CLAIM)
