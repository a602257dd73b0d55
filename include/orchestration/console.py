"""
The Claims page inside Airflow's API server: Airflow's own sign-in, Airflow's own permissions, the ledger's connection.

Two questions decide what somebody may do. One is about the page as a whole: a permission on the view `Claims`, which
every auth manager knows. The other is about a clinic: what they may do to its delivery DAG. So whoever may not see a
clinic's DAG sees nothing of its claims, and who may start its runs may act on its claims.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Annotated, Any, Final

from airflow.api_fastapi.app import get_auth_manager
from airflow.api_fastapi.auth.managers.models.resource_details import DagDetails
from airflow.api_fastapi.core_api.security import get_user
from fastapi import Depends, FastAPI

from include.delivery.ports import Ports
from include.orchestration.clinics import dag_id_of
from include.orchestration.console_runs import start_run
from include.orchestration.delivery_dag import PREFIX as DELIVER
from include.web.app import build_app
from include.web.viewer import May

VIEW: Final = "Claims"

_NEEDS: Final[Mapping[May, tuple[str, str]]] = {
    May.LOOK: ("GET", "GET"),
    May.PATIENTS: ("GET", "PUT"),
    May.ACT: ("PUT", "PUT"),
    May.SET_UP: ("PUT", "PUT"),
}
"""By what is asked for: the method on the view, and the method on the clinic's delivery DAG."""


@dataclass(frozen=True)
class AirflowViewer:
    """Somebody who is signed in to Airflow; implements `include.web.viewer.Viewer`."""

    user: Any

    @property
    def name(self) -> str:
        """What Airflow calls them."""
        return str(self.user.get_name())

    def may(self, what: May, clinic_key: str = "") -> bool:
        """Ask Airflow's auth manager."""
        on_view, on_dag = _NEEDS[what]
        manager = get_auth_manager()
        if not manager.is_authorized_custom_view(method=on_view, resource_name=VIEW, user=self.user):
            return False
        if what is May.SET_UP and not manager.is_authorized_connection(method="PUT", user=self.user):
            return False
        if not clinic_key and what is May.LOOK:
            return True
        details = DagDetails(id=dag_id_of(DELIVER, clinic_key)) if clinic_key else None
        return bool(manager.is_authorized_dag(method=on_dag, details=details, user=self.user))

    def clinics(self, keys: Collection[str]) -> set[str]:
        """Return the clinics whose delivery DAG they may see."""
        by_dag = {dag_id_of(DELIVER, key): key for key in keys}
        seen = get_auth_manager().filter_authorized_dag_ids(dag_ids=set(by_dag), user=self.user)
        return {by_dag[dag_id] for dag_id in seen}


def signed_in(user: Annotated[Any, Depends(get_user)]) -> AirflowViewer:
    """Return who is there; Airflow answers a stranger with 401."""
    return AirflowViewer(user)


def claims_page() -> FastAPI:
    """Return the page as Airflow mounts it."""
    return build_app(_world, signed_in, start_run)


def _world() -> Ports:
    from include.orchestration.wiring import ports_for_task  # noqa: PLC0415  # SQL and SSH, when a page is asked for

    return ports_for_task()
