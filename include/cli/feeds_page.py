"""The page `docs/feeds.md`: what the practice system gets back, its columns printed from where they are made."""

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Final

from include.delivery.records import FeedRow
from include.delivery.status_feed import STATUS_COLUMNS, VIEW

_HEAD = """# What the practice system gets back

Printed from `include/cli/feeds_page.py` and `include/delivery/status_feed.py` by `make docs`.

Two feeds, neither of which holds patients' data, both by a number that rises in the order of commits: whoever has seen
a number has seen everything below it, whatever was committed late. A reader remembers the last number it has worked in,
and asks for what comes after it.

| feed | a row is | where |
| --- | --- | --- |
| status | a live submission as it stands; it comes again when it changes | view `{view}`, or `./courier claims feed` |
| postings | what one payment says of one claim, once | `./courier remits feed`, acknowledged by reader |

Both name the claim by `source` and `claim_key`, as the [claim source](claim-source.md) does, and the submission by its
`control_number`.

## Claim status

```sh
./courier claims feed
./courier claims feed --after 0 --clinic acorn_aba --format csv
```

or, with a database user that may read the view and nothing else,

```sql
SELECT * FROM {view} WHERE change_id > :last ORDER BY change_id LIMIT 1000;
```

A row is a submission and not a claim, because what is said of a claim is said of one bill for it: a late answer to the
first must not look like one to the second. A claim that was sent again has a row for each; that with the highest
`submission_number` is the newest. Put each row in the place of the one with its `control_number`. Between two readings
a row may have changed several times: the feed has the last state, the history of a claim is `./courier claim ID`. The
words of `delivery`, `front_end`, `adjudication` and `work` are those of the [tables](states.md).

"""

_MONEY = """
## Postings

```sh
./courier remits feed --reader practice
./courier remits ack 1 --reader practice
```

[answers.md](answers.md#money) says what gets into this feed and when. Each line of JSON is one posting:

"""

_SAID = """
`said` is what the payer said of the claim; what it did not say is left out. Amounts are decimals as text.

"""

_LINES = """
### A line, and the practice's own lines in it

A payer's profile may have [merged](payer-profiles.md) the sessions of a day into one line, or rounded its units. What
is paid for it is given back: `source_lines` has each of the practice's lines with its share, one for a line that was
not merged. Shares go by what was charged (units and quantities by units), to the cent: those of an amount add up to the
amount, and of a line that adds up each source line does too, `charge` less its adjustments being `paid`.

"""

_TAIL = """
Most payers return our number of a line (REF\\*6R), and `matched_by` is `line_control_number`. Where one does not, or
an [earlier process](cutover.md) sent the claim, a line is known by day, procedure and charge: `matched_by` is
`service`, and among equal lines the order decides. A line that is neither has no `source_lines`. What a payer takes off
the claim as a whole stands in the claim's own `adjustments` and belongs to no line.
"""

Rows = Iterable[tuple[str, str]]

CLAIM_SAID: Final[Rows] = (
    ("charge", "What the payer took for the charge."),
    ("paid", "What it pays for the claim."),
    ("patient", "The patient's share."),
    ("frequency", "Which kind of bill it speaks of: `1`, `7`, `8`."),
    ("adjustments", "Of the claim as a whole: `group` (CAS01), `reason` (CARC), `amount`, `quantity`."),
    ("remarks", "Remark codes of the claim (RARC)."),
    ("forwarded_to", "The payer that got the claim next."),
    ("pays_first", "The payer that should have been asked before."),
    ("identity_corrected", "The payer knows the insured by another name or number; the 835 has it."),
    ("lines", "Service lines, below."),
)
LINE_SAID: Final[Rows] = (
    ("line_control_number", "Our number of the line, as the payer returns it."),
    ("procedure", "What was decided on: `qualifier`, `code`, `modifiers`."),
    ("submitted", "What was sent, where the payer decided on something else."),
    ("charge", "What the payer took for the charge."),
    ("paid", "What it pays."),
    ("allowed", "What the contract allows."),
    ("units", "Units paid."),
    ("first_day", "The day of the service, as the payer has it."),
    ("last_day", "Its last day."),
    ("adjustments", "Why not more: `group`, `reason`, `amount` (less than nothing raises the payment), `quantity`."),
    ("remarks", "Remark codes of the line."),
    ("matched_by", "How we know which line of ours it is."),
    ("source_lines", "The practice's own lines in it."),
)
SOURCE_LINE_SAID: Final[Rows] = (
    ("source_line_key", "The practice's key of the line; empty where only an earlier process knew it."),
    ("session_id", "The practice's key of the session; empty where it gave none."),
    ("charge", "Its charge, with the sign of the payer's line."),
    ("paid", "Its share of what is paid."),
    ("allowed", "Its share of what is allowed, where the payer says."),
    ("units", "Its share of the units paid."),
    ("adjustments", "The line's adjustments, each with its share of `amount` and `quantity`."),
)
_POSTING: Final = {
    "posting_id": "The cursor.",
    "source": "Which practice database the claim is from.",
    "claim_key": "Its own key of the claim.",
    "clinic_key": "The clinic's key.",
    "control_number": "CLP01: what the payer calls our submission.",
    "payer_name": "Who pays.",
    "payer_id": "Its id in the remittance.",
    "payer_claim_number": "CLP07: the payer's number of the claim.",
    "trace": "The check's or transfer's number.",
    "method": "`ACH`, `CHK`, `NON`.",
    "paid_on": "The day of the payment.",
    "decision": "CLP02: `1` to `4` paid or denied, `19` to `21` forwarded, `22` taken back.",
    "charge": "What was charged, in US dollars.",
    "paid": "What is paid, less than nothing where it is taken back.",
    "patient": "The patient's share.",
    "response_sha256": "The 835 it stands in: `./courier remits raw`.",
}


def feeds_page() -> str:
    """Return the page."""
    postings = [(name, _POSTING[name]) for name in (one.name for one in fields(FeedRow)) if name != "document"]
    status = ((one.name, one.type, one.meaning) for one in STATUS_COLUMNS)
    parts = [
        _HEAD.replace("{view}", VIEW),
        *_table(("column", "type", "meaning"), status),
        "\nOn SQLite amounts, times (UTC) and JSON are text, and `contradicted` is 0 or 1.\n",
        _MONEY,
        *_table(("field", "meaning"), [*postings, ("said", "All that was said, below; left out in CSV.")]),
        _SAID,
        *_table(("field of `said`", "meaning"), CLAIM_SAID),
        _LINES,
        *_table(("field of a line", "meaning"), LINE_SAID),
        "\n",
        *_table(("field of a source line", "meaning"), SOURCE_LINE_SAID),
        _TAIL,
    ]
    return "".join(parts)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |\n| {' | '.join('---' for _ in head)} |\n"
    for name, *rest in rows:
        yield f"| `{name}` | {' | '.join(rest)} |\n"
