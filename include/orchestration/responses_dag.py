"""The shape of a clinic's receiving: one light task that takes and applies what came back, whenever it came."""

from datetime import timedelta
from typing import Final

from airflow.sdk import DAG

from include.delivery.clinic_table import Clinic
from include.orchestration.clinics import dag_id_of
from include.orchestration.house import DEFAULTS, SFTP_POOL, START, schedule_of
from include.orchestration.operators import ReceiveResponses

PREFIX = "receive_responses"

VISIT_TIMEOUT: Final = timedelta(hours=4)


def build_responses_dag(clinic: Clinic, doc: str) -> DAG:
    """Return the DAG that receives one clinic's answers."""
    with DAG(
        dag_id=dag_id_of(PREFIX, clinic.key),
        dag_display_name=f"Receive responses: {clinic.name}",
        description="Take what the clearinghouse has answered and apply it to the clinic's claims.",
        doc_md=doc,
        schedule=schedule_of(clinic.response_cron, clinic),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=VISIT_TIMEOUT,
        default_args=DEFAULTS,
        tags={"claims", "responses", clinic.key},
    ) as dag:
        ReceiveResponses(task_id="take_and_apply", clinic_key=clinic.key, pool=SFTP_POOL)
    return dag
