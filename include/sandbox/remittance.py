"""
A payment and its remittance: the 835 (005010X221A1), its print report, and the zip both come in.

One set a file, the payer's transfer by trace, claims that balance by line and as a whole, and what the payer keeps
back or adds at provider level.
"""

import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import Final

from include.sandbox.contract import ZERO, PaidLine, Payment
from include.sandbox.interchange import Frame, money, plain, written
from include.sandbox.reports import Report
from include.sandbox.upload import Party, day

GUIDE: Final = "005010X221A1"
_PAYER_TAX_ID: Final = "1999999999"
_FILING_CODES: Final = frozenset({
    "12", "13", "14", "15", "16", "17", "AM", "CH", "DS", "HM", "LM", "MA", "MB", "MC", "OF", "TV", "VA", "WC", "ZZ",
})  # fmt: skip
_PLB_PAIRS: Final = 6
_CAS_TRIPLETS: Final = 6


@dataclass(frozen=True, slots=True)
class ProviderAdjustment:
    """One pair of a PLB; a positive amount lowers the payment."""

    reason: str
    reference: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Remittance:
    """What one payer paid one payee on one day."""

    account: str
    payer: Party
    payee: Party  # id is the NPI
    tax_id: str
    paid_on: date
    trace: str  # TRN02
    payments: tuple[Payment, ...]
    adjustments: tuple[ProviderAdjustment, ...] = ()

    @property
    def amount(self) -> Decimal:
        """BPR02."""
        kept = sum((one.amount for one in self.adjustments), ZERO)
        return sum((one.paid for one in self.payments), ZERO) - kept


def era_zip(file_id: str, remittance: Remittance, *, unbalanced: bool = False) -> Report:
    """Return the zip; told so, its first claim's payment is a dollar more than its lines say."""
    today = f"{remittance.paid_on:%Y%m%d}"
    members = {
        f"{file_id}_ERA_835_5010_{today}.835": remittance_835(file_id, remittance, unbalanced=unbalanced),
        f"{file_id}_ERA_STATUS_5010_{today}.txt": print_report(remittance),
    }
    zipped = io.BytesIO()
    with zipfile.ZipFile(zipped, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            # Dated by the payment, not by the machine: the same remittance is the same bytes.
            archive.writestr(zipfile.ZipInfo(name, remittance.paid_on.timetuple()[:6]), content)
    return Report(name=f"{file_id}_ERA_STATUS_5010_{today}.zip", content=zipped.getvalue())


def remittance_835(file_id: str, remittance: Remittance, *, unbalanced: bool = False) -> bytes:
    """Return the 835."""
    account = remittance.account.upper()
    too_much = Decimal(1) if unbalanced else ZERO
    frame = Frame(
        at=datetime.combine(remittance.paid_on, time(6)),
        control_number=file_id[-9:],
        group_number=str(int(file_id[-9:])),
        receiver=account,
        group_receiver=account[:15],
        group="HP",
        kind="835",
        version=GUIDE,
    )
    body = [
        *_head(remittance, too_much),
        *(segment for n, one in enumerate(remittance.payments) for segment in _claim(one, ZERO if n else too_much)),
        *_provider_adjustments(remittance),
    ]
    return written(frame, body, names_guide=False)


def print_report(remittance: Remittance) -> bytes:
    """Return the same as text: the check, its claims and their lines, and what was kept back."""
    rows = [
        f"PAYER: {remittance.payer.last} ({remittance.payer.id})",
        f"PAYEE: {remittance.payee.last}  NPI {remittance.payee.id}  TAX ID {remittance.tax_id}",
        f"CHECK/EFT {remittance.trace}  {remittance.paid_on:%m/%d/%Y}  ${remittance.amount:,.2f}",
        "",
    ]
    for one in remittance.payments:
        claim = one.forwarded.claim
        rows += [
            f"{claim.control_number:<15}{claim.who.last}, {claim.who.first}  ICN {one.number}  STATUS {one.status}",
            f"    CHARGE {one.charge:>10,.2f}  PAID {one.paid:>10,.2f}  PATIENT {one.share:>10,.2f}",
        ]
        for line in one.lines:
            reasons = " ".join(f"{cas.group}-{cas.reason} {cas.amount:.2f}" for cas in line.adjustments)
            rows.append(f"    {day(line.line.day)}  {line.line.code:<14}{line.charge:>10,.2f}"
                        f"{line.paid:>10,.2f}  {reasons}".rstrip())  # fmt: skip
    rows += [f"PROVIDER ADJUSTMENT {one.reason} {one.reference} {one.amount:.2f}" for one in remittance.adjustments]
    return "\r\n".join([*rows, ""]).encode()


def _head(remittance: Remittance, too_much: Decimal) -> list[list[str]]:
    paid_on = f"{remittance.paid_on:%Y%m%d}"
    amount = remittance.amount + too_much
    bank = ["01", "999999992", "DA", "123456", _PAYER_TAX_ID, "", "01", "999988880", "DA", "98765"]
    transfer = ["I", money(amount), "C", "ACH", "CCP", *bank] if amount else ["H", "0", "C", "NON", *[""] * 11]
    return [
        ["BPR", *transfer, paid_on],
        ["TRN", "1", remittance.trace, _PAYER_TAX_ID],
        ["REF", "EV", plain(remittance.account.upper())],
        ["DTM", "405", paid_on],
        ["N1", "PR", plain(remittance.payer.last)],
        ["N3", "1 SANDBOX WAY"],
        ["N4", "EXAMPLE CITY", "OR", "97001"],
        ["REF", "2U", remittance.payer.id],
        ["PER", "CX", "PROVIDER SERVICES", "TE", "5035550199"],
        ["PER", "BL", "EDI DESK", "TE", "5035550198"],
        ["N1", "PE", plain(remittance.payee.last), "XX", remittance.payee.id],
        ["REF", "TJ", remittance.tax_id],
        ["LX", "1"],
    ]


def _claim(one: Payment, too_much: Decimal) -> list[list[str]]:
    claim, is_reversal = one.forwarded.claim, one.status == "22"
    who, insured = claim.who, claim.subscriber
    first, last = claim.days
    crossover = one.crossover
    segments = [
        ["CLP", claim.control_number, one.status, money(one.charge), money(one.paid + too_much),
         money(one.share) if one.share > 0 else "", _filing_code(claim.filing_code), one.number, claim.place_of_service,
         claim.frequency],
        ["NM1", "QC", "1", plain(who.last), plain(who.first), "", "", "", "MI", plain(who.id or insured.id)],
    ]  # fmt: skip
    if claim.patient is not None:
        segments.append(["NM1", "IL", "1", plain(insured.last), plain(insured.first), "", "", "", "MI", insured.id])
    if crossover is not None:
        segments += [["NM1", "TT", "2", crossover.last, "", "", "", "", "PI", crossover.id], ["MOA", "", "", "MA18"]]
    if one.replaces:
        segments.append(["REF", "F8", one.replaces])
    segments += [
        ["DTM", "232", first],
        ["DTM", "233", last],
        ["DTM", "050", one.forwarded.received],
    ]
    if one.interest:
        segments.append(["AMT", "I", money(one.interest)])
    return [*segments, *(segment for line in one.lines for segment in _line(line, is_reversal=is_reversal))]


def _filing_code(sent: str) -> str:
    # SBR09 knows codes that CLP06 does not, commercial (CI) and Blue Cross (BL) first: they come back as 12, PPO.
    return sent if sent in _FILING_CODES else "12"


def _line(paid: PaidLine, *, is_reversal: bool) -> list[list[str]]:
    line = paid.line
    first, _, last = line.day.partition("-")
    segments = [
        ["SVC", f"HC:{line.code}", money(paid.charge), money(paid.paid), "", line.units],
        *([["DTM", "150", first], ["DTM", "151", last]] if last else [["DTM", "472", first]]),
        *_adjustments(paid),
    ]
    if line.reference:
        segments.append(["REF", "6R", line.reference])
    # A reversal takes back amounts; it does not say anew what is allowed, nor why.
    if allowed := ZERO if is_reversal else paid.paid + paid.share:
        segments.append(["AMT", "B6", money(allowed)])
    return [*segments, *(["LQ", "HE", remark] for remark in paid.remarks)]


def _adjustments(paid: PaidLine) -> Iterator[list[str]]:
    for group in dict.fromkeys(one.group for one in paid.adjustments):
        triplets = [[one.reason, money(one.amount), ""] for one in paid.adjustments if one.group == group]
        for some in _by(triplets, _CAS_TRIPLETS):
            yield ["CAS", group, *(element for triplet in some for element in triplet)]


def _provider_adjustments(remittance: Remittance) -> Iterator[list[str]]:
    year_end = f"{remittance.paid_on:%Y}1231"
    pairs = [[f"{one.reason}:{one.reference}", money(one.amount)] for one in remittance.adjustments]
    for some in _by(pairs, _PLB_PAIRS):
        yield ["PLB", remittance.payee.id, year_end, *(element for pair in some for element in pair)]


def _by(parts: Sequence[list[str]], size: int) -> Iterator[Sequence[list[str]]]:
    return (parts[start : start + size] for start in range(0, len(parts), size))
