"""
The EDI Status report: what payers said since the last one, as text for people, in the layout it was seen in.

UTF-8 with a byte order mark; rows of 408 characters that end in ` :`. A claim's further answers follow in rows of
their own with the left part blank, and a row with nothing but the mark closes it. Words that are wrapped lose their
blanks.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Final

from include.sandbox.contract import Forwarded

_WIDTH: Final = 408
_END: Final = " :"
_RULE: Final = "-" * (_WIDTH - len(_END)) + _END
_WORDS_WIDTH: Final = 48
_AMOUNT_WIDTH: Final = 10

# Where each column begins, and where the next does.
_COLUMNS: Final = (
    ("File ID", 4, 14), ("Claim ID", 14, 26), ("Pat. Acct #", 26, 41), ("Patient", 41, 61), ("Amount", 61, 73),
    ("PracticeID", 73, 84), ("Tax ID", 84, 95), ("Payer", 95, 105), ("Payer Process Dt", 105, 122),
    ("Payer Ref ID", 122, 142), ("Status", 142, 152), ("Payer Response", 152, _WIDTH - len(_END)),
)  # fmt: skip

_TITLES: Final = ("PayerID", "Payer", "# Accepted", "$ Accepted", "# Pending", "$ Pending", "# Rejected", "$ Rejected")
_TITLE_WIDTHS: Final = (10, 42, 12, 16, 12, 16, 12, 16)


@dataclass(frozen=True, slots=True)
class Said:
    """One thing a payer said of a claim."""

    number: str  # Payer Ref ID; may be blank
    status: str  # ACCEPTED, PENDING or REJECTED
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusOf:
    """A claim of the report with all that was said of it; the last word counts."""

    forwarded: Forwarded
    said: tuple[Said, ...]


def edi_status(account: str, statuses: Sequence[StatusOf], day: date) -> bytes:
    """Return the report."""
    lines = [
        f"Dear {account.upper()}, Sandbox User,",
        "",
        "+" + "-" * 40 + "+",
        "|" + "EDI STATUS REPORT".center(40) + "|",
        "+" + "-" * 40 + "+",
        "These are the answers of payers that came since the last report.",
        "",
        _summary_row(_TITLES),
        _RULE,
        *_summary(statuses),
        _RULE,
        "",
        _row({name: name for name, _, _ in _COLUMNS} | {"Amount": "Amount".rjust(_AMOUNT_WIDTH)}),
        _RULE,
        *(line for one in statuses for line in _detail(one, day)),
        "",
    ]
    return b"\xef\xbb\xbf" + "\r\n".join(lines).encode()


def _summary(statuses: Sequence[StatusOf]) -> list[str]:
    rows = []
    ordered = sorted(statuses, key=lambda one: one.forwarded.claim.payer.id)
    for payer_id, group in groupby(ordered, lambda one: one.forwarded.claim.payer.id):
        claims = list(group)
        cells = [f"({payer_id})", claims[0].forwarded.claim.payer.last]
        for status in ("ACCEPTED", "PENDING", "REJECTED"):
            amounts = [one.forwarded.claim.total for one in claims if one.said[-1].status == status]
            cells += [str(len(amounts)), f"${sum(amounts, Decimal(0)):,.2f}"]
        rows.append(_summary_row(cells))
    return rows


def _summary_row(cells: Sequence[str]) -> str:
    row = "".join(cell[: width - 1].ljust(width) for cell, width in zip(cells, _TITLE_WIDTHS, strict=True))
    return row.ljust(_WIDTH - len(_END)) + _END


def _detail(one: StatusOf, day: date) -> list[str]:
    claim = one.forwarded.claim
    left = {
        "File ID": one.forwarded.part_id,
        "Claim ID": one.forwarded.claim_id,
        "Pat. Acct #": claim.control_number,
        "Patient": f"{claim.who.last}, {claim.who.first}",
        "Amount": f"${claim.total:,.2f}".rjust(_AMOUNT_WIDTH),
        "PracticeID": claim.billing.id,
        "Tax ID": claim.tax_id,
        "Payer": claim.payer.id,
        "Payer Process Dt": f"{day:%m/%d/%Y}",
    }
    rows = []
    for said in one.said:
        words = "".join(textwrap.wrap(said.words, _WORDS_WIDTH))
        rows.append(
            _row({**left, "Payer Ref ID": said.number, "Status": said.status, "Payer Response": words}),
        )
        left = {}
    return [*rows, _row({})]


def _row(cells: dict[str, str]) -> str:
    row = ""
    for name, start, end in _COLUMNS:
        row = row.ljust(start) + cells.get(name, "")[: end - start]
    return row.ljust(_WIDTH - len(_END)) + _END
