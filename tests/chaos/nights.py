"""
One night, from one seed: storms for two days, then calm, and people who do what is theirs until all is settled.

Tasks are retried as the retry table of `include.orchestration.retries` has it: what may succeed in a minute is tried
again, what a person must mend fails the task, and the next run adopts what is left. At the end three look at it: the
referee at the clearinghouse's log, the auditor at the ledger, and both once more after every answer has come again.
"""

import shutil
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any, Final, Self

from include.adapters.ledger import migrate
from include.claims.errors import ClaimsError, RetryLater
from include.delivery.records import Kind, RunKey, RunOrder
from include.sandbox.sandbox import Sandbox
from tests.chaos.auditor import Auditor
from tests.chaos.moments import Killed
from tests.chaos.person import decide, mend_connections
from tests.chaos.referee import judge
from tests.chaos.steps import Step, collecting, receiving, rendering, uploading
from tests.chaos.weather import under_weather
from tests.chaos.world import ACCOUNTS, PASSWORDS, World
from tests.night import NOW

DAYS: Final = (
    (0, 0.7), (1, 0.5), (2, 0.0), (3, 0.0), (6, 0.4), (7, 0.0), (10, 0.0), (11, 0.0), (14, 0.0), (15, 0.0), (18, 0.0),
    (19, 0.0), (22, 0.0),
)  # fmt: skip
"""Days after the first night, and how likely a try is struck on each; what fails goes again after 72 quiet hours."""

TRIES: Final = 8
REPEATED: Final = 4
"""Answers of an account that come again at once."""

LIES: Final = frozenset({"lost, and the size lied about", "half-written file collected", "wrong sizes told"})
"""Where the server says so, a file passes for sent until its report comes: nobody can know better."""


class TaskFailed(Exception):
    """A task failed for good; its run goes on without it, and the next run adopts what it left."""


@dataclass(slots=True, kw_only=True)
class Outcome:
    """What became of a night."""

    seed: int
    claims: int = 0
    lost: list[str] = field(default_factory=list)
    twice: list[str] = field(default_factory=list)
    stuck: list[str] = field(default_factory=list)
    untrue: list[str] = field(default_factory=list)
    injected: Counter[str] = field(default_factory=Counter)
    days: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether nothing is wrong."""
        return not (self.lost or self.twice or self.stuck or self.untrue)

    def faults(self) -> list[str]:
        """Return what is wrong, a line each."""
        kinds = {"lost": self.lost, "sent twice": self.twice, "stuck": self.stuck, "untrue": self.untrue}
        return [f"{kind}: {words}" for kind, all_words in kinds.items() for words in all_words]


class Theatre:
    """Where nights are played: a folder, a migrated ledger to copy, and a server with another host key."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._template = folder / "template.db"
        self._impostor = Sandbox(folder / "impostor", dict.fromkeys(ACCOUNTS, PASSWORDS[0]))

    def __enter__(self) -> Self:
        migrate(f"sqlite:///{self._template}")
        self._impostor.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._impostor.__exit__(kind, error, trace)

    def play(self, seed: int) -> Outcome:
        """Play the night of a seed and judge it; what ends it before its end is a finding too."""
        home = self._folder / f"night-{seed}"
        home.mkdir()
        try:
            with World(home, Random(seed), self._template, self._impostor) as world:
                return _Night(world, Outcome(seed=seed, claims=len(world.bills), injected=world.injected)).play()
        except Exception as error:  # noqa: BLE001 -- the seed must be told whatever it was
            return Outcome(seed=seed, stuck=[f"the night broke off, {type(error).__name__}: {error}"])
        finally:
            shutil.rmtree(home, ignore_errors=True)


@contextmanager
def a_folder() -> Iterator[Path]:
    """Give a folder for some nights, in memory where that is at hand: thousands of commits wait for no disk."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(prefix="courier-chaos-", dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


class _Night:
    """A night on its way."""

    def __init__(self, world: World, outcome: Outcome) -> None:
        self._world = world
        self._dice = world.dice
        self._outcome = outcome
        self._lied_about: set[int] = set()
        self._auditor = Auditor(world.ledger_path, world.sandbox.home)

    def play(self) -> Outcome:
        self._perhaps_a_test_file()
        for day, storm in DAYS:
            self._day(day, storm)
            if not storm and not self._auditor.stuck():
                break
        self._epilogue(self._outcome.days + 1)
        self._judge()
        return self._outcome

    def _day(self, day: int, storm: float) -> None:
        world = self._world
        world.time = NOW + timedelta(days=day)
        self._outcome.days = day
        if day and self._dice.random() < 0.4:
            self._repeat_answers()
        if storm:
            self._receive(storm)
        for clinic in world.clinics:
            self._run(clinic, f"night-{day}", storm)
            if self._dice.random() < 0.15:
                self._run(clinic, f"night-{day}", storm)
                world.injected["run cleared and run again"] += 1
        self._receive(storm)
        mend_connections(world)
        if not storm:
            self._check_doubts()
        decide(world, self._auditor)
        self._sweep_leftovers(always=not storm)

    def _epilogue(self, day: int) -> None:
        """Let every answer come once more and the last runs be run again: nothing may move."""
        if self._auditor.stuck():
            return
        self._world.time = NOW + timedelta(days=day)
        self._repeat_answers()
        self._receive(0.0)
        for clinic in self._world.clinics:
            self._run(clinic, f"night-{self._outcome.days}", 0.0)
            self._run(clinic, f"night-{day}", 0.0)
        self._world.sandbox.wait_until_idle()

    def _judge(self) -> None:
        verdict = judge(self._world.bills, self._world.sandbox.home)
        self._outcome.lost += verdict.lost
        self._outcome.twice += verdict.twice
        self._outcome.stuck += self._auditor.stuck()
        self._outcome.untrue += self._auditor.untrue()
        if self._world.impostor.logins(ACCOUNTS[0]) + self._world.impostor.logins(ACCOUNTS[1]):
            self._outcome.untrue.append("a password was shown to a server with another host key")

    # --- what a run does ---

    def _perhaps_a_test_file(self) -> None:
        if self._dice.random() < 0.4:
            clinic = self._dice.choice(list(self._world.clinics))
            self._run(clinic, "test", 0.3, kind=Kind.TEST)
            self._world.injected["test file first"] += 1

    def _run(self, clinic: str, run_id: str, storm: float, *, kind: Kind = Kind.LIVE) -> None:
        key = RunKey(dag_id=f"deliver_claims__{clinic}", run_id=run_id)
        order = RunOrder(
            key=key, clinic_key=clinic, window_end=self._world.time, kind=kind, is_test_asked_for=kind is Kind.TEST
        )
        for batch in self._task(collecting(order), storm, otherwise=[]):
            self._deliver(batch, storm)

    def _deliver(self, batch: int, storm: float) -> None:
        lies = self._lies_told()
        try:
            self._try(rendering(batch), storm)
            self._try(uploading(batch), storm)
        except TaskFailed:
            return
        finally:
            if lies != self._lies_told():
                self._lied_about.add(batch)
        if batch not in self._lied_about:
            self._check_said_to_be_sent(batch)

    def _lies_told(self) -> int:
        return sum(self._world.injected[name] for name in LIES)

    def _check_said_to_be_sent(self, batch: int) -> None:
        if self._auditor.said_to_be_sent(batch):
            self._world.sandbox.wait_until_idle()  # it may be on its way from the folder to the log
            if words := self._auditor.said_to_be_sent(batch):
                self._outcome.untrue.append(words)

    def _receive(self, storm: float) -> None:
        self._world.sandbox.wait_until_idle()
        for mailbox in self._world.mailboxes:
            self._task(receiving(mailbox), storm, otherwise=None)

    def _task(self, step: Step, storm: float, otherwise: Any) -> Any:
        try:
            return self._try(step, storm)
        except TaskFailed:
            return otherwise

    def _try(self, step: Step, storm: float) -> Any:
        """Try a task as Airflow does; raise TaskFailed where it fails for good."""
        for _ in range(TRIES):
            try:
                return under_weather(self._world, step, storm)
            except (Killed, RetryLater):
                # Until the next try the leases of the dead run out, and the server goes on.
                self._world.leases_run_out()
                self._meanwhile(storm)
            except ClaimsError as error:
                raise TaskFailed from error
            except Exception as error:
                self._outcome.stuck.append(f"{step.kind} died of {type(error).__name__}: {error}")
                raise TaskFailed from error
        raise TaskFailed

    def _meanwhile(self, storm: float) -> None:
        if self._dice.random() < 0.5:
            self._world.sandbox.wait_until_idle()
        if storm and self._dice.random() < 0.15:
            self._sweep_leftovers(always=True)

    # --- what else happens ---

    def _sweep_leftovers(self, *, always: bool) -> None:
        if always or self._dice.random() < 0.5:
            self._world.injected["cut file collected later"] += self._world.sandbox.sweep_now()

    def _repeat_answers(self) -> None:
        """Let answers of earlier days come again under other ids, as a clearinghouse's second run makes them."""
        for mailbox in self._world.mailboxes:
            lying = sorted(self._world.sandbox.outbound(mailbox).iterdir())
            for path in self._dice.sample(lying, min(REPEATED, len(lying))):
                if renamed := _under_another_id(path):
                    self._world.sandbox.place(mailbox, *renamed)
                    self._world.injected["answer repeated days later"] += 1

    def _check_doubts(self) -> None:
        """On a calm day everything that came back was applied: what is in doubt must have a reason to be."""
        self._outcome.stuck += [words for _, words in self._auditor.doubts() if words]


def _under_another_id(path: Path) -> tuple[str, bytes] | None:
    """Return an answer's name and bytes with another file id in both; None where it is a repetition itself."""
    file_id = next((part for part in path.name.replace(".", "_").split("_") if part.isdigit() and len(part) > 8), "")
    if not file_id or file_id.startswith("9"):
        return None
    other = f"9{file_id[1:]}"
    return path.name.replace(file_id, other), path.read_bytes().replace(file_id.encode(), other.encode())
