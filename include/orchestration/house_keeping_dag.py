"""The shape of house-keeping: one light task a day for the whole installation, which lets old files go."""

import logging
import time
from collections.abc import Mapping
from datetime import timedelta
from os import environ
from typing import Final

from airflow.sdk import DAG, task

from include.delivery.ageing import keep_days
from include.delivery.ageing import let_go as let_old_files_go
from include.orchestration.house import dag_of_installation, installation_cron
from include.orchestration.wiring import ports_for_task

log = logging.getLogger(__name__)

DAG_ID: Final = "keep_house"
CRON: Final = "COURIER_HOUSE_CRON"
BY_DAY: Final = "0 18 * * *"
"""UTC: no night of the United States runs then."""

TIMEOUT: Final = timedelta(hours=1)
ENOUGH: Final = timedelta(minutes=30)
"""After which the rest waits for tomorrow."""


def build_house_keeping_dag(doc: str) -> DAG:
    """Return the DAG that lets old files go."""
    with dag_of_installation(
        DAG_ID,
        "Keep house",
        "Let go the bytes of files that are older than they are kept, and speak of nothing that is open.",
        doc=doc,
        cron=schedule(environ),
        timeout=TIMEOUT,
        about="house",
    ) as dag:
        task(let_go)()
    return dag


def schedule(environment: Mapping[str, str]) -> str:
    """Return when the installation keeps house; raise BadSetting where that is no cron expression."""
    return installation_cron(environment, CRON, BY_DAY)


def let_go() -> Mapping[str, int]:
    """Let go what is old enough, in small transactions, until all of it has gone or it is time to stop."""
    ports, days = ports_for_task(), keep_days(environ)
    ends = time.monotonic() + ENOUGH.total_seconds()
    aged = let_old_files_go(ports.ledger.ageing, days, DAG_ID, ports.now(), has_time=lambda: time.monotonic() < ends)
    log.info("let go files=%d older than days=%d; all of them: %s", aged.files, days, aged.is_all)
    return {"files": aged.files, "days": days}
