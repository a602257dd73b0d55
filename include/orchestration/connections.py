"""Airflow's connections in our own words, from whatever secrets backend a deployment has."""

from typing import Any

from airflow.sdk import BaseHook
from airflow.sdk.exceptions import AirflowNotFoundException

from include.adapters.settings import Connection
from include.claims.errors import BadSetting


def airflow_connection(connection_id: str, *, wanted_by: str) -> Connection:
    """Return an Airflow connection; raise BadSetting where Airflow has none of that id."""
    found = optional_connection(connection_id)
    if found is None:
        raise BadSetting(
            f"connection {connection_id}, wanted by {wanted_by}: Airflow has none of that id; add it in Admin,"
            " Connections or in the secrets backend (docs/deploying.md lists what each needs)"
        )
    return found


def optional_connection(connection_id: str) -> Connection | None:
    """Return an Airflow connection that need not be there."""
    try:
        return as_ours(connection_id, BaseHook.get_connection(connection_id))
    except AirflowNotFoundException:
        return None


def as_ours(connection_id: str, found: Any) -> Connection:
    """Return a connection of Airflow's in our own words."""
    return Connection(
        id=connection_id,
        type=found.conn_type or "",
        host=found.host or "",
        schema=found.schema or "",
        login=found.login or "",
        password=found.password or "",
        port=found.port,
        extra=found.extra_dejson,
    )
