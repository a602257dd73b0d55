"""The page `docs/enrollments.md`, printed from the columns, the states and the days that the program itself uses."""

from collections.abc import Iterator, Mapping
from dataclasses import fields

from include.claims.enrollment import STATES, Patience
from include.delivery.payer_table import ENROLLMENT_COLUMNS, HOLD_COLUMNS, PAYER_COLUMNS

_HEAD = """# Payers, enrollments and holds

Printed from `include/delivery/payer_table.py` and `include/claims/enrollment.py` by `make docs`.

A payer must consent before it takes a clinic's electronic claims, sends its remittances, or pays to its bank account,
and it says who may render; each is asked for by itself. Three CSV files keep how that stands. None of them needs to be
there: what nobody has written down never holds a claim.

```sh
./courier payers import docs/samples/payers.csv docs/samples/enrollments.csv docs/samples/holds.csv
./courier payers check
./courier payers list --open
./courier payers export .
```

An import adds and changes by `key`; it never removes. A file with one wrong row changes nothing and says row and column
of every fault. A file may hold `key` and a few columns only: `key,state,effective_from` is what an approval takes.
Write nothing of a patient into any of them: reasons stand beside claims and in alarms.

The Claims page shows the same as a board under *Enrollments*: a row a clinic, provider and payer, what waits, and since
when. Who may set clinics up changes a record there. The form checks it as an import does; where somebody else has
changed it meanwhile, nothing is changed and the page shows what they wrote.
"""

_PAYERS = """## `payers.csv`: the clearinghouse's payer list

Ids differ by transaction, and a payer may have one for claims and another for eligibility. A row is a payer, known by
its id for **claims**; the lists of other transactions are imported as files with `key` and their own columns. Once the
list has one row, a claim whose payer id is not in it is HELD (`payer_known`), and the reason names payers that have the
id for something else, or a name like the claim's. An empty list holds nobody. (`payer_ids.csv` among the
[lists you mount](rules.md#code-lists-you-mount) serves the shell, where there is no ledger, and only warns.)
"""

_ENROLLMENTS = """## `enrollments.csv`: what each payer was asked for

A payer, an NPI and a tax id may have several rows of one kind: a new approval stands beside the one that ended. One
that lets claims go counts; where there is none, the one made last.
"""

_STATES = """### What a state does

It holds claims only where it is of `claims`; the others warn. A claim is asked anew at every collect: what is HELD goes
with the next run once its row says `approved`, from `effective_from` on, and no person has to release it. Until then
`./courier claim` says of it *to do: enrollment due*: nobody at the source has anything to correct.

| state | a claim | reason |
| --- | --- | --- |
"""

_AFTER = """| approved, on another day | holds | it is approved from or to a day that is not this one |

- **No row**, and the payer list says that it wants enrollment: a warning, since the clinic may have been enrolled for
  years. Import the row as `needed` where it is not.
- **Remittances** that are missing warn (`remittances_enrollment`). Those that move from another clearinghouse say from
  which: it loses them on the day the payer moves them.
- **Credentialing** is asked by day of service, line by line, where a row of that provider and payer is kept
  (`credentialed`). It warns; `severity = { credentialed = "block" }` in the payer's [profile](payer-profiles.md) makes
  it hold, and any rule here can be lowered or turned off the same way.
- **EFT** holds nothing. A `bank_changed_on` is told until an approval begins on that day or later, because until then
  the payer may pay to the old account.
"""

_HOLDS = """## `holds.csv`: whom to wait with

Claims to the payer, of the provider, or of that provider to that payer are HELD (`payer_hold`) until the last day is
over, and then go by themselves; until then there is nothing to do. To end a hold early, import it with an earlier
`ends_on`.
"""

_REST = """## The request

```sh
./courier payers letter KEY
./courier payers letter KEY --folder drafts
```

drafts it from the billing identity, the mailbox and the payer list, as text or as a mail (`.eml`) that your mail
program opens for writing. Nothing is sent and no state changes: once it is out, import the row as `requested` with the
day and your name. Where the payer has a form of its own, the draft is what to fill in. Of a social security number it
has the last four digits only.

## What people are reminded of

`./courier silent` and the daily chase ([runbook](runbook.md#claims-that-nobody-answers)) tell of requests without an
answer, approvals that end soon or have ended, bank accounts the payer has not approved, and rows that somebody typed
into the database and no rule can read. Days are set by environment:

| variable | days unless you say otherwise |
| --- | --- |
"""

_REFUSED = """
## A claim that was refused for it

`RC55` and `RC77` in a File Summary, and the statuses of a 277CA whose remedy is to enroll (`A3:24:85`), say nobody's
name. The reason in `./courier report` and `./courier claim` adds payer, NPI and how the enrollment stood here when the
answer came. A refused claim does not go again by itself: import the enrollment as `needed`, enroll, and once it is
approved send the claim again as an original ([runbook](runbook.md#held-and-rejected-claims)).
"""


def enrollments_page() -> str:
    """Return the page."""
    states = "".join(
        f"| {state} | {meaning.effect} | {meaning.words.format(requested_on='...')} |\n"
        for state, meaning in STATES.items()
    )
    days = "".join(
        f"| `COURIER_ENROLLMENT_{one.name.upper()}_DAYS` | {one.default}{_WHAT.get(one.name, '')} |\n"
        for one in fields(Patience)
    )
    return "\n".join(
        [
            _HEAD,
            _PAYERS,
            *_columns(PAYER_COLUMNS),
            _ENROLLMENTS,
            *_columns(ENROLLMENT_COLUMNS),
            _STATES + states + _AFTER,
            _HOLDS,
            *_columns(HOLD_COLUMNS),
            _REST + days + _REFUSED,
        ]
    )


_WHAT = {"ends": ", before an approval ends"}


def _columns(columns: Mapping[str, str]) -> Iterator[str]:
    yield from ("| column | meaning |", "| --- | --- |")
    yield from (f"| `{name}` | {meaning} |" for name, meaning in columns.items())
    yield ""
