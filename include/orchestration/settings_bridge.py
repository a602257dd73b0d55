"""
Bring `airflow_settings.yaml` into a plain Airflow: its connections, pools and variables, as the Astro CLI would.

Airflow's own command line does the work, in one process, from files that only their owner can read and that are gone
afterwards. Running it again changes nothing.

    python -m include.orchestration.settings_bridge [airflow_settings.yaml]
"""

import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from include.adapters.settings import Connection, Settings
from include.claims.errors import BadSetting, ClaimsError


def main(arguments: Sequence[str] | None = None) -> int:
    """Import a settings file and return the exit status."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    path = Path(words[0] if words else "airflow_settings.yaml")
    try:
        counts = bridge(Settings(path, os.environ))
    except ClaimsError as error:
        print(f"settings bridge: {error}", file=sys.stderr)  # noqa: T201  # a command prints
        return 1
    print(f"settings bridge: {counts}")  # noqa: T201  # a command prints
    return 0


def bridge(settings: Settings) -> str:
    """Import what the settings hold; return what was imported, in numbers."""
    connections = {connection.id: as_airflow(connection) for connection in settings.connections()}
    pools = {
        pool.name: {"slots": pool.slots, "description": pool.description, "include_deferred": False}
        for pool in settings.pools()
    }
    variables = settings.variables()
    with tempfile.TemporaryDirectory(prefix="courier-settings-") as folder:
        import_into_airflow(Path(folder), "connections", connections, "--overwrite")
        import_into_airflow(Path(folder), "pools", pools)
        import_into_airflow(Path(folder), "variables", variables, "-a", "overwrite")
    return f"{len(connections)} connections, {len(pools)} pools, {len(variables)} variables"


def as_airflow(connection: Connection) -> Mapping[str, Any]:
    """Return a connection in the words of Airflow's own import files."""
    return {
        "conn_type": connection.type,
        "host": connection.host or None,
        "schema": connection.schema or None,
        "login": connection.login or None,
        "password": connection.password or None,
        "port": connection.port,
        "extra": json.dumps(dict(connection.extra)) if connection.extra else None,
    }


def import_into_airflow(folder: Path, thing: str, content: Mapping[str, Any], *options: str) -> None:
    """Let Airflow's own command import things, by a file in a folder that is its owner's alone."""
    if not content:
        return
    # Here, because Airflow's start takes a second that a wrong settings file need not cost.
    from airflow.cli import cli_parser  # noqa: PLC0415

    file = folder / f"{thing}.json"
    # The folder is its owner's alone; so is the file, before a secret is in it.
    file.touch(mode=0o600)
    file.write_text(json.dumps(content), encoding="utf-8")
    options_read = cli_parser.get_parser().parse_args([thing, "import", str(file), *options])
    try:
        options_read.func(options_read)
    except SystemExit as ended:
        if ended.code:
            raise BadSetting(f"airflow {thing} import: refused ({ended.code})") from ended


if __name__ == "__main__":
    sys.exit(main())
