"""
A claim refused for want of enrollment: the answer's words get the enrollment that is missing, and how it stands here.

The clearinghouse's code says only that somebody is not enrolled; whoever reads the rejection would have to look up
payer, NPI and our own records. It is how things stood when the answer came.
"""

from dataclasses import replace
from datetime import date
from typing import Final

from include.claims.enrollment import Enrolled, What
from include.claims.states import Event
from include.delivery.ports import ClaimLedger
from include.delivery.records import Answer, Billed, Reading
from include.officeally.file_summary import ENROLLMENT_EDITS
from include.x12.claim_status_codes import ENROLLMENT_STATUSES

_REFUSES: Final = frozenset({Event.REJECTED_BY_CLEARINGHOUSE, Event.REJECTED_BY_PAYER})


def with_enrollments(reading: Reading, ledger: ClaimLedger, today: date) -> Reading:
    """Return what a response says, with the enrollment named where a claim was refused for want of one."""
    numbers = {one.control_number for one in reading.answers if _wants_enrollment(one)}
    billed = ledger.billed(numbers) if numbers else {}
    if not billed:
        return reading
    known = ledger.enrolled({one.payer_id for one in billed.values()}, {one.npi for one in billed.values()})
    return replace(
        reading,
        answers=tuple(
            replace(one, words=f"{one.words}; {_standing(billed[one.control_number], known, today)}")
            if one.control_number in billed and _wants_enrollment(one)
            else one
            for one in reading.answers
        ),
    )


def _wants_enrollment(answer: Answer) -> bool:
    """Tell whether it refuses a claim for want of enrollment: `RC55`, or `A3:24:85`, whose middle is the status."""
    return answer.event in _REFUSES and any(map(_is_about_enrollment, answer.codes))


def _is_about_enrollment(code: str) -> bool:
    status = code.partition(":")[2].partition(":")[0]
    return code in ENROLLMENT_EDITS or status in ENROLLMENT_STATUSES


def _standing(billed: Billed, known: Enrolled, today: date) -> str:
    asked = f"enrollment of NPI {billed.npi} for claims with payer {billed.payer_id}"
    found = known.counting(What.CLAIMS, billed.payer_id, billed.npi, billed.tax_id, today)
    if found is None:
        return f"{asked}: none is written down; import one as needed, and send the claim again once it is approved"
    return f"{asked}: {found.key} is {found.state} here; ask the payer, and send the claim again once it is approved"
