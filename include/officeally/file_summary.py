"""
The File Summary: what the clearinghouse's own claim edits made of one upload, as a report for people.

With 999 and 277CA off, as Office Ally sets accounts up, this text alone says which claims it took and which it
refused. It is read by the positions of its own column header (observed layout; the table below where a header
cannot be found), and it must add up: counts that disagree with the rows, or a block without its closing rule,
mean a file that was cut, and half a report must never be applied.

Nothing read here holds patient data: the columns with member id, name and birth date are skipped.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Final

from include.claims.errors import BadFile
from include.claims.states import Usage
from include.officeally.names import usage_of
from include.officeally.text_report import LONGEST_LINE, cleaned, columns_at, continued, us_day


class Verdict(Enum):
    """What the clearinghouse's edits made of a claim: the word its block is titled with."""

    ACCEPTED = "ACCEPTED"
    REJECTED = "ERROR"
    PENDING = "PENDING"


ENROLLMENT_EDITS: Final = frozenset({"RC55", "RC77"})
"""Edits of the clearinghouse that mean: this payer wants enrollment first (observed; its codes are not published)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SummaryRow:
    """One claim of the report. Holds no patient data."""

    verdict: Verdict
    line: int  # where it stands in the file, from 1
    clearinghouse_claim_id: str  # OA CLAIMID
    account_number: str  # ACCNT#: our CLM01, cut at 14 characters
    payer_id: str  # PAYER
    codes: tuple[str, ...]  # ERRORS


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """The claims of one payer: the clearinghouse splits an upload by payer and numbers each part."""

    file_id: str
    payer_id: str
    claims: int
    total: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class FileSummary:
    """A File Summary, or the report of a file that failed, without patient data."""

    file_id: str  # the master file id
    file_name: str  # our upload's name, extension included
    uploaded_on: date | None
    processed_on: date | None
    accepted: int
    rejected: int
    parts: tuple[Part, ...]
    errors: Mapping[str, str]  # code to words
    rows: tuple[SummaryRow, ...]

    @property
    def failed(self) -> bool:
        """Tell whether the file itself failed: it made no claims there, so it is rebuilt and sent anew."""
        return not self.rows

    @property
    def usage(self) -> Usage:
        """A test file's claims are edited and reported, and go no further."""
        return usage_of(self.file_name)

    def words(self, row: SummaryRow) -> str:
        """Return why a claim was refused, in the report's own words."""
        return "; ".join(self.errors.get(code, code) for code in row.codes)


_COLUMNS: Final = {
    "CLAIM#": 0, "OA CLAIMID": 7, "PATIENT ID": 19, "LAST,FIRST": 37, "DOB": 57, "FROM DOS": 70, "TO DOS": 81,
    "CPT": 92, "DIAG": 100, "TAX ID": 109, "ACCNT#": 121, "PHYS.ID": 135, "PAYER": 146, "ERRORS": 153,
}  # fmt: skip
"""Where each column starts, counted from 0 (observed layout)."""

_LABEL = re.compile(r"\s*(File Name|Date Uploaded|Date Processed|Type of File):\s*(.*?)\s*")
_SPLIT = re.compile(r"was split into (\d{1,9}) file", re.IGNORECASE)
# Possessive: a line of blanks is looked through once.
_PART = re.compile(r"\s*+(\d{9,}+)\s++(?:.*\()?([^()\s]+)\)\s+(\d[\d,]{0,9})\s+\$?\s*([\d,]{0,15}\.?\d{1,15})\s*")
_COUNT = re.compile(r"\s*(\d[\d,]{0,9})\s+# of Claims (?:Initially )?(Accepted|Rejected|Pending)\b.*", re.IGNORECASE)
_ERROR = re.compile(r"\s*\+-+>\s*[\d,]+\s+# errors?\s+(\S+)\s*-\s*(.*?)\s*", re.IGNORECASE)
_TITLE = re.compile(r"-+\s*(ERROR|REJECTED|ACCEPTED|PENDING)\s+CLAIM DETAIL.*", re.IGNORECASE)
_ROW = re.compile(r"\s*\d+\)")
_DOUBLE_RULE = re.compile(r"={20,}")
_RULE = re.compile(r"-{20,}")
_LONGEST_NAME: Final = 255  # of a file anywhere; it is said in messages
_MOST_CODES: Final = 1_000
_MASTER = re.compile(r"(\d{9,})_(.+)")


def read_file_summary(lines: Iterable[str]) -> FileSummary:
    """Return what the clearinghouse's claim edits said of one upload; BadFile where the report does not add up."""
    return _Reader().read(lines)


@dataclass(slots=True)
class _Block:
    """The detail of one verdict, while it is read."""

    verdict: Verdict
    opened_at: int
    columns: dict[str, int] = field(default_factory=lambda: dict(_COLUMNS))
    closes: bool = False  # past the column header, so that the next double rule ends it


class _Reader:
    def __init__(self) -> None:
        self._labels: dict[str, str] = {}
        self._declared_parts = 0
        self._parts: list[Part] = []
        self._counts: dict[str, int] = {}
        self._errors: dict[str, str] = {}
        self._wrapping = ""  # the error code whose words may go on in the next line
        self._rows: list[SummaryRow] = []
        self._block: _Block | None = None
        self._line = 0
        self._previous = ""

    def read(self, lines: Iterable[str]) -> FileSummary:
        for line in cleaned(lines, "File Summary"):
            self._line += 1
            # Tabs stand in a few places of the observed report.
            text = line.expandtabs(8)
            if len(text) > LONGEST_LINE:
                raise self._bad(f"longer than {LONGEST_LINE} characters")
            if self._block is None:
                self._header_line(text)
            else:
                self._detail_line(text, self._block)
        if self._block is not None:
            raise BadFile(
                f"File Summary: the {self._block.verdict.value} block opened in line {self._block.opened_at} has no "
                f"closing rule before the end in line {self._line}; the file was cut, take it again"
            )
        return self._summary()

    # --- the report above the claims ---

    def _header_line(self, line: str) -> None:
        text = line.strip()
        if title := _TITLE.fullmatch(text):
            word = title[1].upper().replace("REJECTED", "ERROR")
            self._block = _Block(verdict=Verdict(word), opened_at=self._line)
        elif label := _LABEL.fullmatch(line):
            self._labels[label[1]] = label[2]
        elif count := _COUNT.fullmatch(line):
            self._counts[count[2].lower()] = int(count[1].replace(",", ""))
        elif error := _ERROR.fullmatch(line):
            self._errors[error[1]] = error[2]
            self._wrapping = error[1]
            return
        elif part := _PART.fullmatch(line):
            self._parts.append(_part(part))
        elif self._wrapping and text and not (_DOUBLE_RULE.fullmatch(text) or _RULE.fullmatch(text)):
            words = continued(self._errors[self._wrapping], text, f"File Summary, line {self._line}")
            self._errors[self._wrapping] = words
            return
        # The sentence that counts the parts is wrapped over two lines, at no fixed place.
        elif split := _SPLIT.search(f"{self._previous} {text}"):
            self._declared_parts = int(split[1])
        self._wrapping = ""
        self._previous = text

    # --- the claims ---

    def _detail_line(self, line: str, block: _Block) -> None:
        text = line.strip()
        if _DOUBLE_RULE.fullmatch(text):
            self._block = None
        elif "OA CLAIMID" in text and "ACCNT#" in text:
            block.columns = columns_at(line, _COLUMNS)
        elif not text or _RULE.fullmatch(text):
            return
        elif _ROW.match(line):
            self._rows.append(self._row(line, block))
        elif self._rows and self._rows[-1].verdict is block.verdict and not line[: block.columns["ERRORS"]].strip():
            if len(self._rows[-1].codes) > _MOST_CODES:
                raise self._bad(f"a claim has {_MOST_CODES} codes at most")
            self._rows[-1] = _with_more_codes(self._rows[-1], text)
        else:
            raise self._bad(f"neither a claim (`1)` first) nor a rule inside the {block.verdict.value} block")

    def _row(self, line: str, block: _Block) -> SummaryRow:
        cells = _cells(line, block.columns)
        if not cells["OA CLAIMID"].isdigit():
            raise self._bad("OA CLAIMID is not a number; the columns do not stand where the header says")
        return SummaryRow(
            verdict=block.verdict,
            line=self._line,
            clearinghouse_claim_id=cells["OA CLAIMID"],
            account_number=cells["ACCNT#"],
            payer_id=cells["PAYER"],
            codes=_codes(cells["ERRORS"]),
        )

    # --- whether it adds up ---

    def _summary(self) -> FileSummary:
        master = _MASTER.fullmatch(self._labels.get("File Name", ""))
        if master is None or not (len(master[2]) <= _LONGEST_NAME and master[2].isprintable()):
            raise BadFile(
                "File Summary: no `File Name:` of the form <file id>_<our name>; the file was cut, take it again"
            )
        if {"accepted", "rejected"} - self._counts.keys():
            raise BadFile("File Summary: the counts of accepted and rejected claims are missing; the file was cut")
        if self._declared_parts > len(self._parts):
            raise BadFile(f"File Summary: {self._declared_parts} parts are announced, {len(self._parts)} are listed")
        self._compare_counts()
        return FileSummary(
            file_id=master[1],
            file_name=master[2],
            uploaded_on=self._day("Date Uploaded"),
            processed_on=self._day("Date Processed"),
            accepted=self._counts["accepted"],
            rejected=self._counts["rejected"],
            parts=tuple(self._parts),
            errors=self._errors,
            rows=tuple(self._rows),
        )

    def _compare_counts(self) -> None:
        found = {verdict: sum(row.verdict is verdict for row in self._rows) for verdict in Verdict}
        # Nothing published says whether a pending claim counts as initially accepted: both may be so.
        accepted = {found[Verdict.ACCEPTED], found[Verdict.ACCEPTED] + found[Verdict.PENDING]}
        if self._counts["accepted"] not in accepted:
            raise BadFile(
                f"File Summary: {self._counts['accepted']} accepted claims are announced, "
                f"{found[Verdict.ACCEPTED]} are listed; the file was cut or altered"
            )
        for word, verdict in (("rejected", Verdict.REJECTED), ("pending", Verdict.PENDING)):
            if self._counts.get(word, found[verdict]) != found[verdict]:
                raise BadFile(
                    f"File Summary: {self._counts[word]} {word} claims are announced, "
                    f"{found[verdict]} are listed; the file was cut or altered"
                )

    def _day(self, label: str) -> date | None:
        text = self._labels.get(label, "")
        if not text:
            return None
        try:
            return us_day(text[:10])
        except ValueError as error:
            raise BadFile(f"File Summary: {label} is not a date of the form MM/DD/YYYY") from error

    def _bad(self, rule: str) -> BadFile:
        return BadFile(f"File Summary, line {self._line}: {rule}")


def _part(match: re.Match[str]) -> Part:
    return Part(
        file_id=match[1],
        payer_id=match[2],
        claims=int(match[3].replace(",", "")),
        total=Decimal(match[4].replace(",", "")),
    )


def _cells(line: str, columns: Mapping[str, int]) -> dict[str, str]:
    names = list(columns)
    ends = [*list(columns.values())[1:], None]
    return {name: line[columns[name] : end].strip() for name, end in zip(names, ends, strict=True)}


def _codes(text: str) -> tuple[str, ...]:
    return tuple(code for code in re.split(r"[,\s]+", text) if code)


def _with_more_codes(row: SummaryRow, text: str) -> SummaryRow:
    return SummaryRow(
        verdict=row.verdict,
        line=row.line,
        clearinghouse_claim_id=row.clearinghouse_claim_id,
        account_number=row.account_number,
        payer_id=row.payer_id,
        codes=row.codes + _codes(text),
    )
