"""
Runs that the Claims page starts: in the API server's own process, as Airflow's own button starts them, by who may.

Airflow has no public call for it but its REST API, which would need a token of the person who asks; so this does what
that API's handler does, in one place.
"""

import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Final

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagAccessEntity, DagDetails
from airflow.api_fastapi.core_api.datamodels.dag_run import TriggerDAGRunPostBody
from airflow.exceptions import ParamValidationError
from airflow.models import DagModel, DagRun
from airflow.models.dagbag import DBDagBag
from airflow.utils.session import create_session
from airflow.utils.state import DagRunState
from airflow.utils.types import DagRunTriggeredByType, DagRunType
from sqlalchemy import select

from include.claims.errors import NotAllowed
from include.orchestration.clinics import dag_id_of
from include.orchestration.delivery_dag import PREFIX as DELIVER

_BEGINS: Final = "claims_page"
"""How such a run's id begins, so that a list of runs tells them from nights."""


def start_run(clinic_key: str, claim_keys: Sequence[str], viewer: Any) -> str:
    """Start a clinic's delivery for some claims, as who asks; asked twice within a minute, it is one run."""
    dag_id = dag_id_of(DELIVER, clinic_key)
    _check_permission(dag_id, viewer)
    run_id = run_id_of(claim_keys, datetime.now(UTC))
    with create_session() as session:
        if session.scalar(select(DagRun.id).where(DagRun.dag_id == dag_id, DagRun.run_id == run_id)) is None:
            _create(dag_id, run_id, claim_keys, viewer, session)
    return run_id


def run_id_of(claim_keys: Sequence[str], now: datetime) -> str:
    """Return the id of a run for these claims: the same within a minute, so that a second click starts no second."""
    digest = hashlib.sha256("\n".join(sorted(claim_keys)).encode()).hexdigest()
    return f"{_BEGINS}__{now:%Y-%m-%dT%H:%M}__{digest[:8]}"


def _check_permission(dag_id: str, viewer: Any) -> None:
    may = get_auth_manager().is_authorized_dag(
        method="POST", access_entity=DagAccessEntity.RUN, details=DagDetails(id=dag_id), user=viewer.user
    )
    if not may:
        raise NotAllowed(f"{viewer.name} may not start runs of {dag_id}; an Airflow admin grants it")


def _create(dag_id: str, run_id: str, claim_keys: Sequence[str], viewer: Any, session: Any) -> None:
    model = session.scalar(select(DagModel).where(DagModel.dag_id == dag_id, ~DagModel.is_stale))
    dag = DBDagBag().get_latest_version_of_dag(dag_id, session=session) if model else None
    if dag is None or model.has_import_errors:
        raise NotAllowed(f"{dag_id}: Airflow has no such DAG, or could not read it; see its import errors")
    if model.is_paused:
        raise NotAllowed(f"{dag_id} is paused in Airflow: a run would wait; switch the DAG on first")
    asked = TriggerDAGRunPostBody(dag_run_id=run_id, logical_date=None, conf={"claims": list(claim_keys)})
    context = asked.validate_context(dag)
    try:
        dag.create_dagrun(
            run_id=context["run_id"],
            logical_date=None,
            data_interval=context["data_interval"],
            run_after=context["run_after"],
            conf=context["conf"],
            run_type=DagRunType.MANUAL,
            triggered_by=DagRunTriggeredByType.UI,
            triggering_user_name=viewer.name,
            state=DagRunState.QUEUED,
            session=session,
        )
    except (ParamValidationError, ValueError) as error:
        raise NotAllowed(f"{dag_id}: Airflow refuses the run: {error}") from error
