"""
The EDI Status report: what payers answered since the last report, as text for people, many uploads mixed.

Nothing read here holds patient data: the column with the name is skipped. What a payer writes stays out of every
repr: nobody knows what it puts there.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from enum import Enum


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
    payer_words: str = field(repr=False)  # Payer Response, wrapped words put together


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


def read_edi_status(lines: Iterable[str]) -> EdiStatus:
    """Return what payers answered; BadFile where the report does not add up."""
    raise NotImplementedError
