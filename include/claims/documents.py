"""A claim as a JSON document and back: what the ledger keeps, and what makes two revisions the same bill."""

import hashlib
import json
from dataclasses import fields, is_dataclass
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from types import NoneType, UnionType
from typing import Any, cast, get_args, get_origin, get_type_hints

from include.claims.errors import BadFile
from include.claims.model import Claim

_NOT_BILLED = ("ready_at",)


def to_document(claim: Claim) -> str:
    """Return the claim as canonical JSON: sorted keys, amounts and dates as text, nothing left out."""
    return json.dumps(claim, default=_plain, sort_keys=True, separators=(",", ":"))


def from_document(document: str) -> Claim:
    """Read back what `to_document` wrote; raise BadFile where a field is unknown, missing or of another type."""
    return cast("Claim", _build(Claim, json.loads(document), "claim"))


def revision_of(claim: Claim) -> str:
    """Return 32 hex digits that change when, and only when, what is billed changes."""
    billed = {name: value for name, value in _plain(claim).items() if name not in _NOT_BILLED}
    return hashlib.sha256(json.dumps(billed, default=_plain, sort_keys=True).encode()).hexdigest()[:32]


def _plain(value: Any) -> Any:
    if is_dataclass(value):
        return {f.name: getattr(value, f.name) for f in fields(value)}
    if isinstance(value, Decimal):
        # 240, 240.0 and 240.00 are one amount and must make one revision.
        return format(value.normalize(), "f")
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    raise TypeError(type(value).__name__)


_HINTS: dict[type, dict[str, Any]] = {}


def _build(kind: Any, value: Any, place: str) -> Any:
    if get_origin(kind) is UnionType:
        if value is None:
            return None
        kind = next(option for option in get_args(kind) if option is not NoneType)
    if get_origin(kind) is tuple:
        return tuple(_build(get_args(kind)[0], item, f"{place}[{n}]") for n, item in enumerate(value))
    if is_dataclass(kind):
        return _build_dataclass(cast("type", kind), value, place)
    if kind in (date, datetime):
        return kind.fromisoformat(value)
    if kind is Decimal or issubclass(kind, Enum):
        return kind(value)
    if not isinstance(value, kind):
        raise BadFile(f"stored claim, {place}: {kind.__name__} expected, found {type(value).__name__}")
    return value


def _build_dataclass(kind: type, value: dict[str, Any], place: str) -> Any:
    hints = _HINTS.get(kind)
    if hints is None:
        hints = _HINTS[kind] = get_type_hints(kind)
    if value.keys() != hints.keys():
        odd = ", ".join(sorted(value.keys() ^ hints.keys()))
        raise BadFile(f"stored claim, {place}: fields missing or unknown: {odd}")
    return kind(**{name: _build(hint, value[name], f"{place}.{name}") for name, hint in hints.items()})
