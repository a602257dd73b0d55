"""
A list as a CSV file that somebody opens in a spreadsheet: streamed, and no cell of it is taken for a formula.

Names and reasons come from payers' files and from forms; a spreadsheet would run one that begins with an equals sign.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from typing import Any, Final

from fastapi.responses import Response, StreamingResponse

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_ROWS_AT_ONCE: Final = 200


def as_csv(name: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Response:
    """Return rows as a file to keep."""
    headers = {"Content-Disposition": f'attachment; filename="{name}.csv"'}
    return StreamingResponse(_text(columns, rows), media_type="text/csv", headers=headers)


def _text(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Iterator[str]:
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(columns)
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if number % _ROWS_AT_ONCE == 0:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def cell(value: Any) -> Any:
    """Return a cell that no spreadsheet takes for a formula; numbers are left as they are."""
    if isinstance(value, datetime):
        return value.isoformat(timespec="seconds")
    if isinstance(value, list | tuple):
        value = "; ".join(map(str, value))
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value
