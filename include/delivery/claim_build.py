"""
What sound cells make: each put where its column's path says, nothing checked again.

How an object is made is worked out once for the columns a source has; a field no column speaks of keeps its default,
so a view with the common columns does not pay for the rare ones.
"""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, dataclass, fields
from functools import lru_cache
from operator import itemgetter
from types import UnionType
from typing import Any, get_args, get_origin, get_type_hints

from include.claims.circumstances import ClaimDate, DateKind
from include.delivery.column import Column

Values = dict[str, Any]
"""The cells of a row as read, by column name."""

Make = Callable[[Values], Any]
Tree = dict[str, Any]
"""Columns by the steps of their paths; a leaf is a Column."""

_REMEMBERED = 512
_NOTHING: tuple[object, ...] = ("", None, ())


def maker_of(
    kind: type, columns: Iterable[Column], there: Collection[str]
) -> Callable[[Values, Mapping[str, Any]], Any]:
    """
    Return what makes an object of the columns a source has, told the fields that come from elsewhere.

    Values must hold a cell, if a blank one, for every column of the contract.
    """
    return _object(kind, _tree(columns), frozenset(there))


@dataclass(frozen=True, slots=True)
class Group:
    """Cells that make one object together: where one that tells is filled, the needed ones must be."""

    telling: tuple[str, ...]
    needed: tuple[str, ...]

    def gaps(self, values: Values) -> list[str]:
        """Return the needed columns that are empty although others of the group are filled."""
        if not _is_there(values, self.telling):
            return []
        return [name for name in self.needed if values[name] in _NOTHING]


def groups_of(columns: Sequence[Column], there: Collection[str]) -> list[Group]:
    """Return the groups that need some of their cells, of which the source has a column."""
    paths = dict.fromkeys(column.path.rpartition(".")[0] for column in columns if column.is_needed)
    found = []
    for path in paths:
        inside = [column for column in columns if column.path.startswith(f"{path}.")]
        telling = tuple(column.name for column in inside if column.is_telling and column.name in there)
        needed = tuple(column.name for column in inside if column.is_needed)
        if telling:
            found.append(Group(telling, needed))
    return found


def _tree(columns: Iterable[Column]) -> Tree:
    tree: Tree = {}
    for column in columns:
        *steps, last = column.path.split(".")
        branch = tree
        for step in steps:
            branch = branch.setdefault(step, {})
        if last:
            branch[last] = column
    return tree


def _leaves(node: Any) -> Iterator[Column]:
    if isinstance(node, Column):
        yield node
        return
    for child in node.values():
        yield from _leaves(child)


def _object(kind: Any, tree: Tree, there: frozenset[str], fixed: Mapping[str, Any] | None = None) -> Callable[..., Any]:
    """Return what makes one object of a dataclass: plain fields first, then those that are made themselves."""
    hints = get_type_hints(kind)
    said = [one for one in fields(kind) if one.name in tree and _is_said(one, tree[one.name], there)]
    plain = {one.name: tree[one.name].name for one in said if isinstance(tree[one.name], Column)}
    made = [(one.name, _branch(hints[one.name], tree[one.name], there)) for one in said if one.name not in plain]
    names, cells_of, always = tuple(plain), _cells(tuple(plain.values())), fixed or {}

    def make(values: Values, given: Mapping[str, Any] = always) -> Any:
        found = dict(zip(names, cells_of(values), strict=True))
        for name, make_one in made:
            found[name] = make_one(values)
        found.update(given)
        return kind(**found)

    return make


def _is_said(one: Field[Any], node: Any, there: frozenset[str]) -> bool:
    has_default = one.default is not MISSING
    return not has_default or any(column.name in there for column in _leaves(node))


def _branch(hint: Any, node: Tree, there: frozenset[str]) -> Make:
    """Return what makes a field that is an object, perhaps one, or several."""
    if get_origin(hint) is tuple:
        return _several(get_args(hint)[0], node, there)
    if get_origin(hint) is UnionType:
        return _perhaps(_object(get_args(hint)[0], node, there), node, there)
    return _remembered(_object(hint, node, there), node)


def _perhaps(make: Make, node: Tree, there: frozenset[str]) -> Make:
    said = [column for column in _leaves(node) if column.name in there]
    deciding = tuple(column.name for column in said if column.is_deciding)
    telling = deciding or tuple(column.name for column in said if column.is_telling)
    return _remembered(lambda values: make(values) if _is_there(values, telling) else None, node)


def _remembered(make: Make, node: Tree) -> Make:
    """Return the same maker that looks first whether it has made this: payers and staff repeat from row to row."""
    names = tuple(column.name for column in _leaves(node))
    cells_of = _cells(names)

    @lru_cache(maxsize=_REMEMBERED)
    def made_of(cells: tuple[Any, ...]) -> Any:
        return make(dict(zip(names, cells, strict=True)))

    return lambda values: made_of(cells_of(values))


def _several(kind: Any, node: Tree, there: frozenset[str]) -> Make:
    said = {step: child for step, child in node.items() if any(column.name in there for column in _leaves(child))}
    if kind is str:
        cells_of = _cells(tuple(child.name for child in said.values()))
        return lambda values: tuple(filter(None, cells_of(values)))
    makes = [_perhaps(_object(kind, child, there, _kind_of(kind, step)), child, there) for step, child in said.items()]
    return lambda values: tuple(item for make in makes if (item := make(values)) is not None)


def _kind_of(kind: Any, step: str) -> Mapping[str, Any] | None:
    # A date's column is one for its kind, which therefore stands in the path and in no cell.
    return {"kind": DateKind[step]} if kind is ClaimDate else None


def _cells(names: tuple[str, ...]) -> Callable[[Values], tuple[Any, ...]]:
    if len(names) > 1:
        return itemgetter(*names)
    return lambda values: tuple(values[name] for name in names)


def _is_there(values: Values, telling: Iterable[str]) -> bool:
    return any(values[name] not in _NOTHING for name in telling)
