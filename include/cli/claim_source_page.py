"""The page `docs/claim-source.md`, printed from the table of columns that the reader itself uses."""

from collections.abc import Iterator

from include.delivery.claim_columns import COLUMNS, CONTRACT_VERSION, VIEW
from include.delivery.column import Column, Kind, Need, Scope

_HEAD = f"""# Where claims come from: `{VIEW}`, version {CONTRACT_VERSION}

Printed from `include/delivery/claim_columns.py` by `make docs`.

Claim Courier reads pending claims from your practice database through one view, `{VIEW}`, or from CSV
files with the same columns. Write the view, run `./courier source check`, and put the connection's id into the clinic
table.

## How a row is read

- **One row is one service line.** What belongs to the claim stands on each of its rows and must be the same on all.
- A claim is in the view while it waits to be billed. It may stay there after it has gone: a claim that the ledger holds
  with the same content is left alone. When you change it or take it back, set `ready_at` anew.
- A night takes every claim with `ready_at` before the end of its window and within the clinic's lookback.
- A claim is held, alone, where a cell is wrong, its rows are fewer or more than `line_count`, its charges do not add up
  to `claim_total`, or no billing identity of the clinic is in force. It goes by itself once it is mended.
- A column that is not in this table stops the source: a mistyped name must not silently bill without its value.
- Column names may be in any case and order. Text is trimmed. An empty text is the same as null.

## How a cell is written

| type | in a database | as text, in SQLite and CSV |
| --- | --- | --- |
| {Kind.TEXT} | `text`, `varchar` | itself; cast numbers, so that no leading zero is lost |
| {Kind.DATE} | `date` | `2026-03-02` |
| {Kind.TIME} | `time` | `14:30`, 24 hours |
| {Kind.TIMESTAMP} | `timestamptz` | `2026-03-02T18:30:00+00:00`; any offset will do, none will not |
| {Kind.AMOUNT} | `numeric` | `240.00`; no sign, no currency, no thousands mark |
| {Kind.QUANTITY} | `numeric`, `integer` | `16` or `1.5` |
| {Kind.INTEGER} | `integer` | `2` |
| {Kind.BOOLEAN} | `boolean` | `true` or `false`, `1` or `0` |
| {Kind.POINTERS} | `text` | `1` or `1,2` |

A floating-point number (`real`, `double precision`, SQLite's `REAL`) is never an amount: it cannot hold cents. SQLite
turns `12.50` into one where a column is declared `NUMERIC`; keep cents as integers there and write
`printf('%d.%02d', cents / 100, cents % 100)`. On PostgreSQL make `ready_at` a `timestamptz`; where a database has no
such type, text will do.

## The columns

**Must be there**: *value* means the column and a value on every row; *column* means the column: an empty cell is read,
and the billing rules say whether the claim may go; *optional* columns may be missing from the view. Item is that of
the CMS-1500 (02/12), element that of the 837P (005010X222A1).
"""

_TAIL = """
## From CSV

A connection of type `fs` with `{"path": "/drop/practice"}` in its extra reads every `*.csv` of that folder: UTF-8,
commas, the first line names the columns, cells with commas in double quotes. The rows of a claim follow each other.
Where two files hold the same claim, the file whose name sorts last tells, so begin names with the date. Write a file
under another ending, such as `.part`, and rename it when it is whole.

## Check it

```sh
./courier source check --url sqlite:////data/practice.db
./courier source check --csv /drop/practice
./courier source check --connection practice_demo
```

It reads as a night would, writes nothing, shows no patient, and ends with status 1 while some claim could not go.

## An example

`include/sandbox/practice.sql` is the invented practice of the demo: its own tables, and this view on top.

## The source's name

Claim keys are unique within a source, and the name of the source is a part of every patient control number. It is the
connection's id, or `{"source": "name"}` in the connection's extra. Never change it once claims have gone.
"""


def claim_source_page() -> str:
    """Return the page of the contract."""
    return "\n".join([_HEAD, *_tables()]) + _TAIL


def _tables() -> Iterator[str]:
    titles = {Scope.CLAIM: "Of the claim, the same on each of its rows", Scope.LINE: "Of the service line"}
    for scope, title in titles.items():
        yield f"### {title}\n"
        yield "| column | type | must be there | item | element | meaning |"
        yield "| --- | --- | --- | --- | --- | --- |"
        yield from (_row(column) for column in COLUMNS if column.scope is scope)
        yield ""


def _row(column: Column) -> str:
    need = {Need.VALUE: "value", Need.COLUMN: "column", Need.NOTHING: "optional"}[column.need]
    cells = (f"`{column.name}`", column.kind, need, column.item, column.element, _meaning(column))
    return "| " + " | ".join(cells) + " |"


def _meaning(column: Column) -> str:
    parts = [column.meaning]
    if column.unit:
        parts.append(f"In {column.unit}.")
    if column.codes:
        parts.append("One of " + ", ".join(f"`{code}`" for code in column.codes) + ".")
    if column.default:
        parts.append(f"Empty means `{column.default}`.")
    return " ".join(parts)
