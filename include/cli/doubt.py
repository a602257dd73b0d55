"""`./courier doubt`: the files nobody has confirmed, and a person's word on one of them."""

import argparse

from include.claims.errors import BadSetting
from include.claims.states import BatchStatus
from include.cli.wiring import add_settings_options, ledger_of, ports_of
from include.delivery.doubt import it_arrived, it_did_not_arrive


def configure(command: argparse.ArgumentParser) -> None:
    """Add the command's options."""
    add_settings_options(command)
    command.add_argument("batch", nargs="?", type=int, metavar="BATCH", help="the batch to decide on; none lists all")
    choice = command.add_mutually_exclusive_group()
    choice.add_argument("--arrived", action="store_true", help="the clearinghouse has the file")
    choice.add_argument("--did-not-arrive", action="store_true", help="it has not; its claims go again")
    command.add_argument("--who", default="", help="your name")
    command.add_argument("--why", default="", help="how you know: who said so, when; no patient data")
    command.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """List the doubts, or settle one."""
    if options.batch is None:
        return _list(options)
    if not (options.arrived or options.did_not_arrive) or not options.who or not options.why:
        raise BadSetting("doubt: say --arrived or --did-not-arrive, with --who and --why; all of it is kept for ever")
    ports = ports_of(options)
    if options.arrived:
        it_arrived(options.batch, options.who, options.why, ports)
        print(f"batch {options.batch}: SENT; its claims wait for their answers")
        return 0
    ready = it_did_not_arrive(options.batch, options.who, options.why, ports)
    print(f"batch {options.batch}: NOT ARRIVED; {ready} claims go with the clinic's next run under new control numbers")
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
