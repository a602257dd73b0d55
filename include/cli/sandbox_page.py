"""The page of the sandbox clearinghouse, printed from its tables: what its payers do, when, and how to choose it."""

from collections.abc import Iterator

from include.sandbox.contract import CONTRACT, OTHERWISE, SECOND_PAYER, Terms
from include.sandbox.fates import LIVES, Life


def sandbox_page() -> str:
    """Return the page."""
    return "\n".join([*_HEAD, *(_life(life) for life in LIVES), "", *_MORE, *_contract(), *_END, ""])


def _life(life: Life) -> str:
    cents = "" if life.cents is None else f".{life.cents:02d}"
    days = ", ".join(f"{day}: {stage}" for day, stage in life.days) or "none"
    return f"| {cents} | `{life.fate}` | {life.words} | {days} |"


def _contract() -> Iterator[str]:
    for procedure, terms in (*CONTRACT.items(), ("any other", OTHERWISE)):
        yield f"| {procedure} | {terms.allowed:.0%} | {_share(terms)} |"


def _share(terms: Terms) -> str:
    shares = (
        (terms.deductible, f"PR-1, {terms.deductible} dollars"),
        (terms.coinsurance, f"PR-2, {terms.coinsurance:.0%} of it"),
        (terms.copay, f"PR-3, {terms.copay} dollars"),
    )
    return ", ".join(words for amount, words in shares if amount) or "none"


_HEAD = """# The sandbox clearinghouse

Printed from `include/sandbox/` by `make docs`.

An SFTP server of ours that takes files away, checks them and answers as Office Ally does; `make demo` and `make up` run
it. By itself it sends 999 and File Summary. `./courier sandbox --answers all`, or some of `ta1`, `277ca`, `edi-status`
and `era` by commas, orders the rest:

| answer | when | name |
| --- | --- | --- |
| TA1, alone | at once, where the interchange is refused or its ISA13 was used before | `<id>_<our name>_999.999` |
| 277CA of the clearinghouse | with the File Summary | `<user>_<id>_HCFA_277ca_<date>.txt` |
| 277CA of a payer | on its day | `<user>_<id>_HCFA_277ca_<date>.txt` |
| a payer's request for information | on its day | `<id>_EDI_STATUS_HCFA_<date>.277` |
| EDI Status report | on its day, one an account | `<id>_EDI_STATUS_<date>.txt` |
| remittance: 835 and print report | on its day, one a payer and payee | `<id>_ERA_STATUS_5010_<date>.zip` |

## Time

A day's answers are written when the sandbox's clock has passed six in the morning, UTC. The clock can be turned ahead
from any process while it runs; here its home is the folder `sandbox`:

```sh
./courier sandbox --home sandbox --turn 14
```

In a test it is `sandbox.turn(days=14)`. The clock never goes back.

## What payers do

The cents of a claim's total charge (CLM02) choose: a claim of 240.12 is denied as late. Without such cents the habit
of the payer decides, `{"fates": {"SKUT0": "denied-late"}}` in the payers' file, and without one the contract. Days are
counted from the day the file was taken.

| cents | fate | what happens | days |
| --- | --- | --- | --- |""".splitlines()

_MORE = f"""A replacement (frequency 7) or void (8) under the payer's number of a claim (REF\\*F8) reverses that
claim, and a replacement is then paid by its own cents; of a claim the payer does not know it is denied, CO-16 with M47.
A void has no line of its own in the 835. The second payer of `forwarded` is `{SECOND_PAYER.id}`. A payment never falls
below zero: what is missing is carried to the payer's next payment to that payee, PLB FB.

## The contract

| procedure | allowed of the charge | the patient's share |
| --- | --- | --- |""".splitlines()

_END = """
## What goes wrong

On wish, and by account: switches in `misbehave.json` in its home, or `sandbox.misbehave(...)` in a test, each explained
in `include/sandbox/misbehaviour.py`. Of answers: late or never, twice under other numbers, in the wrong order, half
written, of another size than is told, the same file again, other content under an old name, acknowledgements after the
remittance, a claim that does not balance, a claim nobody sent.
""".splitlines()
