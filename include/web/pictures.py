"""
The overview's pictures as plain shapes, worked out here and drawn by the templates as SVG.

No script and no library: a picture is some rectangles, bands and points with their words, and each has a table beside
it that says the same.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from include.delivery.figures import Week
from include.delivery.file_hops import Hop

WIDTH: Final = 720
HEIGHT: Final = 260
_BAR: Final = 14
_GAP: Final = 16
_TOP: Final = 8

_SPLITS: Final[dict[str, tuple[str, ...]]] = {
    "collected": ("held", "ready", "failed", "in doubt", "sent"),
    "sent": ("awaiting", "rejected", "accepted", "decided"),
    "decided": ("paid", "denied"),
}
"""How dollars part on their way, column by column."""

_TONES: Final = {
    "held": "wait", "failed": "bad", "in doubt": "bad", "awaiting": "wait", "rejected": "bad", "denied": "bad",
    "accepted": "good", "paid": "good",
}  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class Bar:
    """One stage: how tall it is says how much money is there."""

    name: str
    hop: Hop
    x: float
    y: float
    height: float
    tone: str
    is_last: bool  # nothing flows on from it


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """Money that goes from one stage to another."""

    path: str
    tone: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """The picture of dollars by stage."""

    bars: tuple[Bar, ...]
    bands: tuple[Band, ...]


def flow(stages: Mapping[str, Hop]) -> Flow:
    """Return the picture of where the dollars are; empty where there are none."""
    hops = dict(stages)
    for whole in reversed(_SPLITS):
        hops[whole] = _sum(hops[part] for part in _SPLITS[whole])
    total = hops["collected"].dollars
    if not total:
        return Flow(bars=(), bands=())
    scale = (HEIGHT - _TOP - _GAP * len(_SPLITS["collected"])) / float(total)
    step = (WIDTH - 190) / len(_SPLITS)
    first = Bar(
        name="collected", hop=hops["collected"], x=0, y=_TOP, height=_tall(total, scale), tone="", is_last=False
    )
    bars, bands = {"collected": first}, []
    for column, (whole, parts) in enumerate(_SPLITS.items(), start=1):
        if whole not in bars:
            continue
        leaves, y = bars[whole].y, bars[whole].y if column > 1 else _TOP
        shown = [part for part in parts if hops[part].dollars]
        # What goes on stands last, where the next column begins; what stays is above it.
        y = max(_TOP, min(y, HEIGHT - sum(_tall(hops[one].dollars, scale) + _GAP for one in shown)))
        for part in shown:
            height = _tall(hops[part].dollars, scale)
            bar = Bar(
                name=part, hop=hops[part], x=step * column, y=y, height=height, tone=_TONES.get(part, ""),
                is_last=part not in _SPLITS,
            )  # fmt: skip
            bands.append(Band(path=_band(bars[whole], leaves, bar), tone=bar.tone))
            bars[part], leaves, y = bar, leaves + height, y + height + _GAP
    return Flow(bars=tuple(bars.values()), bands=tuple(bands))


def _tall(dollars: Decimal, scale: float) -> float:
    return max(1.0, round(float(dollars) * scale, 1))


def _band(source: Bar, top: float, target: Bar) -> str:
    left, right = source.x + _BAR, target.x
    middle, bottom = (left + right) / 2, top + target.height
    return (
        f"M{left:.1f} {top:.1f}C{middle:.1f} {top:.1f} {middle:.1f} {target.y:.1f} {right:.1f} {target.y:.1f}"
        f"V{target.y + target.height:.1f}"
        f"C{middle:.1f} {target.y + target.height:.1f} {middle:.1f} {bottom:.1f} {left:.1f} {bottom:.1f}Z"
    )


def _sum(hops: Iterable[Hop]) -> Hop:
    total = Hop()
    for hop in hops:
        total.add(hop.dollars, hop.claims)
    return total


PLOT_WIDTH: Final = 340
PLOT_HEIGHT: Final = 120


@dataclass(frozen=True, slots=True, kw_only=True)
class Dot:
    """One week of a trend."""

    x: float
    y: float
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Trend:
    """A line over weeks; a week without news interrupts it."""

    title: str
    lines: tuple[str, ...]  # the points of each unbroken stretch
    dots: tuple[Dot, ...]
    top: str  # what the upper edge stands for
    first: str
    last: str


def days_trend(weeks: Sequence[Week]) -> Trend:
    """Return how long the clearinghouse's verdicts took, week by week."""
    values = [week.mean_days for week in weeks]
    return _trend("Days from file to verdict", weeks, values, lambda value: f"{value:.1f} days", least=1.0)


def rejection_trend(weeks: Sequence[Week]) -> Trend:
    """Return which share of claims the clearinghouse rejected, week by week."""
    values = [week.rejection_rate for week in weeks]
    return _trend("Rejected by the clearinghouse", weeks, values, lambda value: f"{100 * value:.1f} %", least=0.05)


def _trend(
    title: str, weeks: Sequence[Week], values: Sequence[float | None], say: Callable[[float], str], *, least: float
) -> Trend:
    top = max([least, *(value for value in values if value is not None)])
    stretches: list[list[str]] = [[]]
    dots = []
    for number, (week, value) in enumerate(zip(weeks, values, strict=True)):
        if value is None:
            stretches.append([])
            continue
        x = 6 + number * (PLOT_WIDTH - 12) / max(1, len(weeks) - 1)
        y = PLOT_HEIGHT - 6 - (PLOT_HEIGHT - 12) * value / top
        stretches[-1].append(f"{x:.1f},{y:.1f}")
        dots.append(Dot(x=round(x, 1), y=round(y, 1), words=f"week of {week.starts_on}: {say(value)}"))
    return Trend(
        title=title,
        lines=tuple(" ".join(stretch) for stretch in stretches if len(stretch) > 1),
        dots=tuple(dots),
        top=say(top),
        first=f"{weeks[0].starts_on:%b %-d}",
        last=f"{weeks[-1].starts_on:%b %-d}",
    )
