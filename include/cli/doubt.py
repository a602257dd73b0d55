"""`./courier doubt`: the files nobody has confirmed, what is known of each, and a person's word on one of them."""

import argparse

from include.claims.errors import BadSetting
from include.claims.states import BatchStatus
from include.cli.wiring import add_settings_options, ledger_of, ports_of
from include.delivery.doubt import it_arrived, it_did_not_arrive, keep_waiting
from include.delivery.doubt_shown import show
from include.delivery.ports import Ports


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_settings_options(command)
    command.add_argument(
        "batch", nargs="?", type=int, metavar="BATCH", help="the batch; without a word what is known; none lists all"
    )
    choice = command.add_mutually_exclusive_group()
    choice.add_argument("--arrived", action="store_true", help="the clearinghouse has the file")
    choice.add_argument("--did-not-arrive", action="store_true", help="it has not; its claims go again")
    choice.add_argument("--keep-waiting", action="store_true", help="nobody knows yet; ask again later")
    command.add_argument("--who", default="", help="your name")
    command.add_argument("--why", default="", help="how you know: who said so, when; no patient data")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the doubts, or settle one."""
    if options.batch is None:
        return _list(options)
    if not (options.arrived or options.did_not_arrive or options.keep_waiting):
        return _show(options.batch, ports_of(options))
    if not options.who or not options.why:
        raise BadSetting("doubt: say --who and --why with it; all of it is kept for ever")
    ports = ports_of(options)
    if options.keep_waiting:
        until = keep_waiting(options.batch, options.who, options.why, ports)
        print(f"batch {options.batch}: still in doubt; asked about again from {until:%Y-%m-%d %H:%M} UTC on")
        return 0
    if options.arrived:
        it_arrived(options.batch, options.who, options.why, ports)
        print(f"batch {options.batch}: SENT; its claims wait for their answers")
        return 0
    ready = it_did_not_arrive(options.batch, options.who, options.why, ports)
    print(f"batch {options.batch}: NOT ARRIVED; {ready} claims go with the clinic's next run under new control numbers")
    return 0


def _show(batch_id: int, ports: Ports) -> int:
    if shown := show(batch_id, ports):
        print(f"{shown.subject}\n\n{shown}")
    else:
        print(f"batch {batch_id} is {ports.ledger.batches.get(batch_id).status}, not in doubt")
    return 0


def _list(options: argparse.Namespace) -> int:
    doubted = [batch for batch in ledger_of(options).report.batches() if batch.status is BatchStatus.BEGUN]
    for batch in doubted:
        print(
            f"batch {batch.id}  {batch.clinic_key}  {batch.file_name}  {batch.claim_count} claims"
            f"  ${batch.total_charge:,.2f}  sealed {batch.created_at:%Y-%m-%d %H:%M} UTC"
        )
    if not doubted:
        print("no file is in doubt")
    return 0
