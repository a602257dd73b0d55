"""
`./courier read`: an 837P as JSON, one claim a line, by whomever it was written.

What it prints are patients' data: to look at, not to keep. Claims and sets that cannot be read are named on standard
error, and the exit status is 1.
"""

import argparse
import json
import sys
from pathlib import Path

from include.claims.documents import to_document
from include.claims.errors import BadFile
from include.x12.interchange import BrokenSet
from include.x12.read_837p import BrokenClaim, ReadClaim, read_837p
from include.x12.segments import decode


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    command.add_argument("file", metavar="FILE", help="an 837P; - reads standard input")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print every claim of the file; 1 where one could not be read."""
    broken: list[BrokenClaim | BrokenSet] = []
    for found in read_837p([_text(options.file)], broken):
        print(_line(found))
    for one in broken:
        print(_said(one), file=sys.stderr)
    return 1 if broken else 0


def _text(name: str) -> str:
    try:
        return decode(sys.stdin.buffer.read() if name == "-" else Path(name).read_bytes())
    except OSError as error:
        raise BadFile(f"{name}: cannot be read ({error.strerror})") from error


def _line(found: ReadClaim) -> str:
    where = {
        "control_number": found.control_number,
        "set_number": found.set_number,
        "segment": found.segment,
        "line_control_numbers": found.line_control_numbers,
    }
    return f'{json.dumps(where)[:-1]}, "claim": {to_document(found.claim)}}}'


def _said(one: BrokenClaim | BrokenSet) -> str:
    what = f", claim {one.control_number}" if isinstance(one, BrokenClaim) else ""
    return f"set {one.set_number}, segment {one.segment}{what}: {one.message}"
