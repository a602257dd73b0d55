"""
A database engine that writes no patient's data down, however much a logger is asked to tell.

What SQLAlchemy logs of a statement are its parameters, and of an answer its rows: both are patients' data. The first
are hidden from logs and from exceptions' texts; the second are never logged, even where somebody set the logger
`sqlalchemy.engine` to DEBUG to find a fault. One connection a transaction, because a task may wait for an hour.
"""

import logging
from typing import Any, Final

from sqlalchemy import URL, Engine, create_engine
from sqlalchemy.pool import NullPool

_NAME: Final = "claims"
_OURS: Final = logging.getLogger(f"sqlalchemy.engine.Engine.{_NAME}")
_EVERYBODYS: Final = logging.getLogger("sqlalchemy.engine")


def silent_engine(url: URL, **connect_args: Any) -> Engine:
    """Return an engine for a database that holds patients' data."""
    # INFO has the statements, DEBUG the rows too; a logger's own level is stronger than that of its parents.
    _OURS.setLevel(max(logging.INFO, _EVERYBODYS.getEffectiveLevel()))
    return create_engine(url, poolclass=NullPool, hide_parameters=True, logging_name=_NAME, connect_args=connect_args)
