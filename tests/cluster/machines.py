"""
A Claim Courier on several machines: each of Airflow's parts on one of its own, with Redis and PostgreSQL between them.

A machine is a namespace of Linux (`machine.sh`): its own name, its own disk, its own copy of the project. It can write
nowhere else and cannot see another's disk, so what one machine left for another on a disk would be missed at once.
"""

import json
import shutil
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final

from include.cli.stack import PROJECT, _answers
from tests.cluster.on_postgres import StackOnPostgres

WORKERS: Final = ("worker-1", "worker-2")
SLOTS: Final = 4
"""Tasks a worker runs at once."""

PARTS: Final[Mapping[str, tuple[str, ...]]] = {
    "api-server": ("api-server", "--workers", "1"),
    "scheduler": ("scheduler",),
    "dag-processor": ("dag-processor",),
    "triggerer": ("triggerer",),
    # What a worker's own log server would show is on its disk, where we look ourselves.
    **dict.fromkeys(WORKERS, ("celery", "worker", "--concurrency", str(SLOTS), "--skip-serve-logs")),
}
"""The machines, and what of Airflow each of them runs."""

_ENTER: Final = ("unshare", "--mount", "--uts", "--propagation", "private", "sh")
_SCRIPT: Final = Path(__file__).with_name("machine.sh")


@dataclass
class Cluster(StackOnPostgres):
    """The machines, and what stands between them: sandbox, Redis and PostgreSQL."""

    redis_port: int = field(kw_only=True)

    def environment(self) -> dict[str, str]:
        """Return the environment of every machine: paths are the same everywhere, what lies there is not."""
        sections = {
            "CORE__EXECUTOR": "CeleryExecutor",
            # As many as the workers have room for: what waits behind them is not yet in Redis and is not lost there.
            "CORE__PARALLELISM": str(SLOTS * len(WORKERS)),
            "CORE__HOSTNAME_CALLABLE": "socket.gethostname",
            "CORE__EXECUTION_API_SERVER_URL": f"{self.url}/execution/",
            "CELERY__BROKER_URL": f"redis://127.0.0.1:{self.redis_port}/0",
            "CELERY__RESULT_BACKEND": f"db+{self.address_of('results')}",
            "CELERY__EXTRA_CELERY_CONFIG": json.dumps({"imports": ["include.orchestration.preloaded"]}),
        }
        ours = {f"AIRFLOW__{name}": value for name, value in sections.items()}
        return {**super().environment(), **ours, "TMPDIR": str(self.home / "tmp")}

    def prepare_world(self, now: datetime) -> None:
        """Make the practice, the databases and the clinic table."""
        (self.home / "tmp").mkdir(exist_ok=True)
        self.postgres.run("CREATE DATABASE results")
        super().prepare_world(now)

    def start_airflow(self) -> None:
        """Start the broker and every machine, and wait until Airflow is healthy and the workers are there."""
        quiet = ("--bind", "127.0.0.1", "--save", "", "--dir", str(self.home))
        self.processes.start("redis", "redis-server", "--port", str(self.redis_port), *quiet)
        self.processes.wait_until(lambda: _answers(self.redis_port), "Redis answers", 30)
        for name in PARTS:
            self._make_disk(name)
        shutil.copy(self.home / "airflow" / "passwords.json", self.disk("api-server") / "airflow")
        for name in PARTS:
            self.start_component(name)
        self.processes.wait_until(self.rest.is_healthy, "Airflow is healthy", 180)
        self.processes.wait_until(lambda: all(map(self._is_ready, WORKERS)), "both workers are ready", 120)

    def start_component(self, name: str) -> None:
        """Start a machine with what it runs of Airflow."""
        self.processes.start(name, *self._enter(name), sys.executable, "-m", "airflow", *PARTS[name])

    def disk(self, name: str) -> Path:
        """Return where a machine's disk is kept while nobody can see it from inside another."""
        return self.home.with_name("disks") / name

    def lose(self, name: str) -> None:
        """Lose a machine: all it runs is killed at once, and its disk goes with it."""
        self.processes.kill(name)
        shutil.rmtree(self.disk(name))

    def ask(self, name: str, command: str) -> str:
        """Return what a shell command prints on a machine."""
        asked = (*self._enter(name), "sh", "-c", command)
        done = subprocess.run(asked, env=self.environment(), capture_output=True, text=True, check=True, timeout=60)
        return done.stdout.strip()

    def _enter(self, name: str) -> tuple[str, ...]:
        return (*_ENTER, str(_SCRIPT), name, str(self.disk(name)), str(self.home), str(PROJECT))

    def _make_disk(self, name: str) -> None:
        """Make a machine's disk: the project, and the practice's database as its vendor copies it to readers."""
        disk = self.disk(name)
        for folder in ("airflow", "tmp"):
            (disk / folder).mkdir(parents=True, mode=0o700)
        for folder in ("dags", "include", "plugins"):
            shutil.copytree(PROJECT / folder, disk / "project" / folder)
        shutil.copy(self.home / "practice.db", disk)

    def _is_ready(self, worker: str) -> bool:
        return f"celery@{worker} ready." in (self.home / "log" / f"{worker}.log").read_text("utf-8", "replace")


def can_have_machines() -> bool:
    """Tell whether this computer lets us make machines."""
    if shutil.which("unshare") is None:
        return False
    made = (*_ENTER, "-c", "hostname elsewhere && mount -t tmpfs none /dev/shm")
    return subprocess.run(made, check=False, capture_output=True).returncode == 0
