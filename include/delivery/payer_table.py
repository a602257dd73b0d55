"""
What people keep of payers: the clearinghouse's payer list, enrollments and holds, checked where a row is read.

A row is a mapping of text, as in the clinic table. The columns stand here with what they mean, and
`docs/enrollments.md` is printed from them.
"""

from collections.abc import Mapping
from datetime import date
from typing import Final

from include.claims.enrollment import Enrollment, ListedPayer, PayerHold, State, What
from include.delivery.clinic_table import Cells, Row

PAYER_COLUMNS: Final[Mapping[str, str]] = {
    "key": "the id the clearinghouse lists for professional claims (2010BB NM109)",
    "name": "as the clearinghouse lists it; an unlisted id is compared with it by name",
    "claims_need_enrollment": "`yes`, `no`, or blank where the list does not say",
    "remittances_need_enrollment": "the same for remittances",
    "remittances_id": "its id for remittances, where that is another one",
    "eligibility_id": "its id for eligibility, where that is another one: who bills it by mistake is told",
}
ENROLLMENT_COLUMNS: Final[Mapping[str, str]] = {
    "key": "lower case letters, digits and `_`; never changes",
    "payer_id": "as claims name the payer, whatever it is asked for",
    "npi": "who bills; of `credentialing`, who renders",
    "tax_id": "nine digits; blank: whichever the NPI bills under",
    "what": "one of " + ", ".join(f"`{one}`" for one in What),
    "state": "one of " + ", ".join(f"`{one}`" for one in State) + "; blank means `unknown`",
    "requested_on": "the day it was asked for; `requested` needs it",
    "requested_by": "who asked; `requested` needs it",
    "effective_from": "first day, blank is open; asked on the day a claim goes, of `credentialing` on that of service",
    "effective_to": "last day",
    "moves_from": "of `remittances`: the clearinghouse that gets them now, one at a time; blank it once they come",
    "bank_changed_on": "of `eft`: the day the bank account changed; quiet once an approval begins on it or later",
    "note": "what the next caller should know, at most 80 letters, nothing of a patient",
}
HOLD_COLUMNS: Final[Mapping[str, str]] = {
    "key": "lower case letters, digits and `_`; never changes",
    "payer_id": "as claims name the payer; blank: every payer",
    "npi": "who bills or renders; blank: everybody",
    "starts_on": "first day; blank is open",
    "ends_on": "last day: claims are held until it is over",
    "reason": "at most 80 letters, nothing of a patient; it stands beside every claim held",
}
_YES_NO: Final = ("", "yes", "no")
_SHORT: Final = (r".{0,80}", "at most 80 letters")


def payer_from_row(row: Row) -> ListedPayer:
    """Return the payer a row lists; raise BadSetting with every fault and its column."""
    cells = Cells("payer", row, tuple(PAYER_COLUMNS))
    payer = ListedPayer(
        id=_payer_id(cells, "key"),
        name=cells.text("name"),
        claims_need=cells.one_of("claims_need_enrollment", _YES_NO, "") == "yes",
        remittances_need=cells.one_of("remittances_need_enrollment", _YES_NO, "") == "yes",
        remittances_id=_payer_id(cells, "remittances_id", may_lack=True),
        eligibility_id=_payer_id(cells, "eligibility_id", may_lack=True),
    )
    cells.done()
    return payer


def enrollment_from_row(row: Row) -> Enrollment:
    """Return the enrollment a row describes; raise BadSetting with every fault and its column."""
    cells = Cells("enrollment", row, tuple(ENROLLMENT_COLUMNS))
    cells.text("what")
    enrollment = Enrollment(
        key=cells.slug("key"),
        payer_id=_payer_id(cells, "payer_id"),
        npi=cells.npi("npi"),
        tax_id=cells.matching("tax_id", r"\d{9}|", "nine digits, or blank"),
        what=What(cells.one_of("what", tuple(What), What.CLAIMS)),
        state=State(cells.one_of("state", tuple(State), State.UNKNOWN)),
        requested_on=cells.day("requested_on"),
        requested_by=cells.text("requested_by", ""),
        effective_from=cells.day("effective_from"),
        effective_to=cells.day("effective_to"),
        moves_from=cells.text("moves_from", ""),
        bank_changed_on=cells.day("bank_changed_on"),
        note=cells.matching("note", *_SHORT),
    )
    if enrollment.state is State.REQUESTED:
        cells.text("requested_on")
        cells.text("requested_by")
    _in_order(cells, enrollment.effective_from, enrollment.effective_to, "effective_to")
    if enrollment.moves_from and enrollment.what is not What.REMITTANCES:
        cells.fault("moves_from", f"only {What.REMITTANCES} go to one clearinghouse at a time")
    if enrollment.bank_changed_on and enrollment.what is not What.EFT:
        cells.fault("bank_changed_on", f"only {What.EFT} goes to a bank account")
    cells.done()
    return enrollment


def hold_from_row(row: Row) -> PayerHold:
    """Return the hold a row describes; raise BadSetting with every fault and its column."""
    cells = Cells("hold", row, tuple(HOLD_COLUMNS))
    ends_on = cells.day("ends_on")
    if ends_on is None:
        cells.text("ends_on")
    payer_id = _payer_id(cells, "payer_id", may_lack=True)
    npi = cells.npi("npi") if cells.text("npi", "") else ""
    if not (payer_id or npi):
        cells.fault("payer_id", "is empty, and so is npi: a hold is with a payer, a provider or both")
    starts_on = cells.day("starts_on")
    _in_order(cells, starts_on, ends_on, "ends_on")
    hold = PayerHold(
        key=cells.slug("key"),
        payer_id=payer_id,
        npi=npi,
        starts_on=starts_on,
        ends_on=ends_on or date.max,
        reason=cells.text("reason") and cells.matching("reason", *_SHORT),
    )
    cells.done()
    return hold


def _payer_id(cells: Cells, column: str, *, may_lack: bool = False) -> str:
    blank = "|" if may_lack else ""
    return cells.matching(column, r"[A-Z0-9]{3,10}" + blank, "3 to 10 characters A-Z 0-9" + (blank and ", or blank"))


def _in_order(cells: Cells, first: date | None, last: date | None, column: str) -> None:
    if first and last and last < first:
        cells.fault(column, f"{last} lies before the first day, {first}")
