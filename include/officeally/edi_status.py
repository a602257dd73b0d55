"""
The EDI Status report: what payers answered since the last report, as text for people, many uploads mixed.

It is read by the positions of its own column header (observed layout; the table below where a header cannot be
found). Rows have one width and one end, so a row that was cut is noticed, and the summary by payer must be one that
the rows can explain. The report has no end of its own: cut between two claims, it is noticed where the summary counts
what is missing.

Nothing read here holds patient data: the column with the name is skipped. What a payer writes stays out of every
repr: nobody knows what it puts there.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final

from include.claims.errors import BadFile
from include.officeally.text_report import cleaned, columns_at, continued, us_day


class PayerStatus(Enum):
    """What a payer's system made of a claim, by the word of the column Status."""

    ACCEPTED = "ACCEPTED"
    PENDING = "PENDING"
    REJECTED = "REJECTED"
    UNKNOWN = "UNKNOWN"  # any other word, kept in `status_word`


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerAnswer:
    """One answer of a payer about one claim; a claim may have several, in the report's order."""

    line: int  # where it stands in the file, from 1
    ordinal: int  # 1 for a claim's own row, more for the rows that continue it
    file_id: str  # the claim file's, of nine or ten digits
    clearinghouse_claim_id: str  # Claim ID
    account_number: str  # Pat. Acct #: our CLM01, cut at 14 characters
    amount: Decimal | None
    payer_id: str  # Payer
    processed_on: date | None  # Payer Process Dt
    payer_reference: str  # Payer Ref ID
    status: PayerStatus
    status_word: str  # as it came
    payer_words: str = field(repr=False)  # Payer Response


@dataclass(frozen=True, slots=True, kw_only=True)
class PayerTotals:
    """A payer's row of the summary above the claims."""

    payer_id: str
    counts: Mapping[PayerStatus, int]
    amounts: Mapping[PayerStatus, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class EdiStatus:
    """An EDI Status report without patient data."""

    totals: tuple[PayerTotals, ...]
    answers: tuple[PayerAnswer, ...]


_COLUMNS: Final = {
    "File ID": 4, "Claim ID": 14, "Pat. Acct #": 26, "Patient": 41, "Amount": 65, "PracticeID": 73, "Tax ID": 84,
    "Payer": 95, "Payer Process Dt": 105, "Payer Ref ID": 122, "Status": 142, "Payer Response": 152,
}  # fmt: skip
"""Where each column's title starts, counted from 0 (observed layout)."""

_READ: Final = (
    "File ID", "Claim ID", "Pat. Acct #", "Amount", "Payer", "Payer Process Dt", "Payer Ref ID", "Status",
    "Payer Response",
)  # fmt: skip
"""The columns that are read; Patient is not among them."""

_AMOUNT_WIDTH: Final = 10
_END: Final = " :"
_STATUSES: Final = {status.value: status for status in PayerStatus} | {"PENDED": PayerStatus.PENDING}
_COUNTED: Final = (PayerStatus.ACCEPTED, PayerStatus.PENDING, PayerStatus.REJECTED)
_RULE = re.compile(r"[-=_]{20,}\s*:?")
_ID = re.compile(r"[0-9]{9,12}")
_COUNT = re.compile(r"[0-9][0-9,]{0,9}")
_MONEY = re.compile(r"-?(?:[0-9][0-9,]{0,12}(?:\.[0-9]{0,2})?|\.[0-9]{1,2})")
_PAYER = re.compile(r"\s*\(\s*([A-Za-z0-9]{1,20})\s*\)(.*)")


def read_edi_status(lines: Iterable[str]) -> EdiStatus:
    """Return what payers answered; BadFile where the report is cut or its summary is not what the rows say."""
    return _Reader().read(lines)


class _Reader:
    def __init__(self) -> None:
        self._totals: list[PayerTotals] = []
        self._answers: list[PayerAnswer] = []
        self._cells: dict[str, slice] | None = None  # where the columns are; None above the first header
        self._width = 0  # of the rows, set by the first
        self._is_open = False  # a claim whose closing row has not come yet
        self._line = 0

    def read(self, lines: Iterable[str]) -> EdiStatus:
        for line in cleaned(lines, "EDI Status"):
            self._line += 1
            if "Claim ID" in line and "Pat. Acct #" in line:
                self._cells = _cells(columns_at(line, _COLUMNS))
            elif self._cells is None:
                self._summary_line(line)
            else:
                self._detail_line(line, self._cells)
        if self._cells is None:
            raise BadFile("EDI Status: no header of the claims (`Claim ID`, `Pat. Acct #`); cut, or another report")
        if len(self._totals) > len({totals.payer_id for totals in self._totals}):
            raise BadFile("EDI Status: the summary names a payer twice")
        if self._is_open:
            raise self._bad("the last claim's closing row (`:` alone) is missing; the file was cut, take it again")
        by_payer: dict[str, list[PayerAnswer]] = {totals.payer_id: [] for totals in self._totals}
        for answer in self._answers:
            by_payer.setdefault(answer.payer_id, []).append(answer)
        for totals in self._totals:
            _compare(totals, by_payer[totals.payer_id])
        return EdiStatus(totals=tuple(self._totals), answers=tuple(self._answers))

    # --- the report above the claims ---

    def _summary_line(self, line: str) -> None:
        payer = _PAYER.fullmatch(line)
        words = payer[2].rstrip(" :").replace("$", " ").split()[-6:] if payer else []
        counts, amounts = words[::2], words[1::2]
        if payer is None or len(words) < 6 or not all(map(_COUNT.fullmatch, counts)):
            return
        if all(map(_MONEY.fullmatch, amounts)):
            self._totals.append(
                PayerTotals(
                    payer_id=payer[1],
                    counts={status: int(word.replace(",", "")) for status, word in zip(_COUNTED, counts, strict=True)},
                    amounts={status: _money(word) for status, word in zip(_COUNTED, amounts, strict=True)},
                )
            )

    # --- the claims ---

    def _detail_line(self, line: str, cells: dict[str, slice]) -> None:
        text = line.strip()
        if not text or _RULE.fullmatch(text):
            return
        if text == ":":
            self._is_open = False
            return
        if line[: cells["File ID"].start].strip() and not text.endswith(":"):
            return  # prose: nothing of a claim stands so far left
        self._width = self._width or len(line)
        if len(line) != self._width or not line.endswith(_END):
            raise self._bad(f"a row has {self._width} characters and ends in `:`; this one was cut or altered")
        found = {name: line[at].strip() for name, at in cells.items()}
        if line[: cells["Payer Ref ID"].start].strip():
            self._answers.append(self._claim(found))
            self._is_open = True
        else:
            self._continue(found)

    def _claim(self, found: Mapping[str, str]) -> PayerAnswer:
        if not (_ID.fullmatch(found["File ID"]) and _ID.fullmatch(found["Claim ID"])):
            raise self._bad("File ID and Claim ID are not numbers; the columns do not stand where the header says")
        return PayerAnswer(
            line=self._line,
            ordinal=1,
            file_id=found["File ID"],
            clearinghouse_claim_id=found["Claim ID"],
            account_number=found["Pat. Acct #"],
            amount=self._amount(found["Amount"]),
            payer_id=found["Payer"],
            processed_on=self._day(found["Payer Process Dt"]),
            payer_reference=found["Payer Ref ID"],
            status=_status(found["Status"]),
            status_word=found["Status"],
            payer_words=found["Payer Response"],
        )

    def _continue(self, found: Mapping[str, str]) -> None:
        if not self._is_open:
            raise self._bad("it continues a claim, and none stands above it")
        last = self._answers[-1]
        if not (found["Status"] or found["Payer Ref ID"]):
            words = continued(last.payer_words, found["Payer Response"], f"EDI Status, line {self._line}")
            self._answers[-1] = replace(last, payer_words=words)
            return
        self._answers.append(
            replace(
                last,
                line=self._line,
                ordinal=last.ordinal + 1,
                payer_reference=found["Payer Ref ID"],
                status=_status(found["Status"]),
                status_word=found["Status"],
                payer_words=found["Payer Response"],
            )
        )

    def _amount(self, text: str) -> Decimal | None:
        plain = text.replace("$", "").strip()
        if not plain:
            return None
        if _MONEY.fullmatch(plain) is None:
            raise self._bad("Amount is not an amount")
        return _money(plain)

    def _day(self, text: str) -> date | None:
        if not text:
            return None
        try:
            return us_day(text)
        except ValueError:
            raise self._bad("Payer Process Dt is not a date of the form MM/DD/YYYY") from None

    def _bad(self, rule: str) -> BadFile:
        return BadFile(f"EDI Status, line {self._line}: {rule}")


def _cells(columns: Mapping[str, int]) -> dict[str, slice]:
    ends = dict(zip(columns, [*list(columns.values())[1:], -len(_END)], strict=True))
    cells = {name: slice(columns[name], ends[name]) for name in _READ}
    # Amounts end where their title ends, and begin before it.
    start = columns["Amount"] + len("Amount") - _AMOUNT_WIDTH
    cells["Amount"] = slice(start, ends["Amount"])
    return cells


def _status(word: str) -> PayerStatus:
    return _STATUSES.get(word.upper(), PayerStatus.UNKNOWN)


def _money(text: str) -> Decimal:
    return Decimal(text.replace(",", ""))


def _compare(totals: PayerTotals, answers: list[PayerAnswer]) -> None:
    """
    Raise BadFile where the rows cannot explain the summary.

    Nothing published says how a claim with several answers counts: by all of them or by one. So each status may have
    as few claims as have no other answer, and as many as there are answers.
    """
    by_claim: dict[str, list[PayerAnswer]] = {}
    for answer in answers:
        by_claim.setdefault(answer.clearinghouse_claim_id, []).append(answer)
    for status in _COUNTED:
        most = [answer for answer in answers if answer.status is status]
        least = [said[0] for said in by_claim.values() if all(one.status is status for one in said)]
        if not len(least) <= totals.counts[status] <= len(most):
            raise BadFile(
                f"EDI Status: payer {totals.payer_id}: {totals.counts[status]} {status.value} claims are announced, "
                f"{len(most)} are listed; the file was cut or altered"
            )
        if not _sum(least) <= totals.amounts[status] <= _sum(most):
            raise BadFile(
                f"EDI Status: payer {totals.payer_id}: the {status.value} amount announced is not that of the claims "
                "listed; the file was cut or altered"
            )


def _sum(answers: list[PayerAnswer]) -> Decimal:
    return sum((answer.amount or Decimal(0) for answer in answers), Decimal(0))
