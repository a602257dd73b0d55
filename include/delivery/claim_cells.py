"""
One cell of the source, read as what its column says it is, or refused with the rule it breaks.

Databases and CSV files write the same thing differently (a date or its text, true or 1), and some of those ways lose
money or hours: a float is not an amount, a time without zone is no moment. Those are refused, never guessed.
A refusal shows a value's shape (`99/99/9999`), never the value: any cell may be about a patient.
"""

import re
from collections.abc import Callable
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from typing import Any

from include.delivery.column import Column, Kind

_SHAPE_LENGTH = 32
_REMEMBERED = 2048
_YEARS = range(1900, 2200)
_TOO_MUCH = Decimal(10) ** 9


class CellRefused(ValueError):
    """A cell that is not what its column says; holds the rule, what is wrong and what to do."""

    def __init__(self, rule: str, message: str, remedy: str) -> None:
        super().__init__(message)
        self.rule, self.message, self.remedy = rule, message, remedy


def shape_of(value: object) -> str:
    """Return what a value looks like without saying what it is: digits as 9, letters as a."""
    if not isinstance(value, str):
        return type(value).__name__
    shape = re.sub(r"[^\W\d_]", "a", re.sub(r"\d", "9", value))
    return f"text of the shape {shape[:_SHAPE_LENGTH]!r}"


def _wrong(kind: Kind, value: object, remedy: str) -> CellRefused:
    return CellRefused("column_type", f"{kind} expected, found {shape_of(value)}", remedy)


_NO_DATABASE_HOLDS = re.compile("[\0\ud800-\udfff]")


def is_storable(text: str) -> bool:
    """Tell whether a database can keep a text: without NUL, and without what was no UTF-8 where it came from."""
    return "\0" not in text if text.isascii() else _NO_DATABASE_HOLDS.search(text) is None


def _stored(text: str) -> str:
    # What can be printed can be stored, and is nearly all: a night asks a million times.
    if text.isprintable() or is_storable(text):
        return text
    raise CellRefused(
        "text_storable",
        "holds a NUL, or bytes that are not UTF-8",
        "clean the text in the view, or convert it to UTF-8",
    )


def _text(value: object) -> str:
    if isinstance(value, str):
        return _stored(value.strip())
    raise _wrong(Kind.TEXT, value, "cast the column to text in the view, so that no leading zero is lost")


_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def _date(value: object) -> date:
    day = value
    if isinstance(value, str) and _DATE.fullmatch(value.strip()):
        try:
            day = date.fromisoformat(value.strip())
        except ValueError:
            day = None
    if isinstance(day, date) and not isinstance(day, datetime) and day.year in _YEARS:
        return day
    raise _wrong(Kind.DATE, value, "write the date as YYYY-MM-DD, without a time")


_TIME = re.compile(r"([01]\d|2[0-3]):?([0-5]\d)(?::[0-5]\d)?", re.ASCII)


def _time(value: object) -> str:
    if isinstance(value, time):
        return value.strftime("%H%M")
    match = _TIME.fullmatch(value.strip()) if isinstance(value, str) else None
    if match is None:
        raise _wrong(Kind.TIME, value, "write the time as HH:MM, 24 hours")
    return match[1] + match[2]


def _timestamp(value: object) -> datetime:
    moment = value
    if isinstance(value, str):
        try:
            moment = datetime.fromisoformat(value.strip())
        except ValueError:
            moment = None
    if isinstance(moment, datetime) and moment.utcoffset() is not None and moment.year in _YEARS:
        return moment
    # A time without zone moves by hours when the server's clock or the season changes.
    remedy = "give the moment with its offset, 2026-03-02T18:30:00+00:00, or as timestamptz"
    if isinstance(moment, datetime) and moment.utcoffset() is None:
        raise CellRefused("column_type", "the timestamp has no time zone", remedy)
    raise _wrong(Kind.TIMESTAMP, value, remedy)


_NUMBER = re.compile(r"\d{1,9}(?:\.\d{1,6})?", re.ASCII)
_SIGNED_NUMBER = re.compile(rf"-?{_NUMBER.pattern}", re.ASCII)


def _number(kind: Kind, value: object) -> Decimal:
    number = _decimal(kind, value, _NUMBER)
    if number >= 0:
        return number
    raise _not_a_number(kind, value)


def _decimal(kind: Kind, value: object, shape: re.Pattern[str]) -> Decimal:
    if isinstance(value, float):
        raise CellRefused(
            "amount_exact",
            "a floating-point number cannot hold dollars and cents",
            "use NUMERIC, or text such as 240.00 (in SQLite: printf('%d.%02d', cents / 100, cents % 100))",
        )
    number = value
    if isinstance(value, str) and shape.fullmatch(value.strip()):
        number = Decimal(value.strip())
    elif isinstance(value, int) and not isinstance(value, bool):
        number = Decimal(value)
    if isinstance(number, Decimal) and number.is_finite() and abs(number) < _TOO_MUCH:
        return number
    raise _not_a_number(kind, value)


def _not_a_number(kind: Kind, value: object) -> CellRefused:
    sign = "a minus where it raises the payment" if kind is Kind.SIGNED_AMOUNT else "no sign"
    return _wrong(kind, value, f"write digits with a decimal point, {sign}, no currency or thousands mark: 1240.00")


def _amount(value: object) -> Decimal:
    return _cents(_number(Kind.AMOUNT, value))


def _signed_amount(value: object) -> Decimal:
    return _cents(_decimal(Kind.SIGNED_AMOUNT, value, _SIGNED_NUMBER))


def _cents(amount: Decimal) -> Decimal:
    if amount != (cents := amount.quantize(Decimal("0.01"))):
        raise CellRefused("amount_exact", "more than two decimal places", "round to cents where the charge is made")
    return cents


def _quantity(value: object) -> Decimal:
    return _number(Kind.QUANTITY, value)


def _integer(value: object) -> int:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if isinstance(value, str) and re.fullmatch(r"\d{1,9}", value.strip(), re.ASCII):
        return int(value)
    raise _wrong(Kind.INTEGER, value, "write a whole number")


_BOOLEANS: dict[object, bool] = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}


def _boolean(value: object) -> bool:
    # PostgreSQL says true, SQLite 1, a CSV either.
    found = _BOOLEANS.get(str(value).strip().lower()) if isinstance(value, (bool, int, str)) else None
    if found is None:
        raise _wrong(Kind.BOOLEAN, value, "write true or false (or 1 or 0)")
    return found


_POINTERS = re.compile(r"\d{1,2}(?:\s*,\s*\d{1,2})*", re.ASCII)


def _pointers(value: object) -> tuple[int, ...]:
    if isinstance(value, int) and not isinstance(value, bool):
        return (value,)
    if isinstance(value, str) and _POINTERS.fullmatch(value.strip()):
        return tuple(int(number) for number in value.split(","))
    raise _wrong(Kind.POINTERS, value, "write numbers from 1 with commas between: 1,2")


_CODES = re.compile(r"\w+(?:\s*,\s*\w+)*", re.ASCII)


def _codes(value: object) -> tuple[str, ...]:
    if isinstance(value, str) and _CODES.fullmatch(value.strip()):
        return tuple(code.strip() for code in value.split(","))
    raise _wrong(Kind.CODES, value, "write codes with commas between: W2,AB")


_READERS: dict[Kind, Callable[[object], Any]] = {
    Kind.TEXT: _text,
    Kind.DATE: _date,
    Kind.TIME: _time,
    Kind.TIMESTAMP: _timestamp,
    Kind.AMOUNT: _amount,
    Kind.SIGNED_AMOUNT: _signed_amount,
    Kind.QUANTITY: _quantity,
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.POINTERS: _pointers,
    Kind.CODES: _codes,
}
_LISTS = {Kind.POINTERS, Kind.CODES}


def reader_of(column: Column) -> Callable[[object], Any]:
    """Return the function that reads a filled cell of the column and raises CellRefused where it is wrong."""
    read = _READERS[column.kind]
    if column.codes:
        return lambda value: _one_of(column, read(value))
    if column.dropped:
        mark = column.dropped
        return lambda value: read(value).replace(mark, "")
    return read


def text_reader_of(column: Column) -> Callable[[str], Any]:
    """Return the function that reads a filled cell which is text and remembers: days and codes repeat."""
    read = reader_of(column)
    if read is _text:
        return _stored
    return lru_cache(maxsize=_REMEMBERED)(read)


def blank_of(column: Column) -> object:
    """Return what an empty cell of the column means."""
    if column.default:
        return reader_of(column)(column.default)
    if column.kind is Kind.TEXT or column.kind is Kind.TIME:
        return ""
    return () if column.kind in _LISTS else None


def _one_of(column: Column, value: Any) -> Any:
    found = value if column.kind in _LISTS else (value,)
    if not all(str(code) in column.codes for code in found):
        raise CellRefused("code_known", f"not one of {', '.join(column.codes)}", "translate your own code in the view")
    if column.reads_as is None:
        return value
    known = tuple(column.reads_as(code) for code in found)
    return known if column.kind in _LISTS else known[0]
