"""
One reader under atheris, which looks for inputs that reach new code: `python -m tests.fuzz.guided READER SECONDS`.

It never stops at a finding: each new one is kept under `tests/samples/found/` and told on standard error.
"""

import sys
import traceback
from pathlib import Path
from random import Random

import atheris

with atheris.instrument_imports(include=["include"]):
    from tests.fuzz.readers import NAMED, judged

from tests.fuzz.damage import damage
from tests.fuzz.seeds import FOUND, kept

LONGEST = 1 << 14
"""Bytes of an input: a fault that needs more is the growth tests' to find."""

CORPUS = Path(".courier/fuzz")


def main(name: str, seconds: str) -> None:
    """Feed one reader for so long."""
    reader, seen = NAMED[name], set[tuple[str, str, int | None]]()

    def feed(raw: bytes) -> None:
        try:
            judged(reader, raw)
        except Exception as fault:  # noqa: BLE001 - whatever it is, it is what we look for
            where = traceback.extract_tb(fault.__traceback__)[-1]
            finding = (type(fault).__name__, where.filename, where.lineno)
            if finding not in seen:
                seen.add(finding)
                print(f"FINDING {kept(name, raw)}: {fault!r} {where.filename}:{where.lineno}", file=sys.stderr)

    def changed(raw: bytes, longest: int, seed: int) -> bytes:
        random = Random(seed)
        # Half the time blindly: what the structured faults never do is worth a try too.
        return atheris.Mutate(raw, longest) if random.random() < 0.5 else damage(raw, random)[:longest]

    corpus = CORPUS / name
    corpus.mkdir(parents=True, exist_ok=True)
    for number, raw in enumerate(reader.seeds()):
        (corpus / f"seed-{number:03d}").write_bytes(raw)
    options = (
        f"-max_total_time={seconds}",
        f"-max_len={LONGEST}",
        "-timeout=60",
        "-report_slow_units=60",
        "-rss_limit_mb=1024",
    )
    atheris.Setup([name, *options, f"-artifact_prefix={FOUND}/{name}-", str(corpus)], feed, custom_mutator=changed)
    atheris.Fuzz()


if __name__ == "__main__":
    FOUND.mkdir(exist_ok=True)
    main(*sys.argv[1:])
