"""Whatever a logger is asked to tell of SQL, no patient's data are in it."""

import logging

import pytest
from sqlalchemy import literal, select
from sqlalchemy.exc import DBAPIError

from include.adapters.ledger.engine import Database
from include.adapters.practice_source import SqlClaimSource
from tests.adapters.test_practice_source import pending, sqlite_of
from tests.source_rows import a_row

LOGGERS = ("sqlalchemy.engine", "sqlalchemy.pool", "psycopg")


@pytest.fixture
def told(caplog):
    """Return what is logged when everything is asked for."""
    for name in ("", *LOGGERS):
        caplog.set_level(logging.DEBUG, name)
    return caplog


def test_neither_parameters_nor_rows_are_logged(ledger_url, told):
    """Statements are; what went in and what came out is not."""
    with Database(ledger_url).read() as connection:
        answer = connection.scalar(select(literal("Quillmark")))

    assert "Quillmark" == answer
    assert "SELECT" in told.text
    assert "Quillmark" not in told.text


def test_an_error_shows_no_parameters(ledger_url, told):
    """The text of an exception has the statement alone."""
    with pytest.raises(DBAPIError) as refused, Database(ledger_url)._engine().connect() as connection:
        connection.execute(select(literal("Quillmark").op("no_such_operator")(1)))

    assert "Quillmark" not in str(refused.value) + told.text


def test_a_practices_rows_are_not_logged(tmp_path, told):
    """Claims are read from a practice's database without a trace of whose they are."""
    path = sqlite_of(tmp_path / "practice.db", a_row(subscriber_last_name="Quillmark"))

    claims = pending(SqlClaimSource(f"sqlite:///{path}", "practice"))

    assert 1 == len(claims)
    assert "SELECT" in told.text
    assert "Quillmark" not in told.text


def test_statements_are_told_to_those_who_ask(ledger_url, caplog):
    """A task's log at its usual level says what became of claims, not how the ledger was asked."""
    caplog.set_level(logging.INFO)

    with Database(ledger_url).read() as connection:
        connection.scalar(select(literal(1)))

    assert "SELECT" not in caplog.text
