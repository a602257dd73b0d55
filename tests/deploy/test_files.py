"""What lies in `deploy/`: no secret in it, every setting one that exists, every name one the chart has."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from include.adapters.settings import Settings
from include.claims.deadlines import Waits
from include.orchestration.house import SFTP_POOL
from include.orchestration.pace import Pace
from tests.deploy.conftest import DEPLOY, ROOT, read_yaml

FILES = sorted(path for path in DEPLOY.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
PAGES = [ROOT / "README.md", ROOT / "Dockerfile", *sorted((ROOT / "docs").rglob("*.md")), *FILES]
VALUES = {name: read_yaml(f"helm/{name}.yaml") for name in ("values", "values-kubernetes", "values-celery")}

CHART = {
    "airflowVersion",
    "apiSecretKeySecretName",
    "apiServer.podDisruptionBudget.enabled",
    "apiServer.replicas",
    "apiServer.resources",
    "apiServer.startupProbe.failureThreshold",
    "config",
    "createUserJob.enabled",
    "dagProcessor.enabled",
    "dagProcessor.replicas",
    "dagProcessor.resources",
    "data.brokerUrlSecretName",
    "data.metadataSecretName",
    "databaseCleanup.enabled",
    "databaseCleanup.retentionDays",
    "databaseCleanup.skipArchive",
    "defaultAirflowRepository",
    "defaultAirflowTag",
    "env",
    "executor",
    "fernetKeySecretName",
    "jwtSecretName",
    "migrateDatabaseJob.args",
    "migrateDatabaseJob.command",
    "pgbouncer.enabled",
    "postgresql.enabled",
    "redis.enabled",
    "scheduler.podDisruptionBudget.enabled",
    "scheduler.replicas",
    "scheduler.resources",
    "statsd.enabled",
    "triggerer.enabled",
    "triggerer.persistence.enabled",
    "triggerer.replicas",
    "triggerer.resources",
    "useStandardNaming",
    "workers.celery.persistence.enabled",
    "workers.celery.replicas",
    "workers.celery.resources",
    "workers.celery.safeToEvict",
    "workers.celery.terminationGracePeriodSeconds",
    "workers.kubernetes.resources",
    "workers.kubernetes.safeToEvict",
    "workers.kubernetes.terminationGracePeriodSeconds",
}
"""Values of the official chart, looked up in its values.yaml, its release notes up to 1.22.0 and its parameters."""

OF_TESTS = {"COURIER_CHART_SCHEMA"}


def named(pattern: str, paths: list[Path]) -> set[str]:
    """Return what a pattern finds in files."""
    return {found for path in paths for found in re.findall(pattern, path.read_text(encoding="utf-8"))}


@pytest.mark.parametrize("path", [path for path in FILES if path.suffix in {".yaml", ".yml", ".json"}], ids=str)
def test_every_file_can_be_read(path):
    """YAML is YAML, JSON is JSON."""
    text = path.read_text(encoding="utf-8")

    assert json.loads(text) if path.suffix == ".json" else list(yaml.safe_load_all(text))


def test_no_secret_stands_in_a_file():
    """A password is REPLACE or a reference; nothing looks like a key."""
    text = "\n".join(path.read_text(encoding="utf-8") for path in FILES)
    passwords = [*re.findall(r'"password": "([^"]*)"', text), *re.findall(r"://[^:/@\s\"]*:([^@/\s\"]+)@", text)]

    assert passwords
    assert [] == [one for one in passwords if not re.fullmatch(r"REPLACE.*|\.\.\.", one)]
    # A Fernet key, a token, a private key.
    assert [] == re.findall(r"[A-Za-z0-9_-]{43}=|eyJ[A-Za-z0-9_-]{20,}|PRIVATE KEY", text)


def test_every_variable_of_ours_is_one_the_code_reads():
    """A misspelt COURIER_ variable would be taken by nobody, and nobody would say so."""
    read = named(r"COURIER_[A-Z_]+", [*(ROOT / "include").rglob("*.py"), ROOT / "airflow_settings.yaml"])
    read |= {f"COURIER_{name.upper()}_SECONDS" for name in Pace.__dataclass_fields__}
    read |= {f"COURIER_WAIT_{name.upper()}_HOURS" for name in Waits.__dataclass_fields__}

    assert set() == named(r"COURIER_[A-Z_]*[A-Z]", FILES) - read - OF_TESTS


def test_every_variable_of_ours_is_documented():
    """Whoever reads a file here finds the name in a document."""
    assert set() == named(r"COURIER_[A-Z_]*[A-Z]", FILES) - named(
        r"COURIER_[A-Z_]*[A-Z]", sorted((ROOT / "docs").glob("*.md"))
    )


@pytest.fixture(scope="module")
def airflow_settings() -> set[tuple[str, str]]:
    """Return every setting that Airflow's own command lists, by section and name."""
    command = [sys.executable, "-m", "airflow", "config", "list", "--defaults", "--hide-sensitive"]
    environment = {**os.environ, "AIRFLOW__LOGGING__LOGGING_LEVEL": "ERROR"}
    listed = subprocess.run(command, capture_output=True, text=True, timeout=180, check=True, env=environment).stdout
    found, section = set(), ""
    for line in listed.splitlines():
        if heading := re.fullmatch(r"\[(\w+)\]", line):
            section = heading[1]
        elif setting := re.match(r"#?\s?([a-z0-9_]+) =", line):
            found.add((section, setting[1]))
    return found


def test_every_setting_of_airflow_exists(airflow_settings):
    """In files, documents and the chart's `config`: each is a setting of the Airflow that is locked."""
    assert len(airflow_settings) > 300
    variables = named(r"AIRFLOW__[A-Z_]+?__[A-Z_]+", PAGES)
    asked = {(one.lower().split("__")[1], one.lower().split("__")[2]) for one in variables}
    for values in VALUES.values():
        asked |= {(section, name) for section, settings in values.get("config", {}).items() for name in settings}
    installed = {section for section, _ in airflow_settings}
    # A provider's own settings are there where the provider is.
    unknown = {one for one in asked - airflow_settings if one[0] in installed or one[0] != "celery"}

    assert len(asked) > 15
    assert set() == unknown


@pytest.mark.parametrize("name", VALUES)
def test_every_value_is_one_the_chart_has(name):
    """Helm would refuse another; a name is added here once it was looked up."""
    assert [] == [path for path in paths_of(VALUES[name]) if not any(is_of(path, known) for known in CHART)]


@pytest.mark.parametrize("name", ["values-kubernetes", "values-celery"])
def test_the_charts_own_schema_takes_the_values(name):
    """Where somebody has it: COURIER_CHART_SCHEMA names the values.schema.json of an unpacked chart."""
    path = os.environ.get("COURIER_CHART_SCHEMA")
    if not path:
        pytest.skip("COURIER_CHART_SCHEMA is not set: the chart is not shipped with this project")
    jsonschema = pytest.importorskip("jsonschema")

    jsonschema.validate(merged(VALUES["values"], VALUES[name]), json.loads(Path(path).read_text()))


def paths_of(values: Any, path: str = "") -> list[str]:
    """Return the dotted names of all leaves."""
    if not isinstance(values, dict) or not values:
        return [path]
    return [one for key, value in values.items() for one in paths_of(value, f"{path}.{key}".lstrip("."))]


def is_of(path: str, known: str) -> bool:
    """Tell whether a name is one of the chart's, or lies in what the chart passes on as it is."""
    return path == known or (path.startswith(f"{known}.") and known.rpartition(".")[2] in {"config", "resources"})


def merged(common: dict[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Return values as Helm merges two files."""
    both = common.keys() & own.keys()
    nested = {key: merged(common[key], own[key]) for key in both if isinstance(common[key], dict)}
    return {**common, **own, **nested}


def test_the_pool_is_the_one_the_dags_ask_for():
    """The bridge reads the file, and names the pool of the upload."""
    assert [SFTP_POOL] == [pool.name for pool in Settings(DEPLOY / "pools.yaml", {}).pools()]


def test_the_image_is_built_of_files_that_are_there():
    """What is copied exists, comes through the ignore file, and is the Airflow that is locked."""
    text = (DEPLOY / "Dockerfile").read_text()
    ignored = (DEPLOY / "Dockerfile.dockerignore").read_text().splitlines()
    copied = re.findall(r"^COPY (?:--\S+ )*(\S+) \S+$", text, re.MULTILINE)
    [version] = re.findall(r"^FROM apache/airflow:([\d.]+)-python3\.1[123]$", text, re.MULTILINE)

    assert [] == [one for one in copied if not (ROOT / one).exists() or f"!{one}" not in ignored]
    assert f"apache-airflow=={version}" in (ROOT / "requirements.lock").read_text()
    assert version == VALUES["values"]["airflowVersion"]


def test_the_job_of_the_ledger_runs_the_command_and_image_of_the_values():
    """Its container runs `ledger migrate` with the program that is deployed after it."""
    [container] = read_yaml("helm/ledger-migrate.yaml")["spec"]["template"]["spec"]["containers"]
    values = VALUES["values"]

    assert f"{values['defaultAirflowRepository']}:{values['defaultAirflowTag']}" == container["image"]
    assert ["python", "-m", "include.cli", "ledger", "migrate"] == container["command"]
