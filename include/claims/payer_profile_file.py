"""
Payer profiles as people write them: TOML, checked key by key against the dataclasses, refused as a whole or taken.

A half-read file would bill one payer by another's rules, so the first faults stop it, each with its place.
"""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, fields, is_dataclass
from datetime import date
from difflib import get_close_matches
from enum import StrEnum
from itertools import combinations
from types import MappingProxyType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

from include.claims.errors import BadSetting
from include.claims.payer_profile import DEFAULT, PayerBook, PayerProfile

TABLE = "payer"


def read_profiles(text: str, name: str = "payer profiles") -> PayerBook:
    """
    Return the profiles of a TOML text, one `[[payer]]` table each.

    Raise BadSetting that names every unknown key, wrong type, missing payer id and overlap, with its place.
    """
    try:
        found = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise BadSetting(f"{name}: this is not TOML: {error}") from None
    faults: list[str] = [f"{key}: unknown; profiles are [[{TABLE}]] tables" for key in found if key != TABLE]
    tables = found.get(TABLE, [])
    if not isinstance(tables, list):
        raise BadSetting(f"{name}: write [[{TABLE}]] with two brackets, a table for each profile")
    profiles = [_profile(table, number, faults) for number, table in enumerate(tables, start=1)]
    faults += _overlaps(profiles)
    if faults:
        raise BadSetting(f"{name}: {'; '.join(faults)}; docs/payer-profiles.md lists the keys")
    return PayerBook(tuple(profiles), text)


def _profile(table: Any, number: int, faults: list[str]) -> PayerProfile:
    place = f"{TABLE} {number}"
    key = table.get("key") if isinstance(table, dict) else None
    if isinstance(key, str) and key:
        place = f"{TABLE} {key}"
    found: PayerProfile = _read(PayerProfile, table, place, faults) or PayerProfile()
    if found.key == DEFAULT.key:
        faults.append(f"{place}: key is missing; name the profile by its payer")
    if not found.payer_ids:
        faults.append(f"{place}: payer_ids is missing; list the clearinghouse's ids of the payer")
    if not all(0 < share < 1 for share in found.filing.warn_at):
        faults.append(f"{place}.filing.warn_at: shares lie between 0 and 1")
    if found.units.most_per_day not in {"", "medicare", "medicaid"}:
        faults.append(f"{place}.units.most_per_day: medicare or medicaid")
    return found


def _overlaps(profiles: list[PayerProfile]) -> list[str]:
    return [
        f"{TABLE} {one.key} and {TABLE} {other.key} both hold for payer {', '.join(sorted(shared))} on the same days"
        for one, other in combinations(profiles, 2)
        if (shared := set(one.payer_ids) & set(other.payer_ids))
        and (one.effective_from or date.min) <= (other.effective_to or date.max)
        and (other.effective_from or date.min) <= (one.effective_to or date.max)
    ]


def _read(kind: Any, value: Any, place: str, faults: list[str]) -> Any:
    """Return a value of the type, or None with a fault where it is not one."""
    origin = get_origin(kind)
    if origin in _CONTAINERS:
        return _CONTAINERS[origin](get_args(kind), value, place, faults)
    if is_dataclass(kind):
        return _table(kind, value, place, faults)
    if isinstance(kind, type) and issubclass(kind, StrEnum):
        return _word(kind, value, place, faults)
    found = float(value) if kind is float and type(value) is int else value
    if type(found) is kind:
        return found
    faults.append(f"{place}: {_WORDS[kind]} expected")
    return None


_WORDS: dict[Any, str] = {str: "text", int: "a whole number", bool: "true or false", date: "a date", float: "a number"}


def _table(kind: Any, value: Any, place: str, faults: list[str]) -> Any:
    if not isinstance(value, dict):
        faults.append(f"{place}: a table expected")
        return None
    hints = get_type_hints(kind)
    built = {}
    for key, found in value.items():
        if key in hints:
            built[key] = _read(hints[key], found, f"{place}.{key}", faults)
            continue
        near = get_close_matches(key, hints, n=1)
        faults.append(f"{place}.{key}: unknown" + (f" (did you mean {near[0]}?)" if near else ""))
    required = {one.name for one in fields(kind) if one.default is MISSING and one.default_factory is MISSING}
    faults += [f"{place}.{key}: is missing" for key in sorted(required - value.keys())]
    return None if required - built.keys() else kind(**{key: one for key, one in built.items() if one is not None})


def _maybe(kinds: tuple[Any, ...], value: Any, place: str, faults: list[str]) -> Any:
    return _read(kinds[0], value, place, faults)


def _items(kinds: tuple[Any, ...], value: Any, place: str, faults: list[str]) -> Any:
    if not isinstance(value, list):
        faults.append(f"{place}: a list expected")
        return None
    found = [_read(kinds[0], one, f"{place} {number}", faults) for number, one in enumerate(value, start=1)]
    return tuple(one for one in found if one is not None)


def _mapping(kinds: tuple[Any, ...], value: Any, place: str, faults: list[str]) -> Any:
    if not isinstance(value, dict):
        faults.append(f"{place}: a table expected")
        return None
    return MappingProxyType({key: _read(kinds[1], one, f"{place}.{key}", faults) for key, one in value.items()})


_CONTAINERS: dict[Any, Any] = {UnionType: _maybe, tuple: _items, Mapping: _mapping}


def _word(kind: type[StrEnum], value: Any, place: str, faults: list[str]) -> Any:
    try:
        return kind(value)
    except ValueError:
        faults.append(f"{place}: one of {', '.join(kind)} expected")
        return None
