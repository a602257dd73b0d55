"""
Validators of other people: two are asked about every 837P the tests render, three about the remittances.

pyx12 walks the guide's own maps, x12sdk checks models, oxedi adds an 835 up; they come of separate lineages and share
no mistakes we know of. What they get wrong is listed in `known_false_alarms.toml`, each with its reason.
"""

import io
import json
import logging
import re
import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

import oxedi
import pyx12.map_if
import pyx12.params
import pyx12.x12n_document
from pydantic import ValidationError
from x12sdk.io import X12ModelReader

_ALARMS = tomllib.loads((Path(__file__).parent / "known_false_alarms.toml").read_text())["alarm"]

logging.getLogger("pyx12").setLevel(logging.CRITICAL)
logging.getLogger("x12sdk").setLevel(logging.CRITICAL)


def _load_each_map_once() -> None:
    """Keep pyx12's maps: it reads the same XML again for every document, which takes most of its time."""
    load = pyx12.map_if.load_map_file

    @lru_cache
    def kept(map_file: str, map_path: str | None) -> Any:
        return load(map_file, pyx12.params.params(), map_path)

    def load_once(map_file: str, _params: Any, map_path: str | None = None) -> Any:
        return kept(map_file, map_path)

    pyx12.map_if.load_map_file = load_once


_load_each_map_once()


def assert_both_accept(text: str) -> None:
    """Fail with the complaints of either oracle."""
    assert_pyx12_accepts(text)
    assert_x12sdk_accepts(text)


def assert_pyx12_accepts(text: str) -> None:
    """Fail with pyx12's complaints: structure, code lists, counts."""
    assert [] == pyx12_complaints(text)


def assert_x12sdk_accepts(text: str) -> None:
    """Fail with x12sdk's complaints: totals, levels, situational segments; or where it reads another number of sets."""
    assert [] == x12sdk_complaints(text)


def pyx12_complaints(text: str) -> list[str]:
    """Return what pyx12 says against a file, without its known false alarms."""
    # It opens a path as ASCII and dies on the first accent, hence text.
    report = io.StringIO()
    try:
        sound = pyx12.x12n_document.x12n_document(
            pyx12.params.params(), io.StringIO(text), fd_997=None, fd_html=None, fd_json=report
        )
    # On an unknown guide and on some broken files it raises instead of reporting.
    except (pyx12.errors.EngineError, pyx12.errors.X12Error, IndexError, AttributeError) as error:
        return [f"pyx12: {type(error).__name__}: {error}"]
    if not report.getvalue():
        return ["pyx12: not an X12 file"]
    complaints = _listed(json.loads(report.getvalue()))
    if not sound and not complaints:
        return ["pyx12: refused without a word"]
    return _real("pyx12", complaints)


def x12sdk_complaints(text: str) -> list[str]:
    """Return what x12sdk says against a file, without its known false alarms."""
    sets = 0
    try:
        with X12ModelReader(text) as reader:
            for _model in reader.models():
                sets += 1
    except ValidationError as error:
        return _real("x12sdk", [f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()])
    # On a malformed file it raises whatever comes: TypeError, KeyError, UnboundLocalError.
    except Exception as error:  # noqa: BLE001
        return _real("x12sdk", [f"{type(error).__name__}: {error}"])
    if sets != len(re.findall(r"~\s*ST\*", text)):
        return [f"x12sdk: read {sets} sets"]
    return []


def oxedi_complaints(text: str) -> list[str]:
    """Return what oxedi says against an 835: structure, codes and the three balances."""
    return [str(one) for one in oxedi.parse(text.encode()).diagnostics]


def oxedi_tables(text: str) -> dict[str, list[dict[str, str]]]:
    """Return what oxedi reads in an 835, table by table, as it prints it; blank where there is nothing."""
    # Its other ways out need pyarrow.
    tables = oxedi.parse(text.encode()).tables
    return {name: _printed(tables[name].render()) for name in tables.keys()}  # noqa: SIM118 - not a dict


def _printed(table: str) -> list[dict[str, str]]:
    _title, header, *rows = table.strip().splitlines()
    names = [column.partition(":")[0] for column in header.split(" | ")]
    return [dict(zip(names, row.replace("\N{EMPTY SET}", "").split(" | "), strict=True)) for row in rows]


def _listed(report: Any) -> list[str]:
    """Return every error anywhere in pyx12's nested report."""
    if isinstance(report, list):
        return [error for item in report for error in _listed(item)]
    if not isinstance(report, dict):
        return []
    own = [json.dumps(error, sort_keys=True) for error in report.get("errors", [])]
    return own + [error for name, value in report.items() if name != "errors" for error in _listed(value)]


def _real(oracle: str, complaints: list[str]) -> list[str]:
    known = [alarm["complaint"] for alarm in _ALARMS if alarm["oracle"] == oracle]
    return [one for one in complaints if not any(re.search(pattern, one) for pattern in known)]


def pyx12_acknowledges(text: str) -> str:
    """Return the 999 that pyx12 makes of a file: an answer nobody of us wrote."""
    answer = io.StringIO()
    pyx12.x12n_document.x12n_document(pyx12.params.params(), io.StringIO(text), fd_997=answer, fd_html=None)
    return answer.getvalue()
