"""
Nights through a real Airflow with something broken in each: `make chaos-airflow NIGHTS=20 SEED=1`.

Scheduler, triggerer, workers, clearinghouse and ledger are killed or taken away in mid-night, and the clearinghouse
lies. The referee believes nobody of ours: it counts the practice's claims and reads the clearinghouse's own log.
"""

import argparse
import json
import os
import random
import shutil
import signal
import sqlite3
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from include.claims.states import Delivery
from include.cli.demo import clinics_with_dags
from include.cli.processes import StackFailed
from include.cli.stack import Stack
from include.sandbox.practice import make_practice
from include.sandbox.practice_demo import write_sandbox, write_tables
from tests.end_to_end.conftest import IMPATIENT
from tests.end_to_end.real_airflow import RealAirflow

CLINICS: Final = ("demo_harbor", "example_meadow", "mockup_valley", "sample_grove", "testing_tree")
CLAIMS: Final = 3
"""Claims a clinic's practice releases for one night."""

_NOT_YET: Final = "2999-01-01T00:00:00+00:00"
_ROUNDS: Final = 4
"""Nights in which everything works, after which nothing may be left over."""

LIES: Final[Mapping[str, Mapping[str, Any]]] = {
    "connection cut on open": {"cut_on_open": True},
    "connection cut in mid-put": {"cut_after": 1500},
    "disk full at the server": {"disk_full_after": 1500},
    "writes lost silently": {"drop_writes_after": 1500},
    "a loss that is hidden": {"drop_writes_after": 1500, "hide_loss": True},
    "close answered with an error": {"fail_close": True},
    "hang in mid-put": {"stall_after": 1500},
    "collected half written": {"sweep_after": 1500},
    "slow writes": {"write_takes": 3.0},
    "logins cut": {"cut_on_login": True},
    "no inbound folder": {"hide_inbound": True},
    "answered twice": {"answer_twice": True},
    "half-written answers": {"half_written_for": 4.0},
    "nothing": {},
}
"""What the clearinghouse does wrong for some seconds of a night."""

MOST_DEATHS: Final = 3
"""How often Airflow's scheduler may end by itself before the nights are given up."""

Blow = Callable[["Chaos", str, str], bool]
"""What happens to our side, given a clinic's DAG and its run of tonight; whether there was anything to hit."""


@dataclass(slots=True)
class MindedAirflow(RealAirflow):
    """
    Starts the scheduler again where it ends by itself, as a service manager does.

    Airflow's own can: with StaleDataError, where a run is cleared while one of its mapped tasks is expanded.
    """

    deaths: int = 0

    def until(self, so: Callable[[], bool], what: str) -> None:
        """Wait until something is so, over every end of the scheduler that nobody brought about."""
        while True:
            try:
                return RealAirflow.until(self, so, what)
            except StackFailed:
                if self.stack.processes.is_running("scheduler") or self.deaths == MOST_DEATHS:
                    raise
            self.deaths += 1
            print(f"  Airflow's scheduler ended by itself; {self.stack.processes.last_words('scheduler')}", flush=True)
            self.restart("scheduler")


@dataclass
class Chaos:
    """A running stack, dice, and what was done to it."""

    airflow: MindedAirflow
    dice: random.Random
    injected: Counter[str] = field(default_factory=Counter)

    def night(self, number: int) -> None:
        """Release some claims, start the nights of some clinics, and break something meanwhile."""
        clinics = self.dice.sample(CLINICS, 3)
        for clinic in clinics:
            release(self.practice, clinic, CLAIMS)
        lie, blow = self.dice.choice(list(LIES)), self.dice.choice(list(BLOWS))
        print(f"night {number}: {', '.join(clinics)}: {lie}; {blow}", flush=True)
        self.injected[f"clearinghouse: {lie}"] += 1
        self.airflow.misbehave("", **LIES[lie], accounts=clinics)
        runs = {f"deliver_claims__{clinic}": self.airflow.start(f"deliver_claims__{clinic}") for clinic in clinics}
        time.sleep(self.dice.uniform(0, 6))
        dag_id = self.dice.choice(list(runs))
        self.injected[f"ours: {blow}"] += BLOWS[blow](self, dag_id, runs[dag_id])
        time.sleep(self.dice.uniform(2, 8))
        self.airflow.behave()
        for dag_id in runs:
            self.airflow.until_quiet(dag_id)

    def settle(self) -> None:
        """Let everything work again and days pass, until the ledger owes nothing; what is left is lost or stuck."""
        for number in range(_ROUNDS):
            if number == 1:
                # What was refused unread waits three quiet days before it goes again; here they are over.
                processes = self.airflow.stack.processes
                processes.environment = {**processes.environment, "COURIER_WAIT_QUIET_HOURS": "0"}
                self.airflow.restart("scheduler", "triggerer")
            for clinic in CLINICS:
                self.airflow.night(f"receive_responses__{clinic}")
                self.airflow.night(f"deliver_claims__{clinic}")
            if not Referee(self.practice, self.airflow.stack.taken_log).lost and not self.stuck:
                return

    @property
    def stuck(self) -> list[str]:
        """The clinics of which something is in doubt."""
        return [clinic for clinic in CLINICS if self.airflow.in_doubt(clinic)]

    @property
    def practice(self) -> Path:
        """The practice's database."""
        return self.airflow.stack.home / "practice.db"


def _kill_a_task(chaos: Chaos, dag_id: str, run_id: str) -> bool:
    until = time.monotonic() + 15
    while time.monotonic() < until:
        for task in chaos.airflow.rest.tasks(dag_id, run_id):
            if task["state"] == "running" and task["pid"]:
                with suppress(ProcessLookupError):
                    os.kill(int(task["pid"]), signal.SIGKILL)
                    return True
        time.sleep(0.2)
    return False


def _restart(*parts: str) -> Blow:
    def restart(chaos: Chaos, _dag_id: str, _run_id: str) -> bool:
        chaos.airflow.restart(*parts)
        return True

    return restart


def _no_clearinghouse(chaos: Chaos, _dag_id: str, _run_id: str) -> bool:
    chaos.airflow.stack.processes.kill("sandbox")
    time.sleep(chaos.dice.uniform(2, 8))
    chaos.airflow.stack.start_sandbox()
    return True


def _no_ledger(chaos: Chaos, _dag_id: str, _run_id: str) -> bool:
    with chaos.airflow.ledger_away():
        time.sleep(chaos.dice.uniform(2, 6))
    return True


def _clear(chaos: Chaos, dag_id: str, run_id: str) -> bool:
    return chaos.airflow.rest.clear(dag_id, run_id, None, downstream=True) > 0


def _twice(chaos: Chaos, dag_id: str, _run_id: str) -> bool:
    chaos.airflow.start(dag_id)
    chaos.airflow.start(dag_id)
    return True


BLOWS: Final[Mapping[str, Blow]] = {
    "a task killed": _kill_a_task,
    "scheduler killed": _restart("scheduler"),
    "triggerer killed": _restart("triggerer"),
    "scheduler and triggerer killed": _restart("scheduler", "triggerer"),
    "clearinghouse gone for some seconds": _no_clearinghouse,
    "ledger gone for some seconds": _no_ledger,
    "the run cleared while it runs": _clear,
    "two more runs started": _twice,
    "nothing": lambda _chaos, _dag_id, _run_id: True,
}


@dataclass(frozen=True)
class Referee:
    """Says what became of every claim, by the practice and the clearinghouse's log alone; no code of ours is asked."""

    practice: Path
    log: Path

    @property
    def released(self) -> int:
        """How many claims the practice has let go; all of them are sound."""
        with closing(sqlite3.connect(self.practice)) as practice:
            query = "select count(*) from claims where status = 'released' and released_at <> ?"
            return int(practice.execute(query, [_NOT_YET]).fetchone()[0])

    @property
    def lost(self) -> int:
        """How many of them the clearinghouse never took."""
        return self.released - len(set(self._taken("content_sha256")))

    @property
    def twice(self) -> int:
        """How many claims it took more than once, by what is billed or by number."""
        counts = (Counter(self._taken(key)) for key in ("content_sha256", "control_number"))
        return max(sum(times - 1 for times in count.values()) for count in counts)

    def _taken(self, key: str) -> Iterator[str]:
        for line in self.log.read_text("utf-8").splitlines():
            file = json.loads(line)
            if file["complete"] and not file["failed"] and file["usage"] == "live":
                yield from (claim[key] for claim in file["claims"] if claim["verdict"] != "refused")


def release(practice: Path, clinic: str, count: int) -> None:
    """Let a practice release its next claims."""
    now = datetime.now(UTC).isoformat(timespec="seconds")
    with closing(sqlite3.connect(practice)) as database, database:
        database.execute(
            "update claims set released_at = ? where id in"
            " (select id from claims where clinic_id = ? and released_at = ? order by id limit ?)",
            (now, clinic, _NOT_YET, count),
        )


def chaos_nights(home: Path, nights: int, seed: int) -> int:
    """Run so many nights and return how many claims were lost, sent twice or are stuck."""
    now = datetime.now(UTC)
    home.mkdir(parents=True, exist_ok=True)
    make_practice(home / "practice.db", now, claims_per_clinic=CLAIMS * nights, with_faults=False)
    with closing(sqlite3.connect(home / "practice.db")) as database, database:
        database.execute("update claims set released_at = ?", [_NOT_YET])
    write_tables(home, now)
    write_sandbox(home)
    with Stack(home, pace=IMPATIENT, sandbox_options=("--patience", "20")) as stack:
        stack.start(now)
        clinics_with_dags(stack)
        chaos = Chaos(MindedAirflow(stack), random.Random(seed))  # breaks things, hides nothing
        for clinic in CLINICS:
            stack.rest.unpause(f"deliver_claims__{clinic}")
            stack.rest.unpause(f"receive_responses__{clinic}")
        for number in range(1, nights + 1):
            chaos.night(number)
        chaos.settle()
        return _verdict(chaos, seed)


def _verdict(chaos: Chaos, seed: int) -> int:
    referee, stuck = Referee(chaos.practice, chaos.airflow.stack.taken_log), chaos.stuck
    for what, times in sorted(chaos.injected.items()):
        print(f"  {times:>3} x {what}")
    print(f"  {chaos.airflow.deaths:>3} x Airflow's scheduler ended by itself")
    print(
        f"{referee.released} claims, seed {seed}: lost {referee.lost}, sent twice {referee.twice}, stuck {len(stuck)}"
    )
    wrong = referee.lost + referee.twice + len(stuck)
    if wrong:
        print("what the ledger says of those that were never taken, and what is in doubt:", *_left(chaos), sep="\n  ")
    return wrong


def _left(chaos: Chaos) -> Iterator[str]:
    taken = chaos.airflow.times_taken()
    for clinic in CLINICS:
        for line in chaos.airflow.ledger.report.claim_lines(clinic):
            if line.control_number not in taken or line.delivery is Delivery.IN_DOUBT:
                stands = f"{line.delivery}, {line.front_end}, {line.work} {'; '.join(line.reasons)}".rstrip()
                yield f"{clinic} {line.claim_key} ({line.control_number}): {stands}; {line.file_name or 'in no file'}"
        for batch in chaos.airflow.ledger.report.batches(clinic):
            yield f"{clinic} {batch.file_name} ({batch.run.run_id}): {batch.status}"


def main() -> int:
    """Run the nights of the command line; 0 where nothing was lost, doubled or stuck."""
    parser = argparse.ArgumentParser(prog="tests.chaos.airflow_nights", description=__doc__)
    parser.add_argument("--nights", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    home = Path(tempfile.mkdtemp(prefix="courier-chaos-"))
    try:
        wrong = chaos_nights(home / "stack", options.nights, options.seed)
    except StackFailed as failed:
        print(failed)
        wrong = 1
    if wrong:
        print(f"ledger, logs and the clearinghouse's own log are kept in {home}")
        return 1
    shutil.rmtree(home)
    return 0


if __name__ == "__main__":
    sys.exit(main())
