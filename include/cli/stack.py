"""
A whole Claim Courier on one machine, out of one folder: sandbox clearinghouse, ledger, practice, and a real Airflow.

The demo, `up` and the end-to-end tests run on it. Airflow's parts are separate processes, as in production, with one
difference: SQLite lets one process write at a time, and a single API server that serves people and tasks answers some
of them with 500 under load. So there are two, one for people (`--apps core`) and one for tasks (`--apps execution`).
"""

import base64
import json
import os
import secrets
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Final, Self

from include.adapters.ledger import Ledger, migrate
from include.adapters.sftp_connect import read_host_key
from include.cli.airflow_rest import AirflowRest
from include.cli.processes import Processes, sweep
from include.sandbox.practice_demo import make_demo

PROJECT = Path(__file__).resolve().parents[2]
USER = "admin"
USERS: Final[Mapping[str, str]] = {USER: "admin", "biller": "user", "reader": "viewer"}
"""The demo's people by Airflow's roles: one for everything, one who acts on claims, one who sees no patient."""

_COMPONENTS = ("scheduler", "dag-processor", "triggerer")
_PORTS = ("web", "execution", "sandbox", "worker_log", "trigger_log")

QUICK = {
    "COURIER_COURTESY_SECONDS": "90",
    "COURIER_LOOK_SECONDS": "2",
    "COURIER_SLOWEST_LOOK_SECONDS": "5",
    "COURIER_ACCOUNT_SECONDS": "2",
    "COURIER_SETTLE_SECONDS": "0.5",
    "COURIER_LEASE_SECONDS": "60",
    "COURIER_RETRY_SECONDS": "5",
    "COURIER_RETRY_LEDGER_SECONDS": "3",
}
"""Waits for a clearinghouse that answers in seconds; see `include.orchestration.pace`."""


@dataclass(slots=True)
class Stack:
    """The processes, ports and secrets of one folder; a context manager that leaves no process behind."""

    home: Path
    pace: Mapping[str, str] = field(default_factory=lambda: dict(QUICK))
    settings: Path = PROJECT / "airflow_settings.yaml"
    sandbox_options: tuple[str, ...] = ("--answers", "all")  # see `./courier sandbox --help`
    users: Mapping[str, str] = field(default_factory=lambda: dict(USERS))  # who may sign in, and their role
    ports: dict[str, int] = field(default_factory=dict)
    secrets: dict[str, str] = field(default_factory=dict)
    processes: Processes = field(init=False)
    rest: AirflowRest = field(init=False)  # Airflow's API, signed in at the first call

    def __post_init__(self) -> None:
        self.home = self.home.resolve()
        for folder in (self.home, self.home / "log", self.home / "airflow"):
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        # What an earlier run left because it was killed itself.
        register = self.home / "processes.json"
        sweep(register)
        self.ports = self._kept_ports()
        self.secrets = self._kept_secrets()
        self.processes = Processes(self.environment(), self.home / "log", register)
        self.rest = AirflowRest(self.url, USER, self.secrets["password"])

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.processes.stop()

    @property
    def url(self) -> str:
        """Where the Airflow UI is."""
        return f"http://127.0.0.1:{self.ports['web']}"

    @property
    def ledger_url(self) -> str:
        """Where the ledger is."""
        return f"sqlite:///{self.home / 'ledger.db'}"

    def ledger(self) -> Ledger:
        """Return the ledger, with the key to the patients in it."""
        return Ledger(self.ledger_url, [self.secrets["payload_key"]])

    def environment(self) -> dict[str, str]:
        """Return the environment of every process of the stack; another Airflow's settings do not leak in."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("AIRFLOW", "_AIRFLOW"))}
        # Without bytecode every Airflow process starts more than twice as slowly; an agent's keys would be offered.
        for name in ("PYTHONDONTWRITEBYTECODE", "SSH_AUTH_SOCK"):
            kept.pop(name, None)
        return {**kept, **self._airflow(), **self._courier(), "PYTHONPATH": str(PROJECT), "PYTHONUNBUFFERED": "1"}

    @property
    def taken_log(self) -> Path:
        """Where the sandbox writes down what it took."""
        return self.home / "sandbox" / "taken.jsonl"

    def courier(self, name: str, *words: str) -> None:
        """Run one of our own commands to its end, in the stack's environment."""
        self.processes.run(name, sys.executable, "-m", "include.cli", *words)

    def prepare_world(self, now: datetime) -> None:
        """Make what a newcomer has nothing of: a practice, a clinic table and a ledger; what is there stays."""
        if not (self.home / "practice.db").exists():
            make_demo(self.home, now)
        migrate(self.ledger_url)
        tables = [str(self.home / f"{name}.csv") for name in ("mailboxes", "billing_identities", "clinics")]
        self.courier("clinics-import", "clinics", "import", *tables, "--ledger", self.ledger_url)

    def start_sandbox(self) -> str:
        """Start the clearinghouse and return the line by which its host key is pinned."""
        files = ("--accounts", str(self.home / "accounts.json"), "--payers", str(self.home / "payers.json"))
        place = ("--home", str(self.taken_log.parent), "--port", str(self.ports["sandbox"]))
        self.processes.start(
            "sandbox", sys.executable, "-m", "include.cli", "sandbox", *place, *files, *self.sandbox_options
        )
        self.processes.wait_until(lambda: _answers(self.ports["sandbox"]), "the sandbox answers", 30)
        return read_host_key("127.0.0.1", self.ports["sandbox"])

    def prepare_airflow(self, host_key: str) -> None:
        """Create Airflow's database and bring the settings file's connections and pools into it."""
        self.processes.environment = {**self.environment(), "COURIER_SANDBOX_HOST_KEY": host_key}
        passwords = self.home / "airflow" / "passwords.json"
        _write_private(passwords, json.dumps(dict.fromkeys(self.users, self.secrets["password"])))
        _preload(self.home / "airflow" / "config")
        self.processes.run("airflow-db", sys.executable, "-m", "airflow", "db", "migrate")
        bridge = "include.orchestration.settings_bridge"
        self.processes.run("settings-bridge", sys.executable, "-m", bridge, str(self.settings))

    def start(self, now: datetime) -> None:
        """Start everything, from whatever an earlier run left."""
        self.prepare_world(now)
        self.prepare_airflow(self.start_sandbox())
        self.start_airflow()

    def start_airflow(self) -> None:
        """Start Airflow's parts and wait until all of them say they are healthy."""
        airflow = (sys.executable, "-m", "airflow")
        for app, port in (("core", "web"), ("execution", "execution")):
            options = ("--apps", app, "--host", "127.0.0.1", "--port", str(self.ports[port]), "--workers", "1")
            self.processes.start(f"api-{app}", *airflow, "api-server", *options)
        for component in _COMPONENTS:
            self.start_component(component)
        self.processes.wait_until(self.rest.is_healthy, "Airflow is healthy", 180)
        self.processes.wait_until(lambda: _answers(self.ports["execution"]), "the task API answers", 60)

    def start_component(self, name: str) -> None:
        """Start one of Airflow's parts: scheduler, dag-processor or triggerer."""
        self.processes.start(name, sys.executable, "-m", "airflow", name)

    def _courier(self) -> dict[str, str]:
        return {
            **self.pace,
            "COURIER_HOME": str(self.home),
            "COURIER_SNAPSHOT": str(self.home / "snapshot"),
            "COURIER_SANDBOX_PORT": str(self.ports["sandbox"]),
            "COURIER_PAYLOAD_KEY": self.secrets["payload_key"],
        }

    def _airflow(self) -> dict[str, str]:
        home = self.home / "airflow"
        sections = {
            "CORE__DAGS_FOLDER": str(PROJECT / "dags"),
            "CORE__PLUGINS_FOLDER": str(PROJECT / "plugins"),
            "CORE__LOAD_EXAMPLES": "False",
            "CORE__PARALLELISM": "4",
            # A night here is many small tasks, one after the other, and the scheduler rests a second.
            "SCHEDULER__SCHEDULER_IDLE_SLEEP_TIME": "0.2",
            # Everything starts at once here: on a busy machine a first parse waits for the processor, not for our code.
            "CORE__DAGBAG_IMPORT_TIMEOUT": "120",
            "DAG_PROCESSOR__DAG_FILE_PROCESSOR_TIMEOUT": "180",
            "CORE__FERNET_KEY": self.secrets["fernet_key"],
            "CORE__EXECUTION_API_SERVER_URL": f"http://127.0.0.1:{self.ports['execution']}/execution/",
            "CORE__SIMPLE_AUTH_MANAGER_USERS": ",".join(f"{name}:{role}" for name, role in self.users.items()),
            "CORE__SIMPLE_AUTH_MANAGER_PASSWORDS_FILE": str(home / "passwords.json"),
            "DATABASE__SQL_ALCHEMY_CONN": f"sqlite:///{home / 'airflow.db'}",
            "API__HOST": "127.0.0.1",
            "API__PORT": str(self.ports["web"]),
            "API__BASE_URL": self.url,
            "API__SECRET_KEY": self.secrets["api_key"],
            "API_AUTH__JWT_SECRET": self.secrets["jwt_secret"],
            "LOGGING__BASE_LOG_FOLDER": str(home / "logs"),
            "LOGGING__WORKER_LOG_SERVER_PORT": str(self.ports["worker_log"]),
            "LOGGING__TRIGGER_LOG_SERVER_PORT": str(self.ports["trigger_log"]),
            "DAG_PROCESSOR__REFRESH_INTERVAL": "10",
            "DAG_PROCESSOR__MIN_FILE_PROCESS_INTERVAL": "10",
            "USAGE_DATA_COLLECTION__ENABLED": "False",
        }
        return {"AIRFLOW_HOME": str(home), **{f"AIRFLOW__{name}": value for name, value in sections.items()}}

    def _kept_ports(self) -> dict[str, int]:
        """Return the ports of the last run where they are still free: a bookmark and a breaker stay good."""
        path = self.home / "ports.json"
        kept: dict[str, int] = json.loads(path.read_text("utf-8")) if path.exists() else {}
        if set(kept) != set(_PORTS) or any(_answers(port) for port in kept.values()):
            kept = _free_ports()
            _write_private(path, json.dumps(kept))
        return kept

    def _kept_secrets(self) -> dict[str, str]:
        """Return the folder's secrets: what was encrypted by an earlier run must stay readable."""
        path = self.home / "secrets.json"
        if not path.exists():
            _write_private(path, json.dumps(_new_secrets()))
        kept: dict[str, str] = json.loads(path.read_text("utf-8"))
        return kept


def _free_ports() -> dict[str, int]:
    sockets = {name: socket.socket() for name in _PORTS}
    for open_socket in sockets.values():
        open_socket.bind(("127.0.0.1", 0))
    ports = {name: int(open_socket.getsockname()[1]) for name, open_socket in sockets.items()}
    for open_socket in sockets.values():
        open_socket.close()
    return ports


def _new_secrets() -> dict[str, str]:
    return {
        "password": secrets.token_urlsafe(12),
        "jwt_secret": secrets.token_hex(64),
        "api_key": secrets.token_hex(32),
        "fernet_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
        "payload_key": base64.urlsafe_b64encode(secrets.token_bytes(32)).decode(),
    }


def _answers(port: int) -> bool:
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def _preload(config: Path) -> None:
    """Let Airflow's processes import our modules once, and not each task that the scheduler forks."""
    config.mkdir(exist_ok=True)
    lines = ("__all__: list[str] = []", "import include.orchestration.preloaded")
    (config / "airflow_local_settings.py").write_text("\n".join(lines) + "\n", encoding="utf-8")


def _write_private(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.write_text(text, encoding="utf-8")
