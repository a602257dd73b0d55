"""What every DAG of ours has: an owner, time limits, the retry table and a notice when a task fails for good."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final

from airflow.sdk import DAG, CronTriggerTimetable

from include.claims.errors import BadSetting
from include.delivery.clinic_table import Clinic, cron_fault
from include.orchestration.notices import tell_failure
from include.orchestration.pace import PACE
from include.orchestration.retries import BY_ERROR_FAMILY

START: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""Fixed, so that the same clinic table always makes the same DAGs; `live_since` decides which nights count."""

SFTP_POOL: Final = "sftp"
"""Bounds the sessions of the whole deployment; airflow_settings.yaml makes it."""

NIGHT_TIMEOUT: Final = timedelta(hours=10)
"""Before the next night; what is unfinished then is adopted by the next run."""

DEFAULTS: Final[dict[str, Any]] = {
    "owner": "claims",
    "depends_on_past": False,
    "execution_timeout": timedelta(hours=2),
    "retries": 5,
    "retry_delay": PACE.retry,
    "retry_policy": BY_ERROR_FAMILY,
    "on_failure_callback": tell_failure,
    # Each task weighs as much as those before it together: what has begun is finished before more begins.
    "weight_rule": "upstream",
}


def installation_cron(environment: Mapping[str, str], name: str, otherwise: str) -> str:
    """Return when a DAG of the whole installation runs; raise BadSetting where the setting is no cron expression."""
    expression = environment.get(name) or otherwise
    if fault := cron_fault(expression):
        raise BadSetting(f"environment {name}: {expression!r} is not a cron expression: {fault}")
    return expression


def dag_of_installation(
    dag_id: str, shown_as: str, description: str, *, doc: str, cron: str, timeout: timedelta, about: str
) -> DAG:
    """Return a DAG of the whole installation, still without tasks: by its cron expression in UTC, one run at a time."""
    return DAG(
        dag_id=dag_id,
        dag_display_name=shown_as,
        description=description,
        doc_md=doc,
        schedule=CronTriggerTimetable(cron, timezone="UTC"),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=timeout,
        default_args=DEFAULTS,
        tags={"claims", about},
    )


def defaults_of(clinic: Clinic) -> dict[str, Any]:
    """Return the house's defaults, weighed as the clinic's row says."""
    return {**DEFAULTS, "priority_weight": clinic.priority}


def schedule_of(cron: str, clinic: Clinic) -> CronTriggerTimetable:
    """Return a cron schedule in the clinic's own time zone: half past ten at night is that in summer and winter."""
    return CronTriggerTimetable(cron, timezone=clinic.timezone)
