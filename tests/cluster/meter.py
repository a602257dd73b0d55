"""What each part of a cluster has used: processor time, also of what was killed, and memory at its peak."""

import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Self

from include.cli.processes import _members
from tests.machine import seconds_of

_EVERY_SECONDS = 3.0


@dataclass
class Meter:
    """Looks every three seconds at what runs; a part that was killed keeps what it had used at the last look."""

    sessions: Callable[[], Mapping[str, int]]  # the session of each part that runs now, by its name
    cpu: dict[str, float] = field(default_factory=dict)  # seconds by part, since the part began
    peak_rss: int = 0  # bytes, what processes share counted for each of them
    peak_pss: int = 0  # bytes, what processes share counted once
    _over: threading.Event = field(default_factory=threading.Event)
    _spent: dict[str, tuple[int, float]] = field(default_factory=dict)  # the session and its seconds, by part

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def look(self) -> None:
        """Take down what all have used by now."""
        rss = pss = 0
        for part, session in self.sessions().items():
            members = list(_members(session))
            if not members:  # it has ended, and what it had used is known from the look before
                continue
            before, _ = self._spent.get(part, (session, 0.0))
            if before != session:  # it was started again: what it had used as another session is kept beside
                self.cpu[f"{part}, killed"] = self.cpu.pop(part)
            spent = sum(map(seconds_of, members))
            self._spent[part] = (session, spent)
            self.cpu[part] = spent
            for pid in members:
                held = _memory(pid)
                rss, pss = rss + held["Rss"], pss + held["Pss"]
        self.peak_rss, self.peak_pss = max(self.peak_rss, rss), max(self.peak_pss, pss)

    def _watch(self) -> None:
        while not self._over.wait(_EVERY_SECONDS):
            self.look()


def _memory(pid: int) -> dict[str, int]:
    """Return the bytes a process holds, by Linux's names for how they are counted."""
    held = {"Rss": 0, "Pss": 0}
    with suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name in held:
                held[name] = int(rest.split()[0]) * 1024
    return held
