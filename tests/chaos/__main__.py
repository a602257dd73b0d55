"""
Play nights under fire and say what was found: `python -m tests.chaos [--nights N] [--seed S]`, or `make chaos`.

Seeds are random and each failing one is printed: `make chaos SEED=S` plays that night again. Exit status 1: something
was lost, sent twice, stuck, or passed for what it is not.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from random import SystemRandom

from tests.chaos.nights import Outcome
from tests.chaos.players import played


def main(arguments: Sequence[str]) -> int:
    """Play, print the failing nights, what was injected, and the verdict."""
    parser = argparse.ArgumentParser(prog="python -m tests.chaos", description=__doc__)
    parser.add_argument("--nights", type=int, default=300)
    parser.add_argument("--seed", type=int, help="play this night alone")
    asked = parser.parse_args(arguments)
    first = SystemRandom().randrange(10**9)
    seeds = [asked.seed] if asked.seed is not None else list(range(first, first + asked.nights))
    print(f"{len(seeds)} nights, seeds {seeds[0]} to {seeds[-1]}", flush=True)
    outcomes = list(told(played(seeds)))
    print(injected(outcomes))
    print(verdict(outcomes))
    return 0 if all(outcome.is_clean for outcome in outcomes) else 1


def told(outcomes: Iterable[Outcome]) -> Iterator[Outcome]:
    """Print each failing night, and now and then how far it is."""
    for number, outcome in enumerate(outcomes, start=1):
        if not outcome.is_clean:
            print(f"night {outcome.seed} failed; play it again: make chaos SEED={outcome.seed}")
            print("".join(f"  {fault}\n" for fault in outcome.faults()), end="", flush=True)
        if number % 25 == 0:
            print(f"{number} nights played", flush=True)
        yield outcome


def injected(outcomes: Iterable[Outcome]) -> str:
    """Return what was injected, by kind, the most frequent first."""
    counted: Counter[str] = Counter()
    for outcome in outcomes:
        counted += outcome.injected
    return "\n".join(["injected:", *(f"{count:8,}  {kind}" for kind, count in counted.most_common())])


def verdict(outcomes: Sequence[Outcome]) -> str:
    """Return the last word on all nights."""
    lost, twice, stuck, untrue = (
        sum(len(getattr(outcome, kind)) for outcome in outcomes) for kind in ("lost", "twice", "stuck", "untrue")
    )
    claims = sum(outcome.claims for outcome in outcomes)
    return (
        f"{len(outcomes)} nights, {claims:,} claims, passed for what it is not {untrue}\n"
        f"lost {lost}, sent twice {twice}, stuck {stuck}"
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
