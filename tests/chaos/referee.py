"""
The referee of a night: what the practice wanted paid against what the clearinghouse took. Nothing else is asked.

It imports no line of the product and knows no ledger. It reads the clearinghouse's own log, the files the clearinghouse
kept, cut up by a splitter of its own, and the practice's list. A bill is known by its fingerprint, whatever number it
went under: the patient, the day, the procedure and the charge.
"""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any


@dataclass(frozen=True, slots=True)
class Bill:
    """One service as it is billed."""

    patient: str  # LAST FIRST
    day: str  # CCYYMMDD
    procedure: str
    charge: Decimal
    key: str = field(default="", compare=False)  # what the practice calls it; no file has it


@dataclass(frozen=True, slots=True)
class Took:
    """A bill as the clearinghouse took it."""

    bill: Bill
    control_number: str  # CLM01
    file: str


@dataclass(slots=True, kw_only=True)
class Verdict:
    """What is wrong, in words, one for each bill it is wrong with."""

    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.twice)


def judge(wanted: Sequence[Bill], clearinghouse: Path) -> Verdict:
    """Compare what was wanted with what was taken."""
    took = list(taken_bills(clearinghouse))
    by_bill = Counter(one.bill for one in took)
    by_number = Counter(one.control_number for one in took)
    files: dict[Bill, list[str]] = {}
    for one in took:
        files.setdefault(one.bill, []).append(f"{one.file} as {one.control_number}")
    keys = {bill: bill.key for bill in wanted}
    verdict = Verdict(lost=[f"{bill.key} was never taken" for bill in wanted if not by_bill[bill]])
    for bill, times in by_bill.items():
        if bill not in keys:
            verdict.twice.append(f"a bill nobody wanted was taken: {', '.join(files[bill])}")
        elif times > 1:
            verdict.twice.append(f"{keys[bill]} was taken {times} times: {', '.join(files[bill])}")
    verdict.twice += [f"{number} was used {times} times" for number, times in by_number.items() if times > 1]
    return verdict


def taken_bills(clearinghouse: Path) -> Iterator[Took]:
    """Yield every live bill the clearinghouse made a claim of, oldest first."""
    for file in log_of(clearinghouse):
        if file["failed"] or "OATEST" in file["name"].upper():
            continue
        refused = {claim["control_number"] for claim in file["claims"] if claim["verdict"] == "refused"}
        kept = clearinghouse / "taken" / file["account"] / f"{file['file_id']}_{file['name']}"
        found = list(_bills_in(kept.read_text(encoding="ascii")))
        logged = sorted(claim["control_number"] for claim in file["claims"])
        assert logged == sorted(number for number, _ in found), f"log and file disagree on {file['name']}"
        yield from (Took(bill, number, file["name"]) for number, bill in found if number not in refused)


def log_of(clearinghouse: Path) -> list[dict[str, Any]]:
    """Return the clearinghouse's log of the files it took, oldest first."""
    path = clearinghouse / "taken.jsonl"
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def _bills_in(text: str) -> Iterator[tuple[str, Bill]]:
    """Yield the bills of a file's finished sets, each with its CLM01; a service line is a bill."""
    element, component, end = text[3], text[104], text[105]
    patient = number = procedure = charge = ""
    in_this_set: list[tuple[str, Bill]] = []
    for segment in text.split(end):
        e = [*segment.strip().split(element), "", "", ""]  # the last one of a cut file may end anywhere
        match e[0]:
            case "NM1" if e[1] in {"IL", "QC"}:
                patient = f"{e[3]} {e[4]}"
            case "CLM":
                number = e[1]
            case "SV1":
                procedure, charge = e[1].split(component)[1], e[2]
            case "DTP" if e[1] == "472":
                in_this_set.append((number, Bill(patient, e[3], procedure, Decimal(charge))))
            case "SE":
                yield from in_this_set
                in_this_set = []
