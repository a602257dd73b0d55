"""One column of the claim source's contract: how its cell is written, and where in the model it goes."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum, StrEnum


class Kind(StrEnum):
    """What a cell holds, by the word the documentation uses."""

    TEXT = "text"
    DATE = "date"
    TIME = "time of day"
    TIMESTAMP = "timestamp with zone"
    AMOUNT = "decimal, at most 2 places"
    SIGNED_AMOUNT = "decimal with sign, at most 2 places"
    QUANTITY = "decimal"
    INTEGER = "integer"
    BOOLEAN = "boolean"
    POINTERS = "list of integers"
    CODES = "list of codes"


class Scope(StrEnum):
    """Whether a column speaks of the claim, repeated on its rows, or of one service line."""

    CLAIM = "claim"
    LINE = "line"


class Need(Enum):
    """How much of a column must be there."""

    VALUE = "column and value"  # an empty cell makes the claim unreadable
    COLUMN = "column"  # an empty cell is read; the billing rules say whether the claim may go
    NOTHING = "optional"


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """
    One column of the contract.

    Its path leads from what a row describes (a claim, a service line, another payer) to the field its cell goes to:
    `referring.name.last`, `diagnoses.0`, `dates.ONSET.on`. A column without a path says something about the row.
    """

    name: str
    path: str = ""
    kind: Kind = Kind.TEXT
    scope: Scope = Scope.CLAIM
    need: Need = Need.NOTHING
    item: str = ""  # CMS-1500 (02/12)
    element: str = ""  # 837P 005010X222A1
    unit: str = ""
    meaning: str
    codes: tuple[str, ...] = ()  # the only values there are
    reads_as: Callable[[str], object] | None = None  # makes a code the model's own value
    default: str = ""  # what an empty cell means
    dropped: str = ""  # a mark that may stand in the cell and is not billed
    is_deciding: bool = False  # says alone whether what its path leads through is there
    is_telling: bool = True  # False: says nothing by itself, as the kind of a note that is not there
    is_needed: bool = False  # to be filled where what its path leads through is there


def column(name: str, path: str, item: str, element: str, meaning: str, /, **more: object) -> Column:
    """Return a column from the cells of its row in a table; `more` is what else it has."""
    return Column(name=name, path=path, item=item, element=element, meaning=meaning, **more)  # type: ignore[arg-type]


def columns_at(scope: Scope, *rows: tuple[str, str, str, str, str], **same: object) -> tuple[Column, ...]:
    """Return plain columns from rows of name, path, item, element and meaning; `same` holds for all of them."""
    return tuple(
        Column(name=name, path=path, scope=scope, item=item, element=element, meaning=meaning, **same)  # type: ignore[arg-type]
        for name, path, item, element, meaning in rows
    )
