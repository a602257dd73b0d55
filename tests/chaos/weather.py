"""
What may go wrong with one try of one task: a table of faults, each with the tasks it may strike and how.

A fault strikes by having the try made under it: on the line, at the server, in the worker, or in its ledger. Dice
choose; the same seed makes the same choices, though not the same microseconds.
"""

import subprocess
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, Final

from include.claims.errors import ClaimsError
from tests.chaos.moments import Killed, Trap, die
from tests.chaos.proxy import Manners
from tests.chaos.steps import Step, receiving
from tests.chaos.world import LEASE_SECONDS, PASSWORDS, PATIENCE_WITH_SILENCE, World

ROOT: Final = Path(__file__).parents[2]
ALL: Final = frozenset({"collect", "render", "upload", "receive"})
VISITS: Final = frozenset({"upload", "receive"})
UPLOAD: Final = frozenset({"upload"})
RECEIVE: Final = frozenset({"receive"})

_HANDSHAKE: Final = 2_500
"""Bytes a client has sent about when its first file request goes out."""

_PROTOCOL: Final = (
    "before begin", "after begin", "before open", "after open", "before write", "after write", "before close",
    "after close", "before sent", "after sent", "statement in begin", "statement in sent",
)  # fmt: skip
_RECEIVING: Final = (
    "before store", "after store", "before apply", "after apply", "before release", "statement in store",
    "statement in apply", "statement in apply",
)  # fmt: skip
_SEALING: Final = ("before seal", "statement in seal", "statement in rendered", "after rendered")
_MOST: Final = {"statement": 30, "statement in apply": 12, "before write": 5, "after write": 5}
"""How often a moment comes in one try, about; those that are not named here come once or a few times."""


@dataclass(frozen=True, slots=True)
class Fault:
    """One way a try may go wrong."""

    name: str
    steps: frozenset[str]
    strike: Callable[[World, Step], Any]  # makes the try, and gives what it gave
    is_met: bool = False  # counted only where it was met: a moment or a byte that may never come
    weight: float = 1.0


def under_weather(world: World, step: Step, storm: float) -> Any:
    """Make one try of a task, under a fault if the dice say so."""
    if world.dice.random() >= storm:
        return step.do(world.worker())
    fitting = [fault for fault in FAULTS if step.kind in fault.steps]
    [fault] = world.dice.choices(fitting, [fault.weight for fault in fitting])
    blows = world.blows
    try:
        return fault.strike(world, step)
    finally:
        if not fault.is_met or world.blows > blows:
            world.injected[fault.name] += 1


# --- the line ---


def _on_the_line(manners: Callable[[World, int], Manners], patience: float = 20.0) -> Callable[[World, Step], Any]:
    def strike(world: World, step: Step) -> Any:
        most = world.size_of_a_file() if step.kind == "upload" else 3_000
        with world.line(manners(world, world.dice.randint(0, _HANDSHAKE + most))):
            return step.do(world.worker(patience=patience))

    return strike


# --- the server ---


def _at_the_server(**wrong: Callable[[World], Any]) -> Callable[[World, Step], Any]:
    def strike(world: World, step: Step) -> Any:
        with world.server(**{name: value(world) for name, value in wrong.items()}):
            return step.do(world.worker(patience=PATIENCE_WITH_SILENCE if "stall_after" in wrong else 20.0))

    return strike


def _somewhere(world: World) -> int:
    return world.dice.randint(0, world.size_of_a_file())


def _true(_: World) -> bool:
    return True


def _password_changed(world: World, step: Step) -> Any:
    for mailbox in world.mailboxes:
        login = world.logins[mailbox]
        world.sandbox.give_password(mailbox, PASSWORDS[1 - PASSWORDS.index(login.password)])
    return step.do(world.worker())


def _host_key_changed(world: World, step: Step) -> Any:
    # Until somebody has called the clearinghouse: another machine answers on its port.
    world.proxy.target = world.impostor.port
    return step.do(world.worker())


# --- the worker ---


def _at_moment(world: World, step: Step, trap: Trap, **options: Any) -> Any:
    try:
        return step.do(world.worker(trap, **options))
    finally:
        world.blows += trap.sprung


def _moment_of(world: World, step: Step) -> tuple[str, int]:
    """Return a moment of a step: a place of its protocol, or any statement of it."""
    named = {"upload": _PROTOCOL, "receive": _RECEIVING}.get(step.kind, _SEALING)
    name = world.dice.choice([*named, "statement"])
    return name, world.dice.randint(1, _MOST.get(name, 3 if name.startswith("statement") else 1))


def _killed(world: World, step: Step) -> Any:
    return _at_moment(world, step, Trap(*_moment_of(world, step), die))


def _killed_applying(world: World, step: Step) -> Any:
    return _at_moment(world, step, Trap("statement in apply", world.dice.randint(1, 30), die))


def _killed_for_real(world: World, step: Step) -> Any:
    moment, nth = _moment_of(world, step)
    world.keep()
    command = [sys.executable, "-m", "tests.chaos.victim", str(world.home), step.kind, step.of, moment, str(nth)]
    ended = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=60, check=False)
    if ended.returncode == -9:
        world.blows += 1
        raise Killed
    assert ended.returncode in {0, 3}, ended.stdout + ended.stderr
    return step.do(world.worker())


def _suspended(world: World, step: Step) -> Any:
    """Let the worker's machine stand still, its watch with it, while another takes over and perhaps dies of it."""
    late = [("after close", 1), ("before sent", 1), _moment_of(world, step), ("", 1)]
    other = Trap(*world.dice.choice(late), die)

    def meanwhile(_: Trap) -> None:
        world.leases_run_out()
        _let(world, step, other)
        world.sandbox.wait_until_idle()

    # Not within a transaction: there the other one would only wait.
    moment = world.dice.choice(["before begin"] * 12 + [name for name in _PROTOCOL if "statement" not in name])
    return _at_moment(world, step, Trap(moment, 1, meanwhile))


def _answered_early(world: World, step: Step) -> Any:
    """Let the file be taken, answered, and the answer applied, before the upload can say that it was sent."""

    def meanwhile(_: Trap) -> None:
        world.sandbox.wait_until_idle()
        world.leases_run_out()
        for mailbox in world.mailboxes:
            _let(world, receiving(mailbox), Trap())

    trap = Trap(world.dice.choice(["after close", "before sent"]), 1, meanwhile)
    return _at_moment(world, step, trap)


def _collected_while_mended(world: World, step: Step) -> Any:
    """Cut a transfer, and let the part be collected just when the next worker opens it to write the rest."""
    with world.server(cut_after=_somewhere(world)):
        _let(world, step, Trap())
    return _at_moment(world, step, Trap("before mend", 1, lambda _: _sweep(world)))


def _sweep(world: World) -> None:
    world.sandbox.sweep_now()


def _let(world: World, step: Step, trap: Trap) -> None:
    """Let another worker try a step, whatever comes of it."""
    try:
        step.do(world.worker(trap))
    except (ClaimsError, Killed):
        if trap.is_dead:
            world.leases_run_out()


def _two_at_once(world: World, step: Step) -> Any:
    given: list[Any] = []
    failed: list[ClaimsError] = []

    def work() -> None:
        try:
            given.append(step.do(world.worker()))
        except ClaimsError as error:
            failed.append(error)

    twins = [threading.Thread(target=work) for _ in range(2)]
    for twin in twins:
        twin.start()
    for twin in twins:
        twin.join()
    if failed:
        raise failed[0]
    assert len(given) == 2, "a twin died of something that is no error of ours"
    return given[0]


def _clock_jumps(world: World, step: Step) -> Any:
    return step.do(world.worker(clock=timedelta(hours=world.dice.choice([-50, -3, 3, 30, 100]))))


def _out_of_time(world: World, step: Step) -> Any:
    return step.do(world.worker(hurry=LEASE_SECONDS / world.dice.randint(1, 8)))


# --- its ledger ---


def _ledger_gone(world: World, step: Step) -> Any:
    lost = world.dice.randint(1, 6)
    moment, nth = world.dice.choice([("statement", world.dice.randint(1, 40)), _moment_of(world, step)])
    return _at_moment(world, step, Trap(moment, nth, lambda trap: _lose(trap, lost)))


def _commit_unanswered(world: World, step: Step) -> Any:
    return _at_moment(world, step, Trap("commit", world.dice.randint(1, 12), lambda trap: _lose(trap, 1)))


def _lose(trap: Trap, statements: int) -> None:
    trap.statements_lost = statements


FAULTS: Final = (
    Fault("connection refused", VISITS, _on_the_line(lambda *_: Manners(refuses=True)), is_met=True),
    Fault("reset in mid-stream", VISITS, _on_the_line(lambda _, n: Manners(resets_after=n)), is_met=True, weight=2),
    Fault(
        "answers lost, then reset",
        VISITS,
        _on_the_line(lambda _, n: Manners(deafens_after=n)),
        is_met=True,
        weight=2,
    ),
    Fault(
        "line hangs",
        VISITS,
        _on_the_line(lambda _, n: Manners(hangs_after=n), PATIENCE_WITH_SILENCE),
        is_met=True,
    ),
    Fault("line throttled", VISITS, _on_the_line(lambda *_: Manners(bytes_a_second=300_000.0)), weight=0.5),
    Fault("line slow", VISITS, _on_the_line(lambda *_: Manners(delay=0.003)), weight=0.5),
    Fault("cut during the login", VISITS, _at_the_server(cut_on_login=_true)),
    Fault("cut on opening", UPLOAD, _at_the_server(cut_on_open=_true)),
    Fault("cut in mid-write", UPLOAD, _at_the_server(cut_after=_somewhere)),
    Fault("server hangs in mid-write", UPLOAD, _at_the_server(stall_after=_somewhere)),
    Fault("disk full at the server", UPLOAD, _at_the_server(disk_full_after=_somewhere), weight=2),
    Fault("writes acknowledged and lost", UPLOAD, _at_the_server(drop_writes_after=_somewhere)),
    Fault("lost, and the size lied about", UPLOAD, _at_the_server(drop_writes_after=_somewhere, hide_loss=_true)),
    Fault("close fails", UPLOAD, _at_the_server(fail_close=_true)),
    Fault("half-written file collected", UPLOAD, _at_the_server(sweep_after=_somewhere)),
    Fault("inbound is hidden", UPLOAD, _at_the_server(hide_inbound=_true), weight=0.5),
    Fault("inbound is forbidden", UPLOAD, _at_the_server(forbid_inbound=_true), weight=0.5),
    Fault("wrong sizes told", VISITS, _at_the_server(sizes_off_by=lambda world: world.dice.choice([-200, -1, 1, 200]))),
    Fault("password changed", VISITS, _password_changed, weight=0.4),
    Fault("host key changed", VISITS, _host_key_changed, weight=0.4),
    Fault("worker killed", ALL, _killed, is_met=True, weight=4),
    Fault("worker killed by SIGKILL", VISITS, _killed_for_real, is_met=True, weight=0.6),
    Fault("worker killed while it applies", RECEIVE, _killed_applying, is_met=True, weight=5),
    Fault("worker suspended, another goes on", UPLOAD, _suspended, is_met=True, weight=6),
    Fault("answered before it was recorded", UPLOAD, _answered_early, is_met=True, weight=2),
    Fault("collected while it is mended", UPLOAD, _collected_while_mended, is_met=True, weight=3),
    Fault("two workers, one task", ALL, _two_at_once),
    Fault("clock jumps", ALL, _clock_jumps),
    Fault("lease's deadline passes", VISITS, _out_of_time, weight=0.5),
    Fault("ledger gone for a while", ALL, _ledger_gone, is_met=True, weight=2),
    Fault("commit unanswered", ALL, _commit_unanswered, is_met=True, weight=2),
)  # fmt: skip
"""Every fault of one try; those of a whole night are the habits in `world`, and `nights` has the rest."""
