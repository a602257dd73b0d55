"""
`./courier scrub`: everything that is wrong with the claims of a file, before they go.

By claim, with the box of the form, what is wrong and what to do; no cell of a patient is printed. Exit status 1 where
some claim could not go, 0 where there are warnings at most.
"""

import argparse
import json
from collections import Counter
from collections.abc import Iterable

from include.claims.model import CancelledClaim, Fault, UnreadableClaim
from include.cli.claim_files import Judged, add_claim_file_options, judged_claims


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_claim_file_options(command)
    command.add_argument("--clinic", metavar="KEY", help="only the claims of this clinic")
    command.add_argument("--json", action="store_true", help="print one JSON document instead of text")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Judge every claim; 1 where some could not go."""
    show = _show_json if options.json else _show
    counts = show(judged_claims(options))
    return 1 if counts["blocked"] or counts["unreadable"] else 0


def _show(claims: Iterable[Judged]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for one in claims:
        counts[_state(one)] += 1
        if one.faults:
            print(f"claim {one.claim.key}, clinic {one.clinic}: {_state(one)}")
        for fault in one.faults:
            print(f"  {'' if fault.blocks else 'warning: '}{fault.rule}: {_place(one, fault)}:")
            print(f"      {fault.message}; {fault.remedy}")
    print(f"{counts.total()} claims: " + ", ".join(f"{counts[state]} {state}" for state in STATES))
    return counts


def _show_json(claims: Iterable[Judged]) -> Counter[str]:
    counts: Counter[str] = Counter()
    found = []
    for one in claims:
        counts[_state(one)] += 1
        faults = [
            {
                "rule": fault.rule,
                "blocks": fault.blocks,
                "place": _place(one, fault),
                "message": fault.message,
                "remedy": fault.remedy,
            }
            for fault in one.faults
        ]
        found.append({"claim": one.claim.key, "clinic": one.clinic, "state": _state(one), "faults": faults})
    print(json.dumps({"claims": found, **{state: counts[state] for state in STATES}}, indent=2))
    return counts


STATES = ("sound", "blocked", "unreadable", "cancelled")


def _state(one: Judged) -> str:
    if isinstance(one.claim, UnreadableClaim):
        return "unreadable"
    if isinstance(one.claim, CancelledClaim):
        return "cancelled"
    return "blocked" if one.is_blocked else "sound"


def _place(one: Judged, fault: Fault) -> str:
    """Return where a fault is; that of an unreadable claim begins with its key, which was said already."""
    return fault.place.removeprefix(f"claim {one.claim.key}").lstrip(", ")
