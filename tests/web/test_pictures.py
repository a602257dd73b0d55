"""The pictures show what the numbers say."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from include.delivery.figures import Week
from include.delivery.file_hops import Hop
from include.delivery.standing import STAGES
from include.web.pictures import HEIGHT, PLOT_HEIGHT, WIDTH, days_trend, flow, rejection_trend

pytestmark = pytest.mark.pure


def stages(**dollars: int) -> dict[str, Hop]:
    """Return where so many dollars are, a claim each."""
    return {name: Hop(1, Decimal(dollars[name])) if name in dollars else Hop() for name in STAGES}


def test_dollars_part_and_none_get_lost():
    """Each column adds up to what flows into it."""
    bars = {bar.name: bar.hop.dollars for bar in flow(stages(held=10, awaiting=20, paid=60, denied=5)).bars}

    assert {
        "collected": 95, "held": 10, "sent": 85, "awaiting": 20, "decided": 65, "paid": 60, "denied": 5,
    } == bars  # fmt: skip


def test_every_bar_is_within_the_picture():
    """The largest and the smallest amounts too."""
    for money in (
        {"held": 1, "paid": 1_000_000},
        {name: 100 for name in STAGES if name not in {"in doubt", "given up"}},
    ):
        for bar in flow(stages(**money)).bars:
            assert 0 <= bar.x < WIDTH - 100
            assert 0 <= bar.y <= bar.y + bar.height <= HEIGHT, bar


def test_no_dollars_are_no_picture():
    """Claims whose charge could not be read are in the table only."""
    assert () == flow(stages()).bars


def test_a_week_without_news_interrupts_the_line():
    """It is no week of nought days."""
    first = date(2026, 1, 5)
    weeks = [
        Week(starts_on=first + timedelta(weeks=number), answered=count, rejected=count // 2, days=count * 2.0)
        for number, count in enumerate((2, 4, 0, 6))
    ]

    days, rejected = days_trend(weeks), rejection_trend(weeks)

    assert (3, 1) == (len(days.dots), len(days.lines))
    assert "week of 2026-01-05: 2.0 days" == days.dots[0].words
    assert "week of 2026-01-12: 50.0 %" == rejected.dots[1].words
    assert all(0 <= dot.y <= PLOT_HEIGHT for dot in days.dots + rejected.dots)
