"""The Claims page starts runs in Airflow itself: by who may, for some claims, once however often one clicks."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from airflow.models import DagModel, DagRun
from airflow.models.dagbundle import DagBundleModel
from airflow.models.serialized_dag import SerializedDagModel
from airflow.sdk import DAG
from airflow.serialization.definitions.dag import SerializedDAG
from airflow.serialization.serialized_objects import LazyDeserializedDAG
from airflow.utils.db import initdb
from airflow.utils.session import create_session
from sqlalchemy import delete, select, update

from include.claims.errors import NotAllowed
from include.delivery.clinic_table import clinic_from_row
from include.orchestration import console_runs
from include.orchestration.clinics import dag_id_of
from include.orchestration.console_runs import run_id_of, start_run
from include.orchestration.delivery_dag import PREFIX, build_delivery_dag
from include.web.runs import DELIVERY
from tests.orchestration.clinic_rows import a_clinic_row

DAG_ID = "deliver_claims__acorn_aba"


@dataclass
class Viewer:
    """Somebody Airflow knows."""

    name: str = "Billa Example"
    user: str = "billa"


@pytest.fixture(scope="module")
def airflow() -> None:
    """Give Airflow a database that knows a clinic's delivery."""
    initdb()
    dag: DAG = build_delivery_dag(clinic_from_row(a_clinic_row()))
    lazy = LazyDeserializedDAG.from_dag(dag)
    with create_session() as session:
        session.merge(DagBundleModel(name="claims"))
        session.flush()
        SerializedDAG.bulk_write_to_db("claims", None, [lazy], session=session)
        SerializedDagModel.write_dag(lazy, bundle_name="claims", session=session)


@pytest.fixture(autouse=True)
def manager(airflow, monkeypatch):
    """Return who says what people may; a DAG that is switched on, and no run of it."""
    asked = SimpleNamespace(answer=True, questions=[])

    def may(**question):
        asked.questions.append(question)
        return asked.answer

    # Airflow's own needs its API server; what it is asked is what is tested.
    monkeypatch.setattr(console_runs, "get_auth_manager", lambda: SimpleNamespace(is_authorized_dag=may))
    with create_session() as session:
        session.execute(delete(DagRun))
        session.execute(update(DagModel).values(is_paused=False))
    return asked


def runs() -> list[DagRun]:
    """Return the runs Airflow has."""
    with create_session() as session:
        return list(session.scalars(select(DagRun)))


def test_a_run_is_started_for_some_claims_as_who_asks():
    """Airflow's list of runs says who, and what for."""
    run_id = start_run("acorn_aba", ["C-1", "C-2"], Viewer())

    (run,) = runs()
    assert (DAG_ID, run_id, {"claims": ["C-1", "C-2"]}) == (run.dag_id, run.run_id, {"claims": run.conf["claims"]})
    assert ("Billa Example", "manual", None) == (run.triggering_user_name, run.run_type, run.logical_date)


def test_a_second_click_starts_no_second_run():
    """Nor in another order."""
    assert start_run("acorn_aba", ["C-1", "C-2"], Viewer()) == start_run("acorn_aba", ["C-2", "C-1"], Viewer())

    assert 1 == len(runs())


def test_a_minute_later_it_is_another_run():
    """And so it is for other claims."""
    now = datetime(2026, 3, 6, 3, 0, tzinfo=UTC)

    ids = {run_id_of(["C-1"], now), run_id_of(["C-2"], now), run_id_of(["C-1"], now + timedelta(minutes=1))}

    assert 3 == len(ids)


def test_who_may_not_start_runs_is_refused(manager):
    """Airflow is asked for the permission its own button needs."""
    manager.answer = False

    with pytest.raises(NotAllowed, match="may not start"):
        start_run("acorn_aba", ["C-1"], Viewer())

    (question,) = manager.questions
    assert ("POST", "RUN", DAG_ID, "billa") == (
        question["method"], question["access_entity"].name, question["details"].id, question["user"],
    )  # fmt: skip
    assert [] == runs()


def test_a_dag_that_is_switched_off_or_missing_is_told():
    """A run of it would wait for ever."""
    with create_session() as session:
        session.execute(update(DagModel).values(is_paused=True))

    with pytest.raises(NotAllowed, match="paused"):
        start_run("acorn_aba", ["C-1"], Viewer())
    with pytest.raises(NotAllowed, match="no such DAG"):
        start_run("nobody", ["C-1"], Viewer())


def test_what_airflow_refuses_is_told():
    """The form of a run says what a claim key is."""
    with pytest.raises(NotAllowed, match="refuses"):
        start_run("acorn_aba", ["a key with spaces"], Viewer())

    assert [] == runs()


def test_the_page_links_to_the_delivery_s_own_name():
    """The page knows no Airflow, so it holds the name's beginning itself."""
    assert f"{DELIVERY}acorn_aba" == dag_id_of(PREFIX, "acorn_aba")
