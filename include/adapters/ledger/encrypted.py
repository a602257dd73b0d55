"""
Columns that hold patients' data: encrypted on their way into the database, decrypted on their way out.

The column's type does it, so nobody who writes or reads one can forget to. The keys are the engine's, held by its
dialect; a column that is neither read nor written needs none. What was there in clear before is read too.
"""

import json
from collections.abc import Callable
from functools import partial
from operator import eq, ne
from typing import Any, Final
from weakref import WeakKeyDictionary

from sqlalchemy import Column, ColumnElement, Dialect, MetaData, Text, and_
from sqlalchemy.sql.operators import OperatorType
from sqlalchemy.types import TypeDecorator

from include.adapters.keyring import Keyring
from include.adapters.ledger.holds import HELD_BY_PERSON

_SAYS_NOTHING: Final = frozenset({None, "", "{}"})
_NO_KEYS: Final = Keyring()
_KEYS: Final[WeakKeyDictionary[Dialect, Keyring]] = WeakKeyDictionary()


class OwnWords(str):
    """What a person wrote: it may name a patient."""

    __slots__ = ()


class Encrypted(TypeDecorator[str]):
    """A text that only a key opens; never compared in SQL, since the same text never comes out the same twice."""

    impl = Text
    cache_ok = True

    class Comparator(TypeDecorator.Comparator[str]):
        """Refuses what could only be false."""

        def operate(self, op: OperatorType, *other: Any, **kwargs: Any) -> Any:
            """Return the condition; raise TypeError where it compares what is encrypted."""
            if op in {eq, ne}:
                raise TypeError("an encrypted column cannot be compared in SQL")
            return super().operate(op, *other, **kwargs)

    comparator_factory = Comparator

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text encrypted; what says nothing of anybody stays as it is."""
        return value if value is None or value in _SAYS_NOTHING else keyring_of(dialect).encrypt(value)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the text in clear."""
        return keyring_of(dialect).in_clear(value)

    def coerce_compared_value(self, op: OperatorType | None, value: Any) -> Text:  # noqa: ARG002
        """Return what a text is that is looked for in it: no text of its kind."""
        return Text()

    def is_old(self, stored: ColumnElement[str], mark: str) -> ColumnElement[bool]:
        """Return the condition that it is in clear though it says something, or not encrypted with this mark's key."""
        return and_(~stored.startswith(mark, autoescape=True), stored.not_in(["", "{}"]))


class EncryptedWhereOwn(Encrypted):
    """A text of ours, which a view may show; a person's own words are encrypted."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return a person's words encrypted and ours as they are."""
        return super().process_bind_param(value, dialect) if isinstance(value, OwnWords) else value


class EncryptedHolds(Encrypted):
    """What holds a claim, as JSON; of a person's hold the words are encrypted, the rest a view may show."""

    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the holds with a person's words encrypted."""
        return _with_own(value, keyring_of(dialect).encrypt)

    def process_result_value(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the holds in clear."""
        return _with_own(value, partial(super().process_result_value, dialect=dialect))

    def is_old(self, stored: ColumnElement[str], mark: str) -> ColumnElement[bool]:
        """Return the condition that somebody's words are not encrypted with the key of this mark."""
        return and_(stored.contains(HELD_BY_PERSON), ~stored.contains(mark, autoescape=True))


def _with_own(holds: str | None, change: Callable[[str], str | None]) -> str | None:
    if holds is None or HELD_BY_PERSON not in holds:
        return holds
    faults = json.loads(holds)
    for fault in faults:
        if fault["rule"] == HELD_BY_PERSON:
            fault["message"] = change(fault["message"])
    return json.dumps(faults)


def hold_keys(dialect: Dialect, keyring: Keyring) -> None:
    """Give an engine's dialect the keys that its encrypted columns are read and written with."""
    _KEYS[dialect] = keyring


def keyring_of(dialect: Dialect) -> Keyring:
    """Return the keys that an engine's dialect holds."""
    return _KEYS.get(dialect, _NO_KEYS)


def encrypter(column: ColumnElement[Any], dialect: Dialect) -> Callable[[Any], Any] | None:
    """Return what encrypts a column's values that pass by its type; None: it is a column in clear."""
    kind = column.type
    return (lambda value: kind.process_bind_param(value, dialect)) if isinstance(kind, Encrypted) else None


def encrypted_columns(metadata: MetaData) -> list[Column[Any]]:
    """Return every column that is encrypted, table by table."""
    return [one for table in metadata.sorted_tables for one in table.columns if isinstance(one.type, Encrypted)]
