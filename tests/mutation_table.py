"""
Who notices which fault: ours and two strangers' validators, asked about every mutation.

`python -m tests.mutation_table` prints the table. Ours is the structural check and, where that finds nothing, the
rules; a rule that only warns is marked so.
"""

import sys
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from include.adapters.code_lists import code_lists
from include.claims.code_lists import CodeLists
from include.claims.facts import NO_FACTS
from include.claims.model import Claim, Fault
from include.claims.payer_profile import DEFAULT, PayerProfile, Severity
from include.claims.scrub import NOT_CHECKED, scrub
from include.x12.check_837p import deviations
from include.x12.read_837p import ReadClaim
from tests.builders import TODAY
from tests.mutations import MUTATIONS, Mutation, mutated
from tests.oracles import pyx12_complaints, x12sdk_complaints

STRUCTURE: Final = "structure"
"""What the structural check says, for it names places and no rules."""


AS_THE_GUIDE_HAS_IT: Final = PayerProfile(
    key="GUIDE",
    severity={"subscriber_birth_date": Severity.OFF, "subscriber_address": Severity.OFF},
)
"""Beside a dependent the guide leaves out the subscriber's details, and so does that sample; Office Ally wants them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    """What each of the three says of one mutation."""

    mutation: Mutation
    ours: tuple[str, ...]  # the structural check's word, or the names of the rules
    pyx12: bool
    x12sdk: bool

    @property
    def is_unnoticed_elsewhere(self) -> bool:
        """Tell whether both strangers let it pass."""
        return not (self.pyx12 or self.x12sdk)


@cache
def lists() -> CodeLists:
    """Return the ICD-10-CM list, and of procedures and taxonomies those the samples use."""
    return replace(
        code_lists(None, icd=True), procedures=frozenset({"97153", "97155"}), taxonomies=frozenset({"103K00000X"})
    )


def found_by_us(text: str) -> tuple[str, ...]:
    """Return what we have against a file: where its structure is not ours, or else the rules its claims break."""
    claims: list[ReadClaim] = []
    if off := deviations(text, claims):
        return tuple(f"{STRUCTURE}: {one.place}: {one.message}" for one in off)
    faults = (fault for one in claims for fault in _faults(one.claim) if fault.rule != NOT_CHECKED)
    return tuple(f"{fault.rule}{'' if fault.blocks else ' (warns)'}" for fault in faults)


def _faults(claim: Claim) -> tuple[Fault, ...]:
    profile = DEFAULT if claim.dependent is None else AS_THE_GUIDE_HAS_IT
    return scrub(claim, TODAY, profile=profile, lists=lists(), facts=NO_FACTS)


def verdict(mutation: Mutation) -> Verdict:
    """Ask all three about one mutation."""
    text = mutated(mutation)
    return Verdict(
        mutation=mutation,
        ours=found_by_us(text),
        pyx12=bool(pyx12_complaints(text)),
        x12sdk=bool(x12sdk_complaints(text)),
    )


@cache
def verdicts() -> tuple[Verdict, ...]:
    """Ask all three about all mutations."""
    return tuple(map(verdict, MUTATIONS))


def table() -> str:
    """Return the table: a row a fault, totals by kind, and how many faults nobody else notices."""
    rows = [f"{'kind':<12} {'fault':<52} {'pyx12':<6} {'x12sdk':<6} ours"]
    rows += [
        f"{one.mutation.kind:<12} {one.mutation.name:<52} {_mark(one.pyx12):<6} {_mark(one.x12sdk):<6}"
        f" {'; '.join(one.ours) or '-'}"
        for one in verdicts()
    ]
    kinds = dict.fromkeys(one.mutation.kind for one in verdicts())
    rows += ["", f"{'caught':<12} {'of':>4} {'ours':>5} {'pyx12':>6} {'x12sdk':>7} {'neither of them':>16}"]
    rows += [_totals(kind, [one for one in verdicts() if one.mutation.kind == kind]) for kind in kinds]
    return "\n".join([*rows, _totals("all", list(verdicts()))])


def _mark(noticed: bool) -> str:
    return "yes" if noticed else "-"


def _totals(name: str, found: list[Verdict]) -> str:
    ours, pyx12 = sum(bool(one.ours) for one in found), sum(one.pyx12 for one in found)
    x12sdk, unnoticed = sum(one.x12sdk for one in found), sum(one.is_unnoticed_elsewhere for one in found)
    return f"{name:<12} {len(found):>4} {ours:>5} {pyx12:>6} {x12sdk:>7} {unnoticed:>16}"


def main() -> int:
    """Print the table; fail where a fault passes ours."""
    print(table())
    return int(any(not one.ours for one in verdicts()))


if __name__ == "__main__":
    sys.exit(main())
