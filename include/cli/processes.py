"""
Child processes that leave nothing behind: each the leader of a session, stopped politely, then surely.

Airflow's components fork workers, put them into groups of their own and rename them, and a worker whose parent was
killed lives on. What none of that changes is the session; so a session is what is stopped to its last process.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from include.claims.errors import RetryLater

_PATIENCE = 15.0
_POLL = 0.1
_STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class StackFailed(RetryLater):
    """A process of the stack ended or did not become ready; its log says why."""


@dataclass(slots=True)
class Processes:
    """The running parts of one stack."""

    environment: Mapping[str, str]
    logs: Path
    register: Path  # which sessions are ours, for the run after one that was killed
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
                env=dict(self.environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                # A session of its own: Ctrl-C reaches us alone, and we stop the others in order.
                start_new_session=True,
            )
        self._register()

    def is_running(self, name: str) -> bool:
        """Tell whether a process was started and has not ended."""
        return name in self._running and self._running[name].poll() is None

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
        """Kill one process and all it started at once, without a chance to tidy up."""
        process = self._running.pop(name)
        _end_session(process.pid)
        process.wait()

    def stop(self) -> None:
        """Stop everything: all are asked, then what is left is killed, whoever started it."""
        with _undisturbed():
            for process in reversed(self._running.values()):
                _signal(process.pid, signal.SIGTERM)
            deadline = time.monotonic() + _PATIENCE
            while time.monotonic() < deadline and any(process.poll() is None for process in self._running.values()):
                time.sleep(_POLL)
            for process in self._running.values():
                _end_session(process.pid)
                process.wait()
            self._running.clear()
            self._register()

    def _register(self) -> None:
        ours = {process.pid: _started(process.pid) for process in self._running.values()}
        self.register.write_text(json.dumps(ours), encoding="utf-8")


def sweep(register: Path) -> None:
    """Kill what a run left that was killed itself."""
    if not register.exists():
        return
    for text, started in json.loads(register.read_text("utf-8")).items():
        session = int(text)
        # While a session has members its number is not given away; a leader that began at another time is a stranger.
        if _started(session) in {started, None}:
            _end_session(session)
    register.unlink()


def _end_session(session: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        # Where there is no /proc to find the session's other groups in, its leader's own is what can be ended.
        os.killpg(session, signal.SIGKILL)
    deadline = time.monotonic() + _PATIENCE
    # A killed process takes a moment to go, and one that was just born is seen only at the next look.
    while (members := list(_members(session))) and time.monotonic() < deadline:
        for pid in members:
            _signal(pid, signal.SIGKILL)
        time.sleep(_POLL)


def _members(session: int) -> Iterator[int]:
    """Yield the session's processes that still run; one that waits to be reaped does not."""
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state = (folder / "stat").read_text("utf-8").rpartition(")")[2].split()[0]
            if state != "Z" and os.getsid(int(folder.name)) == session:
                yield int(folder.name)


def _started(pid: int) -> str | None:
    """Return when a process began, in the kernel's ticks, or None where there is none of that number."""
    try:
        # The name in parentheses may hold blanks; what follows it does not. Field 22 of the line is the start.
        return Path(f"/proc/{pid}/stat").read_text("utf-8").rpartition(")")[2].split()[19]
    except OSError:
        return None


def _signal(pid: int, number: int) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.kill(pid, number)


@contextmanager
def _undisturbed() -> Iterator[None]:
    """Let no second Ctrl-C keep us from stopping the rest."""
    before = {number: signal.signal(number, signal.SIG_IGN) for number in _STOPPING}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def stop_on_signals() -> None:
    """Let SIGTERM end the program the way Ctrl-C does, so that everything is stopped on the way out."""

    def interrupt(_number: int, _frame: object) -> None:
        raise KeyboardInterrupt

    for number in _STOPPING:
        # A shell's `&` leaves SIGINT ignored, and then nobody could stop us.
        signal.signal(number, interrupt)
