"""
The sandbox's own log of what it took: the other side's memory, by which "exactly once" is proved.

One JSON object a line in `taken.jsonl`, written when a file has left `inbound`. It names claims by number and hash,
never by person.
"""

import json
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from include.claims.states import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenClaim:
    """One claim of a file the sandbox took."""

    control_number: str  # CLM01
    payer_id: str
    verdict: str  # accepted, rejected (by the claim edits) or refused (its set, in the 999)
    codes: tuple[str, ...] = ()
    charge: Decimal  # CLM02
    forwarded: bool  # to the payer; a test claim never is
    clearinghouse_claim_id: str = ""
    line_references_sha256: str  # of the REF*6R of its lines, joined by blanks; a form has none
    content_sha256: str  # of what is billed, whatever the claim is called


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenFile:
    """One file the sandbox took away from an `inbound`."""

    at: str  # ISO, zone-aware
    account: str
    name: str
    sha256: str
    size: int
    usage: Usage
    complete: bool  # it ended with its IEA, or with a whole form
    file_id: str
    part_ids: tuple[str, ...] = ()
    interchange: str = ""  # ISA13 where it was read
    failed: str = ""  # why the whole file failed, `code - words`; its claims do not exist then
    claims: tuple[TakenClaim, ...] = ()


def append_taken(path: Path, taken: TakenFile) -> None:
    """Add one line to the log."""
    with path.open("a", encoding="utf-8") as log:
        log.write(json.dumps(asdict(taken), default=str) + "\n")


def read_taken(path: Path) -> list[TakenFile]:
    """Return every file a sandbox took, oldest first, from its log alone."""
    if not path.exists():
        return []
    text = path.read_text(encoding="utf-8")
    # A last line without its end is being written now.
    return [_file(json.loads(line)) for line in text.splitlines(keepends=True) if line.endswith("\n")]


def _file(found: dict[str, Any]) -> TakenFile:
    claims = tuple(
        TakenClaim(**{**claim, "charge": Decimal(claim["charge"]), "codes": tuple(claim["codes"])})
        for claim in found["claims"]
    )
    part_ids = tuple(found["part_ids"])
    return TakenFile(**{**found, "usage": Usage(found["usage"]), "part_ids": part_ids, "claims": claims})
