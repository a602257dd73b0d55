"""Every claim that differs from a given one in a single fact."""

from collections.abc import Iterator
from dataclasses import fields, is_dataclass, replace
from datetime import date, timedelta
from enum import Enum
from typing import Any


def variants(value: Any, donor: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    """
    Yield the path of a fact and the value with that fact changed: a text emptied, a number raised, a flag turned.

    What is absent is taken from the donor.
    """
    if not value and donor and not is_dataclass(value) and not isinstance(value, bool):
        yield path, donor
    elif isinstance(value, tuple):
        for number, one in enumerate(value):
            for where, changed in variants(one, donor[0] if donor else None, path):
                yield where, (*value[:number], changed, *value[number + 1 :])
    elif is_dataclass(value) and not isinstance(value, type):
        for field in fields(value):
            below = f"{path}.{field.name}" if path else field.name
            for where, changed in variants(getattr(value, field.name), getattr(donor, field.name, None), below):
                yield where, replace(value, **{field.name: changed})
    elif value is not None:
        yield path, _changed(value)


def _changed(value: Any) -> Any:
    if isinstance(value, Enum):
        return next(other for other in type(value) if other is not value)
    if isinstance(value, bool):
        return not value
    if isinstance(value, str):
        return "" if value else "9"
    return value + (timedelta(days=1) if isinstance(value, date) else type(value)(1))
