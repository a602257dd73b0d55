"""One stack for all end-to-end tests: sandbox, ledger, practice and a real Airflow; every test has its own clinic."""

from datetime import UTC, datetime

import pytest

from include.cli.demo import clinics_with_dags
from include.cli.stack import QUICK, Stack
from include.sandbox.practice_demo import make_demo
from tests.end_to_end.real_airflow import RealAirflow

IMPATIENT = {
    **QUICK,
    "COURIER_COURTESY_SECONDS": "60",
    # Shorter than the retries, so that a killed holder keeps its successor waiting for seconds only.
    "COURIER_LEASE_SECONDS": "10",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT": "20",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_TIMEOUT_DETECTION_INTERVAL": "5",
    "AIRFLOW__SCHEDULER__TASK_INSTANCE_HEARTBEAT_SEC": "3",
    # A scheduler that died is missed after this, and its tasks are looked for that often.
    "AIRFLOW__SCHEDULER__SCHEDULER_HEALTH_CHECK_THRESHOLD": "15",
    "AIRFLOW__SCHEDULER__ORPHANED_TASKS_CHECK_INTERVAL": "5",
}


@pytest.fixture(scope="session")
def airflow(tmp_path_factory):
    """Start everything once; nothing of it is left when the tests are over."""
    home = tmp_path_factory.mktemp("stack")
    now = datetime.now(UTC)
    make_demo(home, now, claims_per_clinic=10)
    # A cut file lies until its retry has come, however slow the machine.
    with Stack(home, pace=IMPATIENT, sandbox_options=("--patience", "600")) as stack:
        stack.start(now)
        clinics_with_dags(stack)
        yield RealAirflow(stack)


@pytest.fixture(autouse=True)
def _good_manners(airflow):
    """Let no test's clearinghouse misbehave in the next."""
    yield
    airflow.behave()
