"""
Look a connection up in Airflow, and change one that Airflow keeps itself: for the shell, which has no Airflow.

Asked and answered in JSON on standard input and output, so that no secret stands in a command line. What the
environment or a secrets backend keeps is named and left alone: Airflow would go on reading it there.

    python -m include.orchestration.store_connection < asked.json
"""

# ruff: noqa: PLC0415
import json
import os
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from include.adapters.settings import Connection
from include.claims.errors import ClaimsError
from include.orchestration.settings_bridge import as_airflow, import_into_airflow

ITSELF = "Airflow's database"


def main() -> int:
    """Answer what standard input asks, and return the exit status."""
    # What Airflow prints and logs on its way must not stand in the answer, so it gets standard error for both.
    with os.fdopen(os.dup(1), "w", encoding="utf-8") as output:
        os.dup2(2, 1)
        try:
            reply = answer(json.load(sys.stdin))
        except ClaimsError as error:
            reply = {"error": str(error)}
        except Exception as error:  # noqa: BLE001  # by its kind alone: its text may hold what was to be stored
            reply = {
                "error": f"Airflow did not answer: {type(error).__name__}; is its database made (airflow db migrate)?"
            }
        json.dump(reply, output)
    return 1 if "error" in reply else 0


def answer(asked: Mapping[str, Any]) -> dict[str, Any]:
    """Return where a connection is kept and what it holds, changed as asked where Airflow keeps it itself."""
    kept_in, connection = where(asked["id"])
    changes = {name: asked[name] for name in ("login", "password") if name in asked}
    extra = asked.get("extra") or {}
    if kept_in == ITSELF and (changes or extra):
        found = connection or Connection(id=asked["id"], type="sftp", host=asked.get("host", ""), port=22)
        connection = replace(found, **changes, extra={**found.extra, **extra})
        with tempfile.TemporaryDirectory(prefix="courier-connection-") as folder:
            content = {connection.id: as_airflow(connection)}
            import_into_airflow(Path(folder), "connections", content, "--overwrite")
    known = as_airflow(connection) if connection else None
    return {"kept_in": kept_in, "in_airflow": kept_in == ITSELF, "connection": known}


def where(connection_id: str) -> tuple[str, Connection | None]:
    """Return who keeps a connection, and the connection; of one nobody has, who would keep it."""
    # Here, because what Airflow says while it is imported is not the answer either.
    from airflow.configuration import ensure_secrets_loaded
    from airflow.secrets.environment_variables import EnvironmentVariablesBackend
    from airflow.secrets.metastore import MetastoreBackend

    from include.orchestration.connections import as_ours

    backends = ensure_secrets_loaded()
    names = {
        EnvironmentVariablesBackend: f"the environment, as AIRFLOW_CONN_{connection_id.upper()}",
        MetastoreBackend: ITSELF,
    }
    for backend in backends:
        found = backend.get_connection(connection_id)
        if found is not None:
            return names.get(type(backend), type(backend).__name__), as_ours(connection_id, found)
    # A house that has a secrets backend keeps its secrets there.
    first = type(backends[0])
    return (ITSELF if first in names else first.__name__), None


if __name__ == "__main__":
    sys.exit(main())
