"""
The shape of settling a doubt: one run a file, one question, which waits for a person without a worker.

The chase starts a run for each file whose deadline is over, under a name that is the same until somebody has answered:
asked once, a file is not asked about again beside it. A run may be started by hand before.
"""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from airflow.providers.standard.operators.trigger_dagrun import TriggerDagRunOperator
from airflow.sdk import DAG, Param, task

from include.claims.errors import BadSetting
from include.claims.states import BatchStatus
from include.delivery.doubt import it_arrived, it_did_not_arrive, keep_waiting
from include.delivery.doubt_shown import due, show
from include.delivery.ports import Ports
from include.orchestration.batch_link import BatchLink
from include.orchestration.house import DEFAULTS, SFTP_POOL, START
from include.orchestration.operators import Counts
from include.orchestration.questions import Question, words_of
from include.orchestration.wiring import ports_for_task

DAG_ID: Final = "settle_doubt"
PATIENCE: Final = timedelta(days=90)
"""Longer than any filing limit leaves; the daily alarm goes on beside the question."""

BATCH: Final = "batch"
WHY: Final = "why"
ARRIVED: Final = "It arrived"
DID_NOT_ARRIVE: Final = "It did not arrive"
KEEP_WAITING: Final = "Keep waiting"

_QUESTIONS_AT_ONCE: Final = 50
_FORM: Final = {
    WHY: Param("", type="string", title="Why", description="How you know; kept for ever, so no patient data.")
}

CHOICES: Final[Mapping[str, Callable[[int, str, str, Ports], int | datetime | None]]] = {
    ARRIVED: it_arrived,
    DID_NOT_ARRIVE: it_did_not_arrive,
    KEEP_WAITING: keep_waiting,
}
"""What each answer does; the command line has the same words."""


def build_doubt_dag(doc: str) -> DAG:
    """Return the DAG that asks a person what became of one file."""
    with DAG(
        dag_id=DAG_ID,
        dag_display_name="Settle a doubt",
        description="Ask a person what became of a file that may have left; waits without a worker.",
        doc_md=doc,
        schedule=None,
        start_date=START,
        catchup=False,
        max_active_runs=_QUESTIONS_AT_ONCE,
        dagrun_timeout=PATIENCE,
        is_paused_upon_creation=False,  # without a schedule nothing starts by itself
        params={BATCH: Param(type="integer", minimum=1, title="Batch", description="Its number, as doubts list it.")},
        default_args=DEFAULTS,
        tags={"claims", "doubt"},
    ) as dag:
        SettleDoubt(task_id="settle", batch_id="{{ params.batch }}", patience=PATIENCE, pool=SFTP_POOL)
    return dag


def ask_about_doubts() -> None:
    """Add the tasks that start a run for every file whose deadline is over, in the DAG that is being built."""
    TriggerDagRunOperator.partial(
        task_id="ask_about_doubt",
        trigger_dag_id=DAG_ID,
        logical_date=None,
        skip_when_already_exists=True,
    ).expand_kwargs(task(doubts_past_deadline)())


def doubts_past_deadline() -> list[dict[str, Any]]:
    """Return a run for every file a person is to be asked about; it is the same run until somebody has answered."""
    return [
        {"trigger_run_id": f"batch_{one.batch.id}__{len(one.waited) + 1}", "conf": {BATCH: one.batch.id}}
        for one in due(ports_for_task())
    ]


class SettleDoubt(Question):
    """Shows what is known of a file, asks what became of it, and records the answer with who and why."""

    template_fields = ("batch_id",)
    operator_extra_links = (BatchLink(),)

    def __init__(self, *, batch_id: Any, patience: timedelta, **kwargs: Any) -> None:
        super().__init__(subject="A file in doubt", options=list(CHOICES), form=_FORM, patience=patience, **kwargs)
        self.batch_id = batch_id

    def execute(self, context: Any) -> Counts:
        """Look once more; ask where that did not settle it."""
        return self._settled_or_asked(context, said="")

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Counts:
        """Do what a person answered, unless the ledger knows better by now; ask again where it may not be done."""
        heard, ports = self.heard(context, event), ports_for_task()
        why = str(heard.form.get(WHY) or "").strip()
        refused = words_of(lambda: self._do(heard.option, heard.who, why, ports))
        is_done = not refused
        if is_done:
            self.log.info("batch=%d: %s, says %s", int(self.batch_id), heard.option, heard.who)
        if is_done and heard.option == KEEP_WAITING:
            return self._counts(ports)
        return self._settled_or_asked(context, said=refused)

    def _do(self, option: str, who: str, why: str, ports: Ports) -> None:
        if not why:
            raise BadSetting("field *why* is empty; it is kept for ever")
        CHOICES[option](int(self.batch_id), who, why, ports)

    def _settled_or_asked(self, context: Any, *, said: str) -> Counts:
        ports = ports_for_task()
        shown = show(int(self.batch_id), ports)
        if shown is None:
            self.log.info("batch=%d is settled%s", int(self.batch_id), f"; not done: {said}" if said else "")
            return self._counts(ports)
        return self.ask(context, shown.subject, "\n\n".join(filter(None, (said, str(shown)))))

    def _counts(self, ports: Ports) -> Counts:
        status: BatchStatus = ports.ledger.batches.get(int(self.batch_id)).status
        return {"batch": int(self.batch_id), "status": str(status)}
