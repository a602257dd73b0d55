"""
A claim as a JSON document and back: what the ledger keeps, and what makes two revisions the same bill.

How each type is written and read is worked out once from the model's annotations: every claim of a night passes
here several times. What has its default is left out, so that a field the model learns later changes no revision:
else every claim sent before would look as if its source had changed it.
"""

import hashlib
import json
from collections.abc import Callable
from dataclasses import MISSING, fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from functools import cache
from json.encoder import encode_basestring_ascii
from types import NoneType, UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from include.claims.errors import BadFile
from include.claims.model import Claim

_Write = Callable[[Any], str]
_Convert = Callable[[Any], Any]

_PLAIN: dict[Any, _Write] = {int: int.__repr__}
"""What is JSON as Python writes it."""


def to_document(claim: Claim) -> str:
    """Return the claim as canonical JSON: sorted keys, amounts and dates as text, defaults left out."""
    return _writer(Claim)(claim)


def from_document(document: str) -> Claim:
    """Read back what `to_document` wrote; raise BadFile where a field is unknown, missing or of another type."""
    try:
        return cast("Claim", _reader(Claim)(json.loads(document)))
    except json.JSONDecodeError as error:
        raise BadFile(f"stored claim: not JSON from character {error.pos}") from None
    except _Misfit as misfit:
        raise BadFile(f"stored claim, {''.join(['claim', *reversed(misfit.path)])}: {misfit.rule}") from None


def revision_of(claim: Claim) -> str:
    """Return 32 hex digits that change when, and only when, what is billed changes."""
    return described(claim)[0]


def described(claim: Claim) -> tuple[str, str]:
    """Return a claim's revision and its document in one pass, for those who need both of many claims."""
    members = _members(Claim)(claim)
    billed = ",".join([text for name, text in members if name not in _NOT_BILLED])
    document = ",".join([text for _, text in members])
    return hashlib.sha256(f"{{{billed}}}".encode()).hexdigest()[:32], f"{{{document}}}"


_NOT_BILLED = frozenset(one.name for one in fields(Claim) if not one.compare)
"""When a claim was released, and what was authorized, are no part of the bill."""


class _Misfit(Exception):
    """A value is not what the model says; the way to it is gathered while it is passed up."""

    def __init__(self, rule: str) -> None:
        super().__init__(rule)
        self.rule = rule
        self.path: list[str] = []

    def inside(self, step: str) -> "_Misfit":
        self.path.append(step)
        return self


def _option_of(kind: Any) -> Any:
    """Return X of `X | None`, or None where the type is no such union."""
    if get_origin(kind) is not UnionType:
        return None
    return next(option for option in get_args(kind) if option is not NoneType)


@cache
def _writer(kind: Any) -> _Write:
    """Return what writes a value of this type as JSON text at once: no tree of dicts is built to be encoded."""
    if option := _option_of(kind):
        write = _writer(option)
        return lambda value: "null" if value is None else write(value)
    if get_origin(kind) is tuple:
        write_item = _writer(get_args(kind)[0])
        return lambda value: f"[{','.join([write_item(item) for item in value])}]"
    if is_dataclass(kind):
        return _dataclass_writer(kind)
    if kind is Decimal:
        # 240, 240.0 and 240.00 are one amount and must make one revision.
        return lambda value: f'"{value.normalize():f}"'
    if kind in {date, datetime}:
        return lambda value: f'"{value.isoformat()}"'
    return encode_basestring_ascii if issubclass(kind, str) else _PLAIN.get(kind, json.dumps)


def _dataclass_writer(kind: Any) -> _Write:
    members = _members(kind)
    return lambda value: f"{{{','.join([text for _, text in members(value)])}}}"


@cache
def _members(kind: Any) -> Callable[[Any], list[tuple[str, str]]]:
    """Return what writes each field of a dataclass that has not its default as `"name":value`, by name."""
    hints = get_type_hints(kind)
    plan = [
        (one.name, f'"{one.name}":', one.default, _writer(hints[one.name]))
        for one in sorted(fields(kind), key=lambda one: one.name)
    ]

    def write(value: Any) -> list[tuple[str, str]]:
        return [
            (name, label + write_field(found))
            for name, label, default, write_field in plan
            # Most defaults are one object ("", (), None), so looking at the identity first saves comparing.
            if (found := getattr(value, name)) is not default and found != default
        ]

    return write


@cache
def _reader(kind: Any) -> _Convert:
    if option := _option_of(kind):
        read = _reader(option)
        return lambda value: None if value is None else read(value)
    if get_origin(kind) is tuple:
        return _tuple_reader(_reader(get_args(kind)[0]))
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        required = frozenset(one.name for one in fields(kind) if one.default is MISSING)
        return _dataclass_reader(cast("type", kind), {name: _reader(hint) for name, hint in hints.items()}, required)
    if kind in {date, datetime}:
        return _text_reader(kind.fromisoformat, kind.__name__)
    if kind is Decimal or issubclass(kind, Enum):
        return _text_reader(kind, kind.__name__)
    return _as_is_reader(kind)


def _as_is_reader(kind: type) -> _Convert:
    def read(value: Any) -> Any:
        if type(value) is not kind:
            raise _Misfit(f"{kind.__name__} expected, found {type(value).__name__}")
        return value

    return read


def _text_reader(convert: _Convert, name: str) -> _Convert:
    def read(value: Any) -> Any:
        if type(value) is not str:
            raise _Misfit(f"{name} expected, found {type(value).__name__}")
        try:
            return convert(value)
        except (ValueError, ArithmeticError):
            raise _Misfit(f"what stands there is no {name}") from None

    return read


def _tuple_reader(read_item: _Convert) -> _Convert:
    def read(value: Any) -> Any:
        if type(value) is not list:
            raise _Misfit(f"list expected, found {type(value).__name__}")
        items = []
        for number, item in enumerate(value):
            try:
                items.append(read_item(item))
            except _Misfit as misfit:
                raise misfit.inside(f"[{number}]") from None
        return tuple(items)

    return read


def _dataclass_reader(kind: type, readers: dict[str, _Convert], required: frozenset[str]) -> _Convert:
    def read(value: Any) -> Any:
        if type(value) is not dict:
            raise _Misfit(f"object expected, found {type(value).__name__}")
        odd = (value.keys() - readers.keys()) | (required - value.keys())
        if odd:
            raise _Misfit(f"fields missing or unknown: {', '.join(sorted(odd))}")
        built = {}
        for name, written in value.items():
            try:
                built[name] = readers[name](written)
            except _Misfit as misfit:
                raise misfit.inside(f".{name}") from None
        return kind(**built)

    return read
