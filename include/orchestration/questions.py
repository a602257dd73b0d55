"""
A question to a person, as a task that waits for the answer without a worker.

Airflow keeps a question's text as it was put first, through tries and clearings; how it stands when it is asked again
is written to the task's log.
"""

from collections.abc import Callable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

from airflow.providers.standard.operators.hitl import HITLOperator
from airflow.sdk import Param

from include.claims.errors import ClaimsError, LedgerUnreachable

_STALE: Final = "Asked again, this text stays as it was first put; how it stands then is at the end of this task's log."


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What a person answered."""

    option: str
    who: str
    form: Mapping[str, Any]  # a field that was left blank is as it was shown


class Question(HITLOperator):
    """A task that asks a person; what it asks and what an answer means is its subclass's."""

    def __init__(self, *, form: Mapping[str, Param], patience: timedelta, **kwargs: Any) -> None:
        # Airflow hands the DAG's own form in, and writes answers into whatever it gets.
        kwargs["params"] = deepcopy(dict(form))
        super().__init__(response_timeout=patience, **kwargs)

    def ask(self, context: Any, subject: str, question: str) -> Any:
        """Put the question, and leave the worker until somebody answers."""
        self.log.info("asked of a person:\n%s", question)
        self.subject, self.body = subject, f"{question}\n\n{_STALE}"
        return HITLOperator.execute(self, context)

    def heard(self, context: Any, event: dict[str, Any]) -> Heard:
        """Return what a person answered; raise where nobody did in time."""
        answer = HITLOperator.execute_complete(self, context, event)
        [option] = answer["chosen_options"]
        who = str((answer["responded_by_user"] or {}).get("name", ""))
        given = {name: value for name, value in answer["params_input"].items() if value}
        return Heard(option=option, who=who, form={**context["params"], **given})

    def validate_params_input(self, params_input: Mapping[str, Any]) -> None:
        """Take a form with blanks: what is lacking the task says itself, where Airflow would fail it."""


def words_of(part: Callable[[], str | None]) -> str:
    """Return what is said by a part of a task, or what went wrong with it: a person is there to read it."""
    try:
        return part() or ""
    except LedgerUnreachable:
        raise
    except ClaimsError as wrong:
        return str(wrong)
