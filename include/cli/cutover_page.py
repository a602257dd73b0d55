"""The page `docs/cutover.md`, its columns printed from the table that the reader itself uses."""

from include.cli.claim_source_page import sample, table_of
from include.delivery.column import Scope
from include.delivery.history_columns import HISTORY_COLUMNS

_HEAD = """# Cutover: when another process has sent claims before

Printed from `include/delivery/history_columns.py` by `make docs`.

Until go-live some other process sends a clinic's claims. The ledger must know which, because the practice may still
hold them as pending. A CSV of what was sent is enough; from then on

- **the nightly run never sends what was sent**. A pending claim that is in the history is recognised, and its content
  taken for what was sent. Where it differs (payer, kind of bill, total, lines) or was released after the day it was
  sent (`ready_at`), a replacement is due, and a person sees to it. A claim that waits here already is withdrawn;
- **answers and payments find it** by the number the old process gave it (CLM01), in any case and up to 20 characters,
  those that came before the import too. They come to the account that sent the claim, which must be the clinic's
  mailbox. The [feeds](feeds.md) name the claim by your own key;
- **the same service is not billed again** under another claim key, where the history knows the lines and the patient;
- **clocks run over it** until the payer has decided ([runbook](runbook.md#claims-that-nobody-answers)).

## What to export

One row for each claim that was sent, or one for each of its service lines, which then follow each other. The columns
are those of [the view](claim-source.md) and a few more, so the same query serves: what a history does not need may
stand there, and is passed over. The smallest history has five columns: your key of the claim, CLM01, the day, the
payer, the total. How cells are written stands in [the contract](claim-source.md#how-a-cell-is-written).

How far back? As far as payers may still answer or a service may be billed again: a year is usual. Say of old claims
what was decided (`decision`, `decided_on`), or each of them will be called overdue. **Leave out what the clearinghouse
or the payer's front end rejected**: no claim was made of it, and it goes again as an original.

`docs/samples/sent.csv`, a claim that was paid, one that waits for its remittance, and one of which little is known:

```
{sent}```

"""

_TAIL = """
To keep a service from being billed twice its line needs `subscriber_member_id` and `patient_relationship`, of a
dependent also the name and birth date, and `billing_npi` where the clinic has several. They are hashed as they are read
and not kept; the file itself names patients: keep it where such files are kept, and delete it after.

The EDI Status report prints 14 characters of CLM01: of longer ones it names no claim of ours. 277CA and 835 do.

## Import it

Set up the clinic with mode `test` ([adding a clinic](adding-a-clinic.md)), stop the old process, export, look first:

```sh
./courier claims import-history docs/samples/sent.csv --clinic acorn_aba --dry-run
./courier claims import-history docs/samples/sent.csv --clinic acorn_aba --who NAME
```

Every wrong row is named with column, rule and remedy; the exit status is 1 where a claim was refused. **A refused claim
is not known to the ledger, and would be sent**: go live only when nothing is refused. The others are kept at once, and
the mended file may be imported again as a whole: what is known already is left alone.

An import in which nothing was refused, with `--who`, is that person's word that this is all that was sent: the step
*history* of [setting the clinic up](adding-a-clinic.md#6-the-history) is done, with the counts. Of several files give
it with the last one.

| rule | what it means | what to do |
| --- | --- | --- |
{refusals}
## Check, and go live

```sh
./courier claim ID
./courier silent --clinic acorn_aba
./courier report --clinic acorn_aba
```

Run the clinic's DAG once by hand as a dry run: what it shows is what would leave. A claim on that list that the old
process has sent is missing in the history. Then set `mode` to `live` with `live_since`, the first day that is ours. In
the first nights `recognised` among the counts of `collect_claims` says how many pending claims had gone already; what
the practice changed since is `replacement due` in `./courier claim`.
"""

_REFUSALS = {
    "told_once": ("the claim was imported before, and the columns named differ now", "find out which is right"),
    "control_number_free": (
        "another claim has that CLM01", "answers cannot tell them apart: leave out the one that is settled",
    ),
    "sent_once": ("we have sent the claim ourselves", "both processes may have: ask the payer, and void one"),
    "in_order_sent": ("a later submission of the claim was imported before", "order a claim's rows by their days"),
    "claim_of_clinic": ("the claim belongs to another clinic", "import it for that one"),
}  # fmt: skip
"""What the ledger refuses; a wrong cell says itself what is wrong."""


def cutover_page() -> str:
    """Return the page."""
    parts = [_HEAD.replace("{sent}", sample("sent"))]
    titles = {Scope.CLAIM: "Of the claim, the same on each of its rows", Scope.LINE: "Of the service line"}
    for scope, title in titles.items():
        parts += [line + "\n" for line in table_of(title, [one for one in HISTORY_COLUMNS if one.scope is scope])]
    refusals = "".join(f"| `{rule}` | {means} | {remedy} |\n" for rule, (means, remedy) in _REFUSALS.items())
    return "".join(parts).rstrip("\n") + "\n" + _TAIL.replace("{refusals}", refusals)
