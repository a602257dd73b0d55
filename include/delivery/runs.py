"""
A clinic's runs as people look back on them: what each was asked for, the files it made, and what it left behind.

All of it stands in the ledger, so it is still told when Airflow has forgotten the run. Holds no patient data.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from include.claims.states import BatchStatus, Delivery, FrontEnd
from include.delivery.file_hops import Hop
from include.delivery.records import Kind, RunOrder


@dataclass(frozen=True, slots=True, kw_only=True)
class RunFile:
    """A file a run made, or took over from an earlier one, with where its claims stand now."""

    batch_id: int
    file_name: str
    kind: Kind
    status: BatchStatus
    adopted: bool  # an earlier run had sealed it
    sealed: Hop
    stages: Mapping[str, Hop]  # `standing.STAGES`, and what has gone on as another submission


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRun:
    """A run that sealed, whether it had claims or not."""

    order: RunOrder
    sealed_at: datetime
    files: tuple[RunFile, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class HeldFor:
    """Claims that are held, all for one reason."""

    reason: str
    claims: int
    charge: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class SilentClaim:
    """A claim nobody has answered by its deadline."""

    claim_key: str
    control_number: str
    payer_id: str
    charge: Decimal
    delivery: Delivery
    front_end: FrontEnd
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Login:
    """The account a mailbox's files went to, and how its login stands."""

    account: str
    visited_at: datetime | None
    refused_at: datetime | None  # nothing is sent or fetched since
    reason: str
