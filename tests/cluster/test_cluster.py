"""A night over several machines that share no disk, one of which is lost half-way: every claim is taken once."""

import shutil

import pytest

from include.cli.stack import PROJECT
from tests.cluster.clinics import CLINICS
from tests.cluster.machines import PARTS, can_have_machines
from tests.cluster.night import KEPT, LOST, Play, a_cluster
from tests.databases import need_postgresql
from tests.machine import lacking

pytestmark = [pytest.mark.cluster, pytest.mark.timeout(1800)]


@pytest.fixture(name="cluster", scope="module")
def _cluster(tmp_path_factory):
    need_postgresql()
    need_machines()
    with a_cluster(tmp_path_factory.mktemp("cluster") / "home") as cluster:
        yield cluster


@pytest.fixture(name="night", scope="module")
def _night(cluster):
    return Play(cluster).night()


def need_machines() -> None:
    """Skip aloud where there is no Redis or no right to make machines; fail on CI."""
    lacks = [
        problem
        for is_there, problem in (
            (shutil.which("redis-server") is not None, "no redis-server on the path"),
            (can_have_machines(), "unshare may not make a namespace here (it needs Linux and root)"),
        )
        if not is_there
    ]
    if lacks:
        lacking("; ".join(lacks))


def test_machines_share_no_disk(cluster):
    """What a machine writes is on its own disk; it sees no other's, and can write nowhere else."""
    for name in PARTS:
        cluster.ask(name, f"echo {name} > {cluster.home}/mark")

    for name in PARTS:
        assert [name, name] == cluster.ask(name, f"hostname; cat {cluster.home}/mark").split()
        assert "" == cluster.ask(name, f"ls {cluster.disk(name).parent}")
        for place in (PROJECT, cluster.home.parent, "/var/tmp"):
            assert "read-only" in cluster.ask(name, f"LC_ALL=C touch {place}/mark 2>&1 || true").lower()
    assert not (cluster.home / "mark").exists()


def test_no_claim_is_lost_or_sent_twice(night):
    """The practice's list and the clearinghouse's files, bill by bill, as the referee reads both."""
    assert [] == night.verdict.lost
    assert [] == night.verdict.twice


def test_nothing_is_stuck(night):
    """No claim is in doubt or left behind, and the ledger and the clearinghouse's log agree on each."""
    assert [] == night.stuck


def test_every_run_ended(night):
    """Airflow says of every run that it ended; none failed but where a cut upload left a file in doubt."""
    assert {"success", "failed"} >= set(night.runs)
    assert len(night.failed) == night.runs["failed"]
    assert len(CLINICS) * 2 <= night.runs.total()


def test_both_workers_worked(night):
    """Airflow says of both that they did tasks, the lost one until it was lost."""
    assert {LOST, KEPT} == set(night.by_host)
    assert min(night.by_host.values()) > len(CLINICS) // 2


def test_a_file_may_be_made_on_one_machine_and_sent_from_another(night):
    """Some batches were rendered by a worker and uploaded by the other, and went like all others."""
    rendered, uploaded = night.where("render_hcfa"), night.where("upload")

    assert len(CLINICS) <= len(uploaded) + len(night.failed)
    assert [run for run in uploaded if rendered[run] != uploaded[run]]


def test_what_a_lost_machine_was_doing_is_taken_up_by_another(night):
    """Each task that was cut ran again on the worker that was left, and ended well or left the file in doubt."""
    cut = {(task.run, task.name) for task in night.cut}
    again = [task for task in night.tasks if (task.run, task.name) in cut]

    assert len(cut) == len(again) > 0
    assert {KEPT} == {task.host for task in again}
    assert {"success", "failed"} >= {task.state for task in again}


def test_only_a_file_that_was_cut_is_in_doubt(night):
    """What failed is an upload that was cut; a report settled the doubt by the next visit, or a person had to."""
    assert {"upload"} >= {task.name for task in night.failed}
    assert {task.run for task in night.cut} >= {task.run for task in night.failed}
    assert {task.run[0] for task in night.failed} >= {f"deliver_claims__{clinic}" for clinic in night.doubted}


def test_a_worker_needs_no_clinic_table_of_its_own(cluster, night):
    """The snapshot of the clinic table lies where DAG files are parsed; no worker ever had one."""
    assert (cluster.disk("dag-processor") / "snapshot").exists()
    assert not (cluster.disk(KEPT) / "snapshot").exists()
