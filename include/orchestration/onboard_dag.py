"""
The shape of setting a clinic up: the steps of `include.delivery.onboard` in their order, a task each.

The test file goes the way of every night's files, so that what is tried here is what runs later.
"""

from datetime import timedelta
from typing import Final

from airflow.sdk import DAG, Param, chain, task

from include.delivery.records import Step
from include.orchestration import onboard_tasks
from include.orchestration.delivery_dag import deliver_batch
from include.orchestration.house import DEFAULTS, SFTP_POOL, START
from include.orchestration.onboard_asks import DAY, PAYER, day_param
from include.orchestration.onboard_tasks import OnboardingStep

DAG_ID: Final = "onboard_clinic"
PATIENCE: Final = timedelta(days=90)
"""Longer than any clearinghouse takes to answer a mail."""

_CLINICS_AT_ONCE: Final = 50


def build_onboarding_dag(doc: str) -> DAG:
    """Return the DAG that takes a clinic from its rows to its first live night."""
    with DAG(
        dag_id=DAG_ID,
        dag_display_name="Set a clinic up",
        description="From a clinic's rows to its first live night; waits for people without a worker.",
        doc_md=doc,
        schedule=None,
        start_date=START,
        catchup=False,
        max_active_runs=_CLINICS_AT_ONCE,
        dagrun_timeout=PATIENCE,
        is_paused_upon_creation=False,  # without a schedule nothing starts by itself
        params=run_form(),
        default_args=DEFAULTS,
        tags={"claims", "onboarding"},
    ) as dag:
        clinic_key = "{{ params.clinic }}"
        batch_ids = task(onboard_tasks.collect_test_claims)(clinic_key)
        chain(
            task(onboard_tasks.begin)(clinic_key),
            _step(Step.FACTS),
            _step(Step.REQUEST),
            _step(Step.CREDENTIALS),
            _step(Step.CONNECTION, pool=SFTP_POOL),
            batch_ids,
            deliver_batch.expand(batch_id=batch_ids),
            # A test that went before needs no batch now, and skips its delivery.
            _step(Step.TEST_FILE, pool=SFTP_POOL, trigger_rule="none_failed"),
            _step(Step.HISTORY),
            _step(Step.APPROVAL),
        )
    return dag


def _step(step: Step, **options: str) -> OnboardingStep:
    return OnboardingStep(
        task_id=step.replace(" ", "_"), step=step, clinic_key="{{ params.clinic }}", patience=PATIENCE, **options
    )


def run_form() -> dict[str, Param]:
    """Return the form of a run."""
    return {
        "clinic": Param(
            type="string",
            minLength=1,
            maxLength=40,
            pattern="^[a-z0-9_]+$",
            title="Clinic",
            description="The key of its row in the clinic table.",
        ),
        PAYER: Param(
            None,
            type=["null", "string"],
            maxLength=80,
            pattern="^[!-~]*$",
            title="Payer of the test file",
            description="The clearinghouse's payer id. Blank: those of pending claims; of invented ones, any known.",
        ),
        DAY: day_param("If it is known already; the last step asks."),
    }
