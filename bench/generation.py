"""
Two DAGs a clinic, by how they come to be: from the clinic table (ours), a plain loop, dag-factory's YAML.

The plain loop has its clinics as objects in the file and calls the same builders: nothing that builds these DAGs can do
less. dag-factory knows neither mapped task groups, nor retry policies, nor a clinic's own time zone; its file leaves
them out. The DagBag is Airflow's; what Airflow adds to store a DAG is the group *Airflow's own share*.
"""

import json
import os
import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import Case
from tests.orchestration.clinic_rows import a_billing_row, a_clinic_row, a_mailbox_row

TITLE = "DAG files of N clinics, two DAGs each: the clinic table in a SQLite ledger, Airflow's own DagBag"
UNIT = "clinics"

_SIZES = (10, 100, 1_000)
_HUGE = (5_000,)
_ASKED = "deliver_claims__clinic_00007"

_PLAIN = '''"""Airflow DAGs by a plain loop."""
from include.orchestration.delivery_dag import build_delivery_dag
from include.orchestration.responses_dag import build_responses_dag
from bench.generation import the_clinics

for clinic in the_clinics({size}):
    build_delivery_dag(clinic)
    build_responses_dag(clinic)
'''
_FACTORY = '''"""Airflow DAGs by dag-factory."""
from airflow.sdk import DAG
from dagfactory import load_yaml_dags

load_yaml_dags(globals_dict=globals(), config_filepath="{path}", defaults_config_path="{folder}")
'''
_clinics: dict[int, list[Any]] = {}


def rows(size: int) -> list[dict[str, object]]:
    """Return the clinic table of so many clinics, as people write it."""
    return [a_clinic_row(f"clinic_{number:05d}", name=f"Example Clinic {number}") for number in range(size)]


def the_clinics(size: int) -> list[Any]:
    """Return the clinics as objects, made before anything is measured."""
    return _clinics[size]


def _home() -> Path:
    """Prepare an Airflow home; it must stand before Airflow is first imported."""
    home = Path(tempfile.mkdtemp(prefix="courier-bench-"))
    os.environ.update(
        AIRFLOW_HOME=str(home),
        AIRFLOW__CORE__DAGS_FOLDER=str(home / "dags"),
        AIRFLOW__CORE__LOAD_EXAMPLES="False",
        AIRFLOW__DATABASE__SQL_ALCHEMY_CONN=f"sqlite:///{home / 'airflow.db'}",
        AIRFLOW__LOGGING__LOGGING_LEVEL="WARNING",
        AIRFLOW__CORE__DAGBAG_IMPORT_TIMEOUT="3600",
        COURIER_SNAPSHOT=str(home / "snapshot"),
        AIRFLOW_CONN_CLAIMS_LEDGER=json.dumps({"conn_type": "sqlite", "host": str(home / "ledger.db")}),
    )
    (home / "dags").mkdir()
    return home


def _bag(folder: Path, dags: int) -> Callable[[], object]:
    """Return one whole parse of a folder, as the DAG processor does it; what it imports is imported already."""
    from airflow.dag_processing.dagbag import DagBag

    import include.orchestration.responses_dag  # noqa: F401

    def work() -> object:
        bag = DagBag(str(folder))
        assert not bag.import_errors, bag.import_errors
        assert len(bag.dags) == dags, f"{len(bag.dags)} DAGs, not {dags}"
        return bag

    return work


def _ledger(home: Path, size: int) -> None:
    from include.adapters.ledger import Ledger, migrate
    from include.delivery.records import Table

    url = f"sqlite:///{home / 'ledger.db'}"
    migrate(url)
    clinics = Ledger(url).clinics
    clinics.put(Table.MAILBOX, [a_mailbox_row()])
    clinics.put(Table.CLINIC, rows(size))
    clinics.put(Table.BILLING_IDENTITY, [a_billing_row(str(row["key"])) for row in rows(size)])


def _our_folder(home: Path) -> Path:
    """Return a folder with the project's files of a DAG a clinic, without those that are there once."""
    project = Path(__file__).resolve().parents[1] / "dags"
    for name in ("deliver_claims.py", "receive_responses.py"):
        shutil.copy(project / name, home / "dags")
    shutil.copytree(project / "more_clinics", home / "dags" / "more_clinics", ignore=shutil.ignore_patterns("__*"))
    return home / "dags"


def _ours(size: int) -> Callable[[], object]:
    home = _home()
    _ledger(home, size)
    parse = _bag(_our_folder(home), 2 * size)
    parse()  # the snapshot is there from the second parse on
    return parse


def _plain_loop(size: int) -> Callable[[], object]:
    home = _home()
    from include.delivery.clinic_table import clinic_from_row

    _clinics[size] = [clinic_from_row(row) for row in rows(size)]
    (home / "dags" / "plain.py").write_text(_PLAIN.format(size=size), "utf-8")
    return _bag(home / "dags", 2 * size)


def _factory(size: int) -> Callable[[], object]:
    home = _home()
    path = home / "clinics.yaml"
    path.write_text(json.dumps(_yaml(size)), "utf-8")  # JSON is YAML
    (home / "dags" / "factory.py").write_text(_FACTORY.format(path=path, folder=home), "utf-8")
    return _bag(home / "dags", 2 * size)


def _yaml(size: int) -> dict[str, Any]:
    """Return the nearest thing dag-factory can build."""
    default = {
        "owner": "claims",
        "retries": 5,
        "retry_delay": 60,
        "start_date": "2026-01-01",
    }
    tasks = "include.orchestration.tasks"
    operators = "include.orchestration.operators"
    python = "airflow.providers.standard.operators.python.PythonOperator"
    group = {"task_group_name": "deliver_batch"}
    text: dict[str, Any] = {}
    for row in rows(size):
        key = str(row["key"])
        common = {"default_args": default, "catchup": False, "max_active_runs": 1}
        text[f"deliver_claims__{key}"] = {
            **common,
            "schedule": row["delivery_cron"],
            "tags": ["claims", "delivery", key],
            "doc_md": "Deliver the night's claims",
            "params": {"claims": None, "payer": None, "dry_run": False, "test_file": False},
            "task_groups": {"deliver_batch": {"dependencies": ["collect_claims"]}},
            "tasks": {
                "collect_claims": {"operator": python, "python_callable": f"{tasks}.collect_claims", "op_args": [key]},
                "render_hcfa": {**group, "operator": python, "python_callable": f"{tasks}.render_hcfa"},
                "upload": {
                    **group,
                    "operator": f"{operators}.UploadBatch",
                    "batch_id": 1,
                    "pool": "sftp",
                    "dependencies": ["render_hcfa"],
                },
                "await_acknowledgement": {
                    **group,
                    "operator": f"{operators}.AwaitAcknowledgement",
                    "batch_id": 1,
                    "pool": "sftp",
                    "dependencies": ["upload"],
                },
                "apply_acknowledgements": {
                    **group,
                    "operator": python,
                    "python_callable": f"{tasks}.apply_acknowledgements",
                    "dependencies": ["await_acknowledgement"],
                },
            },
        }
        text[f"receive_responses__{key}"] = {
            **common,
            "schedule": row["response_cron"],
            "tags": ["claims", "responses", key],
            "doc_md": "Receive what came back",
            "tasks": {
                "take_and_apply": {"operator": f"{operators}.ReceiveResponses", "clinic_key": key, "pool": "sftp"}
            },
        }
    return text


def _for_one_task(
    prepare: Callable[[int], Callable[[], object]], dags: int | None
) -> Callable[[int], Callable[[], object]]:
    """Return the parse every task begins with: the file of its DAG alone, and Airflow says which DAG is asked for."""

    def prepared(size: int) -> Callable[[], object]:
        prepare(size)
        from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID

        folder = Path(os.environ["AIRFLOW_HOME"]) / "dags"
        file = min(folder.glob("*.py"))  # of ours the one with the deliveries
        os.environ[_AIRFLOW_PARSING_CONTEXT_DAG_ID] = _ASKED
        return _bag(file, dags or 2 * size)

    return prepared


def _stored(size: int) -> Callable[[], object]:
    """Return what Airflow does with every DAG it parsed: write it as JSON."""
    bag: Any = _ours(size)()
    from airflow.serialization.serialized_objects import DagSerialization

    def work() -> int:
        texts = [json.dumps(DagSerialization.to_dict(dag), default=str) for dag in bag.dags.values()]
        return sum(map(len, texts))

    return work


CASES = (
    Case(name="the clinic table", group="full parse", sizes=(*_SIZES, *_HUGE), prepare=_ours),
    Case(name="a plain loop", group="full parse", sizes=(*_SIZES, *_HUGE), prepare=_plain_loop),
    Case(name="dag-factory 1.1, fewer features", group="full parse", sizes=_SIZES, prepare=_factory),
    Case(name="the clinic table", group="the parse of one task", sizes=_SIZES, prepare=_for_one_task(_ours, 1)),
    Case(name="a plain loop", group="the parse of one task", sizes=_SIZES, prepare=_for_one_task(_plain_loop, None)),
    Case(name="dag-factory 1.1", group="the parse of one task", sizes=_SIZES, prepare=_for_one_task(_factory, None)),
    Case(name="DAGs to JSON", group="Airflow's own share", sizes=_SIZES, prepare=_stored),
)
