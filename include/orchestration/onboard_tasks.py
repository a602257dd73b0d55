"""
The tasks that set a clinic up: each looks where its step stands, does what a machine can, and asks for the rest.

A question waits in Airflow's state *awaiting input*, without a worker or a trigger.
"""

import logging
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from airflow.sdk import get_current_context
from airflow.sdk.exceptions import AirflowSkipException

from include.claims.errors import BadSetting, NotAllowed
from include.claims.states import BatchStatus
from include.delivery.collect import collect
from include.delivery.invent import parts_of
from include.delivery.onboard import State, StepState, last_test, onboarding
from include.delivery.onboard_acts import open_for_tests, remember
from include.delivery.ports import Ports
from include.delivery.records import Kind, RunKey, RunOrder, Step
from include.orchestration.onboard_asks import ASKING, DAY, NOT_NOW, PAYER, Asked, proposed_day
from include.orchestration.operators import Counts
from include.orchestration.questions import Question, words_of
from include.orchestration.wiring import ports_for_task

log = logging.getLogger(__name__)

_OPEN: Final = ["queued", "running"]


def begin(clinic_key: str) -> str:
    """Take the clinic for this run; a second run of the same clinic says so and stops."""
    context = get_current_context()
    run, ports = context["dag_run"], ports_for_task()
    ports.ledger.clinics.clinic(clinic_key)
    # Said first and looked after: of two that begin at once, the one that said it later sees the other.
    remember(clinic_key, Step.RUN, ports, who=run.triggering_user_name or "", evidence=run.run_id)
    notes = [note.evidence for note in ports.ledger.onboarding.notes(clinic_key) if note.step is Step.RUN]
    mine = len(notes) - notes[::-1].index(run.run_id) - 1
    for other in dict.fromkeys(notes[:mine][::-1]):
        if other != run.run_id and context["ti"].get_dr_count(run.dag_id, run_ids=[other], states=_OPEN):
            raise NotAllowed(f"clinic {clinic_key}: another run sets it up ({other}); go on there, or end it first")
    return clinic_key


def collect_test_claims(clinic_key: str) -> list[int]:
    """Return the batch of the clinic's test file, one under way or a new one; none where a test has passed."""
    context, ports = get_current_context(), ports_for_task()
    run = context["dag_run"]
    if stands(clinic_key, Step.TEST_FILE, ports).state is State.DONE:
        return []
    open_for_tests(clinic_key, ports)
    before = last_test(ports.ledger.clinics.clinic(clinic_key), ports)
    if before and before.status not in {BatchStatus.NOT_ARRIVED, BatchStatus.ANSWERED}:
        return [before.id]
    order = RunOrder(
        key=RunKey(dag_id=run.dag_id, run_id=run.run_id),
        clinic_key=clinic_key,
        window_end=ports.now(),
        kind=Kind.TEST,
        payer_id=context["params"].get(PAYER) or "",
        is_test_asked_for=True,
    )
    collected = collect(order, ports)
    if not collected.batch_ids:
        raise BadSetting(f"clinic {clinic_key}: no test file: {collected.refused}, then start {run.dag_id} anew")
    for batch_id in collected.batch_ids:
        log.info("clinic=%s: the test file of batch=%d has %s", clinic_key, batch_id, parts_of(batch_id, ports))
    return collected.batch_ids


def stands(clinic_key: str, step: Step, ports: Ports) -> StepState:
    """Return where one step of a clinic stands."""
    return next(one for one in onboarding(clinic_key, ports) if one.step is step)


class OnboardingStep(Question):
    """One step: found done, or done by the machine, or asked of a person until it is seen to be done."""

    template_fields = ("clinic_key",)

    def __init__(self, *, step: Step, clinic_key: str, patience: timedelta, **kwargs: Any) -> None:
        how = ASKING[step]
        super().__init__(subject=str(step), options=list(how.options), form=how.form, patience=patience, **kwargs)
        self.step = step
        self.clinic_key = clinic_key

    def execute(self, context: Any) -> Counts:
        """Look, act, look again; ask where that was not enough."""
        asked = self._asked(context, who=context["dag_run"].triggering_user_name or "", form=context["params"])
        return self._done_or_asked(context, asked, self._act(ASKING[self.step].act, asked))

    def execute_complete(self, context: Any, event: dict[str, Any]) -> Counts:
        """Take what a person answered, act on it, and ask again where that was not it."""
        answer = self.heard(context, event)
        if answer.option == NOT_NOW:
            raise AirflowSkipException(f"{self.clinic_key}: not now; start the run anew when it may be")
        asked = self._asked(context, who=answer.who, form=answer.form, option=answer.option)
        how = ASKING[self.step]
        return self._done_or_asked(context, asked, self._act(how.heard, asked) or self._act(how.act, asked))

    def _done_or_asked(self, context: Any, asked: Asked, said: str) -> Counts:
        now = stands(self.clinic_key, self.step, asked.ports)
        if now.state is State.DONE:
            self.log.info("%s: %s is done: %s", self.clinic_key, self.step, now.why)
            return {"clinic": self.clinic_key, "step": str(self.step), "state": str(now.state)}
        shown = words_of(lambda: ASKING[self.step].show(asked))
        if DAY in self.params:
            self.params[DAY] = proposed_day(asked).isoformat()
        at = f"{asked.ports.now():%Y-%m-%d %H:%M} UTC, {now.state}: {now.why}"
        parts = [at, "" if said in now.why or now.why in said else said, shown, f"From a shell: `{now.remedy}`"]
        return self.ask(context, f"{self.clinic_key}: {now.sentence}", "\n\n".join(filter(None, parts)))

    def _asked(self, context: Any, *, who: str, form: Mapping[str, Any], option: str = "") -> Asked:
        run = context["dag_run"]
        key = RunKey(dag_id=run.dag_id, run_id=run.run_id)
        return Asked(clinic_key=self.clinic_key, run=key, who=who, ports=ports_for_task(), form=form, option=option)

    def _act(self, act: Callable[[Asked], None], asked: Asked) -> str:
        """Do what can be done while the step is next, waits or failed; return what went wrong."""
        if stands(self.clinic_key, self.step, asked.ports).state in {State.DONE, State.LATER}:
            return ""
        return words_of(lambda: act(asked))
