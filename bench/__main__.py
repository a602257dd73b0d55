"""
Run every registered benchmark and print a table; `python -m bench [NAME ...]` runs some.

Each case runs in a fresh process, because peak memory never falls again; the time is the best of three (of one
above ten thousand claims), in seconds of CPU. The first case of a benchmark is ours, ratios are against it. *Growth* is
the exponent from the size before: 1 where ten times as much takes ten times as long.
"""

import argparse
import gc
import importlib
import json
import math
import resource
import subprocess
import sys
import time
from dataclasses import asdict
from typing import Any

from bench import Elsewhere

BENCHMARKS = ("rule_book", "render_837p", "print_image", "form_pdf", "status", "remits", "apply", "night", "generation")
"""Modules of this folder with a TITLE and CASES."""

ROUNDS = 3
MANY = 10_000


def main() -> int:
    """Run the benchmarks named on the command line, or all."""
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"of {', '.join(BENCHMARKS)}")
    parser.add_argument("--one", nargs=3, metavar=("NAME", "CASE", "SIZE"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        name, case, size = options.one
        print(json.dumps(measure(name, int(case), int(size))))
        return 0
    for name in options.names or BENCHMARKS:
        report(name)
    return 0


def report(name: str) -> None:
    """Measure a benchmark's cases and print them, size by size."""
    module = importlib.import_module(f"bench.{name}")
    print(f"\n{module.TITLE}\n")
    unit = getattr(module, "UNIT", "claims")
    print(f"{unit:>8}  {'case':<38} {unit + '/s':>10} {'ours is':>9} {'growth':>7} {'peak MB':>8} {'grew by MB':>10}")
    groups = dict.fromkeys(case.group for case in module.CASES)
    for group in groups:
        if group:
            print(group)
        _report_group(name, module, group)


def _report_group(name: str, module: Any, group: str) -> None:
    before: dict[int, tuple[int, float]] = {}
    for size in sorted({size for case in module.CASES if case.group == group for size in case.sizes}):
        ours = 0.0
        for number, case in enumerate(module.CASES):
            if size not in case.sizes or case.group != group:
                continue
            found = _in_a_fresh_process(name, number, size)
            rate = size / found["seconds"]
            ours = ours or rate
            grew = growth(before.get(number), size, rate)
            print(
                f"{size:>8}  {case.name:<38} {rate:>10,.0f} {ours / rate:>8.1f}x {grew:>7}"
                f" {found['peak'] / 1024:>8.0f} {found['growth'] / 1024:>10.0f}",
                flush=True,
            )
            before[number] = size, rate


def growth(before: tuple[int, float] | None, size: int, rate: float) -> str:
    """Return by which power of its size the time of a case grew; blank for the first size."""
    if before is None:
        return ""
    return f"{1 + math.log(before[1] / rate) / math.log(size / before[0]):.2f}"


def _in_a_fresh_process(name: str, case: int, size: int) -> Any:
    command = [sys.executable, "-m", "bench", "--one", name, str(case), str(size)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(name: str, case: int, size: int) -> dict[str, float]:
    """Run one case here and return seconds and kilobytes."""
    work = importlib.import_module(f"bench.{name}").CASES[case].prepare(size)
    gc.collect()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    seconds = []
    for _ in range(ROUNDS if size <= MANY else 1):
        started = time.process_time()
        done = work()
        if isinstance(done, Elsewhere):
            return asdict(done)
        seconds.append(time.process_time() - started)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {"seconds": min(seconds), "peak": peak, "growth": peak - before}


if __name__ == "__main__":
    sys.exit(main())
