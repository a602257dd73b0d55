"""Play the night over several machines and print its figures: `python -m tests.cluster`."""

import sys
import tempfile
from pathlib import Path

from include.cli.processes import StackFailed, stop_on_signals
from tests.cluster.clinics import CLINICS
from tests.cluster.machines import SLOTS, WORKERS
from tests.cluster.night import KEPT, LOST, Night, Play, a_cluster


def main() -> int:
    """Play it; 0 where nothing was lost, doubled or stuck."""
    stop_on_signals()
    with tempfile.TemporaryDirectory(prefix="courier-cluster-") as folder:
        try:
            with a_cluster(Path(folder) / "home") as cluster:
                night = Play(cluster).night()
        except StackFailed as failed:
            print(failed)
            return 1
    show(night)
    return 0 if night.verdict.is_clean and not night.stuck else 1


def show(night: Night) -> None:
    """Print what it took, and what came of it."""
    done = sum(night.by_host.values())
    print(f"{len(CLINICS)} clinics, {night.bills} claims, {len(WORKERS)} workers of {SLOTS} tasks, one lost")
    print(f"  {done} tasks by a worker ({', '.join(f'{host} {n}' for host, n in sorted(night.by_host.items()))})")
    print(f"  nights {night.night_seconds:.0f} s, {night.rounds} round(s) of visits, all {night.seconds:.0f} s")
    print(f"  {done / night.seconds:.1f} tasks a second, {sum(night.meter.cpu.values()) / done:.2f} CPU s a task")
    print(
        f"  cut short on {LOST}: {', '.join(sorted(task.name for task in night.cut))}; {len(night.fetched)} were queued"
    )
    print(f"    all of it ran again on {KEPT} within {night.back_seconds:.0f} s")
    for part, seconds in sorted(night.meter.cpu.items(), key=lambda item: -item[1]):
        print(f"  {seconds:>8.1f} CPU s  {part}")
    print(f"  {night.database_seconds:>8.1f} CPU s  PostgreSQL (since it began)")
    peaks = (night.meter.peak_rss / 2**30, night.meter.peak_pss / 2**30)
    print(f"  memory at its peak {peaks[0]:.1f} GiB RSS summed; {peaks[1]:.1f} GiB, what is shared counted once")
    print(f"  {len(night.failed)} cut file(s) in doubt, {len(night.doubted)} of which a person had to settle")
    print(f"  runs: {', '.join(f'{state} {n}' for state, n in sorted(night.runs.items()))}")
    verdict = night.verdict
    print(f"  lost {len(verdict.lost)}, sent twice {len(verdict.twice)}, stuck {len(night.stuck)}")
    for line in (*verdict.lost, *verdict.twice, *night.stuck):
        print(f"    {line}")


if __name__ == "__main__":
    sys.exit(main())
