"""
A few calls of Airflow's REST API, for the commands that start an Airflow of their own.

Standard library only: what starts Airflow must not import it.
"""

import json
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from typing import Any

from include.claims.errors import RetryLater

FINISHED = frozenset({"success", "failed"})
"""States of a run that will not change by themselves."""


class AirflowRefused(RetryLater):
    """Airflow's API answered with an error."""


@dataclass(slots=True)
class AirflowRest:
    """One signed-in user of one Airflow."""

    url: str  # without a slash at the end
    user: str
    password: str
    _token: str = ""

    def is_healthy(self) -> bool:
        """Tell whether all of scheduler, DAG processor, triggerer and database say so."""
        try:
            health = self._call("GET", "/api/v2/monitor/health", signed=False)
        except (OSError, AirflowRefused):
            return False
        return all((part or {}).get("status") == "healthy" for part in health.values())

    def dag_ids(self) -> set[str]:
        """Return every DAG that Airflow shows."""
        return {dag["dag_id"] for dag in self.get("/dags?limit=500")["dags"]}

    def import_errors(self) -> list[str]:
        """Return the text of every import error, as the banner shows it."""
        return [str(error["stack_trace"]) for error in self.get("/importErrors?limit=100")["import_errors"]]

    def unpause(self, dag_id: str) -> None:
        """Let a DAG run."""
        self._call("PATCH", f"/api/v2/dags/{dag_id}", {"is_paused": False})

    def trigger(self, dag_id: str, conf: dict[str, Any] | None = None) -> str:
        """Start a run by hand and return its id."""
        run = self._call("POST", f"/api/v2/dags/{dag_id}/dagRuns", {"logical_date": None, "conf": conf or {}})
        return str(run["dag_run_id"])

    def run(self, dag_id: str, run_id: str) -> dict[str, Any]:
        """Return one run."""
        return self.get(f"/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id)}")

    def runs(self, dag_id: str) -> list[dict[str, Any]]:
        """Return a DAG's runs, the latest first."""
        found: list[dict[str, Any]] = self.get(f"/dags/{dag_id}/dagRuns?limit=100&order_by=-run_after")["dag_runs"]
        return found

    def tasks(self, dag_id: str, run_id: str) -> list[dict[str, Any]]:
        """Return the task instances of a run."""
        path = f"/dags/{dag_id}/dagRuns/{urllib.parse.quote(run_id)}/taskInstances?limit=500"
        found: list[dict[str, Any]] = self.get(path)["task_instances"]
        return found

    def log(self, dag_id: str, run_id: str, task_id: str, try_number: int = 1, map_index: int = -1) -> str:
        """Return the log of one try as text."""
        run = urllib.parse.quote(run_id)
        path = f"/dags/{dag_id}/dagRuns/{run}/taskInstances/{task_id}/logs/{try_number}?map_index={map_index}"
        return json.dumps(self.get(path))

    def clear(self, dag_id: str, run_id: str, task_ids: list[Any] | None = None, *, downstream: bool = False) -> int:
        """Clear tasks of a run, all where none are named, so that they run again; return how many."""
        body: dict[str, Any] = {
            "dry_run": False,
            "dag_run_id": run_id,
            "only_failed": False,
            "reset_dag_runs": True,
            "include_downstream": downstream,
        }
        if task_ids is not None:
            body["task_ids"] = task_ids
        cleared = self._call("POST", f"/api/v2/dags/{dag_id}/clearTaskInstances", body)
        return len(cleared["task_instances"])

    def get(self, path: str) -> dict[str, Any]:
        """Return what a path below `/api/v2` shows."""
        return self._call("GET", f"/api/v2{path}")

    def _call(self, method: str, path: str, body: Any = None, *, signed: bool = True) -> dict[str, Any]:
        headers = {"Content-Type": "application/json"}
        if signed:
            headers["Authorization"] = f"Bearer {self._signed_in()}"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(  # noqa: S310  # our own Airflow on the loopback address; the scheme is ours
            self.url + path, data=data, headers=headers, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:  # noqa: S310  # the same
                found: dict[str, Any] = json.load(answer)
                return found
        except urllib.error.HTTPError as error:
            said = error.read(500).decode("utf-8", "replace")
            raise AirflowRefused(f"{method} {path}: Airflow answered {error.code}: {said}") from error

    def _signed_in(self) -> str:
        if not self._token:
            body = {"username": self.user, "password": self.password}
            self._token = str(self._call("POST", "/auth/token", body, signed=False)["access_token"])
        return self._token
