"""Where stored files lie outside the ledger: the folder of an object store, opened by Airflow with its connection."""

import json
import os
from urllib.parse import urlsplit

from include.adapters.objects import Objects
from include.adapters.settings import Connection, Settings
from include.claims.errors import BadSetting
from include.orchestration.settings_bridge import as_airflow


def open_objects(connection: Connection, settings: Settings | None = None) -> Objects:
    """
    Return the objects under the folder that an Airflow connection (type `fs`) names.

    The path may name another connection, the login to the store, as `s3://CONNECTION@bucket/folder`. A shell gives its
    settings, for it may have that one where Airflow cannot look.
    """
    # Here, because Airflow's start costs a shell two seconds that most commands need not pay.
    from airflow.sdk import ObjectStoragePath  # noqa: PLC0415

    path = str(connection.extra.get("path") or connection.host)
    if "://" not in path:
        raise BadSetting(
            f'connection {connection.id}: its extra names no folder of a store ({{"path": "s3://aws@bucket/payloads"}})'
        )
    if settings is not None:
        _lend(settings, urlsplit(path).netloc.rpartition("@")[0])
    try:
        folder = ObjectStoragePath(path)
        _ = folder.fs  # opens it, which needs the provider
    except ImportError as error:
        raise BadSetting(f"connection {connection.id}: {error.name or 'a package'} is not installed") from error
    except Exception as error:
        # Its text may hold what the store's own connection says.
        raise BadSetting(
            f"connection {connection.id}: Airflow cannot open its folder ({type(error).__name__}); is the provider of"
            f" {urlsplit(path).scheme} installed, and the connection in its path there?"
        ) from error
    return Objects(folder)


def _lend(settings: Settings, connection_id: str) -> None:
    """Let Airflow find a connection of the shell's in this process."""
    if connection_id and settings.has(connection_id):
        found = json.dumps(as_airflow(settings.connection(connection_id)))
        os.environ.setdefault(f"AIRFLOW_CONN_{connection_id.upper()}", found)
