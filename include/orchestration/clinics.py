"""
Which clinics get a DAG: the loop in `dags/` asks here, at every parse.

The DAG processor reads the clinic table when it has changed and refreshes the snapshot; a task takes only its own
clinic. With the ledger down the last good snapshot serves, so that DAGs stay; `dags/clinic_table_check.py`, which reads
the whole table every time, makes that visible.

More clinics than one file can hold within Airflow's time limits are shared out over several (`dags/more_clinics/`).
"""

import logging
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from airflow.sdk import get_parsing_context

from include.claims.environment import whole_number
from include.claims.errors import BadSetting, LedgerUnreachable
from include.claims.identifiers import own_number
from include.delivery.clinic_table import Clinic
from include.orchestration.snapshot import Snapshot, read_clinic, read_snapshot, refresh_snapshot
from include.orchestration.wiring import clinic_table

log = logging.getLogger(__name__)

SHARES: Final = 8
"""The files clinics can be shared out over: the first share in `dags/` itself, the others in `dags/more_clinics/`."""

_MOST_A_FILE: Final = 10_000


def dag_id_of(prefix: str, clinic_key: str) -> str:
    """Return the id of a clinic's DAG, `deliver_claims__<clinic>`."""
    return f"{prefix}__{clinic_key}"


def clinics_to_build(prefix: str, share: int = 1) -> Iterator[Clinic]:
    """Return the clinics whose DAG of this prefix a file is to build: its share of them, or the one a task asks for."""
    asked = get_parsing_context().dag_id
    if asked is None:
        snapshot = table_now()
        shares = shares_of(len(snapshot.rows))
        mine = (key for key in snapshot.rows if share_of(key, shares) == share)
        yield from (clinic for clinic in snapshot.clinics(mine) if clinic.mode.has_dags)
    elif asked.startswith(f"{prefix}__"):
        # Whatever its mode and its share have become: a run under way still ends.
        yield own_clinic(asked.removeprefix(f"{prefix}__"))


def shares_of(clinics: int) -> int:
    """Return how many files so many clinics need; `COURIER_CLINICS_A_FILE` (1000) says what one may hold."""
    a_file = whole_number(os.environ, "COURIER_CLINICS_A_FILE", "clinics", most=_MOST_A_FILE) or 1000
    return min(SHARES, max(1, -(-clinics // a_file)))


def share_of(key: str, shares: int) -> int:
    """Return which file holds a clinic, from 1; one share more moves clinics to the new one and to no other."""
    return max(range(1, shares + 1), key=lambda share: own_number(f"{share}:{key}"))


def own_clinic(key: str) -> Clinic:
    """Return one clinic: from the snapshot, else by one keyed read where a worker has no snapshot of its own."""
    return read_clinic(snapshot_folder(), key) or clinic_table().clinic(key)


def table_now() -> Snapshot:
    """Return the clinic table as it is now, or its last good snapshot while the ledger does not answer."""
    folder = snapshot_folder()
    last_good = read_snapshot(folder)
    try:
        table = clinic_table()
        if last_good is not None and last_good.revision == table.revision():
            return last_good
        return refresh_snapshot(folder, table)
    except (LedgerUnreachable, BadSetting) as error:
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
