"""
The Claims page in Airflow: in the navigation, and as a tab of a delivery DAG and of its runs.

Registration only. The page is `include.web`; who may see what is asked of Airflow by `include.orchestration.console`,
made at the first request: every task process imports this file too.
"""

from airflow.plugins_manager import AirflowPlugin

from include.orchestration.console_door import PREFIX, ClaimsPage

_FRAME = {"name": "Claims", "bundle_url": f"{PREFIX}/static/console.js"}


class ClaimsConsole(AirflowPlugin):  # type: ignore[misc]  # Airflow ships no types
    """The page, and the three places Airflow shows it in."""

    name = "claims_console"
    fastapi_apps = [{"app": ClaimsPage(), "url_prefix": PREFIX, "name": "Claims"}]  # noqa: RUF012  # Airflow's form
    react_apps = [  # noqa: RUF012  # Airflow's form
        {**_FRAME, "destination": "nav", "url_route": "claims", "nav_top_level": True},
        {**_FRAME, "destination": "dag", "url_route": "clinic-claims"},
        {**_FRAME, "destination": "dag_run", "url_route": "run-claims"},
    ]
