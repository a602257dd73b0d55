"""
Child processes that leave nothing behind: each in a group of its own, stopped politely, then surely.

Airflow's components fork workers, and a worker whose parent was killed lives on. So every process we start carries a
mark in its environment that its children inherit, and by which the last of them is found.
"""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from include.claims.errors import RetryLater

MARK = "COURIER_STACK"
"""The variable that names the stack a process belongs to."""

_PATIENCE = 15.0
_POLL = 0.1


class StackFailed(RetryLater):
    """A process of the stack ended or did not become ready; its log says why."""


@dataclass(slots=True)
class Processes:
    """The running parts of one stack."""

    mark: str
    environment: Mapping[str, str]
    logs: Path
    _running: dict[str, "subprocess.Popen[bytes]"] = field(default_factory=dict)

    def run(self, name: str, *command: str) -> None:
        """Run a command to its end; raise StackFailed with its last words where it fails."""
        self.start(name, *command)
        status = self._running[name].wait()
        del self._running[name]
        if status != 0:
            raise StackFailed(f"{name} ended with status {status}; {self.last_words(name)}")

    def start(self, name: str, *command: str) -> None:
        """Start a process with its own log file and its own group."""
        log = (self.logs / f"{name}.log").open("ab")
        with log:
            self._running[name] = subprocess.Popen(  # noqa: S603  # our own commands
                command,
                env={**self.environment, MARK: self.mark},
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A group of its own: Ctrl-C reaches us alone, and we stop the others in order.
                start_new_session=True,
            )

    def check(self) -> None:
        """Raise StackFailed where a process has ended."""
        for name, process in self._running.items():
            if process.poll() is not None:
                raise StackFailed(f"{name} ended with status {process.returncode}; {self.last_words(name)}")

    def wait_until(self, ready: Callable[[], bool], what: str, seconds: float) -> None:
        """Wait until something is so; raise StackFailed where it takes too long or a process ends."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.check()
            if time.monotonic() > deadline:
                raise StackFailed(f"{what}: not so after {seconds:.0f} s; the logs are in {self.logs}")
            time.sleep(_POLL * 3)

    def last_words(self, name: str) -> str:
        """Return the end of a process's log, for whoever has to find out."""
        path = self.logs / f"{name}.log"
        lines = path.read_text("utf-8", "replace").splitlines()[-12:]
        return "\n".join([f"the end of {path}:", *lines])

    def kill(self, name: str) -> None:
        """Kill one process at once, without a chance to tidy up."""
        with suppress(ProcessLookupError):
            os.killpg(self._running[name].pid, signal.SIGKILL)
        self._running.pop(name).wait()

    def stop(self) -> None:
        """Stop everything: all are asked, then the rest is killed, whoever started it."""
        for process in reversed(self._running.values()):
            _signal(process.pid, signal.SIGTERM)
        deadline = time.monotonic() + _PATIENCE
        while time.monotonic() < deadline and any(process.poll() is None for process in self._running.values()):
            time.sleep(_POLL)
        for process in self._running.values():
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        self._running.clear()
        sweep(self.mark)


def sweep(mark: str) -> int:
    """Kill what carries the mark, from this run or one that was killed before it; return how many there were."""
    found = list(_marked(mark))
    for pid in found:
        _signal(pid, signal.SIGKILL)
    return len(found)


def _marked(mark: str) -> Iterator[int]:
    wanted = f"{MARK}={mark}".encode()
    for folder in Path("/proc").glob("[0-9]*"):
        pid = int(folder.name)
        if pid == os.getpid():
            continue
        with suppress(OSError):
            if wanted in (folder / "environ").read_bytes().split(b"\0"):
                yield pid


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


def stop_on_signals() -> None:
    """Let SIGTERM end the program the way Ctrl-C does, so that everything is stopped on the way out."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        # A shell's `&` leaves SIGINT ignored, and then nobody could stop us.
        signal.signal(number, interrupt)
