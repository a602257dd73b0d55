"""Speed and memory, measured beside peers and told as ratios: machines differ, ratios less."""

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One way to do a piece of work, measured in a process of its own."""

    name: str
    group: str = ""  # cases of one group are compared; the first is ours
    sizes: tuple[int, ...]  # how many claims
    prepare: Callable[[int], Callable[[], object]]  # makes ready what is not measured, returns what is


@dataclass(frozen=True, slots=True, kw_only=True)
class Elsewhere:
    """What a piece of work cost that ran in a process of another language."""

    seconds: float  # of CPU
    peak: float  # kilobytes
    growth: float  # kilobytes
