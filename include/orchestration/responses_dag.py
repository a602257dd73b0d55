"""The shape of a clinic's receiving: one light task that takes and applies what came back, whenever it came."""

from datetime import timedelta
from typing import Final

from airflow.sdk import DAG

from include.delivery.clinic_table import Clinic
from include.orchestration.clinics import dag_id_of
from include.orchestration.house import SFTP_POOL, START, defaults_of, schedule_of
from include.orchestration.operators import ReceiveResponses

PREFIX = "receive_responses"

DOC: Final = """
# Receive what came back

One Airflow DAG a clinic: takes the files the clearinghouse has put in the clinic's mailboxes since the last visit and
applies what they say to the claims, whichever night they answer. Nothing is removed from the server.

**Skipped** is the usual end: somebody looked, and nothing was new. **By hand**: *Trigger* visits at once.

**Red?** Nobody is listening. The task's log ends with what is wrong and what to do; see docs/runbook.md. A visit that
fails loses nothing: the next one takes the same files.
"""
"""What an operator reads on the DAG's page."""

VISIT_TIMEOUT: Final = timedelta(hours=4)


def build_responses_dag(clinic: Clinic) -> DAG:
    """Return the DAG that receives one clinic's answers."""
    with DAG(
        dag_id=dag_id_of(PREFIX, clinic.key),
        dag_display_name=f"Receive responses: {clinic.name}",
        description="Take what the clearinghouse has answered and apply it to the clinic's claims.",
        doc_md=DOC,
        schedule=schedule_of(clinic.response_cron, clinic),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=VISIT_TIMEOUT,
        default_args=defaults_of(clinic),
        tags={"claims", "responses", clinic.key},
    ) as dag:
        ReceiveResponses(task_id="take_and_apply", clinic_key=clinic.key, pool=SFTP_POOL)
    return dag
