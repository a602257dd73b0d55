"""
One night of many clinics over two workers, one of which is lost half-way with all it had; then visits until quiet.

What came of it is asked of the referee, who knows the practice's list and the clearinghouse's files alone, and of
Airflow's own API: which worker did what, and how every run ended.
"""

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from include.claims.states import BatchStatus, Delivery
from include.cli.agreement import disagreements, left_behind
from include.cli.airflow_rest import AirflowRest
from include.cli.demo import DELIVER, RECEIVE, clinics_with_dags
from include.sandbox.taken import read_taken
from tests.chaos.referee import Verdict, judge
from tests.cluster.clinics import CLINICS, bills_of
from tests.cluster.machines import WORKERS, Cluster
from tests.cluster.meter import Meter
from tests.cluster.on_postgres import StackOnPostgres
from tests.databases import a_postgres_server, let_a_day_pass
from tests.end_to_end.conftest import IMPATIENT
from tests.machine import free_port

LOST, KEPT = WORKERS
PACE: Final = {
    **IMPATIENT,
    # Fifty accounts are looked at from one triggerer.
    "COURIER_LOOK_SECONDS": "4",
    # A task that was running on a machine that is gone is missed after this, ...
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "30",
    # ... and one that the machine had fetched and not begun, after this.
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT": "45",
    "AIRFLOW__SCHEDULER__TASK_QUEUED_TIMEOUT_CHECK_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__NUM_STUCK_IN_QUEUED_RETRIES": "5",
    # No scheduler dies here, and to look for the tasks of one costs the scheduler more than the night does.
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "300",
    "AIRFLOW__TRIGGERER__TRIGGERER_HEALTH_CHECK_THRESHOLD": "15",
    "AIRFLOW__TRIGGERER__JOB_HEARTBEAT_SEC": "3",
}
"""Waits of a test: by Airflow's defaults the first two take five and ten minutes."""

_TASKS_OF_A_NIGHT: Final = 5
_NIGHT_SECONDS: Final = 900.0
_LOOK_SECONDS: Final = 2.0
_ROUNDS: Final = 4


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """A task instance as Airflow's API shows it."""

    run: tuple[str, str, int]  # DAG, run and batch
    name: str
    state: str
    host: str
    attempt: int
    began: str  # when its last try did

    @classmethod
    def of(cls, shown: dict[str, Any]) -> "Task":
        """Read what the API says."""
        return cls(
            run=(shown["dag_id"], shown["dag_run_id"], shown["map_index"]),
            name=shown["task_id"].rpartition(".")[2],
            state=shown["state"] or "",
            host=shown["hostname"] or "",
            attempt=shown["try_number"],
            began=shown["start_date"] or "",
        )


@dataclass(slots=True, kw_only=True)
class Night:
    """What became of a night."""

    verdict: Verdict  # the referee's
    stuck: list[str]  # what the ledger has not brought to an end, and where it and the clearinghouse disagree
    doubted: list[str]  # the clinic of each file of which only a person could say that it never left
    runs: Counter[str]  # by how they ended
    tasks: list[Task]
    cut: list[Task]  # what the lost worker was doing when it was lost
    fetched: list[Task]  # what was queued then; it may have been fetched by it, and not begun
    night_seconds: float  # until every night's run had ended
    seconds: float  # until all was quiet
    back_seconds: float  # from the loss until the last of what was cut runs again
    meter: Meter
    database_seconds: float
    bills: int
    rounds: int

    @property
    def by_host(self) -> Counter[str]:
        """How many tasks each worker did, as the API has it."""
        return Counter(task.host for task in self.tasks if task.state == "success" and task.host)

    @property
    def failed(self) -> list[Task]:
        """The tasks that failed by themselves."""
        return [task for task in self.tasks if task.state == "failed"]

    def where(self, name: str) -> dict[tuple[str, str, int], str]:
        """Return on which worker each batch's task of this name succeeded."""
        return {task.run: task.host for task in self.tasks if task.name == name and task.state == "success"}


@contextmanager
def a_cluster(home: Path) -> Iterator[Cluster]:
    """Start every machine and what they share, in a folder; nothing is left running afterwards."""
    home.mkdir(parents=True, exist_ok=True)
    with ExitStack() as around:
        postgres = around.enter_context(a_postgres_server(free_port()))
        cluster = Cluster(
            home,
            pace=PACE,
            postgres=postgres,
            redis_port=free_port(),
            sandbox_options=("--patience", "20"),
        )
        around.enter_context(cluster)
        cluster.start(datetime.now(UTC))
        clinics_with_dags(cluster)
        yield cluster


@dataclass
class Play:
    """Plays the night on a cluster."""

    cluster: Cluster
    cut: list[Task] = field(default_factory=list)
    fetched: list[Task] = field(default_factory=list)
    doubted: list[str] = field(default_factory=list)
    _rest: AirflowRest = field(init=False)

    def __post_init__(self) -> None:
        self._rest = self.cluster.rest

    def night(self) -> Night:
        """Start all clinics at once, lose a worker half-way, and visit until nothing is owed."""
        with Meter(self.cluster.sessions) as meter:
            began = time.monotonic()
            self._run(DELIVER, CLINICS)
            self._until(self._is_half_way, "half of the night is done")
            self.cluster.lose(LOST)
            lost = datetime.now(UTC)
            self.cluster.processes.kill("triggerer")
            self.cluster.start_component("triggerer")
            self._until(self._is_quiet, "every night has ended")
            night_seconds = time.monotonic() - began
            rounds = self._settle()
            seconds = time.monotonic() - began
            meter.look()
        tasks = self._tasks()
        return Night(
            verdict=judge(bills_of(self.cluster.home / "practice.db"), self.cluster.taken_log.parent),
            stuck=[line for told in stuck(self.cluster).values() for line in told],
            doubted=self.doubted,
            runs=Counter(run["state"] for run in self._runs()),
            tasks=tasks,
            cut=self.cut,
            fetched=self.fetched,
            night_seconds=night_seconds,
            seconds=seconds,
            back_seconds=max(self._back(lost, tasks), default=0.0),
            meter=meter,
            database_seconds=self.cluster.postgres.seconds(),
            bills=len(bills_of(self.cluster.home / "practice.db")),
            rounds=rounds,
        )

    def _run(self, prefix: str, clinics: Sequence[str]) -> None:
        for clinic in clinics:
            self._rest.trigger(prefix + clinic)

    def _is_half_way(self) -> bool:
        """Tell whether half of the night's tasks are done and the worker to be lost is in the midst of an upload."""
        if self._count("dagRuns/~/taskInstances?state=success") < len(CLINICS) * _TASKS_OF_A_NIGHT / 2:
            return False
        self.fetched = self._tasks("&state=queued")
        self.cut = [task for task in self._tasks("&state=running") if task.host == LOST]
        return any(task.name == "upload" for task in self.cut)

    def _is_quiet(self) -> bool:
        return self._count("dagRuns?state=running&state=queued") == 0

    def _settle(self) -> int:
        """Visit, and run nights where something is left over, until nothing is; return how many rounds it took."""
        owing: Sequence[str] = CLINICS
        for number in range(1, _ROUNDS + 1):
            self._run(RECEIVE, owing)
            self._until(self._is_quiet, "every visit has ended")
            self._decide()
            owing = sorted(stuck(self.cluster))
            if not owing:
                return number
            self._run(DELIVER, owing)
            self._until(self._is_quiet, "every other night has ended")
        return _ROUNDS

    def _decide(self) -> None:
        """
        Say of each file in doubt what the clearinghouse's help desk says, as a person does a day later.

        A worker that was lost between *begun* and the first byte leaves a file that nobody has, and nobody but a
        person may say so.
        """
        known = {(file.account, file.name) for file in read_taken(self.cluster.taken_log)}
        for batch in self.cluster.ledger().report.batches():
            if batch.status is not BatchStatus.BEGUN or (batch.mailbox_key, batch.file_name) in known:
                continue
            let_a_day_pass(self.cluster.ledger(), batch.id)
            word = ("--did-not-arrive", "--who", "Operator Example", "--why", "the help desk has no such file")
            self.cluster.courier("doubt", "doubt", str(batch.id), *word, "--settings", str(self.cluster.settings))
            self.doubted.append(batch.clinic_key)

    def _back(self, lost: datetime, tasks: Sequence[Task]) -> Iterator[float]:
        """Yield for each task that was cut how long after the loss its next try began."""
        cut = {(task.run, task.name) for task in self.cut}
        again = [task for task in tasks if (task.run, task.name) in cut and task.host == KEPT]
        yield from ((datetime.fromisoformat(task.began) - lost).total_seconds() for task in again)

    def _runs(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self._rest.get("/dags/~/dagRuns?limit=2000")["dag_runs"]
        return found

    def _tasks(self, only: str = "") -> list[Task]:
        shown = self._rest.get(f"/dags/~/dagRuns/~/taskInstances?limit=2000{only}")["task_instances"]
        return list(map(Task.of, shown))

    def _count(self, what: str) -> int:
        return int(self._rest.get(f"/dags/~/{what}&limit=1")["total_entries"])

    def _until(self, so: Callable[[], bool], what: str) -> None:
        def looked() -> bool:
            time.sleep(_LOOK_SECONDS)
            return so()

        self.cluster.processes.wait_until(looked, what, _NIGHT_SECONDS)


def stuck(stack: StackOnPostgres) -> dict[str, list[str]]:
    """Return what each clinic's claims are not brought to an end in, and where both sides disagree on them."""
    lines, taken = list(stack.ledger().report.claim_lines()), read_taken(stack.taken_log)
    found = {}
    for clinic in stack.clinics:
        own = [line for line in lines if line.clinic_key == clinic]
        doubts = [f"claim {line.claim_key}: in doubt" for line in own if line.delivery is Delivery.IN_DOUBT]
        disagree = disagreements(own, [file for file in taken if file.account == clinic])
        if told := [*doubts, *left_behind(own), *disagree]:
            found[clinic] = told
    return found
