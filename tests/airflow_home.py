"""An Airflow home of the test run's own; imported before the first Airflow import, which fixes it for the process."""

import os
import tempfile
from pathlib import Path

HOME = Path(tempfile.mkdtemp(prefix="courier-airflow-"))
DAGS = Path(__file__).resolve().parents[1] / "dags"

os.environ.update(
    AIRFLOW_HOME=str(HOME),
    AIRFLOW__CORE__DAGS_FOLDER=str(DAGS),
    AIRFLOW__CORE__LOAD_EXAMPLES="False",
    AIRFLOW__CORE__UNIT_TEST_MODE="False",
    AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{HOME / 'airflow.db'}",
    AIRFLOW__LOGGING__LOGGING_LEVEL="WARNING",
)
