"""House rules of every DAG, and the four rules of the generator, in a DagBag of the real `dags/` folder."""

import json
import os
import subprocess
import sys
from collections import Counter
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from unittest.mock import patch

import pytest
from airflow.dag_processing.dagbag import DagBag
from airflow.models.serialized_dag import SerializedDagModel
from airflow.sdk.definitions.context import _AIRFLOW_PARSING_CONTEXT_DAG_ID
from airflow.sdk.module_loading import import_string
from airflow.serialization.serialized_objects import BaseSerialization, DagSerialization

from include.claims.errors import LedgerUnreachable
from include.delivery.onboard import STEPS
from include.orchestration import clinics
from include.orchestration.batch_link import BatchLink
from include.orchestration.operators import ReceiveResponses, UploadBatch
from include.orchestration.snapshot import refresh_snapshot
from tests.airflow_home import DAGS
from tests.orchestration.clinic_rows import TablesInMemory, a_clinic_row

CHASE = "chase_silent_claims"
LOGINS = "check_logins"
ONBOARD = "onboard_clinic"
DOUBT = "settle_doubt"
HOUSE = "keep_house"
FOR_ALL = {CHASE, LOGINS, ONBOARD, DOUBT, HOUSE}
"""The DAGs that are there for the whole installation."""

MANY = [f"clinic_{number:03d}" for number in range(200)]


@pytest.fixture
def table(tmp_path, monkeypatch):
    """Give the generator a clinic table of one clinic; a test adds what it needs."""
    monkeypatch.setenv("COURIER_SNAPSHOT", str(tmp_path / "snapshot"))
    rows = TablesInMemory([a_clinic_row()])
    # The connection is Airflow's; everything behind it is ours, and tested against the real ledger elsewhere.
    with patch.object(clinics, "clinic_table", lambda: rows):
        yield rows


def the_dags(file: str = "") -> DagBag:
    """Parse the whole folder, or one file of it."""
    return DagBag(str(DAGS / file if file else DAGS))


def test_every_clinic_has_two_dags(table):
    """One row of the table makes one delivery DAG and one receiving DAG, beside those that are there for all."""
    bag = the_dags()

    assert {} == bag.import_errors
    assert {"deliver_claims__acorn_aba", "receive_responses__acorn_aba", *FOR_ALL} == set(bag.dags)


def test_two_hundred_clinics_parse_without_import_errors(table):
    """The DAG list of a 200-clinic table is whole."""
    table.clinics = [a_clinic_row(key) for key in MANY]

    bag = the_dags()

    assert {} == bag.import_errors
    assert 405 == len(bag.dags)


def files_of(bag: DagBag) -> dict[str, list[str]]:
    """Return which file each clinic's two DAGs came from."""
    found: dict[str, list[str]] = {}
    for dag_id, dag in bag.dags.items():
        found.setdefault(dag_id.partition("__")[2], []).append(Path(dag.fileloc).stem)
    return found


@pytest.mark.parametrize("a_file", ["300", "67", "25", "1"])
def test_many_clinics_are_shared_out_over_files(table, monkeypatch, a_file):
    """Whatever a file may hold, every clinic has its two DAGs once, and no file much more than its share."""
    table.clinics = [a_clinic_row(key) for key in MANY]
    monkeypatch.setenv("COURIER_CLINICS_A_FILE", a_file)
    shares = {"300": 1, "67": 3}.get(a_file, 8)

    bag = the_dags()

    assert {} == bag.import_errors
    assert {f"{kind}__{key}" for kind in ("deliver_claims", "receive_responses") for key in MANY} == {
        dag_id for dag_id in bag.dags if "__" in dag_id
    }
    homes = files_of(bag)
    counts = Counter(file for key in MANY for file in set(homes[key]) - {"receive_responses"})
    assert shares == len(counts)
    assert max(counts.values()) < 2 * len(MANY) / shares + 1


def test_one_share_more_moves_clinics_to_it_alone():
    """A DAG that moves gets a new version, so nothing moves that need not."""
    for shares in range(1, clinics.SHARES):
        moved = [key for key in MANY if clinics.share_of(key, shares) != clinics.share_of(key, shares + 1)]
        assert {shares + 1} == {clinics.share_of(key, shares + 1) for key in moved}


def test_a_task_finds_its_dag_in_the_file_it_moved_from(table, monkeypatch):
    """A run that began before the move, and one that begins after it, are served by either file."""
    table.clinics = [a_clinic_row(key) for key in MANY]
    monkeypatch.setenv("COURIER_CLINICS_A_FILE", "25")
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, "deliver_claims__clinic_117")

    for file in ("deliver_claims.py", *(f"more_clinics/share_{share}.py" for share in range(2, clinics.SHARES + 1))):
        assert ["deliver_claims__clinic_117"] == list(the_dags(file).dags)


def test_every_share_has_its_file():
    """As many files as there are shares, each named by its own."""
    files = sorted((DAGS / "more_clinics").glob("*.py"))

    assert [f"share_{share}" for share in range(2, clinics.SHARES + 1)] == [file.stem for file in files]
    for file in files:
        assert f"SHARE = {file.stem.removeprefix('share_')}\n" in file.read_text("utf-8")


def test_an_unchanged_table_is_not_read_again(table):
    """A parse asks for the table's revision; only the check of the table reads every row each time."""
    the_dags("deliver_claims.py")
    with patch.object(table, "rows", side_effect=AssertionError("the table was read")):
        assert ["deliver_claims__acorn_aba"] == list(the_dags("deliver_claims.py").dags)
    table.clinics, table.number = [a_clinic_row("birch")], table.number + 1

    assert ["deliver_claims__birch"] == list(the_dags("deliver_claims.py").dags)


def test_a_hundred_parses_make_one_version(table):
    """Airflow makes a version where the hash of what it stores differs."""
    hashes = {
        dag_id: {SerializedDagModel.hash(DagSerialization.to_dict(dag))}
        for dag_id, dag in the_dags("deliver_claims.py").dags.items()
    }
    for _ in range(100):
        table.number += 1
        for dag_id, dag in the_dags("deliver_claims.py").dags.items():
            hashes[dag_id].add(SerializedDagModel.hash(DagSerialization.to_dict(dag)))

    assert {1} == {len(each) for each in hashes.values()}


def test_the_parse_for_one_task_builds_one_dag(table, monkeypatch):
    """A task of one clinic among 200 builds that clinic's DAG only, from the snapshot, without the database."""
    table.clinics = [a_clinic_row(key) for key in MANY]
    refresh_snapshot(clinics.snapshot_folder(), table)
    table.is_down = True
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, "deliver_claims__clinic_117")

    bag = the_dags("deliver_claims.py")

    assert ["deliver_claims__clinic_117"] == list(bag.dags)


def test_a_worker_without_a_snapshot_reads_one_row(table, monkeypatch):
    """Where a worker has no snapshot of its own, one keyed read of the ledger gives the clinic."""
    table.clinics = [a_clinic_row(key) for key in MANY]
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, "receive_responses__clinic_042")

    bag = the_dags("receive_responses.py")

    assert ["receive_responses__clinic_042"] == list(bag.dags)
    assert ["clinic_042"] == table.keyed_reads


def test_a_run_under_way_outlives_its_clinics_archiving(table, monkeypatch):
    """A task of an archived clinic still finds its DAG, so that a night under way can end."""
    table.clinics = [a_clinic_row(mode="archived")]
    monkeypatch.setenv(_AIRFLOW_PARSING_CONTEXT_DAG_ID, "deliver_claims__acorn_aba")

    assert ["deliver_claims__acorn_aba"] == list(the_dags("deliver_claims.py").dags)


def test_a_bad_row_costs_its_dag_alone_and_is_seen(table):
    """Every other DAG lives, and an import error names the row, the column and the rule."""
    table.clinics = [a_clinic_row("acorn_aba"), a_clinic_row("birch", delivery_cron="at night")]

    bag = the_dags()

    assert {"deliver_claims__acorn_aba", "receive_responses__acorn_aba", *FOR_ALL} == set(bag.dags)
    assert ["clinic_table_check.py"] == [Path(file).name for file in bag.import_errors]
    assert "clinic birch: column delivery_cron" in next(iter(bag.import_errors.values()))


def test_a_bad_row_keeps_the_last_good_dag(table):
    """A clinic whose row goes bad keeps its DAG with the schedule it had."""
    the_dags("deliver_claims.py")
    table.clinics = [a_clinic_row(delivery_cron="at night")]

    dag = the_dags("deliver_claims.py").dags["deliver_claims__acorn_aba"]

    assert "30 22 * * *" == dag.timetable.expression


def test_dags_stay_while_the_database_is_down(table):
    """With the ledger down every DAG is built from the last good snapshot, and an import error tells why."""
    the_dags("deliver_claims.py")
    table.is_down = True

    bag = the_dags()

    assert {"deliver_claims__acorn_aba", "receive_responses__acorn_aba", *FOR_ALL} == set(bag.dags)
    assert "no answer" in next(iter(bag.import_errors.values()))


def test_without_database_and_snapshot_the_parse_fails_aloud(table):
    """An empty DAG list never looks like a table without clinics."""
    table.is_down = True

    bag = the_dags("deliver_claims.py")

    assert LedgerUnreachable.__name__ in next(iter(bag.import_errors.values()))


@pytest.mark.parametrize(
    ("mode", "count"), [("onboarding", 0), ("archived", 0), ("paused", 2), ("test", 2), ("live", 2)]
)
def test_the_mode_says_whether_there_are_dags(table, mode, count):
    """Onboarding and archived clinics have no DAG; a paused one keeps both."""
    table.clinics = [a_clinic_row(mode=mode)]

    assert count == len(the_dags().dags.keys() - FOR_ALL)


def serialized() -> dict[str, str]:
    """Return every DAG as Airflow would store it, without where and when it was parsed."""
    return {
        dag_id: json.dumps(DagSerialization.to_dict(dag), sort_keys=True, default=str)
        for dag_id, dag in the_dags().dags.items()
    }


def test_the_same_table_makes_the_same_dags(table):
    """Parsed again, with the rows in another order, every DAG is the same to the byte: no new versions."""
    table.clinics = [a_clinic_row("acorn_aba"), a_clinic_row("birch")]
    first = serialized()
    table.clinics = table.clinics[::-1]
    table.number += 1

    assert first == serialized()


def test_another_process_makes_the_same_dags(table, tmp_path):
    """The order of sets differs between processes; the DAGs do not."""
    first = serialized()
    script = (
        "import json, sys; from pathlib import Path; from tests.dags.test_dags import serialized;"
        " Path(sys.argv[1]).write_text(json.dumps(serialized()))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7", "PYTHONPATH": str(DAGS.parent)}
    # No such database: the snapshot serves.
    environment["AIRFLOW_CONN_CLAIMS_LEDGER"] = "sqlite:///%2Fnonexistent%2Fledger.db"

    words = [sys.executable, "-W", "ignore", "-c", script, str(tmp_path / "dags.json")]
    subprocess.run(words, env=environment, capture_output=True, check=True)

    assert first == json.loads((tmp_path / "dags.json").read_text())


def test_a_dag_survives_serialization(table):
    """What Airflow stores can be read back."""
    for dag in the_dags().dags.values():
        assert dag.dag_id == DagSerialization.from_dict(DagSerialization.to_dict(dag)).dag_id


def test_every_dag_follows_the_house_rules(table):
    """Every DAG has a page, tags, one run at a time (of those with a clinic), a time limit, and no catch-up."""
    for dag in the_dags().dags.values():
        assert dag.doc_md
        assert dag.doc_md.startswith("\n# ")
        topics = {CHASE: "silence", LOGINS: "logins", ONBOARD: "onboarding", DOUBT: "doubt", HOUSE: "house"}
        own = topics.get(dag.dag_id, "acorn_aba")
        assert {"claims", own} <= set(dag.tags)
        assert dag.dag_id in {ONBOARD, DOUBT} or 1 == dag.max_active_runs
        assert not dag.catchup
        assert dag.dagrun_timeout


def test_every_task_follows_the_house_rules(table):
    """Every task has an owner, a time limit, retries, the retry table and a failure notice."""
    tasks = [task for dag in the_dags().dags.values() for task in dag.tasks]

    assert 26 == len(tasks)
    for task in tasks:
        assert "claims" == task.owner
        assert task.execution_timeout
        assert task.retries
        assert task.retry_policy
        assert task.on_failure_callback


def test_the_chase_tells_and_asks_every_morning(table):
    """It needs no clinic, so it is there when the table is empty; its hour is in UTC. The two wait for neither."""
    table.clinics = []

    dag = the_dags().dags[CHASE]

    assert {"chase": set(), "doubts_past_deadline": {"ask_about_doubt"}, "ask_about_doubt": set()} == {
        task.task_id: task.downstream_task_ids for task in dag.tasks
    }
    assert ("0 7 * * *", "UTC") == (dag.timetable.expression, str(dag.timetable.timezone))


def test_every_mailbox_is_checked_by_a_task_of_its_own(table):
    """Daily by office hours, in the pool of sessions; each task is shown by the name of its mailbox."""
    dag = the_dags().dags[LOGINS]

    names = [task.task_id for task in dag.topological_sort()]
    check = dag.get_task("check_login")

    assert ["mailboxes_to_check", "check_login"] == names
    assert check.is_mapped
    assert ("sftp", "{{ task.mailbox_key }}") == (check.pool, check.map_index_template)
    assert ("0 16 * * *", "UTC") == (dag.timetable.expression, str(dag.timetable.timezone))


def test_a_doubt_is_one_question_that_waits(table):
    """Many files at once, in the pool of sessions, since it looks at the server first; nothing starts by itself."""
    dag = the_dags().dags[DOUBT]

    [task] = dag.tasks

    assert ("settle", "sftp", timedelta(days=90)) == (task.task_id, task.pool, task.response_timeout)
    assert (False, False) == (dag.timetable.can_be_scheduled, dag.is_paused_upon_creation)
    assert dag.max_active_runs >= 20


def test_the_house_is_kept_once_a_day(table):
    """One task for the whole installation, and only after a person has unpaused it."""
    dag = the_dags().dags[HOUSE]

    assert ["let_go"] == [task.task_id for task in dag.tasks]
    assert ("0 18 * * *", "UTC") == (dag.timetable.expression, str(dag.timetable.timezone))
    assert dag.is_paused_upon_creation is not False


def test_a_clinic_is_set_up_step_by_step(table):
    """Every step of the core has its task, in the core's order; the test file goes by a night's own tasks."""
    dag = the_dags().dags[ONBOARD]

    names = [task.task_id.rpartition(".")[2] for task in dag.topological_sort()]

    night = ["render_hcfa", "upload", "await_acknowledgement", "apply_acknowledgements"]
    steps = [step.replace(" ", "_") for step in STEPS]
    assert ["begin", *steps[:4], "collect_test_claims", *night, *steps[4:]] == names


def test_setting_up_waits_for_people_and_for_nothing_else(table):
    """No schedule, nothing to unpause, many clinics at once; a question waits longer than any mail takes."""
    dag = the_dags().dags[ONBOARD]

    assert dag.timetable.can_be_scheduled is False
    assert dag.is_paused_upon_creation is False
    assert dag.max_active_runs >= 20
    assert {timedelta(days=90)} == {task.response_timeout for task in dag.tasks if hasattr(task, "response_timeout")}


def test_a_form_can_be_sent_as_it_is_shown(table):
    """Airflow's page asks for every blank value that may not be null, and keeps its button grey until it has one."""
    bag = the_dags()

    asked = {
        (dag.dag_id, name)
        for dag in bag.dags.values()
        for name in dag.params
        if not (param := dag.params.get_param(name)).value
        and param.value is not False
        and "null" not in param.schema.get("type", ())
    }

    assert set() == asked


def test_the_night_is_five_tasks_in_their_order(table):
    """Collect, then for every batch render, upload, await, apply."""
    dag = the_dags().dags["deliver_claims__acorn_aba"]

    names = [task.task_id.rpartition(".")[2] for task in dag.topological_sort()]

    assert ["collect_claims", "render_hcfa", "upload", "await_acknowledgement", "apply_acknowledgements"] == names


def test_what_has_begun_is_finished_first(table):
    """Where all wait for a slot, a clinic's later tasks go before its earlier ones; its row says how clinics rank."""
    table.clinics = [a_clinic_row("acorn_aba"), a_clinic_row("birch", priority="9")]
    dags = the_dags().dags

    def weights(dag_id: str) -> list[int]:
        stored = DagSerialization.from_dict(DagSerialization.to_dict(dags[dag_id]))
        # As the scheduler weighs a task instance.
        return [
            stored.get_task(task.task_id).weight_rule.get_weight(SimpleNamespace(task=stored.get_task(task.task_id)))
            for task in dags[dag_id].topological_sort()
        ]

    assert [5, 10, 15, 20, 25] == weights("deliver_claims__acorn_aba")
    assert [9, 18, 27, 36, 45] == weights("deliver_claims__birch")
    assert [9] == weights("receive_responses__birch")
    assert weights(HOUSE)[0] < weights("receive_responses__acorn_aba")[0]


def test_every_task_of_a_batch_leads_to_it(table):
    """Airflow stores the button, and the worker knows the address from the batch alone."""
    dag = the_dags().dags["deliver_claims__acorn_aba"]
    stored = DagSerialization.from_dict(DagSerialization.to_dict(dag))

    for task in dag.tasks:
        wanted = [BatchLink.name] if task.task_id.startswith("deliver_batch.") else []
        assert wanted == list(stored.get_task(task.task_id).operator_extra_link_dict)
    upload = UploadBatch(task_id="upload", batch_id=7)
    assert "/plugin/claims#batch/7" == BatchLink().get_link(upload, ti_key=None)


def test_a_visit_begins_in_the_triggerer(table):
    """What Airflow stores of the DAG names the look, for which clinic it is, and the method a worker goes on with."""
    dag = DagSerialization.from_dict(DagSerialization.to_dict(the_dags().dags["receive_responses__acorn_aba"]))

    task = dag.get_task("take_and_apply")

    look = BaseSerialization.deserialize(task.start_trigger_args.trigger_kwargs)
    assert task.start_from_trigger
    assert "acorn_aba" == import_string(task.start_trigger_args.trigger_cls)(**look).clinic_key
    assert callable(getattr(ReceiveResponses, task.start_trigger_args.next_method))


@pytest.mark.parametrize("file", sorted(DAGS.rglob("*.py")), ids=lambda file: file.name)
def test_airflow_does_not_skip_the_file(file):
    """Airflow reads a file only where its text says airflow and dag."""
    text = file.read_text("utf-8").lower()

    assert "airflow" in text
    assert "dag" in text
