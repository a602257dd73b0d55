"""
The sandbox's clock, which can be turned ahead: a claim's weeks pass in seconds.

How far it is ahead stands in `clock.json` in the sandbox's home and is read at every look, so that another process
may turn it. It goes forward only, as time does.
"""

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

from include.claims.errors import BadSetting


class Clock:
    """The time of day as the sandbox has it: the machine's, and what it was turned ahead."""

    def __init__(self, home: Path, base: Callable[[], datetime]) -> None:
        self._home = home
        self._base = base
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the time."""
        self._ahead = max(self._ahead, read_ahead(self._home) or self._ahead)
        return self._base() + self._ahead


def turn_clock(home: Path, by: timedelta) -> timedelta:
    """Turn the clock of the sandbox in that home ahead; return how far ahead it is now."""
    if by < timedelta():
        raise BadSetting("sandbox clock: it is turned ahead, never back")
    ahead = (read_ahead(home) or timedelta()) + by
    if not home.is_dir():
        raise BadSetting(f"sandbox clock: there is no sandbox in {home.name}")
    made = home / "clock.json.new"
    made.write_text(json.dumps({"seconds_ahead": ahead.total_seconds()}), encoding="utf-8")
    made.replace(home / "clock.json")
    return ahead


def read_ahead(home: Path) -> timedelta | None:
    """Return how far ahead the clock in that home is; None while the file is being written."""
    try:
        text = (home / "clock.json").read_text(encoding="utf-8")
    except FileNotFoundError:
        return timedelta()
    if not text.rstrip().endswith("}"):
        return None
    try:
        return timedelta(seconds=float(json.loads(text)["seconds_ahead"]))
    except (ValueError, KeyError, TypeError, OverflowError) as error:
        raise BadSetting('clock.json: {"seconds_ahead": a number} is expected') from error
