"""A claim as a JSON document and back: what the ledger keeps, and what makes two revisions the same bill."""

import hashlib
import json
from collections.abc import Callable
from dataclasses import is_dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from functools import cache
from operator import attrgetter
from types import NoneType, UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from include.claims.errors import BadFile
from include.claims.model import Claim

_NOT_BILLED = ("ready_at",)


def to_document(claim: Claim) -> str:
    """Return the claim as canonical JSON: sorted keys, amounts and dates as text, nothing left out."""
    return _canonical(_plain(claim))


def from_document(document: str) -> Claim:
    """Read back what `to_document` wrote; raise BadFile where a field is unknown, missing or of another type."""
    try:
        return cast("Claim", _reader(Claim)(json.loads(document)))
    except _Misfit as misfit:
        raise BadFile(f"stored claim, {'.'.join(('claim', *misfit.place))}: {misfit.rule}") from None


def revision_of(claim: Claim) -> str:
    """Return 32 hex digits that change when, and only when, what is billed changes."""
    return described(claim)[0]


def described(claim: Claim) -> tuple[str, str]:
    """Return a claim's revision and its document, in one pass for those who need both of many claims."""
    plain = _plain(claim)
    document = _canonical(plain)
    for name in _NOT_BILLED:
        del plain[name]
    return hashlib.sha256(_canonical(plain).encode()).hexdigest()[:32], document


# Field names are sorted once a type, so no claim's keys are sorted again.
_canonical = json.JSONEncoder(separators=(",", ":")).encode


@cache
def _writer(kind: Any) -> Callable[[Any], Any] | None:
    """Return a function that turns a value of this kind into what JSON knows; None where it knows it already."""
    if get_origin(kind) is UnionType:
        some = _writer(next(option for option in get_args(kind) if option is not NoneType))
        return some and (lambda value: None if value is None else some(value))
    if get_origin(kind) is tuple:
        item = _writer(get_args(kind)[0])
        return item and (lambda value: [item(one) for one in value])
    if is_dataclass(kind):
        return _dataclass_writer(cast("type", kind))
    if kind is Decimal:
        # 240, 240.0 and 240.00 are one amount and must make one revision.
        return lambda value: format(value.normalize(), "f")
    return (lambda value: value.isoformat()) if kind in {date, datetime} else None


def _dataclass_writer(kind: type) -> Callable[[Any], dict[str, Any]]:
    hints = get_type_hints(kind)
    names = tuple(sorted(hints))
    values = attrgetter(*names)
    writers = [(name, writer) for name in names if (writer := _writer(hints[name]))]

    def write(value: Any) -> dict[str, Any]:
        plain = dict(zip(names, values(value), strict=True))
        for name, writer in writers:
            plain[name] = writer(plain[name])
        return plain

    return write


_plain = _dataclass_writer(Claim)


class _Misfit(Exception):
    """What is stored does not fit the model; carries no value of it."""

    def __init__(self, rule: str, place: tuple[str, ...] = ()) -> None:
        super().__init__(rule)
        self.rule = rule
        self.place = place


@cache
def _reader(kind: Any) -> Callable[[Any], Any]:
    """Return a function that reads a value of this kind; made once, since a night reads many claims."""
    if get_origin(kind) is UnionType:
        some = _reader(next(option for option in get_args(kind) if option is not NoneType))
        return lambda value: None if value is None else some(value)
    if get_origin(kind) is tuple:
        return _tuple_reader(_reader(get_args(kind)[0]))
    if is_dataclass(kind):
        return _dataclass_reader(cast("type", kind))
    if kind in {date, datetime}:
        return _text_reader(kind, kind.fromisoformat)
    if kind is Decimal or issubclass(kind, Enum):
        return _text_reader(kind, kind)
    return _plain_reader(kind)


def _plain_reader(kind: type) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise _Misfit(f"{kind.__name__} expected, found {type(value).__name__}")
        return value

    return read


def _text_reader(kind: type, parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        try:
            return parse(value)
        except (ValueError, TypeError, InvalidOperation):
            raise _Misfit(f"it is no {kind.__name__}") from None

    return read


def _tuple_reader(item: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        if type(value) is not list:
            raise _Misfit(f"list expected, found {type(value).__name__}")
        return tuple([item(one) for one in value])

    return read


def _dataclass_reader(kind: type) -> Callable[[Any], Any]:
    readers = {name: _reader(hint) for name, hint in get_type_hints(kind).items()}

    def read(value: Any) -> Any:
        if type(value) is not dict or value.keys() != readers.keys():
            found = value.keys() if type(value) is dict else set()
            raise _Misfit(f"fields missing or unknown: {', '.join(sorted(found ^ readers.keys()))}")
        name = ""
        built = {}
        try:
            for name, reader in readers.items():
                built[name] = reader(value[name])
        except _Misfit as misfit:
            raise _Misfit(misfit.rule, (name, *misfit.place)) from None
        return kind(**built)

    return read
