"""
Feed every reader with broken files for so long: `python -m tests.fuzz SECONDS [READER...]`, or `make fuzz`.

The time is shared among the readers, one process each, as a reader that hangs must not keep the others. Exit status 1:
something was found; it lies under `tests/samples/found/`, where the tests replay it.
"""

import re
import subprocess
import sys
from importlib.util import find_spec

from tests.fuzz.readers import NAMED


def main(seconds: int, *names: str) -> int:
    """Print a line a reader: executions, how many a second, how the coverage grew, findings."""
    if find_spec("atheris") is None:
        print("atheris is not installed: it has wheels for Linux on x86-64 only")
        return 2
    if unknown := set(names) - NAMED.keys():
        print(f"no reader {', '.join(unknown)}; there are {', '.join(NAMED)}")
        return 2
    chosen = names or tuple(NAMED)
    print(f"{'reader':22}{'executions':>12}{'a second':>10}{'coverage':>16}{'corpus':>8}{'findings':>10}")
    return 1 if sum(_one(name, max(seconds // len(chosen), 1)) for name in chosen) else 0


def _one(name: str, seconds: int) -> int:
    command = [sys.executable, "-m", "tests.fuzz.guided", name, str(seconds)]
    run = subprocess.run(command, capture_output=True, text=True, errors="replace", check=False)
    said = run.stderr
    covered = re.findall(r"^#(\d+)\s+.*cov: (\d+) ft: \d+ corp: (\d+)", said, re.MULTILINE)
    executions = int(covered[-1][0]) if covered else 0
    findings = [line for line in said.splitlines() if line.startswith(("FINDING", "SUMMARY"))]
    if run.returncode and not findings:
        findings = [said[-2_000:]]
    first, last, corpus = (covered[0][1], covered[-1][1], covered[-1][2]) if covered else ("0", "0", "0")
    print(
        f"{name:22}{executions:12,}{executions // seconds:10,}{f'{first} -> {last}':>16}{corpus:>8}{len(findings):10}"
    )
    print("".join(f"{one}\n" for one in findings), end="", flush=True)
    return len(findings)


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]), *sys.argv[2:]))
