"""
No patient's data in anything Airflow wrote, whatever failed: marked patients, and a search for their marks everywhere.

It comes last in this folder: what the tests before it left behind is searched too.
"""

import re
import sqlite3
from base64 import b64encode
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from include.claims.states import Delivery
from include.sandbox.practice_people import FIRST_NAMES
from tests.end_to_end import marked_night
from tests.end_to_end.marked_night import CLINIC, DELIVER, PATIENTS, key_of
from tests.marks import BORN, STEMS, marks_in, marks_in_database, marks_in_files

pytestmark = [pytest.mark.airflow, pytest.mark.timeout(900), pytest.mark.xdist_group("nights")]

DATA = ("ledger.db", "practice.db", "sandbox", "newcomer", "away")
"""Where patients' data belong; of these the names of files are searched, and nothing else."""


@dataclass(frozen=True)
class Night:
    """What the night came to."""

    answers: list[str]
    letters: list[bytes]
    pages: dict[str, httpx.Response]
    broken_view: str


@pytest.fixture(scope="module")
def night(airflow) -> Night:
    """Let everything go wrong with marked patients, once."""
    marked_night.plant(airflow.stack.home / "practice.db")
    marked_night.deliver(airflow)
    answers = marked_night.answer(airflow)
    letters = marked_night.alarm(airflow)
    pages = marked_night.visit(airflow)
    broken_view = marked_night.break_the_view(airflow)
    marked_night.look_around(airflow)
    return Night(answers, letters, pages, broken_view)


def test_everything_went_wrong_as_it_should(airflow, night):
    """The night had a claim of every kind, a put that broke, answers nobody could read, an alarm and a failed task."""
    lines = {one.claim_key: one for one in airflow.ledger.report.claim_lines(CLINIC)}
    assert {key_of(name) for name in PATIENTS} <= lines.keys()
    assert {Delivery.SENT, Delivery.HELD} <= {one.delivery for one in lines.values()}
    uploads = [
        task for run in airflow.rest.runs(DELIVER) for task in airflow.tasks(DELIVER, run["dag_run_id"], "upload")
    ]
    assert max(task["try_number"] for task in uploads) > 1
    aside = {one.name: one.status for one in airflow.ledger.report.set_aside() if one.name in night.answers}
    assert "quarantined" in aside.values()
    assert night.letters
    assert "failed" == night.broken_view


def test_the_search_finds_what_is_there(airflow):
    """Every mark is found where it belongs: in the practice's database, and in the files at the clearinghouse."""
    there = {mark for _, mark in marks_in_database(airflow.stack.home / "practice.db")}
    inside = {mark for _, mark in marks_in_files((airflow.stack.home / "sandbox").rglob("*"))}

    assert {*STEMS, BORN.isoformat(), f"{BORN:%m/%d/%Y}"} <= there
    assert {*STEMS, f"{BORN:%Y%m%d}"} <= inside


def test_no_patient_is_in_airflows_database(airflow, night):
    """No column of any table has a mark (XCom, rendered fields, logs, DAGs, docs), but the one planted there."""
    database = airflow.stack.home / "airflow" / "airflow.db"

    with planted(database):
        found = list(marks_in_database(database))

    assert [("control_mark.cell", "Quillmark")] == found
    assert {"xcom", "rendered_task_instance_fields", "serialized_dag", "log", "task_instance_history"} <= filled(
        database
    )


def filled(path: Path) -> set[str]:
    """Return the tables that have rows: nothing is found in what is empty."""
    with closing(sqlite3.connect(path, timeout=60)) as database:
        tables = [name for (name,) in database.execute("select name from sqlite_master where type = 'table'")]
        return {name for name in tables if database.execute(f'select 1 from "{name}" limit 1').fetchone()}


@contextmanager
def planted(database: Path) -> Iterator[None]:
    """Put a mark into the database as something might have written it, and take it out again."""
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.execute("create table control_mark (cell blob)")
        connection.execute("insert into control_mark values (?)", (b"seen: " + b64encode(b"for Quillmark"),))
    yield
    with closing(sqlite3.connect(database, timeout=60)) as connection, connection:
        connection.execute("drop table control_mark")


def written(home: Path) -> list[Path]:
    """Return every file that is not meant to hold patients' data."""
    return [path for path in home.rglob("*") if path.is_file() and not path.relative_to(home).parts[0].startswith(DATA)]


def test_no_patient_is_in_a_log_or_file(airflow, night):
    """No log of any task or part of Airflow, no snapshot and no file's name has a mark; the access log was on."""
    home = airflow.stack.home
    files = [path for path in written(home) if not path.name.startswith("airflow.db")]
    names = [str(path.relative_to(home)) for path in home.rglob("*")]

    found = list(marks_in_files(files))

    assert [] == found
    assert set() == marks_in("\n".join(names).encode())
    logs = {path.name for path in files if path.parent.name == "log"}
    assert {f"{part}.log" for part in ("scheduler", "triggerer", "dag-processor", "api-core", "api-execution")} <= logs
    assert len([path for path in files if path.name.startswith("attempt=")]) > 10
    assert "/claims/queues/denied" in (home / "log" / "api-core.log").read_text()


def test_no_patient_is_in_metrics_or_mail(night):
    """What leaves the house by itself names nobody; the page shows the patient to who may see patients."""
    assert set() == marks_in(night.pages["metrics"].content + night.pages["overview"].content)
    assert set() == {mark for letter in night.letters for mark in marks_in(letter)}
    for name in ("claim", "found"):
        assert 200 == night.pages[name].status_code
        assert {"Quillmark", "Zephyrine"} <= marks_in(night.pages[name].content)


def test_no_invented_patient_of_any_night_is_named(airflow, night):
    """After all tests' nights no patient's name or member id stands in a log, in XCom or anywhere in Airflow's home."""
    marked = re.compile(rb"(?i)\b(" + "|".join(FIRST_NAMES).encode() + rb")\b|TEST\d{8}")

    named = [(path, marked.search(path.read_bytes())) for path in written(airflow.stack.home)]

    assert [] == [(path.name, match.group()) for path, match in named if match]
