"""Speed and memory, measured beside peers and told as ratios: machines differ, ratios less."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to do a piece of work, measured in a process of its own."""

    name: str
    sizes: tuple[int, ...]  # how many claims
    prepare: Callable[[int], Callable[[], object]]  # makes ready what is not measured, returns what is
