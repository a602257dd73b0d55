"""
EDI Status reports of invented clinics, in the observed layout with its oddities.

`make samples` writes one under `tests/samples/edi_status/`, beside what it means.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from include.officeally.edi_status import EdiStatus, read_edi_status
from tests.golden import SAMPLES

FOLDER = SAMPLES / "edi_status"
BOM = "\ufeff"
WIDTH = 408
RULE = f"{'-' * (WIDTH - 2)} :"
FILLER = f"{' ' * (WIDTH - 1)}:"
HEADER = (
    "    File ID   Claim ID    Pat. Acct #    Patient                 Amount  PracticeID Tax ID     Payer     "
    "Payer Process Dt Payer Ref ID        Status    Payer Response"
)


@dataclass(frozen=True, kw_only=True)
class Row:
    """What a payer says of one claim, and what it says more in the rows below."""

    account: str
    claim_id: str
    file_id: str = "443130029"
    amount: str = "$240.00"
    payer: str = "99999"
    day: str = "03/12/2026"
    answers: Sequence[tuple[str, str, str]] = (("ICN0001", "ACCEPTED", "CLAIM ACCEPTED"),)


ROWS = (
    Row(account="CN0001", claim_id="3100000001"),
    Row(
        account="CN0002ABCDEFGH", claim_id="3100000002", file_id="1026347812", amount="$1,234.56",
        answers=(
            ("ICN0002", "REJECTED", "SUBSCRIBER NOT FOUND; CHECK MEMBERID AND BIRTHDATE OFTESTINA EXAMPLE"),
            ("", "REJECTED", "NPI NOT ON FILE"),
            ("", "", "CALL 5035550100"),
        ),
    ),
    Row(account="CN0003", claim_id="3100000003", amount="$60.00", payer="SKUT0", answers=(("", "PENDING", ""),)),
    Row(account="CN0001", claim_id="3100000001", day="03/13/2026", answers=(("ICN0001", "ACCEPTED", "PAID SOON"),)),
    Row(
        account="CN0004", claim_id="3100000004", payer="SKUT0", day="", amount="$.75",
        answers=(("1234567890123456789", "FORWARD", "SENT ON"),),
    ),
)  # fmt: skip
SUMMARY = (
    "(99999)   EXAMPLE HEALTH PLAN (EAST)     1      $240.00     0        $0.00     1    $1,234.56 :",
    "(SKUT0)   INVENTED MUTUAL                0        $0.00     1       $60.00     0        $0.00 :",
)


def a_row(one: Row) -> list[str]:
    """Return a claim's rows, its closing row among them."""
    person = f"{'EXAMPLE, TESTINA':20}"
    (reference, status, words), *more = one.answers
    first = (
        f"    {one.file_id:10}{one.claim_id:12}{one.account:15}{person}{one.amount:>10}  1222333449 731234567  "
        f"{one.payer:10}{one.day:17}{reference:20}{status:10}{words}"
    )
    rest = [f"{'':122}{reference:20}{status:10}{words}" for reference, status, words in more]
    return [*(f"{line:{WIDTH - 2}} :" for line in [first, *rest]), FILLER]


def a_report(rows: Sequence[Row] = ROWS, summary: Sequence[str] = SUMMARY, header: str = HEADER) -> list[str]:
    """Return a whole report, line by line."""
    return [
        f"{BOM}Dear Example User,",
        "Account: EXAMPLE ABA CLINIC",
        "+---------------------------+",
        "|     EDI STATUS REPORT     |",
        "+---------------------------+",
        "What payers (all of them) said since the last report.",
        "",
        "PayerID   Payer                      # Accepted  $ Accepted  # Pending  $ Pending  # Rejected  $ Rejected :",
        RULE,
        *summary,
        "",
        header,
        RULE,
        *(line for row in rows for line in a_row(row)),
    ]


def shifted(by: int) -> list[str]:
    """Return a report whose columns from Claim ID on stand so far to the right, its header with them."""
    return [
        line[:14] + " " * by + line[14:] if (len(line) == WIDTH and line != RULE) or line == HEADER else line
        for line in a_report()
    ]


def meaning(report: EdiStatus) -> str:
    """Return what a report says, a line each."""
    told = [
        f"payer {totals.payer_id}  "
        + "  ".join(f"{status.value} {totals.counts[status]} {totals.amounts[status]}" for status in totals.counts)
        for totals in report.totals
    ]
    told += [
        f"claim {one.account_number}  {one.status.name} ({one.status_word or '-'}) by {one.payer_id} "
        f"on {one.processed_on}  answer {one.ordinal}  file {one.file_id} clearinghouse {one.clearinghouse_claim_id} "
        f"payer {one.payer_reference or '-'}  {one.amount}"
        for one in report.answers
    ]
    return "\n".join(told) + "\n"


def shapes() -> dict[str, str]:
    """Return the sample's files by name."""
    lines = a_report()
    return {"report.txt": "\n".join(lines) + "\n", "means.txt": meaning(read_edi_status(lines))}


def with_row(**changes: Any) -> list[str]:
    """Return a report of one claim, changed."""
    return a_report(rows=[replace(ROWS[0], **changes)], summary=())


def main() -> None:
    """Write the sample anew."""
    FOLDER.mkdir(parents=True, exist_ok=True)
    for file, text in shapes().items():
        (FOLDER / file).write_bytes(text.encode())


if __name__ == "__main__":
    main()
