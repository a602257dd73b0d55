"""`./courier remits`: payments for the practice's books, what of them waits for a person, and what the bank got."""

import argparse
import csv
import json
import sys
from dataclasses import fields
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from include.claims.errors import BadFile, BadSetting
from include.cli.wiring import add_settings_options, ledger_of, ports_of
from include.delivery.records import FeedRow, ProviderBalance
from include.officeally.era_zip import open_era_zip
from include.x12.adjustment_codes import PROVIDER_REASONS, words_of

_AT_ONCE = 1000


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    actions = command.add_subparsers(dest="action", required=True)
    feed = actions.add_parser("feed", help="the postings after the last one acknowledged, by rising id")
    feed.add_argument("--reader", default="practice", metavar="NAME", help="who reads (practice)")
    feed.add_argument("--after", type=int, metavar="ID", help="begin after this posting, whatever was acknowledged")
    feed.add_argument("--format", choices=("json", "csv"), default="json", help="JSON lines, or CSV without the lines")
    acknowledge = actions.add_parser("ack", help="say that all postings up to this one are in the books")
    acknowledge.add_argument("posting", type=int, metavar="ID")
    acknowledge.add_argument("--reader", default="practice", metavar="NAME", help="who read (practice)")
    raw = actions.add_parser("raw", help="the 835 a posting stands in, as it came; it names patients")
    raw.add_argument("sha256", metavar="SHA256", help="`response_sha256` of the posting")
    waiting = actions.add_parser("open", help="money that waits for a person")
    accept = actions.add_parser("accept", help="let money count that does not add up, or the newer of two words")
    accept.add_argument("payment", type=int, metavar="PAYMENT")
    accept.add_argument("--posting", type=int, metavar="ID", help="one posting of it; none: the payment as a whole")
    match = actions.add_parser("match", help="say which claim an unmatched posting is of")
    match.add_argument("posting", type=int, metavar="POSTING")
    match.add_argument("control_number", metavar="CONTROL_NUMBER")
    for action in (accept, match):
        action.add_argument("--who", required=True, help="your name")
    accept.add_argument("--why", required=True, help="how you know; no patient data")
    deposits = actions.add_parser("deposits", help="what the bank should have got, and whether it has")
    balances = actions.add_parser("balances", help="what payers added and took beside claims, unsettled first")
    bank = actions.add_parser("bank", help="read the bank's list: a CSV with trace, amount and date (YYYY-MM-DD)")
    bank.add_argument("file", type=Path, metavar="CSV")
    for action in (feed, acknowledge, raw, waiting, accept, match, deposits, balances, bank):
        add_settings_options(action)
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Do what was asked."""
    return int(_ACTIONS[options.action](options))


def _feed(options: argparse.Namespace) -> int:
    money = ledger_of(options).money
    after = money.acknowledged(options.reader) if options.after is None else options.after
    names = [one.name for one in fields(FeedRow) if one.name != "document"]
    table = csv.writer(sys.stdout)
    if options.format == "csv":
        table.writerow(names)
    while rows := money.feed(after, _AT_ONCE):
        for row in rows:
            cells = {name: getattr(row, name) for name in names}
            if options.format == "csv":
                table.writerow(cells.values())
            else:
                print(json.dumps(cells | {"said": json.loads(row.document)}, default=str))
        after = rows[-1].posting_id
    return 0


def _acknowledge(options: argparse.Namespace) -> int:
    ledger_of(options).money.acknowledge(options.reader, options.posting, datetime.now(UTC))
    print(f"{options.reader}: the next feed begins after {options.posting}")
    return 0


def _raw(options: argparse.Namespace) -> int:
    content = ports_of(options).vault.load(options.sha256)
    sys.stdout.buffer.write(open_era_zip(content).remittance() if content[:2] == b"PK" else content)
    return 0


def _open(options: argparse.Namespace) -> int:
    found = ledger_of(options).money.open()
    for one in found:
        what = "the payment as a whole" if one.posting_id is None else f"posting {one.posting_id}, {one.control_number}"
        print(f"payment {one.payment_id}  {one.paid_on}  {one.payer_name}  {one.trace}  ${one.paid:,.2f}  {what}")
        print(f"  {one.status}: {one.reason}")
    if not found:
        print("no money waits for a person")
    return 1 if found else 0


def _accept(options: argparse.Namespace) -> int:
    ledger_of(options).money.accept(options.payment, options.posting, options.who, options.why)
    print(f"payment {options.payment}: accepted; its postings are in the feed")
    return 0


def _match(options: argparse.Namespace) -> int:
    ledger_of(options).money.match(options.posting, options.control_number, options.who, datetime.now(UTC))
    print(f"posting {options.posting}: of claim {options.control_number}")
    return 0


def _deposits(options: argparse.Namespace) -> int:
    table = csv.writer(sys.stdout)
    names = ("payer_name", "payee_npi", "trace", "method", "paid_on", "amount", "seen_on", "seen_amount")
    table.writerow(names)
    for deposit in ledger_of(options).money.deposits():
        table.writerow("" if (cell := getattr(deposit, name)) is None else cell for name in names)
    return 0


def _balances(options: argparse.Namespace) -> int:
    table = csv.writer(sys.stdout)
    names = [one.name for one in fields(ProviderBalance)]
    table.writerow((*names, "means", "state"))
    for balance in ledger_of(options).money.provider_balances():
        cells = [getattr(balance, name) for name in names]
        table.writerow((*cells, words_of(PROVIDER_REASONS, balance.reason), balance.state))
    return 0


def _bank(options: argparse.Namespace) -> int:
    money, rows, unknown = ledger_of(options).money, _bank_rows(options.file), 0
    for number, trace, amount, on in rows:
        if not money.seen_at_bank(trace, amount, on):
            unknown += 1
            print(f"{options.file} row {number}: no open payment of ours has this trace", file=sys.stderr)
    print(f"{len(rows) - unknown} of {len(rows)} rows are payments of ours")
    return 1 if unknown else 0


def _bank_rows(path: Path) -> list[tuple[int, str, Decimal, date]]:
    """Return the bank's rows; raise BadFile that names the first that is wrong, so that a list counts whole or not."""
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise BadFile(f"{path}: cannot be read ({type(error).__name__})") from error
    return [_bank_row(path, number, row) for number, row in enumerate(rows, start=2)]


def _bank_row(path: Path, number: int, row: dict[str, Any]) -> tuple[int, str, Decimal, date]:
    try:
        trace, amount, on = (str(row[name]).strip() for name in ("trace", "amount", "date"))
        found = Decimal(amount), date.fromisoformat(on)
    except (KeyError, InvalidOperation, ValueError):
        raise BadFile(f"{path} row {number}: trace, amount (1240.00) and date (YYYY-MM-DD) are needed") from None
    if not trace or not found[0].is_finite():
        raise BadSetting(f"{path} row {number}: the trace is missing, or the amount is no number")
    return number, trace, *found


_ACTIONS = {
    "feed": _feed, "ack": _acknowledge, "raw": _raw, "open": _open, "accept": _accept, "match": _match,
    "deposits": _deposits, "balances": _balances, "bank": _bank,
}  # fmt: skip
