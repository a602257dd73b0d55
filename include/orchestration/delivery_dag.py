"""
The shape of a clinic's night: collect, then for every batch render, upload, await and apply.

What a task does lies in `tasks` and `operators`; what every DAG of ours has (owner, retries, notice) in `house`.
"""

from typing import Any, Final

from airflow.sdk import DAG, Param, task, task_group

from include.delivery.clinic_table import Clinic
from include.orchestration import tasks
from include.orchestration.batch_link import BatchLink
from include.orchestration.clinics import dag_id_of
from include.orchestration.house import NIGHT_TIMEOUT, SFTP_POOL, START, defaults_of, schedule_of
from include.orchestration.operators import AwaitAcknowledgement, UploadBatch

PREFIX = "deliver_claims"

DOC: Final = """
# Deliver the night's claims

One Airflow DAG a clinic: `collect_claims` reserves what is pending, then every batch is rendered, uploaded once,
and waits a courtesy time for the clearinghouse's verdict. A night with nothing pending ends after `collect_claims`.

**By hand**: *Trigger* opens a form: only these claims, only this payer, dry run, test file. Clearing a task or a run
is safe: what was delivered is looked up, never sent again.

**Red?** The task's log ends with what is wrong and what to do; see docs/runbook.md. **New clinic?** A row in the
clinic table, see docs/adding-a-clinic.md; no code changes here.
"""
"""What an operator reads on the DAG's page."""


def build_delivery_dag(clinic: Clinic) -> DAG:
    """Return the DAG that delivers one clinic's claims every night."""
    with DAG(
        dag_id=dag_id_of(PREFIX, clinic.key),
        dag_display_name=f"Deliver claims: {clinic.name}",
        description="Collect a clinic's pending claims, deliver them once and apply the clearinghouse's answer.",
        doc_md=DOC,
        schedule=schedule_of(clinic.delivery_cron, clinic),
        start_date=START,
        catchup=False,
        max_active_runs=1,
        dagrun_timeout=NIGHT_TIMEOUT,
        params=run_form(),
        default_args=defaults_of(clinic),
        tags={"claims", "delivery", clinic.key},
    ) as dag:
        batch_ids = task(tasks.collect_claims)(clinic.key)
        deliver_batch.expand(batch_id=batch_ids)
    return dag


@task_group
def deliver_batch(batch_id: int) -> None:
    """Deliver one batch and learn what became of it."""
    rendered = task(tasks.render_hcfa)(batch_id)
    upload = UploadBatch(task_id="upload", batch_id=batch_id, pool=SFTP_POOL)
    await_answer = AwaitAcknowledgement(task_id="await_acknowledgement", batch_id=batch_id, pool=SFTP_POOL)
    applied = task(tasks.apply_acknowledgements)(batch_id)
    rendered >> upload >> await_answer >> applied
    for each in (rendered.operator, upload, await_answer, applied.operator):
        each.operator_extra_links = (BatchLink(),)


def run_form() -> dict[str, Param]:
    """Return the form of a run that is started by hand; a scheduled night leaves it blank."""
    key = {"type": "string", "minLength": 1, "maxLength": 80, "pattern": "^[!-~]+$"}
    return {
        "claims": _param(
            None,
            type=["null", "array"],
            items=key,
            maxItems=1000,
            uniqueItems=True,
            title="Only these claims",
            description="Claim keys of the practice database, one a line. Blank: every pending claim.",
        ),
        "payer": _param(
            None,
            type=["null", "string"],
            maxLength=80,
            pattern="^[!-~]*$",
            title="Only this payer",
            description="The clearinghouse's payer id. Blank: every payer. A test file's invented claims go to it too.",
        ),
        "dry_run": _param(
            False,
            type="boolean",
            title="Dry run",
            description="Render copies and show what would go. Nothing is sent, no claim changes.",
        ),
        "test_file": _param(
            False,
            type="boolean",
            title="Test file",
            description="Send copies as an OATEST file, which the clearinghouse checks and forwards nowhere. Fewer than"
            " five are filled up with invented claims.",
        ),
    }


def _param(default: object, **schema: Any) -> Param:
    """Return a field of the form; a param's schema is checked forty times while Airflow stores one DAG."""
    return Param(default, **{"$schema": _QUICKLY_CHECKED}, **schema)


_QUICKLY_CHECKED: Final = "http://json-schema.org/draft-07/schema#"
"""Its rules are a page where the newest draft's are a library: a quarter of the time, for the same few words."""
