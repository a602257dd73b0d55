"""
A connection as Airflow has it, and a change to it, from a shell that has no Airflow: another process is asked.

What is asked and answered goes through pipes: a secret never stands in a command line or in a file that others read.
"""

import json
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from include.adapters.settings import Connection, connection_from_text
from include.claims.errors import BadSetting

_PROJECT = Path(__file__).resolve().parents[2]
_COMMAND = (sys.executable, "-m", "include.orchestration.store_connection")


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """A connection, and who keeps it."""

    kept_in: str
    in_airflow: bool  # Airflow keeps it itself, or would, so that it can be changed from here
    connection: Connection | None


def airflow_keeps(connection_id: str, **changes: str | Mapping[str, Any]) -> Kept:
    """Ask Airflow for a connection, and to change it so where it keeps it itself; raise BadSetting where it cannot."""
    asked = json.dumps({"id": connection_id, **changes})
    # Its log is dropped: nobody knows what a secrets backend writes there.
    done = subprocess.run(  # noqa: S603  # our own module, and nothing of the outside in its words
        _COMMAND, input=asked, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, cwd=_PROJECT, check=False
    )
    try:
        reply = json.loads(done.stdout)
    except json.JSONDecodeError:
        reply = {"error": f"Airflow did not answer (exit status {done.returncode})"}
    if "error" in reply:
        raise BadSetting(f"connection {connection_id}: {reply['error']}")
    known = reply["connection"]
    found = connection_from_text(connection_id, json.dumps(known)) if known else None
    return Kept(kept_in=reply["kept_in"], in_airflow=reply["in_airflow"], connection=found)
