import os
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from include.cli.processes import Processes, StackFailed, sweep

A_FAMILY = textwrap.dedent(
    """
    import os, signal, subprocess, sys, time
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"], process_group=0)
    open(sys.argv[1], "w").write(str(child.pid))
    time.sleep(60)
    """
)
"""A process that will not go, with a child in a group of its own: what Airflow's workers are like."""


@pytest.fixture(name="processes")
def _processes(tmp_path, monkeypatch):
    monkeypatch.setattr("include.cli.processes._PATIENCE", 0.5)
    (tmp_path / "log").mkdir()
    processes = Processes(os.environ, tmp_path / "log", tmp_path / "processes.json")
    yield processes
    processes.stop()


def child_of(file: Path) -> int:
    """Return the child's number once it is written down."""
    deadline = time.monotonic() + 20
    while not file.exists() or not file.read_text():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    return int(file.read_text())


def is_running(pid: int) -> bool:
    """Tell whether a process runs; one that only waits to be reaped does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_nothing_is_left_behind(processes, tmp_path):
    """A child that left its group ends with the process that started it and would not stop."""
    processes.start("family", sys.executable, "-c", A_FAMILY, str(tmp_path / "child"))
    child = child_of(tmp_path / "child")

    processes.stop()

    assert not is_running(child)


def test_a_killed_run_is_swept_by_the_next(processes, tmp_path):
    """What a run left because it was killed itself is found by its register and ended."""
    script = textwrap.dedent(
        f"""
        import os, sys
        from pathlib import Path
        from include.cli.processes import Processes
        here = Path({str(tmp_path)!r})
        Processes(os.environ, here / "log", here / "left.json").start(
            "family", sys.executable, "-c", {A_FAMILY!r}, str(here / "child")
        )
        """
    )
    subprocess.run([sys.executable, "-c", script], check=True, env={**os.environ, "PYTHONPATH": str(Path.cwd())})
    child = child_of(tmp_path / "child")

    sweep(tmp_path / "left.json")

    deadline = time.monotonic() + 10
    while is_running(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not is_running(child)


def test_a_stranger_is_not_swept(processes, tmp_path):
    """A process that was given the number of one of ours since is left alone."""
    processes.start("sleeper", sys.executable, "-c", "import time; time.sleep(60)")
    pid = processes._running["sleeper"].pid
    (tmp_path / "left.json").write_text(f'{{"{pid}": "1"}}')

    sweep(tmp_path / "left.json")

    assert is_running(pid)


def test_a_process_that_ends_is_told_with_its_last_words(processes):
    """Whoever waits learns which process ended and reads the end of its log."""
    processes.start("speaker", sys.executable, "-c", "print('no such port'); raise SystemExit(3)")

    with pytest.raises(StackFailed, match=r"(?s)speaker ended with status 3.*no such port"):
        processes.wait_until(lambda: False, "never", 20)


def test_a_command_that_fails_is_told(processes):
    """A command run to its end raises with its last words."""
    with pytest.raises(StackFailed, match="bridge ended with status 1"):
        processes.run("bridge", sys.executable, "-c", "raise SystemExit(1)")
