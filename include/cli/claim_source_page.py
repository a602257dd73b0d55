"""The page `docs/claim-source.md`, printed from the tables of columns that the reader itself uses."""

from collections.abc import Iterator, Sequence
from pathlib import Path

from include.delivery.claim_columns import COLUMNS, CONTRACT_VERSION, VIEW
from include.delivery.column import Column, Kind, Need, Scope
from include.delivery.side_columns import LINE_ADJUSTMENTS, OTHER_PAYERS, SIDE_VIEWS

_SAMPLES = Path(__file__).resolve().parents[2] / "docs" / "samples"
_SHOWN = ("minimal", *(f"secondary{view.suffix.removesuffix('.csv')}" for view in SIDE_VIEWS.values()))
_NEEDS = {Need.VALUE: "value", Need.COLUMN: "column", Need.NOTHING: "optional"}

_HEAD = f"""# Where claims come from: `{VIEW}`, version {CONTRACT_VERSION}

Printed from `include/delivery/claim_columns.py` and `side_columns.py` by `make docs`.

Claim Courier reads pending claims from your practice database through one view, `{VIEW}`, or from CSV
files with the same columns. Write the view, run `./courier source check`, and put the connection's id into the clinic
table. Three optional views beside it say what other payers did and what was authorized.

The smallest claim there is, as a file (`docs/samples/minimal.csv`):

```
{{minimal}}```

## How a row is read

- **One row is one service line.** What belongs to the claim stands on each of its rows and must be the same on all.
- A claim is in the view while it waits to be billed. It may stay there after it has gone: a claim that the ledger holds
  with the same content is left alone. When you change it or take it back, set `ready_at` anew.
- A night takes every claim with `ready_at` before the end of its window and within the clinic's lookback.
- A claim is held, alone, where a cell is wrong, its rows are fewer or more than `line_count`, its charges do not add up
  to `claim_total`, or no billing identity of the clinic is in force. It goes by itself once it is mended.
- A column that is not in this table stops the source: a mistyped name must not silently bill without its value.
- Column names may be in any case and order. Text is trimmed. An empty text is the same as null. A NUL, or bytes that
  are not UTF-8, hold the claim: no ledger could keep them.

## How a cell is written

| type | in a database | as text, in SQLite and CSV |
| --- | --- | --- |
| {Kind.TEXT} | `text`, `varchar` | itself; cast numbers, so that no leading zero is lost |
| {Kind.DATE} | `date` | `2026-03-02` |
| {Kind.TIME} | `time` | `14:30`, 24 hours |
| {Kind.TIMESTAMP} | `timestamptz` | `2026-03-02T18:30:00+00:00`; any offset will do, none will not |
| {Kind.AMOUNT} | `numeric` | `240.00`; no sign, no currency, no thousands mark |
| {Kind.SIGNED_AMOUNT} | `numeric` | the same, `-12.50` where it raises the payment |
| {Kind.QUANTITY} | `numeric`, `integer` | `16` or `1.5` |
| {Kind.INTEGER} | `integer` | `2` |
| {Kind.BOOLEAN} | `boolean` | `true` or `false`, `1` or `0` |
| {Kind.POINTERS} | `text` | `1` or `1,2` |
| {Kind.CODES} | `text` | `W2` or `W2,AB`; in a CSV in double quotes where there are several |

A floating-point number (`real`, `double precision`, SQLite's `REAL`) is never an amount: it cannot hold cents. SQLite
turns `12.50` into one where a column is declared `NUMERIC`; keep cents as integers there and write
`printf('%d.%02d', cents / 100, cents % 100)`. On PostgreSQL make `ready_at` a `timestamptz`; where a database has no
such type, text will do.

## The columns

**Must be there**: *value* means the column and a value on every row; *column* means the column: an empty cell is read,
and the billing rules say whether the claim may go; *optional* columns may be missing from the view. *Beside others* may
be missing too, but must be filled where the columns beside it are: a paper's number without its kind cannot be sent.
Item is that of the CMS-1500 (02/12), element that of the 837P (005010X222A1).
"""

_SIDE_HEAD = f"""## The optional views

A source without them says nothing of other payers and authorizations. Their rows are joined to the claims by
`source_claim_key`, in any order; a wrong cell in one of them holds its claim alone. A row whose claim is not in
`{VIEW}` is not read; `./courier source check` counts it, for its key may be mistyped.

A **secondary claim** is billed to the payer in `{VIEW}` with `responsibility` `S`, has a row in
`{OTHER_PAYERS.name}` for the payer asked first, and rows in `{LINE_ADJUSTMENTS.name}` for what that payer
decided:

- a line that was cut has one row for each reason, each of which repeats what was decided on the line;
- a line that was paid in full has one row without a reason;
- a reason that holds for the claim as a whole has a row with an empty `source_line_key`, and nothing decided.

For every line `charge` must be `paid` and the amounts of its reasons together, which the billing rules check.
"""

_SIDE_TAIL = """### An example

`docs/samples/secondary.csv` bills 240 dollars to the second payer, after the first has paid 150. Beside it,
`secondary.other_payers.csv`:

```
{secondary.other_payers}```

`secondary.line_adjustments.csv`:

```
{secondary.line_adjustments}```

and `secondary.authorizations.csv`, which the rules ask and nobody bills:

```
{secondary.authorizations}```
"""

_TAIL = """
## From CSV

A connection of type `fs` with `{"path": "/drop/practice"}` in its extra reads every `*.csv` of that folder: UTF-8,
commas, the first line names the columns, cells with commas in double quotes. The rows of a claim follow each other.
Where two files hold the same claim, the file whose name sorts last tells, so begin names with the date. Write a file
under another ending, such as `.part`, and rename it when it is whole.

What the optional views would say stands in files beside it, and belongs to the claims of that file alone: beside
`claims.csv` they are `claims.other_payers.csv`, `claims.line_adjustments.csv` and `claims.authorizations.csv`. Put
them there before it.

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
    parts = [_HEAD, *_tables(), _SIDE_HEAD, *_side_tables(), _SIDE_TAIL]
    text = "\n".join(parts)
    for name in _SHOWN:
        text = text.replace(f"{{{name}}}", sample(name))
    return text + _TAIL


def sample(name: str) -> str:
    """Return a sample as it is shipped."""
    return (_SAMPLES / f"{name}.csv").read_text(encoding="utf-8")


def _tables() -> Iterator[str]:
    titles = {Scope.CLAIM: "Of the claim, the same on each of its rows", Scope.LINE: "Of the service line"}
    for scope, title in titles.items():
        yield from table_of(title, [column for column in COLUMNS if column.scope is scope])


def _side_tables() -> Iterator[str]:
    for view in SIDE_VIEWS.values():
        yield from table_of(f"`{view.name}`: a row is {view.row}", view.columns)


def table_of(title: str, columns: Sequence[Column]) -> Iterator[str]:
    """Yield a table of columns, line by line."""
    yield f"### {title}\n"
    yield "| column | type | must be there | item | element | meaning |"
    yield "| --- | --- | --- | --- | --- | --- |"
    yield from map(_row, columns)
    yield ""


def _row(column: Column) -> str:
    need = "beside others" if column.is_needed else _NEEDS[column.need]
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
