"""
Which clinics get a DAG: the loop in `dags/` asks here, at every parse.

The DAG processor reads the clinic table and refreshes the snapshot; a task takes only its own clinic. With the
ledger down the last good snapshot serves, so that DAGs stay; `dags/clinic_table_check.py` makes that visible.
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path

from airflow.sdk import get_parsing_context

from include.claims.errors import BadSetting, LedgerUnreachable
from include.delivery.clinic_table import Clinic
from include.orchestration.snapshot import Snapshot, read_clinic, read_snapshot, refresh_snapshot
from include.orchestration.wiring import clinic_table

log = logging.getLogger(__name__)


def dag_id_of(prefix: str, clinic_key: str) -> str:
    """Return the id of a clinic's DAG, `deliver_claims__<clinic>`."""
    return f"{prefix}__{clinic_key}"


def clinics_to_build(prefix: str) -> Iterator[Clinic]:
    """Return the clinics whose DAG of this prefix is to be built: all of them, or the one a task asks for."""
    asked = get_parsing_context().dag_id
    if asked is None:
        yield from (clinic for clinic in table_now().clinics() if clinic.mode.has_dags)
    elif asked.startswith(f"{prefix}__"):
        # Whatever its mode has become: a run under way when a clinic is archived still ends.
        yield own_clinic(asked.removeprefix(f"{prefix}__"))


def own_clinic(key: str) -> Clinic:
    """Return one clinic: from the snapshot, else by one keyed read where a worker has no snapshot of its own."""
    return read_clinic(snapshot_folder(), key) or clinic_table().clinic(key)


def table_now() -> Snapshot:
    """Return the clinic table as it is now, or its last good snapshot while the ledger does not answer."""
    folder = snapshot_folder()
    try:
        return refresh_snapshot(folder, clinic_table())
    except (LedgerUnreachable, BadSetting) as error:
        last_good = read_snapshot(folder)
        if last_good is None:
            raise
        log.warning("clinic table not read, revision=%d serves: %s", last_good.revision, error)
        return last_good


def check_clinic_table() -> None:
    """Raise BadSetting with every refused row, or LedgerUnreachable where the table could not be read at all."""
    faults = refresh_snapshot(snapshot_folder(), clinic_table()).faults
    if faults:
        raise BadSetting("the clinic table has rows that were refused:\n" + "\n".join(faults))


def snapshot_folder() -> Path:
    """Return where the snapshot lies: `COURIER_SNAPSHOT`, or a folder in AIRFLOW_HOME."""
    home = os.environ.get("AIRFLOW_HOME") or str(Path.home() / "airflow")
    return Path(os.environ.get("COURIER_SNAPSHOT") or Path(home) / "claims_snapshot")
